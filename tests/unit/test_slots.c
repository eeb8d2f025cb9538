/* The slot engine on the shared cases, and what must hold for any case: checking and explaining one moment agree
 * with the list, the rows that slot_meeting_range leaves out change nothing, the nearest slots are the nearest.
 *
 * As a program with arguments it serves the tests in Python:
 *     test_slots slots FILE         as `noonmark slots`
 *     test_slots properties FILE    the properties on each case of FILE
 *     test_slots free FILE          {"free", "busy", "overlap"} of each case; overlap: with the next one's host */
#include "api/command_slots.h"
#include "core/explain.h"
#include "core/free.h"
#include "core/zone.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const CASES = "tests/cases/slots.jsonl";
enum { SAMPLE_SECONDS = 7 * 60, SAMPLES = 1000 };

struct text {
	char *line;
	size_t cap;
	FILE *file;
};

static bool next_line(struct text *t, str *out)
{
	ssize_t n = getline(&t->line, &t->cap, t->file);
	*out = (str){ t->line, n > 0 ? (size_t)n : 0 };
	return n > 0;
}

static struct text text_open(const char *path)
{
	struct text t = { .file = fopen(path, "r") };
	if (!t.file) {
		fprintf(stderr, "cannot read %s (run in the project's folder)\n", path);
		exit(2);
	}
	return t;
}

static void text_close(struct text *t)
{
	free(t->line);
	fclose(t->file);
}

[[gnu::format(printf, 3, 4)]] static bool wrong(const struct slot_case *c, instant at, const char *format, ...)
{
	char text[INSTANT_TEXT];
	va_list args;
	va_start(args, format);
	printf("%.*s at %s: ", STR_ARG(c->name), instant_format(text, at).p);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	return false;
}

static bool listed(const struct list *slots, instant at)
{
	const struct slot *s = slots->items;
	size_t low = 0, high = slots->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s[middle].start.s < at.s)
			low = middle + 1;
		else
			high = middle;
	}
	return low < slots->n && s[low].start.s == at.s;
}

/* One moment: slot_check and slot_explain say what the list says. */
static bool moment_agrees(const struct slot_case *c, const struct list *slots, instant at)
{
	struct cx cx = { 0 };
	struct list reasons;
	bool offered, agrees = true, there = listed(slots, at);
	if (slot_check(&cx, c, at, &offered) || offered != there)
		agrees = wrong(c, at, "listed %d, slot_check says otherwise", there);
	else if (slot_explain(&cx, c, at, &reasons) || (reasons.n == 0) != there)
		agrees = wrong(c, at, "listed %d, but %zu reasons, the first %s", there, reasons.n,
			       reasons.n ? REASON_CODES[((struct reason *)reasons.items)->code] : "none");
	arena_close(&cx.arena);
	return agrees;
}

static bool moments_agree(struct cx *cx, const struct slot_case *c, const struct list *slots)
{
	const struct slot *s = slots->items;
	range hull;
	if (free_range(cx, &c->query, &hull))
		return wrong(c, c->now, "no range");
	int64_t step = (hull.to.s - hull.from.s) / SAMPLES / SAMPLE_SECONDS * SAMPLE_SECONDS + SAMPLE_SECONDS;
	for (int64_t t = hull.from.s - DAY_SECONDS; t < hull.to.s + DAY_SECONDS; t += step)
		if (t >= INSTANT_MIN.s && t < INSTANT_MAX.s && !moment_agrees(c, slots, (instant){ t }))
			return false;
	for (size_t i = 0; i < slots->n; i += 1 + slots->n / SAMPLES)
		for (int64_t near = -60; near <= 60; near += 30)
			if (s[i].start.s + near >= 0 && !moment_agrees(c, slots, (instant){ s[i].start.s + near }))
				return false;
	return true;
}

static bool same_slots(const struct list *a, const struct list *b)
{
	const struct slot *x = a->items, *y = b->items;
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (x[i].start.s != y[i].start.s || x[i].seats_left != y[i].seats_left)
			return false;
	return true;
}

