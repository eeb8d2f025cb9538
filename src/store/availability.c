#include "availability.h"

#include "event_type.h"
#include "schedule.h"
#include "store/availability_sql.h"

/* How far around a query one-offs are read: a slot's own date and the dates that flow into it lie within. */
enum { NEAR_DAYS = 4 };

const struct field AVAILABILITY_ROW[] = {
	FIELD(struct availability, event_type_id, 0),
	FIELD(struct availability, account_id, 0),
	FIELD(struct availability, bookable_id, 0),
	FIELD(struct availability, schedule_id, 0),
	FIELD(struct availability, active, 0),
	LIST(struct availability, durations, 0, DURATION, struct duration),
	LIST(struct availability, co_hosts, 0, CO_HOST_ID, uuid),
	FIELD_NAMED(struct availability, slots.event.interval_minutes, "interval_minutes", MAYBE),
	FIELD_NAMED(struct availability, slots.event.buffer_before_minutes, "buffer_before_minutes", 0),
	FIELD_NAMED(struct availability, slots.event.buffer_after_minutes, "buffer_after_minutes", 0),
	FIELD_NAMED(struct availability, slots.event.minimum_notice_minutes, "minimum_notice_minutes", 0),
	FIELD_NAMED(struct availability, slots.event.horizon_days, "horizon_days", MAYBE),
	{ .name = "booking_window",
	  .type = F_OBJECT,
	  .at = offsetof(struct availability, slots.event.window),
	  .flags = MAYBE,
	  .of = SLOT_WINDOW },
	{ .name = "limits",
	  .type = F_OBJECT,
	  .at = offsetof(struct availability, slots.event.limits),
	  .flags = MAYBE,
	  .of = SLOT_LIMITS },
	FIELD_NAMED(struct availability, slots.event.seats, "seats", 0),
	FIELD_NAMED(struct availability, slots.schedule.time_zone, "time_zone", 0),
	FIELD_NAMED(struct availability, slots.schedule.weekly, "weekly", 0, .of = WEEKLY_RULE,
		    .size = sizeof(struct weekly_rule)),
	FIELD_NAMED(struct availability, slots.schedule.overrides, "overrides", 0, .of = OVERRIDE,
		    .size = sizeof(struct override)),
	FIELD_NAMED(struct availability, versions.bookable, "bookable_version", 0),
	FIELD_NAMED(struct availability, versions.schedule, "schedule_version", 0),
	FIELD_NAMED(struct availability, versions.event_type, "event_type_version", 0),
	FIELD(struct availability, no_one_offs, 0),
	FIELD_END,
};

/* meeting_key, meeting_row - which reservations to read, and what is read of each. */
struct meeting_key {
	uuid bookable_id, event_type_id, except_reservation, except_hold;
	range range;
};

static const struct field MEETING_KEY[] = {
	FIELD(struct meeting_key, bookable_id, 0),
	FIELD(struct meeting_key, event_type_id, 0),
	FIELD(struct meeting_key, except_reservation, 0),
	FIELD(struct meeting_key, except_hold, 0),
	FIELD_NAMED(struct meeting_key, range.from, "range_from", 0),
	FIELD_NAMED(struct meeting_key, range.to, "range_to", 0),
	FIELD_END,
};

struct meeting_row {
	struct meeting it;
	instant expires_at;
	bool expired;
};

static const struct field MEETING_ROW[] = {
	FIELD_NAMED(struct meeting_row, it.id, "id", 0),
	FIELD_NAMED(struct meeting_row, it.start, "starts_at", 0),
	FIELD_NAMED(struct meeting_row, it.end, "ends_at", 0),
	FIELD_NAMED(struct meeting_row, it.buffer_before_minutes, "buffer_before_minutes", 0),
	FIELD_NAMED(struct meeting_row, it.buffer_after_minutes, "buffer_after_minutes", 0),
	FIELD_NAMED(struct meeting_row, it.same_event, "same_event", 0),
	FIELD_NAMED(struct meeting_row, it.seats_taken, "seats_taken", 0),
	FIELD(struct meeting_row, expires_at, MAYBE),
	FIELD(struct meeting_row, expired, 0),
	FIELD_END,
};

static const struct field TAKEN_ROW[] = {
	FIELD_NAMED(range, from, "starts_at", 0),
	FIELD_NAMED(range, to, "ends_at", 0),
	FIELD_END,
};

const struct field CALENDAR_MEETING[] = {
	FIELD(struct calendar_meeting, id, OUT, .doc = "The booking's"),
	FIELD(struct calendar_meeting, event_type_id, OUT, .doc = "What was booked"),
	FIELD(struct calendar_meeting, title, OUT, .doc = "What the meeting is called"),
	FIELD(struct calendar_meeting, status, OUT, .doc = "The booking's"),
	FIELD(struct calendar_meeting, invitee_name, OUT, .doc = "With whom"),
	FIELD(struct calendar_meeting, color, OUT | MAYBE, .doc = "The event type's"),
	FIELD(struct calendar_meeting, start, OUT, .doc = "First instant"),
	FIELD(struct calendar_meeting, end, OUT, .doc = "The instant behind the last"),
	FIELD_END,
};

enum err bookable_version_get(struct cx *cx, uuid id, int64_t *version)
{
	struct availability a = { .bookable_id = id };
	bool found;
	TRY(db_find(cx, &BOOKABLE_VERSION, AVAILABILITY_ROW, &a, AVAILABILITY_ROW, &a, &found));
	*version = a.versions.bookable;
	return OK;
}

enum err availability_finish(struct cx *cx, struct availability *a)
{
	int64_t version;
	for (size_t i = 0; i < a->co_hosts.n; i++) {
		TRY(bookable_version_get(cx, ((const uuid *)a->co_hosts.items)[i], &version));
		a->versions.bookable += version;
	}
	return OK;
}

