/* The wire's tables, and what makes a schedule wrong. */
#include "schedule.h"
#include "zone.h"

#include <stdlib.h>

const char *const AVAILABILITY[] = { "available", "busy", NULL };

const struct field WEEKDAY_ITEM[] = {
	FIELD_NAMED(struct weekday_item, day, "", IN | OUT, .choices = WEEKDAYS),
	FIELD_END,
};

const struct field WEEKLY_RULE[] = {
	LIST(struct weekly_rule, days, IN | OUT | MUST, WEEKDAY_ITEM, struct weekday_item, .max = 7,
	     .doc = "days of the week on which it starts"),
	FIELD(struct weekly_rule, start, IN | OUT | MUST, .doc = "wall clock in the schedule's zone"),
	FIELD(struct weekly_rule, end, IN | OUT | MUST, .doc = "not after start: on the next day; 24:00 is midnight"),
	FIELD(struct weekly_rule, kind, IN | OUT, .choices = AVAILABILITY, .def = TIME_AVAILABLE,
	      .doc = "busy takes time away from the same date's available rules"),
	FIELD(struct weekly_rule, from, IN | OUT | MAYBE, .doc = "first date on which it starts"),
	FIELD(struct weekly_rule, until, IN | OUT | MAYBE, .doc = "last date on which it starts"),
	FIELD_END,
};

enum { LEFT_OUT = INT64_MIN + 1 }; /* a date that the client did not give */

const struct field KEPT_RULE[] = {
	LIST(struct weekly_rule, days, IN | OUT | MUST, WEEKDAY_ITEM, struct weekday_item, .max = 7,
	     .doc = "days of the week on which it starts"),
	FIELD(struct weekly_rule, start, IN | OUT | MUST, .doc = "wall clock in the schedule's zone"),
	FIELD(struct weekly_rule, end, IN | OUT | MUST, .doc = "not after start: on the next day; 24:00 is midnight"),
	FIELD(struct weekly_rule, kind, IN | OUT, .choices = AVAILABILITY, .def = TIME_AVAILABLE,
	      .doc = "busy takes time away from the same date's available rules"),
	FIELD(struct weekly_rule, from, IN | OUT | MAYBE, .def = LEFT_OUT,
	      .doc = "first date on which it starts; missing: today; null: it has always held"),
	FIELD(struct weekly_rule, until, IN | OUT | MAYBE, .def = LEFT_OUT,
	      .doc = "last date on which it starts; missing: a year after from; null: it holds without end"),
	FIELD_END,
};

static day year_later(day d)
{
	struct civil c = civil_of_day(d);
	int last = month_length(++c.year, c.month);
	c.day = c.day < last ? c.day : last;
	return day_of_civil(c);
}

void schedule_year(struct weekly_rule *rule, day from)
{
	rule->from = from;
	rule->until = year_later(from);
}

void schedule_date(const struct schedule *s, day today)
{
	struct weekly_rule *rules = s->weekly.items;
	for (size_t i = 0; i < s->weekly.n; i++) {
		if (rules[i].from.d == LEFT_OUT)
			rules[i].from = today;
		if (rules[i].until.d == LEFT_OUT)
			rules[i].until = year_later(day_is(rules[i].from) ? rules[i].from : today);
	}
}

const struct field DAY_WINDOW[] = {
	FIELD(struct day_window, start, IN | OUT | MUST, .doc = "wall clock in the schedule's zone"),
	FIELD(struct day_window, end, IN | OUT | MUST, .doc = "not after start: on the next day; 24:00 is midnight"),
	FIELD_END,
};

const struct field OVERRIDE[] = {
	FIELD(struct override, date, IN | OUT | MUST, .doc = "the date whose weekly rules are replaced"),
	LIST(struct override, intervals, IN | OUT, DAY_WINDOW, struct day_window, .max = SCHEDULE_WINDOWS,
	     .doc = "when the host is available instead; none: not at all"),
	FIELD_END,
};

const struct field ONE_OFF[] = {
	FIELD(struct one_off, kind, IN | OUT | MUST, .choices = AVAILABILITY, .doc = "adds or takes away time"),
	FIELD(struct one_off, start, IN | OUT | MUST, .doc = "on a whole minute"),
	FIELD(struct one_off, end, IN | OUT | MUST, .doc = "on a whole minute, after start"),
	FIELD_END,
};

