/* writer - the one thread that writes.
 *
 * It takes what is queued, at most WRITER_BATCH pieces or WRITER_TURN of work, runs each in a savepoint of one
 * transaction, commits once, and answers.  It never waits for more: while it commits, the next batch gathers.
 *
 * 1. done(OK) comes after the commit is durable, and only for what that commit holds.
 * 2. A piece runs at most once.  When its transaction is lost it is answered with the reason; the pieces behind it,
 *    which have not run, go into a new transaction.
 * 3. A piece's error takes back all that the piece did and nothing that others did.
 * 4. Once a sync or write has failed below the database nothing is written any more (store_options.fatal).
 * 5. The log stays bounded: past log_pages it is moved into the database as far as readers let it; past twice that the
 *    writer waits for readers, which are short, so that it begins anew, the longer the log the longer; past four times
 *    its file is emptied too.
 *    Without work for a moment all of it is moved, and a large file emptied. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H
#include "sqlite.h"
#include "store.h"

enum { WRITER_BATCH = 256, WRITER_QUEUE = 8192 }; /* pieces; past the latter they are refused */
enum { LOG_PAGES = 4096 };                        /* of 4 KiB: the default of log_pages */

struct writer;

/* writer_open - starts the thread, which uses db alone from then on.   E_UNAVAILABLE  no thread to be had */
enum err writer_open(struct cx *, struct db *, const struct store_options *, struct writer **out);

/* writer_close - finishes what is queued and ends the thread; the connection stays. */
void writer_close(struct writer *);

void writer_push(struct writer *, struct write *);
uint64_t writer_generation(const struct writer *);
struct figures writer_figures(const struct writer *);
bool writer_is_this_thread(const struct writer *);
#endif
