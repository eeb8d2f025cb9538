/* The wire's tables of a case, and what makes a case wrong. */
#include "slots.h"
#include "zone.h"

#include <inttypes.h>

const struct field SLOT_QUERY[] = {
	FIELD(struct slot_query, from, IN | OUT | MUST, .doc = "first date, in time_zone"),
	FIELD(struct slot_query, to, IN | OUT | MUST, .doc = "last date, inclusive"),
	FIELD(struct slot_query, time_zone, IN | OUT | MUST, .min = 1, .max = ZONE_NAME, .rule = &RULE_ZONE,
	      .doc = "the invitee's IANA zone"),
	FIELD_END,
};

const struct field SLOT_WINDOW[] = {
	FIELD(struct slot_window, from, IN | OUT | MUST | MAYBE, .doc = "first date, in the schedule's zone"),
	FIELD(struct slot_window, until, IN | OUT | MUST | MAYBE, .doc = "last date, inclusive"),
	FIELD_END,
};

const struct field SLOT_LIMITS[] = {
	FIELD(struct slot_limits, day, IN | OUT | MAYBE, .min = 1, .max = SLOT_COUNT, .doc = "meetings a date"),
	FIELD(struct slot_limits, week, IN | OUT | MAYBE, .min = 1, .max = SLOT_COUNT,
	      .doc = "meetings a week from Monday"),
	FIELD(struct slot_limits, month, IN | OUT | MAYBE, .min = 1, .max = SLOT_COUNT, .doc = "meetings a month"),
	FIELD_END,
};

const struct field SLOT_EVENT[] = {
	FIELD(struct slot_event, duration_minutes, IN | OUT | MUST, .min = 1, .max = SLOT_LENGTH),
	FIELD(struct slot_event, interval_minutes, IN | OUT | MAYBE, .min = 1, .max = SLOT_LENGTH,
	      .doc = "between starts; missing: the duration"),
	FIELD(struct slot_event, buffer_before_minutes, IN | OUT, .max = SLOT_LENGTH, .doc = "kept free before it"),
	FIELD(struct slot_event, buffer_after_minutes, IN | OUT, .max = SLOT_LENGTH, .doc = "kept free after it"),
	FIELD(struct slot_event, minimum_notice_minutes, IN | OUT, .max = SLOT_NOTICE, .doc = "from now to a start"),
	FIELD(struct slot_event, horizon_days, IN | OUT | MAYBE, .max = SLOT_HORIZON, .doc = "days after today"),
	OBJECT(struct slot_event, window, IN | OUT | MAYBE, SLOT_WINDOW, .doc = "dates on which it may start"),
	OBJECT(struct slot_event, limits, IN | OUT | MAYBE, SLOT_LIMITS, .doc = "meetings of this event type"),
	FIELD(struct slot_event, seats, IN | OUT, .min = 1, .max = SLOT_COUNT, .def = 1,
	      .doc = "invitees of one meeting"),
	FIELD_END,
};

const struct field MEETING[] = {
	FIELD(struct meeting, start, IN | OUT | MUST),
	FIELD(struct meeting, end, IN | OUT | MUST),
	FIELD(struct meeting, buffer_before_minutes, IN | OUT, .max = SLOT_LENGTH),
	FIELD(struct meeting, buffer_after_minutes, IN | OUT, .max = SLOT_LENGTH),
	FIELD(struct meeting, same_event, IN | OUT, .def = true, .doc = "of the event type asked for"),
	FIELD(struct meeting, seats_taken, IN | OUT, .min = 1, .max = SLOT_COUNT, .def = 1),
	FIELD_END,
};

const struct field SLOT_CASE[] = {
	FIELD(struct slot_case, name, IN | MAYBE, .doc = "comes back with the answer"),
	FIELD(struct slot_case, now, IN | MUST, .doc = "the time of asking"),
	OBJECT(struct slot_case, query, IN | MUST, SLOT_QUERY),
	OBJECT(struct slot_case, schedule, IN | MUST, SCHEDULE),
	OBJECT(struct slot_case, event, IN | MUST, SLOT_EVENT),
	LIST(struct slot_case, meetings, IN, MEETING, struct meeting, .max = SLOT_MEETINGS),
	LIST(struct slot_case, busy, IN, INTERVAL, range, .max = SLOT_MEETINGS, .doc = "of external calendars"),
	FIELD(struct slot_case, expect, IN | SKIP, .doc = "not read"),
	FIELD_END,
};

