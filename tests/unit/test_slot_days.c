/* Slots as text: dates, offsets, seats, clock changes, dates that a zone has twice. */
#include "api/slot_days.h"
#include "core/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cx cx;

/* The answer for slots at these moments; "" ends them. */
static const char *written(const char *zone_name, bool shared, const char *const *starts)
{
	struct slot slots[64];
	struct list list = { slots, 0 };
	struct buf b = { 0 };
	const struct zone *zone;
	assert_int_equal(zone_load(&cx, str_of(zone_name), S(""), &zone), OK);
	for (; **starts; starts++) {
		slots[list.n].seats_left = (int64_t)list.n + 1;
		assert_true(instant_parse(str_of(*starts), &slots[list.n].start));
		list.n++;
	}
	slot_days_write(&b, zone, &list, 30, shared);
	const char *text = str_to_c(&cx.arena, buf_str(&b));
	buf_free(&b);
	return text;
}

#define STARTS(...) ((const char *const[]){ __VA_ARGS__, "" })

static void none(void **state)
{
	(void)state;
	assert_string_equal(written("UTC", false, (const char *const[]){ "" }),
			    "{\"time_zone\":\"UTC\",\"duration_minutes\":30,\"days\":[]}");
}

static void days_and_offsets(void **state)
{
	(void)state;
	assert_string_equal(written("Asia/Kolkata", false,
				    STARTS("2026-03-02T18:00:00Z", "2026-03-02T18:29:00Z", "2026-03-02T18:30:00Z",
					   "2026-03-03T12:05:00Z", "2026-12-31T18:30:00Z")),
			    "{\"time_zone\":\"Asia/Kolkata\",\"duration_minutes\":30,\"days\":["
			    "{\"date\":\"2026-03-02\",\"slots\":[{\"start\":\"2026-03-02T23:30:00+05:30\"},"
			    "{\"start\":\"2026-03-02T23:59:00+05:30\"}]},"
			    "{\"date\":\"2026-03-03\",\"slots\":[{\"start\":\"2026-03-03T00:00:00+05:30\"},"
			    "{\"start\":\"2026-03-03T17:35:00+05:30\"}]},"
			    "{\"date\":\"2027-01-01\",\"slots\":[{\"start\":\"2027-01-01T00:00:00+05:30\"}]}]}");
}

static void seats(void **state)
{
	(void)state;
	assert_string_equal(
	    written("UTC", true, STARTS("2026-03-02T18:00:00Z", "2026-03-02T19:00:00Z")),
	    "{\"time_zone\":\"UTC\",\"duration_minutes\":30,\"days\":[{\"date\":\"2026-03-02\",\"slots\":["
	    "{\"start\":\"2026-03-02T18:00:00+00:00\",\"seats_left\":1},"
	    "{\"start\":\"2026-03-02T19:00:00+00:00\",\"seats_left\":2}]}]}");
}

static void clock_changes(void **state)
{
	(void)state;
	assert_string_equal(
	    written("Europe/Berlin", false,
		    STARTS("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z")),
	    "{\"time_zone\":\"Europe/Berlin\",\"duration_minutes\":30,\"days\":[{\"date\":\"2026-10-25\",\"slots\":["
	    "{\"start\":\"2026-10-25T02:30:00+02:00\"},{\"start\":\"2026-10-25T02:30:00+01:00\"},"
	    "{\"start\":\"2026-10-25T03:30:00+01:00\"}]}]}");
	assert_non_null(
	    strstr(written("America/New_York", false, STARTS("2026-03-08T06:59:00Z", "2026-03-08T07:00:00Z")),
		   "01:59:00-05:00\"},{\"start\":\"2026-03-08T03:00:00-04:00"));
}

/* From 00:01 the clock went back to 23:01 of the day before. */
static void a_date_twice(void **state)
{
	(void)state;
	assert_string_equal(written("America/St_Johns", false,
				    STARTS("2010-11-07T02:00:00Z", "2010-11-07T02:30:00Z", "2010-11-07T02:45:00Z",
					   "2010-11-07T03:30:00Z")),
			    "{\"time_zone\":\"America/St_Johns\",\"duration_minutes\":30,\"days\":["
			    "{\"date\":\"2010-11-06\",\"slots\":[{\"start\":\"2010-11-06T23:30:00-02:30\"},"
			    "{\"start\":\"2010-11-06T23:15:00-03:30\"}]},"
			    "{\"date\":\"2010-11-07\",\"slots\":[{\"start\":\"2010-11-07T00:00:00-02:30\"},"
			    "{\"start\":\"2010-11-07T00:00:00-03:30\"}]}]}");
}

/* Until 1972 Liberia was 44 minutes and 30 seconds behind; RFC 3339 has no seconds in offsets. */
static void an_offset_with_seconds(void **state)
{
	(void)state;
	assert_non_null(strstr(written("Africa/Monrovia", false, STARTS("1971-05-05T12:00:00Z")),
			       "\"1971-05-05T11:16:00-00:44\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none),         cmocka_unit_test(days_and_offsets),
		cmocka_unit_test(seats),        cmocka_unit_test(clock_changes),
		cmocka_unit_test(a_date_twice), cmocka_unit_test(an_offset_with_seconds),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&cx.arena);
	return failed;
}
