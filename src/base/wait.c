#include "wait.h"

void wait_open(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

int64_t monotonic_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct timespec wait_until(int64_t milliseconds)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += milliseconds / 1000;
	t.tv_nsec += milliseconds % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

void ending_open(struct ending *e)
{
	pthread_mutex_init(&e->lock, NULL);
	wait_open(&e->wake);
	e->told = false;
}

void ending_tell(struct ending *e)
{
	pthread_mutex_lock(&e->lock);
	e->told = true;
	pthread_cond_broadcast(&e->wake);
	pthread_mutex_unlock(&e->lock);
}

bool ending_wait(struct ending *e, int64_t milliseconds)
{
	struct timespec until = wait_until(milliseconds);
	pthread_mutex_lock(&e->lock);
	while (!e->told && pthread_cond_timedwait(&e->wake, &e->lock, &until) == 0)
		;
	pthread_mutex_unlock(&e->lock);
	return !e->told;
}
