/* store_rows - writes numbered rows through the store and says which were acknowledged; checks them afterwards.
 *
 *     store_rows write FOLDER FIRST COUNT THREADS SEED    "ack N" for each; every 40th row of a thread's the store is
 *                                                         closed and opened again where there is one thread
 *     store_rows full  FOLDER BALLAST                     fills the disk, then removes the file BALLAST and goes on
 *     store_rows check FOLDER                             "row N" for each that is there, then "good"
 *
 * A row is three changes in one piece: an item, its part, and one more in the tally.  An answer other than OK is
 * "refused N CODE".  Exit status: 0, 2 the store did not open, 3 the store said that the process must end, 4 a check
 * failed. */
#include "store/migrate.h"
#include "store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct row {
	int64_t id;
	str text;
};
static const struct field ROW[] = { FIELD(struct row, id, 0), FIELD(struct row, text, 0), FIELD_END };

static const struct migration SCHEMA[] = {
	{ 1, "0001_items",
	  "CREATE TABLE item (id BIGINT PRIMARY KEY, text TEXT NOT NULL);\n"
	  "CREATE TABLE tally (n BIGINT NOT NULL);\n" },
	{ 2, "0002_parts",
	  "CREATE TABLE part (id BIGINT NOT NULL REFERENCES item (id), text TEXT NOT NULL);\n"
	  "CREATE INDEX part_id ON part (id);\n"
	  "INSERT INTO tally VALUES (0);\n" },
	{ 0, NULL, NULL },
};

#define STATEMENT(name, text) static const struct stmt name = { #name, "", text, NULL }
STATEMENT(ITEM, "INSERT INTO item (id, text) VALUES (:id, :text)");
STATEMENT(PART, "INSERT INTO part (id, text) VALUES (:id, :text)");
STATEMENT(TALLY, "UPDATE tally SET n = n + 1");
STATEMENT(IDS, "SELECT id FROM item ORDER BY id");
STATEMENT(PAIRS, "SELECT count(*) AS id FROM item i JOIN part p ON p.id = i.id WHERE p.text = i.text");
STATEMENT(TALLIED, "SELECT n AS id FROM tally");
STATEMENT(INTEGRITY, "SELECT integrity_check AS text FROM pragma_integrity_check");

static struct store *store;

[[gnu::format(printf, 1, 2)]] static void say(const char *format, ...)
{
	char line[256];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (write(STDOUT_FILENO, line, (size_t)n) != n) /* one call: what was said before a kill is said */
		_exit(5);
}

static void on_fatal(const char *why)
{
	say("fatal %s\n", why);
	_exit(3);
}

static void on_log(const char *event, str detail)
{
	say("log %s %.*s\n", event, STR_ARG(detail));
}

static void open_or_exit(const char *folder)
{
	struct cx cx = { .now = { 1770000000 } };
	const struct store_options options = {
		.folder = folder, .migrations = SCHEMA, .fatal = on_fatal, .log = on_log, .log_pages = 60
	};
	enum err e = store_open(&cx, &options, &store);
	if (e) {
		say("closed %s %.*s (%.*s)\n", err_code(e), STR_ARG(cx.fault.message), STR_ARG(cx.fault.detail));
		exit(2);
	}
	arena_close(&cx.arena);
}

static enum err insert(struct cx *cx, void *arg)
{
	TRY(db_run(cx, &ITEM, ROW, arg, NULL));
	TRY(db_run(cx, &PART, ROW, arg, NULL));
	return db_run(cx, &TALLY, NULL, NULL, NULL);
}

/* Most rows are small, a few fill many pages, so that the log is moved often. */
static size_t text_size(uint64_t seed, int64_t id)
{
	uint64_t h = ((uint64_t)id + seed * 1000003) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	return h % 8 ? 20 + h % 700 : h % 100000;
}

static enum err put(struct cx *cx, uint64_t seed, int64_t id)
{
	size_t n = text_size(seed, id);
	char *text = arena_take(&cx->arena, n, 1);
	struct row row = { id, { text, n } };
	memset(text, 'a' + (int)(id % 26), n);
	enum err e = store_write_wait(store, cx, insert, &row);
	if (e)
		say("refused %lld %s\n", (long long)id, err_code(e));
	else
		say("ack %lld\n", (long long)id);
	arena_reset(&cx->arena);
	return e;
}

