/* lock - on PostgreSQL, where others write at the same time, whoever changes something of an account holds the row of
 * its bookable until the commit: what is then read, judged and written cannot change meanwhile, as with SQLite's one
 * writer.  One row for an account, so that there is no order to get wrong; the guard takes the same one.
 * Nothing happens on SQLite, nor in a transaction that only reads. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H
#include "db.h"

/* None of them waits: what is asked afterwards is answered under the lock.
 * lock_account - an account that is about to be made has no row yet, and nobody to keep out. */
enum err lock_account(struct cx *, uuid account_id);
enum err lock_booking(struct cx *, uuid booking_id);       /* its host's */
enum err lock_event_type(struct cx *, uuid event_type_id); /* of whom it takes the time */

/* lock_note - that account's row is held by another statement of this transaction. */
void lock_note(struct cx *, uuid account_id);
#endif
