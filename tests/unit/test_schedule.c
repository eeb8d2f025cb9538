/* What makes a schedule wrong, with its pointer; overlapping rules against a walk over minutes. */
#include "core/schedule.h"
#include "core/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct cx cx;

static struct schedule decode(const char *json)
{
	struct schedule s;
	if (field_decode(&cx, SCHEDULE, &s, str_of(json), FIELD_NEW))
		fail_msg("%s: %.*s", json, STR_ARG(cx.fault.message));
	return s;
}

static void test_problems(void **state)
{
	(void)state;
	struct schedule s =
	    decode("{\"time_zone\":\"UTC\","
		   "\"weekly\":[{\"days\":[\"mon\"],\"start\":\"09:00\",\"end\":\"09:00\"},"
		   "{\"days\":[\"mon\"],\"start\":\"24:00\",\"end\":\"09:00\"},"
		   "{\"days\":[\"mon\"],\"start\":\"22:00\",\"end\":\"02:00\",\"from\":\"2026-02-02\",\"until\":"
		   "\"2026-02-01\"}],"
		   "\"overrides\":[{\"date\":\"2026-02-01\",\"intervals\":[{\"start\":\"09:00\",\"end\":\"10:00\"},"
		   "{\"start\":\"24:00\",\"end\":\"24:00\"}]},{\"date\":\"2026-01-01\",\"intervals\":[]},"
		   "{\"date\":\"2026-02-01\",\"intervals\":[]}],"
		   "\"one_offs\":[{\"kind\":\"busy\",\"start\":\"2026-02-01T09:00:30Z\",\"end\":\"2026-02-01T09:00:"
		   "00Z\"}]}");
	static const char *const expected[] = {
		"/x/weekly/0/end",     "/x/weekly/1/start", "/x/overrides/0/intervals/1/start",
		"/x/one_offs/0/start", "/x/one_offs/0/end", "/x/overrides/2/date",
		"/x/weekly/2/until"
	};
	s.time_zone = S("Mars/Olympus");
	assert_int_equal(schedule_check(&cx, &s, S("/x")), E_INVALID);
	const struct problem *p = cx.fault.problems;
	assert_true(p && str_is(p->field, S("/x/time_zone")));
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		p = p->next;
		assert_non_null(p);
		if (!str_is(p->field, str_of(expected[i])))
			fail_msg("%.*s, expected %s", STR_ARG(p->field), expected[i]);
	}
	assert_null(p->next);
	fault_clear(&cx);
	schedule_note(&cx, &s, S("/x"));
	assert_int_equal(cx.fault.count, 7); /* not the reversed dates: such a rule never applies */
	fault_clear(&cx);
}

static void test_parts(void **state)
{
	(void)state;
	struct schedule s =
	    decode("{\"time_zone\":\"UTC\",\"weekly\":[{\"days\":[],\"start\":\"09:00\",\"end\":\"09:00\","
		   "\"from\":\"2026-02-02\",\"until\":\"2026-02-01\"}],\"overrides\":[{\"date\":\"2026-02-01\","
		   "\"intervals\":["
		   "{\"start\":\"24:00\",\"end\":\"10:00\"}]}],\"one_offs\":[{\"kind\":\"available\","
		   "\"start\":\"2026-02-01T09:00:00Z\",\"end\":\"2026-02-01T09:00:00Z\"}]}");
	fault_clear(&cx);
	schedule_note_rule(&cx, s.weekly.items, S(""));
	schedule_note_override(&cx, s.overrides.items, S("/o"));
	schedule_note_one_off(&cx, s.one_offs.items, S(""));
	static const char *const expected[] = { "/end", "/until", "/o/intervals/0/start", "/end" };
	const struct problem *p = cx.fault.problems;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++, p = p->next)
		assert_true(p && str_is(p->field, str_of(expected[i])));
	assert_null(p);
	fault_clear(&cx);
}