const struct field SCHEDULE[] = {
	FIELD(struct schedule, time_zone, IN | OUT | MUST, .max = ZONE_NAME, .min = 1, .rule = &RULE_ZONE,
	      .doc = "IANA zone of all dates and times of day here"),
	LIST(struct schedule, weekly, IN | OUT, WEEKLY_RULE, struct weekly_rule, .max = SCHEDULE_WEEKLY,
	     .doc = "hours that repeat every week"),
	LIST(struct schedule, overrides, IN | OUT, OVERRIDE, struct override, .max = SCHEDULE_OVERRIDES,
	     .doc = "dates with hours of their own"),
	LIST(struct schedule, one_offs, IN | OUT, ONE_OFF, struct one_off, .max = SCHEDULE_ONE_OFFS,
	     .doc = "single times added or taken away"),
	FIELD_END,
};

/* where - a member's pointer in parts, put together only for what is wrong: a schedule is checked for each answer. */
struct where {
	str prefix;
	const char *list; /* NULL: the prefix is the item's own */
	size_t index, window;
};
enum { NO_WINDOW = -1 };

static void note(struct cx *cx, struct where w, const char *member, const char *wants)
{
	struct arena *a = &cx->arena;
	str pointer = w.prefix;
	if (w.list)
		pointer = str_format(a, "%.*s/%s/%zu", STR_ARG(pointer), w.list, w.index);
	if (w.window != (size_t)NO_WINDOW)
		pointer = str_format(a, "%.*s/intervals/%zu", STR_ARG(pointer), w.window);
	fault_add(cx, str_format(a, "%.*s/%s", STR_ARG(pointer), member), "%s", wants);
}

static void note_window(struct cx *cx, minute_of_day start, minute_of_day end, struct where w)
{
	if (start.m == 24 * 60)
		note(cx, w, "start", "must be before 24:00: 00:00 of the next day is meant");
	else if (start.m == end.m)
		note(cx, w, "end", "must differ from start: a whole day is 00:00 to 24:00");
}

static void note_dates(struct cx *cx, const struct weekly_rule *rule, struct where w)
{
	if (day_is(rule->from) && day_is(rule->until) && rule->until.d < rule->from.d)
		note(cx, w, "until", "must not be before from");
}

static void note_override(struct cx *cx, const struct override *override, struct where w)
{
	const struct day_window *windows = override->intervals.items;
	for (w.window = 0; w.window < override->intervals.n; w.window++)
		note_window(cx, windows[w.window].start, windows[w.window].end, w);
}

static void note_one_off(struct cx *cx, const struct one_off *one, struct where w)
{
	if (one->start.s % MINUTE_SECONDS)
		note(cx, w, "start", "must lie on a whole minute, like 2026-03-02T14:00:00Z");
	if (one->end.s % MINUTE_SECONDS)
		note(cx, w, "end", "must lie on a whole minute, like 2026-03-02T14:00:00Z");
	if (one->end.s <= one->start.s)
		note(cx, w, "end", "must be after start");
}

void schedule_note_rule(struct cx *cx, const struct weekly_rule *rule, str pointer)
{
	struct where w = { pointer, NULL, 0, (size_t)NO_WINDOW };
	note_window(cx, rule->start, rule->end, w);
	note_dates(cx, rule, w);
}

void schedule_note_override(struct cx *cx, const struct override *override, str pointer)
{
	note_override(cx, override, (struct where){ pointer, NULL, 0, (size_t)NO_WINDOW });
}

void schedule_note_one_off(struct cx *cx, const struct one_off *one, str pointer)
{
	note_one_off(cx, one, (struct where){ pointer, NULL, 0, (size_t)NO_WINDOW });
}

struct dated {
	day date;
	size_t index;
};

