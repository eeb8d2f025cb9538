#include "postgresql.h"

#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of PostgreSQL that values come in. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };
enum { OID_UNKNOWN = 705, OID_VARCHAR = 1043 };

enum { WAITING_MAX = 32 };

struct postgresql {
	struct db db;
	PGconn *connection;
	bool pooled;       /* a pooler is between: nothing may stay in the session */
	bool lost, repeat; /* see the header */
	unsigned named;    /* statements so far */
	int waiting;       /* statements sent whose answers were not read: the connection is in pipeline mode */
	const char *waiting_names[WAITING_MAX];
	int64_t changed;
};

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
};

static struct postgresql *own(struct db *db)
{
	return (struct postgresql *)db;
}

/* ---- errors ---- */

/* answer - what an SQLSTATE that begins so means to the caller. */
struct answer {
	const char *state;
	enum err err;
	bool lost, repeat; /* the connection; the transaction */
	int retry_after;
	const char *message;
};

#define AWAY "the database cannot answer now: please try again"
#define BUSY "somebody else is changing that at this moment: please try again"
#define BUG  "something went wrong on our side"
static const struct answer ANSWERS[] = {
	{ "40", E_UNAVAILABLE, false, true, 1, BUSY },     /* serialization failure, deadlock */
	{ "55P03", E_UNAVAILABLE, false, false, 1, BUSY }, /* waited too long for a lock */
	{ "23502", E_INTERNAL, false, false, 0, BUG },     /* NOT NULL */
	{ "23", E_CONFLICT, false, false, 0, "that clashes with what is there already" },
	{ "0A000", E_UNAVAILABLE, true, true, 1, AWAY },   /* the schema changed under a prepared statement */
	{ "26000", E_UNAVAILABLE, true, true, 1, AWAY },   /* a pooler that was not seen lost one */
	{ "42P05", E_UNAVAILABLE, true, true, 1, AWAY },   /* the same */
	{ "25006", E_UNAVAILABLE, true, true, 1, AWAY },   /* it has become a standby */
	{ "25P03", E_UNAVAILABLE, true, false, 1, AWAY },  /* it ended us for pausing inside a transaction */
	{ "57014", E_UNAVAILABLE, false, false, 1, AWAY }, /* the statement took too long */
	{ "57P", E_UNAVAILABLE, true, false, 1, AWAY },    /* it is stopping or starting */
	{ "08", E_UNAVAILABLE, true, false, 1, AWAY },     /* the connection broke */
	{ "53100", E_STORAGE_FULL, false, false, 30, "the disk is full: nothing was saved" },
	{ "53", E_UNAVAILABLE, false, false, 1, AWAY }, /* memory, connections */
	{ "54", E_TOO_LARGE, false, false, 0, "a value is larger than the database takes" },
	{ "58", E_UNAVAILABLE, true, false, 1, AWAY },     /* its disk or system fails */
	{ "XX", E_UNAVAILABLE, true, false, 1, AWAY },     /* it is damaged */
	{ "28", E_UNAVAILABLE, true, false, 1, AWAY },     /* it does not let us in */
	{ "3D", E_UNAVAILABLE, true, false, 1, AWAY },     /* no such database */
	{ "42501", E_UNAVAILABLE, false, false, 1, AWAY }, /* not permitted */
	{ "42P01", E_UNAVAILABLE, true, false, 1, AWAY },  /* no such table: a replica from before the schema */
	{ "42703", E_UNAVAILABLE, true, false, 1, AWAY },  /* no such column: the same */
	{ "", E_INTERNAL, false, false, 0, BUG },
};
static const struct answer GONE = { "", E_UNAVAILABLE, true, false, 1, AWAY };

static const struct answer *answer_of(const char *state)
{
	const struct answer *a = ANSWERS;
	if (!state)
		return &GONE;
	while (strncmp(state, a->state, strlen(a->state)) != 0)
		a++;
	return a;
}

static str diagnosis(const PGresult *r, int field)
{
	const char *text = r ? PQresultErrorField(r, field) : NULL;
	return text ? str_of(text) : S("");
}

/* "key_name table.column table.column": what db_conflict_is looks for.  Only the columns of "Key (a, b)=(…)" are
 * taken: what follows is somebody's data. */
static str conflict_words(struct cx *cx, const PGresult *r)
{
	str detail = diagnosis(r, PG_DIAG_MESSAGE_DETAIL), table = diagnosis(r, PG_DIAG_TABLE_NAME);
	str words = diagnosis(r, PG_DIAG_CONSTRAINT_NAME);
	(void)str_cut(&detail, '(');
	str columns = str_cut(&detail, ')');
	while (detail.n && detail.p[0] == '=' && columns.n) {
		str column = str_trim(str_cut(&columns, ','));
		words = str_format(&cx->arena, "%.*s %.*s.%.*s", STR_ARG(words), STR_ARG(table), STR_ARG(column));
	}
	return words;
}

