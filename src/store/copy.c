#include "copy.h"

#include "place.h"
#include "store/copy_sql.h"

#include <assert.h>
#include <string.h>

struct column {
	const char *name;
	enum value_type type;
};

struct table {
	const char *name;
	const struct column *columns;
	int columns_n;
	const int *keys; /* of columns */
	int keys_n;
	const char *page, *find, *insert, *count, *any;
};
#include "tables.h"

enum { COLUMNS_MAX = 64, KEYS_MAX = 3, KEY_BYTES = 1200 };

/* ---- how far it has come */

struct progress {
	str table_name, last_key; /* last_key: of the last row written, as key_text; empty: none */
	int64_t row_count;
	bool done;
};
static const struct field PROGRESS[] = { FIELD(struct progress, table_name, 0), FIELD(struct progress, last_key, 0),
					 FIELD(struct progress, row_count, 0), FIELD(struct progress, done, 0),
					 FIELD_END };

static enum err is_begun(struct cx *cx, bool *begun)
{
	struct list rows;
	TRY(db_list(cx, &COPY_PROGRESS_LIST, NULL, NULL, PROGRESS, sizeof(struct progress), &rows));
	*begun = rows.n > 0;
	return OK;
}

enum err copy_is_whole(struct cx *cx, void *none)
{
	(void)none;
	bool begun;
	TRY(is_begun(cx, &begun));
	if (begun)
		return FAIL(cx, E_CONFLICT, S(""),
			    "a copy into this database was begun and not finished: finish it "
			    "by the same `noonmark copy` or `noonmark restore`, or use another database");
	return OK;
}

enum err copy_source_check(struct cx *cx, const struct place *from)
{
	struct db *before = cx->db;
	bool begun;
	TRY(place_snapshot(cx, from));
	cx->db = from->db;
	enum err e = is_begun(cx, &begun);
	cx->db = before;
	from->db->engine->rollback(from->db);
	if (!e && begun)
		return FAIL(cx, E_CONFLICT, S(""),
			    "the source is a copy that was begun and not finished: finish it first");
	return e;
}

/* key - of a row: its values, kept while statements go on. */
struct key {
	struct value values[KEYS_MAX];
	char bytes[KEY_BYTES];
	size_t used;
};

static enum err key_keep(struct cx *cx, struct key *k, int i, struct value v)
{
	if (v.type != VALUE_INT) {
		if (v.s.n > sizeof k->bytes - k->used)
			return FAIL(cx, E_LIMIT, S(""), "a key has more than %d bytes", KEY_BYTES);
		memcpy(k->bytes + k->used, v.s.p, v.s.n);
		v.s.p = k->bytes + k->used;
		k->used += v.s.n;
	}
	k->values[i] = v;
	return OK;
}

/* The key before all others. */
static void key_first(const struct table *t, struct key *k)
{
	k->used = 0;
	for (int i = 0; i < t->keys_n; i++)
		k->values[i] = (struct value){ .type = t->columns[t->keys[i]].type, .i = INT64_MIN, .s = S("") };
}

/* Values with blanks between: numbers in decimal, texts and bytes in hexadecimal. */
static str key_text(struct arena *a, const struct table *t, const struct key *k)
{
	char *text = arena_take(a, 2 * KEY_BYTES + 24 * KEYS_MAX, 1);
	size_t n = 0;
	for (int i = 0; i < t->keys_n; i++) {
		const struct value *v = &k->values[i];
		if (i)
			text[n++] = ' ';
		if (v->type == VALUE_INT) {
			str number = str_format(a, "%lld", (long long)v->i);
			memcpy(text + n, number.p, number.n);
			n += number.n;
			continue;
		}
		for (size_t b = 0; b < v->s.n; b++) {
			text[n++] = "0123456789abcdef"[(unsigned char)v->s.p[b] >> 4];
			text[n++] = "0123456789abcdef"[v->s.p[b] & 15];
		}
	}
	return (str){ text, n };
}

static bool from_hex(str text, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < text.n; i++) {
		const char *at = memchr(digits, text.p[i], 16);
		if (!at)
			return false;
		out[i / 2] = (char)(i % 2 ? out[i / 2] | (at - digits) : (at - digits) << 4);
	}
	return text.n % 2 == 0;
}

static bool key_parse(const struct table *t, str text, struct key *k)
{
	key_first(t, k);
	for (int i = 0; text.n && i < t->keys_n; i++) {
		struct value *v = &k->values[i];
		str part = str_cut(&text, ' ');
		if (v->type == VALUE_INT && !str_to_int(part, &v->i))
			return false;
		if (v->type == VALUE_INT)
			continue;
		if (part.n / 2 > sizeof k->bytes - k->used || !from_hex(part, k->bytes + k->used))
			return false;
		v->s = (str){ k->bytes + k->used, part.n / 2 };
		k->used += part.n / 2;
	}
	return true;
}

/* ---- statements on whole rows */

