/* Between statements and structs: each statement is prepared once a connection, together with the members that feed
 * its parameters and take its columns; a call then only moves values.  The engines are sqlite.c and postgresql.c. */
#include "engine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* plan - a prepared statement and its members.  A parameter's member is in the struct given or in the context. */
struct parameter {
	const struct field *field;
	bool context;
};
struct plan {
	const struct stmt *stmt;
	const struct field *in_table, *out_table, *also_table;
	const struct engine *engine;
	struct prepared *prepared;
	int parameters_n, columns_n;
	struct parameter *parameters;
	const struct field **columns, **also; /* NULL where the column is the other's */
};

static const struct field CONTEXT[] = { FIELD(struct cx, actor, 0), FIELD(struct cx, now, 0), FIELD_END };

static bool stmt_is_public(const struct stmt *s)
{
	const char *mark = s->marks ? strstr(s->marks, "public") : NULL;
	return mark && (mark == s->marks || mark[-1] == ';');
}

/* The acting account comes from the context alone, whatever a struct holds: only a public statement, which takes
 * nothing from it, may have a member of that name. */
static enum err parameter_find(struct cx *cx, const struct plan *p, const char *name, struct parameter *out)
{
	str text = str_of(name);
	const struct field *given = name && p->in_table ? field_find(p->in_table, text) : NULL;
	const struct field *own = name ? field_find(CONTEXT, text) : NULL;
	if (given && own && !stmt_is_public(p->stmt))
		return FAIL(cx, E_INTERNAL, S(""), "%s: :%s is the context's, and a member too", p->stmt->name, name);
	if (!given && !own)
		return FAIL(cx, E_INTERNAL, S(""), "%s: no member for parameter %s", p->stmt->name,
			    name ? name : "?");
	*out = given ? (struct parameter){ given, false } : (struct parameter){ own, true };
	return OK;
}

static enum err column_find(struct cx *cx, struct plan *p, int i)
{
	const char *name = p->engine->column_name(p->prepared, i);
	p->columns[i] = p->out_table ? field_find(p->out_table, str_of(name)) : NULL;
	p->also[i] = p->also_table ? field_find(p->also_table, str_of(name)) : NULL;
	if (!p->columns[i] && !p->also[i])
		return FAIL(cx, E_INTERNAL, S(""), "%s: no member for column %s", p->stmt->name, name);
	for (int k = 0; k < i; k++)
		if (p->columns[k] == p->columns[i] && p->also[k] == p->also[i])
			return FAIL(cx, E_INTERNAL, S(""), "%s: column %s comes twice", p->stmt->name, name);
	return OK;
}

/* The parameters' members, and with them their types. */
static enum err parameters_resolve(struct cx *cx, struct db *db, struct plan *p)
{
	enum value_type *types = NEWS(&cx->arena, enum value_type, (size_t)p->parameters_n + 1);
	for (int i = 0; i < p->parameters_n; i++) {
		TRY(parameter_find(cx, p, p->engine->parameter(p->prepared, i), &p->parameters[i]));
		types[i] = member_type(p->parameters[i].field);
	}
	return p->engine->describe ? p->engine->describe(cx, db, p->stmt->name, p->prepared, types) : OK;
}

static enum err columns_resolve(struct cx *cx, struct plan *p)
{
	p->columns_n = p->engine->columns(p->prepared);
	p->columns = calloc((size_t)p->columns_n + 1, 2 * sizeof *p->columns);
	if (!p->columns)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	p->also = p->columns + p->columns_n;
	for (int i = 0; i < p->columns_n; i++)
		TRY(column_find(cx, p, i));
	return OK;
}

static void plan_free(struct plan *p)
{
	p->engine->finalize(p->prepared);
	free(p->columns);
	free(p);
}

static const char *stmt_text(const struct stmt *s, const struct engine *engine)
{
	return s->postgresql && strcmp(engine->name, "postgresql") == 0 ? s->postgresql : s->sql;
}

