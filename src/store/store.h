/* store - the database as a whole: opening, migrating, reading, and the one writer.
 * Embedded (SQLite): WAL, synchronous=FULL, one connection does all writes and checkpoints; readers are read-only,
 * one a thread.  The writer takes what is queued, runs each piece in a savepoint, commits once, and then calls back:
 * nothing is acknowledged before it is durable. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "db.h"

struct store;

struct store_options {
	const char *folder;   /* of the embedded database, made with mode 0700 when missing */
	void (*log)(const char *event, str detail); /* what operators should know; may be NULL */
};

/* store_open - opens, takes the folder's lock, applies what migrations are missing in one transaction.
 *   E_CONFLICT     another process has the folder    E_VERSION  the database is newer than this program
 *   E_UNAVAILABLE  it cannot be opened: the fault says why */
enum err store_open(struct cx *, const struct store_options *, struct store **out);

/* store_close - finishes what is queued, checkpoints, frees. */
void store_close(struct store *);

/* store_read - run fn inside a read transaction (one snapshot) on this thread's own read-only connection;
 * cx->db is set meanwhile.  Returns what fn returned, or why there was no snapshot. */
enum err store_read(struct store *, struct cx *, enum err (*fn)(struct cx *, void *), void *arg);

/* write - one piece of work for the writer, owned by the caller until `done` was called.
 *   run   inside a savepoint on the writer's connection; an error takes back what it did and nothing else
 *   done  after the commit, on the writer's thread: err is run's answer, or why the commit failed.  Must not block. */
struct write {
	struct cx    *cx;
	enum err    (*run)(struct cx *, void *arg);
	void        (*done)(void *arg, enum err);
	void         *arg;
	struct write *next; /* the writer's own */
	enum err      answer; /* the writer's own */
};
void store_write(struct store *, struct write *);

/* store_write_wait - the same, and wait: for job workers and command lines, never on an HTTP loop. */
enum err store_write_wait(struct store *, struct cx *, enum err (*run)(struct cx *, void *), void *arg);

/* store_generation - a number that changes with every commit: equal numbers, equal database. */
uint64_t store_generation(const struct store *);
#endif