struct query {
	struct db *db;
	const char *name;
	struct prepared *prepared;
	int columns[COLUMNS_MAX], n; /* of which column of the table each parameter is */
};

static int column_find(const struct table *t, const char *name)
{
	for (int i = 0; i < t->columns_n; i++)
		if (!strcmp(t->columns[i].name, name))
			return i;
	return -1;
}

static enum err query_open(struct cx *cx, struct db *db, const struct table *t, const char *sql, struct query *q)
{
	enum value_type types[COLUMNS_MAX];
	*q = (struct query){ .db = db, .name = t->name };
	TRY(db->engine->prepare(cx, db, t->name, sql, &q->prepared));
	q->n = db->engine->parameters(q->prepared);
	assert(q->n <= COLUMNS_MAX);
	for (int i = 0; i < q->n; i++) {
		q->columns[i] = column_find(t, db->engine->parameter(q->prepared, i));
		assert(q->columns[i] >= 0);
		types[i] = t->columns[q->columns[i]].type;
	}
	return db->engine->describe ? db->engine->describe(cx, db, t->name, q->prepared, types) : OK;
}

static void query_close(struct query *q)
{
	if (q->prepared)
		q->db->engine->finalize(q->prepared);
	q->prepared = NULL;
}

/* values: by column of the table */
static enum err query_run(struct cx *cx, struct query *q, const struct value *values, bool *row)
{
	const struct engine *e = q->db->engine;
	for (int i = 0; i < q->n; i++)
		TRY(e->bind(cx, q->db, q->name, q->prepared, i, values[q->columns[i]]));
	return e->step(cx, q->db, q->name, q->prepared, row);
}

static void query_reset(struct query *q)
{
	q->db->engine->reset(q->prepared);
}

static enum err number_of(struct cx *cx, struct db *db, const struct table *t, const char *sql, int64_t *out)
{
	struct query q;
	bool row = false;
	enum err e = query_open(cx, db, t, sql, &q);
	if (!e)
		e = query_run(cx, &q, NULL, &row);
	*out = !e && row ? db->engine->column(q.prepared, 0).i : 0;
	query_close(&q);
	return e;
}

/* ---- a table */

struct copying {
	struct cx *cx;
	const struct place *from, *to;
	const struct table *table;
	copy_watch *watch;
	struct query page, other; /* other: inserts into, or finds in, the target */
	struct key last;
	int64_t rows;
	int64_t piece; /* rows of the last page */
};

static bool is_same(struct value a, struct value b)
{
	if (a.type == VALUE_NULL || b.type == VALUE_NULL)
		return a.type == b.type;
	return a.type == VALUE_INT ? b.type == VALUE_INT && a.i == b.i : b.type != VALUE_INT && str_is(a.s, b.s);
}

static enum err write_row(struct copying *c, const struct value *values)
{
	bool row;
	return query_run(c->cx, &c->other, values, &row);
}

static enum err compare_row(struct copying *c, const struct value *values)
{
	bool row = false, same;
	TRY(query_run(c->cx, &c->other, values, &row));
	same = row;
	for (int i = 0; same && i < c->table->columns_n; i++)
		same = is_same(values[i], c->other.db->engine->column(c->other.prepared, i));
	if (!same)
		return FAIL(c->cx, E_CONFLICT, S(""),
			    "a row of %s is %s: somebody wrote to one of the databases meanwhile", c->table->name,
			    row ? "another than the source's" : "missing in the target");
	return OK;
}

/* One page of the source, row by row. */
static enum err page_run(struct copying *c, enum err (*each)(struct copying *, const struct value *))
{
	const struct engine *from = c->page.db->engine;
	struct value values[COLUMNS_MAX] = { 0 };
	bool row = false;
	for (int i = 0; i < c->table->keys_n; i++)
		values[c->table->keys[i]] = c->last.values[i];
	enum err e = query_run(c->cx, &c->page, values, &row);
	for (c->piece = 0; !e && row; c->piece++) {
		for (int i = 0; i < c->table->columns_n; i++)
			values[i] = from->column(c->page.prepared, i);
		e = each(c, values);
		c->last.used = 0;
		for (int i = 0; !e && i < c->table->keys_n; i++)
			e = key_keep(c->cx, &c->last, i, values[c->table->keys[i]]);
		query_reset(&c->other);
		if (!e)
			e = from->step(c->cx, c->page.db, c->table->name, c->page.prepared, &row);
	}
	query_reset(&c->page);
	c->rows += c->piece;
	return e;
}

static enum err progress_set(struct copying *c, bool done)
{
	struct progress p = { .table_name = str_of(c->table->name),
			      .last_key = c->rows ? key_text(&c->cx->arena, c->table, &c->last) : S(""),
			      .row_count = c->rows,
			      .done = done };
	return db_run(c->cx, &COPY_PROGRESS_SET, PROGRESS, &p, NULL);
}

static enum err write_page(struct copying *c)
{
	TRY(page_run(c, write_row));
	return progress_set(c, c->piece == 0);
}

