/* limits - how often an address may call, by class of route: token buckets, one for each (network, class).
 * They are the process's own.  Where several processes share a database, each tells the others through it, once a second,
 * what was spent of a bucket, unless that is little: but for that second, all together let through what one would.  What
 * protects accounts and mailboxes (LIMIT_SIGN_IN, LIMIT_MAIL) is counted in the database at each call. */
#ifndef API_LIMITS_H
#define API_LIMITS_H
#include "api.h"

struct limits;

/* limits_open - the keys are those of all processes of the database.  limits_close - before the store; NULL is allowed.
 *   E_UNAVAILABLE  no memory or thread to be had */
enum err limits_open(struct cx *, struct store *, const struct keys *, instant (*clock)(void), struct limits **out);
void limits_close(struct limits *);

/* limits_spend - one call of a class from a network, at a moment.  false: too many; wait allowance.reset seconds. */
[[nodiscard]] bool limits_spend(struct limits *, enum limit, str network, instant now, struct allowance *out);

/* limits_are_shared - of a class: whether each call is counted in the database.  limits_spend_shared does that, in a write
 * transaction, by the server's key; *fits as limits_spend. */
bool limits_are_shared(enum limit);
enum err limits_spend_shared(struct cx *, const struct keys *, enum limit, str network, struct allowance *out,
			     bool *fits);
#endif
