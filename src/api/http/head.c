#include "head.h"

#include <llhttp/llhttp.h>
#include <string.h>

#include "target.h"

/* eight bytes at a time: the high bit of each byte that is a control character (below 0x20, or 0x7f) */
static uint64_t controls(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t low = (v - ones * 0x20) & ~v & high;
	uint64_t del = v ^ ones * 0x7f;
	return low | ((del - ones) & ~del & ~v & high);
}

size_t control_find(str s)
{
	size_t i = 0;
	for (uint64_t v; i + 8 <= s.n; i += 8) {
		memcpy(&v, s.p + i, 8);
		if (controls(v))
			break; /* among these eight: a borrow marks only bytes behind a true one */
	}
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return i;
	return s.n;
}

bool token_is(str s)
{
	static const bool tchar[256] = {
		['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['!'] = true,  ['#'] = true,
		['$'] = true,         ['%'] = true,         ['&'] = true,         ['\''] = true, ['*'] = true,
		['+'] = true,         ['-'] = true,         ['.'] = true,         ['^'] = true,  ['_'] = true,
		['`'] = true,         ['|'] = true,         ['~'] = true,
	};
	for (size_t i = 0; i < s.n; i++)
		if (!tchar[(unsigned char)s.p[i]])
			return false;
	return s.n > 0;
}

static enum scan_state bad(struct scan *s, enum err code, const char *why)
{
	s->code = code;
	s->why = why;
	return SCAN_BAD;
}

static enum scan_state scan_long(struct scan *s, const struct http_limits *limits, size_t n)
{
	if (n - s->line > limits->line)
		return s->lines ? bad(s, E_HEAD_TOO_LARGE, "a header field is longer than this server takes")
				: bad(s, E_URI_TOO_LONG, "the request line is longer than this server takes");
	if (n >= limits->head)
		return bad(s, E_HEAD_TOO_LARGE, "the request's head is larger than this server takes");
	return SCAN_MORE;
}

/* one line, [s->line, end), is complete */
static enum scan_state scan_line(struct scan *s, const struct http_limits *limits, const char *p, size_t end)
{
	str line = { p + s->line, end - s->line };
	if (line.n == 0 && s->line == 0 && !s->start) {
		s->start = 2;
		return SCAN_MORE;
	}
	if (line.n == 0)
		return s->lines ? SCAN_DONE : bad(s, E_MALFORMED, "the request line is empty");
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(s, E_MALFORMED, "a line starts with a blank; header fields must not be folded");
	size_t colon = s->lines ? str_find(line, ':') : 0;
	if (s->lines && (colon == line.n || !token_is(str_slice(line, 0, colon))))
		return bad(s, E_MALFORMED, "a header field is not a name, a colon and a value");
	if (s->lines > limits->headers)
		return bad(s, E_HEAD_TOO_LARGE, "the request has more header fields than this server takes");
	s->lines++;
	return SCAN_MORE;
}

enum scan_state head_scan(struct scan *s, const struct http_limits *limits, const char *p, size_t n)
{
	for (;;) {
		s->at += control_find((str){ p + s->at, n - s->at });
		if (s->at == n)
			return scan_long(s, limits, n);
		if (p[s->at] == '\t') {
			s->at++;
			continue;
		}
		/* the caps first, so that the answer does not depend on how the bytes came */
		if (scan_long(s, limits, s->at) == SCAN_BAD)
			return SCAN_BAD;
		if (p[s->at] != '\r')
			return bad(s, E_MALFORMED, "a control character, or a line that does not end in CR LF");
		if (s->at + 1 == n)
			return scan_long(s, limits, n - 1);
		if (p[s->at + 1] != '\n')
			return bad(s, E_MALFORMED, "a carriage return without line feed");
		enum scan_state state = scan_line(s, limits, p, s->at);
		if (state == SCAN_BAD)
			return state;
		s->at += 2;
		s->line = s->at;
		if (s->at > limits->head)
			return bad(s, E_HEAD_TOO_LARGE, "the request's head is larger than this server takes");
		if (state == SCAN_DONE)
			return state;
	}
}

/* what llhttp tells us of a head */
struct heard {
	str target;
	struct http_header *headers;
	size_t n, cap;
	bool complete;
};

static void span_add(str *to, const char *at, size_t n)
{
	if (to->p)
		to->n += n;
	else
		*to = (str){ at, n };
}

static int on_target(llhttp_t *parser, const char *at, size_t n)
{
	span_add(&((struct heard *)parser->data)->target, at, n);
	return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t n)
{
	struct heard *h = parser->data;
	if (h->n == h->cap)
		return HPE_USER;
	h->headers[h->n++].name = (str){ at, n };
	return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t n)
{
	struct heard *h = parser->data;
	if (h->n == 0)
		return HPE_USER;
	span_add(&h->headers[h->n - 1].value, at, n);
	return 0;
}

static int on_complete(llhttp_t *parser)
{
	((struct heard *)parser->data)->complete = true;
	return HPE_PAUSED; /* the body is ours */
}

static const llhttp_settings_t SETTINGS = { .on_url = on_target,
					    .on_header_field = on_name,
					    .on_header_value = on_value,
					    .on_headers_complete = on_complete };

static bool method_known(int method)
{
	return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_POST || method == HTTP_PUT ||
	       method == HTTP_PATCH || method == HTTP_DELETE || method == HTTP_OPTIONS;
}

/* the fields that say where the body ends and who is asked, then those of which a proxy might read another one than we do */
enum mark {
	HOST,
	CONTENT_LENGTH,
	TRANSFER_ENCODING,
	EXPECT,
	CONTENT_ENCODING,
	AUTHORIZATION,
	CONTENT_TYPE,
	IDEMPOTENCY_KEY,
	MARKS
};
static const str MARK_NAMES[] = {
	[HOST] = S("Host"),
	[CONTENT_LENGTH] = S("Content-Length"),
	[TRANSFER_ENCODING] = S("Transfer-Encoding"),
	[EXPECT] = S("Expect"),
	[CONTENT_ENCODING] = S("Content-Encoding"),
	[AUTHORIZATION] = S("Authorization"),
	[CONTENT_TYPE] = S("Content-Type"),
	[IDEMPOTENCY_KEY] = S("Idempotency-Key"),
};
struct marks {
	str value[MARKS];
	unsigned times[MARKS];
};

static struct marks marks_of(const struct http_request *r)
{
	struct marks m = { 0 };
	for (size_t i = 0; i < r->header_count; i++)
		for (int k = 0; k < MARKS; k++)
			if (str_is_nocase(r->headers[i].name, MARK_NAMES[k])) {
				m.value[k] = r->headers[i].value;
				m.times[k]++;
			}
	return m;
}

/* 1 to 18 digits and nothing else: cannot overflow */
static bool length_parse(str s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n >= 1 && s.n <= 18;
}

static enum err framing_check(struct cx *cx, const struct marks *m, struct http_request *r, struct framing *f)
{
	if (m->times[CONTENT_LENGTH] > 1 ||
	    (m->times[CONTENT_LENGTH] && !length_parse(m->value[CONTENT_LENGTH], &f->length)))
		return FAIL(cx, E_MALFORMED, S(""),
			    "Content-Length must be given once, as a decimal number of bytes");
	if (m->times[TRANSFER_ENCODING] && m->times[CONTENT_LENGTH])
		return FAIL(cx, E_MALFORMED, S(""),
			    "Content-Length and Transfer-Encoding must not be given together");
	if (m->times[TRANSFER_ENCODING] &&
	    (m->times[TRANSFER_ENCODING] > 1 || !str_is_nocase(m->value[TRANSFER_ENCODING], S("chunked"))))
		return FAIL(cx, E_MALFORMED, S(""), "Transfer-Encoding must be given once, as chunked");
	if (m->times[TRANSFER_ENCODING] && r->minor == 0)
		return FAIL(cx, E_MALFORMED, S(""), "HTTP/1.0 has no Transfer-Encoding");
	if (m->times[EXPECT] && (m->times[EXPECT] > 1 || !str_is_nocase(m->value[EXPECT], S("100-continue"))))
		return FAIL(cx, E_MALFORMED, S(""), "the only expectation understood is 100-continue");
	if (m->times[CONTENT_ENCODING] &&
	    (m->times[CONTENT_ENCODING] > 1 || !str_is_nocase(m->value[CONTENT_ENCODING], S("identity"))))
		return FAIL(cx, E_MEDIA_TYPE, S(""), "send the body without Content-Encoding");
	f->chunked = m->times[TRANSFER_ENCODING] > 0;
	f->expects = m->times[EXPECT] > 0 && r->minor == 1;
	r->has_body = m->times[CONTENT_LENGTH] > 0 || m->times[TRANSFER_ENCODING] > 0;
	return OK;
}

static enum err singles_check(struct cx *cx, const struct marks *m)
{
	for (int k = AUTHORIZATION; k < MARKS; k++)
		if (m->times[k] > 1)
			return FAIL(cx, E_MALFORMED, S(""), "%.*s must be given once", STR_ARG(MARK_NAMES[k]));
	return OK;
}

static enum err host_check(struct cx *cx, const struct marks *m, struct http_request *r)
{
	if (m->times[HOST] > 1 || (m->times[HOST] == 0 && r->minor == 1))
		return FAIL(cx, E_MALFORMED, S(""), "a request must have exactly one Host field");
	if (m->times[HOST] && !host_is(m->value[HOST]))
		return FAIL(cx, E_MALFORMED, S(""),
			    "the Host field is not a host name or address with an optional port");
	r->host = m->times[HOST] ? m->value[HOST] : S("");
	return OK;
}

/* llhttp takes several blanks between the parts of the request line; RFC 9112 has exactly one */
static bool request_line_plain(str head, str target)
{
	str line = str_cut(&head, '\r');
	str method = str_cut(&line, ' ');
	str between = str_cut(&line, ' ');
	return method.n > 0 && str_is(between, target) &&
	       (str_is(line, S("HTTP/1.1")) || str_is(line, S("HTTP/1.0")));
}

static enum err llhttp_check(struct cx *cx, const llhttp_t *parser, enum llhttp_errno error, const struct heard *h,
			     str head)
{
	if (error == HPE_INVALID_METHOD || (h->complete && !method_known(parser->method)))
		return FAIL(cx, E_METHOD, S(""),
			    "the methods understood are GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS");
	if (!h->complete || error != HPE_PAUSED || h->n != h->cap)
		return FAIL(cx, E_MALFORMED, S(""), "the request's head is not valid HTTP/1.1");
	if (!request_line_plain(head, h->target))
		return FAIL(
		    cx, E_MALFORMED, S(""),
		    "the request line must be a method, a target and HTTP/1.0 or HTTP/1.1, with one blank between");
	return OK;
}

enum err head_parse(struct cx *cx, str head, const struct scan *scan, struct http_request *r, struct framing *f)
{
	struct heard heard = { .cap = scan->lines - 1 };
	heard.headers = NEWS(&cx->arena, struct http_header, heard.cap + 1);
	llhttp_t parser;
	llhttp_init(&parser, HTTP_REQUEST, &SETTINGS);
	parser.data = &heard;
	head = str_slice(head, scan->start, scan->at);
	enum llhttp_errno error = llhttp_execute(&parser, head.p, head.n);
	for (size_t i = 0; i < heard.n; i++)
		heard.headers[i].value = str_trim(heard.headers[i].value);
	r->headers = heard.headers;
	r->header_count = heard.n;
	r->minor = parser.http_minor;
	TRY(llhttp_check(cx, &parser, error, &heard, head));
	r->method = str_slice(head, 0, str_find(head, ' '));
	r->head_only = parser.method == HTTP_HEAD;
	r->keep_alive = llhttp_should_keep_alive(&parser);
	struct marks marks = marks_of(r);
	TRY(host_check(cx, &marks, r));
	TRY(framing_check(cx, &marks, r, f));
	TRY(singles_check(cx, &marks));
	return target_parse(cx, heard.target, r);
}

str http_header_next(const struct http_request *r, str name, size_t *at)
{
	while (*at < r->header_count) {
		const struct http_header *h = &r->headers[(*at)++];
		if (str_is_nocase(h->name, name))
			return h->value;
	}
	return (str){ NULL, 0 };
}

str http_header(const struct http_request *r, str name)
{
	size_t at = 0;
	return http_header_next(r, name, &at);
}
