/* workers - a small pool of threads for what waits: argon2, PostgreSQL, the writer's queue. */
#ifndef API_HTTP_WORKERS_H
#define API_HTTP_WORKERS_H
#include "base/fault.h"

struct workers;

/* workers_open - `threads` of them, at most `max_queue` tasks waiting.   E_UNAVAILABLE  no thread could be started */
enum err workers_open(struct cx *, unsigned threads, unsigned max_queue, struct workers **out);

/* workers_run - have run(arg, index) called on one of the threads; index is 0 … threads-1, for what is kept per
 * thread (a connection).  First come, first served.  false: the queue is full (answer 503) or the pool is closing. */
[[nodiscard]] bool workers_run(struct workers *, void (*run)(void *arg, unsigned index), void *arg);

/* workers_end - run what is queued, then end the threads; the pool is there still, and empty.
 * workers_close - that, and free the pool.  NULL is allowed for both. */
void workers_end(struct workers *);
void workers_close(struct workers *);

/* workers_waiting - tasks queued and not yet started, for metrics. */
unsigned workers_waiting(struct workers *);
#endif
