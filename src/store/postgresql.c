#include "postgresql.h"

#include "postgresql_wire.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of PostgreSQL that values come in. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };
enum { OID_UNKNOWN = 705, OID_VARCHAR = 1043 };

/* prepared - a statement with room for its values. */
struct prepared {
	struct postgresql *own;
	struct postgresql_text text;
	char name[16]; /* empty: it is sent with each call */
	Oid types[POSTGRESQL_PARAMETERS];
	const char *values[POSTGRESQL_PARAMETERS];
	int lengths[POSTGRESQL_PARAMETERS], formats[POSTGRESQL_PARAMETERS];
	uint64_t numbers[POSTGRESQL_PARAMETERS]; /* in network order */
	PGresult *description, *rows;
	int row;
	bool ahead;                           /* its answer was asked for before it is needed, */
	struct buf question;                  /* with these values */
	struct prepared *many[ROWS_MOST + 1]; /* the same for several rows, by their number */
};

static struct postgresql *own(struct db *db)
{
	return (struct postgresql *)db;
}

bool postgresql_is_lost(const struct db *db)
{
	return ((const struct postgresql *)db)->lost;
}

bool postgresql_may_repeat(const struct db *db)
{
	return ((const struct postgresql *)db)->repeat;
}

/* ---- transactions ----
 * A transaction's beginning goes with its first statement.  A reader's end is sent and not waited for: there is nothing to
 * learn from it. */

static void undo(struct postgresql *p)
{
	struct cx none = { 0 };
	if (wire_send(&none, p, "rollback", "ROLLBACK") || wire_settle(&none, p))
		p->lost = true;
	arena_close(&none.arena);
}

/* A statement's time, a wait for a lock, a pause inside a transaction: a process that sleeps must not keep others, nor one
 * that was cut off between the statements of a transaction, which is no pause to the server.
 * And statements are planned once and go by their indexes, as on SQLite, whatever was known of the tables then: a plan from
 * the days when a table was empty would read all of it for long, and planning or compiling costs more than most of them.
 * local: "true" is until the transaction ends. */
#define SETTINGS(local, statement, pause)                                                                 \
	"SELECT set_config(name, value, " local ") FROM (VALUES "                                         \
	"('statement_timeout', '" statement "'), ('lock_timeout', '4000'), "                              \
	"('idle_in_transaction_session_timeout', '" pause "'), "                                          \
	"('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'), " \
	"('enable_seqscan', 'off'), ('plan_cache_mode', 'force_generic_plan'), ('jit', 'off')) AS s (name, value)"

static enum err send_settings(struct cx *cx, struct postgresql *p)
{
	static const char *const TEXTS[2][2] = { { SETTINGS("false", "10000", "5000"), SETTINGS("false", "0", "0") },
						 { SETTINGS("true", "10000", "5000"), SETTINGS("true", "0", "0") } };
	return wire_send(cx, p, "settings", TEXTS[p->pooled][p->patient]);
}

/* What begins and ends transactions, prepared as any other statement. */
enum word { WORD_READ, WORD_WRITE, WORD_COMMIT, WORDS_N };
static const struct {
	const char *name, *sql;
} WORDS[] = {
	[WORD_READ] = { "begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" },
	[WORD_WRITE] = { "begin_write", "BEGIN ISOLATION LEVEL READ COMMITTED" },
	[WORD_COMMIT] = { "commit", "COMMIT" },
};

static enum err send_word(struct cx *cx, struct postgresql *p, enum word word)
{
	if (p->pooled)
		return wire_send(cx, p, WORDS[word].name, WORDS[word].sql);
	TRY(wire_open(cx, p, WORDS[word].name));
	int taken = PQsendQueryPrepared(p->connection, WORDS[word].name, 0, NULL, NULL, NULL, 1);
	return wire_sent(cx, p, WORDS[word].name, NULL, taken);
}

