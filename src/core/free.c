#include "free.h"
#include "zone.h"

enum err free_range(struct cx *cx, const struct slot_query *q, range *out)
{
	const struct zone *z;
	*out = (range){ { 0 }, { 0 } };
	fault_clear(cx);
	slot_query_note(cx, q, SLOT_DAYS, S(""));
	TRY(fault_check(cx));
	TRY(zone_load(cx, q->time_zone, S("/time_zone"), &z));
	struct intervals dates = zone_dates(&cx->arena, z, q->from, q->to);
	if (dates.n)
		*out = (range){ dates.items[0].from, dates.items[dates.n - 1].to };
	return OK;
}

static range hull_of(struct intervals set)
{
	return set.n ? (range){ set.items[0].from, set.items[set.n - 1].to } : (range){ { 0 }, { 0 } };
}

/* What meetings and external busy times take of `within`. */
static struct intervals occupied(struct arena *a, const struct host_time *host, range within)
{
	const struct meeting *meetings = host->meetings.items;
	const range *busy = host->busy.items;
	range *found = NEWS(a, range, host->meetings.n + host->busy.n);
	size_t n = 0;
	for (size_t i = 0; i < host->meetings.n; i++)
		if (meetings[i].start.s < within.to.s && meetings[i].end.s > within.from.s)
			found[n++] = (range){ meetings[i].start, meetings[i].end };
	for (size_t i = 0; i < host->busy.n; i++)
		if (busy[i].from.s < within.to.s && busy[i].to.s > within.from.s)
			found[n++] = busy[i];
	return interval_set(a, found, n);
}

/* A host's free time inside `dates`. */
static enum err host_free(struct cx *cx, const struct host_time *host, struct intervals dates, struct intervals *out)
{
	struct arena *a = &cx->arena;
	const struct zone *z;
	range within = hull_of(dates);
	within.from.s -= within.from.s % MINUTE_SECONDS; /* open minutes count by their first second */
	fault_clear(cx);
	schedule_note(cx, &host->schedule, S("/schedule"));
	TRY(fault_check(cx));
	TRY(zone_load(cx, host->schedule.time_zone, S("/schedule/time_zone"), &z));
	struct intervals set = interval_intersection(a, schedule_open(cx, &host->schedule, z, within), dates);
	set = interval_difference(a, set, schedule_busy(cx, &host->schedule, within));
	*out = interval_difference(a, set, occupied(a, host, within));
	return OK;
}

/* The instants of a query's dates. */
static enum err query_dates(struct cx *cx, const struct slot_query *q, struct intervals *out)
{
	const struct zone *z;
	range all;
	TRY(free_range(cx, q, &all));
	TRY(zone_load(cx, q->time_zone, S("/time_zone"), &z));
	*out = zone_dates(&cx->arena, z, q->from, q->to);
	return OK;
}

enum err free_list(struct cx *cx, const struct slot_query *q, const struct host_time *host, struct intervals *out)
{
	struct intervals dates;
	TRY(query_dates(cx, q, &dates));
	return host_free(cx, host, dates, out);
}

enum err busy_list(struct cx *cx, const struct slot_query *q, const struct host_time *host, struct intervals *out)
{
	struct intervals dates, open;
	TRY(query_dates(cx, q, &dates));
	TRY(host_free(cx, host, dates, &open));
	*out = interval_difference(&cx->arena, dates, open);
	return OK;
}

enum err free_overlap(struct cx *cx, const struct slot_query *q, const struct host_time *hosts, size_t n,
		      span at_least, struct intervals *out)
{
	TRY(query_dates(cx, q, out));
	for (size_t i = 0; i < n && out->n; i++) {
		struct intervals one;
		TRY(host_free(cx, &hosts[i], *out, &one));
		*out = one;
	}
	*out = interval_longer(&cx->arena, *out, at_least);
	return OK;
}
