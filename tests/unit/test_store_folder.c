/* The database's folder: who may read it, who has it, migrations, copies. */
#include "store/place.h"
#include "store/sqlite.h"
#include "store_scene.h"

#include <pthread.h>
#include <sys/stat.h>

struct thing {
	int64_t id, amount, other;
	instant at;
};
static const struct field THING[] = {
	FIELD(struct thing, id, 0),
	FIELD(struct thing, amount, 0),
	FIELD(struct thing, other, MAYBE),
	FIELD(struct thing, at, MAYBE),
	FIELD_END,
};

static const struct migration SCHEMA[] = {
	{ 1, "0001_things", "CREATE TABLE thing (id BIGINT PRIMARY KEY);\n" },
	{ 0, NULL, NULL },
};

STATEMENT(INSERT, "INSERT INTO thing (id) VALUES (:id)");
STATEMENT(COUNT, "SELECT count(*) AS amount FROM thing");

static int set_up(void **state)
{
	return bench_set_up(state, SCHEMA);
}

static enum err insert(struct cx *cx, void *arg)
{
	return db_run(cx, &INSERT, THING, &(struct thing){ .id = *(const int *)arg }, NULL);
}

static enum err put(struct bench *b, int id)
{
	return store_write_wait(b->store, &b->cx, insert, &id);
}

static enum err count(struct cx *cx, void *arg)
{
	struct thing t;
	TRY(db_get(cx, &COUNT, NULL, NULL, THING, &t));
	*(int64_t *)arg = t.amount;
	return OK;
}

static int64_t things(struct bench *b)
{
	int64_t n = -1;
	assert_int_equal(store_read(b->store, &b->cx, count, &n), OK);
	return n;
}

/* ---- the folder ---- */

static mode_t mode_of(const char *folder, const char *name)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_only_the_owner_can_read_it(void **state)
{
	struct bench *b = *state;
	assert_int_equal(put(b, 1), OK);
	assert_int_equal(mode_of(b->data, ""), 0700);
	assert_int_equal(mode_of(b->data, "lock"), 0600);
	assert_int_equal(mode_of(b->data, "noonmark.db"), 0600);
	assert_int_equal(mode_of(b->data, "noonmark.db-wal"), 0600);
	assert_int_equal(mode_of(b->data, "noonmark.db-shm"), 0600);
}

static void test_a_folder_has_one_process(void **state)
{
	struct bench *b = *state;
	struct store *second = NULL;
	char pid[16];
	snprintf(pid, sizeof pid, " %ld ", (long)getpid());
	assert_int_equal(
	    store_open(&b->cx, &(struct store_options){ .folder = b->data, .migrations = SCHEMA }, &second),
	    E_CONFLICT);
	assert_non_null(strstr(b->cx.fault.message.p, b->data));
	assert_non_null(strstr(b->cx.fault.message.p, pid));
	assert_null(second);
	assert_int_equal(put(b, 1), OK);
}

static void test_a_folder_that_cannot_be(void **state)
{
	struct bench *b = *state;
	struct store *s = NULL;
	char path[128];
	assert_int_equal(store_open(&b->cx, &(struct store_options){ .folder = "/nonexistent/data" }, &s),
			 E_UNAVAILABLE);
	assert_non_null(strstr(b->cx.fault.message.p, "/nonexistent/data"));
	snprintf(path, sizeof path, "%s/noonmark.db", b->data);
	assert_int_equal(store_open(&b->cx, &(struct store_options){ .folder = path }, &s), E_UNAVAILABLE);
	store_close(b->store);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database\n", f);
	fclose(f);
	assert_int_equal(bench_open(b, SCHEMA), E_UNAVAILABLE);
	assert_int_equal(remove(path), 0);
	assert_int_equal(bench_open(b, SCHEMA), OK);
}

static void test_reopening_keeps_the_rows(void **state)
{
	struct bench *b = *state;
	char path[128];
	struct stat st;
	assert_int_equal(put(b, 1), OK);
	store_close(b->store);
	snprintf(path, sizeof path, "%s/noonmark.db-wal", b->data);
	assert_int_equal(stat(path, &st), -1); /* all is in the one file */
	assert_int_equal(bench_open(b, SCHEMA), OK);
	assert_int_equal(things(b), 1);
}

/* ---- migrations ---- */

static const struct migration LONGER[] = {
	{ 1, "0001_one", "CREATE TABLE one (id INTEGER);\n" },
	{ 2, "0002_two",
	  "-- engine: postgresql\nNOT FOR THIS ENGINE;\n-- engine: sqlite\nCREATE TABLE two (id INTEGER);\n"
	  "-- engine: any\nCREATE INDEX two_id ON two (id);\n" },
	{ 3, "0003_three", "INSERT INTO two VALUES (1);\n" },
	{ 0, NULL, NULL },
};
STATEMENT(TWO, "SELECT count(*) AS amount FROM two");
STATEMENT(APPLIED, "SELECT count(*) AS amount, max(applied_at) AS at, min(length(sha256)) AS other FROM migration");

