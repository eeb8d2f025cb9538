/* postgresql_wire - what goes over one connection to PostgreSQL, and what its errors mean.
 *
 * Statements go out without waiting (libpq's pipeline mode); the first whose answer is wanted waits for all that went
 * before it, in one round trip.  The server skips what comes behind a statement that failed, so the first failure is the
 * one that is told. */
#ifndef STORE_POSTGRESQL_WIRE_H
#define STORE_POSTGRESQL_WIRE_H
#include "engine.h"

#include <libpq-fe.h>

/* sent - a statement on its way. */
struct sent {
	const char *name;
	PGresult **rows; /* where its answer goes; NULL: nobody reads it, and it cannot clash */
};

enum { SENT_MAX = 32 };

struct postgresql {
	struct db db;
	PGconn *connection;
	bool pooled;       /* a pooler is between: nothing may stay in the session */
	bool patient;      /* POSTGRESQL_PATIENT */
	bool lost, repeat; /* see postgresql.h */
	bool committing;   /* the transaction may be saved from here on, whatever becomes of the connection */
	bool silent;       /* the server did not answer for so long that the connection was given up */
	bool flushed;      /* nothing may be added to what was sent: its end was sent too */
	unsigned named;    /* statements so far */
	struct sent sent[SENT_MAX];
	int sent_n;
	struct prepared
	    *ahead[SENT_MAX]; /* of this transaction: whose answers were asked for before they are needed */
	int ahead_n;
	int64_t changed;
};

/* wire_is_fine - whether a statement went through. */
bool wire_is_fine(const PGresult *);

/* wire_refuse - what an error of the server's, or the lack of any answer (r NULL), is to the caller: the one place that
 * all of them go through. */
enum err wire_refuse(struct cx *, struct postgresql *, const char *name, const PGresult *r);

/* wire_command - one round trip without parameters; the last statement's result decides. */
enum err wire_command(struct cx *, struct postgresql *, const char *name, const char *sql);

/* wire_open - room for one more statement: then a PQsend… of the caller's, and wire_sent with what it said. */
enum err wire_open(struct cx *, struct postgresql *, const char *name);
enum err wire_sent(struct cx *, struct postgresql *, const char *name, PGresult **rows, int taken);

/* wire_send - a statement without parameters, whose answer nobody reads. */
enum err wire_send(struct cx *, struct postgresql *, const char *name, const char *sql);

/* wire_flush - all of it is on its way now; the answers are read by the next wire_settle. */
enum err wire_flush(struct cx *, struct postgresql *);

/* wire_settle - wait for all answers: the first failure is returned. */
enum err wire_settle(struct cx *, struct postgresql *);

/* wire_forget - nobody wants that answer any more, whether it came or not. */
void wire_forget(struct postgresql *, PGresult **rows);

/* wire_is_alive - whether the server has not said good-bye while nobody asked it anything. */
bool wire_is_alive(struct postgresql *);
#endif
