/* wait - waiting that ends when it should while the system's time of day is set: by the monotonic clock. */
#ifndef BASE_WAIT_H
#define BASE_WAIT_H
#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* wait_open - what pthread_cond_timedwait waits for; never fails.
 * wait_until - so many milliseconds from now, as its time. */
void wait_open(pthread_cond_t *);
struct timespec wait_until(int64_t milliseconds);
#endif
