/* idempotency - the same Idempotency-Key and request within 24 hours get the same answer; the row is written in the
 * transaction that it repeats.  Answers may hold secrets (manage links), so they are sealed.  A failure is not kept:
 * its repeat is judged anew, and cannot book twice because the first did not book. */
#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H
#include "api.h"

/* idempotency_find - before the handler, inside its transaction.  *found: c's reply is the earlier one.
 *   E_IDEMPOTENCY  the key was used for another request      E_INVALID  not a key */
enum err idempotency_find(struct call *, bool *found);
enum err idempotency_keep(struct call *); /* after it succeeded; nothing without a key */
#endif
