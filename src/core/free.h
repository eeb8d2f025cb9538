/* free - whole stretches of free time, without an event type: one host's, its complement, and what several hosts
 * have in common.  Free is open (weekly rules, overrides, `available` one-offs) minus `busy` one-offs, meetings
 * and external busy times; buffers, notice and limits belong to event types and play no part. */
#ifndef CORE_FREE_H
#define CORE_FREE_H
#include "slots.h"

/* host_time - what decides one host's time.  Meetings and busy times that touch free_range are enough. */
struct host_time {
	struct schedule schedule;
	struct list meetings; /* of meeting: start and end are read */
	struct list busy;     /* of range */
};

/* free_range - the instants from the first to the last of a query's dates (a date that the zone repeats is
 * there twice, so that not every instant in between need belong to the query). */
enum err free_range(struct cx *, const struct slot_query *, range *out);

/* free_list - out: the host's free time inside the query.  busy_list - the rest of the query.
 * Both: sorted, not touching; together they are the query's dates exactly.
 *   E_INVALID  the query ("/from", "/to", "/time_zone") or the schedule ("/schedule/...") */
enum err free_list(struct cx *, const struct slot_query *, const struct host_time *, struct intervals *out);
enum err busy_list(struct cx *, const struct slot_query *, const struct host_time *, struct intervals *out);

/* free_overlap - when all n hosts are free.
 *   at_least   only stretches at least that long; zero: all */
enum err free_overlap(struct cx *, const struct slot_query *, const struct host_time *, size_t n, span at_least,
		      struct intervals *out);
#endif
