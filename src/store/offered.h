/* offered - all that booking something needs to know of it: the event type, what decides about its slots, its host.
 * A booking reads it before it waits for the writer; inside the transaction four numbers tell that it still holds. */
#ifndef STORE_OFFERED_H
#define STORE_OFFERED_H
#include "account.h"
#include "availability.h"
#include "event_type.h"

struct offered {
	struct event_type event_type;
	struct availability availability; /* as availability_get leaves it */
	struct account host;              /* as offered_host leaves it */
};

/* offered_get - by an event type's id; without the host.   E_NOT_FOUND /event_type_id: or it was deleted */
enum err offered_get(struct cx *, uuid event_type_id, struct offered *out);

/* offered_host - the host of what was got, where it is not there yet. */
enum err offered_host(struct cx *, struct offered *);

/* offered_holds - whether what was read in an earlier transaction, host and all, is what the rows of event type, schedule
 * and host say now: each raises its version with every change. */
enum err offered_holds(struct cx *, const struct offered *, bool *holds);
#endif
