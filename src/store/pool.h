/* pool - PostgreSQL for a process: a bounded number of connections, and transactions on them.
 * Whoever reads or writes waits for a free connection, then for the server, on the thread it called from: never on an
 * HTTP loop.
 *
 * 1. A piece of writing is a transaction of its own.  What ended in a deadlock, a serialization failure or a clash that it
 *    had ruled out by looking is run again, at most POOL_TRIES times: nothing of the first run remains but what it did to
 *    its own memory.
 * 2. A connection that broke is closed, and the transaction run again on another one; a piece of reading once.  Where its
 *    COMMIT was sent already it is E_UNAVAILABLE: that may have gone through.
 * 3. While the server cannot be reached, one attempt at a time is made; the others are refused at once. */
#ifndef STORE_POOL_H
#define STORE_POOL_H
#include "store.h"

enum { POOL_TRIES = 8, POOL_CONNECTIONS = 64 };

struct pool;

/* pool_open - connects once, and applies what migrations are missing; two processes that start do not disturb each
 * other.  known NULL: neither, as of a replica, which may be away.   E_VERSION  the database is newer than this program    E_UNAVAILABLE  it cannot be opened */
enum err pool_open(struct cx *, const struct store_options *, const struct migration *known, struct pool **out);
void pool_close(struct pool *);

enum err pool_read(struct pool *, struct cx *, enum err (*fn)(struct cx *, void *), void *arg);
enum err pool_write(struct pool *, struct cx *, enum err (*run)(struct cx *, void *), void *arg);

struct figures pool_figures(struct pool *);
#endif
