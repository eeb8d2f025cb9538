/* The database through its interface: values, errors, the context, snapshots. */
#include "store_scene.h"

#include <dirent.h>
#include <pthread.h>

static const char *const COLORS[] = { "red", "green", NULL };

struct tag {
	str name;
	int64_t weight;
};
static const struct field TAG[] = { FIELD(struct tag, name, IN | OUT), FIELD(struct tag, weight, IN | OUT | MAYBE),
				    FIELD_END };
static const struct field NUMBER[] = { { .name = "", .type = F_INT, .flags = IN | OUT }, FIELD_END };

struct thing {
	uuid id, parent;
	str name, nick;
	int64_t amount, other;
	bool shown;
	instant at;
	day date;
	minute_of_day minute;
	digest hash;
	unsigned color;
	struct list tags, numbers;
	struct raw_json extra;
	struct tag best;
};
static const struct field THING[] = {
	FIELD(struct thing, id, 0),
	FIELD(struct thing, parent, MAYBE),
	FIELD(struct thing, name, 0),
	FIELD(struct thing, nick, MAYBE),
	FIELD(struct thing, amount, 0),
	FIELD(struct thing, other, MAYBE),
	FIELD(struct thing, shown, 0),
	FIELD(struct thing, at, MAYBE),
	FIELD(struct thing, date, MAYBE),
	FIELD(struct thing, minute, MAYBE),
	FIELD(struct thing, hash, MAYBE),
	FIELD(struct thing, color, 0, .choices = COLORS),
	LIST(struct thing, tags, 0, TAG, struct tag),
	LIST(struct thing, numbers, MAYBE, NUMBER, int64_t),
	FIELD(struct thing, extra, MAYBE),
	OBJECT(struct thing, best, MAYBE, TAG),
	FIELD_END,
};

static const struct field THING_ID[] = { FIELD(struct thing, id, 0), FIELD_END };

/* note - who did what: its `actor` is also a name of the context. */
struct note {
	uuid actor;
	instant at;
	str text;
};
static const struct field NOTE[] = { FIELD(struct note, actor, 0), FIELD(struct note, at, 0),
				     FIELD(struct note, text, 0), FIELD_END };
static const struct field NOTE_TEXT[] = { FIELD(struct note, text, 0), FIELD_END };

static const struct migration SCHEMA[] = {
	{ 1, "0001_things",
	  "CREATE TABLE thing (id BLOB PRIMARY KEY, parent BLOB REFERENCES thing (id), name TEXT NOT NULL UNIQUE,\n"
	  " nick TEXT, amount BIGINT NOT NULL CHECK (amount >= 0), other BIGINT, shown BIGINT NOT NULL,\n"
	  " at BIGINT, date BIGINT, minute BIGINT, hash BLOB, color TEXT NOT NULL, tags TEXT NOT NULL,\n"
	  " numbers TEXT, extra TEXT, best TEXT);\n"
	  "CREATE TABLE note (actor BLOB NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL);\n"
	  "CREATE TRIGGER guard BEFORE INSERT ON thing WHEN NEW.amount = 13\n"
	  "BEGIN SELECT RAISE(ABORT, 'unlucky_amount'); END;\n" },
	{ 0 },
};

#define COLUMNS \
	"id, parent, name, nick, amount, other, shown, at, date, minute, hash, color, tags, numbers, extra, best"
STATEMENT(INSERT, "INSERT INTO thing (" COLUMNS ") VALUES (:id, :parent, :name, :nick, :amount, :other, :shown, :at,"
		  " :date, :minute, :hash, :color, :tags, :numbers, :extra, :best)");
