#include "writer.h"

#include "base/wait.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* nanoseconds: of work before a commit; without work before the log is moved; for readers, when the log must begin anew,
 * up to READERS_WAITS times that */
enum { WRITER_TURN = 4000000, IDLE = 200000000, READERS_WAIT = 50000000, READERS_WAITS = 20 };

struct queue {
	struct write *first, **last;
};

struct writer {
	struct db *db;
	struct cx own; /* for its own statements */
	void (*log)(const char *event, str detail);
	void (*fatal)(const char *why);
	int log_pages;
	pthread_t thread;

	pthread_mutex_t lock; /* of these */
	pthread_cond_t wake;
	struct queue queue, shed;
	bool closing;

	/* the thread's own */
	bool failed;      /* invariant 4 */
	bool ailing;      /* the last commit was lost */
	bool unmoved;     /* the log has what the database file has not, or is long */
	uint64_t commits; /* of db, as of the last look */
	int tried;        /* pages of the log when a checkpoint was last tried */
	int longest;      /* pages that the log's file has */
	int64_t rescued;  /* when a checkpoint was last tried to win space */

	_Atomic uint64_t generation, writes, failures, lost, refused, queued, log_now, log_largest, checkpoints;
};

static void queue_clear(struct queue *q)
{
	*q = (struct queue){ .last = &q->first };
}

static void queue_add(struct queue *q, struct write *item)
{
	item->next = NULL;
	*q->last = item;
	q->last = &item->next;
}

static void note(const struct writer *w, const char *event, const char *detail)
{
	if (w->log)
		w->log(event, str_of(detail));
}

void writer_push(struct writer *w, struct write *item)
{
	pthread_mutex_lock(&w->lock);
	bool first = !w->queue.first && !w->shed.first;
	if (w->queued < WRITER_QUEUE) {
		w->queued++;
		queue_add(&w->queue, item);
	} else {
		queue_add(&w->shed, item);
	}
	pthread_mutex_unlock(&w->lock);
	if (first)
		pthread_cond_signal(&w->wake);
}

/* Wait for work, or until it is time to move the log.  false: closing, and nothing is left. */
static bool queue_wait(struct writer *w)
{
	struct timespec until = wait_until(IDLE / 1000000);
	int code = 0;
	while (!w->queue.first && !w->shed.first && !w->closing && code != ETIMEDOUT)
		code = w->unmoved && !w->failed ? pthread_cond_timedwait(&w->wake, &w->lock, &until)
						: pthread_cond_wait(&w->wake, &w->lock);
	return w->queue.first || w->shed.first || !w->closing;
}

/* The next batch and whatever was shed; both may be NULL. */
static bool queue_take(struct writer *w, struct write **batch, struct write **shed)
{
	pthread_mutex_lock(&w->lock);
	bool more = queue_wait(w);
	*batch = w->queue.first;
	*shed = w->shed.first;
	queue_clear(&w->shed);
	struct write **end = &w->queue.first;
	size_t n = 0;
	for (; *end && n < WRITER_BATCH; n++)
		end = &(*end)->next;
	struct write *rest = *end;
	*end = NULL;
	w->queue.first = rest;
	if (!rest)
		queue_clear(&w->queue);
	w->queued -= n;
	pthread_mutex_unlock(&w->lock);
	return more;
}

/* ---- answers ---- */

static void lose(struct writer *w, struct cx *cx, enum err e)
{
	bool full = e == E_STORAGE_FULL;
	(void)FAIL(cx, e, S(""), "nothing was saved: %s", full ? "the disk is full" : "please try again");
	cx->fault.detail = str_copy(&cx->arena, str_of(w->db->words));
	cx->fault.retry_after = full ? 30 : 1;
}

/* Answer the items before `end`; `e`, where not OK, is why their transaction was lost.  An item is the caller's again
 * once done was called. */
static void answer(struct writer *w, struct write *item, const struct write *end, enum err e)
{
	while (item != end) {
		struct write *next = item->next;
		enum err own = item->answer;
		w->writes += !own && !e;
		w->failures += own != OK;
		w->lost += !own && e;
		if (!own && e)
			lose(w, item->cx, e);
		item->done(item->arg, own ? own : e);
		item = next;
	}
}

