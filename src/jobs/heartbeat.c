#include "heartbeat.h"

#include "base/log.h"
#include "base/wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { BEAT_SECONDS = 3 };

struct beat {
	bool on;
	struct job job; /* id and tries */
	int64_t began;  /* monotonic */
	span longest;
};

struct heartbeat {
	struct work_place place;
	pthread_t thread;
	struct cx cx;
	pthread_mutex_t lock; /* of these, and held while leases are renewed */
	pthread_cond_t wake;
	struct beat beats[HEARTBEATS];
	bool closing;
};

static enum err renew(struct cx *cx, void *job)
{
	return job_renew(cx, job);
}

enum err lease_renew(const struct work_place *place, struct cx *cx, struct job *job, span lease)
{
	cx->now = place->clock();
	job->due_at = instant_add(cx->now, lease);
	return store_write_wait(place->store, cx, renew, job);
}

/* Those that have just begun have their lease yet. */
static void beat_all(struct heartbeat *h)
{
	int64_t now = monotonic_now();
	for (size_t i = 0; i < HEARTBEATS; i++) {
		struct beat *b = &h->beats[i];
		int64_t since = (now - b->began) / INT64_C(1000000000);
		if (!b->on || since < BEAT_SECONDS - 1 || since > b->longest.s)
			continue;
		if (lease_renew(&h->place, &h->cx, &b->job, (span){ LEASE_SECONDS }))
			LOG(LOG_WARNING, "lease_not_renewed", { S("error"), h->cx.fault.message });
	}
	fault_clear(&h->cx);
	arena_reset(&h->cx.arena);
}

static void *heartbeat_main(void *arg)
{
	struct heartbeat *h = arg;
	pthread_mutex_lock(&h->lock);
	while (!h->closing) {
		struct timespec until = wait_until(BEAT_SECONDS * 1000);
		int code = 0;
		while (!h->closing && code != ETIMEDOUT)
			code = pthread_cond_timedwait(&h->wake, &h->lock, &until);
		if (!h->closing)
			beat_all(h);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

enum err heartbeat_open(struct cx *cx, const struct work_place *place, struct heartbeat **out)
{
	struct heartbeat *h = calloc(1, sizeof *h);
	if (!h)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no memory for the heartbeat");
	h->place = *place;
	pthread_mutex_init(&h->lock, NULL);
	wait_open(&h->wake);
	if (pthread_create(&h->thread, NULL, heartbeat_main, h) != 0) {
		free(h);
		return FAIL(cx, E_UNAVAILABLE, S(""), "no thread for the heartbeat");
	}
	*out = h;
	return OK;
}

void heartbeat_close(struct heartbeat *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&h->lock);
	h->closing = true;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	arena_close(&h->cx.arena);
	free(h);
}

void heartbeat_begin(struct heartbeat *h, unsigned worker, const struct job *job, span longest)
{
	pthread_mutex_lock(&h->lock);
	h->beats[worker] = (struct beat){ true, { .id = job->id, .tries = job->tries }, monotonic_now(), longest };
	pthread_mutex_unlock(&h->lock);
}

void heartbeat_end(struct heartbeat *h, unsigned worker)
{
	pthread_mutex_lock(&h->lock);
	h->beats[worker].on = false;
	pthread_mutex_unlock(&h->lock);
}