/* name: of what is prepared, for errors; as: what it is called there. */
static enum err send_prepare(struct cx *cx, struct postgresql *p, const char *name, const char *as, const char *sql,
			     int n, const Oid *types)
{
	TRY(wire_open(cx, p, name));
	return wire_sent(cx, p, name, NULL, PQsendPrepare(p->connection, as, sql, n, types));
}

static enum err prepare_words(struct cx *cx, struct postgresql *p)
{
	for (enum word i = 0; i < WORDS_N; i++)
		TRY(send_prepare(cx, p, WORDS[i].name, WORDS[i].name, WORDS[i].sql, 0, NULL));
	return OK;
}

static enum err set_up(struct cx *cx, struct postgresql *p)
{
	PGresult *r = NULL;
	TRY(wire_open(cx, p, "connect"));
	TRY(wire_sent(cx, p, "connect", &r,
		      PQsendQueryParams(p->connection, "SELECT pg_backend_pid()", 0, NULL, NULL, NULL, NULL, 0)));
	enum err e = wire_settle(cx, p);
	const char *pid = e ? NULL : PQgetvalue(r, 0, 0);
	if (pid)
		p->pooled = strtol(pid, NULL, 10) != PQbackendPID(p->connection);
	else if (!e)
		e = wire_refuse(cx, p, "connect", r); /* no row: what answers is no PostgreSQL */
	PQclear(r);
	if (e || p->pooled)
		return e;
	TRY(send_settings(cx, p));
	TRY(prepare_words(cx, p));
	return wire_settle(cx, p);
}

enum err postgresql_begin(struct cx *cx, struct db *db, enum postgresql_role role)
{
	struct postgresql *p = own(db);
	assert(!db->open);
	db->broken = OK;
	p->repeat = p->committing = false;
	TRY(wire_settle(cx, p));
	if (!wire_is_alive(p))
		return wire_refuse(cx, p, "begin", NULL);
	TRY(send_word(cx, p, role == POSTGRESQL_READER ? WORD_READ : WORD_WRITE));
	if (p->pooled)
		TRY(send_settings(cx, p));
	db->open = true;
	db->shared = role == POSTGRESQL_WRITER;
	db->locked = (uuid){ 0 };
	return OK;
}

static enum err begin_writing(struct cx *cx, struct db *db)
{
	return postgresql_begin(cx, db, POSTGRESQL_WRITER);
}

/* What was asked for ahead, and not needed after all. */
static void forget_ahead(struct postgresql *p)
{
	while (p->ahead_n) {
		struct prepared *s = p->ahead[--p->ahead_n];
		s->ahead = false;
		wire_forget(p, &s->rows);
	}
}

static enum err commit_reading(struct cx *cx, struct postgresql *p)
{
	enum err e = send_word(cx, p, WORD_COMMIT);
	return e ? e : wire_flush(cx, p);
}

enum err postgresql_commit(struct cx *cx, struct db *db)
{
	struct postgresql *p = own(db);
	forget_ahead(p);
	if (!db->shared) {
		enum err e = commit_reading(cx, p);
		db->open = false;
		return e;
	}
	p->committing = true;
	enum err e = send_word(cx, p, WORD_COMMIT);
	if (!e)
		e = wire_settle(cx, p);
	db->open = false;
	if (e && !p->lost && PQtransactionStatus(p->connection) != PQTRANS_IDLE)
		undo(p);
	if (e && p->lost)
		cx->fault.message =
		    S("the connection to the database was lost while saving: look whether it was done "
		      "before you try again");
	return e;
}

void postgresql_rollback(struct db *db)
{
	struct postgresql *p = own(db);
	struct cx none = { 0 }; /* what failed so far is told; what was sent behind it is of no interest */
	forget_ahead(p);
	if (db->open && !p->lost) {
		(void)wire_settle(&none, p);
		if (!p->lost)
			undo(p);
	}
	arena_close(&none.arena);
	db->open = false;
}

