/* PostgreSQL through the store's interface: values there and back, what each of its errors becomes, how often a piece
 * runs.  On the database that NOONMARK_TEST_POSTGRESQL names; without it there is nothing to test on. */
#include "store/migrate.h"
#include "store/pool.h"
#include "store/postgresql.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const COLORS[] = { "red", "green", NULL };
static const struct field NUMBER[] = { { .name = "", .type = F_INT, .flags = IN | OUT }, FIELD_END };

struct thing {
	uuid id, parent;
	str name, state;
	int64_t amount, small;
	bool shown;
	instant at;
	digest hash;
	unsigned color;
	struct list numbers;
};
static const struct field THING[] = {
	FIELD(struct thing, id, 0),
	FIELD(struct thing, parent, MAYBE),
	FIELD(struct thing, name, MAYBE),
	FIELD(struct thing, state, 0),
	FIELD(struct thing, amount, MAYBE),
	FIELD(struct thing, small, 0),
	FIELD(struct thing, shown, 0),
	FIELD(struct thing, at, MAYBE),
	FIELD(struct thing, hash, MAYBE),
	FIELD(struct thing, color, 0, .choices = COLORS),
	LIST(struct thing, numbers, MAYBE, NUMBER, int64_t),
	FIELD_END,
};

/* Statements that fail by an SQLSTATE of one's choice: PostgreSQL's own are hard to bring about one by one. */
static const struct migration SCHEMA[] = {
	{ 1, "0001_things",
	  "CREATE TABLE unit_thing (id BLOB PRIMARY KEY, parent BLOB REFERENCES unit_thing (id), name TEXT UNIQUE,\n"
	  " amount BIGINT CHECK (amount <> 13), shown BIGINT NOT NULL, at BIGINT, hash BLOB, color TEXT NOT NULL,\n"
	  " numbers TEXT, UNIQUE (color, at));\n"
	  "-- engine: sqlite\n"
	  "this is for another engine;\n"
	  "-- engine: postgresql\n"
	  "CREATE FUNCTION unit_raise(state text) RETURNS bigint LANGUAGE plpgsql AS\n"
	  " $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = state; END $$;\n"
	  "-- engine: any\n" },
	{ 0 },
};

#define STATEMENT(name, text) static const struct stmt name = { #name, "", text, NULL }
STATEMENT(INSERT,
	  "INSERT INTO unit_thing (id, parent, name, amount, shown, at, hash, color, numbers) VALUES (:id, :parent,"
	  " :name, :amount, :shown, :at, :hash, :color, :numbers)");
STATEMENT(SELECT, "SELECT id, parent, name, amount, shown, at, hash, color, numbers FROM unit_thing WHERE id = :id");
STATEMENT(SMALL, "SELECT CASE WHEN :amount > 5 THEN 7 ELSE -7 END AS small, :amount > 5 AS shown");
STATEMENT(RAISE, "SELECT unit_raise(:state) AS amount");
STATEMENT(RENAME, "UPDATE unit_thing SET name = :name WHERE id = :id OR name = :name");
STATEMENT(CLEAR, "DELETE FROM unit_thing");
STATEMENT(COUNT, "SELECT COUNT(*) AS amount FROM unit_thing");

static struct cx cx = { .now = { 1770000000 } };
static struct store *store;

static int set_up(void **state)
{
	const char *url = getenv("NOONMARK_TEST_POSTGRESQL");
	struct store_options options = { .database = url, .connections = 2, .migrations = SCHEMA };
	(void)state;
	if (!url || !store_open(&cx, &options, &store))
		return 0;
	print_error("%.*s %.*s\n", STR_ARG(cx.fault.message), STR_ARG(cx.fault.detail));
	return 1;
}

static int tear_down(void **state)
{
	(void)state;
	if (store)
		store_close(store);
	arena_close(&cx.arena);
	return 0;
}

static enum err insert(struct cx *c, void *arg)
{
	return db_run(c, &INSERT, THING, arg, NULL);
}

static enum err load(struct cx *c, void *arg)
{
	return db_get(c, &SELECT, THING, arg, THING, arg);
}