STATEMENT(SELECT, "SELECT " COLUMNS " FROM thing WHERE id = :id");
STATEMENT(ALL, "SELECT id, name FROM thing ORDER BY name");
STATEMENT(COUNT, "SELECT count(*) AS amount FROM thing");
STATEMENT(RENAME, "UPDATE thing SET nick = :name WHERE amount >= :amount");
STATEMENT(NOT_NULL, "INSERT INTO thing (id) VALUES (:id)");
STATEMENT(SPOIL_CHOICE, "UPDATE thing SET color = 'mauve'");
STATEMENT(SPOIL_TYPE, "UPDATE thing SET color = 'red', amount = 'many'");
STATEMENT(SPOIL_JSON, "UPDATE thing SET amount = 1, tags = '[{]'");
STATEMENT(SPOIL_ID, "UPDATE thing SET tags = '[]', parent = NULL, hash = x'00'");
STATEMENT(NOTE_ADD, "INSERT INTO note (actor, at, text) VALUES (:actor, :now, :text)");
static const struct stmt NOTE_ADD_PUBLIC = { .name = "NOTE_ADD_PUBLIC",
					     .marks = "scan: none;public: a test;",
					     .sql =
						 "INSERT INTO note (actor, at, text) VALUES (:actor, :at, :text)" };
STATEMENT(NOTES, "SELECT actor, at, text FROM note ORDER BY text");
STATEMENT(NOTES_OWN, "SELECT text FROM note WHERE actor = :actor");
STATEMENT(STRANGE_COLUMN, "SELECT id AS strange FROM thing");
STATEMENT(STRANGE_PARAMETER, "SELECT id FROM thing WHERE id = :strange");
STATEMENT(TWICE, "SELECT id, id FROM thing");
STATEMENT(NAMELESS, "SELECT id FROM thing WHERE id = ?");
STATEMENT(BROKEN, "SELECT id FROM nothing");

static int set_up(void **state)
{
	return bench_set_up(state, SCHEMA);
}

static uuid id_of(int n)
{
	return (uuid){ .b = { 1, 2, 3, (unsigned char)(n >> 8), (unsigned char)n } };
}

static struct thing thing_of(int n, const char *name)
{
	return (struct thing){ .id = id_of(n),
			       .name = str_of(name),
			       .other = NONE,
			       .at = { NONE },
			       .date = { NONE },
			       .minute = { NONE },
			       .best = { .weight = NONE } };
}

static enum err insert(struct cx *cx, void *arg)
{
	return db_run(cx, &INSERT, THING, arg, NULL);
}

static enum err put(struct bench *b, struct thing t)
{
	return store_write_wait(b->store, &b->cx, insert, &t);
}

static enum err load(struct cx *cx, void *arg)
{
	return db_get(cx, &SELECT, THING, arg, THING, arg);
}

/* A statement that takes a thing's members and gives no rows. */
static enum err run_statement(struct cx *cx, void *arg)
{
	struct thing t = thing_of(1, "x");
	return db_run(cx, arg, THING, &t, NULL);
}

