/* sqlite - the embedded engine: one connection, its statements and its transaction.
 * `fatal` is set when a write or sync failed below us: the page cache is no longer to be trusted, the process must
 * end. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H
#include "engine.h"

struct sqlite3;

struct sqlite {
	struct db db;
	struct sqlite3 *connection;
	struct prepared *control[6]; /* begin, commit … */
	bool fatal;
	bool writes;
	int wal_pages;    /* of the log after the last commit */
	uint64_t commits; /* that changed something */
	int64_t wait;     /* nanoseconds: how long it may wait for others */
	int64_t wait_until;
};

static inline struct sqlite *sqlite_of(struct db *db)
{
	return (struct sqlite *)db;
}

/* sqlite_open - the file must exist.  A writer syncs each commit and checkpoints only when told to; a reader cannot
 * write and never checkpoints. */
enum sqlite_role { SQLITE_READER, SQLITE_WRITER };
enum err sqlite_open(struct cx *, const char *path, enum sqlite_role, struct db **out);
/* sqlite_close - a writer checkpoints, unless fatal; close readers first. */
void sqlite_close(struct db *);

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

/* sqlite_alone - a database that nobody has open is wholly in its file: it can be read where nothing can be written.  The
 * next writer has its log beside it again. */
enum err sqlite_alone(struct cx *, const char *path);
#endif
