/* The small parts of the HTTP server: queries, cookies, conditions, addresses, counts, deadlines, workers, answers. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "api/http/address.h"
#include "api/http/answer.h"
#include "api/http/conditional.h"
#include "api/http/crowd.h"
#include "api/http/deadline.h"
#include "api/http/files.h"
#include "api/http/query.h"
#include "api/http/workers.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

static struct cx cx;

static void test_query(void **state)
{
	(void)state;
	static const struct {
		str text;
		const char *wants;
	} cases[] = {
		{ S(""), "" },
		{ S("a=1"), "a=1;" },
		{ S("a=1&b=2&a=3"), "a=1;b=2;a=3;" },
		{ S("&&a=1&"), "a=1;" },
		{ S("a"), "a=;" },
		{ S("a="), "a=;" },
		{ S("a=b=c"), "a=b=c;" },
		{ S("a%3Db=%26+%2b%25"), "a=b=& +%;" },
		{ S("%C3%A4=%e2%82%ac"), "\u00e4=\u20ac;" },
		{ S("=1"), "a name in the query or form is missing before '='" },
		{ S("a=%"), "/a has a '%' without two hexadecimal digits behind it" },
		{ S("a=%4"), "/a has a '%' without two hexadecimal digits behind it" },
		{ S("a=%4g"), "/a has a '%' without two hexadecimal digits behind it" },
		{ S("%zz=1"), "a name in the query or form has a '%' without two hexadecimal digits behind it" },
		{ S("ok=1&a=%00"), "/a has a NUL character" },
		{ S("a=\0"), "/a has a NUL character" },
		{ S("a=%ff"), "/a is not valid UTF-8" },
		{ S("a=%c0%80"), "/a is not valid UTF-8" },
		{ S("a=%ed%a0%80"), "/a is not valid UTF-8" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pairs pairs;
		struct buf got = { 0 };
		if (query_parse(&cx, cases[i].text, &pairs) == OK) {
			for (size_t k = 0; k < pairs.n; k++)
				buf_format(&got, "%.*s=%.*s;", STR_ARG(pairs.items[k].name),
					   STR_ARG(pairs.items[k].value));
		} else {
			assert_int_equal(cx.fault.code, E_MALFORMED);
			if (cx.fault.problems)
				buf_format(&got, "%.*s ", STR_ARG(cx.fault.problems->field));
			buf_add(&got, cx.fault.message);
		}
		buf_add_char(&got, 0);
		assert_string_equal(got.p, cases[i].wants);
		buf_free(&got);
		arena_reset(&cx.arena);
	}
}

static void test_query_caps(void **state)
{
	(void)state;
	struct pairs pairs;
	for (int n = QUERY_PAIRS - 1; n <= QUERY_PAIRS + 1; n++) {
		struct buf text = { 0 };
		for (int i = 0; i < n; i++)
			buf_add(&text, S("a=b&"));
		assert_int_equal(query_parse(&cx, buf_str(&text), &pairs), n > QUERY_PAIRS ? E_MALFORMED : OK);
		buf_free(&text);
	}
	for (size_t n = QUERY_NAME - 1; n <= QUERY_NAME + 1; n++) {
		char name[QUERY_NAME + 1];
		memset(name, 'n', sizeof name);
		assert_int_equal(query_parse(&cx, (str){ name, n }, &pairs), n > QUERY_NAME ? E_MALFORMED : OK);
	}
	assert_int_equal(query_parse(&cx, S("a=1&b=2&a=3"), &pairs), OK);
	assert_true(str_is(query_find(&pairs, S("a")), S("1")));
	assert_null(query_find(&pairs, S("c")).p);
}

static void test_cookies(void **state)
{
	(void)state;
	static const struct {
		str text, name;
		const char *wants;
	} cases[] = {
		{ S("a=1"), S("a"), "1" },         { S("a=1; b=2"), S("b"), "2" }, { S("a=1;b=2"), S("b"), "2" },
		{ S("a=\"1 2\""), S("a"), "1 2" }, { S("a="), S("a"), "" },        { S("a=\"\""), S("a"), "" },
		{ S("a=b=c"), S("a"), "b=c" },     { S("a=1; a=1"), S("a"), "1" }, { S("a=1; a=2"), S("a"), NULL },
		{ S("a"), S("a"), NULL },          { S("A=1"), S("a"), NULL },     { S(""), S("a"), NULL },
		{ S("xa=1; ax=2"), S("a"), NULL }, { S("=1"), S("a"), NULL },      { S(";;; a=1"), S("a"), "1" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str got = cookie_find(cases[i].text, cases[i].name);
		assert_int_equal(got.p != NULL, cases[i].wants != NULL);
		assert_true(!got.p || str_is(got, str_of(cases[i].wants)));
	}
}

static void test_encodings(void **state)
{
	(void)state;
	static const struct {
		const char *accepts;
		bool identity, gzip, br;
	} cases[] = {
		{ NULL, true, false, false },
		{ "", true, false, false },
		{ "gzip", true, true, false },
		{ "gzip, br", true, true, true },
		{ "GZIP;q=1.0,BR;q=0.001", true, true, true },
		{ "gzip;q=0", true, false, false },
		{ "gzip;q=0.000, br", true, false, true },
		{ "*", true, true, true },
		{ "*;q=0", false, false, false },
		{ "*;q=0, br", false, false, true },
		{ "identity;q=0, gzip", false, true, false },
		{ "x-gzip", true, true, false },
		{ "gzipped, brotli", true, false, false },
		{ " gzip ; q=0.5 ", true, true, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str accepts = str_of(cases[i].accepts);
		assert_int_equal(encoding_accepted(accepts, ENCODING_IDENTITY), cases[i].identity);
		assert_int_equal(encoding_accepted(accepts, ENCODING_GZIP), cases[i].gzip);
		assert_int_equal(encoding_accepted(accepts, ENCODING_BR), cases[i].br);
	}
}

static void test_etags(void **state)
{
	(void)state;
	static const struct {
		str list, etag;
		bool weak, strong;
	} cases[] = {
		{ S("\"a\""), S("\"a\""), true, true },
		{ S("\"b\", \"a\""), S("\"a\""), true, true },
		{ S("\"b\" , ,\"a\""), S("\"a\""), true, true },
		{ S("W/\"a\""), S("\"a\""), true, false },
		{ S("\"a\""), S("W/\"a\""), true, false },
		{ S("*"), S("\"a\""), true, true },
		{ S(" * "), S("\"a\""), true, true },
		{ S("*"), S(""), false, false },
		{ S("\"a, b\", \"c\""), S("\"c\""), true, true },
		{ S("\"a,b\""), S("\"a\""), false, false },
		{ S("a"), S("\"a\""), false, false },
		{ S("\"a"), S("\"a\""), false, false },
		{ S(""), S("\"a\""), false, false },
		{ S("\"A\""), S("\"a\""), false, false },
		{ S("w/\"a\""), S("\"a\""), false, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(etag_matches(cases[i].list, cases[i].etag, true), cases[i].weak);
		assert_int_equal(etag_matches(cases[i].list, cases[i].etag, false), cases[i].strong);
	}
}

static void test_networks(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool in;
	} cases[] = {
		{ "10.0.0.1", true },
		{ "10.255.255.255", true },
		{ "11.0.0.0", false },
		{ "9.255.255.255", false },
		{ "192.168.1.129", true },
		{ "192.168.1.127", false },
		{ "::1", true },
		{ "::2", false },
		{ "2001:db8:1::9", true },
		{ "2001:db8:2::9", false },
		{ "::ffff:10.1.1.1", true },
		{ "2001:db8:1:8000::", true },
	};
	struct networks networks;
	unsigned char address[16];
	assert_int_equal(networks_parse(&cx, S("10.0.0.0/8, 192.168.1.128/25 ::1,2001:db8:1::/48"),
					S("trusted_proxies"), &networks),
			 OK);
	assert_int_equal(networks.n, 4);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(address_parse(str_of(cases[i].address), address));
		assert_int_equal(networks_have(&networks, address), cases[i].in);
	}
	assert_int_equal(networks_parse(&cx, S("0.0.0.0/0"), S("trusted_proxies"), &networks), OK);
	assert_true(address_parse(S("1.2.3.4"), address) && networks_have(&networks, address));
	assert_true(address_parse(S("::1"), address) && !networks_have(&networks, address));
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",  "10.0.0",
					   "::1/129",     "x",         "10.0.0.0/8/8", "10.0.0.0/8x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(networks_parse(&cx, str_of(bad[i]), S("trusted_proxies"), &networks), E_INVALID);
}

static struct peer peer_at(const char *text)
{
	struct sockaddr_storage at = { 0 };
	struct networks trusted = { 0 };
	struct peer peer;
	if (strchr(text, ':')) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
		assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
		memcpy(&at, &six, sizeof six);
	} else {
		struct sockaddr_in four = { .sin_family = AF_INET };
		assert_int_equal(inet_pton(AF_INET, text, &four.sin_addr), 1);
		memcpy(&at, &four, sizeof four);
	}
	peer_of(&at, &trusted, &peer);
	return peer;
}

static void test_peers(void **state)
{
	(void)state;
	assert_string_equal(peer_at("127.0.0.1").text, "127.0.0.1");
	assert_string_equal(peer_at("::ffff:1.2.3.4").text, "1.2.3.4");
	assert_string_equal(peer_at("2001:db8::1").text, "2001:db8::1");
	assert_true(peer_at("1.2.3.4").key == peer_at("::ffff:1.2.3.4").key);
	assert_true(peer_at("1.2.3.4").key != peer_at("1.2.3.5").key);
	assert_true(peer_at("2001:db8::1").key == peer_at("2001:db8::ffff:2").key);
	assert_true(peer_at("2001:db8::1").key != peer_at("2001:db8:0:1::1").key);
	assert_true(peer_at("::1").key != 0 && peer_at("0.0.0.0").key != 0);
	assert_true(str_is(http_network(&cx.arena, S("1.2.3.4")), S("1.2.3.4")));
	assert_true(str_is(http_network(&cx.arena, S("2001:db8:1:2:3:4:5:6")), S("2001:db8:1:2::/64")));
	assert_true(str_is(http_network(&cx.arena, S("unix")), S("unix")));
}

/* against plain counting in an array, with keys few enough to collide */
static void test_crowd(void **state)
{
	(void)state;
	enum { KEYS = 100, CAP = 3, ROUNDS = 200000 };
	unsigned counts[KEYS] = { 0 };
	struct crowd *crowd = crowd_open(KEYS * CAP);
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned key = (unsigned)rand() % KEYS;
		if (rand() % 2) {
			bool in = crowd_enter(crowd, key + 1, CAP);
			assert_int_equal(in, counts[key] < CAP);
			counts[key] += in;
		} else if (counts[key]) {
			crowd_leave(crowd, key + 1);
			counts[key]--;
		}
	}
	crowd_close(crowd);
}