/* Only the rows that slot_meeting_range asks for. */
static bool rows_suffice(struct cx *cx, const struct slot_case *c, const struct list *slots)
{
	struct slot_case less = *c;
	struct list again;
	range needed;
	if (slot_meeting_range(cx, c, &needed))
		return wrong(c, c->now, "no meeting range");
	struct meeting *meetings = NEWS(&cx->arena, struct meeting, c->meetings.n);
	range *busy = NEWS(&cx->arena, range, c->busy.n);
	less.meetings = (struct list){ meetings, 0 };
	less.busy = (struct list){ busy, 0 };
	for (size_t i = 0; i < c->meetings.n; i++) {
		struct meeting m = ((struct meeting *)c->meetings.items)[i];
		if (m.start.s - m.buffer_before_minutes * MINUTE_SECONDS < needed.to.s &&
		    m.end.s + m.buffer_after_minutes * MINUTE_SECONDS > needed.from.s)
			meetings[less.meetings.n++] = m;
	}
	for (size_t i = 0; i < c->busy.n; i++) {
		range b = ((range *)c->busy.items)[i];
		if (b.from.s < needed.to.s && b.to.s > needed.from.s)
			busy[less.busy.n++] = b;
	}
	return (slot_list(cx, &less, &again) == OK && same_slots(slots, &again)) ||
	       wrong(c, needed.from, "rows outside of the meeting range matter");
}

/* A day is answered alike in a long range and alone. */
static bool days_agree(struct cx *cx, const struct slot_case *c, const struct list *slots)
{
	size_t n = 0;
	for (struct slot_case one = *c; one.query.from.d <= c->query.to.d; one.query.from.d++) {
		struct list day_slots;
		one.query.to = one.query.from;
		if (slot_list(cx, &one, &day_slots))
			return wrong(c, c->now, "a single day is refused");
		n += day_slots.n;
	}
	return n == slots->n || wrong(c, c->now, "%zu slots together, %zu day by day", slots->n, n);
}

static int64_t distance(struct slot s, instant at)
{
	return s.start.s > at.s ? s.start.s - at.s : at.s - s.start.s;
}

static bool nearest_are_nearest(struct cx *cx, const struct slot_case *c, const struct list *slots)
{
	const struct slot *s = slots->items;
	for (int64_t k = 0; k < 5; k++) {
		instant at = { slots->n ? s[0].start.s + k * (s[slots->n - 1].start.s - s[0].start.s) / 4 + k - 2
					: 0 };
		struct list near;
		if (slot_nearest(cx, c, at, 3, &near) || near.n != (slots->n < 3 ? slots->n : 3))
			return wrong(c, at, "not as many near slots as there are");
		int64_t farthest = 0;
		for (size_t i = 0; i < near.n; i++) {
			int64_t d = distance(((struct slot *)near.items)[i], at);
			farthest = d > farthest ? d : farthest;
		}
		size_t nearer = 0;
		for (size_t i = 0; i < slots->n; i++)
			nearer += distance(s[i], at) < farthest;
		if (nearer >= 3 && near.n == 3)
			return wrong(c, at, "%zu slots are nearer than the farthest of three", nearer);
	}
	return true;
}

static bool properties_hold(str line)
{
	struct cx cx = { 0 };
	struct slot_case c;
	struct list slots;
	bool hold = false;
	if (field_decode(&cx, SLOT_CASE, &c, line, FIELD_NEW) || slot_list(&cx, &c, &slots))
		printf("not a case: %.*s\n", STR_ARG(cx.fault.message));
	else
		hold = moments_agree(&cx, &c, &slots) && rows_suffice(&cx, &c, &slots) &&
		       days_agree(&cx, &c, &slots) && nearest_are_nearest(&cx, &c, &slots);
	arena_close(&cx.arena);
	return hold;
}

static int run_properties(const char *path)
{
	struct text t = text_open(path);
	int held = 0, failed = 0;
	str line;
	while (next_line(&t, &line))
		*(properties_hold(line) ? &held : &failed) += 1;
	text_close(&t);
	printf("%d passed, %d failed\n", held, failed);
	return failed != 0;
}

