#include "pool.h"

#include "base/secret.h"
#include "base/wait.h"
#include "migrate.h"
#include "postgresql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* seconds for a free connection; milliseconds between attempts to reach a server that is away */
enum { WAIT_SECONDS = 5, AWAY_MS = 200 };

struct pool {
	char *url;
	bool exclusion;
	void (*log)(const char *event, str detail);

	pthread_mutex_t lock; /* of these */
	pthread_cond_t free;
	struct db *idle[POOL_CONNECTIONS];
	unsigned idle_n, open, most;
	int64_t away_until; /* monotonic: the server could not be reached; zero: it could */
	bool away_told;

	_Atomic uint64_t writes, failures, lost, shed, commits, waiting;
};

static enum err unavailable(struct cx *cx, const char *why)
{
	enum err e = FAIL(cx, E_UNAVAILABLE, S(""), "%s: please try again", why);
	cx->fault.retry_after = 1;
	return e;
}

static void note(const struct pool *p, const char *event, str detail)
{
	if (p->log)
		p->log(event, detail);
}

/* ---- connections ---- */

/* An idle one, or leave to open another: *out NULL. */
static enum err wait_for_one(struct cx *cx, struct pool *p, struct db **out)
{
	struct timespec until = wait_until(WAIT_SECONDS * 1000);
	int code = 0;
	p->waiting++;
	while (!p->idle_n && p->open == p->most && code == 0)
		code = pthread_cond_timedwait(&p->free, &p->lock, &until);
	p->waiting--;
	*out = p->idle_n ? p->idle[--p->idle_n] : NULL;
	if (*out)
		return OK;
	if (p->open == p->most) {
		p->shed++;
		return unavailable(cx, "too much is waiting for the database");
	}
	if (p->away_until && monotonic_now() < p->away_until)
		return unavailable(cx, "the database cannot be reached");
	if (p->away_until) /* this one tries; the others need not wait with it */
		p->away_until = INT64_MAX;
	p->open++;
	return OK;
}

/* The outcome of an attempt to connect. */
static void attempted(struct pool *p, const struct cx *cx, bool reached)
{
	pthread_mutex_lock(&p->lock);
	bool news = p->away_told == reached;
	p->away_told = !reached;
	p->away_until = reached ? 0 : monotonic_now() + AWAY_MS * INT64_C(1000000);
	if (!reached) {
		p->open--;
		pthread_cond_signal(&p->free);
	}
	pthread_mutex_unlock(&p->lock);
	if (news)
		note(p, reached ? "database_back" : "database_away", reached ? S("") : cx->fault.detail);
}

/* Once more where the first attempt failed at once: a server that is just ending connections ends young ones too. */
static enum err reach(struct cx *cx, struct pool *p, struct db **out)
{
	int64_t began = monotonic_now();
	enum err e = postgresql_open(cx, p->url, p->exclusion ? POSTGRESQL_EXCLUSION : 0, out);
	if (!e || monotonic_now() - began > AWAY_MS * INT64_C(1000000))
		return e;
	nanosleep(&(struct timespec){ .tv_nsec = AWAY_MS * INT64_C(100000) }, NULL);
	return postgresql_open(cx, p->url, p->exclusion ? POSTGRESQL_EXCLUSION : 0, out);
}

static enum err take(struct cx *cx, struct pool *p, struct db **out)
{
	pthread_mutex_lock(&p->lock);
	enum err e = wait_for_one(cx, p, out);
	pthread_mutex_unlock(&p->lock);
	if (e || *out)
		return e;
	e = reach(cx, p, out);
	attempted(p, cx, e == OK);
	return e;
}

/* A lost one takes the idle ones along: they went to the same server. */
static void give(struct pool *p, struct db *db)
{
	struct db *dead[POOL_CONNECTIONS + 1];
	unsigned n = 0;
	pthread_mutex_lock(&p->lock);
	if (postgresql_is_lost(db)) {
		dead[n++] = db;
		while (p->idle_n)
			dead[n++] = p->idle[--p->idle_n];
		p->open -= n;
		pthread_cond_broadcast(&p->free);
	} else {
		p->idle[p->idle_n++] = db;
		pthread_cond_signal(&p->free);
	}
	pthread_mutex_unlock(&p->lock);
	while (n)
		postgresql_close(dead[--n]);
}