static void test_deadlines(void **state)
{
	(void)state;
	struct deadlines d;
	struct deadline a = { 0 }, b = { 0 }, c = { 0 };
	deadlines_open(&d, (const unsigned[DEADLINES]){ 10, 20, 30, 40, 50 });
	assert_true(deadlines_next(&d) == INT64_MAX && !deadlines_due(&d, INT64_MAX));
	deadline_set(&d, &a, DEADLINE_HEAD, 100);
	deadline_set(&d, &b, DEADLINE_IDLE, 70);
	deadline_set(&d, &c, DEADLINE_HEAD, 101);
	assert_int_equal(deadlines_next(&d), 100);
	assert_null(deadlines_due(&d, 99));
	assert_ptr_equal(deadlines_due(&d, 100), &b);
	deadline_set(&d, &b, DEADLINE_IDLE, 100);
	assert_null(deadlines_due(&d, 109));
	assert_ptr_equal(deadlines_due(&d, 110), &a);
	deadline_set(&d, &a, DEADLINE_HEAD, 105);
	assert_ptr_equal(deadlines_due(&d, 111), &c);
	deadline_clear(&c);
	deadline_clear(&c);
	assert_int_equal(deadlines_next(&d), 115);
	deadline_clear(&a);
	assert_int_equal(deadlines_next(&d), 130);
	deadline_clear(&b);
	assert_true(deadlines_next(&d) == INT64_MAX);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int ran, index_sum;

static void task_run(void *arg, unsigned index)
{
	(void)arg;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	atomic_fetch_add(&ran, 1);
	atomic_fetch_or(&index_sum, 1 << index);
}

static void test_workers(void **state)
{
	(void)state;
	struct workers *workers = NULL;
	assert_int_equal(workers_open(&cx, 2, 4, &workers), OK);
	pthread_mutex_lock(&gate);
	int taken = 0;
	for (int i = 0; i < 2; i++)
		taken += workers_run(workers, task_run, NULL);
	while (workers_waiting(workers)) /* until both threads stand at the gate */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	for (int i = 0; i < 10; i++)
		taken += workers_run(workers, task_run, NULL);
	assert_int_equal(taken, 2 + 4);
	assert_int_equal(workers_waiting(workers), 4);
	pthread_mutex_unlock(&gate);
	workers_close(workers);
	assert_int_equal(atomic_load(&ran), taken);
	assert_true(atomic_load(&index_sum) && atomic_load(&index_sum) <= 3);
	workers_close(NULL);
}

static void test_answers(void **state)
{
	(void)state;
	struct http_header good[] = { { S("X-A"), S("b c") } }, broken[] = { { S("X-A"), S("b\nc") } },
			   name[] = { { S("X A"), S("b") } };
	struct http_answer answers[] = {
		{ .status = 200, .headers = good, .header_count = 1 },
		{ .status = 200, .headers = broken, .header_count = 1 },
		{ .status = 200, .headers = name, .header_count = 1 },
		{ .status = 200, .content_type = S("a\r\nb") },
		{ .status = 200, .etag = S("\"a\r\n\"") },
		{ .status = 200, .cache_control = S("a\0") },
		{ .status = 99 },
		{ .status = 600 },
	};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		answer_check(&answers[i]);
		assert_int_equal(answers[i].status, i ? 500 : 200);
		assert_int_equal(answers[i].close, i > 0);
	}
	struct buf out = { 0 };
	struct exchange x = { .id = 0x1f,
			      .request.minor = 1,
			      .answer = { .status = 418, .body = S("tea"), .etag = S("\"e\"") } };
	answer_head(&out, &x, S("D"), true);
	buf_add_char(&out, 0);
	assert_string_equal(
	    out.p,
	    "HTTP/1.1 418 \r\nDate: D\r\nX-Request-Id: 000000000000001f\r\nETag: \"e\"\r\nContent-Length: 3\r\n\r\n");
	buf_free(&out);
	char date[DATE_TEXT];
	assert_true(str_is(date_format(date, (instant){ 784111777 }), S("Sun, 06 Nov 1994 08:49:37 GMT")));
}

static void test_bodies(void **state)
{
	(void)state;
	struct buf b = { 0 };
	buf_add(&b, S("shared"));
	struct http_body *body = http_body_of(&b);
	assert_null(b.p);
	http_body_keep(body);
	http_body_drop(body);
	assert_true(str_is(body->bytes, S("shared")));
	http_body_drop(body);
	http_body_drop(NULL);
	static const struct http_file files[] = { { .path = S("/a") }, { .path = S("/b") }, { .path = S("/bc") } };
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(file_find(files, 3, files[i].path), &files[i]);
	assert_null(file_find(files, 3, S("/aa")));
	assert_null(file_find(files, 3, S("/")));
	assert_null(file_find(files, 3, S("/c")));
	assert_null(file_find(files, 0, S("/a")));
}

static int arena_done(void **state)
{
	(void)state;
	arena_close(&cx.arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),     cmocka_unit_test(test_query_caps), cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_encodings), cmocka_unit_test(test_etags),      cmocka_unit_test(test_networks),
		cmocka_unit_test(test_peers),     cmocka_unit_test(test_crowd),      cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_workers),   cmocka_unit_test(test_answers),    cmocka_unit_test(test_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, arena_done);
}
