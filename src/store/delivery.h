/* delivery - every message about a booking that is to reach somebody, on whatever channel, and what became of it: what a
 * host reads in the booking's log.  A job does the work; its row here has the job's id and stays when the job is gone. */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H
#include "core/message.h"
#include "job.h"

/* WAITING: not yet, tried again where there is an error.  SKIPPED: there was no reason to send it any more. */
enum delivery_state { DELIVERY_WAITING, DELIVERY_SENT, DELIVERY_SKIPPED, DELIVERY_FAILED };
extern const char *const DELIVERY_STATES[];

struct delivery {
	uuid id, booking_id;     /* id: the job's */
	unsigned channel, state; /* enum message_channel, delivery_state */
	str message, reader;     /* which message, to whom: "booked", "invitee" */
	str recipient;           /* an address, or what a device is called */
	str last_error;          /* why it was not sent, or not yet; absent */
	int64_t tries;
	instant queued_at, ended_at; /* ended: NONE while it waits */
};

/* delivery_add - insert a job, and with it what it delivers: of *d booking_id, channel, message, reader and recipient
 * are read.  A job that is there already (same dedupe_key) adds nothing. */
enum err delivery_add(struct cx *, const struct delivery *d, const struct job *);

/* delivery_end - how a try of its job ended, in job_end's transaction.
 *   skipped  why nothing was sent although the job is done; NULL: it was sent */
enum err delivery_end(struct cx *, const struct job *, const char *skipped);

/* delivery_list - of struct delivery, those of a booking as they were queued, the newest DELIVERIES_SHOWN: the caller
 * checks whose it is. */
enum { DELIVERIES_SHOWN = 1000 };
enum err delivery_list(struct cx *, uuid booking_id, struct list *out);
#endif
