/* engine - what is behind db.h: a connection and its statements, of SQLite (sqlite.c) or PostgreSQL (postgresql.c).
 * A connection is used by one thread at a time.  Every error of an engine becomes an `enum err`, its own words go to
 * cx->fault.detail and `words`, and `broken` is set where the transaction cannot go on: whatever it did is lost, and
 * every further statement is refused until it ended. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H
#include "db.h"
#include "member.h"

struct plan;
struct prepared; /* the engine's own */

struct db {
	const struct engine *engine;
	const char *blocks;  /* of migrations, "-- engine: x", that are for it: names, blanks between */
	struct plan **plans; /* statements with their members, by address: open addressing (db.c) */
	size_t plans_n, plans_cap;
	enum err broken;
	bool open;         /* a transaction is */
	bool shared;       /* it may write, and so may others meanwhile */
	uuid locked;       /* the last account that it holds (lock.h); all zero: none */
	bool working;      /* in a piece of work, at whose end db_send_late's rows are written */
	struct late *late; /* what db_send_late keeps for the end of the piece of work; NULL: nothing */
	char words[240];   /* of the last error */
};

struct engine {
	const char *name;

	/* Transactions.  begin clears `broken`; rollback never fails. */
	enum err (*begin)(struct cx *, struct db *);
	enum err (*commit)(struct cx *, struct db *);
	void (*rollback)(struct db *);
	enum err (*script)(struct cx *, struct db *, const char *sql); /* without parameters, as in migrations */

	/* Statements.  prepare finds the parameters, describe (NULL: nothing to do) is then told their types; columns
	 * are known after it.  `name` is for the error's detail.  Values bound are read until the next reset; column text
	 * and blobs live until the next step. */
	enum err (*prepare)(struct cx *, struct db *, const char *name, const char *sql, struct prepared **out);
	enum err (*describe)(struct cx *, struct db *, const char *name, struct prepared *, const enum value_type *);
	void (*finalize)(struct prepared *);
	int (*parameters)(struct prepared *);
	const char *(*parameter)(struct prepared *, int i); /* from 0; without the colon; NULL: it has no name */
	int (*columns)(struct prepared *);
	const char *(*column_name)(struct prepared *, int i);
	enum err (*bind)(struct cx *, struct db *, const char *name, struct prepared *, int i, struct value);
	enum err (*step)(struct cx *, struct db *, const char *name, struct prepared *, bool *row);
	/* the statement without rows goes to the server, and its answer is read with the next one's; NULL: step serves */
	enum err (*send)(struct cx *, struct db *, const char *name, struct prepared *);
	/* the same statement, all of whose parameters are in its VALUES (…), for n rows in one; they follow each
	 * other; NULL: it goes n times */
	enum err (*rows)(struct cx *, struct db *, const char *name, struct prepared *, int n, struct prepared **out);
	/* a statement whose rows are wanted later: it goes to the server, and step finds its answer, if it is the same
	 * question then; reset leaves it alone until it was read; NULL: there is nothing to gain */
	enum err (*ask)(struct cx *, struct db *, const char *name, struct prepared *);
	struct value (*column)(struct prepared *, int i);
	void (*reset)(struct prepared *);
	int64_t (*changes)(struct db *); /* rows of the last INSERT, UPDATE or DELETE */
};

/* db_work - a piece of work of a transaction that was begun on db, and what it left for the end (db.c). */
enum err db_work(struct cx *, struct db *, enum err (*work)(struct cx *, void *), void *arg);

void db_forget(struct db *); /* its plans; whoever closes a connection does it first (db.c) */
#endif