static void refuse_all(struct writer *w, struct write *item, enum err e)
{
	for (struct write *i = item; i; i = i->next)
		i->answer = OK;
	answer(w, item, NULL, e);
}

static void shed_all(struct writer *w, struct write *item)
{
	while (item) {
		struct write *next = item->next;
		enum err e =
		    FAIL(item->cx, E_UNAVAILABLE, S(""), "too much is waiting to be saved: please try again");
		item->cx->fault.retry_after = 1;
		w->refused++;
		item->done(item->arg, e);
		item = next;
	}
}

/* Invariant 4.  What is queued gets its answer first, so that it can still be sent. */
static void die(struct writer *w)
{
	struct write *batch, *shed;
	w->failed = true;
	note(w, "store_fatal", w->db->words);
	while (w->queued && queue_take(w, &batch, &shed)) {
		refuse_all(w, batch, E_UNAVAILABLE);
		shed_all(w, shed);
	}
	if (!w->fatal)
		abort();
	w->fatal(w->db->words);
}

/* ---- the log ---- */

static bool checkpoint(struct writer *w, enum checkpoint how, int64_t wait)
{
	bool done = false;
	int pages = sqlite_of(w->db)->wal_pages;
	enum err e = sqlite_checkpoint(&w->own, w->db, how, wait, &done);
	w->checkpoints++;
	w->tried = done && how != CHECKPOINT_PASSIVE ? 0 : pages;
	w->log_now = (uint64_t)sqlite_of(w->db)->wal_pages;
	if (done && how == CHECKPOINT_TRUNCATE)
		w->longest = 0;
	if (e && !w->ailing)
		note(w, "checkpoint_failed", w->db->words);
	return done;
}

static void checkpoint_due(struct writer *w)
{
	int pages = sqlite_of(w->db)->wal_pages;
	if (pages < w->tried)
		w->tried = 0; /* the log has begun anew */
	if (pages < w->tried + w->log_pages)
		return;
	int times = pages / w->log_pages / 2; /* the longer it is, the longer the wait */
	if (times > READERS_WAITS)
		times = READERS_WAITS;
	if (times == 0)
		checkpoint(w, CHECKPOINT_PASSIVE, 0);
	else
		checkpoint(w, times == 1 ? CHECKPOINT_RESTART : CHECKPOINT_TRUNCATE, (int64_t)times * READERS_WAIT);
}

static void checkpoint_idle(struct writer *w)
{
	bool large = w->longest > w->log_pages / 4;
	if (checkpoint(w, large ? CHECKPOINT_TRUNCATE : CHECKPOINT_PASSIVE, large ? READERS_WAIT : 0))
		w->unmoved = false;
}

/* The log's own space may be what is missing. */
static void checkpoint_rescue(struct writer *w)
{
	int64_t now = monotonic_now();
	if (now - w->rescued < IDLE)
		return;
	w->rescued = now;
	checkpoint(w, CHECKPOINT_TRUNCATE, 0);
}

/* ---- transactions ---- */

/* Whatever fails around a piece breaks the transaction: end() sees it. */
static void item_run(struct writer *w, struct write *item, bool alone)
{
	struct db *db = w->db;
	struct cx *cx = item->cx;
	if (!alone && sqlite_savepoint(&w->own, db))
		return;
	item->answer = db_work(cx, db, item->run, item->arg);
	if (db->broken)
		return;
	if (!item->answer && !sqlite_foreign_keys_hold(db))
		item->answer = FAIL(cx, E_CONFLICT, S(""), "that refers to something that is not there");
	if (!alone)
		(void)(item->answer ? sqlite_undo(&w->own, db) : sqlite_release(&w->own, db));
}

static void committed(struct writer *w)
{
	struct db *db = w->db;
	if (w->ailing)
		note(w, "store_recovered", "");
	w->ailing = false;
	if (w->commits == sqlite_of(db)->commits)
		return;
	w->commits = sqlite_of(db)->commits;
	w->unmoved = true;
	w->generation++;
	w->log_now = (uint64_t)sqlite_of(db)->wal_pages;
	if (sqlite_of(db)->wal_pages > w->longest)
		w->longest = sqlite_of(db)->wal_pages;
	if ((uint64_t)sqlite_of(db)->wal_pages > w->log_largest)
		w->log_largest = (uint64_t)sqlite_of(db)->wal_pages;
}

