/* migrate - bring a database to the schema that this program knows, at start.
 * Migrations are the numbered files of sql/, embedded in the program, never edited once landed.  What was applied is
 * recorded in the table `migration` with the SHA-256 of its text. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H
#include "engine.h"

struct migration {
	int number; /* from 1, without gaps */
	const char *name, *text;
};

/* migrate - applies what is missing, all in one transaction.  `known` ends with number 0.
 *   E_VERSION   the database has migrations that this program does not know, or knows with another text
 *   E_INTERNAL  a migration fails: nothing was applied */
enum err migrate(struct cx *, struct db *, const struct migration *known);

/* migrate_check - whether it is just as this program wants it, without changing anything.
 *   E_VERSION  newer, older or another one     E_NOT_FOUND  no database of this program's */
enum err migrate_check(struct cx *, struct db *, const struct migration *known, bool older_will_do);

/* migrations_known - those of sql/. */
const struct migration *migrations_known(void);

/* migration_text - a migration for one engine: without the blocks between "-- engine: x" and the next such line where
 * x is neither a word of `engine` nor "any".  NUL-terminated, in the arena. */
char *migration_text(struct arena *, str text, str engine);
#endif