static enum err plan_make(struct cx *cx, struct db *db, struct plan key, struct plan **out)
{
	key.engine = db->engine;
	TRY(key.engine->prepare(cx, db, key.stmt->name, stmt_text(key.stmt, key.engine), &key.prepared));
	key.parameters_n = key.engine->parameters(key.prepared);
	struct plan *p = malloc(sizeof *p + (size_t)key.parameters_n * sizeof *key.parameters);
	if (!p) {
		key.engine->finalize(key.prepared);
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	}
	*p = key;
	p->parameters = (struct parameter *)(p + 1);
	enum err e = parameters_resolve(cx, db, p);
	if (!e)
		e = columns_resolve(cx, p);
	if (e)
		plan_free(p);
	else
		*out = p;
	return e;
}

static bool plan_is(const struct plan *p, const struct plan *key)
{
	return p->stmt == key->stmt && p->in_table == key->in_table && p->out_table == key->out_table &&
	       p->also_table == key->also_table;
}

static size_t plan_slot(const struct db *db, const struct plan *key)
{
	uint64_t hash = ((uintptr_t)key->stmt >> 3) * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = hash >> 32;; i++) {
		const struct plan *p = db->plans[i & (db->plans_cap - 1)];
		if (!p || plan_is(p, key))
			return i & (db->plans_cap - 1);
	}
}

/* Room for one more, at most half full. */
static bool plans_grow(struct db *db)
{
	if (db->plans_n * 2 < db->plans_cap)
		return true;
	struct db grown = { .plans_cap = db->plans_cap ? db->plans_cap * 2 : 64 };
	grown.plans = calloc(grown.plans_cap, sizeof *grown.plans);
	if (!grown.plans)
		return false;
	for (size_t i = 0; i < db->plans_cap; i++) {
		struct plan *p = db->plans[i];
		if (p)
			grown.plans[plan_slot(&grown, p)] = p;
	}
	free(db->plans);
	db->plans = grown.plans;
	db->plans_cap = grown.plans_cap;
	return true;
}

static enum err plan_find(struct cx *cx, const struct plan *key, struct plan **out)
{
	struct db *db = cx->db;
	if (!plans_grow(db))
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	struct plan **slot = &db->plans[plan_slot(db, key)];
	if (!*slot) {
		TRY(plan_make(cx, db, *key, slot));
		db->plans_n++;
	}
	*out = *slot;
	return OK;
}

void db_forget(struct db *db)
{
	for (size_t i = 0; i < db->plans_cap; i++)
		if (db->plans[i])
			plan_free(db->plans[i]);
	free(db->plans);
	db->plans = NULL;
	db->plans_n = db->plans_cap = 0;
}

static enum err column_read(struct cx *cx, const struct plan *p, int i, const struct field *f, void *out)
{
	if (!f || member_set(cx, f, (char *)out + f->at, p->engine->column(p->prepared, i)))
		return OK;
	str why = str_format(&cx->arena, "%s: column %s holds what its member cannot: %.*s", p->stmt->name, f->name,
			     STR_ARG(cx->fault.message));
	enum err e = FAIL(cx, E_INTERNAL, S(""), "something went wrong on our side");
	cx->fault.detail = why;
	return e;
}

static enum err row_read(struct cx *cx, const struct plan *p, void *out, void *also)
{
	for (int i = 0; i < p->columns_n; i++) {
		TRY(column_read(cx, p, i, p->columns[i], out));
		TRY(column_read(cx, p, i, p->also[i], also));
	}
	return OK;
}

static enum err already_lost(struct cx *cx, const struct db *db)
{
	enum err e = FAIL(cx, db->broken, S(""), "the transaction was already lost");
	cx->fault.detail = str_copy(&cx->arena, str_of(db->words));
	cx->fault.retry_after = e == E_UNAVAILABLE ? 1 : e == E_STORAGE_FULL ? 30 : 0;
	return e;
}

/* A statement that does not fit its tables is our own bug. */
static enum err plan_ready(struct cx *cx, const struct plan *key, struct plan **out)
{
	struct db *db = cx->db;
	assert(db && db->open); /* else called outside store_read and store_write */
	if (db->broken)
		return already_lost(cx, db);
	enum err e = plan_find(cx, key, out);
	if (e == E_INTERNAL)
		fprintf(stderr, "store: %s: %.*s %.*s\n", key->stmt->name, STR_ARG(cx->fault.message),
			STR_ARG(cx->fault.detail));
	assert(e != E_INTERNAL);
	return e;
}