/* A connection with a transaction begun.  One that broke while it was idle is no reason to fail. */
static enum err begin(struct cx *cx, struct pool *p, enum postgresql_role role, struct db **out)
{
	for (int tries = 0;; tries++) {
		TRY(take(cx, p, out));
		enum err e = postgresql_begin(cx, *out, role);
		if (!e)
			return OK;
		bool lost = postgresql_is_lost(*out);
		give(p, *out);
		if (!lost || tries == 2)
			return e;
	}
}

/* ---- reading ---- */

static enum err read_once(struct pool *p, struct cx *cx, enum err (*fn)(struct cx *, void *), void *arg, bool *again)
{
	struct db *db, *before = cx->db;
	TRY(begin(cx, p, POSTGRESQL_READER, &db));
	cx->db = db;
	enum err e = fn(cx, arg);
	cx->db = before;
	if (!e && db->broken)
		e = unavailable(cx, "the database did not answer");
	*again = e && postgresql_may_repeat(db);
	if (e)
		postgresql_rollback(db);
	else
		e = postgresql_commit(cx, db);
	give(p, db);
	return e;
}

enum err pool_read(struct pool *p, struct cx *cx, enum err (*fn)(struct cx *, void *), void *arg)
{
	bool again = false;
	enum err e = read_once(p, cx, fn, arg, &again);
	if (!again)
		return e;
	again = false;
	fault_clear(cx);
	return read_once(p, cx, fn, arg, &again);
}

/* ---- writing ---- */

static void back_off(int tries)
{
	nanosleep(&(struct timespec){ .tv_nsec = (1 + (long)random_below(4U << tries)) * 1000000 }, NULL);
}

/* One run.  *again: it did nothing and may do better. */
static enum err attempt(struct pool *p, struct cx *cx, enum err (*run)(struct cx *, void *), void *arg, bool *again)
{
	struct db *db;
	TRY(begin(cx, p, POSTGRESQL_WRITER, &db));
	enum err e = db_work(cx, db, run, arg);
	if (!e && db->broken)
		e = unavailable(cx, "nothing was saved");
	if (!e)
		e = postgresql_commit(cx, db);
	else
		postgresql_rollback(db);
	*again = e && postgresql_may_repeat(db);
	p->commits += !e;
	give(p, db);
	return e;
}

enum err pool_write(struct pool *p, struct cx *cx, enum err (*run)(struct cx *, void *), void *arg)
{
	enum err e = OK;
	bool again = true;
	for (int tries = 0; again && tries < POOL_TRIES; tries++) {
		if (tries)
			back_off(tries);
		again = false;
		fault_clear(cx);
		e = attempt(p, cx, run, arg, &again);
	}
	p->writes += !e;
	p->failures += e && !again;
	p->lost += again;
	return e;
}

struct figures pool_figures(struct pool *p)
{
	return (struct figures){
		.writes = p->writes,
		.failed = p->failures,
		.lost = p->lost,
		.shed = p->shed,
		.commits = p->commits,
		.queued = p->waiting,
	};
}

/* ---- opening and closing ---- */

/* Two that start at once may both want to make the table of migrations: one of them is refused, and looks again. */
static enum err bring_up_to_date(struct cx *cx, struct pool *p, const struct migration *known)
{
	enum err e = E_CONFLICT;
	for (int tries = 0; e == E_CONFLICT && tries < POOL_TRIES; tries++) {
		struct db *db;
		e = take(cx, p, &db);
		if (e)
			break;
		e = migrate(cx, db, known);
		give(p, db);
		if (e == E_CONFLICT)
			back_off(tries);
	}
	if (e == E_UNAVAILABLE)
		(void)FAIL(cx, e, S(""), "the database cannot be used: %.*s", STR_ARG(cx->fault.detail));
	return e;
}

enum err pool_open(struct cx *cx, const struct store_options *options, const struct migration *known,
		   struct pool **out)
{
	struct pool *p = calloc(1, sizeof *p);
	if (!p || !(p->url = strdup(options->database))) {
		free(p);
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	}
	p->exclusion = !options->no_exclusion;
	p->log = options->log;
	p->most = options->connections > 0 && options->connections < POOL_CONNECTIONS ? (unsigned)options->connections
										      : POOL_CONNECTIONS;
	pthread_mutex_init(&p->lock, NULL);
	wait_open(&p->free);
	enum err e = known ? bring_up_to_date(cx, p, known) : OK;
	if (e)
		pool_close(p);
	else
		*out = p;
	return e;
}

void pool_close(struct pool *p)
{
	while (p->idle_n)
		postgresql_close(p->idle[--p->idle_n]);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->free);
	free(p->url);
	free(p);
}
