/* What a caller asks around a case: which dates, which rows, and which slots are near. */
#include "slot_plan.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

enum err slot_query_around(struct cx *cx, str time_zone, instant at, int64_t days, struct slot_query *out)
{
	const struct zone *z;
	TRY(zone_load(cx, time_zone, S("/time_zone"), &z));
	int64_t first = 0, last = INSTANT_MAX.s / DAY_SECONDS - 1, d = zone_day(z, at).d;
	days = most(0, least(days, (SLOT_DAYS - 1) / 2));
	d = most(first, least(d, last));
	*out = (struct slot_query){ { most(first, d - days) }, { least(last, d + days) }, time_zone };
	return OK;
}

enum err slot_query_at(struct cx *cx, str time_zone, instant at, struct slot_query *out)
{
	return slot_query_around(cx, time_zone, at, 0, out);
}

/* The dates whose meetings count for a limit of a slot on one of [from, to]. */
static void limit_dates(const struct slot_limits *limits, day *from, day *to)
{
	day low = *from, high = *to;
	if (limits->week != NONE) {
		from->d = day_monday(low).d;
		to->d = day_monday(high).d + 6;
	}
	if (limits->month != NONE) {
		struct civil first = civil_of_day(low), last = civil_of_day(high);
		first.day = 1;
		last.day = month_length(last.year, last.month);
		from->d = least(from->d, day_of_civil(first).d);
		to->d = most(to->d, day_of_civil(last).d);
	}
}

enum err slot_meeting_range(struct cx *cx, const struct slot_case *c, range *out)
{
	const struct slot_event *e = &c->event;
	const struct zone *host, *invitee;
	TRY(zone_load(cx, c->schedule.time_zone, S("/schedule/time_zone"), &host));
	TRY(zone_load(cx, c->query.time_zone, S("/query/time_zone"), &invitee));
	*out = (range){ { 0 }, { 0 } };
	struct intervals asked = zone_dates(&cx->arena, invitee, c->query.from, c->query.to);
	if (!asked.n)
		return OK;
	range hull = { asked.items[0].from, asked.items[asked.n - 1].to };
	out->from.s = hull.from.s - e->buffer_before_minutes * MINUTE_SECONDS;
	out->to.s = hull.to.s + (e->duration_minutes + e->buffer_after_minutes) * MINUTE_SECONDS;
	if (e->limits.day == NONE && e->limits.week == NONE && e->limits.month == NONE)
		return OK;
	/* a date more at each end: where a zone repeats one, the first instant is not on the first date */
	day from = { zone_day(host, hull.from).d - 1 }, to = { zone_day(host, hull.to).d + 1 };
	limit_dates(&e->limits, &from, &to);
	struct intervals counted = zone_dates(&cx->arena, host, from, to);
	if (counted.n) {
		out->from.s = least(out->from.s, counted.items[0].from.s);
		out->to.s = most(out->to.s, counted.items[counted.n - 1].to.s);
	}
	return OK;
}

enum err slot_nearest(struct cx *cx, const struct slot_case *c, instant at, size_t n, struct list *out)
{
	struct list all;
	TRY(slot_list(cx, c, &all));
	const struct slot *slots = all.items;
	size_t high = 0; /* [low, high) are the nearest so far */
	while (high < all.n && slots[high].start.s < at.s)
		high++;
	size_t low = high;
	while (high - low < n && (low > 0 || high < all.n)) {
		bool earlier =
		    high == all.n || (low > 0 && at.s - slots[low - 1].start.s <= slots[high].start.s - at.s);
		if (earlier)
			low--;
		else
			high++;
	}
	*out = (struct list){ (struct slot *)all.items + low, high - low };
	return OK;
}
