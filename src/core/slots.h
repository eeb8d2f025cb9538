/* slots - which starts can be booked; the meaning is docs/semantics.md, the theory is in slots.c.
 *
 * A caller that reads its data from a store: fill a slot_case (query, schedule, event), ask slot_meeting_range
 * which meetings and busy times are needed, load them, then slot_list, slot_check, slot_explain or slot_nearest.
 * Everything is decided here; no caller repeats any of it. */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H
#include "schedule.h"

/* slot_query - dates in the invitee's zone, inclusive. */
struct slot_query {
	day from, to;
	str time_zone;
};

/* slot_window - the host's dates, inclusive; both or neither.  slot_limits - NONE: no limit. */
struct slot_window {
	day from, until;
};
struct slot_limits {
	int64_t day, week, month;
};

struct slot_event {
	int64_t duration_minutes;
	int64_t interval_minutes; /* NONE: the duration */
	int64_t buffer_before_minutes, buffer_after_minutes;
	int64_t minimum_notice_minutes;
	int64_t horizon_days; /* NONE: no horizon */
	struct slot_window window;
	struct slot_limits limits;
	int64_t seats;
};

/* meeting - what occupies the host.  `id` is for explanations only and in no table of cases. */
struct meeting {
	instant start, end;
	int64_t buffer_before_minutes, buffer_after_minutes;
	bool same_event;
	int64_t seats_taken;
	uuid id;
};

struct slot_case {
	str name;
	instant now;
	struct slot_query query;
	struct schedule schedule;
	struct slot_event event;
	struct list meetings;   /* of meeting, any order */
	struct list busy;       /* of range, any order: external calendars */
	struct raw_json expect; /* never read */
};

struct slot {
	instant start;
	int64_t seats_left; /* the event's seats, less those taken of the meeting it would join */
};

extern const struct field SLOT_QUERY[], SLOT_WINDOW[], SLOT_LIMITS[], SLOT_EVENT[], MEETING[], SLOT_CASE[];

enum {
	SLOT_DAYS = 366,           /* the engine's cap of a query, in days */
	SLOT_LENGTH = 31 * 1440,   /* minutes: a duration, an interval, a buffer */
	SLOT_NOTICE = 3660 * 1440, /* minutes */
	SLOT_HORIZON = 36600,      /* days */
	SLOT_COUNT = 1000000,      /* limits, seats */
	SLOT_MEETINGS = 100000,    /* meetings or busy times of one case */
};

/* slot_case_check - every problem of a case, with pointers as in SLOT_CASE ("/event/duration_minutes").
 * slot_query_note, slot_event_note - one part of it, noted by fault_add under a prefix; the API's cap is 62 days. */
enum err slot_case_check(struct cx *, const struct slot_case *);
void slot_query_note(struct cx *, const struct slot_query *, int64_t max_days, str prefix);
void slot_event_note(struct cx *, const struct slot_event *, str prefix);

/* slot_case_defaults - an empty case with the wire's defaults (NONE where absent, seats 1). */
void slot_case_defaults(struct slot_case *);

/* slot_list - every slot of the query, ascending.
 *   out        of struct slot, in cx->arena
 *   E_INVALID  as slot_case_check */
enum err slot_list(struct cx *, const struct slot_case *, struct list *out);

/* slot_check - whether `start` is in slot_list's answer, at the cost of a day, whatever the query's length. */
enum err slot_check(struct cx *, const struct slot_case *, instant start, bool *offered);

/* slot_nearest - at most n slots of the query, those nearest to `at` (the earlier of two equally near), ascending. */
enum err slot_nearest(struct cx *, const struct slot_case *, instant at, size_t n, struct list *out);

/* slot_query_at - the one-day query that asks for the date of `at` in a zone: for slot_check and slot_explain.
 * slot_query_around - that date and `days` before and after, within 1970..2199: for slot_nearest. */
enum err slot_query_at(struct cx *, str time_zone, instant at, struct slot_query *out);
enum err slot_query_around(struct cx *, str time_zone, instant at, int64_t days, struct slot_query *out);

/* slot_meeting_range - which rows decide a case: every meeting whose [start - buffer_before, end + buffer_after),
 * and every busy time whose [start, end), overlaps *out.  Reads query, schedule.time_zone and event. */
enum err slot_meeting_range(struct cx *, const struct slot_case *, range *out);
#endif