/* In one transaction of the target. */
static enum err in_target(struct copying *c, enum err (*run)(struct copying *))
{
	struct db *db = c->to->db;
	TRY(db->engine->begin(c->cx, db));
	c->cx->db = db;
	enum err e = run(c);
	if (e) {
		db->engine->rollback(db);
		return e;
	}
	return db->engine->commit(c->cx, db);
}

static enum err pages_run(struct copying *c, const char *what, enum err (*page)(struct copying *), const char *other)
{
	TRY(query_open(c->cx, c->from->db, c->table, c->table->page, &c->page));
	TRY(query_open(c->cx, c->to->db, c->table, other, &c->other));
	do {
		TRY(in_target(c, page));
		TRY(place_settle(c->cx, c->to));
		if (c->watch && c->piece)
			c->watch(what, c->table->name, c->rows);
		arena_reset(&c->cx->arena);
	} while (c->piece);
	return OK;
}

static enum err table_run(struct copying *c, const char *what, enum err (*page)(struct copying *), const char *other)
{
	enum err e = pages_run(c, what, page, other);
	query_close(&c->page);
	query_close(&c->other);
	return e;
}

static enum err compare_page(struct copying *c)
{
	return page_run(c, compare_row);
}

static enum err table_compare(struct copying *c)
{
	int64_t there;
	key_first(c->table, &c->last);
	c->rows = 0;
	TRY(table_run(c, "compared", compare_page, c->table->find));
	TRY(number_of(c->cx, c->to->db, c->table, c->table->count, &there));
	if (there != c->rows)
		return FAIL(c->cx, E_CONFLICT, S(""), "the target has %lld rows of %s, the source %lld",
			    (long long)there, c->table->name, (long long)c->rows);
	return OK;
}

/* ---- all of it */

static bool is_copied(const struct table *t)
{
	return strcmp(t->name, "copy_progress") != 0;
}

/* The target is empty, and is marked as one that is being filled; or was so before. */
static enum err begin(struct copying *c)
{
	struct cx *cx = c->cx;
	bool begun;
	TRY(is_begun(cx, &begun));
	if (begun)
		return OK;
	for (const struct table *t = TABLES; t->name; t++) {
		int64_t any;
		TRY(number_of(cx, c->to->db, t, t->any, &any));
		if (any)
			return FAIL(cx, E_CONFLICT, S(""), "the target is not empty: it has rows of %s", t->name);
	}
	c->table = TABLES;
	key_first(c->table, &c->last);
	return progress_set(c, false);
}

static enum err end(struct copying *c)
{
	return db_run(c->cx, &COPY_PROGRESS_CLEAR, NULL, NULL, NULL);
}

/* How far this table came before. */
static enum err resume(struct copying *c, bool *done)
{
	struct list rows;
	key_first(c->table, &c->last);
	c->rows = 0;
	*done = false;
	c->cx->db = c->to->db;
	TRY(c->to->db->engine->begin(c->cx, c->to->db));
	enum err e = db_list(c->cx, &COPY_PROGRESS_LIST, NULL, NULL, PROGRESS, sizeof(struct progress), &rows);
	c->to->db->engine->rollback(c->to->db);
	for (size_t i = 0; !e && i < rows.n; i++) {
		const struct progress *p = (const struct progress *)rows.items + i;
		if (!str_is(p->table_name, str_of(c->table->name)))
			continue;
		if (!key_parse(c->table, p->last_key, &c->last))
			return FAIL(c->cx, E_INTERNAL, S(""), "copy_progress does not tell how far %s came",
				    c->table->name);
		c->rows = p->row_count;
		*done = p->done;
	}
	return e;
}

static enum err tables_run(struct copying *c)
{
	bool done;
	TRY(in_target(c, begin));
	for (c->table = TABLES; c->table->name; c->table++) {
		if (!is_copied(c->table))
			continue;
		TRY(resume(c, &done));
		if (!done)
			TRY(table_run(c, "copied", write_page, c->table->insert));
	}
	for (c->table = TABLES; c->table->name; c->table++)
		if (is_copied(c->table))
			TRY(table_compare(c));
	return in_target(c, end);
}

/* What it takes for a piece is given back behind it: so it has a context of its own. */
enum err copy_run(struct cx *cx, const struct place *from, const struct place *to, copy_watch *watch)
{
	struct cx own = { .now = cx->now };
	struct copying c = { .cx = &own, .from = from, .to = to, .watch = watch };
	enum err e = copy_source_check(&own, from);
	if (!e)
		e = place_snapshot(&own, from);
	if (!e) {
		e = tables_run(&c);
		from->db->engine->rollback(from->db);
	}
	if (e) {
		e = FAIL(cx, e, S(""), "%.*s", STR_ARG(own.fault.message));
		cx->fault.detail = str_copy(&cx->arena, own.fault.detail);
	}
	arena_close(&own.arena);
	return e;
}
