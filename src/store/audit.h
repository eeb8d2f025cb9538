/* audit - the log of every change of a row that a person can see: append-only, chained by hash for each account. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H
#include "db.h"

/* audit_entry - what a change was.  before, after: JSON as field_encode makes it; absent: created, deleted. */
struct audit_entry {
	uuid account_id; /* whose data */
	str actor;       /* an account's id in text, "invitee" or "system" */
	str origin;      /* the request's or job's id */
	str action;      /* "booking.create" */
	uuid entity_id;
	str before_text, after_text;
};

/* audit_add - append, in the transaction that makes the change.
 * audit_ask - one entry will be added in a moment: see db_ask. */
enum err audit_ask(struct cx *, uuid account_id);
enum err audit_add(struct cx *, const struct audit_entry *);

/* audit_step - one entry as its owner reads it. */
struct audit_step {
	uuid account_id, entity_id;
	int64_t number;
	instant at;
	str actor, origin, action;
	struct raw_json before, after; /* absent as they were given, or erased since */
};

/* audit_list - of struct audit_step: what happened to one thing of the actor's, in order, the newest AUDIT_SHOWN. */
enum { AUDIT_SHOWN = 1000 };
enum err audit_list(struct cx *, uuid entity_id, struct list *out);

/* audit_verify - walk the chain of an account; *broken is the number of the first row that does not fit, or 0. */
enum err audit_verify(struct cx *, uuid account_id, int64_t *broken);
#endif
