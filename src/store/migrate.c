#include "migrate.h"

#include "base/secret.h"
#include "migrations.h"
#include "store/migration_sql.h"

#include <assert.h>
#include <string.h>

/* applied - a row of the table. */
struct applied {
	int64_t number;
	str name, sha256; /* of the file's text, hexadecimal */
};

static const struct field APPLIED[] = {
	FIELD(struct applied, number, 0),
	FIELD(struct applied, name, 0),
	FIELD(struct applied, sha256, 0),
	FIELD_END,
};

static bool is_word_of(str words, str word)
{
	while (words.n)
		if (str_is(str_cut(&words, ' '), word))
			return true;
	return false;
}

char *migration_text(struct arena *a, str text, str engine)
{
	static const str mark = S("-- engine: ");
	char *kept = arena_take(a, text.n + 1, 1);
	size_t n = 0;
	bool ours = true;
	while (text.n) {
		str line = str_slice(text, 0, str_find(text, '\n') + 1);
		text = str_slice(text, line.n, text.n);
		if (str_starts(line, mark)) {
			str name = str_trim(str_slice(line, mark.n, line.n));
			ours = str_is(name, S("any")) || is_word_of(engine, name);
		} else if (ours) {
			memcpy(kept + n, line.p, line.n);
			n += line.n;
		}
	}
	return kept;
}

static str text_hash(struct arena *a, const char *text)
{
	digest d = sha256(str_of(text));
	char hex[2 * sizeof d.b + 1];
	for (size_t i = 0; i < sizeof d.b; i++) {
		hex[2 * i] = "0123456789abcdef"[d.b[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[d.b[i] & 15];
	}
	return str_copy(a, (str){ hex, 2 * sizeof d.b });
}

const struct migration *migrations_known(void)
{
	return MIGRATIONS;
}

/* What was applied must be the beginning of what is known. */
static enum err compare(struct cx *cx, const struct list *rows, const struct migration *known)
{
	int last = 0;
	while (known[last].number)
		last++;
	for (size_t i = 0; i < rows->n; i++) {
		const struct applied *row = (const struct applied *)rows->items + i;
		if (row->number > last)
			return FAIL(cx, E_VERSION, S(""),
				    "the database is newer than this program: it has migration %.*s, "
				    "this program knows %d: run the newer program, or restore a backup",
				    STR_ARG(row->name), last);
		const struct migration *m = &known[i];
		if (row->number != m->number || !str_is(row->name, str_of(m->name)) ||
		    !str_is(row->sha256, text_hash(&cx->arena, m->text)))
			return FAIL(cx, E_VERSION, S(""),
				    "the database has another migration %.*s than this program: "
				    "they do not belong together",
				    STR_ARG(row->name));
	}
	return OK;
}

static enum err apply(struct cx *cx, const struct migration *m)
{
	const struct applied row = { m->number, str_of(m->name), text_hash(&cx->arena, m->text) };
	enum err e =
	    cx->db->engine->script(cx, cx->db, migration_text(&cx->arena, str_of(m->text), str_of(cx->db->blocks)));
	if (e) {
		str words = cx->fault.detail;
		e = FAIL(cx, e, S(""), "migration %s: %.*s", m->name, STR_ARG(words));
		cx->fault.detail = words;
		return e;
	}
	assert(!cx->db->broken); /* else it holds a COMMIT */
	return db_run(cx, &MIGRATION_INSERT, APPLIED, &row, NULL);
}

static enum err apply_missing(struct cx *cx, const struct migration *known)
{
	struct list rows;
	TRY(db_run(cx, &MIGRATION_TABLE, NULL, NULL, NULL));
	if (db_is_shared(cx))
		TRY(db_run(cx, &MIGRATION_LOCK, NULL, NULL, NULL));
	TRY(db_list(cx, &MIGRATION_LIST, NULL, NULL, APPLIED, sizeof(struct applied), &rows));
	TRY(compare(cx, &rows, known));
	for (const struct migration *m = known + rows.n; m->number; m++)
		TRY(apply(cx, m));
	return OK;
}

enum err migrate(struct cx *cx, struct db *db, const struct migration *known)
{
	struct db *before = cx->db;
	TRY(db->engine->begin(cx, db));
	cx->db = db;
	enum err e = apply_missing(cx, known);
	cx->db = before;
	if (e) {
		db->engine->rollback(db);
		return e;
	}
	return db->engine->commit(cx, db);
}

static enum err not_ours(struct cx *cx)
{
	return FAIL(cx, E_NOT_FOUND, S(""), "that is not a database of Noonmark");
}

/* Before anything takes it for ours, to which a missing table would be a bug of the program. */
static enum err table_look(struct cx *cx, struct db *db)
{
	const struct engine *engine = db->engine;
	struct prepared *p = NULL;
	enum err e = engine->prepare(cx, db, MIGRATION_LIST.name, MIGRATION_LIST.sql, &p);
	if (!e && engine->describe)
		e = engine->describe(cx, db, MIGRATION_LIST.name, p, NULL);
	if (p)
		engine->finalize(p);
	return e == E_INTERNAL || (e && engine->describe) ? not_ours(cx) : e;
}

static enum err compare_all(struct cx *cx, const struct migration *known, bool older_will_do)
{
	struct list rows;
	TRY(table_look(cx, cx->db));
	TRY(db_list(cx, &MIGRATION_LIST, NULL, NULL, APPLIED, sizeof(struct applied), &rows));
	TRY(compare(cx, &rows, known));
	if (!rows.n)
		return not_ours(cx);
	if (known[rows.n].number && !older_will_do)
		return FAIL(cx, E_VERSION, S(""),
			    "the database is of an older version of this program: start a server on it "
			    "once, which brings it up to date");
	return OK;
}

enum err migrate_check(struct cx *cx, struct db *db, const struct migration *known, bool older_will_do)
{
	struct db *before = cx->db;
	TRY(db->engine->begin(cx, db));
	cx->db = db;
	enum err e = compare_all(cx, known, older_will_do);
	cx->db = before;
	db->engine->rollback(db);
	return e;
}