static enum err clear(struct cx *c, void *arg)
{
	(void)arg;
	return db_run(c, &CLEAR, NULL, NULL, NULL);
}

static struct thing simple(unsigned char id)
{
	return (struct thing){ .id = { { id } }, .amount = NONE, .at = { NONE } };
}

static void test_values(void **state)
{
	static int64_t numbers[] = { 1, -2 };
	static const int64_t AMOUNTS[] = { 0, 1, -1, INT64_MAX, INT64_MIN + 1, 0x0102030405060708, -256 };
	(void)state;
	if (!store)
		skip();
	for (size_t i = 0; i < sizeof AMOUNTS / sizeof *AMOUNTS; i++) {
		struct thing t = {
			.id = { { 1, 0, 0xff } }, .amount = AMOUNTS[i], .shown = true, .at = { -5 }, .color = 1
		};
		struct thing got = { .id = t.id };
		t.name = S("Zo\xc3\xab 'quoted' \\ $1 :name %");
		t.numbers = (struct list){ numbers, 2 };
		t.hash.b[31] = 9;
		assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
		assert_int_equal(store_write_wait(store, &cx, insert, &t), OK);
		assert_int_equal(store_read(store, &cx, load, &got), OK);
		assert_true(str_is(got.name, t.name));
		assert_true(got.amount == t.amount && got.shown && got.at.s == -5 && got.color == 1);
		assert_false(uuid_is(got.parent));
		assert_memory_equal(&got.hash, &t.hash, sizeof t.hash);
		assert_int_equal(got.numbers.n, 2);
		assert_int_equal(((const int64_t *)got.numbers.items)[1], -2);
	}
}

static void test_absent_values(void **state)
{
	struct thing t = simple(2), got = { .id = t.id, .name = S("stale"), .amount = 1, .at = { 1 } };
	(void)state;
	if (!store)
		skip();
	assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
	assert_int_equal(store_write_wait(store, &cx, insert, &t), OK);
	assert_int_equal(store_read(store, &cx, load, &got), OK);
	assert_true(!got.name.p && got.amount == NONE && got.at.s == NONE && !got.shown && !got.numbers.items);
	got.id.b[0] = 99;
	assert_int_equal(store_read(store, &cx, load, &got), E_NOT_FOUND);
}

static enum err small(struct cx *c, void *arg)
{
	return db_get(c, &SMALL, THING, arg, THING, arg);
}

static void test_narrow_numbers(void **state)
{
	struct thing t = { .amount = 9 };
	(void)state;
	if (!store)
		skip();
	assert_int_equal(store_read(store, &cx, small, &t), OK);
	assert_true(t.small == 7 && t.shown);
	t.amount = 2;
	assert_int_equal(store_read(store, &cx, small, &t), OK);
	assert_true(t.small == -7 && !t.shown);
}

/* What the schema refuses, and by which words it is known. */
static void test_conflicts(void **state)
{
	static const struct {
		struct thing thing;
		const char *word, *other;
	} CASES[] = {
		{ { .id = { { 3 } }, .name = { "b", 1 } }, "unit_thing.id", "unit_thing.name" },
		{ { .id = { { 4 } }, .name = { "a", 1 } }, "unit_thing.name", "a" },
		{ { .id = { { 4 } }, .name = { "unit_thing.id", 13 }, .at = { 7 } },
		  "unit_thing.at",
		  "unit_thing.id" },
		{ { .id = { { 4 } }, .amount = 13 }, "unit_thing_amount_check", "amount" },
		{ { .id = { { 4 } }, .parent = { { 77 } } }, "unit_thing_parent_fkey", "thing" },
	};
	struct thing first = { .id = { { 3 } }, .name = S("a"), .at = { 7 } };
	(void)state;
	if (!store)
		skip();
	assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
	assert_int_equal(store_write_wait(store, &cx, insert, &first), OK);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct thing t = CASES[i].thing;
		t.at.s = t.at.s ? t.at.s : 1000 + (int64_t)i;
		assert_int_equal(store_write_wait(store, &cx, insert, &t), E_CONFLICT);
		if (!db_conflict_is(&cx, str_of(CASES[i].word)))
			fail_msg("%s is not in: %.*s", CASES[i].word, STR_ARG(cx.fault.detail));
		assert_false(db_conflict_is(&cx, str_of(CASES[i].other)));
	}
}

