/* The foundation: views, arenas, buffers, the calendar, rules, cryptography. */
#include "base/rule.h"
#include "base/secret.h"
#include "base/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct cx cx;

static int setup(void **state)
{
	(void)state;
	cx = (struct cx){ .now = { 1772460000 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&cx.arena);
	return 0;
}

static void test_str(void **state)
{
	str rest = S("a,b,,c");
	int64_t n = 0;
	(void)state;
	assert_true(str_is(str_cut(&rest, ','), S("a")));
	assert_true(str_is(str_cut(&rest, ','), S("b")));
	assert_int_equal(str_cut(&rest, ',').n, 0);
	assert_true(str_is(str_cut(&rest, ','), S("c")));
	assert_int_equal(rest.n, 0);
	assert_true(str_to_int(S("-9223372036854775808"), &n) && n == INT64_MIN);
	assert_false(str_to_int(S("9223372036854775808"), &n));
	assert_false(str_to_int(S(""), &n));
	assert_false(str_to_int(S("-"), &n));
	assert_false(str_to_int(S(" 1"), &n));
	assert_true(str_is_nocase(S("Content-Type"), S("content-TYPE")));
	assert_true(str_is(str_trim(S(" \t x \r\n")), S("x")));
}

static void test_utf8(void **state)
{
	static const char *const bad[] = { "\x80",     "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
					   "\xe2\x82", "\xff",     "a\xc3" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(str_is_utf8(str_of(bad[i])));
	assert_true(str_is_utf8(S("z\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
}

static void test_arena(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		unsigned char *p = arena_take(&cx.arena, i, 16);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i);
	}
	arena_reset(&cx.arena);
	assert_true(cx.arena.used <= 8 << 10);
	cx.arena.soft = 1000;
	arena_take(&cx.arena, 100000, 1);
	assert_true(cx.arena.over);
}

static void test_arena_cut(void **state)
{
	struct arena a = { .soft = 1 << 20 };
	(void)state;
	char *before = arena_take(&a, 100, 1);
	const struct chunk *mark = arena_mark(&a);
	size_t used = a.used;
	memset(before, 'x', 100);
	for (size_t i = 0; i < 2000; i++)
		arena_take(&a, 1000, 8);
	assert_true(a.over && a.used > 2000000);
	arena_cut(&a, mark);
	assert_true(a.used == used && !a.over && arena_mark(&a) == mark);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(before[i], 'x');
	assert_non_null(arena_take(&a, 1000, 8));
	arena_cut(&a, NULL);
	assert_int_equal(a.used, 0);
}

static void test_buf_maximum(void **state)
{
	struct buf b = { .max = 10 };
	(void)state;
	buf_add(&b, S("12345678"));
	assert_false(b.full);
	buf_add(&b, S("abc"));
	assert_true(b.full);
	assert_int_equal(b.n, 8);
	buf_free(&b);
}

static void test_calendar(void **state)
{
	(void)state;
	for (int64_t d = -200000; d < 200000; d++) {
		struct civil c = civil_of_day((day){ d });
		assert_int_equal(day_of_civil(c).d, d);
		assert_true(c.day >= 1 && c.day <= month_length(c.year, c.month));
	}
	assert_int_equal(day_weekday((day){ 0 }), THU);
	assert_int_equal(day_weekday((day){ -1 }), WED);
	assert_int_equal(day_monday((day){ 3 }).d, -3);
}

static void instant_refused(const char *text)
{
	instant t;
	if (instant_parse(str_of(text), &t))
		print_error("%s\n", text);
	assert_false(instant_parse(str_of(text), &t));
}

static void test_instants(void **state)
{
	instant t;
	char text[INSTANT_TEXT];
	(void)state;
	assert_true(instant_parse(S("2026-03-02T19:30:00+05:30"), &t));
	assert_string_equal(instant_format(text, t).p, "2026-03-02T14:00:00Z");
	assert_string_equal(instant_format_at(text, t, -12600).p, "2026-03-02T10:30:00-03:30");
	assert_true(instant_parse(S("2026-03-02T14:00:00.000Z"), &t));
	static const char *const bad[] = { "2026-03-02",
					   "2026-03-02T14:00Z",
					   "2026-03-02T14:00:00",
					   "2026-03-02T24:00:00Z",
					   "2026-03-02T14:00:60Z",
					   "2026-02-29T14:00:00Z",
					   "2026-03-02T14:00:00.5Z",
					   "2026-03-02 14:00:00Z",
					   "1969-12-31T23:59:59Z",
					   "2200-01-01T00:00:00Z",
					   "2026-03-02T14:00:00+24:00",
					   "2026-03-02T14:00:00.Z",
					   "2026-3-2T14:00:00Z",
					   "1970-01-01T00:00:00+01:00",
					   "+2026-03-02T14:00:00Z",
					   "2026-03-02T14:00:00Zx" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		instant_refused(bad[i]);
}

static void rule_is(const struct rule *rule, const char *const *good, const char *const *bad)
{
	for (size_t i = 0; good[i]; i++) {
		if (!rule->holds(str_of(good[i])))
			print_error("refused: %s\n", good[i]);
		assert_true(rule->holds(str_of(good[i])));
	}
	for (size_t i = 0; bad[i]; i++) {
		if (rule->holds(str_of(bad[i])))
			print_error("taken: %s\n", bad[i]);
		assert_false(rule->holds(str_of(bad[i])));
	}
}

static void test_rules(void **state)
{
	(void)state;
	rule_is(&RULE_EMAIL,
		(const char *const[]){ "a@b.example", "a.b+c@x-y.example.org", "o'neil@example.ie", NULL },
		(const char *const[]){ "a",
				       "a@b",
				       "@b.example",
				       "a@",
				       "a b@c.example",
				       "a@b..example",
				       ".a@b.example",
				       "a.@b.example",
				       "a..b@c.example",
				       "a@-b.example",
				       "a@b.example\n",
				       "a@b.example\r\nBcc: c@d.example",
				       "a@[127.0.0.1]",
				       "a@1.2.3.4",
				       "\"a\"@b.example",
				       "a@b.example.",
				       "\xc3\xa9@b.example",
				       "<a@b.example>",
				       "a@b@c.example",
				       NULL });
	rule_is(&RULE_NAME,
		(const char *const[]){ "Ada Lovelace", "J. R. Ewing", "J.R.R. Tolkien", "J.Smith", "王小明",
				       "А.Б. Иванов", "О.Петров", "A\xcc\x88.Smith", "O'Neil", "3.5 hours",
				       "Q&A, 2nd part.", "", NULL },
		(const char *const[]){ "http://x",
				       "see www.x",
				       "evil.example",
				       "evil2.example",
				       "пример.рф",
				       "see t.me/x",
				       "1.ru/",
				       "a-b.example",
				       "bücher.café",
				       "उदाहरण.भारत",
				       "au\xcc\x88.de",
				       "a\nb",
				       "\xc2\xa0",
				       "a\xe3\x80\x80",
				       "\xe3\x85\xa4",
				       "a\xef\xbf\xbf",
				       "a\xef\xbe\xa0z",
				       "a\xe2\x80\xae"
				       "b",
				       "a\xe2\x80\x8b",
				       " a",
				       "a@b",
				       "\x1b[1m",
				       NULL });
}

static void test_short_rules(void **state)
{
	(void)state;
	rule_is(&RULE_USERNAME, (const char *const[]){ "ada", "ada-2", "a1b", NULL },
		(const char *const[]){ "ab", "Ada", "-ada", "ada-", "api", "a_b",
				       "\xd0\xb0"
				       "da",
				       "b", NULL });
	rule_is(&RULE_LINK,
		(const char *const[]){ "https://meet.example/abc?x=1#y", "https://a.example:8443/", NULL },
		(const char *const[]){ "http://a.example", "javascript:alert(1)", "https://", "https://a",
				       "https://a.example/ b", "https://a.example:0/", "https://user@a.example/",
				       "https://a.example:99999/", "https://127.0.0.1/", NULL });
	rule_is(&RULE_CURRENCY, (const char *const[]){ "EUR", "USD", "JPY", NULL },
		(const char *const[]){ "eur", "EU", "EURO", "XXX", "E U", "", NULL });
	rule_is(&RULE_OTP, (const char *const[]){ "012345", NULL },
		(const char *const[]){ "12345", "-12345", "1234567", "12345a", NULL });
	rule_is(&RULE_COLOR, (const char *const[]){ "#8A5A00", NULL },
		(const char *const[]){ "8A5A00", "#8A5A0", "#8A5A0g", NULL });
}

static void test_secrets(void **state)
{
	struct keys keys, other;
	str plain, sealed;
	(void)state;
	keys_derive(&keys, (const unsigned char[MASTER_KEY]){ 1 });
	keys_derive(&other, (const unsigned char[MASTER_KEY]){ 2 });
	sealed = seal(&cx.arena, keys.seal, S("123456"));
	assert_true(unseal(&cx.arena, keys.seal, sealed, &plain) && str_is(plain, S("123456")));
	assert_false(unseal(&cx.arena, other.seal, sealed, &plain));
	((char *)sealed.p)[5] ^= 1;
	assert_false(unseal(&cx.arena, keys.seal, sealed, &plain));
	assert_memory_not_equal(keys.token, keys.code, 32);
	uuid a = uuid_make(cx.now), b = uuid_make((instant){ cx.now.s + 1 });
	assert_true(memcmp(a.b, b.b, 6) < 0);
	assert_int_equal(a.b[6] >> 4, 7);
	assert_int_equal(a.b[8] >> 6, 2);
	str hash =
	    password_hash(&cx.arena, S("a password of 73 bytes: 0123456789012345678901234567890123456789012345678"));
	assert_true(
	    password_matches(S("a password of 73 bytes: 0123456789012345678901234567890123456789012345678"), hash));
	assert_false(
	    password_matches(S("a password of 73 bytes: 0123456789012345678901234567890123456789012345679"), hash));
	assert_false(password_matches(S(""), (str){ NULL, 0 }));
}

static void test_tokens(void **state)
{
	struct keys keys;
	struct access access = { .sub = uuid_make(cx.now),
				 .sid = uuid_make(cx.now),
				 .iat = cx.now.s,
				 .exp = cx.now.s + 900 },
		      out;
	uuid booking = uuid_make(cx.now), found;
	(void)state;
	keys_derive(&keys, (const unsigned char[MASTER_KEY]){ 1 });
	str token = access_make(&cx, &keys, &access);
	assert_true(access_check(&cx, &keys, token, &out) && uuid_same(out.sid, access.sid));
	for (size_t i = 0; i < token.n; i++) {
		str changed = str_copy(&cx.arena, token);
		((char *)changed.p)[i] = token.p[i] == 'A' ? 'B' : 'A';
		assert_false(access_check(&cx, &keys, changed, &out) && memcmp(&out, &access, sizeof out) != 0);
	}
	cx.now.s += 900;
	assert_false(access_check(&cx, &keys, token, &out));
	cx.now.s -= 900;
	str manage = manage_token_make(&cx, &keys, booking);
	assert_true(manage_token_check(&cx, &keys, manage, &found) && uuid_same(found, booking));
	assert_false(manage_token_check(&cx, &keys, str_slice(manage, 0, manage.n - 1), &found));
	str proof = email_proof_make(&cx, &keys, S("a@b.example"));
	assert_true(email_proof_check(&cx, &keys, proof, S("a@b.example")));
	assert_false(email_proof_check(&cx, &keys, proof, S("b@b.example")));
	cx.now.s += EMAIL_PROOF_SECONDS;
	assert_false(email_proof_check(&cx, &keys, proof, S("a@b.example")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_str, setup, teardown),
		cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arena, setup, teardown),
		cmocka_unit_test(test_arena_cut),
		cmocka_unit_test_setup_teardown(test_buf_maximum, setup, teardown),
		cmocka_unit_test_setup_teardown(test_calendar, setup, teardown),
		cmocka_unit_test_setup_teardown(test_instants, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens, setup, teardown),
	};
	return secret_open() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
