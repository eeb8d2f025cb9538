/* Where the server may connect to at the wish of users, and how: URLs, addresses, names that change their answer, and
 * peers that answer too much.  Name server and connect() are this program's own, so that nothing leaves the machine. */
#include "base/secret.h"
#include "jobs/webhook_send.h"
#include "links/http_client.h"
#include "links/smtp.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct cx cx;
static const struct outbound NO_EXCEPTION;

static int done(void **state)
{
	(void)state;
	fault_clear(&cx);
	arena_reset(&cx.arena);
	return 0;
}

/* ---- URLs */

struct url_case {
	str url;
	bool may;
};
static const struct field URL_CASE[] = { FIELD(struct url_case, url, IN | MUST, .max = 4000),
					 FIELD(struct url_case, may, IN | MUST), FIELD_END };

static void test_urls(void **state)
{
	(void)state;
	char line[8192];
	int n = 0;
	FILE *cases = fopen("tests/cases/urls.jsonl", "r");
	assert_non_null(cases);
	for (; fgets(line, sizeof line, cases); n++) {
		struct url_case one;
		struct outbound_target target;
		assert_int_equal(field_decode(&cx, URL_CASE, &one, str_trim(str_of(line)), FIELD_NEW), OK);
		enum err e = outbound_check(&cx, &NO_EXCEPTION, one.url, S("/url"), &target);
		if ((e == OK) != one.may)
			fail_msg("%s", line);
		assert_true(e == OK || (e == E_INVALID && str_is(cx.fault.problems->field, S("/url"))));
		fault_clear(&cx);
	}
	fclose(cases);
	assert_true(n > 200);
	char *longest = arena_take(&cx.arena, OUTBOUND_URL + 1, 1);
	memset(longest, 'a', OUTBOUND_URL + 1);
	memcpy(longest, "https://a.example/", 18);
	struct outbound_target target;
	assert_int_equal(outbound_check(&cx, &NO_EXCEPTION, (str){ longest, OUTBOUND_URL }, S(""), &target), OK);
	assert_int_equal(outbound_check(&cx, &NO_EXCEPTION, (str){ longest, OUTBOUND_URL + 1 }, S(""), &target),
			 E_INVALID);
	memcpy(longest, "https://a.example?", 18); /* libcurl writes the slash that is missing */
	assert_int_equal(outbound_check(&cx, &NO_EXCEPTION, (str){ longest, OUTBOUND_URL - 1 }, S(""), &target), OK);
	assert_int_equal(outbound_check(&cx, &NO_EXCEPTION, (str){ longest, OUTBOUND_URL }, S(""), &target),
			 E_INVALID);
	assert_int_equal(outbound_check(&cx, &NO_EXCEPTION, S("https://a.example/\0b"), S(""), &target), E_INVALID);
}

static void test_exceptions(void **state)
{
	(void)state;
	static const char *const good[] = { "http://127.0.0.1:9000/", "http://hook.test:80/in",
					    "http://HOOK.test/",      "http://[::1]:9000/",
					    "https://10.1.2.3/",      "https://10.1.2.3:8443/",
					    "https://192.168.1.1/",   "https://127.0.0.1:9000/" };
	static const char *const bad[] = { "http://127.0.0.1:9001/", "http://127.0.0.1/",     "http://10.1.2.3/",
					   "https://10.1.2.3:9000/", "https://10.2.0.1/",     "http://x.hook.test/",
					   "https://192.168.1.2/",   "https://hook.test:444/" };
	static const char *const wrong[] = { "hook.test", "hook.test:0", "hook.test:65536", ":80",
					     "a:b:80",    "10.0.0.0/33", "::1:80x" };
	struct outbound o;
	struct outbound_target t;
	assert_int_equal(
	    outbound_parse(&cx, S("127.0.0.1:9000, Hook.test:80 10.1.0.0/16,[::1]:9000,192.168.1.1"), &o), OK);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (outbound_check(&cx, &o, str_of(good[i]), S(""), &t))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!outbound_check(&cx, &o, str_of(bad[i]), S(""), &t))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (outbound_parse(&cx, str_of(wrong[i]), &o) != E_INVALID)
			fail_msg("%s", wrong[i]);
}