/* The one place through which errors of the engine go: see postgresql.h.  r: NULL when there is no result at all. */
static enum err refuse(struct cx *cx, struct postgresql *p, const char *name, const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const struct answer *a = PQstatus(p->connection) == CONNECTION_BAD ? &GONE : answer_of(state);
	str words = a->err == E_CONFLICT ? conflict_words(cx, r) : diagnosis(r, PG_DIAG_MESSAGE_PRIMARY);
	if (!words.n)
		words = str_trim(str_of(PQerrorMessage(p->connection)));
	snprintf(p->db.words, sizeof p->db.words, "%s: %.*s (%s)", name, STR_ARG(words),
		 state ? state : "no connection");
	p->lost = p->lost || a->lost;
	p->repeat = a->repeat;
	if (p->db.open)
		p->db.broken = a->err;
	enum err e = FAIL(cx, a->err, S(""), "%s", a->message);
	cx->fault.detail = str_copy(&cx->arena, str_of(p->db.words));
	cx->fault.retry_after = a->retry_after;
	return e;
}

bool postgresql_is_lost(const struct db *db)
{
	return ((const struct postgresql *)db)->lost;
}

bool postgresql_may_repeat(const struct db *db)
{
	return ((const struct postgresql *)db)->repeat;
}

/* ---- sending and reading ----
 * What was sent without waiting is answered in one round trip with the next statement that waits.  The server skips what
 * comes behind a statement that failed, so the first failure is the one that is told. */

