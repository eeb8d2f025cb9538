/* store - the database as a whole: opening, migrating, reading, writing.
 * PostgreSQL: a bounded pool of connections, several processes side by side, every piece of writing a transaction of
 * its own (pool.h).  What reads or writes then waits, on the thread that it was called on.
 * Embedded (SQLite): WAL, synchronous=FULL, one connection does all writes and checkpoints; readers are read-only,
 * one a thread.  The writer takes what is queued, runs each piece in a savepoint, commits once, and then calls back:
 * nothing is acknowledged before it is durable. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "db.h"

struct store;
struct migration;

struct store_options {
	const char *database; /* postgresql://…; NULL: the embedded one */
	const char *replica;  /* a read replica of it, which may lag; NULL: none */
	int connections;      /* to it, at most; 0: POOL_CONNECTIONS */
	bool no_exclusion;    /* it has no exclusion constraints: only the guard's lock keeps meetings apart */
	const char *folder;   /* of the embedded database, made with mode 0700 when missing; the files have 0600 */
	void (*log)(const char *event, str detail); /* what operators should know; may be NULL */

	/* A write or sync failed below the database: what the kernel still holds in memory may never reach the disk, so
	 * the process must end and start again from the disk.  Called once, on the writer's thread, after everything
	 * queued was answered E_UNAVAILABLE; NULL, or returning to find the process alive, is fine only as long as it
	 * ends soon: all writes are refused from then on.  NULL: abort(). */
	void (*fatal)(const char *why);

	const struct migration *migrations; /* NULL: those of sql/; tests have their own (migrate.h) */
	int log_pages; /* of 4 KiB: how long the write-ahead log gets before it is moved (writer.h); zero: 4096 */
};

/* store_open - opens, takes the folder's lock, applies what migrations are missing in one transaction.
 *   E_CONFLICT     another process has the folder    E_VERSION  the database is newer than this program
 *   E_UNAVAILABLE, E_STORAGE_FULL  it cannot be opened: the fault says why */
enum err store_open(struct cx *, const struct store_options *, struct store **out);

/* store_close - finishes what is queued, checkpoints, frees.  No other thread may be reading, or begin to. */
void store_close(struct store *);

/* store_waits - whether reading and writing wait for another machine: PostgreSQL.  Then they, and store_write too, are
 * not for an HTTP loop's thread. */
bool store_waits(const struct store *);

/* store_read - run fn inside a read transaction (one snapshot) on this thread's own read-only connection, or one of
 * the pool's; cx->db is set meanwhile.  Returns what fn returned, or why there was no snapshot.  It should be short: what is written
 * meanwhile stays in the log beside the database until the snapshot is gone.  On PostgreSQL fn runs again where the connection
 * was lost meanwhile.  Not to be nested. */
enum err store_read(struct store *, struct cx *, enum err (*fn)(struct cx *, void *), void *arg);

/* store_read_stale - the same, for what is only shown: from the read replica where there is one, as things were a moment
 * ago.  Where it does not answer, or has not found it (yet), from the database itself: fn may run twice. */
enum err store_read_stale(struct store *, struct cx *, enum err (*fn)(struct cx *, void *), void *arg);

/* write - one piece of work for the writer, owned by the caller until `done` was called.
 *   run   inside a savepoint on the writer's connection, at most once; on PostgreSQL inside a transaction, and again
 *         after a deadlock or serialization failure; an error takes back what it did and no more
 *   done  once, after the commit, on the writer's thread, or on this one before store_write returns (PostgreSQL): err is run's answer, or why nothing was saved, also in
 *         cx->fault: E_STORAGE_FULL, or E_UNAVAILABLE (too much is queued, or the commit failed; in the latter case the
 *         outcome is unknown only if the process ends at once, or PostgreSQL went away).  Must not block. */
struct write {
	struct cx *cx;
	enum err (*run)(struct cx *, void *arg);
	void (*done)(void *arg, enum err);
	void *arg;
	struct write *next; /* the writer's own */
	enum err answer;    /* the writer's own */
};
void store_write(struct store *, struct write *);

/* store_write_wait - the same, and wait: for job workers and command lines, never on an HTTP loop. */
enum err store_write_wait(struct store *, struct cx *, enum err (*run)(struct cx *, void *), void *arg);

/* store_generation - a number that rises with every commit that changed something, before it is acknowledged: equal
 * numbers, equal database.  To key a cache, take it before the read.  Starts anew with the process.  On PostgreSQL,
 * where others write too, no two answers are equal. */
uint64_t store_generation(struct store *);

/* figures - for operators; counted since the start. */
struct figures {
	uint64_t writes;      /* pieces of work answered OK */
	uint64_t failed;      /* pieces that answered an error of their own */
	uint64_t lost;        /* pieces taken back because their commit failed */
	uint64_t shed;        /* pieces refused because too much was queued */
	uint64_t commits;     /* transactions that changed something */
	uint64_t queued;      /* pieces waiting now */
	uint64_t log_pages;   /* of 4 KiB, in the write-ahead log now */
	uint64_t log_largest; /* the most it has had */
	uint64_t checkpoints;
};
struct figures store_figures(const struct store *);
#endif