/* ---- addresses */

static const char PUBLIC[] =
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 "
    "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 "
    "192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 "
    "198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 2001:200:: 2001:4860::8888 "
    "2001:db7:ffff::1 2001:db9:: 2002:808:808::1 2606:4700::1111 3ffe:ffff::1 3fff:1000:: "
    "64:ff9b::8.8.8.8";
static const char CLOSED[] =
    "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.0 "
    "127.255.255.255 169.254.0.0 169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 "
    "192.0.2.0 192.88.99.255 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.0 "
    "203.0.113.255 224.0.0.0 239.255.255.255 240.0.0.0 255.255.255.255 :: ::1 ::8.8.8.8 "
    "::ffff:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:1ff:ffff::1 2001:db8:: "
    "2001:db8:ffff::1 2002:a00:1::1 2002:7f00:1:: 2002:c0a8:1::1 3fff::1 3fff:fff::1 1fff::1 4000::1 "
    "5f00::1 fc00::1 fdff::1 fe80::1 febf::1 fec0::1 ff02::1";

static void addresses_check(const char *list, bool public)
{
	unsigned char address[16];
	for (str rest = str_of(list); rest.n;) {
		str one = str_cut(&rest, ' ');
		if (!address_parse_bare(one, address) || address_is_public(address) != public)
			fail_msg("%.*s", STR_ARG(one));
	}
}

static void test_addresses(void **state)
{
	(void)state;
	addresses_check(PUBLIC, true);
	addresses_check(CLOSED, false);
}

/* ---- names: what getaddrinfo says is set by each test; what connect is asked for is noted */

static const char *answers[8];
static int asked, connects;
static char connected[8][ADDRESS_TEXT];

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	static __typeof__(getaddrinfo) *real;
	if (!real)
		real = (__typeof__(getaddrinfo) *)dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(node, "127.0.0.1") == 0)
		return real(node, service, hints, out);
	const char *list = answers[asked++];
	struct addrinfo numeric = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, **end = out;
	*out = NULL;
	for (str rest = str_of(list); rest.n;) {
		str one = str_cut(&rest, ' ');
		if (real(str_to_c(&cx.arena, one), service, &numeric, end) != 0)
			abort();
		while (*end) /* freeaddrinfo frees element by element, wherever each came from */
			end = &(*end)->ai_next;
	}
	return *out ? 0 : EAI_NONAME;
}

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
	static __typeof__(connect) *real;
	if (!real)
		real = (__typeof__(connect) *)dlsym(RTLD_NEXT, "connect");
	const struct sockaddr_in *four = (const void *)to;
	if (to->sa_family == AF_INET && ntohl(four->sin_addr.s_addr) == INADDR_LOOPBACK && !connects)
		return real(fd, to, size);
	const void *bytes = to->sa_family == AF_INET ? (const void *)&four->sin_addr
						     : &((const struct sockaddr_in6 *)(const void *)to)->sin6_addr;
	inet_ntop(to->sa_family, bytes, connected[connects++ % 8], ADDRESS_TEXT);
	errno = ECONNREFUSED;
	return -1;
}

static enum err ask_for(const char *list)
{
	struct http_reply reply;
	struct http_ask ask = { .url = S("https://hooks.example.org/in"), .body = S("{}") };
	answers[0] = list;
	asked = 0;
	return http_ask(&cx, &NO_EXCEPTION, &ask, &reply);
}