static void test_caps(void **state)
{
	(void)state;
	struct schedule s = { .time_zone = S("UTC") };
	s.one_offs = (struct list){ NEWS(&cx.arena, struct one_off, SCHEDULE_ONE_OFFS + 1), SCHEDULE_ONE_OFFS + 1 };
	for (size_t i = 0; i < s.one_offs.n; i++)
		((struct one_off *)s.one_offs.items)[i].end.s = 60;
	fault_clear(&cx);
	assert_int_equal(schedule_check(&cx, &s, S("")), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/one_offs")));
	s.one_offs.n--;
	fault_clear(&cx);
	assert_int_equal(schedule_check(&cx, &s, S("")), OK);
}

/* A schedule comes back from the wire as it went. */
static void test_wire(void **state)
{
	(void)state;
	static const char json[] =
	    "{\"time_zone\":\"Europe/Berlin\","
	    "\"weekly\":[{\"days\":[\"mon\",\"sun\"],\"start\":\"22:00\",\"end\":\"24:00\",\"kind\":\"busy\","
	    "\"from\":\"2026-01-01\",\"until\":null}],"
	    "\"overrides\":[{\"date\":\"2026-01-01\",\"intervals\":[]}],"
	    "\"one_offs\":[{\"kind\":\"available\",\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2026-01-01T01:00:"
	    "00Z\"}]}";
	struct schedule s = decode(json);
	str again = field_encode(&cx.arena, SCHEDULE, &s);
	if (!str_is(again, str_of(json)))
		fail_msg("%.*s", STR_ARG(again));
}

static void test_overlap_rows(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		bool overlap;
	} rows[] = {
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\"",
		  "[\"mon\"],\"start\":\"12:00\",\"end\":\"13:00\"", false },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:01\"",
		  "[\"mon\"],\"start\":\"12:00\",\"end\":\"13:00\"", true },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\"",
		  "[\"tue\"],\"start\":\"09:00\",\"end\":\"12:00\"", false },
		{ "[\"mon\"],\"start\":\"22:00\",\"end\":\"02:00\"",
		  "[\"tue\"],\"start\":\"01:00\",\"end\":\"03:00\"", true },
		{ "[\"sun\"],\"start\":\"22:00\",\"end\":\"02:00\"",
		  "[\"mon\"],\"start\":\"01:00\",\"end\":\"03:00\"", true },
		{ "[\"mon\"],\"start\":\"00:00\",\"end\":\"03:00\"",
		  "[\"sun\"],\"start\":\"22:00\",\"end\":\"02:00\"", true },
		{ "[\"mon\"],\"start\":\"22:00\",\"end\":\"02:00\"",
		  "[\"tue\"],\"start\":\"02:00\",\"end\":\"03:00\"", false },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"until\":\"2026-02-01\"",
		  "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"from\":\"2026-02-02\"", false },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"until\":\"2026-02-02\"",
		  "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"from\":\"2026-02-02\"", true },
		{ "[\"sun\"],\"start\":\"22:00\",\"end\":\"02:00\",\"until\":\"2026-02-01\"",
		  "[\"mon\"],\"start\":\"00:00\",\"end\":\"12:00\",\"from\":\"2026-02-02\"", true },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"until\":\"2026-02-08\",\"from\":\"2026-02-03\"",
		  "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\"", false },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"kind\":\"busy\"",
		  "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\"", false },
		{ "[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\",\"kind\":\"busy\"",
		  "[\"mon\"],\"start\":\"11:00\",\"end\":\"12:00\",\"kind\":\"busy\"", true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char json[600];
		struct rule_pair pair;
		snprintf(
		    json, sizeof json,
		    "{\"time_zone\":\"UTC\",\"weekly\":[{\"days\":[\"sat\"],\"start\":\"00:00\",\"end\":\"01:00\"},"
		    "{\"days\":%s},{\"days\":%s}]}",
		    rows[i].first, rows[i].second);
		struct schedule s = decode(json);
		if (schedule_overlap(&cx, &s, &pair) != rows[i].overlap)
			fail_msg("row %zu", i);
		assert_true(!rows[i].overlap || (pair.first == 1 && pair.second == 2));
	}
}

enum { WEEKS = 5, WALK = WEEKS * 7 * 1440, RULES = 3 };

/* The minutes of a rule over some weeks from a Monday on, walked. */
static void rule_walk(const struct weekly_rule *r, day monday, bool *minutes)
{
	const struct weekday_item *days = r->days.items;
	memset(minutes, 0, WALK);
	for (int64_t d = -1; d < WEEKS * 7; d++) {
		day date = { monday.d + d };
		bool on = false;
		for (size_t i = 0; i < r->days.n; i++)
			on = on || days[i].day == (unsigned)day_weekday(date);
		if (!on || (day_is(r->from) && date.d < r->from.d) || (day_is(r->until) && date.d > r->until.d))
			continue;
		int64_t end = r->end.m > r->start.m ? r->end.m : r->end.m + 1440;
		for (int64_t m = d * 1440 + r->start.m; m < d * 1440 + end; m++)
			if (m >= 0 && m < WALK)
				minutes[m] = true;
	}
}

static void test_overlap_walk(void **state)
{
	(void)state;
	static bool walked[RULES][WALK];
	static struct weekday_item days[RULES][2];
	day monday = { 20485 - 3 };
	monday = day_monday(monday);
	unsigned seed = 7;
	for (int round = 0; round < 600; round++) {
		struct weekly_rule rules[RULES];
		struct schedule s = { .weekly = { rules, RULES } };
		bool expected = false;
		struct rule_pair pair;
		for (int i = 0; i < RULES; i++) {
			int start = rand_r(&seed) % 24 * 60, end = rand_r(&seed) % 24 * 60;
			days[i][0].day = (unsigned)rand_r(&seed) % 7;
			days[i][1].day = (unsigned)rand_r(&seed) % 7;
			int64_t from = monday.d + 7 + rand_r(&seed) % 14, until = from + rand_r(&seed) % 9;
			bool bounded = rand_r(&seed) % 2;
			rules[i] = (struct weekly_rule){ { days[i], 2 },
							 { start },
							 { end == start ? start + 60 : end },
							 TIME_AVAILABLE,
							 { bounded ? from : NONE },
							 { bounded ? until : NONE } };
			rule_walk(&rules[i], monday, walked[i]);
		}
		for (int m = 0; m < WALK; m++)
			expected = expected || walked[0][m] + walked[1][m] + walked[2][m] > 1;
		assert_int_equal(schedule_overlap(&cx, &s, &pair), expected);
		for (int m = 0; expected && m < WALK; m++)
			if (walked[pair.first][m] && walked[pair.second][m])
				expected = false; /* the pair named is one that overlaps */
		assert_false(expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),     cmocka_unit_test(test_parts),
		cmocka_unit_test(test_caps),         cmocka_unit_test(test_wire),
		cmocka_unit_test(test_overlap_rows), cmocka_unit_test(test_overlap_walk),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&cx.arena);
	return failed;
}