static enum err change(struct bench *b, const struct stmt *s)
{
	return store_write_wait(b->store, &b->cx, run_statement, (void *)(uintptr_t)s);
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

/* ---- values ---- */

static void test_every_type_round_trips(void **state)
{
	struct bench *b = *state;
	struct tag tags[] = { { S("x"), 5 }, { S("\"y\"\n"), NONE } };
	int64_t numbers[] = { 1, -2, 3 };
	assert_int_equal(put(b, thing_of(1, "parent")), OK);
	struct thing t = thing_of(2, "naïve");
	t.parent = id_of(1);
	t.nick = S("");
	t.amount = 1;
	t.other = -7;
	t.shown = true;
	t.at = (instant){ 1770000001 };
	t.date = (day){ 20000 };
	t.minute = (minute_of_day){ 1440 };
	memset(t.hash.b, 0xab, sizeof t.hash.b);
	t.color = 1;
	t.tags = (struct list){ tags, 2 };
	t.numbers = (struct list){ numbers, 3 };
	t.extra = (struct raw_json){ S("{\"a\":[1,2]}") };
	t.best = (struct tag){ S("b"), 9 };
	struct thing got = { .id = id_of(2) };
	assert_int_equal(put(b, t), OK);
	assert_int_equal(store_read(b->store, &b->cx, load, &got), OK);
	assert_true(uuid_same(got.parent, t.parent));
	assert_true(str_is(got.name, t.name));
	assert_true(got.nick.p && got.nick.n == 0);
	assert_int_equal(got.amount, 1);
	assert_int_equal(got.other, -7);
	assert_true(got.shown);
	assert_int_equal(got.at.s, t.at.s);
	assert_int_equal(got.date.d, 20000);
	assert_int_equal(got.minute.m, 1440);
	assert_memory_equal(got.hash.b, t.hash.b, sizeof t.hash.b);
	assert_int_equal(got.color, 1);
	assert_int_equal(got.tags.n, 2);
	const struct tag *second = (const struct tag *)got.tags.items + 1;
	assert_true(str_is(second->name, tags[1].name) && second->weight == NONE);
	assert_int_equal(got.numbers.n, 3);
	assert_int_equal(((int64_t *)got.numbers.items)[1], -2);
	assert_true(str_is(got.extra.text, t.extra.text));
	assert_true(str_is(got.best.name, S("b")) && got.best.weight == 9);
}

static void test_absent_members_are_null(void **state)
{
	struct bench *b = *state;
	struct thing got;
	memset(&got, 0x55, sizeof got);
	got.id = id_of(1);
	assert_int_equal(put(b, thing_of(1, "bare")), OK);
	assert_int_equal(store_read(b->store, &b->cx, load, &got), OK);
	assert_false(uuid_is(got.parent));
	assert_null(got.nick.p);
	assert_true(got.other == NONE && got.at.s == NONE && got.date.d == NONE && got.minute.m == NONE);
	assert_false(digest_is(got.hash));
	assert_true(got.tags.n == 0 && got.numbers.n == 0 && got.numbers.items == NULL);
	assert_null(got.extra.text.p);
	assert_true(field_absent(&THING[15], &got.best));
}

static enum err nulls(struct cx *cx, void *arg)
{
	static const struct stmt s = {
		.name = "nulls",
		.marks = "",
		.sql = "SELECT count(*) AS amount FROM thing WHERE parent IS NULL AND nick IS NULL AND other IS NULL "
		       "AND at "
		       "IS NULL"
		       " AND hash IS NULL AND tags = '[]' AND numbers IS NULL AND extra IS NULL AND best IS NULL"
	};
	return db_get(cx, &s, NULL, NULL, THING, arg);
}

static void test_null_is_null_in_the_row(void **state)
{
	struct bench *b = *state;
	struct thing got;
	assert_int_equal(put(b, thing_of(1, "bare")), OK);
	assert_int_equal(store_read(b->store, &b->cx, nulls, &got), OK);
	assert_int_equal(got.amount, 1);
}

static void test_spoilt_rows_are_our_fault(void **state)
{
	static const struct stmt *const SPOILS[] = { &SPOIL_CHOICE, &SPOIL_TYPE, &SPOIL_JSON, &SPOIL_ID };
	static const char *const COLUMN[] = { "color", "amount", "tags", "hash" };
	struct bench *b = *state;
	assert_int_equal(put(b, thing_of(1, "bare")), OK);
	for (size_t i = 0; i < 4; i++) {
		struct thing got = { .id = id_of(1) };
		assert_int_equal(change(b, SPOILS[i]), OK);
		assert_int_equal(store_read(b->store, &b->cx, load, &got), E_INTERNAL);
		assert_non_null(strstr(b->cx.fault.detail.p, COLUMN[i]));
		assert_null(strstr(b->cx.fault.message.p, COLUMN[i]));
	}
}

static enum err list_all(struct cx *cx, void *arg)
{
	return db_list(cx, &ALL, NULL, NULL, THING, sizeof(struct thing), arg);
}

static enum err find_any(struct cx *cx, void *arg)
{
	bool found;
	TRY(db_find(cx, &ALL, NULL, NULL, THING, arg, &found));
	return found ? OK : E_NOT_FOUND;
}

static void test_rows(void **state)
{
	struct bench *b = *state;
	struct list rows;
	struct thing got = { .id = id_of(1) };
	assert_int_equal(store_read(b->store, &b->cx, list_all, &rows), OK);
	assert_int_equal(rows.n, 0);
	assert_int_equal(store_read(b->store, &b->cx, load, &got), E_NOT_FOUND);
	assert_int_equal(store_read(b->store, &b->cx, find_any, &got), E_NOT_FOUND);
	char name[8];
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%02d", i);
		assert_int_equal(put(b, thing_of(i, name)), OK);
	}
	assert_int_equal(store_read(b->store, &b->cx, list_all, &rows), OK);
	assert_int_equal(rows.n, 100);
	const struct thing *t = rows.items;
	assert_true(str_is(t[42].name, S("n42")));
	assert_true(uuid_same(t[42].id, id_of(42)));
	assert_int_equal(store_read(b->store, &b->cx, find_any, &got), E_INTERNAL); /* more than one row */
}

