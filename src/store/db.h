/* db - statements on a database: what store functions call.
 * A statement's parameters are named like members of the struct that feeds it, its columns like members of the
 * struct it fills; the field tables carry the types (see base/field.h).  `:actor` and `:now` come from the context.
 * The engine behind it is chosen when the store is opened; nothing here depends on it. */
#ifndef STORE_DB_H
#define STORE_DB_H
#include "base/field.h"

struct stmt {
	const char *name, *marks, *sql; /* marks: "public;", "scan: why;", "engine: sqlite;" as in the .sql file */
};

enum tx { TX_NONE, TX_READ, TX_WRITE };

/* db_run - a statement without rows.  *changed, where not NULL, is the number of rows it touched.
 *   E_CONFLICT     a UNIQUE, CHECK or trigger of the schema refused it; the database's own words are in the log detail
 *   E_STORAGE_FULL the disk is full        E_UNAVAILABLE  the database cannot answer now */
enum err db_run(struct cx *, const struct stmt *, const struct field *in_table, const void *in, int64_t *changed);

/* db_find - at most one row into *out, in cx->arena; *found says whether there was one. */
enum err db_find(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
    const struct field *out_table, void *out, bool *found);

/* db_get - as db_find, but none is E_NOT_FOUND. */
enum err db_get(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
    const struct field *out_table, void *out);

/* db_list - every row, in cx->arena.   E_LIMIT  past the arena's soft cap */
enum err db_list(struct cx *, const struct stmt *, const struct field *in_table, const void *in,
    const struct field *out_table, size_t size, struct list *out);

/* db_check - whether a statement prepares, and every parameter and column is a member of the tables. */
enum err db_check(struct cx *, const struct stmt *, const struct field *in_table, const struct field *out_table);
#endif
