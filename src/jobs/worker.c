#include "worker.h"

#include "base/log.h"
#include "base/wait.h"
#include "heartbeat.h"
#include "kinds.h"
#include "store/delivery.h"
#include "store/periodic.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* OTHERS_POLLS: looks at the queue without a commit of our own, where others commit too */
enum { POLL_MS = 100, WAY_MS = 50, AGAIN_MS = 1000, OTHERS_POLLS = 4, PERIODIC_MAX = 16 };

/* The lane of each thread. */
static const enum job_lane LANES[] = {
	LANE_OWN, LANE_PROMPT, LANE_MAIL, LANE_MAIL, LANE_HTTP, LANE_HTTP, LANE_HTTP, LANE_HTTP,
};
enum { THREADS = sizeof LANES / sizeof *LANES };
static_assert((size_t)THREADS <= HEARTBEATS, "each thread has a heartbeat");

struct job_workers {
	struct work_place place;
	pthread_t threads[THREADS];
	struct mailer *mailers[THREADS];
	struct heartbeat *heartbeat;
	unsigned n;
	atomic_uint next; /* hands each thread its index */
	struct ending ending;
	atomic_uint unrecorded[LANE_COUNT]; /* jobs that ended, which the store cannot be told yet */
	_Atomic uint64_t done, retried, dead;
	_Atomic uint64_t late[LANE_COUNT][LATE_BUCKETS], late_sum[LANE_COUNT];
	_Atomic int64_t due[LANE_COUNT], overdue[LANE_COUNT], dead_now; /* thread 0's look at the queue */
	instant looked;
	instant ran[PERIODIC_MAX]; /* thread 0's: when each periodic work was last done */
};

const int64_t LATE_BOUNDS[] = { 0, 1, 2, 5, 30, 300, 3600 };

static void late_note(struct job_workers *w, enum job_lane lane, span late)
{
	size_t i = 0;
	while (i < LATE_BUCKETS - 1 && late.s > LATE_BOUNDS[i])
		i++;
	atomic_fetch_add(&w->late[lane][i], 1);
	atomic_fetch_add(&w->late_sum[lane], late.s > 0 ? (uint64_t)late.s : 0);
}

static const struct job_kind *kind_find(str name)
{
	for (const struct job_kind *k = JOB_KINDS; k->name; k++)
		if (str_is(name, str_of(k->name)))
			return k;
	return NULL;
}

/* When to try again: doubling, at most a quarter of a day, give or take a quarter of it. */
static span backoff(const struct job_kind *kind, int64_t tries, span wait)
{
	int64_t s = kind->backoff.s << (tries < 12 ? tries - 1 : 11);
	if (s > DAY_SECONDS / 4)
		s = DAY_SECONDS / 4;
	s = s * 3 / 4 + (int64_t)random_below((uint32_t)(s / 2 + 1));
	return (span){ s > wait.s ? s : wait.s };
}

static void job_judge(struct job_workers *w, struct work *work, const struct job_kind *kind, enum err e,
		      struct job *job)
{
	struct cx *cx = work->cx;
	cx->now = w->place.clock();
	job->done_at = cx->now;
	job->state = e ? JOB_DEAD : JOB_DONE;
	job->last_error = e ? cx->fault.message : (str){ NULL, 0 };
	int64_t tries = job->tries - job->forgiven;
	if (err_passes(e) && kind && (tries < kind->tries || w->ending.told)) {
		job->state = JOB_WAITING;
		job->done_at = (instant){ NONE };
		/* what our end cut short is for others at once */
		job->due_at = instant_add(cx->now, w->ending.told ? work->wait : backoff(kind, tries, work->wait));
	}
	atomic_fetch_add(job->state == JOB_DONE ? &w->done : job->state == JOB_DEAD ? &w->dead : &w->retried, 1);
	if (!e && work->skipped)
		LOG(LOG_INFO, "job_skipped", { S("kind"), job->kind }, { S("job"), job->dedupe_key },
		    { S("why"), str_of(work->skipped) });
	if (e)
		LOG(job->state == JOB_DEAD ? LOG_ERROR : LOG_WARNING,
		    job->state == JOB_DEAD ? "job_dead" : "job_retry", { S("kind"), job->kind },
		    { S("job"), job->dedupe_key }, { S("error"), job->last_error });
}

static span lease_of(str name)
{
	const struct job_kind *kind = kind_find(name);
	return kind && kind->lease.s < LEASE_SECONDS ? kind->lease : (span){ LEASE_SECONDS };
}

/* turn - what a worker does in one transaction: note how its last job ended, and take the next one. */
struct turn {
	struct heartbeat *heartbeat;
	struct job last;
	bool ends, delivers; /* there was one; of that delivery_end is to know */
	const char *skipped;
	enum job_lane lane;
	bool takes, found;
	struct job job;
};

static enum err last_end(struct cx *cx, const struct turn *t)
{
	bool ours;
	TRY(job_end(cx, &t->last, &ours));
	if (!ours)
		LOG(LOG_WARNING, "job_lease_lost", { S("job"), t->last.dedupe_key });
	return ours && t->delivers ? delivery_end(cx, &t->last, t->skipped) : OK;
}