static void print_set(const char *name, struct intervals set)
{
	printf("\"%s\": [", name);
	for (size_t i = 0; i < set.n; i++)
		printf("%s[%lld, %lld]", i ? ", " : "", (long long)set.items[i].from.s, (long long)set.items[i].to.s);
	printf("]");
}

static struct host_time host_of(const struct slot_case *c)
{
	return (struct host_time){ c->schedule, c->meetings, c->busy };
}

static int run_free(const char *path)
{
	struct text t = text_open(path);
	struct cx cx = { 0 };
	struct slot_case before, c;
	struct intervals free_time, busy, overlap;
	str line;
	for (bool first = true; next_line(&t, &line); first = false) {
		if (field_decode(&cx, SLOT_CASE, &c, line, FIELD_NEW))
			return 1;
		struct host_time hosts[] = { host_of(first ? &c : &before), host_of(&c) };
		if (free_list(&cx, &c.query, &hosts[1], &free_time) || busy_list(&cx, &c.query, &hosts[1], &busy) ||
		    free_overlap(&cx, &c.query, hosts, 2, span_minutes(c.event.duration_minutes), &overlap))
			return 1;
		printf("{");
		print_set("free", free_time);
		printf(", ");
		print_set("busy", busy);
		printf(", ");
		print_set("overlap", overlap);
		printf("}\n");
		before = c;
	}
	text_close(&t);
	arena_close(&cx.arena);
	return 0;
}

/* What the case expects, by another reader than the one under test. */
static void same_as_expected(str line, const struct list *slots)
{
	json_t *root = json_loadb(line.p, line.n, 0, NULL);
	json_t *expected = json_object_get(json_object_get(root, "expect"), "slots");
	const char *name = json_string_value(json_object_get(root, "name"));
	char text[INSTANT_TEXT];
	assert_true(json_is_array(expected));
	if (json_array_size(expected) != slots->n)
		fail_msg("%s: %zu slots, expected %zu", name, slots->n, json_array_size(expected));
	for (size_t i = 0; i < slots->n; i++)
		assert_string_equal(instant_format(text, ((struct slot *)slots->items)[i].start).p,
				    json_string_value(json_array_get(expected, i)));
	json_decref(root);
}

static void test_cases(void **state)
{
	(void)state;
	struct text t = text_open(CASES);
	str line;
	int n = 0;
	for (; next_line(&t, &line); n++) {
		struct cx cx = { 0 };
		struct slot_case c;
		struct list slots;
		if (field_decode(&cx, SLOT_CASE, &c, line, FIELD_NEW) || slot_list(&cx, &c, &slots))
			fail_msg("%.*s: %.*s", STR_ARG(c.name), STR_ARG(cx.fault.message));
		same_as_expected(line, &slots);
		arena_close(&cx.arena);
	}
	text_close(&t);
	assert_true(n >= 300);
}

static void test_properties(void **state)
{
	(void)state;
	struct text t = text_open(CASES);
	str line;
	while (next_line(&t, &line))
		assert_true(properties_hold(line));
	text_close(&t);
}

static struct slot_case plain_case(struct cx *cx)
{
	static const char json[] =
	    "{\"name\":\"plain\",\"now\":\"2026-01-01T00:00:00Z\","
	    "\"query\":{\"from\":\"2026-01-05\",\"to\":\"2026-01-06\",\"time_zone\":\"UTC\"},"
	    "\"schedule\":{\"time_zone\":\"UTC\",\"weekly\":[{\"days\":[\"mon\",\"tue\"],\"start\":\"09:00\",\"end\":"
	    "\"12:00\"}]},"
	    "\"event\":{\"duration_minutes\":60,\"seats\":3},"
	    "\"meetings\":[{\"start\":\"2026-01-05T10:00:00Z\",\"end\":\"2026-01-05T11:00:00Z\",\"seats_taken\":2},"
	    "{\"start\":\"2026-01-06T09:00:00Z\",\"end\":\"2026-01-06T10:00:00Z\",\"seats_taken\":3}]}";
	struct slot_case c;
	assert_int_equal(field_decode(cx, SLOT_CASE, &c, str_of(json), FIELD_NEW), OK);
	return c;
}