struct raising {
	struct thing thing;
	int runs, fails; /* so often it fails */
	bool hide;       /* it does not tell */
};

static enum err raise_some(struct cx *c, void *arg)
{
	struct raising *r = arg;
	struct thing t = simple((unsigned char)(100 + r->runs));
	t.at.s = r->runs;
	r->runs++;
	TRY(db_run(c, &INSERT, THING, &t, NULL));
	enum err e = r->runs <= r->fails ? db_get(c, &RAISE, THING, &r->thing, THING, &r->thing) : OK;
	if (e)
		assert_int_equal(db_run(c, &CLEAR, NULL, NULL, NULL), e); /* nothing goes on in a lost transaction */
	return r->hide ? OK : e;
}

static enum err count(struct cx *c, void *arg)
{
	return db_get(c, &COUNT, NULL, NULL, THING, arg);
}

static int64_t rows(void)
{
	struct thing t = { 0 };
	assert_int_equal(store_read(store, &cx, count, &t), OK);
	return t.amount;
}

static void test_errors(void **state)
{
	static const struct {
		const char *state;
		enum err err;
		int runs;
	} CASES[] = {
		{ "40001", E_UNAVAILABLE, POOL_TRIES },
		{ "40P01", E_UNAVAILABLE, POOL_TRIES },
		{ "55P03", E_UNAVAILABLE, 1 },
		{ "57014", E_UNAVAILABLE, 1 },
		{ "57P01", E_UNAVAILABLE, POOL_TRIES },
		{ "57P03", E_UNAVAILABLE, POOL_TRIES },
		{ "08006", E_UNAVAILABLE, POOL_TRIES },
		{ "25006", E_UNAVAILABLE, POOL_TRIES },
		{ "53300", E_UNAVAILABLE, 1 },
		{ "53100", E_STORAGE_FULL, 1 },
		{ "58030", E_UNAVAILABLE, 1 },
		{ "XX001", E_UNAVAILABLE, 1 },
		{ "23505", E_CONFLICT, 1 },
		{ "23P01", E_CONFLICT, 1 },
		{ "23503", E_CONFLICT, 1 },
		{ "23514", E_CONFLICT, 1 },
		{ "54000", E_TOO_LARGE, 1 },
		{ "22012", E_INTERNAL, 1 },
		{ "0A000", E_UNAVAILABLE, POOL_TRIES },
	};
	(void)state;
	if (!store)
		skip();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct raising r = { .thing = { .state = str_of(CASES[i].state) }, .fails = 1000 };
		enum err e = store_write_wait(store, &cx, clear, NULL);
		assert_int_equal(e, OK);
		e = store_write_wait(store, &cx, raise_some, &r);
		if (e != CASES[i].err || r.runs != CASES[i].runs)
			fail_msg("%s: %s after %d runs", CASES[i].state, err_code(e), r.runs);
		assert_int_equal(cx.fault.code, e);
		assert_true((e == E_UNAVAILABLE || e == E_STORAGE_FULL) == (cx.fault.retry_after > 0));
		assert_int_equal(rows(), 0); /* and a new connection, where the old one is not trusted any more */
	}
}

static void test_again(void **state)
{
	struct raising r = { .thing = { .state = S("40001") }, .fails = 2 };
	(void)state;
	if (!store)
		skip();
	assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
	assert_int_equal(store_write_wait(store, &cx, raise_some, &r), OK);
	assert_int_equal(r.runs, 3);
	assert_int_equal(rows(), 1); /* of the last run only */
	struct raising hidden = { .thing = { .state = S("23505") }, .fails = 1000, .hide = true };
	assert_int_equal(store_write_wait(store, &cx, raise_some, &hidden),
			 E_UNAVAILABLE); /* not OK: nothing was saved */
	assert_int_equal(rows(), 1);
}

/* n rows at the end, a name of each its own but the last one's, which is `last`. */
struct late_rows {
	int n;
	const char *last;
};