/* One that runs here is due only because the clock was set forward, past its lease: that is renewed. */
static enum err take(struct cx *cx, struct turn *t)
{
	for (;;) {
		TRY(job_due(cx, t->lane, &t->job, &t->found));
		if (!t->found)
			return OK;
		t->job.due_at = instant_add(cx->now, lease_of(t->job.kind));
		if (!heartbeat_holds(t->heartbeat, t->job.id))
			return job_take(cx, &t->job, &t->found);
		TRY(job_renew(cx, &t->job));
	}
}

static enum err turn(struct cx *cx, void *arg)
{
	struct turn *t = arg;
	t->found = false;
	if (t->ends)
		TRY(last_end(cx, t));
	return t->takes ? take(cx, t) : OK;
}

/* The last job's end alone, until it is recorded: what was done is not to be done again.  Its lease is renewed as far as
 * that can be; and nobody of the lane takes a job meanwhile, which may be that very one. */
static void end_insist(struct job_workers *w, struct cx *cx, struct turn *t, enum err e)
{
	bool on = true;
	t->takes = false;
	atomic_fetch_add(&w->unrecorded[t->lane], 1);
	while (on && err_passes(e)) {
		struct job last = t->last;
		on = ending_wait(&w->ending, AGAIN_MS);
		arena_reset(&cx->arena);
		(void)lease_renew(&w->place, cx, &last, lease_of(last.kind));
		fault_clear(cx);
		e = store_write_wait(w->place.store, cx, turn, t);
	}
	atomic_fetch_sub(&w->unrecorded[t->lane], 1);
}

static bool turn_make(struct job_workers *w, struct cx *cx, struct turn *t)
{
	cx->now = w->place.clock();
	enum err e = store_write_wait(w->place.store, cx, turn, t);
	if (e && t->ends) {
		LOG(LOG_ERROR, "job_unrecorded", { S("job"), t->last.dedupe_key }, { S("error"), cx->fault.message });
		end_insist(w, cx, t, e);
	}
	return !e && t->found;
}

/* The job that was taken; then it is the last one. */
static void job_run(struct job_workers *w, struct work *work, struct turn *t, unsigned index)
{
	struct cx *cx = work->cx;
	struct job *job = &t->job;
	const struct job_kind *kind = kind_find(job->kind);
	late_note(w, t->lane, job->late);
	work->wait = (span){ 0 };
	work->skipped = NULL;
	fault_clear(cx);
	heartbeat_begin(w->heartbeat, index, job, kind ? kind->lease : (span){ 0 });
	enum err e = kind ? kind->run(work, job) : FAIL(cx, E_INTERNAL, S(""), "there is no such kind of job");
	heartbeat_end(w->heartbeat, index);
	job_judge(w, work, kind, e, job);
	t->last = *job;
	t->ends = true;
	t->delivers = kind && kind->delivers;
	t->skipped = work->skipped;
}

/* next - when a lane's first job is due, as of a state of the store. */
struct next {
	enum job_lane lane;
	uint64_t seen;  /* commits of this process */
	unsigned polls; /* since the last look */
	instant due;
};

static enum err look(struct cx *cx, void *arg)
{
	struct next *next = arg;
	return job_next_due(cx, next->lane, &next->due);
}

static bool is_due(struct job_workers *w, struct cx *cx, struct next *next)
{
	uint64_t commits = store_figures(w->place.store).commits;
	bool news = commits != next->seen || (store_waits(w->place.store) && next->polls++ >= OTHERS_POLLS);
	if (news && !store_read(w->place.store, cx, look, next)) {
		next->seen = commits;
		next->polls = 0;
	}
	return instant_is(next->due) && next->due.s <= w->place.clock().s;
}

static enum err periodic_do(struct cx *cx, void *arg)
{
	const struct periodic *p = arg;
	bool ours = p->each;
	if (!p->each)
		TRY(periodic_claim(cx, str_of(p->name), p->every, &ours));
	return ours ? p->run(cx, NULL) : OK;
}

static void periodic_run(struct job_workers *w, struct cx *cx)
{
	cx->now = w->place.clock();
	for (size_t i = 0; PERIODIC[i].name && i < PERIODIC_MAX; i++) {
		int64_t since = cx->now.s - w->ran[i].s;
		if (w->ran[i].s && since >= 0 && since < PERIODIC[i].every) /* below zero: the clock was put back */
			continue;
		w->ran[i] = cx->now;
		if (store_write_wait(w->place.store, cx, periodic_do, (void *)&PERIODIC[i]))
			LOG(LOG_ERROR, "periodic_failed", { S("what"), str_of(PERIODIC[i].name) },
			    { S("error"), cx->fault.message });
	}
}

static enum err figures_get(struct cx *cx, void *arg)
{
	return job_figures_get(cx, arg);
}

