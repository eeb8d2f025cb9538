/* What handlers say back, and the small things about calls that they share. */
#include "api.h"
#include "http/conditional.h"

#include <string.h>

enum err reply_object(struct call *c, const struct field *table, const void *it)
{
	field_write(&c->out, table, it);
	return OK;
}

enum err reply_list(struct call *c, const struct field *table, size_t size, const struct list *items, str next)
{
	buf_add(&c->out, S("{\"items\":"));
	field_write_list(&c->out, table, size, items);
	buf_add(&c->out, S(",\"next_cursor\":"));
	if (next.p)
		json_quote(&c->out, next);
	else
		buf_add(&c->out, S("null"));
	buf_add_char(&c->out, '}');
	return OK;
}

enum err call_merge(struct call *c, const struct field *table, void *row)
{
	return field_decode(c->cx, table, row, c->exchange->request.body, FIELD_MERGE);
}

static str version_etag(struct call *c, int64_t version)
{
	return str_format(&c->cx->arena, "\"%lld\"", (long long)version);
}

void call_etag(struct call *c, int64_t version)
{
	c->etag = version_etag(c, version);
}

enum err call_if_match(struct call *c, int64_t version)
{
	str wanted = http_header(&c->exchange->request, S("if-match"));
	if (!wanted.p || etag_matches(wanted, version_etag(c, version), false))
		return OK;
	return FAIL(c->cx, E_VERSION, S(""),
		    "this has changed since you read it: it is at version %lld now; read it again",
		    (long long)version);
}

str call_origin(const struct call *c)
{
	char text[REQUEST_ID_TEXT];
	return str_copy(&c->cx->arena, http_request_id(text, c->exchange->id));
}

str call_actor(const struct call *c)
{
	char text[UUID_TEXT];
	if (c->caller.is & MAY_USER)
		return str_copy(&c->cx->arena, uuid_format(text, c->caller.account));
	return c->caller.is & MAY_INVITEE ? S("invitee") : c->caller.is & MAY_GUEST ? S("guest") : S("nobody");
}

enum { CURSOR_BYTES = 24 };

enum err cursor_parse(struct cx *cx, str text, struct cursor *out)
{
	str bytes;
	*out = (struct cursor){ 0 };
	if (!text.p)
		return OK;
	if (!base64url_parse(&cx->arena, text, &bytes) || bytes.n != CURSOR_BYTES)
		return FAIL(cx, E_INVALID, S("/cursor"), "must be the next_cursor of an answer");
	for (size_t i = 0; i < 8; i++)
		out->at.s = (int64_t)((uint64_t)out->at.s << 8 | (unsigned char)bytes.p[i]);
	memcpy(out->id.b, bytes.p + 8, sizeof out->id.b);
	return OK;
}

str cursor_format(struct arena *a, const struct cursor *cursor)
{
	unsigned char bytes[CURSOR_BYTES];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)cursor->at.s >> (56 - 8 * i));
	memcpy(bytes + 8, cursor->id.b, sizeof cursor->id.b);
	return base64url(a, bytes, sizeof bytes);
}

bool page_cut(struct list *items, int64_t limit)
{
	bool more = items->n > (size_t)limit;
	if (more)
		items->n = (size_t)limit;
	return more;
}

str search_pattern(struct cx *cx, str text)
{
	struct buf b = { 0 };
	str low = str_lower(&cx->arena, text);
	buf_add_char(&b, '%');
	for (size_t i = 0; i < low.n; i++) {
		if (low.p[i] == '%' || low.p[i] == '_' || low.p[i] == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, low.p[i]);
	}
	buf_add_char(&b, '%');
	str copy = str_copy(&cx->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}