/* s: the plan's statement, or the one for several rows of which this is one. */
static enum err row_bind(struct cx *cx, const struct plan *p, struct prepared *s, int row, const void *in)
{
	for (int i = 0; i < p->parameters_n; i++) {
		const struct field *f = p->parameters[i].field;
		const void *base = p->parameters[i].context ? cx : in;
		struct value v = member_value(cx, f, (const char *)base + f->at);
		TRY(p->engine->bind(cx, cx->db, p->stmt->name, s, row * p->parameters_n + i, v));
	}
	return OK;
}

static enum err plan_start(struct cx *cx, const struct plan *key, const void *in, struct plan **out)
{
	TRY(plan_ready(cx, key, out));
	return row_bind(cx, *out, (*out)->prepared, 0, in);
}

static enum err run(struct cx *cx, const struct plan *p, int64_t *changed)
{
	bool row;
	assert(p->columns_n == 0);
	TRY(p->engine->step(cx, cx->db, p->stmt->name, p->prepared, &row));
	if (changed)
		*changed = p->engine->changes(cx->db);
	return OK;
}

enum err db_run(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		int64_t *changed)
{
	struct plan *p;
	TRY(plan_start(cx, &(struct plan){ .stmt = stmt, .in_table = in_table }, in, &p));
	enum err e = run(cx, p, changed);
	p->engine->reset(p->prepared);
	return e;
}

/* s: as in row_bind. */
static enum err send(struct cx *cx, const struct plan *p, struct prepared *s)
{
	enum err e = p->engine->send ? p->engine->send(cx, cx->db, p->stmt->name, s) : run(cx, p, NULL);
	p->engine->reset(s);
	return e;
}

enum err db_send(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in)
{
	struct plan *p;
	TRY(plan_start(cx, &(struct plan){ .stmt = stmt, .in_table = in_table }, in, &p));
	return send(cx, p, p->prepared);
}

/* ---- at the end of a piece of work ---- */

/* late - the rows that one statement is to write then. */
struct late {
	const struct stmt *stmt;
	const struct field *table;
	char *rows;
	size_t size, n, cap;
	struct late *next; /* in the order in which they came up */
};

static struct late **late_find(struct db *db, const struct stmt *stmt)
{
	struct late **at = &db->late;
	while (*at && (*at)->stmt != stmt)
		at = &(*at)->next;
	return at;
}

enum err db_send_late(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		      size_t size)
{
	assert(cx->db->working); /* else nobody would write it */
	struct late **at = late_find(cx->db, stmt);
	if (!*at) {
		*at = NEW(&cx->arena, struct late);
		**at = (struct late){ .stmt = stmt, .table = in_table, .size = size };
	}
	struct late *late = *at;
	assert(late->table == in_table && late->size == size);
	late->rows = arena_grow(&cx->arena, late->rows, late->n, &late->cap, size, _Alignof(max_align_t));
	memcpy(late->rows + late->n++ * size, in, size);
	return OK;
}

/* The next n of them in one statement. */
static enum err late_write_some(struct cx *cx, const struct plan *p, const char *rows, size_t size, int n)
{
	struct prepared *s = p->prepared;
	if (n > 1)
		TRY(p->engine->rows(cx, cx->db, p->stmt->name, p->prepared, n, &s));
	for (int i = 0; i < n; i++)
		TRY(row_bind(cx, p, s, i, rows + (size_t)i * size));
	return send(cx, p, s);
}

static enum err late_write(struct cx *cx, const struct late *late)
{
	struct plan *p;
	size_t most = cx->db->engine->rows ? ROWS_MOST : 1, n;
	TRY(plan_ready(cx, &(struct plan){ .stmt = late->stmt, .in_table = late->table }, &p));
	for (size_t i = 0; i < late->n; i += n) {
		n = late->n - i < most ? late->n - i : most;
		TRY(late_write_some(cx, p, late->rows + i * late->size, late->size, (int)n));
	}
	return OK;
}

enum err db_write_late(struct cx *cx)
{
	const struct late *late = cx->db->late;
	cx->db->late = NULL;
	for (; late; late = late->next)
		TRY(late_write(cx, late));
	return OK;
}

enum err db_work(struct cx *cx, struct db *db, enum err (*work)(struct cx *, void *), void *arg)
{
	db->late = NULL;
	db->working = true;
	cx->db = db;
	enum err e = work(cx, arg);
	if (!e)
		e = db_write_late(cx);
	cx->db = NULL;
	db->working = false;
	return e;
}

