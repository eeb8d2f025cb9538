/* The field tables: JSON and queries in, JSON out, defaults, and every way to be wrong. */
#include "base/field.h"
#include "base/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum color { RED, GREEN };
static const char *const COLORS[] = { "red", "green", NULL };

struct part {
	int64_t n;
	str text;
};
struct whole {
	uuid id;
	str name, note;
	int64_t count, optional;
	bool on;
	instant at;
	day date;
	minute_of_day time;
	unsigned color;
	struct part part;
	struct list parts, numbers;
	struct raw_json extra;
};

static const struct field PART[] = {
	FIELD(struct part, n, IN | OUT | MUST, .min = 1, .max = 9),
	FIELD(struct part, text, IN | OUT | MAYBE, .max = 5),
	FIELD_END,
};
static const struct field NUMBER[] = { { .name = "", .type = F_INT, .flags = IN | OUT, .min = 0, .max = 99 },
				       FIELD_END };
static const struct field WHOLE[] = {
	FIELD(struct whole, id, OUT),
	FIELD(struct whole, name, IN | OUT | MUST, .rule = &RULE_NAME, .min = 1, .max = 20),
	FIELD(struct whole, note, IN | OUT | MAYBE),
	FIELD(struct whole, count, IN | OUT, .min = 0, .max = 100, .def = 7),
	FIELD(struct whole, optional, IN | OUT | MAYBE),
	FIELD(struct whole, on, IN | OUT, .def = 1),
	FIELD(struct whole, at, IN | OUT | MAYBE),
	FIELD(struct whole, date, IN | OUT | MAYBE),
	FIELD(struct whole, time, IN | OUT | MAYBE),
	FIELD(struct whole, color, IN | OUT, .choices = COLORS, .def = GREEN),
	OBJECT(struct whole, part, IN | OUT | MAYBE, PART),
	LIST(struct whole, parts, IN | OUT, PART, struct part, .max = 3),
	LIST(struct whole, numbers, IN | OUT, NUMBER, int64_t, .max = 5),
	FIELD(struct whole, extra, IN | OUT, .max = 50),
	FIELD_END,
};

static struct cx cx;

static int setup(void **state)
{
	(void)state;
	cx = (struct cx){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&cx.arena);
	return 0;
}

static str problem_at(const char *pointer)
{
	for (const struct problem *p = cx.fault.problems; p; p = p->next)
		if (str_is(p->field, str_of(pointer)))
			return p->message;
	return (str){ NULL, 0 };
}

static void refuses(const char *json, enum err want, const char *pointer)
{
	struct whole w;
	enum err got = field_decode(&cx, WHOLE, &w, str_of(json), FIELD_NEW);
	if (got != want)
		print_error("%s\n", json);
	assert_int_equal(got, want);
	if (pointer && !problem_at(pointer).p)
		print_error("no problem at %s for %s\n", pointer, json);
	if (pointer)
		assert_non_null(problem_at(pointer).p);
}

static void test_round_trip(void **state)
{
	static const char json[] =
	    "{\"id\":null,\"name\":\"Ada\",\"note\":null,\"count\":3,\"optional\":-5,\"on\":false,"
	    "\"at\":\"2026-03-02T14:00:00Z\",\"date\":\"2026-03-02\",\"time\":\"24:00\",\"color\":\"red\","
	    "\"part\":{\"n\":2,\"text\":\"x\"},\"parts\":[{\"n\":1,\"text\":null}],\"numbers\":[1,2],"
	    "\"extra\":{\"a\":[1]}}";
	struct whole w;
	(void)state;
	str in = str_format(&cx.arena, "{%s", strstr(json, "\"name\""));
	assert_int_equal(field_decode(&cx, WHOLE, &w, in, FIELD_NEW), OK);
	str out = field_encode(&cx.arena, WHOLE, &w);
	assert_int_equal(out.n, sizeof json - 1);
	assert_memory_equal(out.p, json, out.n);
}