static void test_names(void **state)
{
	(void)state;
	static const char *const closed[] = { "127.0.0.1",
					      "10.0.0.1",
					      "169.254.169.254",
					      "::1",
					      "fd00::1",
					      "::ffff:127.0.0.1",
					      "64:ff9b::7f00:1",
					      "2002:7f00:1::1",
					      "127.0.0.1 ::1 10.0.0.1",
					      "0.0.0.0" };
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
		assert_int_equal(ask_for(closed[i]), E_REFUSED);
		assert_int_equal(asked, 1);
		assert_int_equal(connects, 0);
	}
	/* one public address among others: only that is connected to */
	connects = 0;
	assert_true(ask_for("127.0.0.1 192.168.0.1 8.8.8.8 ::1") != OK);
	assert_int_equal(connects, 1);
	assert_string_equal(connected[0], "8.8.8.8");
	connects = 0;
	assert_int_equal(ask_for("8.8.4.4 2001:4860::8888"), E_UNAVAILABLE);
	assert_int_equal(connects, 2);
	connects = 0;
	assert_int_equal(ask_for(""), E_UNAVAILABLE);
}

/* A name server that says a public address first and a private one from then on: one question, and what is connected
 * to is what was judged. */
static void test_rebinding(void **state)
{
	(void)state;
	connects = 0;
	for (int i = 1; i < 8; i++)
		answers[i] = "127.0.0.1";
	assert_int_equal(ask_for("8.8.8.8"), E_UNAVAILABLE);
	assert_int_equal(asked, 1);
	assert_int_equal(connects, 1);
	assert_string_equal(connected[0], "8.8.8.8");
	connects = 0;
	assert_int_equal(ask_for("127.0.0.1"), E_REFUSED);
	assert_int_equal(connects, 0);
}

/* ---- peers: a server of one connection, which says what it is told to, and keeps what it heard */

struct peer {
	int listener;
	const char *answer;
	size_t zeros; /* bytes after it */
	bool forever;
	char heard[4096];
};

static void *peer_run(void *arg)
{
	struct peer *p = arg;
	static const char zeros[65536];
	int fd = accept(p->listener, NULL, NULL);
	ssize_t n = 0;
	while (n < (ssize_t)sizeof p->heard - 1 && !strstr(p->heard, "\r\n\r\n{}")) {
		ssize_t got = read(fd, p->heard + n, sizeof p->heard - 1 - (size_t)n);
		if (got <= 0)
			break;
		n += got;
	}
	bool on = write(fd, p->answer, strlen(p->answer)) >= 0;
	for (size_t i = 0; on && (p->forever || i * sizeof zeros < p->zeros); i++)
		on = send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) > 0;
	close(fd);
	return NULL;
}

static enum err ask_peer(struct peer *p, const struct http_ask *given, struct http_reply *reply)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	pthread_t thread;
	struct outbound o;
	struct http_ask ask = *given;
	connects = 0;
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	getsockname(p->listener, (struct sockaddr *)&at, &size);
	assert_int_equal(pthread_create(&thread, NULL, peer_run, p), 0);
	str allow = str_format(&cx.arena, "127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(outbound_parse(&cx, allow, &o), OK);
	ask.url = str_format(&cx.arena, "http://%.*s/in?x=1#y", STR_ARG(allow));
	enum err e = http_ask(&cx, &o, &ask, reply);
	pthread_join(thread, NULL);
	close(p->listener);
	return e;
}

static const struct pair HEADERS[] = { { { "Content-Type", 12 }, { "application/json", 16 } },
				       { { "X-Test", 6 }, { "1", 1 } } };
static const struct http_ask ASK = { .headers = HEADERS, .header_count = 2, .body = { "{}", 2 } };

