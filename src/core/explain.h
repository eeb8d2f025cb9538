/* explain - why a moment is not a slot: every reason, each with the thing it comes from.
 * No reason means that it is one: slot_explain and slot_list agree for every instant (tested as a property).
 * Reasons name meetings and calendar times: show them to the host only; a stranger may see the codes. */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H
#include "slots.h"

enum reason_code {
	REASON_OUTSIDE_HOURS,   /* start, end: the part of it that is not open; date: the host's */
	REASON_OVERRIDE_CLOSED, /* the same, on a date with an override */
	REASON_ONE_OFF_BUSY,    /* start, end: of the one-off; id */
	REASON_OFF_GRID,        /* start, end: the candidates before and after it, where there are any */
	REASON_PAST,            /* end: now */
	REASON_NOTICE,          /* end: the earliest start; limit: minutes */
	REASON_HORIZON,         /* date: the last host's date; limit: days */
	REASON_WINDOW,          /* date: the bound it misses */
	REASON_QUERY_RANGE,     /* date: the invitee's date of it */
	REASON_LIMIT_DAY,       /* limit; count: meetings there are; date: that date */
	REASON_LIMIT_WEEK,      /* ... date: its Monday */
	REASON_LIMIT_MONTH,     /* ... date: the month's first */
	REASON_MEETING,         /* start, end: of the meeting; id */
	REASON_BUFFER,          /* too near a meeting or busy time: its start, end; id; limit: minutes between */
	REASON_CALENDAR_BUSY,   /* start, end */
	REASON_SEATS_FULL,      /* start, end, id of the meeting; limit: seats; count: taken */
};
extern const char *const REASON_CODES[]; /* "outside_hours" .., NULL */

struct reason {
	unsigned code;      /* enum reason_code */
	str message;        /* for the user, without times: those are for the caller to format */
	instant start, end; /* NONE where there is none, so are the rest */
	day date;
	int64_t limit, count;
	uuid id;
};
extern const struct field REASON[];
enum { REASON_CAP = 100 /* reasons of one answer: a thousand meetings at one time are not told one by one */ };

/* slot_explain - out: of struct reason: hours first, then dates, limits, and what is there already.
 *   E_INVALID  as slot_case_check */
enum err slot_explain(struct cx *, const struct slot_case *, instant at, struct list *out);

/* reason_message - the sentence of a code. */
str reason_message(enum reason_code);
#endif