static enum err look_at_migrations(struct cx *cx, void *arg)
{
	struct thing two;
	TRY(db_get(cx, &TWO, NULL, NULL, THING, &two));
	assert_int_equal(two.amount, 1);
	return db_get(cx, &APPLIED, NULL, NULL, THING, arg);
}

/* A store of its own beside the bench's, with the first n of LONGER, the n-th replaced by `last` where given. */
static enum err migrate_to(struct bench *b, int n, struct migration last, struct thing *got)
{
	struct migration known[4] = { 0 };
	struct store *s = NULL;
	char folder[128];
	snprintf(folder, sizeof folder, "%s/other", b->folder);
	memcpy(known, LONGER, (size_t)n * sizeof *known);
	if (last.number)
		known[n - 1] = last;
	enum err e = store_open(&b->cx, &(struct store_options){ .folder = folder, .migrations = known }, &s);
	if (e)
		return e;
	if (got)
		assert_int_equal(store_read(s, &b->cx, look_at_migrations, got), OK);
	store_close(s);
	return OK;
}

static void test_migrations(void **state)
{
	static const struct migration none = { 0 };
	struct bench *b = *state;
	struct thing got;
	assert_int_equal(migrate_to(b, 1, none, NULL), OK);
	b->cx.now.s++;
	assert_int_equal(migrate_to(b, 3, none, &got), OK);
	assert_true(got.amount == 3 && got.at.s == b->cx.now.s && got.other == 64);
	b->cx.now.s++;
	assert_int_equal(migrate_to(b, 3, none, &got), OK);
	assert_true(got.amount == 3 && got.at.s == b->cx.now.s - 1); /* nothing is applied twice */
	assert_int_equal(migrate_to(b, 2, none, NULL), E_VERSION);
	assert_non_null(strstr(b->cx.fault.message.p, "newer"));
	assert_non_null(strstr(b->cx.fault.message.p, "0003_three"));
	assert_int_equal(migrate_to(b, 3, (struct migration){ 3, "0003_three", "SELECT 1;" }, NULL), E_VERSION);
	assert_int_equal(migrate_to(b, 3, (struct migration){ 3, "0003_drei", LONGER[2].text }, NULL), E_VERSION);
	assert_int_equal(migrate_to(b, 3, none, &got), OK);
}

static void test_a_failing_migration_leaves_nothing(void **state)
{
	struct bench *b = *state;
	struct thing got;
	assert_int_equal(migrate_to(b, 1, (struct migration){ 0 }, NULL), OK);
	const struct migration wrong = { 3, "0003_three",
					 "CREATE TABLE three (id INTEGER);\nINSERT INTO nowhere VALUES (1);" };
	assert_int_equal(migrate_to(b, 3, wrong, NULL), E_INTERNAL);
	assert_non_null(strstr(b->cx.fault.message.p, "0003_three"));
	assert_non_null(strstr(b->cx.fault.message.p, "nowhere"));
	assert_int_equal(migrate_to(b, 3, (struct migration){ 0 }, &got), OK); /* would fail, were table two there */
}

/* ---- copies ---- */

static void *write_meanwhile(void *arg)
{
	struct bench *b = arg;
	struct cx cx = { 0 };
	for (int i = 100; i < 400; i++) {
		assert_int_equal(store_write_wait(b->store, &cx, insert, &i), OK);
	}
	arena_close(&cx.arena);
	return NULL;
}

static void test_backup(void **state)
{
	struct bench *b = *state;
	char folder[128], path[160];
	pthread_t thread;
	struct place place = { .lock = -1 };
	for (int i = 0; i < 50; i++)
		assert_int_equal(put(b, i), OK);
	snprintf(folder, sizeof folder, "%s/copy", b->folder);
	snprintf(path, sizeof path, "%s/noonmark.db", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	char from[160];
	snprintf(from, sizeof from, "%s/noonmark.db", b->data);
	assert_int_equal(sqlite_open(&b->cx, from, SQLITE_READER, &place.db), OK);
	pthread_create(&thread, NULL, write_meanwhile, b);
	assert_int_equal(place_backup(&b->cx, &place, path), OK);
	pthread_join(thread, NULL);
	assert_int_equal(place_backup(&b->cx, &place, path), E_CONFLICT);
	assert_int_equal(mode_of(folder, "noonmark.db"), 0600);
	struct store *copy = NULL;
	int64_t n = 0;
	assert_int_equal(store_open(&b->cx, &(struct store_options){ .folder = folder, .migrations = SCHEMA }, &copy),
			 OK);
	assert_int_equal(store_read(copy, &b->cx, count, &n), OK);
	assert_in_range(n, 50, 350);
	store_close(copy);
	assert_int_equal(things(b), 350);
	snprintf(path, sizeof path, "%s/missing/copy.db", b->folder);
	assert_int_equal(place_backup(&b->cx, &place, path), E_UNAVAILABLE);
	place_close(&place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_only_the_owner_can_read_it),
		TEST(test_a_folder_has_one_process),
		TEST(test_a_folder_that_cannot_be),
		TEST(test_reopening_keeps_the_rows),
		TEST(test_migrations),
		TEST(test_a_failing_migration_leaves_nothing),
		TEST(test_backup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