struct job {
	pthread_t thread;
	const char *folder;
	int64_t first, count, step;
	uint64_t seed;
};

static void *put_many(void *arg)
{
	const struct job *job = arg;
	struct cx cx = { 0 };
	for (int64_t i = 0; i < job->count; i++) {
		(void)put(&cx, job->seed, job->first + i * job->step);
		if (job->step == 1 && i % 40 == 39) {
			store_close(store);
			open_or_exit(job->folder);
		}
	}
	arena_close(&cx.arena);
	return NULL;
}

static int64_t number(const char *text)
{
	return strtoll(text, NULL, 10);
}

static int run_write(char **argument)
{
	enum { MOST = 64 };
	int64_t first = number(argument[1]), count = number(argument[2]), threads = number(argument[3]);
	struct job jobs[MOST];
	if (threads < 1 || threads > MOST)
		return 1;
	open_or_exit(argument[0]);
	for (int64_t i = 0; i < threads; i++) {
		jobs[i] = (struct job){ .folder = argument[0],
					.first = first + i,
					.count = count / threads,
					.step = threads,
					.seed = (uint64_t)number(argument[4]) };
		if (pthread_create(&jobs[i].thread, NULL, put_many, &jobs[i]))
			return 1;
	}
	for (int64_t i = 0; i < threads; i++)
		pthread_join(jobs[i].thread, NULL);
	store_close(store);
	return 0;
}

static enum err check(struct cx *cx, void *arg)
{
	struct list rows;
	struct row row;
	(void)arg;
	TRY(db_list(cx, &IDS, NULL, NULL, ROW, sizeof(struct row), &rows));
	for (size_t i = 0; i < rows.n; i++)
		say("row %lld\n", (long long)((struct row *)rows.items)[i].id);
	TRY(db_get(cx, &PAIRS, NULL, NULL, ROW, &row));
	if (row.id != (int64_t)rows.n)
		return FAIL(cx, E_INTERNAL, S(""), "%zu items, %lld with their part", rows.n, (long long)row.id);
	TRY(db_get(cx, &TALLIED, NULL, NULL, ROW, &row));
	if (row.id != (int64_t)rows.n)
		return FAIL(cx, E_INTERNAL, S(""), "%zu items, %lld tallied", rows.n, (long long)row.id);
	TRY(db_get(cx, &INTEGRITY, NULL, NULL, ROW, &row));
	return str_is(row.text, S("ok")) ? OK : FAIL(cx, E_INTERNAL, S(""), "%.*s", STR_ARG(row.text));
}

static int run_check(const char *folder)
{
	struct cx cx = { 0 };
	open_or_exit(folder);
	enum err e = store_read(store, &cx, check, NULL);
	if (e)
		say("bad %s %.*s\n", err_code(e), STR_ARG(cx.fault.message));
	else
		say("good\n");
	arena_close(&cx.arena);
	store_close(store);
	return e ? 4 : 0;
}

static enum err count(struct cx *cx, void *arg)
{
	return db_get(cx, &TALLIED, NULL, NULL, ROW, arg);
}

/* Until the disk has been full for a while; then with room again. */
static int run_full(const char *folder, const char *ballast)
{
	enum { REFUSALS = 300, ROOM = 30 };
	struct cx cx = { 0 };
	int64_t id = 1, full = 0;
	open_or_exit(folder);
	for (; full < REFUSALS && id < 1000000; id++)
		full += put(&cx, 1, id) == E_STORAGE_FULL;
	struct row row = { 0 };
	enum err e = store_read(store, &cx, count, &row);
	say("read %s %lld\n", err_code(e), (long long)row.id);
	if (unlink(ballast))
		return 1;
	int64_t saved = 0;
	for (int64_t end = id + ROOM; id < end; id++)
		saved += put(&cx, 1, id) == OK;
	say("room %s\n", saved == ROOM ? "good" : "bad");
	arena_close(&cx.arena);
	store_close(store);
	return 0;
}

int main(int n, char **argument)
{
	signal(SIGPIPE, SIG_DFL);
	if (n == 7 && strcmp(argument[1], "write") == 0)
		return run_write(argument + 2);
	if (n == 3 && strcmp(argument[1], "check") == 0)
		return run_check(argument[2]);
	if (n == 4 && strcmp(argument[1], "full") == 0)
		return run_full(argument[2], argument[3]);
	fputs("store_rows write|full|check: see the head of store_rows.c\n", stderr);
	return 1;
}
