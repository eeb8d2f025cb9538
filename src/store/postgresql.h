/* postgresql - the engine for several processes: one connection by libpq, its statements and its transaction.
 *
 *   numbers, bytes and texts travel as they are (binary format); parameters have the types of their members
 *   writing   READ COMMITTED: what must not change meanwhile is locked first (lock.h), never judged by isolation
 *   reading   REPEATABLE READ, READ ONLY: one snapshot
 *   limits    each statement, each wait for a lock and each pause inside a transaction has a time: see SETTINGS
 *
 * Statements are prepared once a connection.  Where a pooler sits between (pgbouncer in transaction mode), which is
 * seen by the server's process not being the one that the connection names, nothing may stay behind in a session:
 * statements then go unnamed, and the limits are set in each transaction. */
#ifndef STORE_POSTGRESQL_H
#define STORE_POSTGRESQL_H
#include "engine.h"

enum postgresql_role { POSTGRESQL_READER, POSTGRESQL_WRITER };

/* postgresql_open - connect.
 *   POSTGRESQL_EXCLUSION  migrations may make exclusion constraints
 *   POSTGRESQL_PATIENT    no statement and no pause is too long: a database is copied, of whatever size
 *   E_UNAVAILABLE  no server, or it does not let us in: the fault's detail says why */
enum { POSTGRESQL_EXCLUSION = 1, POSTGRESQL_PATIENT = 2 };
enum err postgresql_open(struct cx *, const char *url, unsigned how, struct db **out);
void postgresql_close(struct db *);

/* postgresql_begin - a transaction; the engine's own `begin` is one that writes. */
enum err postgresql_begin(struct cx *, struct db *, enum postgresql_role);
enum err postgresql_commit(struct cx *, struct db *);
void postgresql_rollback(struct db *);

/* After an error: whether the connection is of no use any more; whether the same transaction may go through when it
 * is tried again (a deadlock, a serialization failure, an outdated plan). */
bool postgresql_is_lost(const struct db *);
bool postgresql_may_repeat(const struct db *);

/* postgresql_text - the parameters of a statement as PostgreSQL wants them, `:name` as $1, $2 …; what stands in
 * quotes, comments and casts stays.  Both from malloc; names end with NULL.  false: more than POSTGRESQL_PARAMETERS */
enum { POSTGRESQL_PARAMETERS = 96 };
struct postgresql_text {
	char *sql;
	char *names[POSTGRESQL_PARAMETERS + 1];
	int n;
};
[[nodiscard]] bool postgresql_text_make(const char *sql, struct postgresql_text *out);

/* postgresql_text_rows - the same for n rows: what its VALUES is followed by comes n times, the parameters of each behind
 * those of the one before.  From malloc; NULL: no memory, no VALUES, or too many parameters. */
[[nodiscard]] char *postgresql_text_rows(const struct postgresql_text *, int n);
void postgresql_text_free(struct postgresql_text *);
#endif
