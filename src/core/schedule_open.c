/* From rules to open time.
 *   1. Each integer date of the range, whether the zone has it or not, gives its windows as seconds of wall clock
 *      from its midnight, busy rules taken away; all dates together are one ascending set L.  (A window that reaches
 *      into the next day belongs to its own date, whatever the next one's rules are, and survives a skipped date.)
 *   2. In each span of one offset L is clipped to what the wall clock shows there, and moved to UTC.  Local time
 *      steps back between spans, so L is searched anew for each; spans ascend, so the result does.
 *   3. A minute counts by its first second, so ends are rounded up to whole minutes. */
#include "schedule.h"
#include "zone.h"

#include <stdlib.h>

/* plan - the windows of one weekday, which hold for dates up to `until`. */
struct plan {
	bool made;
	day until;
	struct intervals windows; /* minutes from midnight, in `range` */
};

struct planner {
	struct arena *arena;
	const struct schedule *schedule;
	const struct override **overrides; /* by date */
	size_t override_at;                /* the first not before the date asked for: dates only ascend */
	struct plan week[7];
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t minutes_up(int64_t s)
{
	return -floor_div(-s, MINUTE_SECONDS) * MINUTE_SECONDS;
}

static range window_minutes(minute_of_day start, minute_of_day end)
{
	return (range){ { start.m }, { end.m > start.m ? end.m : end.m + 24 * 60 } };
}

static bool rule_has_day(const struct weekly_rule *rule, enum weekday w)
{
	const struct weekday_item *days = rule->days.items;
	for (size_t i = 0; i < rule->days.n; i++)
		if (days[i].day == w)
			return true;
	return false;
}

/* A weekday's windows from the rules in force on d, and the last date for which the same ones are. */
static void plan_make(const struct planner *p, struct plan *plan, day d)
{
	const struct weekly_rule *rules = p->schedule->weekly.items;
	struct intervals open = { 0 }, busy = { 0 };
	plan->made = true;
	plan->until.d = INT64_MAX;
	for (size_t i = 0; i < p->schedule->weekly.n; i++) {
		const struct weekly_rule *rule = &rules[i];
		if (!rule_has_day(rule, day_weekday(d)) || (day_is(rule->until) && rule->until.d < d.d))
			continue;
		if (day_is(rule->from) && rule->from.d > d.d) {
			plan->until.d = rule->from.d - 1 < plan->until.d ? rule->from.d - 1 : plan->until.d;
			continue;
		}
		if (day_is(rule->until) && rule->until.d < plan->until.d)
			plan->until = rule->until;
		interval_insert(p->arena, rule->kind == TIME_BUSY ? &busy : &open,
				window_minutes(rule->start, rule->end));
	}
	plan->windows = interval_difference(p->arena, open, busy);
}

static int override_order(const void *a, const void *b)
{
	const struct override *x = *(const struct override *const *)a, *y = *(const struct override *const *)b;
	return x->date.d < y->date.d ? -1 : x->date.d > y->date.d;
}

static void overrides_sort(struct planner *p)
{
	const struct override *items = p->schedule->overrides.items;
	size_t n = p->schedule->overrides.n;
	p->overrides = NEWS(p->arena, const struct override *, n);
	bool sorted = true;
	for (size_t i = 0; i < n; i++) {
		p->overrides[i] = &items[i];
		sorted = sorted && (i == 0 || items[i - 1].date.d < items[i].date.d);
	}
	if (!sorted)
		qsort(p->overrides, n, sizeof *p->overrides, override_order);
}

/* The windows of a date, in minutes from its midnight. */
static struct intervals date_windows(struct planner *p, day d)
{
	size_t n = p->schedule->overrides.n;
	while (p->override_at < n && p->overrides[p->override_at]->date.d < d.d)
		p->override_at++;
	if (p->override_at < n && p->overrides[p->override_at]->date.d == d.d) {
		const struct list *list = &p->overrides[p->override_at]->intervals;
		const struct day_window *windows = list->items;
		struct intervals out = { 0 };
		for (size_t i = 0; i < list->n; i++)
			interval_insert(p->arena, &out, window_minutes(windows[i].start, windows[i].end));
		return out;
	}
	struct plan *plan = &p->week[day_weekday(d)];
	if (!plan->made || plan->until.d < d.d)
		plan_make(p, plan, d);
	return plan->windows;
}

/* L: seconds of wall clock since 1970, of every date that can reach into [low, high). */
static struct intervals wall_windows(struct planner *p, int64_t low, int64_t high)
{
	struct intervals out = { 0 };
	for (int64_t d = floor_div(low, DAY_SECONDS) - 1; d * DAY_SECONDS < high; d++) {
		struct intervals windows = date_windows(p, (day){ d });
		for (size_t i = 0; i < windows.n; i++)
			interval_insert(p->arena, &out,
					(range){ { d * DAY_SECONDS + windows.items[i].from.s * MINUTE_SECONDS },
						 { d * DAY_SECONDS + windows.items[i].to.s * MINUTE_SECONDS } });
	}
	return out;
}

/* The part of L that the wall clock shows during a span, in UTC. */
static void span_open(struct arena *a, struct intervals wall, const struct zone_span *s, struct intervals *out)
{
	int64_t low = s->from.s + s->offset, high = s->to.s + s->offset;
	for (size_t i = interval_find(wall, (instant){ low }); i < wall.n && wall.items[i].from.s < high; i++) {
		range w = wall.items[i];
		int64_t from = w.from.s > low ? w.from.s : low, to = w.to.s < high ? w.to.s : high;
		interval_add(a, out, (range){ { minutes_up(from - s->offset) }, { minutes_up(to - s->offset) } });
	}
}

static struct intervals one_offs_of(struct arena *a, const struct schedule *s, enum time_kind kind, range within)
{
	const struct one_off *ones = s->one_offs.items;
	range *found = NEWS(a, range, s->one_offs.n);
	size_t n = 0;
	for (size_t i = 0; i < s->one_offs.n; i++)
		if (ones[i].kind == kind && ones[i].start.s < within.to.s && ones[i].end.s > within.from.s)
			found[n++] = (range){ ones[i].start, ones[i].end };
	return interval_clip(a, interval_set(a, found, n), within);
}

struct intervals schedule_open(struct cx *cx, const struct schedule *s, const struct zone *z, range within)
{
	struct arena *a = &cx->arena;
	struct planner p = { .arena = a, .schedule = s };
	struct intervals open = { 0 };
	struct zone_span *spans;
	within = (range){ { minutes_up(within.from.s) }, { minutes_up(within.to.s) } };
	size_t n = zone_spans(a, z, within, &spans);
	int64_t low = INT64_MAX, high = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		low = spans[i].from.s + spans[i].offset < low ? spans[i].from.s + spans[i].offset : low;
		high = spans[i].to.s + spans[i].offset > high ? spans[i].to.s + spans[i].offset : high;
	}
	if (!n)
		return open;
	overrides_sort(&p);
	struct intervals wall = wall_windows(&p, low, high);
	for (size_t i = 0; i < n; i++)
		span_open(a, wall, &spans[i], &open);
	return interval_union(a, open, one_offs_of(a, s, TIME_AVAILABLE, within));
}

struct intervals schedule_busy(struct cx *cx, const struct schedule *s, range within)
{
	return one_offs_of(&cx->arena, s, TIME_BUSY, within);
}