static void test_seats_left(void **state)
{
	(void)state;
	struct cx cx = { 0 };
	struct slot_case c = plain_case(&cx);
	struct list slots;
	static const struct {
		const char *start;
		int64_t left;
	} expected[] = { { "2026-01-05T09:00:00Z", 3 },
			 { "2026-01-05T10:00:00Z", 1 },
			 { "2026-01-05T11:00:00Z", 3 },
			 { "2026-01-06T10:00:00Z", 3 },
			 { "2026-01-06T11:00:00Z", 3 } };
	char text[INSTANT_TEXT];
	assert_int_equal(slot_list(&cx, &c, &slots), OK);
	assert_int_equal(slots.n, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < slots.n; i++) {
		struct slot s = ((struct slot *)slots.items)[i];
		assert_string_equal(instant_format(text, s.start).p, expected[i].start);
		assert_int_equal(s.seats_left, expected[i].left);
	}
	arena_close(&cx.arena);
}

static void test_queries(void **state)
{
	(void)state;
	struct cx cx = { 0 };
	struct slot_query q;
	char text[DAY_TEXT];
	instant at;
	assert_true(instant_parse(S("2026-03-02T20:00:00Z"), &at));
	assert_int_equal(slot_query_at(&cx, S("Asia/Kolkata"), at, &q), OK);
	assert_string_equal(day_format(text, q.from).p, "2026-03-03");
	assert_int_equal(q.from.d, q.to.d);
	assert_int_equal(slot_query_around(&cx, S("UTC"), at, 14, &q), OK);
	assert_string_equal(day_format(text, q.from).p, "2026-02-16");
	assert_string_equal(day_format(text, q.to).p, "2026-03-16");
	assert_int_equal(slot_query_around(&cx, S("UTC"), (instant){ 0 }, 100000, &q), OK);
	assert_int_equal(q.from.d, 0);
	assert_true(q.to.d - q.from.d < SLOT_DAYS);
	assert_int_equal(slot_query_at(&cx, S("Nowhere"), at, &q), E_INVALID);
	arena_close(&cx.arena);
}

/* The largest answer there can be fits: every minute of 366 days. */
static void test_every_minute(void **state)
{
	(void)state;
	struct cx cx = { 0 };
	struct slot_case c = plain_case(&cx);
	struct override closed = { { 20460 }, { NULL, 0 } };
	struct weekday_item days[7] = { { 0 }, { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 } };
	struct weekly_rule rule = { { days, 7 }, { 0 }, { 1440 }, TIME_AVAILABLE, { NONE }, { NONE } };
	struct list slots;
	c.schedule.weekly = (struct list){ &rule, 1 };
	c.schedule.overrides = (struct list){ &closed, 1 };
	c.meetings.n = 0;
	c.event.duration_minutes = c.event.interval_minutes = 1;
	c.query.to.d = c.query.from.d + SLOT_DAYS - 1;
	assert_int_equal(slot_list(&cx, &c, &slots), OK);
	assert_int_equal(slots.n, (SLOT_DAYS - 1) * 1440);
	assert_false(cx.arena.over);
	c.query.to.d++;
	assert_int_equal(slot_list(&cx, &c, &slots), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/query/to")));
	arena_close(&cx.arena);
}

static int run_units(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),        cmocka_unit_test(test_properties),
		cmocka_unit_test(test_seats_left),   cmocka_unit_test(test_queries),
		cmocka_unit_test(test_every_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "slots") == 0)
		return command_slots(argc - 1, argv + 1);
	if (argc == 3 && strcmp(argv[1], "properties") == 0)
		return run_properties(argv[2]);
	if (argc == 3 && strcmp(argv[1], "free") == 0)
		return run_free(argv[2]);
	return run_units();
}
