/* The database as a whole.  Embedded: its folder, its migrations, the writer, and a reader for each thread that reads;
 * PostgreSQL: what pool.c does. */
#include "store.h"

#include "folder.h"
#include "migrate.h"
#include "pool.h"
#include "sqlite.h"
#include "writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct reader {
	struct store *store;
	struct db *db;
	struct reader *next, **back;
};

struct store {
	struct pool *pool;    /* PostgreSQL; NULL: embedded, and what follows */
	struct pool *replica; /* of it, where there is one */
	_Atomic uint64_t asked;
	int lock;      /* the folder's, held while open */
	char *path;    /* of the database */
	struct db *db; /* the writer's, once there is one */
	struct writer *writer;
	pthread_key_t mine; /* this thread's reader */
	bool keyed;
	pthread_mutex_t guard; /* of the list */
	struct reader *readers;
};

/* ---- readers ---- */

static void reader_close(struct reader *r)
{
	*r->back = r->next;
	if (r->next)
		r->next->back = r->back;
	sqlite_close(r->db);
	free(r);
}

/* A thread that ends takes its reader along. */
static void reader_leave(void *arg)
{
	struct reader *r = arg;
	struct store *s = r->store;
	pthread_mutex_lock(&s->guard);
	reader_close(r);
	pthread_mutex_unlock(&s->guard);
}

static enum err reader_open(struct cx *cx, struct store *s, struct db **out)
{
	struct reader *r = calloc(1, sizeof *r);
	if (!r)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	enum err e = sqlite_open(cx, s->path, SQLITE_READER, &r->db);
	if (!e && pthread_setspecific(s->mine, r)) {
		sqlite_close(r->db);
		e = FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	}
	if (e) {
		free(r);
		return e;
	}
	r->store = s;
	pthread_mutex_lock(&s->guard);
	r->next = s->readers;
	r->back = &s->readers;
	s->readers = r;
	if (r->next)
		r->next->back = &r->next;
	pthread_mutex_unlock(&s->guard);
	*out = r->db;
	return OK;
}

static enum err reader_find(struct cx *cx, struct store *s, struct db **out)
{
	const struct reader *r = pthread_getspecific(s->mine);
	if (!r)
		return reader_open(cx, s, out);
	*out = r->db;
	return OK;
}

enum err store_read(struct store *s, struct cx *cx, enum err (*fn)(struct cx *, void *), void *arg)
{
	struct db *db;
	if (s->pool)
		return pool_read(s->pool, cx, fn, arg);
	TRY(reader_find(cx, s, &db));
	TRY(sqlite_begin(cx, db));
	struct db *before = cx->db;
	cx->db = db;
	enum err e = fn(cx, arg);
	cx->db = before;
	if (e) {
		sqlite_rollback(db);
		return e;
	}
	return sqlite_commit(cx, db);
}

enum err store_read_stale(struct store *s, struct cx *cx, enum err (*fn)(struct cx *, void *), void *arg)
{
	enum err e = s->replica ? pool_read(s->replica, cx, fn, arg) : E_UNAVAILABLE;
	if (e != E_UNAVAILABLE && e != E_NOT_FOUND) /* what is new the replica may not have yet */
		return e;
	fault_clear(cx);
	return store_read(s, cx, fn, arg);
}

/* ---- opening and closing ---- */

static enum err shared_open(struct cx *cx, const struct store_options *options, const struct migration *known,
			    struct store *s)
{
	struct store_options replica = *options;
	TRY(pool_open(cx, options, known, &s->pool));
	replica.database = options->replica;
	return options->replica ? pool_open(cx, &replica, NULL, &s->replica) : OK;
}

static enum err start(struct cx *cx, const struct store_options *options, struct store *s)
{
	const struct migration *known = options->migrations ? options->migrations : migrations_known();
	if (options->database)
		return shared_open(cx, options, known, s);
	TRY(folder_take(cx, options->folder, &s->lock));
	TRY(file_make(cx, s->path));
	TRY(sqlite_open(cx, s->path, SQLITE_WRITER, &s->db));
	TRY(migrate(cx, s->db, known));
	TRY(folder_sync(
	    cx, options->folder)); /* the log's name: the engine syncs it too, but does not look at the answer */
	if (pthread_key_create(&s->mine, reader_leave))
		return FAIL(cx, E_UNAVAILABLE, S(""), "no thread key to be had");
	s->keyed = true;
	return writer_open(cx, s->db, options, &s->writer);
}

void store_close(struct store *s)
{
	if (s->replica)
		pool_close(s->replica);
	if (s->pool)
		pool_close(s->pool);
	if (s->writer)
		writer_close(s->writer);
	if (s->keyed)
		pthread_key_delete(s->mine);
	while (s->readers)
		reader_close(s->readers);
	if (s->db)
		sqlite_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	pthread_mutex_destroy(&s->guard);
	free(s->path);
	free(s);
}

enum err store_open(struct cx *cx, const struct store_options *options, struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	if (!s || asprintf(&s->path, "%s/noonmark.db", options->folder ? options->folder : "") < 0) {
		free(s);
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	}
	s->lock = -1;
	pthread_mutex_init(&s->guard, NULL);
	enum err e = start(cx, options, s);
	if (e)
		store_close(s);
	else
		*out = s;
	return e;
}

/* ---- writing ---- */

bool store_waits(const struct store *s)
{
	return s->pool;
}

void store_write(struct store *s, struct write *w)
{
	if (s->pool)
		w->done(w->arg, pool_write(s->pool, w->cx, w->run, w->arg));
	else
		writer_push(s->writer, w);
}

struct wait {
	sem_t done;
	enum err answer;
	enum err (*run)(struct cx *, void *);
	void *arg;
};

static enum err wait_run(struct cx *cx, void *arg)
{
	const struct wait *wait = arg;
	return wait->run(cx, wait->arg);
}

static void wait_done(void *arg, enum err e)
{
	struct wait *wait = arg;
	wait->answer = e;
	sem_post(&wait->done);
}

enum err store_write_wait(struct store *s, struct cx *cx, enum err (*run)(struct cx *, void *), void *arg)
{
	if (s->pool)
		return pool_write(s->pool, cx, run, arg);
	struct wait wait = { .run = run, .arg = arg };
	struct write w = { .cx = cx, .run = wait_run, .done = wait_done, .arg = &wait };
	assert(!writer_is_this_thread(s->writer)); /* it would wait for itself */
	sem_init(&wait.done, 0, 0);
	writer_push(s->writer, &w);
	while (sem_wait(&wait.done))
		continue; /* a signal came */
	sem_destroy(&wait.done);
	return wait.answer;
}

uint64_t store_generation(struct store *s)
{
	return s->pool ? ++s->asked : writer_generation(s->writer);
}

struct figures store_figures(const struct store *s)
{
	return s->pool ? pool_figures(s->pool) : writer_figures(s->writer);
}
