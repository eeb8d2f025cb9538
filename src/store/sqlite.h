/* sqlite - the embedded engine: one connection, its statements and its transaction.
 * A connection is used by one thread at a time.  Every error goes through one place (sqlite.c, refuse): it becomes
 * an `enum err`, the engine's own words go to cx->fault.detail, and `broken` and `fatal` are set:
 *   broken  the transaction cannot go on: whatever it did is lost; every further statement is refused until it ended
 *   fatal   a write or sync failed below us: the page cache is no longer to be trusted, the process must end */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H
#include "db.h"
#include "member.h"

struct sqlite3;
struct plan;

struct db {
	struct sqlite3 *connection;
	struct prepared *control[6]; /* begin, commit … */
	struct plan **plans;         /* statements with their members, by address: open addressing (db.c) */
	size_t plans_n, plans_cap;
	enum err broken;
	bool fatal;
	bool writes;
	bool open;        /* a transaction is */
	int wal_pages;    /* of the log after the last commit */
	uint64_t commits; /* that changed something */
	int64_t wait;     /* nanoseconds: how long it may wait for others */
	int64_t wait_until;
	char words[240]; /* of the last error */
};

/* sqlite_open - the file must exist.  A writer syncs each commit and checkpoints only when told to; a reader cannot
 * write and never checkpoints. */
enum sqlite_role { SQLITE_READER, SQLITE_WRITER };
enum err sqlite_open(struct cx *, const char *path, enum sqlite_role, struct db **out);
/* sqlite_close - a writer checkpoints, unless fatal; close readers first. */
void sqlite_close(struct db *);
void db_forget(struct db *); /* its plans; sqlite_close does it (db.c) */

/* Transactions.  begin clears `broken`.  rollback never fails: what the engine has rolled back by itself is fine. */
enum err sqlite_begin(struct cx *, struct db *);
enum err sqlite_commit(struct cx *, struct db *);
void sqlite_rollback(struct db *);
enum err sqlite_savepoint(struct cx *, struct db *);
enum err sqlite_release(struct cx *, struct db *);
enum err sqlite_undo(struct cx *, struct db *); /* to the savepoint, and release it */
bool sqlite_foreign_keys_hold(struct db *);     /* no deferred one is open */

/* sqlite_script - statements without parameters, as in migrations. */
enum err sqlite_script(struct cx *, struct db *, const char *sql);

/* sqlite_checkpoint - move the log into the database.
 *   PASSIVE   as far as readers let it           RESTART  all of it, so that the next commit starts the log anew
 *   TRUNCATE  and the log's file becomes empty.  The last two wait at most `wait` nanoseconds for readers; *done says
 *             whether all was moved and, for them, the log begun anew. */
enum checkpoint { CHECKPOINT_PASSIVE, CHECKPOINT_RESTART, CHECKPOINT_TRUNCATE };
enum err sqlite_checkpoint(struct cx *, struct db *, enum checkpoint, int64_t wait, bool *done);

/* sqlite_backup - a consistent copy of all of it, as of now, into a new file. */
enum err sqlite_backup(struct cx *, struct db *from, const char *path);

/* Statements.  `name` is for the error's detail.  Values bound are read until the next reset; column text and blobs
 * live until the next step. */
struct prepared;
enum err sqlite_prepare(struct cx *, struct db *, const char *name, const char *sql, struct prepared **out);
void sqlite_finalize(struct prepared *);
int sqlite_parameters(struct prepared *);
const char *sqlite_parameter(struct prepared *, int i); /* from 0; without the colon; NULL: it has no name */
int sqlite_columns(struct prepared *);
const char *sqlite_column_name(struct prepared *, int i);
enum err sqlite_bind(struct cx *, struct db *, const char *name, struct prepared *, int i, struct value);
enum err sqlite_step(struct cx *, struct db *, const char *name, struct prepared *, bool *row);
struct value sqlite_column(struct prepared *, int i);
void sqlite_reset(struct prepared *);
int64_t sqlite_changes(struct db *); /* rows of the last INSERT, UPDATE or DELETE */

int64_t monotonic_now(void); /* nanoseconds */
#endif
