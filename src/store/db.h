/* db - statements on a database: what store functions call.
 * A statement's parameters are named like members of the struct that feeds it, its columns like members of the
 * struct it fills; the field tables carry the types (see base/field.h).  `:actor` and `:now` come from the context;
 * only a public statement may be fed by a struct with members of those names, which then win.
 *
 *     absent → NULL   str, JSON and numbers always; uuid, digest, LIST and OBJECT where MAYBE (else all zero, "[]", {…})
 *     NULL → absent   every type; false for a bool, the first choice for an enum
 *     LIST, OBJECT    what field_write shows of them: members need OUT to be kept and IN to be read back
 *
 * Members that no column names stay as they were; elements of lists begin all zero.  A statement, its parameters and
 * its columns not fitting the tables is a bug: the program stops at the first use.  A stored value that its member
 * cannot hold is E_INTERNAL.  To be called inside store_read or store_write only.
 * After an error a piece of work should end: what it still does may be refused (PostgreSQL always does).
 * The engine behind it is chosen when the store is opened; nothing here depends on it. */
#ifndef STORE_DB_H
#define STORE_DB_H
#include "base/field.h"

struct stmt {
	const char *name, *marks,
	    *sql;               /* marks: "public;", "scan: why;", "engine: postgresql;" as in the .sql file */
	const char *postgresql; /* instead of sql on that engine; NULL: the same */
};

enum tx {
	TX_NONE,
	TX_OWN, /* begins one itself, where it needs one */
	TX_READ,
	TX_WRITE
};

/* db_run - a statement without rows.  *changed, where not NULL, is the number of rows it touched.
 *   E_CONFLICT     a UNIQUE, CHECK, foreign key or trigger of the schema refused it: see db_conflict_is
 *   E_STORAGE_FULL the disk is full        E_UNAVAILABLE  the database cannot answer now */
enum err db_run(struct cx *, const struct stmt *, const struct field *in_table, const void *in, int64_t *changed);

/* db_send - the same for what cannot clash and whose count nobody asks: where the database is another machine's it goes
 * there without waiting, and a failure is that of the next statement or of the commit.  After a clash there, somebody else
 * came between: the piece of work is done again. */
enum err db_send(struct cx *, const struct stmt *, const struct field *in_table, const void *in);

/* db_send_late - the same, as the last thing of this piece of work, with all other rows of that statement at once: for what
 * nothing else in it reads.  The row is copied; what it points to is in cx->arena.  On PostgreSQL up to ROWS_MOST rows go in
 * one statement, whose text has one VALUES (…) with all its parameters. */
enum { ROWS_MOST = 4 };
enum err db_send_late(struct cx *, const struct stmt *, const struct field *in_table, const void *in, size_t size);

/* db_write_late - what was kept for the end so far is written now: for what does read it, or removes it again. */
enum err db_write_late(struct cx *);

/* db_ask - a question whose answer is wanted in a moment, by the db_find, db_get or db_list with the same statement,
 * tables and values: where the database is another machine's it goes there without waiting, and several are answered in
 * one round trip.  The answer is of now: nothing that is done between may change it. */
enum err db_ask(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
		const struct field *out_table);

/* db_find - at most one row into *out, in cx->arena; *found says whether there was one. */
enum err db_find(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
		 const struct field *out_table, void *out, bool *found);

/* db_get - as db_find, but none is E_NOT_FOUND. */
enum err db_get(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
		const struct field *out_table, void *out);

/* db_get_both - as db_get, where the row fills two structs: a column goes to the member of its name in each, or in one. */
enum err db_get_both(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
		     const struct field *out_table, void *out, const struct field *also_table, void *also);

/* db_list - every row, in cx->arena.   E_LIMIT  past the arena's soft cap */
enum err db_list(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
		 const struct field *out_table, size_t size, struct list *out);

/* db_is_shared - whether this transaction may write, and others meanwhile: on PostgreSQL.  What must not change under
 * it is locked first (lock.h). */
bool db_is_shared(const struct cx *);

/* db_conflict_is - after E_CONFLICT: whether `what` refused it: a trigger's word ("reservation_overlap"), a column of
 * the UNIQUE that failed ("account.email"), or a constraint's name.  Whole words of the database's own message. */
bool db_conflict_is(const struct cx *, str what);

/* db_check - whether a statement prepares, and every parameter and column is a member of the tables. */
enum err db_check(struct cx *, const struct stmt *, const struct field *in_table, const struct field *out_table);
#endif