/* What metrics show of the queue. */
static void figures_look(struct job_workers *w, struct cx *cx)
{
	struct job_figures f;
	cx->now = w->place.clock();
	int64_t since = cx->now.s - w->looked.s;
	if (since >= 0 && since < FIGURES_SECONDS)
		return;
	w->looked = cx->now;
	if (store_read(w->place.store, cx, figures_get, &f))
		return; /* the last ones stand until the next look */
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->due[i] = f.due[i];
		w->overdue[i] = f.overdue[i].s;
	}
	w->dead_now = f.dead;
}

static void tend(struct job_workers *w, struct cx *cx)
{
	periodic_run(w, cx);
	figures_look(w, cx);
}

static bool may_take(const struct job_workers *w, enum job_lane lane)
{
	return !w->ending.told && !w->unrecorded[lane];
}

/* Whether others are first: who waits for an answer, before what nobody waits for. */
static bool gives_way(const struct job_workers *w, enum job_lane lane)
{
	return lane != LANE_PROMPT && w->place.requests_wait && w->place.requests_wait(w->place.requests);
}

/* Every job of a lane that is due, or one where the lane gives way.  What one holds is needed until the next one is taken:
 * two contexts by turns. */
static void jobs_run(struct job_workers *w, struct work work[2], enum job_lane lane, unsigned index)
{
	struct turn t = { .heartbeat = w->heartbeat, .lane = lane, .takes = true };
	for (unsigned i = 0; turn_make(w, work[i].cx, &t); t.takes = may_take(w, lane) && !gives_way(w, lane)) {
		job_run(w, &work[i], &t, index);
		i = !i;
		fault_clear(work[i].cx);
		arena_reset(&work[i].cx->arena);
		if (index == 0)
			tend(w, work[i].cx);
	}
	heartbeat_recorded(w->heartbeat, index);
}

static void *worker_main(void *arg)
{
	struct job_workers *w = arg;
	unsigned index = atomic_fetch_add(&w->next, 1);
	struct cx cx[2] = { 0 };
	struct work work[2] = { { .cx = &cx[0], .place = &w->place, .mailer = w->mailers[index] },
				{ .cx = &cx[1], .place = &w->place, .mailer = w->mailers[index] } };
	struct next next = { .lane = LANES[index], .seen = UINT64_MAX, .due = { NONE } };
	do {
		if (index == 0)
			tend(w, &cx[0]);
		if (may_take(w, next.lane) && is_due(w, &cx[0], &next)) {
			jobs_run(w, work, next.lane, index);
			next.seen = UINT64_MAX;
		}
		for (size_t i = 0; i < 2; i++) {
			fault_clear(&cx[i]);
			arena_reset(&cx[i].arena);
		}
	} while (ending_wait(&w->ending, gives_way(w, next.lane) ? WAY_MS : POLL_MS));
	arena_close(&cx[0].arena);
	arena_close(&cx[1].arena);
	return NULL;
}

enum err job_workers_start(struct cx *cx, const struct work_place *place, struct job_workers **out)
{
	struct job_workers *w = calloc(1, sizeof *w);
	if (!w)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no memory for job workers");
	w->place = *place;
	ending_open(&w->ending);
	enum err e = heartbeat_open(cx, place, &w->heartbeat);
	for (; !e && w->n < THREADS; w->n++) {
		struct mailer **mailer = &w->mailers[w->n];
		if (LANES[w->n] == LANE_MAIL || LANES[w->n] == LANE_PROMPT)
			e = mailer_open(cx, place->smtp_url, place->data, mailer);
		if (*mailer)
			(*mailer)->ending = &w->ending.told;
		if (!e && pthread_create(&w->threads[w->n], NULL, worker_main, w) != 0)
			e = FAIL(cx, E_UNAVAILABLE, S(""), "no thread for a job worker: %s", strerror(errno));
		if (e)
			break;
	}
	if (e)
		job_workers_stop(w);
	else
		*out = w;
	return e;
}

void job_workers_end(struct job_workers *w)
{
	if (w)
		ending_tell(&w->ending);
}

void job_workers_stop(struct job_workers *w)
{
	if (!w)
		return;
	job_workers_end(w);
	for (unsigned i = 0; i < w->n; i++)
		pthread_join(w->threads[i], NULL);
	for (unsigned i = 0; i < THREADS; i++)
		if (w->mailers[i])
			w->mailers[i]->close(w->mailers[i]);
	heartbeat_close(w->heartbeat);
	free(w);
}

void job_workers_counters(const struct job_workers *w, struct job_counters *out)
{
	*out =
	    (struct job_counters){ .done = w->done, .retried = w->retried, .dead = w->dead, .dead_now = w->dead_now };
	for (size_t i = 0; i < LANE_COUNT; i++) {
		out->lanes[i].due = w->due[i];
		out->lanes[i].overdue = w->overdue[i];
		out->lanes[i].late_sum = w->late_sum[i];
		for (size_t k = 0; k < LATE_BUCKETS; k++)
			out->lanes[i].late[k] = w->late[i][k];
	}
}
