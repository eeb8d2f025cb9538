/* The writer: groups, isolation, lost transactions, shedding, the log's size, the end after a failed sync. */
#include "store/migrate.h"
#include "store/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOG = 400 }; /* pages */

struct row {
	int64_t id, parent;
	str text;
};
static const struct field ROW[] = { FIELD(struct row, id, 0), FIELD(struct row, parent, MAYBE),
				    FIELD(struct row, text, 0), FIELD_END };

static const struct migration SCHEMA[] = {
	{ 1, "0001_rows",
	  "CREATE TABLE item (id BIGINT PRIMARY KEY, text TEXT NOT NULL,\n"
	  " parent BIGINT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED);\n"
	  "CREATE TABLE part (id BIGINT PRIMARY KEY, text TEXT NOT NULL);\n"
	  "CREATE TRIGGER part_guard BEFORE INSERT ON part WHEN NEW.text = 'rollback'\n"
	  "BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END;\n" },
	{ 0 },
};

#define STATEMENT(name, text) static const struct stmt name = { #name, "", text, NULL }
STATEMENT(INSERT, "INSERT INTO item (id, text, parent) VALUES (:id, :text, :parent)");
STATEMENT(INSERT_PART, "INSERT INTO part (id, text) VALUES (:id, :text)");
STATEMENT(COUNT, "SELECT count(*) AS id FROM item");
STATEMENT(COUNT_PAIRS, "SELECT count(*) AS id FROM item JOIN part USING (id)");
STATEMENT(UPDATE, "UPDATE item SET text = :text WHERE id = :id");

struct bench {
	struct cx cx;
	struct store *store;
	char folder[64];
	sem_t started, go, finished;
	_Atomic int fatal;
};

/* piece - one piece of work and what became of it. */
struct piece {
	struct write write;
	struct cx cx;
	struct bench *bench;
	struct row row;
	enum err answer;
	int ran, done;
	int64_t seen; /* rows that another connection saw when done was called */
};

static struct bench *fatal_bench;