/* What a migration may say that PostgreSQL calls otherwise; text is compared by its bytes, as SQLite does. */
static char *script_text(struct arena *a, const char *sql)
{
	static const struct {
		const char *word, *instead;
	} CALLED[] = { { "BLOB", "BYTEA" }, { "TEXT", "TEXT COLLATE \"C\"" } };
	char *out = arena_take(a, 4 * strlen(sql) + 1, 1), *to = out;
	while (*sql) {
		size_t n = strspn(sql, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
		const char *from = sql;
		size_t length = n = n ? n : 1;
		for (size_t i = 0; i < sizeof CALLED / sizeof *CALLED; i++)
			if (strlen(CALLED[i].word) == n && strncmp(sql, CALLED[i].word, n) == 0)
				length = strlen(from = CALLED[i].instead);
		memcpy(to, from, length);
		to += length;
		sql += n;
	}
	return out;
}

static enum err script(struct cx *cx, struct db *db, const char *sql)
{
	TRY(wire_command(cx, own(db), "script", "SET LOCAL statement_timeout = 0"));
	return wire_command(cx, own(db), "script", script_text(&cx->arena, sql));
}

/* ---- statements ---- */

static void finalize(struct prepared *s)
{
	PQclear(s->description);
	PQclear(s->rows);
	for (int n = 0; n <= ROWS_MOST; n++)
		if (s->many[n])
			finalize(s->many[n]);
	buf_free(&s->question);
	postgresql_text_free(&s->text);
	free(s);
}

static enum err prepare(struct cx *cx, struct db *db, const char *name, const char *sql, struct prepared **out)
{
	struct prepared *s = calloc(1, sizeof *s);
	if (!s)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	if (!postgresql_text_make(sql, &s->text)) {
		free(s);
		return FAIL(cx, E_INTERNAL, S(""), "statement %s: too many parameters", name);
	}
	s->own = own(db);
	if (!s->own->pooled)
		snprintf(s->name, sizeof s->name, "s%u", s->own->named++);
	*out = s;
	return OK;
}

static bool is_known(Oid type)
{
	static const Oid KNOWN[] = { OID_BOOL, OID_BYTEA, OID_NAME,    OID_INT8,   OID_INT2,
				     OID_INT4, OID_TEXT,  OID_UNKNOWN, OID_VARCHAR };
	for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
		if (KNOWN[i] == type)
			return true;
	return false;
}

static enum err describe(struct cx *cx, struct db *db, const char *name, struct prepared *s,
			 const enum value_type *types)
{
	static const Oid OIDS[] = { [VALUE_INT] = OID_INT8, [VALUE_TEXT] = OID_TEXT, [VALUE_BLOB] = OID_BYTEA };
	struct postgresql *p = own(db);
	for (int i = 0; i < s->text.n; i++) {
		s->types[i] = OIDS[types[i]];
		s->formats[i] = 1;
	}
	TRY(send_prepare(cx, p, name, s->name, s->text.sql, s->text.n, s->types));
	TRY(wire_open(cx, p, name));
	TRY(wire_sent(cx, p, name, &s->description, PQsendDescribePrepared(p->connection, s->name)));
	TRY(wire_settle(cx, p));
	for (int i = 0; i < PQnfields(s->description); i++)
		if (!is_known(PQftype(s->description, i)))
			return FAIL(cx, E_INTERNAL, S(""), "%s: column %s has type %u, which is none of ours", name,
				    PQfname(s->description, i), PQftype(s->description, i));
	return OK;
}

static int parameters(struct prepared *s)
{
	return s->text.n;
}

static const char *parameter(struct prepared *s, int i)
{
	return s->text.names[i];
}

static int columns(struct prepared *s)
{
	return PQnfields(s->description);
}

static const char *column_name(struct prepared *s, int i)
{
	return PQfname(s->description, i);
}

static enum err bind(struct cx *cx, struct db *db, const char *name, struct prepared *s, int i, struct value v)
{
	(void)db;
	switch (v.type) {
	case VALUE_NULL:
		s->values[i] = NULL;
		return OK;
	case VALUE_INT:
		s->numbers[i] = htobe64((uint64_t)v.i);
		s->values[i] = (const char *)&s->numbers[i];
		s->lengths[i] = sizeof s->numbers[i];
		return OK;
	case VALUE_TEXT:
	case VALUE_BLOB:
		s->values[i] = v.s.p ? v.s.p : "";
		s->lengths[i] = (int)v.s.n;
		return OK;
	case VALUE_REAL:
		break;
	}
	return FAIL(cx, E_INTERNAL, S(""), "%s: a value of no type", name);
}

/* On its way; rows: where its answer goes, NULL where nobody reads it. */
static enum err hand_over(struct cx *cx, struct postgresql *p, const char *name, const struct prepared *s,
			  PGresult **rows)
{
	TRY(wire_open(cx, p, name));
	int taken = s->name[0]
			? PQsendQueryPrepared(p->connection, s->name, s->text.n, s->values, s->lengths, s->formats, 1)
			: PQsendQueryParams(p->connection, s->text.sql, s->text.n, s->types, s->values, s->lengths,
					    s->formats, 1);
	return wire_sent(cx, p, name, rows, taken);
}

static enum err send(struct cx *cx, struct db *db, const char *name, struct prepared *s)
{
	return hand_over(cx, own(db), name, s, NULL);
}

/* The server is told of a statement, and its answer waited for. */
static enum err prepare_there(struct cx *cx, struct postgresql *p, const char *name, const struct prepared *s)
{
	TRY(send_prepare(cx, p, name, s->name, s->text.sql, s->text.n, s->types));
	return wire_settle(cx, p);
}

static enum err many_make(struct cx *cx, struct postgresql *p, const char *name, const struct prepared *one, int n,
			  struct prepared **out)
{
	struct prepared *s = calloc(1, sizeof *s);
	if (!s || !(s->text.sql = postgresql_text_rows(&one->text, n))) {
		free(s);
		return FAIL(cx, s ? E_INTERNAL : E_UNAVAILABLE, S(""), "%s: not for %d rows", name, n);
	}
	s->own = p;
	s->text.n = one->text.n * n;
	for (int i = 0; i < s->text.n; i++) {
		s->types[i] = one->types[i % one->text.n];
		s->formats[i] = 1;
	}
	if (!p->pooled)
		snprintf(s->name, sizeof s->name, "s%u", p->named++);
	enum err e = p->pooled ? OK : prepare_there(cx, p, name, s);
	if (e)
		finalize(s);
	else
		*out = s;
	return e;
}

static enum err rows(struct cx *cx, struct db *db, const char *name, struct prepared *s, int n, struct prepared **out)
{
	if (!s->many[n])
		TRY(many_make(cx, own(db), name, s, n, &s->many[n]));
	*out = s->many[n];
	return OK;
}

static void question_write(struct buf *b, const struct prepared *s)
{
	for (int i = 0; i < s->text.n; i++) {
		int length = s->values[i] ? s->lengths[i] : -1;
		buf_add(b, (str){ (const char *)&length, sizeof length });
		if (length > 0)
			buf_add(b, (str){ s->values[i], (size_t)length });
	}
}

static enum err ask(struct cx *cx, struct db *db, const char *name, struct prepared *s)
{
	struct postgresql *p = own(db);
	if (s->ahead || p->ahead_n == SENT_MAX)
		return OK;
	TRY(hand_over(cx, p, name, s, &s->rows));
	buf_clear(&s->question);
	question_write(&s->question, s);
	s->ahead = true;
	p->ahead[p->ahead_n++] = s;
	return OK;
}

/* Whether the answer was asked for, for these very values; one for others is of no use. */
static bool was_asked(struct postgresql *p, struct prepared *s)
{
	struct buf now = { 0 };
	int i = 0;
	if (!s->ahead)
		return false;
	question_write(&now, s);
	bool same = str_is(buf_str(&now), buf_str(&s->question));
	buf_free(&now);
	s->ahead = false;
	while (p->ahead[i] != s)
		i++;
	p->ahead[i] = p->ahead[--p->ahead_n];
	if (!same)
		wire_forget(p, &s->rows);
	return same;
}

static enum err execute(struct cx *cx, struct postgresql *p, const char *name, struct prepared *s)
{
	if (!was_asked(p, s))
		TRY(hand_over(cx, p, name, s, &s->rows));
	if (!s->rows)
		TRY(wire_settle(cx, p));
	p->changed = strtoll(PQcmdTuples(s->rows), NULL, 10);
	s->row = -1;
	return OK;
}

static enum err step(struct cx *cx, struct db *db, const char *name, struct prepared *s, bool *row)
{
	*row = false;
	if (!s->rows || s->ahead)
		TRY(execute(cx, own(db), name, s));
	*row = ++s->row < PQntuples(s->rows);
	return OK;
}

static int64_t number(const char *bytes, int n)
{
	uint64_t sum = n && (bytes[0] & 0x80) ? UINT64_MAX : 0;
	for (int i = 0; i < n; i++)
		sum = sum << 8 | (unsigned char)bytes[i];
	return (int64_t)sum;
}

static struct value column(struct prepared *s, int i)
{
	if (PQgetisnull(s->rows, s->row, i))
		return (struct value){ .type = VALUE_NULL };
	const char *bytes = PQgetvalue(s->rows, s->row, i);
	int n = PQgetlength(s->rows, s->row, i);
	switch (PQftype(s->rows, i)) {
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
		return (struct value){ .type = VALUE_INT, .i = number(bytes, n) };
	case OID_BOOL:
		return (struct value){ .type = VALUE_INT, .i = bytes[0] };
	case OID_BYTEA:
		return (struct value){ .type = VALUE_BLOB, .s = { bytes, (size_t)n } };
	default:
		return (struct value){ .type = VALUE_TEXT, .s = { bytes, (size_t)n } };
	}
}

static void reset(struct prepared *s)
{
	if (s->ahead)
		return;
	wire_forget(s->own, &s->rows);
}

static int64_t changes(struct db *db)
{
	return own(db)->changed;
}

static const struct engine ENGINE = {
	.name = "postgresql",
	.begin = begin_writing,
	.commit = postgresql_commit,
	.rollback = postgresql_rollback,
	.script = script,
	.prepare = prepare,
	.describe = describe,
	.finalize = finalize,
	.parameters = parameters,
	.parameter = parameter,
	.columns = columns,
	.column_name = column_name,
	.bind = bind,
	.step = step,
	.send = send,
	.rows = rows,
	.ask = ask,
	.column = column,
	.reset = reset,
	.changes = changes,
};

/* ---- the connection ---- */

static void notice(void *none, const PGresult *r)
{
	(void)none;
	(void)r;
}

/* What is before `dbname` the URL may say otherwise. */
static PGconn *connect_to(const char *url)
{
	static const char *const NAMES[] = { "connect_timeout",      "keepalives_idle",
					     "keepalives_interval",  "keepalives_count",
					     "tcp_user_timeout",     "fallback_application_name",
					     "target_session_attrs", "dbname",
					     "client_encoding",      NULL };
	const char *const values[] = { "3", "5", "2", "3", "10000", "noonmark", "read-write", url, "UTF8", NULL };
	return PQconnectdbParams(NAMES, values, 1);
}

enum err postgresql_open(struct cx *cx, const char *url, unsigned how, struct db **out)
{
	struct postgresql *p = calloc(1, sizeof *p);
	if (!p)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	p->db.engine = &ENGINE;
	p->db.blocks = how & POSTGRESQL_EXCLUSION ? "postgresql exclusion" : "postgresql";
	p->patient = how & POSTGRESQL_PATIENT;
	p->connection = connect_to(url);
	enum err e = PQstatus(p->connection) == CONNECTION_OK ? OK : wire_refuse(cx, p, "connect", NULL);
	if (!e) {
		PQsetNoticeReceiver(p->connection, notice, NULL);
		e = set_up(cx, p);
	}
	if (e)
		postgresql_close(&p->db);
	else
		*out = &p->db;
	return e;
}

void postgresql_close(struct db *db)
{
	struct postgresql *p = own(db);
	db_forget(db);
	PQfinish(p->connection);
	free(p);
}