static enum err insert_late(struct cx *c, void *arg)
{
	const struct late_rows *r = arg;
	for (int i = 0; i < r->n; i++) {
		struct thing t = simple((unsigned char)(i + 1));
		t.at.s = i;
		t.name = i + 1 == r->n ? str_of(r->last) : str_format(&c->arena, "name %d ($1, :name)", i);
		TRY(db_send_late(c, &INSERT, THING, &t, sizeof t));
	}
	struct thing so_far;
	TRY(db_get(c, &COUNT, NULL, NULL, THING, &so_far));
	assert_int_equal(so_far.amount, 0); /* not before the end */
	return OK;
}

static void test_rows_at_the_end(void **state)
{
	(void)state;
	if (!store)
		skip();
	for (int n = 0; n <= 2 * ROWS_MOST + 1; n++) {
		struct late_rows r = { n, "last" };
		struct thing got = { .id = { { (unsigned char)n } } };
		assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
		assert_int_equal(store_write_wait(store, &cx, insert_late, &r), OK);
		assert_int_equal(rows(), n);
		assert_int_equal(store_read(store, &cx, load, &got), n ? OK : E_NOT_FOUND);
		assert_true(!n || (str_is(got.name, S("last")) && got.at.s == n - 1));
	}
	struct late_rows twice = { 3, "name 0 ($1, :name)" };
	assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
	assert_int_equal(store_write_wait(store, &cx, insert_late, &twice), E_UNAVAILABLE);
	assert_int_equal(rows(), 0); /* one that clashes takes the others along */
}

static void assert_rows(const char *sql, int n, const char *wanted)
{
	struct postgresql_text t;
	assert_true(postgresql_text_make(sql, &t));
	char *got = postgresql_text_rows(&t, n);
	if (!got != !wanted || (wanted && strcmp(got, wanted)))
		fail_msg("%s", got ? got : "nothing");
	free(got);
	postgresql_text_free(&t);
}

static void test_text_for_rows(void **state)
{
	(void)state;
	assert_rows("INSERT INTO t (a, b) VALUES (:a, :b)", 1, "INSERT INTO t (a, b) VALUES ($1, $2)");
	assert_rows("INSERT INTO t (a, b) VALUES (:a, ':x)', (:b::bigint)) ON CONFLICT (a) DO NOTHING;", 3,
		    "INSERT INTO t (a, b) VALUES ($1, ':x)', ($2::bigint)),($3, ':x)', ($4::bigint)),"
		    "($5, ':x)', ($6::bigint)) ON CONFLICT (a) DO NOTHING;");
	assert_rows("INSERT INTO t VALUES (:a, :b, :c, :d, :e)", 3,
		    "INSERT INTO t VALUES ($1, $2, $3, $4, $5),($6, $7, $8, $9, $10),($11, $12, $13, $14, $15)");
	assert_rows("UPDATE t SET a = :a", 2, NULL);
	assert_rows("INSERT INTO t VALUES (:a, :b", 2, NULL);
	assert_rows("INSERT INTO t VALUES (:a)", POSTGRESQL_PARAMETERS + 1, NULL);
}

static enum err rename_some(struct cx *c, void *arg)
{
	struct thing t = { .id = { { 3 } }, .name = S("c") };
	return db_run(c, &RENAME, THING, &t, arg);
}

static void test_changes_and_generation(void **state)
{
	struct thing t = simple(3);
	int64_t changed = -1;
	(void)state;
	if (!store)
		skip();
	assert_int_equal(store_write_wait(store, &cx, clear, NULL), OK);
	assert_int_equal(store_write_wait(store, &cx, rename_some, &changed), OK);
	assert_int_equal(changed, 0);
	assert_int_equal(store_write_wait(store, &cx, insert, &t), OK);
	assert_int_equal(store_write_wait(store, &cx, rename_some, &changed), OK);
	assert_int_equal(changed, 1);
	assert_true(store_generation(store) != store_generation(store));
	assert_int_equal(store_read(store, &cx, insert, &t), E_UNAVAILABLE); /* a reader does not write */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_absent_values),
		cmocka_unit_test(test_narrow_numbers),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_rows_at_the_end),
		cmocka_unit_test(test_text_for_rows),
		cmocka_unit_test(test_changes_and_generation),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