static bool is_fine(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Room for one more; `sent` says whether libpq took it. */
static enum err sent(struct cx *cx, struct postgresql *p, const char *name, int taken)
{
	if (!taken)
		return refuse(cx, p, name, NULL);
	p->waiting_names[p->waiting++] = name;
	return OK;
}

/* The answer of one that was sent.  It cannot clash, by its caller's word. */
static enum err answer_read(struct cx *cx, struct postgresql *p, int i, enum err so_far)
{
	PGresult *r = PQgetResult(p->connection);
	enum err e = so_far ? so_far : is_fine(r) ? OK : refuse(cx, p, p->waiting_names[i], r);
	if (!so_far && e == E_CONFLICT)
		e = p->db.broken = FAIL(cx, E_INTERNAL, S(""), BUG);
	PQclear(r);
	PQclear(PQgetResult(p->connection)); /* its end */
	return e;
}

/* All answers; the last one's, of what was sent as `last`, goes to *rows, where that is not NULL. */
static enum err settle(struct cx *cx, struct postgresql *p, PGresult **rows)
{
	int n = p->waiting - (rows != NULL);
	if (!p->waiting)
		return OK;
	enum err e = PQpipelineSync(p->connection) ? OK : refuse(cx, p, "sync", NULL);
	for (int i = 0; i < n; i++)
		e = answer_read(cx, p, i, e);
	if (rows) {
		*rows = PQgetResult(p->connection);
		if (!e && !is_fine(*rows))
			e = refuse(cx, p, p->waiting_names[n], *rows);
		PQclear(PQgetResult(p->connection));
	}
	PQclear(PQgetResult(p->connection)); /* of the sync */
	p->waiting = 0;
	if (!PQexitPipelineMode(p->connection))
		p->lost = true;
	return e;
}

/* ---- transactions ---- */

/* One round trip without parameters; the last statement's result decides. */
static enum err command(struct cx *cx, struct postgresql *p, const char *name, const char *sql)
{
	TRY(settle(cx, p, NULL));
	PGresult *r = PQexec(p->connection, sql);
	enum err e = is_fine(r) ? OK : refuse(cx, p, name, r);
	PQclear(r);
	return e;
}

/* The same for a single statement, in one round trip with what was sent before. */
static enum err command_behind(struct cx *cx, struct postgresql *p, const char *name, const char *sql)
{
	PGresult *r = NULL;
	if (!p->waiting)
		return command(cx, p, name, sql);
	enum err e = sent(cx, p, name, PQsendQueryParams(p->connection, sql, 0, NULL, NULL, NULL, NULL, 0));
	if (!e)
		e = settle(cx, p, &r);
	PQclear(r);
	return e;
}

static void undo(struct postgresql *p)
{
	PGresult *r = PQexec(p->connection, "ROLLBACK");
	p->lost = !is_fine(r);
	PQclear(r);
}

/* A statement's time, a wait for a lock, a pause inside a transaction: a process that sleeps must not keep others. */
#define LIMITS(set)                                                         \
	set " statement_timeout = 10000; " set " lock_timeout = 4000; " set \
	    " idle_in_transaction_session_timeout = 5000"

static enum err set_up(struct cx *cx, struct postgresql *p)
{
	PGresult *r = PQexec(p->connection, "SELECT pg_backend_pid()");
	enum err e = PQresultStatus(r) == PGRES_TUPLES_OK ? OK : refuse(cx, p, "connect", r);
	if (!e)
		p->pooled = strtol(PQgetvalue(r, 0, 0), NULL, 10) != PQbackendPID(p->connection);
	PQclear(r);
	if (e || p->pooled)
		return e;
	return command(cx, p, "connect", LIMITS("SET"));
}

enum err postgresql_begin(struct cx *cx, struct db *db, enum postgresql_role role)
{
	static const char *const BEGIN[][2] = {
		{ "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		  "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; " LIMITS("SET LOCAL") },
		{ "BEGIN ISOLATION LEVEL READ COMMITTED",
		  "BEGIN ISOLATION LEVEL READ COMMITTED; " LIMITS("SET LOCAL") },
	};
	struct postgresql *p = own(db);
	assert(!db->open);
	db->broken = OK;
	p->repeat = false;
	TRY(command(cx, p, "begin", BEGIN[role][p->pooled]));
	db->open = true;
	db->shared = role == POSTGRESQL_WRITER;
	db->locked = (uuid){ 0 };
	return OK;
}

static enum err begin_writing(struct cx *cx, struct db *db)
{
	return postgresql_begin(cx, db, POSTGRESQL_WRITER);
}

enum err postgresql_commit(struct cx *cx, struct db *db)
{
	struct postgresql *p = own(db);
	enum err e = command_behind(cx, p, "commit", "COMMIT");
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
	if (db->open && !p->lost) {
		if (settle(&none, p, NULL) || !p->lost)
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
	} WORDS[] = { { "BLOB", "BYTEA" }, { "TEXT", "TEXT COLLATE \"C\"" } };
	char *out = arena_take(a, 4 * strlen(sql) + 1, 1), *to = out;
	while (*sql) {
		size_t n = strspn(sql, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
		const char *from = sql;
		size_t length = n = n ? n : 1;
		for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
			if (strlen(WORDS[i].word) == n && strncmp(sql, WORDS[i].word, n) == 0)
				length = strlen(from = WORDS[i].instead);
		memcpy(to, from, length);
		to += length;
		sql += n;
	}
	return out;
}

static enum err script(struct cx *cx, struct db *db, const char *sql)
{
	TRY(command(cx, own(db), "script", "SET LOCAL statement_timeout = 0"));
	return command(cx, own(db), "script", script_text(&cx->arena, sql));
}

/* ---- statements ---- */

static void finalize(struct prepared *s)
{
	PQclear(s->description);
	PQclear(s->rows);
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
	TRY(settle(cx, p, NULL));
	PGresult *r = PQprepare(p->connection, s->name, s->text.sql, s->text.n, s->types);
	enum err e = PQresultStatus(r) == PGRES_COMMAND_OK ? OK : refuse(cx, p, name, r);
	PQclear(r);
	TRY(e);
	s->description = PQdescribePrepared(p->connection, s->name);
	if (PQresultStatus(s->description) != PGRES_COMMAND_OK)
		return refuse(cx, p, name, s->description);
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

static int hand_over(struct postgresql *p, const struct prepared *s)
{
	return s->name[0]
		   ? PQsendQueryPrepared(p->connection, s->name, s->text.n, s->values, s->lengths, s->formats, 1)
		   : PQsendQueryParams(p->connection, s->text.sql, s->text.n, s->types, s->values, s->lengths,
				       s->formats, 1);
}

static enum err send(struct cx *cx, struct db *db, const char *name, struct prepared *s)
{
	struct postgresql *p = own(db);
	if (p->waiting == WAITING_MAX - 1)
		TRY(settle(cx, p, NULL));
	if (!p->waiting && !PQenterPipelineMode(p->connection))
		return refuse(cx, p, name, NULL);
	return sent(cx, p, name, hand_over(p, s));
}

static PGresult *exchange(struct postgresql *p, const struct prepared *s)
{
	return s->name[0] ? PQexecPrepared(p->connection, s->name, s->text.n, s->values, s->lengths, s->formats, 1)
			  : PQexecParams(p->connection, s->text.sql, s->text.n, s->types, s->values, s->lengths,
					 s->formats, 1);
}

static enum err execute(struct cx *cx, struct postgresql *p, const char *name, struct prepared *s)
{
	if (p->waiting) {
		TRY(sent(cx, p, name, hand_over(p, s)));
		TRY(settle(cx, p, &s->rows));
	} else {
		s->rows = exchange(p, s);
		if (!is_fine(s->rows))
			return refuse(cx, p, name, s->rows);
	}
	p->changed = strtoll(PQcmdTuples(s->rows), NULL, 10);
	s->row = -1;
	return OK;
}

static enum err step(struct cx *cx, struct db *db, const char *name, struct prepared *s, bool *row)
{
	*row = false;
	if (!s->rows)
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
	PQclear(s->rows);
	s->rows = NULL;
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

enum err postgresql_open(struct cx *cx, const char *url, bool exclusion, struct db **out)
{
	struct postgresql *p = calloc(1, sizeof *p);
	if (!p)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	p->db.engine = &ENGINE;
	p->db.blocks = exclusion ? "postgresql exclusion" : "postgresql";
	p->connection = connect_to(url);
	enum err e = PQstatus(p->connection) == CONNECTION_OK ? OK : refuse(cx, p, "connect", NULL);
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
