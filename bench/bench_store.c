/* bench_store - how fast the store is by itself: durable pieces of work a second, with the rows of a booking, and the
 * cost of a point lookup.  The reference that bookings over HTTP are compared with.
 *
 *     bench_store [FOLDER]      an empty one; default: a new one in the working directory,
 *                               removed afterwards
 *
 * One line a figure: name, value, unit. */
#include "store/migrate.h"
#include "store/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct migration SCHEMA[] = {
	{ 1, "0001_bench",
	  "CREATE TABLE reservation (id BLOB PRIMARY KEY, bookable_id BLOB NOT NULL, event_type_id BLOB NOT NULL,\n"
	  " starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL CHECK (ends_at > starts_at), seats BIGINT NOT NULL);\n"
	  "CREATE INDEX reservation_time ON reservation (bookable_id, ends_at);\n"
	  "CREATE TRIGGER reservation_guard BEFORE INSERT ON reservation\n"
	  "WHEN (SELECT starts_at FROM reservation WHERE bookable_id = NEW.bookable_id AND ends_at > NEW.starts_at\n"
	  " ORDER BY ends_at LIMIT 1) < NEW.ends_at BEGIN SELECT RAISE(ABORT, 'overlap'); END;\n"
	  "CREATE TABLE booking (id BLOB PRIMARY KEY, account_id BLOB NOT NULL, reservation_id BLOB NOT NULL,\n"
	  " status TEXT NOT NULL, starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, email TEXT NOT NULL,\n"
	  " title TEXT NOT NULL, notes TEXT NOT NULL, metadata TEXT NOT NULL, version BIGINT NOT NULL,\n"
	  " created_at BIGINT NOT NULL);\n"
	  "CREATE INDEX booking_host ON booking (account_id, starts_at, id);\n"
	  "CREATE INDEX booking_email ON booking (email, starts_at);\n"
	  "CREATE TABLE job (id BLOB PRIMARY KEY, dedupe_key TEXT NOT NULL UNIQUE, payload TEXT NOT NULL,\n"
	  " state TEXT NOT NULL, due_at BIGINT NOT NULL);\n"
	  "CREATE INDEX job_due ON job (due_at) WHERE state = 'waiting';\n"
	  "CREATE TABLE audit (account_id BLOB NOT NULL, number BIGINT NOT NULL, action TEXT NOT NULL,\n"
	  " after_text TEXT, hash BLOB NOT NULL, PRIMARY KEY (account_id, number));\n" },
	{ 0, NULL, NULL },
};

struct row {
	uuid id, host;
	instant start, end;
	str email, title, notes, json, key;
	int64_t number;
	digest hash;
};
static const struct field ROW[] = {
	FIELD(struct row, id, 0),     FIELD(struct row, host, 0),  FIELD(struct row, start, 0),
	FIELD(struct row, end, 0),    FIELD(struct row, email, 0), FIELD(struct row, title, 0),
	FIELD(struct row, notes, 0),  FIELD(struct row, json, 0),  FIELD(struct row, key, 0),
	FIELD(struct row, number, 0), FIELD(struct row, hash, 0),  FIELD_END,
};

#define STATEMENT(name, text) static const struct stmt name = { #name, "", text, NULL }
STATEMENT(RESERVATION, "INSERT INTO reservation VALUES (:id, :host, :host, :start, :end, 1)");
STATEMENT(BOOKING, "INSERT INTO booking VALUES (:id, :host, :id, 'confirmed', :start, :end, :email, :title, :notes,"
		   " '{}', 1, :now)");
STATEMENT(JOB, "INSERT INTO job VALUES (:id, :key, :json, 'waiting', :now)");
STATEMENT(AUDIT, "INSERT INTO audit VALUES (:host, :number, 'booking.create', :json, :hash)");
STATEMENT(GET, "SELECT id, account_id AS host, starts_at AS start, ends_at AS \"end\", email, title, notes"
	       " FROM booking WHERE id = :id");

enum { HOSTS = 1000, PAYLOAD = 500 };
static char words[PAYLOAD];

