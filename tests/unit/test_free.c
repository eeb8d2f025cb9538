/* Free and busy time of hosts, seen from other zones.  (Random cases against the oracle are in Python.) */
#include "core/free.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct cx cx;

static struct slot_case load(const char *host, const char *invitee, const char *from, const char *to)
{
	struct slot_case c;
	str json = str_format(
	    &cx.arena,
	    "{\"now\":\"2026-01-01T00:00:00Z\",\"query\":{\"from\":\"%s\",\"to\":\"%s\",\"time_zone\":\"%s\"},"
	    "\"schedule\":{\"time_zone\":\"%s\",\"weekly\":[{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\"],"
	    "\"start\":\"09:00\",\"end\":\"17:00\"}],\"one_offs\":[{\"kind\":\"busy\",\"start\":\"2026-03-03T18:00:"
	    "00Z\","
	    "\"end\":\"2026-03-03T19:00:00Z\"}]},\"event\":{\"duration_minutes\":30},"
	    "\"meetings\":[{\"start\":\"2026-03-03T19:00:00Z\",\"end\":\"2026-03-03T19:30:30Z\","
	    "\"buffer_after_minutes\":30}],\"busy\":[{\"start\":\"2026-03-03T23:00:00Z\",\"end\":\"2026-03-04T02:00:"
	    "00Z\"}]}",
	    from, to, invitee, host);
	if (field_decode(&cx, SLOT_CASE, &c, json, FIELD_NEW))
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	return c;
}

static struct host_time host_of(const struct slot_case *c)
{
	return (struct host_time){ c->schedule, c->meetings, c->busy };
}

static void expect(struct intervals set, const char *const *ends, size_t n)
{
	char text[INSTANT_TEXT];
	assert_int_equal(set.n * 2, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(instant_format(text, i % 2 ? set.items[i / 2].to : set.items[i / 2].from).p,
				    ends[i]);
}
#define EXPECT(set, ...)                                           \
	do {                                                       \
		static const char *const ends[] = { __VA_ARGS__ }; \
		expect((set), ends, sizeof ends / sizeof *ends);   \
	} while (0)

/* A date in Kolkata is the halves of two in Los Angeles. */
static void test_two_dates(void **state)
{
	(void)state;
	struct slot_case c = load("America/Los_Angeles", "Asia/Kolkata", "2026-03-04", "2026-03-04");
	struct host_time host = host_of(&c);
	struct intervals found;
	range all;
	assert_int_equal(free_range(&cx, &c.query, &all), OK);
	assert_int_equal(free_list(&cx, &c.query, &host, &found), OK);
	EXPECT(found, "2026-03-03T19:30:30Z", "2026-03-03T23:00:00Z", "2026-03-04T17:00:00Z", "2026-03-04T18:30:00Z");
	assert_int_equal(busy_list(&cx, &c.query, &host, &found), OK);
	EXPECT(found, "2026-03-03T18:30:00Z", "2026-03-03T19:30:30Z", "2026-03-03T23:00:00Z", "2026-03-04T17:00:00Z");
	assert_int_equal(found.items[0].from.s, all.from.s);
	assert_int_equal(all.to.s - all.from.s, DAY_SECONDS);
}

/* Nothing is free: all of it is busy, as one interval. */
static void test_weekend(void **state)
{
	(void)state;
	struct slot_case c = load("UTC", "UTC", "2026-03-07", "2026-03-08");
	struct host_time host = host_of(&c);
	struct intervals found;
	assert_int_equal(free_list(&cx, &c.query, &host, &found), OK);
	assert_int_equal(found.n, 0);
	assert_int_equal(busy_list(&cx, &c.query, &host, &found), OK);
	EXPECT(found, "2026-03-07T00:00:00Z", "2026-03-09T00:00:00Z");
}

/* A date that the zone repeats in part is asked for twice; one that it skips not at all. */
static void test_odd_dates(void **state)
{
	(void)state;
	struct slot_case c = load("UTC", "America/St_Johns", "2006-10-29", "2006-10-29");
	struct host_time host = host_of(&c);
	struct intervals found;
	assert_int_equal(busy_list(&cx, &c.query, &host, &found), OK);
	EXPECT(found, "2006-10-29T02:30:00Z", "2006-10-29T02:31:00Z", "2006-10-29T03:30:00Z", "2006-10-30T03:30:00Z");
	c = load("UTC", "Pacific/Apia", "2011-12-30", "2011-12-30");
	host = host_of(&c);
	assert_int_equal(busy_list(&cx, &c.query, &host, &found), OK);
	assert_int_equal(found.n, 0);
}

static void test_overlap(void **state)
{
	(void)state;
	struct slot_case berlin = load("Europe/Berlin", "UTC", "2026-03-02", "2026-03-03");
	struct slot_case york = load("America/New_York", "UTC", "2026-03-02", "2026-03-03");
	struct host_time hosts[] = { host_of(&berlin), host_of(&york), host_of(&york) };
	struct intervals found;
	assert_int_equal(free_overlap(&cx, &berlin.query, hosts, 3, (span){ 0 }, &found), OK);
	EXPECT(found, "2026-03-02T14:00:00Z", "2026-03-02T16:00:00Z", "2026-03-03T14:00:00Z", "2026-03-03T16:00:00Z");
	assert_int_equal(free_overlap(&cx, &berlin.query, hosts, 3, span_minutes(120), &found), OK);
	assert_int_equal(found.n, 2);
	assert_int_equal(free_overlap(&cx, &berlin.query, hosts, 3, span_minutes(121), &found), OK);
	assert_int_equal(found.n, 0);
	assert_int_equal(free_overlap(&cx, &berlin.query, hosts, 0, (span){ 0 }, &found), OK);
	EXPECT(found, "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z"); /* nobody: all of it */
}

/* Free time that begins inside a minute is kept to the second, however many hosts it passes. */
static void test_seconds(void **state)
{
	(void)state;
	struct slot_case c = load("America/Los_Angeles", "Asia/Kolkata", "2026-03-04", "2026-03-04");
	struct host_time hosts[] = { host_of(&c), host_of(&c), host_of(&c) };
	struct intervals found;
	assert_int_equal(free_overlap(&cx, &c.query, hosts, 3, (span){ 0 }, &found), OK);
	EXPECT(found, "2026-03-03T19:30:30Z", "2026-03-03T23:00:00Z", "2026-03-04T17:00:00Z", "2026-03-04T18:30:00Z");
}

static void test_refusals(void **state)
{
	(void)state;
	struct slot_case c = load("UTC", "UTC", "2026-03-02", "2026-03-03");
	struct host_time host = host_of(&c);
	struct intervals found;
	struct slot_query q = c.query;
	q.to.d = q.from.d - 1;
	assert_int_equal(free_list(&cx, &q, &host, &found), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/to")));
	q.to.d = q.from.d + SLOT_DAYS;
	assert_int_equal(busy_list(&cx, &q, &host, &found), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/to")));
	q = c.query;
	q.time_zone = S("Nowhere");
	assert_int_equal(free_overlap(&cx, &q, &host, 1, (span){ 0 }, &found), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/time_zone")));
	host.schedule.time_zone = S("Nowhere");
	assert_int_equal(free_list(&cx, &c.query, &host, &found), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/schedule/time_zone")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_dates), cmocka_unit_test(test_weekend), cmocka_unit_test(test_odd_dates),
		cmocka_unit_test(test_overlap),   cmocka_unit_test(test_seconds), cmocka_unit_test(test_refusals),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&cx.arena);
	return failed;
}
