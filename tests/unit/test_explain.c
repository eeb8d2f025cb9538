/* Each reason, and the thing that it names.  (That no reason means a slot is tested with the slots.) */
#include "core/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char CASE[] =
    "{\"now\":\"2026-01-05T07:30:00Z\",\"query\":{\"from\":\"2026-01-05\",\"to\":\"2026-01-20\",\"time_zone\":"
    "\"UTC\"},"
    "\"schedule\":{\"time_zone\":\"UTC\",\"weekly\":[{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\"],\"start\":\"09:00\","
    "\"end\":\"17:00\"}],\"overrides\":[{\"date\":\"2026-01-07\",\"intervals\":[]}],"
    "\"one_offs\":[{\"kind\":\"busy\",\"start\":\"2026-01-06T12:00:00Z\",\"end\":\"2026-01-06T13:00:00Z\"}]},"
    "\"event\":{\"duration_minutes\":60,\"interval_minutes\":30,\"minimum_notice_minutes\":120,\"horizon_days\":10,"
    "\"window\":{\"from\":\"2026-01-05\",\"until\":\"2026-01-14\"},\"buffer_before_minutes\":10,\"seats\":3,"
    "\"limits\":{\"day\":2,\"week\":5,\"month\":6}},"
    "\"meetings\":["
    "{\"start\":\"2026-01-06T09:00:00Z\",\"end\":\"2026-01-06T10:00:00Z\",\"seats_taken\":3},"
    "{\"start\":\"2026-01-06T14:00:00Z\",\"end\":\"2026-01-06T15:00:00Z\",\"seats_taken\":2},"
    "{\"start\":\"2026-01-12T09:00:00Z\",\"end\":\"2026-01-12T10:00:00Z\",\"same_event\":false,"
    "\"buffer_after_minutes\":45},"
    "{\"start\":\"2026-01-02T09:00:00Z\",\"end\":\"2026-01-02T10:00:00Z\"},"
    "{\"start\":\"2026-01-01T09:00:00Z\",\"end\":\"2026-01-01T10:00:00Z\"},"
    "{\"start\":\"2026-01-08T06:00:00Z\",\"end\":\"2026-01-08T07:00:00Z\"},"
    "{\"start\":\"2026-01-09T06:00:00Z\",\"end\":\"2026-01-09T07:00:00Z\"},"
    "{\"start\":\"2026-01-10T06:00:00Z\",\"end\":\"2026-01-10T07:00:00Z\"}],"
    "\"busy\":[{\"start\":\"2026-01-13T09:00:00Z\",\"end\":\"2026-01-13T09:30:00Z\"}]}";

static struct cx cx;

static struct list explain(struct slot_case *c, const char *at)
{
	struct list reasons;
	instant t;
	assert_true(instant_parse(str_of(at), &t));
	if (slot_explain(&cx, c, t, &reasons))
		fail_msg("%s: %.*s", at, STR_ARG(cx.fault.message));
	return reasons;
}

static struct slot_case load(void)
{
	struct slot_case c;
	if (field_decode(&cx, SLOT_CASE, &c, str_of(CASE), FIELD_NEW))
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	for (size_t i = 0; i < c.meetings.n; i++)
		((struct meeting *)c.meetings.items)[i].id.b[15] = (unsigned char)(i + 1);
	return c;
}

/* Without limits, so that other reasons stand alone. */
static struct slot_case unlimited(void)
{
	struct slot_case c = load();
	c.event.limits = (struct slot_limits){ NONE, NONE, NONE };
	return c;
}