static enum err end(struct writer *w, bool won)
{
	struct db *db = w->db;
	enum err e = db->broken;
	if (!e && won)
		e = sqlite_commit(&w->own, db);
	else
		sqlite_rollback(db);
	if (!e && won)
		committed(w);
	if (e && !w->ailing)
		note(w, "commit_failed", w->db->words);
	if (e)
		w->ailing = true;
	return e;
}

/* One transaction over the batch; returns what of it has not run. */
static struct write *transaction(struct writer *w, struct write *batch)
{
	struct write *item = batch;
	bool won = false, alone = !batch->next;
	for (struct write *i = batch; i; i = i->next)
		i->answer = OK;
	enum err e = sqlite_begin(&w->own, w->db);
	if (e) {
		refuse_all(w, batch, e);
		return NULL;
	}
	int64_t until = monotonic_now() + WRITER_TURN;
	do {
		item_run(w, item, alone);
		won = won || !item->answer;
		item = item->next;
	} while (item && !w->db->broken && monotonic_now() < until);
	e = end(w, won);
	answer(w, batch, item, e);
	if (e == E_STORAGE_FULL && !sqlite_of(w->db)->fatal)
		checkpoint_rescue(w);
	return item;
}

static void turn(struct writer *w, struct write *batch)
{
	while (batch && !sqlite_of(w->db)->fatal) {
		batch = transaction(w, batch);
		arena_reset(&w->own.arena);
	}
	if (batch)
		refuse_all(w, batch, E_UNAVAILABLE);
	if (!sqlite_of(w->db)->fatal)
		checkpoint_due(w);
	if (sqlite_of(w->db)->fatal && !w->failed)
		die(w);
}

static void *writer_run(void *arg)
{
	struct writer *w = arg;
	struct write *batch, *shed;
	pthread_setname_np(pthread_self(), "writer");
	while (queue_take(w, &batch, &shed)) {
		shed_all(w, shed);
		if (!batch && !shed && !w->failed)
			checkpoint_idle(w);
		turn(w, batch);
	}
	return NULL;
}

/* ---- opening and closing ---- */

static void writer_free(struct writer *w)
{
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	arena_close(&w->own.arena);
	free(w);
}

enum err writer_open(struct cx *cx, struct db *db, const struct store_options *options, struct writer **out)
{
	struct writer *w = calloc(1, sizeof *w);
	if (!w)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	w->db = db;
	w->log = options->log;
	w->fatal = options->fatal;
	w->generation = 1;
	w->commits = sqlite_of(db)->commits;
	w->unmoved = true;
	w->log_pages = options->log_pages ? options->log_pages : LOG_PAGES;
	w->longest = w->log_pages; /* a process that was killed may have left a long one */
	queue_clear(&w->queue);
	queue_clear(&w->shed);
	wait_open(&w->wake);
	pthread_mutex_init(&w->lock, NULL);
	sigset_t all, before; /* signals are for the main thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&w->thread, NULL, writer_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code) {
		writer_free(w);
		return FAIL(cx, E_UNAVAILABLE, S(""), "no thread for the writer");
	}
	*out = w;
	return OK;
}

void writer_close(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_mutex_unlock(&w->lock);
	pthread_cond_signal(&w->wake);
	pthread_join(w->thread, NULL);
	writer_free(w);
}

uint64_t writer_generation(const struct writer *w)
{
	return w->generation;
}

struct figures writer_figures(const struct writer *w)
{
	return (struct figures){
		.writes = w->writes,
		.failed = w->failures,
		.lost = w->lost,
		.shed = w->refused,
		.commits = w->generation - 1,
		.queued = w->queued,
		.log_pages = w->log_now,
		.log_largest = w->log_largest,
		.checkpoints = w->checkpoints,
	};
}

bool writer_is_this_thread(const struct writer *w)
{
	return pthread_equal(w->thread, pthread_self());
}
