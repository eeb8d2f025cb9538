/* limits - how often an address may call, by class of route: token buckets, one for each (network, class). */
#ifndef API_LIMITS_H
#define API_LIMITS_H
#include "api.h"

struct limits *limits_open(void);
void limits_close(struct limits *);

/* limits_spend - one call of a class from a network, at a moment.  false: too many; wait allowance.reset seconds. */
[[nodiscard]] bool limits_spend(struct limits *, enum limit, str network, instant now, struct allowance *out);
#endif