void availability_start(const struct cx *cx, uuid event_type_id, struct availability *a)
{
	*a = (struct availability){ .event_type_id = event_type_id, .hold_ends = { NONE } };
	slot_case_defaults(&a->slots);
	a->slots.now = cx->now;
}

enum err availability_get(struct cx *cx, uuid event_type_id, struct availability *out)
{
	availability_start(cx, event_type_id, out);
	TRY(db_get(cx, &AVAILABILITY_GET, AVAILABILITY_ROW, out, AVAILABILITY_ROW, out));
	return availability_finish(cx, out);
}

enum err versions_find(struct cx *cx, uuid event_type_id, struct versions *out, bool *found)
{
	struct availability a = { .event_type_id = event_type_id };
	TRY(db_find(cx, &AVAILABILITY_VERSIONS, AVAILABILITY_ROW, &a, AVAILABILITY_ROW, &a, found));
	TRY(availability_finish(cx, &a));
	*out = a.versions;
	return OK;
}

static range range_widen(range r, span by)
{
	return (range){ { r.from.s - by.s }, { r.to.s + by.s } };
}

/* A meeting whose seats are all those of the hold left out is no meeting.  What a co-host has counts as somebody else's,
 * but for a meeting of this event type that others may join: there the host's own stands for it. */
static void meetings_keep(struct cx *cx, const struct list *rows, bool co_host, struct availability *a)
{
	const struct meeting_row *row = rows->items;
	const struct list *had = &a->slots.meetings;
	struct meeting *meetings = NEWS(&cx->arena, struct meeting, had->n + rows->n + 1);
	size_t n = 0;
	for (; n < had->n; n++)
		meetings[n] = ((const struct meeting *)had->items)[n];
	for (size_t i = 0; i < rows->n; i++) {
		instant ends = row[i].expires_at;
		a->expired = a->expired || row[i].expired;
		if (row[i].expired)
			continue;
		if (co_host && row[i].it.same_event && a->slots.event.seats > 1)
			continue;
		if (instant_is(ends) && (!instant_is(a->hold_ends) || ends.s < a->hold_ends.s))
			a->hold_ends = ends;
		if (row[i].it.seats_taken > 0)
			meetings[n++] = row[i].it;
		if (row[i].it.seats_taken > 0 && co_host)
			meetings[n - 1].same_event = false;
	}
	a->slots.meetings = (struct list){ meetings, n };
}

static enum err meetings_load(struct cx *cx, struct availability *a)
{
	struct list rows;
	struct meeting_key key = {
		.bookable_id = a->bookable_id,
		.event_type_id = a->event_type_id,
		.except_reservation = a->except_reservation,
		.except_hold = a->except_hold,
	};
	TRY(slot_meeting_range(cx, &a->slots, &key.range));
	key.range = range_widen(key.range, span_minutes(EVENT_MINUTES)); /* buffers of the meetings' own */
	a->hold_ends = (instant){ NONE };
	a->slots.meetings = (struct list){ 0 };
	for (size_t i = 0; i <= a->co_hosts.n; i++) {
		if (i > 0)
			key.bookable_id = ((const uuid *)a->co_hosts.items)[i - 1];
		TRY(db_list(cx, &AVAILABILITY_MEETINGS, MEETING_KEY, &key, MEETING_ROW, sizeof(struct meeting_row),
			    &rows));
		meetings_keep(cx, &rows, i > 0, a);
	}
	return OK;
}

enum err availability_load(struct cx *cx, struct availability *a, int64_t duration_minutes,
			   const struct slot_query *query)
{
	range asked;
	a->slots.query = *query;
	a->slots.event.duration_minutes = duration_minutes;
	TRY(free_range(cx, query, &asked));
	asked = range_widen(asked, span_days(NEAR_DAYS));
	a->slots.schedule.one_offs = (struct list){ 0 };
	if (a->no_one_offs)
		return meetings_load(cx, a);
	TRY(schedule_ask_one_offs(cx, a->schedule_id, asked));
	TRY(meetings_load(cx, a));
	return schedule_read_one_offs(cx, a->schedule_id, asked, &a->slots.schedule.one_offs);
}

enum err host_time_load(struct cx *cx, uuid account_id, uuid schedule_id, range near, struct host_time *out)
{
	struct availability a = { .account_id = account_id, .schedule_id = schedule_id };
	struct meeting_key key = { .bookable_id = account_id, .range = near };
	const struct stmt *stmt = uuid_is(schedule_id) ? &AVAILABILITY_HOST_SCHEDULE : &AVAILABILITY_HOST;
	bool found;
	slot_case_defaults(&a.slots);
	a.slots.schedule.time_zone = S("UTC");
	TRY(db_find(cx, stmt, AVAILABILITY_ROW, &a, AVAILABILITY_ROW, &a, &found));
	if (!found && uuid_is(schedule_id))
		return FAIL(cx, E_NOT_FOUND, S("/schedule_id"), "is not one of your schedules");
	if (found)
		TRY(schedule_read_one_offs(cx, a.schedule_id, range_widen(near, span_days(NEAR_DAYS)),
					   &a.slots.schedule.one_offs));
	*out = (struct host_time){ .schedule = a.slots.schedule };
	return db_list(cx, &AVAILABILITY_TAKEN, MEETING_KEY, &key, TAKEN_ROW, sizeof(range), &out->busy);
}

enum err calendar_meetings(struct cx *cx, range near, struct list *out)
{
	return db_list(cx, &CALENDAR_MEETINGS, MEETING_KEY, &(struct meeting_key){ .range = near }, CALENDAR_MEETING,
		       sizeof(struct calendar_meeting), out);
}
