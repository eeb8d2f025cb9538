/* Any bytes as what a client sends.  Cut at random positions they give the same requests as whole; what is taken
 * keeps its promises (request.h), and llhttp alone reads the same message out of the same bytes. */
#include "api/http/message.h"

#include <assert.h>
#include <llhttp/llhttp.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const struct http_limits LIMITS = { .head = 2048, .line = 512, .headers = 20 };
enum { CAP = 1024 };

static struct exchanges pool;

static bool clean(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t')
			return false;
	return true;
}

static void request_check(const struct http_request *r)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
	bool known = false;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		known = known || str_is(r->method, str_of(methods[i]));
	assert(known && r->minor <= 1);
	assert(r->path.n && (r->path.p[0] == '/' || str_is(r->path, S("*"))));
	assert(str_is_utf8(r->path) && control_find(r->path) == r->path.n && str_find(r->path, '\\') == r->path.n);
	assert(control_find(r->query) == r->query.n && str_find(r->query, ' ') == r->query.n);
	for (str rest = r->path; rest.n;) {
		str segment = str_cut(&rest, '/');
		assert(!str_is(segment, S(".")) && !str_is(segment, S("..")));
	}
	size_t at = 0;
	str host = http_header_next(r, S("Host"), &at);
	assert(r->minor == 0 || host.n);
	assert(!http_header_next(r, S("Host"), &at).p && str_is(host, r->host));
	for (size_t i = 0; i < r->header_count; i++)
		assert(token_is(r->headers[i].name) && clean(r->headers[i].value));
	assert(r->body.n <= CAP && r->body.p && (r->body.n == 0 || r->has_body));
}

/* what llhttp makes of the bytes of one message */
struct witness {
	struct buf body;
	size_t fields;
	bool done;
};

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
	buf_add(&((struct witness *)parser->data)->body, (str){ at, n });
	return 0;
}

static int on_field(llhttp_t *parser)
{
	((struct witness *)parser->data)->fields++;
	return 0;
}

static int on_done(llhttp_t *parser)
{
	((struct witness *)parser->data)->done = true;
	return HPE_PAUSED;
}

static void witness_check(const struct http_request *r, str bytes, bool chunked)
{
	static const llhttp_settings_t settings = { .on_body = on_body,
						    .on_header_value_complete = on_field,
						    .on_message_complete = on_done };
	struct witness w = { 0 };
	llhttp_t parser;
	llhttp_init(&parser, HTTP_REQUEST, &settings);
	parser.data = &w;
	enum llhttp_errno error = llhttp_execute(&parser, bytes.p, bytes.n);
	/* it is stricter about extensions of chunks, and minds Content-Length and the like in trailers, which are dropped
	 * here; so far as it reads, it must read the same */
	bool extension = str_find(bytes, ';') < bytes.n && (error == HPE_STRICT || error == HPE_INVALID_CHUNK_SIZE ||
							    error == HPE_INVALID_HEADER_TOKEN);
	bool trailer = error == HPE_INVALID_CONTENT_LENGTH || error == HPE_UNEXPECTED_CONTENT_LENGTH ||
		       error == HPE_INVALID_TRANSFER_ENCODING;
	if (chunked && !w.done) {
		assert(extension || trailer);
		assert(w.body.n <= r->body.n && str_is(buf_str(&w.body), str_slice(r->body, 0, w.body.n)));
	} else {
		assert(w.done && (error == HPE_PAUSED || error == HPE_PAUSED_UPGRADE));
		assert(parser.upgrade || llhttp_get_error_pos(&parser) >= bytes.p + bytes.n - 1);
		assert(parser.upgrade || str_is(buf_str(&w.body), r->body));
		assert(chunked || w.fields == r->header_count);
	}
	buf_free(&w.body);
}

static void outcome_add(struct buf *out, const struct exchange *x, bool refused)
{
	const struct http_request *r = &x->request;
	if (refused) {
		buf_format(out, "refused %s\n", err_code(x->cx.fault.code));
		return;
	}
	buf_format(out, "%.*s %.*s %.*s %.*s %d %d\n", STR_ARG(r->method), STR_ARG(r->path), STR_ARG(r->query),
		   STR_ARG(r->host), r->keep_alive, r->minor);
	for (size_t i = 0; i < r->header_count; i++)
		buf_format(out, "%.*s=%.*s\n", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
	buf_add(out, r->body);
}

/* feed all of it in pieces; `seed` 0: in one */
static void outcome_of(str bytes, uint32_t seed, struct buf *out)
{
	struct message m = { 0 };
	size_t start = 0; /* of the current message */
	for (size_t at = 0, used; at < bytes.n; at += used) {
		seed = seed * 1664525 + 1013904223 * (seed != 0);
		size_t piece = seed ? 1 + (seed >> 16) % 40 : bytes.n;
		str part = str_slice(bytes, at, at + piece);
		enum message_event event = message_read(&m, &pool, &LIMITS, part.p, part.n, &used);
		assert(used <= part.n && (used > 0 || event == MESSAGE_REFUSED));
		if (event == MESSAGE_HEAD && message_cap(&m, CAP) != OK)
			event = MESSAGE_REFUSED;
		if (event == MESSAGE_MORE || event == MESSAGE_HEAD)
			continue;
		outcome_add(out, m.exchange, event == MESSAGE_REFUSED);
		if (event == MESSAGE_REFUSED)
			break;
		request_check(&m.exchange->request);
		witness_check(&m.exchange->request, str_slice(bytes, start, at + used), m.framing.chunked);
		start = at + used;
		exchange_give(&pool, m.exchange);
		m.exchange = NULL;
		message_next(&m);
	}
	message_close(&m, &pool);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct buf whole = { 0 }, cut = { 0 };
	str bytes = { (const char *)data, size };
	uint32_t seed = (uint32_t)size * 2654435761u | 1;
	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + data[i];
	outcome_of(bytes, 0, &whole);
	outcome_of(bytes, seed | 1, &cut);
	assert(str_is(buf_str(&whole), buf_str(&cut)));
	buf_free(&whole);
	buf_free(&cut);
	exchanges_close(&pool);
	return 0;
}