/* The n-th booking: hosts in turn, an hour each, so that none overlaps. */
static struct row row_of(int64_t n, char key[24])
{
	struct row row = { .number = n / HOSTS, .title = S("Consultation"), .email = S("ada@example.org") };
	int64_t host = n % HOSTS;
	memcpy(row.id.b + 8, &n, sizeof n);
	memcpy(row.host.b, &host, sizeof host);
	/* ids ascend with time */
	for (int i = 0; i < 8; i++)
		row.id.b[i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
	row.start = (instant){ 1770000000 + row.number * 3600 };
	row.end = (instant){ row.start.s + 1800 };
	row.notes = (str){ words, 100 };
	row.json = (str){ words, PAYLOAD };
	row.key = (str){ key, (size_t)snprintf(key, 24, "mail:%lld", (long long)n) };
	return row;
}

static enum err book(struct cx *cx, void *arg)
{
	TRY(db_run(cx, &RESERVATION, ROW, arg, NULL));
	TRY(db_run(cx, &BOOKING, ROW, arg, NULL));
	TRY(db_run(cx, &JOB, ROW, arg, NULL));
	return db_run(cx, &AUDIT, ROW, arg, NULL);
}

static void must(enum err e)
{
	if (!e)
		return;
	fprintf(stderr, "bench_store: %s\n", err_code(e));
	exit(1);
}

static void figure(const char *name, double value, const char *unit)
{
	printf("%-44s %12.1f %s\n", name, value, unit);
	fflush(stdout);
}

static double seconds_since(int64_t start)
{
	return (double)(monotonic_now() - start) / 1e9;
}

/* ---- through the writer ---- */

/* lane - one client that always has one piece under way, as connections have. */
struct lane {
	struct write write;
	struct cx cx;
	struct store *store;
	struct row row;
	char key[24];
	int64_t next, end, step, pushed, longest;
	sem_t *finished;
};

static enum err lane_run(struct cx *cx, void *arg)
{
	struct lane *l = arg;
	return book(cx, &l->row);
}

static void lane_push(struct lane *l)
{
	l->row = row_of(l->next, l->key);
	l->next += l->step;
	l->pushed = monotonic_now();
	store_write(l->store, &l->write);
}

static void lane_done(void *arg, enum err e)
{
	struct lane *l = arg;
	int64_t took = monotonic_now() - l->pushed;
	must(e);
	arena_reset(&l->cx.arena);
	if (took > l->longest)
		l->longest = took;
	if (l->next < l->end)
		lane_push(l);
	else
		sem_post(l->finished);
}

/* `count` bookings, `clients` of them under way at any time. */
static void bench_writer(struct store *store, int64_t count, int clients)
{
	char name[64];
	sem_t finished;
	struct lane *lanes = calloc((size_t)clients, sizeof *lanes);
	int64_t start = monotonic_now(), longest = 0;
	uint64_t commits = store_figures(store).commits;
	sem_init(&finished, 0, 0);
	for (int i = 0; i < clients; i++) {
		struct lane *l = &lanes[i];
		*l = (struct lane){ .store = store, .next = i, .end = count, .step = clients };
		l->finished = &finished;
		l->cx.now = (instant){ 1770000000 };
		l->write = (struct write){ .cx = &l->cx, .run = lane_run, .done = lane_done, .arg = l };
		lane_push(l);
	}
	for (int i = 0; i < clients; i++)
		sem_wait(&finished);
	double took = seconds_since(start);
	for (int i = 0; i < clients; i++) {
		longest = lanes[i].longest > longest ? lanes[i].longest : longest;
		arena_close(&lanes[i].cx.arena);
	}
	snprintf(name, sizeof name, "store_write, %d under way", clients);
	figure(name, (double)count / took, "bookings/s");
	snprintf(name, sizeof name, "  longest wait");
	figure(name, (double)longest / 1e6, "ms");
	snprintf(name, sizeof name, "  pieces a commit");
	figure(name, (double)count / (double)(store_figures(store).commits - commits), "");
	sem_destroy(&finished);
	free(lanes);
}

/* ---- the engine by itself ---- */

/* The same rows by the same statements with a commit after every `group`: what the disk and the engine allow. */
static void bench_raw(const char *path, int64_t count, int group)
{
	char name[64], key[24];
	struct cx cx = { .now = { 1770000000 } };
	struct db *db;
	must(sqlite_open(&cx, path, SQLITE_WRITER, &db));
	cx.db = db;
	int64_t start = monotonic_now();
	for (int64_t i = 0; i < count; i++) {
		struct row row = row_of(i, key);
		if (i % group == 0)
			must(sqlite_begin(&cx, db));
		must(book(&cx, &row));
		if (i % group == group - 1)
			must(sqlite_commit(&cx, db));
		if (sqlite_of(db)->wal_pages >= LOG_PAGES && !db->open) {
			bool done;
			must(sqlite_checkpoint(&cx, db, CHECKPOINT_RESTART, 0, &done));
		}
	}
	snprintf(name, sizeof name, "raw, %d a commit", group);
	figure(name, (double)count / seconds_since(start), "bookings/s");
	sqlite_close(db);
	arena_close(&cx.arena);
}

/* ---- reading ---- */

enum { LOOKUPS = 200000 };

struct reading {
	int64_t rows;
	int next, end;
};

static enum err look_up(struct cx *cx, void *arg)
{
	struct reading *r = arg;
	char key[24];
	for (; r->next < r->end; r->next++) {
		struct row row = row_of((int64_t)r->next * 7919 % r->rows, key);
		TRY(db_get(cx, &GET, ROW, &row, ROW, &row));
		arena_reset(&cx->arena);
	}
	return OK;
}

static void bench_reads(struct store *store, int64_t rows)
{
	struct cx cx = { 0 };
	struct reading many = { rows, 0, LOOKUPS };
	int64_t start = monotonic_now();
	must(store_read(store, &cx, look_up, &many));
	figure("db_get in one snapshot", seconds_since(start) / LOOKUPS * 1e6, "us");
	start = monotonic_now();
	for (int i = 0; i < LOOKUPS; i++)
		must(store_read(store, &cx, look_up, &(struct reading){ rows, i, i + 1 }));
	figure("store_read with one db_get", seconds_since(start) / LOOKUPS * 1e6, "us");
	arena_close(&cx.arena);
}

/* The same lookups by the engine's own calls: what db_get adds to is the difference. */
static void bench_raw_reads(const char *path, int64_t rows)
{
	sqlite3 *c;
	sqlite3_stmt *s;
	char key[24];
	int64_t sum = 0;
	if (sqlite3_open_v2(path, &c, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
	    sqlite3_prepare_v2(c, GET.sql, -1, &s, NULL))
		must(E_INTERNAL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_exec(c, "PRAGMA cache_size = -1024; BEGIN", NULL, NULL, NULL);
	int64_t start = monotonic_now();
	for (int i = 0; i < LOOKUPS; i++) {
		struct row row = row_of((int64_t)i * 7919 % rows, key);
		sqlite3_bind_blob(s, 1, row.id.b, sizeof row.id.b, SQLITE_STATIC);
		if (sqlite3_step(s) != SQLITE_ROW)
			must(E_NOT_FOUND);
		for (int k = 0; k < sqlite3_column_count(s); k++)
			sum += sqlite3_column_bytes(s, k);
		sqlite3_reset(s);
	}
	figure("the engine's own lookup", seconds_since(start) / LOOKUPS * 1e6, "us");
	if (!sum)
		must(E_INTERNAL);
	sqlite3_finalize(s);
	sqlite3_close(c);
}

/* Each figure begins with an empty database. */
static struct store *store_in(const char *folder, const char *name, char path[256])
{
	struct cx cx = { .now = { 1770000000 } };
	struct store *store;
	char inner[200];
	snprintf(inner, sizeof inner, "%s/%s", folder, name);
	snprintf(path, 256, "%s/noonmark.db", inner);
	must(store_open(&cx, &(struct store_options){ .folder = inner, .migrations = SCHEMA }, &store));
	arena_close(&cx.arena);
	return store;
}

static void bench(const char *folder)
{
	enum { FEW = 2000, COUNT = 40000 };
	static const int GROUPS[] = { 1, 16, 64 };
	char path[256], name[16];
	for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++) {
		int64_t count = GROUPS[i] == 1 ? FEW : COUNT;
		snprintf(name, sizeof name, "store-%d", GROUPS[i]);
		struct store *store = store_in(folder, name, path);
		bench_writer(store, count, GROUPS[i]);
		if (GROUPS[i] == 64) {
			bench_reads(store, count);
			bench_raw_reads(path, count);
		}
		store_close(store);
		snprintf(name, sizeof name, "raw-%d", GROUPS[i]);
		store_close(store_in(folder, name, path));
		bench_raw(path, count, GROUPS[i]);
	}
}

int main(int n, char **argument)
{
	char folder[] = "noonmark-bench-XXXXXX", command[64];
	for (int i = 0; i < PAYLOAD; i++)
		words[i] = (char)('a' + i % 26);
	if (n == 2) {
		bench(argument[1]);
		return 0;
	}
	if (!mkdtemp(folder))
		return 1;
	bench(folder);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command) != 0;
}
