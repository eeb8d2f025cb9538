/* copy - a whole database into another one, of whichever engine, row by row.
 *
 * 1. The target is empty, or holds the beginning of the same copy: a table at a time, in the order of sql/, each in the
 *    order of its primary key.  Each piece of rows is written in one transaction with how far it came, so a copy that
 *    was ended goes on where it was.
 * 2. Then every row of the source is looked up in the target and compared, and the rows are counted.
 * 3. While a copy is unfinished, no server starts on the target (copy_is_whole). */
#ifndef STORE_COPY_H
#define STORE_COPY_H
#include "base/fault.h"

struct place; /* place.h */

/* copy_watch - told of each piece: "copied" or "compared", of which table, rows so far.  May be NULL. */
typedef void copy_watch(const char *what, const char *table, int64_t rows);

/* copy_run - nobody may write to either meanwhile.
 *   E_CONFLICT  the target has rows that are not of this copy; or a row of it is not what the source has: written to
 *               meanwhile, or after the copy had begun; or the source is itself a copy that was not finished */
enum err copy_run(struct cx *, const struct place *from, const struct place *to, copy_watch *);

/* copy_source_check - in a place that is read: E_CONFLICT where a copy into it was begun and not finished. */
enum err copy_source_check(struct cx *, const struct place *);

/* copy_is_whole - for store_read: E_CONFLICT where a copy into this database was begun and not finished. */
enum err copy_is_whole(struct cx *, void *none);
#endif
