#include "workers.h"

#include "base/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct task {
	void (*run)(void *arg, unsigned index);
	void *arg;
};

struct worker {
	pthread_t thread;
	struct workers *pool;
	unsigned index;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct worker *threads;
	unsigned count;
	struct task *ring;
	unsigned first, waiting, cap;
	bool closing;
};

static bool task_next(struct workers *w, struct task *out)
{
	pthread_mutex_lock(&w->lock);
	while (!w->waiting && !w->closing)
		pthread_cond_wait(&w->some, &w->lock);
	bool got = w->waiting > 0;
	if (got) {
		*out = w->ring[w->first];
		w->first = (w->first + 1) % w->cap;
		w->waiting--;
	}
	pthread_mutex_unlock(&w->lock);
	return got;
}

static void *worker_main(void *of)
{
	struct worker *me = of;
	struct task task;
	while (task_next(me->pool, &task))
		task.run(task.arg, me->index);
	return NULL;
}

enum err workers_open(struct cx *cx, unsigned threads, unsigned max_queue, struct workers **out)
{
	struct workers *w = calloc(1, sizeof *w);
	if (w) {
		w->cap = max_queue ? max_queue : 1;
		w->ring = calloc(w->cap, sizeof *w->ring);
		w->threads = calloc(threads, sizeof *w->threads);
	}
	if (!w || !w->ring || !w->threads) {
		fputs("workers: out of memory\n", stderr);
		abort();
	}
	pthread_mutex_init(&w->lock, NULL);
	wait_open(&w->some);
	for (; w->count < threads; w->count++) {
		struct worker *worker = &w->threads[w->count];
		*worker = (struct worker){ .pool = w, .index = w->count };
		if (pthread_create(&worker->thread, NULL, worker_main, worker) == 0)
			continue;
		unsigned started = w->count;
		workers_close(w);
		return FAIL(cx, E_UNAVAILABLE, S("workers"), "only %u of %u threads could be started", started,
			    threads);
	}
	*out = w;
	return OK;
}

bool workers_run(struct workers *w, void (*run)(void *arg, unsigned index), void *arg)
{
	pthread_mutex_lock(&w->lock);
	bool room = w->waiting < w->cap && !w->closing;
	if (room) {
		w->ring[(w->first + w->waiting) % w->cap] = (struct task){ run, arg };
		w->waiting++;
		pthread_cond_signal(&w->some);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}

void workers_end(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_broadcast(&w->some);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->count; i++)
		pthread_join(w->threads[i].thread, NULL);
	w->count = 0;
}

void workers_close(struct workers *w)
{
	if (!w)
		return;
	workers_end(w);
	pthread_cond_destroy(&w->some);
	pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w->ring);
	free(w);
}

unsigned workers_waiting(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	unsigned waiting = w->waiting;
	pthread_mutex_unlock(&w->lock);
	return waiting;
}