static void test_request(void **state)
{
	(void)state;
	struct http_reply r;
	struct peer p = { .answer =
			      "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\n"
			      "a\n<b>\x01\x1b c" };
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
	assert_int_equal(ask_peer(&p, &ASK, &r), OK);
	assert_int_equal(r.status, 503);
	assert_int_equal(r.retry_after, 120);
	assert_int_equal(r.body.n, 9);
	assert_true(str_is(http_reply_excerpt(&cx.arena, &r, 100), S("a <b>  c")));
	assert_true(str_is(http_reply_excerpt(&cx.arena, &r, 3), S("a <")));
	assert_true(strncmp(p.heard, "POST /in?x=1 HTTP/1.1\r\nHost: 127.0.0.1:", 39) == 0);
	assert_non_null(strstr(p.heard, "\r\nX-Test: 1\r\n"));
	assert_non_null(strstr(p.heard, "\r\nContent-Length: 2\r\n"));
	assert_null(strstr(p.heard, "Expect:"));
	assert_null(strstr(p.heard, "Cookie"));
	assert_null(strstr(p.heard, "Accept-Encoding"));
}

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		size_t zeros;
		bool forever;
		enum err wants;
		int status;
	} cases[] = {
		{ "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0, false, OK,
		  302 },
		{ "HTTP/1.1 204 No Content\r\n\r\n", 0, false, OK, 204 },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, false, OK, 200 },
		{ "HTTP/1.1 200 OK\r\n\r\n", HTTP_BODY - 1, false, OK, 200 },
		{ "HTTP/1.1 200 OK\r\n\r\n", HTTP_BODY + 1, false, E_UNAVAILABLE, 200 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", 0, true, E_UNAVAILABLE, 200 },
		{ "HTTP/1.1 200 OK\r\n\r\n", 0, true, E_UNAVAILABLE, 200 },
		{ "HTTP/1.1 200 OK\r\nX: ", 0, true, E_UNAVAILABLE, 200 },
		{ "SSH-2.0-OpenSSH_9.2\r\n", 0, false, E_UNAVAILABLE, 0 },
		{ "", 0, false, E_UNAVAILABLE, 0 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 0, false, E_UNAVAILABLE, 200 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_reply r;
		struct peer p = { .answer = cases[i].answer, .zeros = cases[i].zeros, .forever = cases[i].forever };
		enum err e = ask_peer(&p, &ASK, &r);
		if (e != cases[i].wants || r.status != cases[i].status)
			fail_msg("%zu: %d, %d: %.*s", i, e, r.status, STR_ARG(cx.fault.message));
		if (cases[i].forever && i < 7 && !str_starts(cx.fault.message, S("the answer is longer")))
			fail_msg("%zu: %.*s", i, STR_ARG(cx.fault.message));
		fault_clear(&cx);
	}
	/* headers without end */
	struct buf many = { 0 };
	struct http_reply r;
	buf_add(&many, S("HTTP/1.1 200 OK\r\n"));
	for (int i = 0; i < 2000; i++)
		buf_format(&many, "X-%d: some value\r\n", i);
	buf_add(&many, S("\r\n\0"));
	struct peer p = { .answer = many.p };
	assert_int_equal(ask_peer(&p, &ASK, &r), E_UNAVAILABLE);
	assert_true(str_starts(cx.fault.message, S("the answer's head is longer")));
	buf_free(&many);
}

/* Vectors of the standard; their keys are shorter than ours, which HMAC fills up with zeros. */
static void test_signature(void **state)
{
	(void)state;
	unsigned char key[32] = { 0 };
	str bytes;
	assert_true(base64url_parse(&cx.arena, S("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &bytes) && bytes.n == 24);
	memcpy(key, bytes.p, bytes.n);
	assert_true(str_is(webhook_signature(&cx.arena, key, S("msg_p5jXN8AQM9LWM0D4loKWxJek"),
					     (instant){ 1614265330 }, S("{\"test\": 2432232314}")),
			   S("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
	assert_true(str_is(webhook_signature(&cx.arena, key, S("msg_bk_01_1"), (instant){ 1777629600 },
					     S("{\"type\":\"booking.created\",\"timestamp\":\"2026-05-01T10:00:00Z\","
					       "\"data\":{\"id\":\"bk_01\"}}")),
			   S("v1,L3nDBx2z3/zt8JSIEYFMsUL8/YiLFtuWYBqNXz7/Hlc=")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_urls, done),      cmocka_unit_test_teardown(test_exceptions, done),
		cmocka_unit_test_teardown(test_addresses, done), cmocka_unit_test_teardown(test_names, done),
		cmocka_unit_test_teardown(test_rebinding, done), cmocka_unit_test_teardown(test_request, done),
		cmocka_unit_test_teardown(test_answers, done),   cmocka_unit_test_teardown(test_signature, done),
	};
	smtp_ready();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
