/* wait - waiting that ends when it should while the system's time of day is set: by the monotonic clock. */
#ifndef BASE_WAIT_H
#define BASE_WAIT_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* wait_open - what pthread_cond_timedwait waits for; never fails.
 * wait_until - so many milliseconds from now, as its time.
 * monotonic_now - nanoseconds of that clock. */
void wait_open(pthread_cond_t *);
int64_t monotonic_now(void);
struct timespec wait_until(int64_t milliseconds);

/* ending - how threads that look for work now and then hear that they are to end: `told` may be read at any time.
 *   ending_tell  from now on
 *   ending_wait  so many milliseconds, or until it is told.  false: it is. */
struct ending {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	atomic_bool told; /* set under lock */
};
void ending_open(struct ending *);
void ending_tell(struct ending *);
bool ending_wait(struct ending *, int64_t milliseconds);
#endif
