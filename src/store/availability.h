/* availability - everything that decides what an event type offers, read from rows into the engine's slot case.
 * Whoever lists, checks, explains or books loads it here, so that all of them decide on the same.
 *
 *     struct availability a;
 *     TRY(availability_get(cx, event_type_id, &a));
 *     TRY(event_type_duration(cx, &a.durations, minutes, &d));
 *     TRY(availability_load(cx, &a, d->minutes, &query));      then slot_list(cx, &a.slots, …), slot_check … */
#ifndef STORE_AVAILABILITY_H
#define STORE_AVAILABILITY_H
#include "core/free.h"
#include "core/slots.h"
#include "db.h"

/* versions - what an answer was made of: equal versions, equal rows.  Bookable: the sum of the host's and the co-hosts',
 * each of which only rises; who the co-hosts are is the event type's.  Only time (expiring holds, now) is apart. */
struct versions {
	int64_t bookable, schedule, event_type;
};

struct availability {
	uuid event_type_id, account_id, bookable_id, schedule_id;
	struct versions versions;
	bool active;
	bool no_one_offs;       /* the schedule has none, whenever */
	struct list durations;  /* of duration */
	struct list co_hosts;   /* of uuid: accounts whose time is taken too */
	struct slot_case slots; /* now, schedule and event but for the duration, until availability_load */

	/* What the load is to leave out, all zero: nothing.  The caller sets them after availability_get. */
	uuid except_reservation; /* a meeting that is about to move */
	uuid except_hold;        /* the hold of who is booking, where seats are shared */

	bool expired;      /* among what was loaded so far are reservations that only wait to be removed */
	instant hold_ends; /* when the first hold among what was loaded ends; NONE */
};

/* availability_get - an event type that is not deleted, with its schedule.   E_NOT_FOUND */
enum err availability_get(struct cx *, uuid event_type_id, struct availability *out);

/* The same for who reads its row by a statement of their own, with more in it: availability_start, then the row by this
 * table, then availability_finish. */
extern const struct field AVAILABILITY_ROW[];
void availability_start(const struct cx *, uuid event_type_id, struct availability *);
enum err availability_finish(struct cx *, struct availability *);

/* availability_load - the rest of a.slots for one duration and query: one-offs and meetings that can matter.
 *   E_INVALID  the query: "/from", "/to", "/time_zone" */
enum err availability_load(struct cx *, struct availability *, int64_t duration_minutes, const struct slot_query *);

/* bookable_version_get - of one bookable; 0: there is none. */
enum err bookable_version_get(struct cx *, uuid id, int64_t *version);

/* versions_find - the three numbers of an event type now; found: it is there and active. */
enum err versions_find(struct cx *, uuid event_type_id, struct versions *out, bool *found);

/* host_time_load - an account's free and taken time around a range: its default schedule, or one given (all zero: the
 * default; E_NOT_FOUND: not theirs), and reservations.  An account without a schedule is never free. */
enum err host_time_load(struct cx *, uuid account_id, uuid schedule_id, range, struct host_time *out);

/* calendar_meeting - a booking as its host's calendar shows it. */
struct calendar_meeting {
	uuid id, event_type_id;
	str title, status, invitee_name, color;
	instant start, end;
};
extern const struct field CALENDAR_MEETING[];

/* calendar_meetings - of calendar_meeting, the actor's that touch a range and are not cancelled, by start. */
enum err calendar_meetings(struct cx *, range, struct list *out);
#endif
