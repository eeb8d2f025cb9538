#include "heartbeat.h"

#include "base/log.h"
#include "base/wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { BEAT_SECONDS = 3 };

struct beat {
	struct job job; /* id, all zero: none; tries */
	bool runs;      /* else its end is being recorded */
	int64_t began;  /* monotonic */
	span longest;
};

struct heartbeat {
	struct work_place place;
	pthread_t thread;
	struct cx cx;
	pthread_mutex_t lock; /* of these; not held while a lease is renewed: who writes may ask heartbeat_holds */
	pthread_cond_t wake, renewed;
	struct beat beats[HEARTBEATS], *renewing;
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

static int64_t seconds_since(int64_t began)
{
	return (monotonic_now() - began) / INT64_C(1000000000);
}

/* Whether it is to be renewed: one that has just begun has its lease yet. */
static bool is_wanted(const struct beat *b)
{
	int64_t since = seconds_since(b->began);
	return b->runs && since >= BEAT_SECONDS - 1 && since <= b->longest.s;
}

static void beat(struct heartbeat *h, struct beat *b)
{
	struct job job = b->job;
	h->renewing = b;
	pthread_mutex_unlock(&h->lock);
	if (lease_renew(&h->place, &h->cx, &job, (span){ LEASE_SECONDS }))
		LOG(LOG_WARNING, "lease_not_renewed", { S("error"), h->cx.fault.message });
	pthread_mutex_lock(&h->lock);
	h->renewing = NULL;
	pthread_cond_broadcast(&h->renewed);
}

static void beat_all(struct heartbeat *h)
{
	for (size_t i = 0; i < HEARTBEATS; i++)
		if (is_wanted(&h->beats[i]))
			beat(h, &h->beats[i]);
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
	wait_open(&h->renewed);
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
	h->beats[worker] = (struct beat){ { .id = job->id, .tries = job->tries }, true, monotonic_now(), longest };
	pthread_mutex_unlock(&h->lock);
}

void heartbeat_end(struct heartbeat *h, unsigned worker)
{
	struct beat *b = &h->beats[worker];
	pthread_mutex_lock(&h->lock);
	b->runs = false;
	while (h->renewing == b)
		pthread_cond_wait(&h->renewed, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

void heartbeat_recorded(struct heartbeat *h, unsigned worker)
{
	pthread_mutex_lock(&h->lock);
	h->beats[worker].job.id = (uuid){ 0 };
	pthread_mutex_unlock(&h->lock);
}

bool heartbeat_holds(struct heartbeat *h, uuid id)
{
	bool holds = false;
	pthread_mutex_lock(&h->lock);
	for (const struct beat *b = h->beats; b < h->beats + HEARTBEATS; b++)
		holds = holds || (uuid_same(b->job.id, id) && seconds_since(b->began) <= b->longest.s);
	pthread_mutex_unlock(&h->lock);
	return holds;
}