static void test_defaults(void **state)
{
	struct whole w;
	(void)state;
	assert_int_equal(field_decode(&cx, WHOLE, &w, S("{\"name\":\"A\"}"), FIELD_NEW), OK);
	assert_int_equal(w.count, 7);
	assert_true(w.optional == NONE);
	assert_true(w.on);
	assert_int_equal(w.color, GREEN);
	assert_null(w.note.p);
	assert_true(field_absent(&WHOLE[10], &w.part));
}

static void test_merge(void **state)
{
	struct whole w;
	(void)state;
	assert_int_equal(field_decode(&cx, WHOLE, &w, S("{\"name\":\"A\",\"note\":\"n\",\"count\":9}"), FIELD_NEW),
			 OK);
	assert_int_equal(field_decode(&cx, WHOLE, &w, S("{\"note\":null,\"count\":null}"), FIELD_MERGE), OK);
	assert_true(str_is(w.name, S("A")));
	assert_null(w.note.p);
	assert_int_equal(w.count, 7);
	assert_int_equal(field_decode(&cx, WHOLE, &w, S("{\"name\":null}"), FIELD_MERGE), E_INVALID);
}

static void test_wrong_members(void **state)
{
	(void)state;
	refuses("{}", E_INVALID, "/name");
	refuses("{\"name\":\"\"}", E_INVALID, "/name");
	refuses("{\"name\":5}", E_INVALID, "/name");
	refuses("{\"name\":null}", E_INVALID, "/name");
	refuses("{\"name\":\"abcdefghijklmnopqrstu\"}", E_INVALID, "/name");
	refuses("{\"name\":\"see evil.example\"}", E_INVALID, "/name");
	refuses("{\"name\":\"a\\u202eb\"}", E_INVALID, "/name");
	refuses("{\"name\":\"A\",\"unknown\":1}", E_INVALID, "/unknown");
	refuses("{\"name\":\"A\",\"id\":\"0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07\"}", E_INVALID, "/id");
	refuses("{\"name\":\"A\",\"count\":101}", E_INVALID, "/count");
	refuses("{\"name\":\"A\",\"count\":1.0}", E_INVALID, "/count");
	refuses("{\"name\":\"A\",\"optional\":9007199254740993}", E_INVALID, "/optional");
	refuses("{\"name\":\"A\",\"on\":1}", E_INVALID, "/on");
	refuses("{\"name\":\"A\",\"at\":\"2026-02-30T00:00:00Z\"}", E_INVALID, "/at");
	refuses("{\"name\":\"A\",\"time\":\"25:00\"}", E_INVALID, "/time");
	refuses("{\"name\":\"A\",\"color\":\"blue\"}", E_INVALID, "/color");
	refuses("{\"name\":\"A\",\"part\":{\"n\":0}}", E_INVALID, "/part/n");
	refuses("{\"name\":\"A\",\"parts\":[{\"n\":1},{\"n\":10}]}", E_INVALID, "/parts/1/n");
	refuses("{\"name\":\"A\",\"parts\":[{\"n\":1},{\"n\":1},{\"n\":1},{\"n\":1}]}", E_INVALID, "/parts");
	refuses("{\"name\":\"A\",\"numbers\":[1,\"2\"]}", E_INVALID, "/numbers/1");
	refuses("{\"name\":\"A\",\"extra\":[]}", E_INVALID, "/extra");
	refuses("{\"name\":\"A\",\"extra\":{\"a\":\"0123456789012345678901234567890123456789012345678\"}}", E_INVALID,
		"/extra");
}

static void test_all_problems_at_once(void **state)
{
	(void)state;
	refuses("{\"name\":\"\",\"count\":101,\"on\":3}", E_INVALID, "/name");
	assert_int_equal(cx.fault.count, 3);
}