static str written(struct list reasons)
{
	struct buf b = { 0 };
	field_write_list(&b, REASON, sizeof(struct reason), &reasons);
	str text = str_copy(&cx.arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* The codes of the reasons, in order, with commas. */
static str codes(struct list reasons)
{
	const struct reason *r = reasons.items;
	str text = S("");
	for (size_t i = 0; i < reasons.n; i++) {
		assert_true(r[i].message.n > 0);
		text = str_format(&cx.arena, "%.*s%s%s", STR_ARG(text), i ? "," : "", REASON_CODES[r[i].code]);
	}
	return text;
}

static void test_codes(void **state)
{
	(void)state;
	static const struct {
		const char *at, *codes;
		bool limits;
	} rows[] = {
		{ "2026-01-06T10:30:00Z", "", false },
		{ "2026-01-06T14:00:00Z", "", false }, /* joins */
		{ "2026-01-06T14:00:00Z", "", true },  /* joining is not stopped by a limit */
		{ "2026-01-06T08:30:00Z", "outside_hours,meeting", false },
		{ "2026-01-06T16:30:00Z", "outside_hours", false },
		{ "2026-01-07T10:00:00Z", "override_closed", false },
		{ "2026-01-06T12:00:00Z", "one_off_busy", false },
		{ "2026-01-06T10:40:00Z", "off_grid", false },
		{ "2026-01-06T10:30:30Z", "off_grid", false },
		{ "2026-01-05T07:00:00Z", "outside_hours,past", false },
		{ "2026-01-05T09:00:00Z", "notice", false },
		{ "2026-01-15T10:00:00Z", "window", false },
		{ "2026-01-19T10:00:00Z", "horizon,window", false },
		{ "2026-01-21T10:00:00Z", "horizon,window,query_range", false },
		{ "2026-01-06T10:30:00Z", "limit_day,limit_week,limit_month", true },
		{ "2026-01-08T10:30:00Z", "limit_week,limit_month", true },
		{ "2026-01-14T10:30:00Z", "limit_month", true },
		{ "2026-01-12T09:30:00Z", "meeting", false },
		{ "2026-01-12T10:30:00Z", "buffer", false },
		{ "2026-01-06T10:00:00Z", "buffer", false },
		{ "2026-01-13T09:00:00Z", "calendar_busy", false },
		{ "2026-01-13T09:30:00Z", "buffer", false },
		{ "2026-01-06T09:00:00Z", "seats_full", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slot_case c = rows[i].limits ? load() : unlimited();
		str got = codes(explain(&c, rows[i].at));
		if (!str_is(got, str_of(rows[i].codes)))
			fail_msg("%s: %.*s, expected %s", rows[i].at, STR_ARG(got), rows[i].codes);
	}
}

static void test_things(void **state)
{
	(void)state;
	static const struct {
		const char *at, *reason;
	} rows[] = {
		{ "2026-01-06T16:30:00Z",
		  "\"start\":\"2026-01-06T17:00:00Z\",\"end\":\"2026-01-06T17:30:00Z\",\"date\":\"2026-01-06\"" },
		{ "2026-01-07T10:00:00Z",
		  "\"start\":\"2026-01-07T10:00:00Z\",\"end\":\"2026-01-07T11:00:00Z\",\"date\":\"2026-01-07\"" },
		{ "2026-01-06T11:30:00Z", "\"start\":\"2026-01-06T12:00:00Z\",\"end\":\"2026-01-06T13:00:00Z\"" },
		{ "2026-01-06T10:40:00Z", "\"start\":\"2026-01-06T10:30:00Z\",\"end\":\"2026-01-06T11:00:00Z\"" },
		{ "2026-01-05T09:00:00Z", "\"end\":\"2026-01-05T09:30:00Z\",\"limit\":120" },
		{ "2026-01-15T10:00:00Z", "\"date\":\"2026-01-14\"" },
		{ "2026-01-12T09:30:00Z", "\"start\":\"2026-01-12T09:00:00Z\",\"end\":\"2026-01-12T10:00:00Z\","
					  "\"id\":\"00000000-0000-0000-0000-000000000003\"" },
		{ "2026-01-12T10:30:00Z",
		  "\"start\":\"2026-01-12T09:00:00Z\",\"end\":\"2026-01-12T10:00:00Z\",\"limit\":45,"
		  "\"id\":\"00000000-0000-0000-0000-000000000003\"" },
		{ "2026-01-13T09:30:00Z",
		  "\"start\":\"2026-01-13T09:00:00Z\",\"end\":\"2026-01-13T09:30:00Z\",\"limit\":10" },
		{ "2026-01-06T09:00:00Z",
		  "\"start\":\"2026-01-06T09:00:00Z\",\"end\":\"2026-01-06T10:00:00Z\",\"limit\":3,\"count\":3,"
		  "\"id\":\"00000000-0000-0000-0000-000000000001\"" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slot_case c = unlimited();
		str got = written(explain(&c, rows[i].at));
		if (!str_ends(got, str_format(&cx.arena, "\",%s}]", rows[i].reason)) || str_find(got, '{') != 1)
			fail_msg("%s: %.*s", rows[i].at, STR_ARG(got));
	}
	struct slot_case c = load();
	struct list reasons = explain(&c, "2026-01-08T10:30:00Z");
	const struct reason *week = reasons.items, *month = week + 1;
	char text[DAY_TEXT];
	assert_int_equal(week->limit, 5);
	assert_int_equal(week->count, 5);
	assert_string_equal(day_format(text, week->date).p, "2026-01-05");
	assert_int_equal(month->limit, 6);
	assert_int_equal(month->count, 7);
	assert_string_equal(day_format(text, month->date).p, "2026-01-01");
}

/* However much there is, the answer stays small. */
static void test_cap(void **state)
{
	(void)state;
	struct slot_case c = unlimited();
	struct meeting *many = NEWS(&cx.arena, struct meeting, 500);
	for (size_t i = 0; i < 500; i++)
		many[i] = ((struct meeting *)c.meetings.items)[2];
	c.meetings = (struct list){ many, 500 };
	assert_int_equal(explain(&c, "2026-01-12T09:30:00Z").n, REASON_CAP);
	struct list reasons;
	assert_int_equal(slot_explain(&cx, &c, (instant){ INT64_MAX }, &reasons), E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_things),
		cmocka_unit_test(test_cap),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&cx.arena);
	return failed;
}
