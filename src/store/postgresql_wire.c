#include "postgresql_wire.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

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
	{ "57P", E_UNAVAILABLE, true, true, 1, AWAY },     /* it is stopping or starting */
	{ "08", E_UNAVAILABLE, true, true, 1, AWAY },      /* the connection broke */
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
static const struct answer GONE = { "", E_UNAVAILABLE, true, true, 1, AWAY };

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

/* It ends with that, whatever its reason: what was being committed may be in its log. */
static bool is_panic(const PGresult *r)
{
	return str_is(diagnosis(r, PG_DIAG_SEVERITY_NONLOCALIZED), S("PANIC"));
}

enum err wire_refuse(struct cx *cx, struct postgresql *p, const char *name, const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	bool gone = PQstatus(p->connection) == CONNECTION_BAD || is_panic(r);
	const struct answer *a = gone ? &GONE : answer_of(state);
	str words = a->err == E_CONFLICT ? conflict_words(cx, r) : diagnosis(r, PG_DIAG_MESSAGE_PRIMARY);
	if (!words.n)
		words = str_trim(str_of(PQerrorMessage(p->connection)));
	snprintf(p->db.words, sizeof p->db.words, "%s: %.*s (%s)", name, STR_ARG(words),
		 state ? state : "no connection");
	p->lost = p->lost || a->lost;
	p->repeat =
	    a->repeat && !(a->lost && (p->committing || p->silent)); /* it may have been saved; it took long enough */
	if (p->db.open)
		p->db.broken = a->err;
	enum err e = FAIL(cx, a->err, S(""), "%s", a->message);
	cx->fault.detail = str_copy(&cx->arena, str_of(p->db.words));
	cx->fault.retry_after = a->retry_after;
	return e;
}

/* ---- sending and reading ---- */

bool wire_is_fine(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

enum err wire_open(struct cx *cx, struct postgresql *p, const char *name)
{
	if (p->flushed || p->sent_n == SENT_MAX)
		TRY(wire_settle(cx, p));
	if (!p->sent_n && !PQenterPipelineMode(p->connection))
		return wire_refuse(cx, p, name, NULL);
	return OK;
}

enum err wire_sent(struct cx *cx, struct postgresql *p, const char *name, PGresult **rows, int taken)
{
	if (!taken)
		return wire_refuse(cx, p, name, NULL);
	p->sent[p->sent_n++] = (struct sent){ name, rows };
	return OK;
}

enum err wire_send(struct cx *cx, struct postgresql *p, const char *name, const char *sql)
{
	TRY(wire_open(cx, p, name));
	return wire_sent(cx, p, name, NULL, PQsendQueryParams(p->connection, sql, 0, NULL, NULL, NULL, NULL, 0));
}

enum err wire_flush(struct cx *cx, struct postgresql *p)
{
	if (!p->sent_n || p->flushed)
		return OK;
	p->flushed = true;
	return PQpipelineSync(p->connection) ? OK : wire_refuse(cx, p, "sync", NULL);
}

/* Whoever sent something that cannot clash had looked before: somebody else came between, and a second look sees it. */
static enum err clashed(struct cx *cx, struct postgresql *p)
{
	enum err e = p->db.broken = FAIL(cx, E_UNAVAILABLE, S(""), BUSY);
	p->repeat = true;
	return e;
}

/* The server ends a statement that takes too long; one that does not even do that is as good as gone. */
static void answer_wait(struct postgresql *p)
{
	enum { SILENCE_MS = 15000 }; /* longer than statement_timeout */
	struct pollfd it = { PQsocket(p->connection), POLLIN, 0 };
	while (!p->silent && PQisBusy(p->connection)) {
		p->silent = poll(&it, 1, p->patient ? -1 : SILENCE_MS) == 0;
		if (p->silent)
			shutdown(it.fd, SHUT_RDWR); /* so that nothing waits for it any more */
		else if (!PQconsumeInput(p->connection))
			return;
	}
}

static enum err answer_read(struct cx *cx, struct postgresql *p, const struct sent *it, enum err so_far)
{
	answer_wait(p);
	PGresult *r = PQgetResult(p->connection);
	enum err e = so_far ? so_far : wire_is_fine(r) ? OK : wire_refuse(cx, p, it->name, r);
	if (!so_far && e == E_CONFLICT && !it->rows)
		e = clashed(cx, p);
	if (it->rows)
		*it->rows = r;
	else
		PQclear(r);
	PQclear(PQgetResult(p->connection)); /* its end */
	return e;
}

enum err wire_settle(struct cx *cx, struct postgresql *p)
{
	if (!p->sent_n)
		return OK;
	enum err e = wire_flush(cx, p);
	for (int i = 0; i < p->sent_n; i++)
		e = answer_read(cx, p, &p->sent[i], e);
	PQclear(PQgetResult(p->connection)); /* of the sync */
	p->sent_n = 0;
	p->flushed = false;
	if (!PQexitPipelineMode(p->connection))
		p->lost = true;
	return e;
}

void wire_forget(struct postgresql *p, PGresult **rows)
{
	for (int i = 0; i < p->sent_n; i++)
		if (p->sent[i].rows == rows)
			p->sent[i].rows = NULL;
	PQclear(*rows);
	*rows = NULL;
}

enum err wire_command(struct cx *cx, struct postgresql *p, const char *name, const char *sql)
{
	TRY(wire_settle(cx, p));
	PGresult *r = PQexec(p->connection, sql);
	enum err e = wire_is_fine(r) ? OK : wire_refuse(cx, p, name, r);
	PQclear(r);
	return e;
}

bool wire_is_alive(struct postgresql *p)
{
	enum { SAYS_AT_MOST = 8 }; /* notices, then that it ends, then its end */
	struct pollfd it = { PQsocket(p->connection), POLLIN, 0 };
	for (int i = 0; i < SAYS_AT_MOST && poll(&it, 1, 0) > 0; i++)
		if (!PQconsumeInput(p->connection))
			return false;
	return PQstatus(p->connection) == CONNECTION_OK;
}