static void test_a_list_past_the_soft_cap_stops(void **state)
{
	struct bench *b = *state;
	struct list rows;
	char name[2000];
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = 0;
	for (int i = 0; i < 50; i++) {
		name[0] = (char)('A' + i);
		assert_int_equal(put(b, thing_of(i, name)), OK);
	}
	struct cx small = { .arena = { .soft = 64 << 10 } };
	assert_int_equal(store_read(b->store, &small, list_all, &rows), E_LIMIT);
	arena_close(&small.arena);
}

struct late_rows {
	int n;
	bool twice; /* the last is the first again */
};

static enum err insert_late(struct cx *cx, void *arg)
{
	const struct late_rows *r = arg;
	int64_t so_far;
	for (int i = 0; i < r->n; i++) {
		struct thing t = thing_of(r->twice && i + 1 == r->n ? 0 : i, "");
		t.name = str_format(&cx->arena, "late %d", i);
		TRY(db_send_late(cx, &INSERT, THING, &t, sizeof t));
	}
	TRY(count(cx, &so_far));
	assert_int_equal(so_far, 0); /* not before the end */
	return OK;
}

static void test_rows_at_the_end(void **state)
{
	struct bench *b = *state;
	struct late_rows twice = { 3, true }, right = { 7, false };
	assert_int_equal(store_write_wait(b->store, &b->cx, insert_late, &twice), E_CONFLICT);
	assert_int_equal(things(b), 0); /* one that clashes takes the others along */
	assert_int_equal(store_write_wait(b->store, &b->cx, insert_late, &right), OK);
	assert_int_equal(things(b), 7);
}

struct both {
	struct thing thing, other;
};

static enum err load_both(struct cx *cx, void *arg)
{
	struct both *it = arg;
	return db_get_both(cx, &SELECT, THING, &it->thing, THING, &it->thing, THING_ID, &it->other);
}

static void test_one_row_for_two(void **state)
{
	struct bench *b = *state;
	struct both it = { .thing = { .id = id_of(2) } };
	assert_int_equal(store_read(b->store, &b->cx, load_both, &it), E_NOT_FOUND);
	assert_int_equal(put(b, thing_of(2, "two")), OK);
	assert_int_equal(store_read(b->store, &b->cx, load_both, &it), OK);
	assert_true(str_is(it.thing.name, S("two")) && uuid_same(it.other.id, id_of(2)));
	assert_null(it.other.name.p);
}

static enum err rename_some(struct cx *cx, void *arg)
{
	struct thing t = thing_of(0, "nick");
	t.amount = 5;
	return db_run(cx, &RENAME, THING, &t, arg);
}

static void test_changed_counts_rows(void **state)
{
	struct bench *b = *state;
	int64_t changed = -1;
	assert_int_equal(store_write_wait(b->store, &b->cx, rename_some, &changed), OK);
	assert_int_equal(changed, 0);
	for (int i = 0; i < 8; i++) {
		struct thing t = thing_of(i, (const char[]){ (char)('a' + i), 0 });
		t.amount = i;
		assert_int_equal(put(b, t), OK);
	}
	assert_int_equal(store_write_wait(b->store, &b->cx, rename_some, &changed), OK);
	assert_int_equal(changed, 3);
}

/* ---- refusals ---- */