enum err db_ask(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		const struct field *out_table)
{
	struct plan *p;
	if (!cx->db->engine->ask)
		return OK;
	TRY(plan_start(cx, &(struct plan){ .stmt = stmt, .in_table = in_table, .out_table = out_table }, in, &p));
	return p->engine->ask(cx, cx->db, stmt->name, p->prepared);
}

static enum err find(struct cx *cx, const struct plan *p, void *out, void *also, bool *found)
{
	bool more;
	TRY(p->engine->step(cx, cx->db, p->stmt->name, p->prepared, found));
	if (!*found)
		return OK;
	TRY(row_read(cx, p, out, also));
	TRY(p->engine->step(cx, cx->db, p->stmt->name, p->prepared, &more));
	if (!more)
		return OK;
	enum err e = FAIL(cx, E_INTERNAL, S(""), "something went wrong on our side");
	cx->fault.detail = str_format(&cx->arena, "%s: more than one row", p->stmt->name);
	return e;
}

static enum err find_by(struct cx *cx, const struct plan *key, const void *in, void *out, void *also, bool *found)
{
	struct plan *p;
	*found = false;
	TRY(plan_start(cx, key, in, &p));
	enum err e = find(cx, p, out, also, found);
	p->engine->reset(p->prepared);
	return e;
}

static enum err nothing_here(struct cx *cx)
{
	return FAIL(cx, E_NOT_FOUND, S(""), "there is nothing here");
}

enum err db_find(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		 const struct field *out_table, void *out, bool *found)
{
	struct plan key = { .stmt = stmt, .in_table = in_table, .out_table = out_table };
	return find_by(cx, &key, in, out, NULL, found);
}

enum err db_get(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		const struct field *out_table, void *out)
{
	bool found;
	TRY(db_find(cx, stmt, in_table, in, out_table, out, &found));
	return found ? OK : nothing_here(cx);
}

enum err db_get_both(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		     const struct field *out_table, void *out, const struct field *also_table, void *also)
{
	struct plan key = { .stmt = stmt, .in_table = in_table, .out_table = out_table, .also_table = also_table };
	bool found;
	TRY(find_by(cx, &key, in, out, also, &found));
	return found ? OK : nothing_here(cx);
}

static enum err list(struct cx *cx, const struct plan *p, size_t size, struct list *out)
{
	size_t cap = 0;
	bool row;
	for (;;) {
		TRY(p->engine->step(cx, cx->db, p->stmt->name, p->prepared, &row));
		if (!row)
			return OK;
		if (cx->arena.over)
			return FAIL(cx, E_LIMIT, S(""), "that is more than fits one answer: ask for less");
		out->items = arena_grow(&cx->arena, out->items, out->n, &cap, size, _Alignof(max_align_t));
		TRY(row_read(cx, p, (char *)out->items + out->n * size, NULL));
		out->n++;
	}
}

enum err db_list(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const void *in,
		 const struct field *out_table, size_t size, struct list *out)
{
	struct plan *p;
	*out = (struct list){ 0 };
	TRY(plan_start(cx, &(struct plan){ .stmt = stmt, .in_table = in_table, .out_table = out_table }, in, &p));
	enum err e = list(cx, p, size, out);
	p->engine->reset(p->prepared);
	return e;
}

enum err db_check(struct cx *cx, const struct stmt *stmt, const struct field *in_table, const struct field *out_table)
{
	struct plan *p;
	assert(cx->db);
	return plan_find(cx, &(struct plan){ .stmt = stmt, .in_table = in_table, .out_table = out_table }, &p);
}

static bool word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool db_is_shared(const struct cx *cx)
{
	return cx->db->shared;
}

bool db_conflict_is(const struct cx *cx, str what)
{
	str words = cx->fault.detail;
	if (cx->fault.code != E_CONFLICT || !what.n || words.n < what.n)
		return false;
	for (size_t i = str_find(words, ':'); i + what.n <= words.n; i++) {
		bool starts = i == 0 || !word_byte(words.p[i - 1]);
		bool ends = i + what.n == words.n || !word_byte(words.p[i + what.n]);
		if (starts && ends && memcmp(words.p + i, what.p, what.n) == 0)
			return true;
	}
	return false;
}