static void on_fatal(const char *why)
{
	(void)why;
	fatal_bench->fatal++;
	sem_post(&fatal_bench->finished);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	snprintf(b->folder, sizeof b->folder, "/tmp/noonmark-writer-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	sem_init(&b->started, 0, 0);
	sem_init(&b->go, 0, 0);
	sem_init(&b->finished, 0, 0);
	fatal_bench = b;
	const struct store_options options = {
		.folder = b->folder, .migrations = SCHEMA, .fatal = on_fatal, .log_pages = LOG
	};
	assert_int_equal(store_open(&b->cx, &options, &b->store), OK);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;
	char command[128];
	store_close(b->store);
	arena_close(&b->cx.arena);
	sem_destroy(&b->started);
	sem_destroy(&b->go);
	sem_destroy(&b->finished);
	snprintf(command, sizeof command, "rm -r '%s'", b->folder);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}

/* What a connection of its own sees: only what is committed. */
static int64_t rows_outside(const struct bench *b)
{
	char path[128];
	sqlite3 *c;
	sqlite3_stmt *s;
	snprintf(path, sizeof path, "%s/noonmark.db", b->folder);
	assert_int_equal(sqlite3_open_v2(path, &c, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_db_config(c, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_prepare_v2(c, "SELECT count(*) FROM item", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(c);
	return n;
}

/* ---- pieces ---- */

static enum err run_insert(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	p->ran++;
	TRY(db_run(cx, &INSERT, ROW, &p->row, NULL));
	return db_run(cx, &INSERT_PART, ROW, &p->row, NULL);
}

static enum err run_refused(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	p->ran++;
	TRY(db_run(cx, &INSERT, ROW, &p->row, NULL));
	return FAIL(cx, E_REFUSED, S(""), "this one is refused");
}

static enum err run_twice(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	TRY(run_insert(cx, p));
	return db_run(cx, &INSERT, ROW, &p->row, NULL);
}

/* Holds the writer until `go`, so that the others gather behind it. */
static enum err run_hold(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	(void)cx;
	p->ran++;
	sem_post(&p->bench->started);
	sem_wait(&p->bench->go);
	return OK;
}

static void set_page_limit(struct db *db, int pages)
{
	char sql[64];
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", pages);
	assert_int_equal(sqlite3_exec(sqlite_of(db)->connection, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Fills the database to a limit, hides the error, and carries on as if nothing had happened. */
static enum err run_full(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	enum err e = run_insert(cx, p);
	char *large = arena_take(&cx->arena, 1 << 20, 1);
	memset(large, 'x', 1 << 20);
	set_page_limit(cx->db, 1);
	struct row row = { .id = p->row.id, .text = { large, 1 << 20 } };
	if (!e)
		e = db_run(cx, &UPDATE, ROW, &row, NULL);
	set_page_limit(cx->db, 1 << 30);
	assert_int_equal(e, E_STORAGE_FULL);
	row.id += 1000;
	row.text = S("after");
	assert_int_equal(db_run(cx, &INSERT, ROW, &row, NULL), E_STORAGE_FULL);
	return OK;
}

static enum err run_sync_failure(struct cx *cx, void *arg)
{
	TRY(run_insert(cx, arg));
	sqlite_of(cx->db)->fatal = true; /* as after SQLITE_IOERR_FSYNC */
	cx->db->broken = E_UNAVAILABLE;
	return OK;
}

static void done(void *arg, enum err e)
{
	struct piece *p = arg;
	p->answer = e;
	p->done++;
	sem_post(&p->bench->finished);
}

static void done_and_look(void *arg, enum err e)
{
	struct piece *p = arg;
	p->seen = rows_outside(p->bench);
	done(arg, e);
}

static void push(struct bench *b, struct piece *p, int64_t id, enum err (*run)(struct cx *, void *))
{
	*p = (struct piece){ .bench = b, .row = { .id = id, .parent = NONE, .text = S("text") } };
	p->write = (struct write){ .cx = &p->cx, .run = run, .done = done, .arg = p };
	store_write(b->store, &p->write);
}

static void wait_for(struct bench *b, int n)
{
	while (n--)
		sem_wait(&b->finished);
}

static void hold(struct bench *b, struct piece *p)
{
	push(b, p, 0, run_hold);
	sem_wait(&b->started);
}

static enum err count(struct cx *cx, void *arg)
{
	struct row row;
	TRY(db_get(cx, &COUNT, NULL, NULL, ROW, &row));
	int64_t all = row.id;
	TRY(db_get(cx, &COUNT_PAIRS, NULL, NULL, ROW, &row));
	assert_int_equal(all, row.id); /* no half of a piece */
	*(int64_t *)arg = all;
	return OK;
}

static int64_t rows(struct bench *b)
{
	int64_t n = -1;
	assert_int_equal(store_read(b->store, &b->cx, count, &n), OK);
	return n;
}

static void pieces_free(struct piece *p, int n)
{
	for (int i = 0; i < n; i++)
		arena_close(&p[i].cx.arena);
}

/* ---- groups ---- */

enum { MANY = 100 };

static void test_what_gathers_is_committed_once_and_then_answered(void **state)
{
	struct bench *b = *state;
	struct piece first, p[MANY];
	hold(b, &first);
	for (int i = 0; i < MANY; i++)
		push(b, &p[i], i, run_insert);
	uint64_t commits = store_figures(b->store).commits;
	assert_int_equal(store_figures(b->store).queued, MANY);
	sem_post(&b->go);
	wait_for(b, 1 + MANY);
	assert_in_range(store_figures(b->store).commits, commits + 1,
			commits + 9); /* a slow machine ends its turn earlier */
	for (int i = 0; i < MANY; i++)
		assert_true(p[i].answer == OK && p[i].ran == 1 && p[i].done == 1);
	assert_int_equal(rows(b), MANY);
	pieces_free(p, MANY);
}

static void test_done_comes_after_the_commit(void **state)
{
	struct bench *b = *state;
	struct piece first, p[3];
	hold(b, &first);
	for (int i = 0; i < 3; i++) {
		p[i] = (struct piece){ .bench = b, .row = { .id = i, .parent = NONE, .text = S("text") } };
		p[i].write = (struct write){ .cx = &p[i].cx, .run = run_insert, .done = done_and_look, .arg = &p[i] };
		store_write(b->store, &p[i].write);
	}
	sem_post(&b->go);
	wait_for(b, 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p[i].seen, 3);
	pieces_free(p, 3);
}

static void test_one_failure_takes_back_itself_only(void **state)
{
	struct bench *b = *state;
	struct piece first, p[7];
	enum err (*const runs[])(struct cx *, void *) = { run_insert, run_refused, run_insert, run_twice,
							  run_insert };
	static const enum err wanted[] = { OK, E_REFUSED, OK, E_CONFLICT, OK };
	hold(b, &first);
	for (int i = 0; i < 5; i++)
		push(b, &p[i], i, runs[i]);
	sem_post(&b->go);
	wait_for(b, 6);
	for (int i = 0; i < 5; i++)
		assert_int_equal(p[i].answer, wanted[i]);
	assert_int_equal(rows(b), 3);
	for (int i = 5; i < 7; i++) { /* and alone in its transaction */
		push(b, &p[i], i, i == 5 ? run_refused : run_twice);
		wait_for(b, 1);
		assert_int_equal(p[i].answer, i == 5 ? E_REFUSED : E_CONFLICT);
	}
	assert_int_equal(rows(b), 3);
	pieces_free(p, 7);
}

static enum err run_orphan(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	p->row.parent = 99;
	return run_insert(cx, p);
}

static void test_an_open_reference_does_not_sink_the_others(void **state)
{
	struct bench *b = *state;
	struct piece first, p[4];
	hold(b, &first);
	for (int i = 0; i < 3; i++)
		push(b, &p[i], i, i == 1 ? run_orphan : run_insert);
	sem_post(&b->go);
	wait_for(b, 4);
	assert_true(p[0].answer == OK && p[1].answer == E_CONFLICT && p[2].answer == OK);
	push(b, &p[3], 3, run_orphan);
	wait_for(b, 1);
	assert_int_equal(p[3].answer, E_CONFLICT);
	assert_int_equal(rows(b), 2);
	pieces_free(p, 4);
}

static enum err run_rollback(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	p->row.text = S("rollback");
	return run_insert(cx, p);
}

static void test_a_transaction_that_ends_under_a_piece(void **state)
{
	static const enum err wanted[] = { E_UNAVAILABLE, E_CONFLICT, OK };
	struct bench *b = *state;
	struct piece first, p[3];
	hold(b, &first);
	for (int i = 0; i < 3; i++)
		push(b, &p[i], i, i == 1 ? run_rollback : run_insert);
	sem_post(&b->go);
	wait_for(b, 4);
	for (int i = 0; i < 3; i++)
		assert_true(p[i].answer == wanted[i] && p[i].ran == 1);
	assert_int_equal(rows(b), 1);
	pieces_free(p, 3);
}

static void test_a_lock_held_for_a_moment_is_waited_for(void **state)
{
	struct bench *b = *state;
	struct piece p;
	char path[128];
	sqlite3 *c;
	snprintf(path, sizeof path, "%s/noonmark.db", b->folder);
	assert_int_equal(sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(c, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	push(b, &p, 1, run_insert);
	usleep(50000);
	assert_int_equal(sqlite3_exec(c, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	wait_for(b, 1);
	sqlite3_db_config(c, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(c);
	assert_int_equal(p.answer, OK);
	pieces_free(&p, 1);
}

static void test_a_full_disk_within_a_piece(void **state)
{
	struct bench *b = *state;
	struct piece first, p[6];
	hold(b, &first);
	for (int i = 0; i < 5; i++)
		push(b, &p[i], i, i == 2 ? run_full : run_insert);
	sem_post(&b->go);
	wait_for(b, 6);
	for (int i = 0; i < 3; i++) { /* what had run is lost, also the piece that hid it */
		assert_int_equal(p[i].answer, E_STORAGE_FULL);
		assert_int_equal(p[i].cx.fault.code, E_STORAGE_FULL);
		assert_non_null(strstr(p[i].cx.fault.message.p, "disk is full"));
		assert_int_equal(p[i].ran, 1);
	}
	for (int i = 3; i < 5; i++) /* what had not goes on */
		assert_true(p[i].answer == OK && p[i].ran == 1);
	assert_int_equal(rows(b), 2);
	push(b, &p[5], 7, run_full);
	wait_for(b, 1);
	assert_int_equal(p[5].answer, E_STORAGE_FULL);
	assert_int_equal(rows(b), 2);
	assert_int_equal(store_figures(b->store).lost, 4); /* with the one that held the writer */
	pieces_free(p, 6);
}

/* ---- the end ---- */

static void test_after_a_failed_sync_nothing_is_written(void **state)
{
	struct bench *b = *state;
	struct piece first, p[5];
	hold(b, &first);
	for (int i = 0; i < 4; i++)
		push(b, &p[i], i, i == 1 ? run_sync_failure : run_insert);
	sem_post(&b->go);
	wait_for(b, 6); /* with on_fatal */
	assert_int_equal(b->fatal, 1);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(p[i].answer, E_UNAVAILABLE);
		assert_int_equal(p[i].ran, i < 2);
	}
	push(b, &p[4], 9, run_insert);
	wait_for(b, 1);
	assert_true(p[4].answer == E_UNAVAILABLE && p[4].ran == 0);
	assert_int_equal(b->fatal, 1);
	assert_int_equal(rows(b), 0);
	pieces_free(p, 5);
}

static void test_too_much_waiting_is_refused_soon(void **state)
{
	enum { OVER = 50, ALL = WRITER_QUEUE + OVER };
	struct bench *b = *state;
	struct piece first, *p = calloc(ALL, sizeof *p);
	hold(b, &first);
	for (int i = 0; i < ALL; i++)
		push(b, &p[i], i, run_insert);
	sem_post(&b->go);
	wait_for(b, ALL + 1);
	for (int i = 0; i < ALL; i++) {
		assert_int_equal(p[i].answer, i < WRITER_QUEUE ? OK : E_UNAVAILABLE);
		assert_int_equal(p[i].done, 1);
	}
	assert_int_equal(p[ALL - 1].cx.fault.retry_after, 1);
	assert_int_equal(store_figures(b->store).shed, OVER);
	assert_int_equal(rows(b), WRITER_QUEUE);
	pieces_free(p, ALL);
	free(p);
}

/* ---- load ---- */

enum { THREADS = 64, EACH = 60 };

struct worker {
	pthread_t thread;
	struct bench *bench;
	int number;
};

static void *write_many(void *arg)
{
	const struct worker *me = arg;
	for (int i = 0; i < EACH; i++) {
		struct piece p = { .row = { .id = me->number * EACH + i, .parent = NONE, .text = S("text") } };
		assert_int_equal(store_write_wait(me->bench->store, &p.cx, run_insert, &p), OK);
		arena_close(&p.cx.arena);
	}
	return NULL;
}

static void test_64_threads(void **state)
{
	struct bench *b = *state;
	struct worker w[THREADS];
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .bench = b, .number = i };
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_many, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
	assert_int_equal(rows(b), THREADS * EACH);
	struct figures f = store_figures(b->store);
	assert_int_equal(f.writes, THREADS * EACH);
	assert_true(f.commits < f.writes / 2); /* they share commits */
}

struct reading {
	struct bench *bench;
	_Atomic bool stop;
};

static void *read_until(void *arg)
{
	struct reading *r = arg;
	struct cx cx = { 0 };
	while (!r->stop) {
		int64_t n;
		assert_int_equal(store_read(r->bench->store, &cx, count, &n), OK);
		arena_reset(&cx.arena);
		usleep(100);
	}
	arena_close(&cx.arena);
	return NULL;
}

static enum err run_large(struct cx *cx, void *arg)
{
	struct piece *p = arg;
	char *large = arena_take(&cx->arena, 40000, 1);
	memset(large, 'x', 40000);
	p->row.text = (str){ large, 40000 };
	return run_insert(cx, p);
}

static void test_readers_do_not_make_the_log_grow(void **state)
{
	enum { READERS = 3, LARGE = 500 }; /* 20 pages each: 10,000 in all */
	struct bench *b = *state;
	struct reading r = { .bench = b };
	pthread_t readers[READERS];
	int failed = 0;
	for (int i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, read_until, &r);
	for (int i = 0; i < LARGE; i++) {
		struct piece p = { .row = { .id = i, .parent = NONE } };
		failed += store_write_wait(b->store, &p.cx, run_large, &p) != OK;
		arena_close(&p.cx.arena);
	}
	r.stop = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(failed, 0);
	struct figures f = store_figures(b->store);
	assert_in_range(f.log_largest, LOG,
			12 * LOG); /* of 25; more than 2 only where readers wait for a processor */
	assert_int_equal(rows(b), LARGE);
}

static off_t log_size(const struct bench *b)
{
	char path[128];
	snprintf(path, sizeof path, "%s/noonmark.db-wal", b->folder);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	off_t n = ftell(f);
	fclose(f);
	return n;
}

static void test_an_idle_writer_empties_a_large_log(void **state)
{
	struct bench *b = *state;
	for (int i = 0; i < 10; i++) {
		struct piece p = { .row = { .id = i, .parent = NONE } };
		assert_int_equal(store_write_wait(b->store, &p.cx, run_large, &p), OK);
		arena_close(&p.cx.arena);
	}
	assert_true(log_size(b) > 400000);
	for (int i = 0; i < 3000 && log_size(b); i++)
		usleep(20000);
	assert_int_equal(log_size(b), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_gathers_is_committed_once_and_then_answered),
		TEST(test_done_comes_after_the_commit),
		TEST(test_one_failure_takes_back_itself_only),
		TEST(test_an_open_reference_does_not_sink_the_others),
		TEST(test_a_transaction_that_ends_under_a_piece),
		TEST(test_a_lock_held_for_a_moment_is_waited_for),
		TEST(test_a_full_disk_within_a_piece),
		TEST(test_after_a_failed_sync_nothing_is_written),
		TEST(test_too_much_waiting_is_refused_soon),
		TEST(test_64_threads),
		TEST(test_readers_do_not_make_the_log_grow),
		TEST(test_an_idle_writer_empties_a_large_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
