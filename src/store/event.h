/* event - what happened to bookings, for whoever listens: written in the transaction that changes a booking, kept for
 * EVENT_DAYS.  Accounts without a webhook have none. */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H
#include "booking.h"

enum { EVENT_DAYS = 30 };

enum event_kind {
	EVENT_CREATED,
	EVENT_REQUESTED,
	EVENT_CONFIRMED,
	EVENT_REJECTED,
	EVENT_CANCELLED,
	EVENT_RESCHEDULED,
	EVENT_EXPIRED,
	EVENT_COMPLETED,
	EVENT_NO_SHOW,
	EVENT_UPDATED,
	EVENT_TEST /* not of a booking: asked for, and sent to one webhook only */
};
extern const char *const EVENT_KINDS[];     /* by enum event_kind: "booking.created" */
extern const char *const EVENTS_LISTENED[]; /* the same, without the test: what a webhook may choose */

struct event {
	uuid account_id, id, booking_id; /* booking: all zero for a test */
	unsigned type;                   /* enum event_kind */
	str payload;                     /* JSON: the body's `data` */
	instant created_at;
};
extern const struct field EVENT[];

/* event_add - what has just happened to a booking, as it is now, to all webhooks that listen; to be called wherever people
 * are told of it.  Costs one look at an index where the account has no webhook.
 *   before   EVENT_RESCHEDULED: the old time, which the event tells beside the new one */
enum err event_add(struct cx *, enum event_kind, const struct booking *, range before);

/* event_add_id - the same, of a booking of which only id and account are known; it is loaded if somebody listens. */
enum err event_add_id(struct cx *, enum event_kind, uuid account, uuid booking);

/* event_add_test - an event that says nothing but which webhook it is for; sets *out. */
enum err event_add_test(struct cx *, uuid webhook, struct event *out);

/* event_body - what is sent: {"id": …, "type": …, "timestamp": …, "data": …}, the same bytes each time. */
str event_body(struct arena *, const struct event *);

/* event_prune - forget at most 1,000 that are older than EVENT_DAYS, and their deliveries. */
enum err event_prune(struct cx *);
#endif