static int dated_order(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;
	if (x->date.d != y->date.d)
		return x->date.d < y->date.d ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static void note_twice(struct cx *cx, const struct schedule *s, str prefix)
{
	const struct override *overrides = s->overrides.items;
	size_t n = s->overrides.n;
	struct dated *dates = NEWS(&cx->arena, struct dated, n);
	bool sorted = true;
	for (size_t i = 0; i < n; i++) {
		dates[i] = (struct dated){ overrides[i].date, i };
		sorted = sorted && (i == 0 || dates[i - 1].date.d < dates[i].date.d);
	}
	if (sorted)
		return;
	qsort(dates, n, sizeof *dates, dated_order);
	for (size_t i = 1; i < n; i++)
		if (dates[i].date.d == dates[i - 1].date.d)
			note(cx, (struct where){ prefix, "overrides", dates[i].index, (size_t)NO_WINDOW }, "date",
			     "must not be another override's date: give one override a date, with all its intervals");
}

static void note_cap(struct cx *cx, size_t n, size_t cap, str prefix, const char *name)
{
	if (n > cap)
		fault_add(cx, str_format(&cx->arena, "%.*s/%s", STR_ARG(prefix), name),
			  "has too many items: at most %zu", cap);
}

void schedule_note(struct cx *cx, const struct schedule *s, str prefix)
{
	const struct weekly_rule *rules = s->weekly.items;
	const struct override *overrides = s->overrides.items;
	const struct one_off *ones = s->one_offs.items;
	size_t none = (size_t)NO_WINDOW;
	if (!zone_is(s->time_zone))
		fault_add(cx, str_format(&cx->arena, "%.*s/time_zone", STR_ARG(prefix)), "must be %s",
			  RULE_ZONE.wants);
	for (size_t i = 0; i < s->weekly.n; i++)
		note_window(cx, rules[i].start, rules[i].end, (struct where){ prefix, "weekly", i, none });
	for (size_t i = 0; i < s->overrides.n; i++)
		note_override(cx, &overrides[i], (struct where){ prefix, "overrides", i, none });
	for (size_t i = 0; i < s->one_offs.n; i++)
		note_one_off(cx, &ones[i], (struct where){ prefix, "one_offs", i, none });
	note_twice(cx, s, prefix);
	note_cap(cx, s->weekly.n, SCHEDULE_WEEKLY, prefix, "weekly");
	note_cap(cx, s->overrides.n, SCHEDULE_OVERRIDES, prefix, "overrides");
	note_cap(cx, s->one_offs.n, SCHEDULE_ONE_OFFS, prefix, "one_offs");
}

enum err schedule_check(struct cx *cx, const struct schedule *s, str prefix)
{
	const struct weekly_rule *rules = s->weekly.items;
	schedule_note(cx, s, prefix);
	for (size_t i = 0; i < s->weekly.n; i++)
		note_dates(cx, &rules[i], (struct where){ prefix, "weekly", i, (size_t)NO_WINDOW });
	return fault_check(cx);
}

/* spread - a rule in numbers: minutes from its date's midnight, dates, a bit a weekday. */
struct spread {
	int64_t start, end, from, until;
	unsigned days;
};

static struct spread rule_spread(const struct weekly_rule *rule)
{
	struct spread s = { rule->start.m, rule->end.m, rule->from.d,
			    day_is(rule->until) ? rule->until.d : INT64_MAX / 2, 0 };
	const struct weekday_item *days = rule->days.items;
	if (s.end <= s.start)
		s.end += 24 * 60;
	if (!day_is(rule->from))
		s.from = INT64_MIN / 2;
	for (size_t i = 0; i < rule->days.n; i++)
		s.days |= 1u << days[i].day;
	return s;
}

/* Whether x on some date d and y on date d + shift share a minute. */
static bool spread_meets(struct spread x, struct spread y, int64_t shift)
{
	int64_t from = x.from > y.from - shift ? x.from : y.from - shift;
	int64_t until = x.until < y.until - shift ? x.until : y.until - shift;
	unsigned days = 0;
	if (x.start >= y.end + shift * 24 * 60 || y.start + shift * 24 * 60 >= x.end || from > until)
		return false;
	for (unsigned w = 0; w < 7; w++)
		if (x.days >> w & 1 && y.days >> ((w + 7 + (unsigned)shift) % 7) & 1)
			days |= 1u << w;
	if (until - from >= 6)
		return days != 0;
	for (int64_t d = from; d <= until; d++)
		if (days >> day_weekday((day){ d }) & 1)
			return true;
	return false;
}

bool schedule_overlap(struct cx *cx, const struct schedule *s, struct rule_pair *out)
{
	const struct weekly_rule *rules = s->weekly.items;
	struct spread *spreads = NEWS(&cx->arena, struct spread, s->weekly.n);
	for (size_t i = 0; i < s->weekly.n; i++)
		spreads[i] = rule_spread(&rules[i]);
	for (size_t i = 0; i < s->weekly.n; i++) {
		for (size_t k = i + 1; k < s->weekly.n; k++) {
			for (int64_t shift = -1; shift <= 1; shift++) {
				if (rules[i].kind != rules[k].kind || !spread_meets(spreads[i], spreads[k], shift))
					continue;
				*out = (struct rule_pair){ i, k };
				return true;
			}
		}
	}
	return false;
}