void slot_case_defaults(struct slot_case *c)
{
	*c = (struct slot_case){ 0 };
	field_defaults(SLOT_CASE, c);
}

/* One note at prefix/name. */
static void note(struct cx *cx, str prefix, const char *name, const char *wants)
{
	fault_add(cx, str_format(&cx->arena, "%.*s/%s", STR_ARG(prefix), name), "%s", wants);
}

void slot_query_note(struct cx *cx, const struct slot_query *q, int64_t max_days, str prefix)
{
	if (!zone_is(q->time_zone))
		fault_add(cx, str_format(&cx->arena, "%.*s/time_zone", STR_ARG(prefix)), "must be %s",
			  RULE_ZONE.wants);
	if (q->to.d < q->from.d)
		note(cx, prefix, "to", "must not be before from");
	else if (q->to.d - q->from.d >= max_days)
		fault_add(cx, str_format(&cx->arena, "%.*s/to", STR_ARG(prefix)),
			  "is too far from from: at most %" PRId64 " days, both included", max_days);
}

/* bound - a number of an event and what it may be. */
struct bound {
	const char *name;
	int64_t value, min, max;
	bool maybe;
};

void slot_event_note(struct cx *cx, const struct slot_event *e, str prefix)
{
	const struct bound bounds[] = {
		{ "duration_minutes", e->duration_minutes, 1, SLOT_LENGTH, false },
		{ "interval_minutes", e->interval_minutes, 1, SLOT_LENGTH, true },
		{ "buffer_before_minutes", e->buffer_before_minutes, 0, SLOT_LENGTH, false },
		{ "buffer_after_minutes", e->buffer_after_minutes, 0, SLOT_LENGTH, false },
		{ "minimum_notice_minutes", e->minimum_notice_minutes, 0, SLOT_NOTICE, false },
		{ "horizon_days", e->horizon_days, 0, SLOT_HORIZON, true },
		{ "limits/day", e->limits.day, 1, SLOT_COUNT, true },
		{ "limits/week", e->limits.week, 1, SLOT_COUNT, true },
		{ "limits/month", e->limits.month, 1, SLOT_COUNT, true },
		{ "seats", e->seats, 1, SLOT_COUNT, false },
	};
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		const struct bound *b = &bounds[i];
		if ((b->maybe && b->value == NONE) || (b->value >= b->min && b->value <= b->max))
			continue;
		fault_add(cx, str_format(&cx->arena, "%.*s/%s", STR_ARG(prefix), b->name),
			  "must be from %" PRId64 " to %" PRId64, b->min, b->max);
	}
	if (day_is(e->window.from) != day_is(e->window.until))
		note(cx, prefix, day_is(e->window.from) ? "window/until" : "window/from",
		     "is missing: a window has a first and a last date");
	else if (e->window.until.d < e->window.from.d)
		note(cx, prefix, "window/until", "must not be before from");
}

/* A number of a meeting outside of its bounds. */
static const char *meeting_member(const struct meeting *m)
{
	if (m->buffer_before_minutes < 0 || m->buffer_before_minutes > SLOT_LENGTH)
		return "buffer_before_minutes";
	if (m->buffer_after_minutes < 0 || m->buffer_after_minutes > SLOT_LENGTH)
		return "buffer_after_minutes";
	return m->seats_taken < 1 ? "seats_taken" : NULL;
}

static void note_occupied(struct cx *cx, const struct slot_case *c)
{
	const struct meeting *meetings = c->meetings.items;
	const range *busy = c->busy.items;
	for (size_t i = 0; i < c->meetings.n; i++) {
		const char *member = meeting_member(&meetings[i]);
		if (meetings[i].end.s <= meetings[i].start.s)
			note(cx, str_format(&cx->arena, "/meetings/%zu", i), "end", "must be after start");
		if (member)
			note(cx, str_format(&cx->arena, "/meetings/%zu", i), member, "is out of range");
	}
	for (size_t i = 0; i < c->busy.n; i++)
		if (busy[i].to.s <= busy[i].from.s)
			note(cx, str_format(&cx->arena, "/busy/%zu", i), "end", "must be after start");
}

enum err slot_case_check(struct cx *cx, const struct slot_case *c)
{
	fault_clear(cx);
	slot_query_note(cx, &c->query, SLOT_DAYS, S("/query"));
	schedule_note(cx, &c->schedule, S("/schedule"));
	slot_event_note(cx, &c->event, S("/event"));
	note_occupied(cx, c);
	return fault_check(cx);
}