static void test_conflicts_say_what(void **state)
{
	struct bench *b = *state;
	struct thing t = thing_of(1, "one");
	assert_int_equal(put(b, t), OK);
	t = thing_of(2, "one");
	assert_int_equal(put(b, t), E_CONFLICT);
	assert_true(db_conflict_is(&b->cx, S("thing.name")));
	assert_false(db_conflict_is(&b->cx, S("thing")));
	assert_false(db_conflict_is(&b->cx, S("name")));
	assert_false(db_conflict_is(&b->cx, S("thing.id")));
	assert_null(strstr(b->cx.fault.message.p, "thing"));
	t = thing_of(1, "two");
	assert_int_equal(put(b, t), E_CONFLICT);
	assert_true(db_conflict_is(&b->cx, S("thing.id")));
	t = thing_of(3, "three");
	t.amount = 13;
	assert_int_equal(put(b, t), E_CONFLICT);
	assert_true(db_conflict_is(&b->cx, S("unlucky_amount")));
	assert_false(db_conflict_is(&b->cx, S("unlucky")));
	assert_false(db_conflict_is(&b->cx, S("INSERT"))); /* the statement's name is not the database's word */
	t.amount = -1;
	assert_int_equal(put(b, t), E_CONFLICT);
	t.amount = 1;
	t.parent = id_of(9);
	assert_int_equal(put(b, t), E_CONFLICT);
	assert_int_equal(change(b, &NOT_NULL), E_INTERNAL);
	assert_false(db_conflict_is(&b->cx, S("thing.name")));
	assert_int_equal(things(b), 1);
}

static void test_readers_cannot_write(void **state)
{
	struct bench *b = *state;
	struct thing t = thing_of(1, "one");
	assert_int_equal(store_read(b->store, &b->cx, insert, &t), E_INTERNAL);
	assert_int_equal(things(b), 0);
	assert_int_equal(put(b, t), OK);
}

struct checked {
	const struct stmt *stmt;
	const struct field *in, *out;
	enum err want;
};

static enum err check_all(struct cx *cx, void *arg)
{
	const struct checked *c = arg;
	for (; c->stmt; c++)
		assert_int_equal(db_check(cx, c->stmt, c->in, c->out), c->want);
	return OK;
}

static void test_statements_must_fit_their_tables(void **state)
{
	struct bench *b = *state;
	struct checked cases[] = {
		{ &SELECT, THING, THING, OK },
		{ &SELECT, NULL, THING, E_INTERNAL },
		{ &SELECT, THING, NULL, E_INTERNAL },
		{ &STRANGE_COLUMN, THING, THING, E_INTERNAL },
		{ &STRANGE_PARAMETER, THING, THING, E_INTERNAL },
		{ &TWICE, THING, THING, E_INTERNAL },
		{ &NAMELESS, THING, THING, E_INTERNAL },
		{ &BROKEN, THING, THING, E_INTERNAL },
		{ &NOTE_ADD, NOTE_TEXT, NULL, OK },
		{ &NOTE_ADD, NOTE, NULL, E_INTERNAL }, /* `actor` is the context's */
		{ &NOTE_ADD_PUBLIC, NOTE, NULL, OK },
		{ NULL, NULL, NULL, OK },
	};
	assert_int_equal(store_read(b->store, &b->cx, check_all, cases), OK);
}

/* ---- the context ---- */

static enum err add_note(struct cx *cx, void *arg)
{
	return db_run(cx, &NOTE_ADD, NOTE_TEXT, arg, NULL);
}

static enum err add_note_public(struct cx *cx, void *arg)
{
	return db_run(cx, &NOTE_ADD_PUBLIC, NOTE, arg, NULL);
}

static enum err list_notes(struct cx *cx, void *arg)
{
	return db_list(cx, &NOTES, NULL, NULL, NOTE, sizeof(struct note), arg);
}

static enum err list_own(struct cx *cx, void *arg)
{
	return db_list(cx, &NOTES_OWN, NULL, NULL, NOTE, sizeof(struct note), arg);
}

