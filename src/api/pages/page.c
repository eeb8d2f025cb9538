#include "page.h"

#include "api/site.h"
#include "base/secret.h"
#include "core/template.h"

#include <string.h>

enum { PAGE_BYTES = 1 << 20 };

struct page *page_open(struct call *c, const char *template)
{
	struct arena *a = &c->cx->arena;
	struct page *p = NEW(a, struct page);
	p->template = template;
	p->data = value_object(a);
	p->reader.language = language_pick(http_header(&c->exchange->request, S("accept-language")));
	if (!str_is(http_header(&c->exchange->request, S("sec-fetch-dest")), S("empty"))) /* swap.ts has it already */
		value_set(a, p->data, "style",
			  value_safe(a, asset_find(S(ASSET_PAGE_CSS))->bytes[ENCODING_IDENTITY]));
	value_set(a, p->data, "script", S(ASSET_PAGE_JS));
	value_set(a, p->data, "description", page_text(p, "page.description"));
	value_set(a, p->data, "signed_in", (bool)((c->caller.is & MAY_USER) != 0));
	c->page = p;
	return p;
}

static enum err render(struct call *c, struct page *p, struct buf *out)
{
	out->max = PAGE_BYTES;
	return template_render(c->cx, p->template, p->reader.language, p->data, out);
}

enum err page_show(struct call *c)
{
	return render(c, c->page, &c->out);
}

enum err page_show_public(struct call *c)
{
	TRY(page_show(c));
	digest d = sha256(buf_str(&c->out));
	str tag = base64url(&c->cx->arena, d.b, 12);
	c->etag = str_format(&c->cx->arena, "\"%.*s\"", STR_ARG(tag));
	c->cache_control = c->caller.is & MAY_USER ? S("private, no-cache") : S("no-cache");
	return OK;
}

enum err page_go(struct call *c, str path)
{
	c->status = 303;
	c->location = path;
	return OK;
}

str page_text(const struct page *p, const char *key)
{
	return language_text(p->reader.language, str_of(key));
}

/* ---- failures */

/* What happened, in the reader's language where there are words for that kind of failure. */
static str fault_text(struct call *c, const struct page *p)
{
	struct arena *a = &c->cx->arena;
	const struct fault *f = &c->cx->fault;
	str own = page_text(p, str_format(a, "page.fault.%s", err_code(f->code)).p);
	return own.n ? own : f->message.n ? f->message : str_of(err_title(f->code));
}

static void error_page(struct call *c, struct buf *out)
{
	struct arena *a = &c->cx->arena;
	enum err code = c->cx->fault.code;
	struct page *p = page_open(c, "pages/error.html");
	char id[REQUEST_ID_TEXT];
	bool missing = code == E_NOT_FOUND;
	value_set(a, p->data, "missing", missing);
	value_set(a, p->data, "title", page_text(p, missing ? "page.error.missing" : "page.error.title"));
	value_set(a, p->data, "message", fault_text(c, p));
	str number = missing ? (str){ NULL, 0 } : str_copy(a, http_request_id(id, c->exchange->id));
	value_set(a, p->data, "request_id", number);
	if (render(c, p, out))
		buf_add(out, S("<!doctype html><title>Noonmark</title><p>Something went wrong on our side."));
}

void page_problem(struct call *c, struct buf *out)
{
	struct page *p = c->page;
	if (p && p->failed && c->cx->fault.code != E_INTERNAL) {
		value_set(&c->cx->arena, p->data, "problem", fault_text(c, p));
		p->failed(c, p);
		if (!render(c, p, out))
			return;
		buf_clear(out);
	}
	error_page(c, out);
}

static bool wants_page(const struct http_request *r)
{
	str accept = http_header(r, S("accept"));
	bool api = str_starts(r->path, S("/v1/"));
	for (size_t i = 0; !api && i + 9 <= accept.n; i++)
		if (memcmp(accept.p + i, "text/html", 9) == 0)
			return true;
	return false;
}

void page_missing(struct call *c)
{
	static const struct route none = { .method = "GET", .path = "", .page = true };
	if (wants_page(&c->exchange->request))
		c->route = &none;
}

/* ---- files */

bool page_file(struct call *c)
{
	const struct http_request *r = &c->exchange->request;
	bool get = r->head_only || str_is(r->method, S("GET"));
	const struct http_file *file = get ? asset_find(r->path) : NULL;
	if (!file)
		return false;
	static const struct http_header headers[] = {
		{ { "X-Content-Type-Options", 22 }, { "nosniff", 7 } },
		{ { "Cross-Origin-Resource-Policy", 28 }, { "same-origin", 11 } },
	};
	file_answer(c->exchange, file, headers, sizeof headers / sizeof *headers);
	return true;
}
