/* place - a database by its name, for commands that read or fill one without serving it:
 *     postgresql://…      a database of PostgreSQL
 *     a folder            the embedded database in it, noonmark.db
 *     a file              of the embedded database, as backups are; one that is not there yet has a dot in its name */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H
#include "engine.h"

enum { PLACE_PIECE = 1000 }; /* rows that are copied in one transaction: LIMIT of tools/tables.awk */

struct place {
	struct db *db;
	bool shared; /* PostgreSQL */
	int lock;    /* the folder's, or -1 */
};

/* PLACE_READ: a server may be running on it, and it may be of an older version.  PLACE_MOVE: to be read, a folder while
 * nobody else has it.  PLACE_FILL: to be written alone; made where it is not there, and brought up to date.
 * PLACE_FILL_PLAIN: the same, without the exclusion constraint where PostgreSQL would have it. */
enum place_use { PLACE_READ, PLACE_MOVE, PLACE_FILL, PLACE_FILL_PLAIN };

/* place_open
 *   E_NOT_FOUND  nothing of ours there     E_CONFLICT  a process has the folder
 *   E_VERSION    it is of another version of this program     E_UNAVAILABLE, E_STORAGE_FULL */
enum err place_open(struct cx *, str name, enum place_use, struct place *out);
void place_close(struct place *);

/* place_snapshot - begin a transaction that reads. */
enum err place_snapshot(struct cx *, const struct place *);

/* place_settle - what was written moves where it stays, so that no log grows without bound. */
enum err place_settle(struct cx *, const struct place *);

/* place_check - an embedded one is whole.   E_INTERNAL  it is damaged */
enum err place_check(struct cx *, const struct place *);

/* place_backup - a consistent copy of an embedded one into a new file, complete or absent, while a server goes on.
 *   E_CONFLICT  the file exists, or another process is making it */
enum err place_backup(struct cx *, const struct place *, const char *path);

/* place_alone - a file that was filled, and closed, needs no other beside it any more. */
enum err place_alone(struct cx *, const char *path);
#endif
