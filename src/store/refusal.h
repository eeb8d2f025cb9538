/* refusal - how often a host's time was wanted in vain, by day: because somebody has it, or only because of the time to
 * keep free around a meeting.  A refusal is answered without a write: it is counted in memory, and written once in a while.
 * What a process counted and did not write is lost with it. */
#ifndef STORE_REFUSAL_H
#define STORE_REFUSAL_H
#include "db.h"

enum refusal_why { REFUSED_TAKEN, REFUSED_BUFFER };

/* refusal_note - one more; safe on any thread.  Past REFUSALS_KEPT hosts and days at once it is not counted. */
enum { REFUSALS_KEPT = 1024 };
void refusal_note(uuid account_id, enum refusal_why, instant now);

/* refusal_flush - write what was counted since the last time, in a write transaction. */
enum err refusal_flush(struct cx *);
#endif
