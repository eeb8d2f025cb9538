/* Requests from bytes: every case whole, and cut at every position, must give the same. */
#include "api/http/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct http_limits LIMITS = { .head = 400, .line = 120, .headers = 6 };
enum { CAP = 16 };

static struct exchanges pool;

/* everything that was understood, as text */
static void outcome_add(struct buf *out, const struct exchange *x, enum message_event event)
{
	const struct http_request *r = &x->request;
	if (event == MESSAGE_REFUSED) {
		buf_format(out, "refused %s;", err_code(x->cx.fault.code));
		return;
	}
	buf_format(out, "%.*s %.*s ?%.*s @%.*s %d%d%d", STR_ARG(r->method), STR_ARG(r->path), STR_ARG(r->query),
		   STR_ARG(r->host), r->minor, r->keep_alive, r->head_only);
	for (size_t i = 0; i < r->header_count; i++)
		buf_format(out, " %.*s=%.*s", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
	buf_format(out, " <%.*s>;", STR_ARG(r->body));
}

/* true: go on */
static bool feed(struct message *m, struct buf *out, const char *p, size_t n)
{
	while (n) {
		size_t used = 0;
		enum message_event event = message_read(m, &pool, &LIMITS, p, n, &used);
		assert_true(used <= n);
		p += used;
		n -= used;
		if (event == MESSAGE_HEAD && message_cap(m, CAP) != OK)
			event = MESSAGE_REFUSED;
		if (event == MESSAGE_MORE || event == MESSAGE_HEAD)
			continue;
		outcome_add(out, m->exchange, event);
		exchange_give(&pool, m->exchange);
		m->exchange = NULL;
		message_next(m);
		if (event == MESSAGE_REFUSED)
			return false;
	}
	return true;
}

static void outcome_of(str bytes, size_t cut, size_t second, struct buf *out)
{
	struct message m = { 0 };
	str parts[] = { str_slice(bytes, 0, cut), str_slice(bytes, cut, second), str_slice(bytes, second, bytes.n) };
	buf_clear(out);
	for (int i = 0; i < 3; i++) {
		/* in memory of its own size, so that reading past the end is seen */
		char *copy = malloc(parts[i].n ? parts[i].n : 1);
		assert_non_null(copy);
		if (parts[i].n)
			memcpy(copy, parts[i].p, parts[i].n);
		bool go_on = feed(&m, out, copy, parts[i].n);
		free(copy);
		if (!go_on)
			break;
	}
	message_close(&m, &pool);
	buf_add_char(out, 0);
}

#define HOST "Host: h\r\n"
static const struct {
	const char *name;
	str bytes;
	const char *wants;
} CASES[] = {
	{ "plain", S("GET /a?b HTTP/1.1\r\n" HOST "\r\n"), "GET /a ?b @h 110 Host=h <>;" },
	{ "two", S("GET /a HTTP/1.1\r\n" HOST "\r\nHEAD /b HTTP/1.0\r\n\r\n"),
	  "GET /a ? @h 110 Host=h <>;HEAD /b ? @ 001 <>;" },
	{ "body", S("PUT /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcGET /b HTTP/1.0\r\n\r\n"),
	  "PUT /a ? @h 110 Host=h Content-Length=3 <abc>;GET /b ? @ 000 <>;" },
	{ "body of the cap", S("PUT /a HTTP/1.1\r\n" HOST "Content-Length: 16\r\n\r\n0123456789abcdef"),
	  "PUT /a ? @h 110 Host=h Content-Length=16 <0123456789abcdef>;" },
	{ "body past the cap", S("PUT /a HTTP/1.1\r\n" HOST "Content-Length: 17\r\n\r\n0123456789abcdefg"),
	  "refused too_large;" },
	{ "body of nothing", S("PUT /a HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"),
	  "PUT /a ? @h 110 Host=h Content-Length=0 <>;" },
	{ "chunks",
	  S("PUT /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0d\r\n0123456789abc\r\n"
	    "0\r\nT: u\r\n\r\nGET /b HTTP/1.0\r\n\r\n"),
	  "PUT /a ? @h 110 Host=h Transfer-Encoding=chunked <abc0123456789abc>;GET /b ? @ 000 <>;" },
	{ "chunks past the cap",
	  S("PUT /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\ne\r\n0123456789abcd"),
	  "refused too_large;" },
	{ "chunk never sent", S("PUT /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n"),
	  "refused too_large;" },
	{ "chunk malformed", S("PUT /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"),
	  "refused malformed;" },
	{ "decoded", S("GET /%C3%a4/a%20b%25 HTTP/1.1\r\n" HOST "\r\n"), "GET /\u00e4/a b% ? @h 110 Host=h <>;" },
	{ "values", S("GET / HTTP/1.1\r\n" HOST "A:  b\tc \r\nB:\r\nConnection: close\r\n\r\n"),
	  "GET / ? @h 100 Host=h A=b\tc B= Connection=close <>;" },
	{ "absolute", S("GET http://H?x HTTP/1.1\r\n" HOST "\r\n"), "GET / ?x @h 110 Host=h <>;" },
	{ "empty line first", S("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), "GET / ? @h 110 Host=h <>;" },
	{ "folded", S("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n"), "refused malformed;" },
	{ "bare LF", S("GET / HTTP/1.1\n" HOST "\r\n"), "refused malformed;" },
	{ "NUL", S("GET / HTTP/1.1\r\n" HOST "A: \0\r\n\r\n"), "refused malformed;" },
	{ "method", S("BREW / HTTP/1.1\r\n" HOST "\r\n"), "refused method_not_allowed;" },
	{ "coding", S("PUT / HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
	  "refused media_type;" },
	{ "after a refusal", S("GET /%2f HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	  "refused malformed;" },
	{ "unfinished", S("GET / HTTP/1.1\r\n" HOST), "" },
};

static void test_cases(void **state)
{
	(void)state;
	struct buf whole = { 0 }, cut = { 0 };
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		str bytes = CASES[i].bytes;
		outcome_of(bytes, bytes.n, bytes.n, &whole);
		if (strcmp(whole.p, CASES[i].wants) != 0)
			fail_msg("%s: %s, wanted %s", CASES[i].name, whole.p, CASES[i].wants);
		for (size_t first = 0; first <= bytes.n; first++)
			for (size_t second = first; second <= bytes.n && second <= first + 3; second++) {
				outcome_of(bytes, first, second, &cut);
				if (strcmp(whole.p, cut.p) != 0)
					fail_msg("%s, cut at %zu and %zu: %s", CASES[i].name, first, second, cut.p);
			}
	}
	buf_free(&whole);
	buf_free(&cut);
}

/* a head of `size` bytes with a field of `line` bytes and `fields` fields in all */
static void head_sized(struct buf *out, size_t line, unsigned fields, size_t size)
{
	buf_clear(out);
	buf_add(out, S("GET / HTTP/1.1\r\n" HOST));
	for (unsigned i = 2; i < fields; i++)
		buf_add(out, S("F: 1\r\n"));
	if (fields > 1) {
		buf_add(out, S("L: "));
		for (size_t i = 3; i < line; i++)
			buf_add_char(out, 'x');
		buf_add(out, S("\r\n"));
	}
	while (out->n + 2 < size) {
		size_t left = size - 2 - out->n, one = left > 130 ? 100 : left > 100 ? left / 2 : left;
		buf_add(out, S("P: "));
		for (size_t i = 5; i < one; i++)
			buf_add_char(out, 'y');
		buf_add(out, S("\r\n"));
	}
	buf_add(out, S("\r\n"));
}

static void test_caps(void **state)
{
	(void)state;
	static const struct {
		size_t line;
		unsigned fields;
		size_t size;
		bool good;
	} caps[] = {
		{ 119, 2, 0, true },   { 120, 2, 0, true },   { 121, 2, 0, false }, { 10, 5, 0, true },
		{ 10, 6, 0, true },    { 10, 7, 0, false },   { 10, 2, 399, true }, { 10, 2, 400, true },
		{ 10, 2, 401, false }, { 10, 2, 450, false },
	};
	struct buf head = { 0 }, got = { 0 };
	for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
		head_sized(&head, caps[i].line, caps[i].fields, caps[i].size);
		assert_true(caps[i].size == 0 || head.n == caps[i].size);
		for (size_t cut = 0; cut <= head.n; cut++) {
			outcome_of(buf_str(&head), cut, head.n, &got);
			if ((strcmp(got.p, "refused head_too_large;") != 0) != caps[i].good || got.n < 5)
				fail_msg("line %zu, %u fields, %zu bytes, cut at %zu: %s", caps[i].line,
					 caps[i].fields, head.n, cut, got.p);
		}
	}
	buf_clear(&head);
	buf_add(&head, S("GET /"));
	for (int i = 0; i < 120; i++)
		buf_add_char(&head, 'a');
	outcome_of(buf_str(&head), 60, head.n, &got);
	assert_string_equal(got.p, "refused uri_too_long;");
	buf_free(&head);
	buf_free(&got);
}

static void test_controls(void **state)
{
	(void)state;
	char text[40];
	for (size_t at = 0; at < sizeof text; at++)
		for (int byte = 0; byte < 256; byte++) {
			memset(text, 'a', sizeof text);
			text[at] = (char)byte;
			size_t wants = byte < 0x20 || byte == 0x7f ? at : sizeof text;
			assert_int_equal(control_find((str){ text, sizeof text }), wants);
			assert_int_equal(control_find((str){ text, at }), at);
		}
	memset(text, 0x80, sizeof text);
	assert_int_equal(control_find((str){ text, sizeof text }), sizeof text);
}

static void test_headers(void **state)
{
	(void)state;
	struct http_header headers[] = { { S("Host"), S("h") }, { S("A"), S("1") }, { S("a"), S("2") } };
	struct http_request r = { .headers = headers, .header_count = 3 };
	size_t at = 0;
	assert_true(str_is(http_header(&r, S("hOST")), S("h")));
	assert_null(http_header(&r, S("Hos")).p);
	assert_true(str_is(http_header_next(&r, S("a"), &at), S("1")));
	assert_true(str_is(http_header_next(&r, S("a"), &at), S("2")));
	assert_null(http_header_next(&r, S("a"), &at).p);
}

static int pool_empty(void **state)
{
	(void)state;
	exchanges_close(&pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_headers),
	};
	return cmocka_run_group_tests(tests, NULL, pool_empty);
}