static void test_malformed(void **state)
{
	char deep[600];
	(void)state;
	refuses("", E_MALFORMED, NULL);
	refuses("[]", E_INVALID, NULL);
	refuses("{\"name\":\"A\"} x", E_MALFORMED, NULL);
	refuses("{\"name\":\"A\",\"name\":\"B\"}", E_MALFORMED, "/name");
	refuses("{\"part\":{\"n\":1,\"n\":2}}", E_MALFORMED, "/part/n");
	refuses("{\"parts\":[{\"n\":1},{\"text\":\"{[\\\"\",\"n\":1,\"n\":2}]}", E_MALFORMED, "/parts/1/n");
	refuses("{\"extra\":{\"a/b\":[[],{}],\"a/b\":1}}", E_MALFORMED, "/extra/a~1b");
	refuses("{\"name\":\"\\u0000\"}", E_MALFORMED, "/name");
	refuses("{\"part\":{\"n\":1,\"text\":\"a\\u0000\"},\"name\":\"A\"}", E_MALFORMED, "/part/text");
	refuses("{\"name\":\"A\",\"numbers\":[1,2,\"\\u0000\"]}", E_MALFORMED, "/numbers/2");
	refuses("{\"extra\":{\"a\\u0000\":1}}", E_MALFORMED, "/extra/a\\u0000");
	refuses("{\"name\":\"\xff\"}", E_MALFORMED, "/name");
	refuses("{\"\xff\":\"A\"}", E_MALFORMED, NULL);
	refuses("{\"name\":\"A\",\"count\":99999999999999999999}", E_MALFORMED, "/count");
	refuses("{\"name\":\"A\",\"count\":1e999}", E_MALFORMED, "/count");
	refuses("{\"name\":\"A\",\"count\":NaN}", E_MALFORMED, "/count");
	memset(deep, '[', sizeof deep);
	deep[sizeof deep - 1] = '\0';
	refuses(deep, E_MALFORMED, NULL);
}

static void test_pairs(void **state)
{
	struct whole w;
	const struct pair good[] = { { S("name"), S("Ada") }, { S("count"), S("5") }, { S("numbers"), S("1,2,3") } };
	const struct pair twice[] = { { S("name"), S("A") }, { S("name"), S("B") } };
	const struct pair wrong[] = { { S("name"), S("A") }, { S("what"), S("1") }, { S("count"), S("x") } };
	(void)state;
	assert_int_equal(field_decode_pairs(&cx, WHOLE, &w, good, 3), OK);
	assert_int_equal(w.count, 5);
	assert_int_equal(w.numbers.n, 3);
	assert_int_equal(((int64_t *)w.numbers.items)[2], 3);
	assert_int_equal(field_decode_pairs(&cx, WHOLE, &w, twice, 2), E_INVALID);
	assert_non_null(problem_at("/name").p);
	assert_int_equal(field_decode_pairs(&cx, WHOLE, &w, wrong, 3), E_INVALID);
	assert_non_null(problem_at("/what").p);
	assert_non_null(problem_at("/count").p);
	assert_int_equal(field_decode_pairs(&cx, WHOLE, &w, NULL, 0), E_INVALID);
}

static void test_quoting(void **state)
{
	struct buf b = { 0 };
	(void)state;
	json_quote(&b, S("a\"\\\n\x01<\xe2\x80\xa8 \xe2\x80\xa6"));
	str want = S("\"a\\\"\\\\\\n\\u0001\\u003c\\u2028 \xe2\x80\xa6\"");
	assert_int_equal(b.n, want.n);
	assert_memory_equal(b.p, want.p, want.n);
	buf_free(&b);
}

static void test_uuid(void **state)
{
	uuid u;
	char text[UUID_TEXT];
	(void)state;
	assert_true(uuid_parse(S("0190B5A4-7c1e-7c39-9d52-2a6f4e8b1c07"), &u));
	assert_string_equal(uuid_format(text, u).p, "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07");
	assert_false(uuid_parse(S("0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c0"), &u));
	assert_false(uuid_parse(S("0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c0g"), &u));
	assert_false(uuid_parse(S("0190b5a4 7c1e-7c39-9d52-2a6f4e8b1c07"), &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_problems_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pairs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uuid, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