static void test_actor_and_now_are_the_contexts(void **state)
{
	struct bench *b = *state;
	struct note n = { .actor = id_of(66), .at = { 5 }, .text = S("a") };
	struct list rows;
	b->cx.actor = id_of(7);
	assert_int_equal(store_write_wait(b->store, &b->cx, add_note, &n), OK);
	n.text = S("b");
	assert_int_equal(store_write_wait(b->store, &b->cx, add_note_public, &n), OK);
	assert_int_equal(store_read(b->store, &b->cx, list_notes, &rows), OK);
	const struct note *got = rows.items;
	assert_int_equal(rows.n, 2);
	assert_true(uuid_same(got[0].actor, id_of(7)) && got[0].at.s == b->cx.now.s);
	assert_true(uuid_same(got[1].actor, id_of(66)) && got[1].at.s == 5);
	assert_int_equal(store_read(b->store, &b->cx, list_own, &rows), OK);
	assert_int_equal(rows.n, 1);
	b->cx.actor = (uuid){ 0 }; /* nobody owns nothing */
	assert_int_equal(store_read(b->store, &b->cx, list_own, &rows), OK);
	assert_int_equal(rows.n, 0);
}

/* ---- snapshots ---- */

struct looking {
	struct bench *bench;
	int64_t before, after;
};

static void *put_from_thread(void *arg)
{
	struct bench *b = arg;
	struct cx cx = { 0 };
	struct thing t = thing_of(1, "one");
	assert_int_equal(store_write_wait(b->store, &cx, insert, &t), OK);
	arena_close(&cx.arena);
	return NULL;
}

static enum err look(struct cx *cx, void *arg)
{
	struct looking *l = arg;
	pthread_t thread;
	TRY(count(cx, &l->before));
	pthread_create(&thread, NULL, put_from_thread, l->bench);
	pthread_join(thread, NULL);
	return count(cx, &l->after);
}

static void test_a_read_sees_one_moment(void **state)
{
	struct bench *b = *state;
	struct looking l = { .bench = b };
	assert_int_equal(store_read(b->store, &b->cx, look, &l), OK);
	assert_int_equal(l.before, 0);
	assert_int_equal(l.after, 0);
	assert_int_equal(things(b), 1);
}

static enum err nothing(struct cx *cx, void *arg)
{
	(void)cx, (void)arg;
	return OK;
}

static void test_generation_rises_with_changes_only(void **state)
{
	struct bench *b = *state;
	uint64_t g = store_generation(b->store);
	assert_int_equal(store_write_wait(b->store, &b->cx, nothing, NULL), OK);
	assert_int_equal(put(b, thing_of(1, NULL)), E_INTERNAL);
	(void)things(b);
	assert_int_equal(store_generation(b->store), g);
	assert_int_equal(put(b, thing_of(1, "one")), OK);
	assert_int_equal(store_generation(b->store), g + 1);
}

static int open_files(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/fd");
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void *read_from_thread(void *arg)
{
	struct bench *b = arg;
	struct cx cx = { 0 };
	int64_t n;
	assert_int_equal(store_read(b->store, &cx, count, &n), OK);
	arena_close(&cx.arena);
	return NULL;
}

static void test_a_thread_takes_its_reader_along(void **state)
{
	struct bench *b = *state;
	(void)things(b);
	int before = open_files();
	for (int i = 0; i < 20; i++) {
		pthread_t thread;
		pthread_create(&thread, NULL, read_from_thread, b);
		pthread_join(thread, NULL);
	}
	/* while others have the file open, the engine keeps a closed connection's descriptor for the next */
	assert_in_range(open_files(), before, before + 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_type_round_trips),
		TEST(test_absent_members_are_null),
		TEST(test_null_is_null_in_the_row),
		TEST(test_spoilt_rows_are_our_fault),
		TEST(test_rows),
		TEST(test_rows_at_the_end),
		TEST(test_one_row_for_two),
		TEST(test_a_list_past_the_soft_cap_stops),
		TEST(test_changed_counts_rows),
		TEST(test_conflicts_say_what),
		TEST(test_readers_cannot_write),
		TEST(test_statements_must_fit_their_tables),
		TEST(test_actor_and_now_are_the_contexts),
		TEST(test_a_read_sees_one_moment),
		TEST(test_generation_rises_with_changes_only),
		TEST(test_a_thread_takes_its_reader_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
