/* rate - buckets of rate limits that hold over all processes; what they mean is api/limits.h's. */
#ifndef STORE_RATE_H
#define STORE_RATE_H
#include "db.h"

struct rate {
	digest bucket;   /* of whom and what */
	int64_t owed_us; /* microseconds of refill still owed at `at` */
	instant at;
};
enum { RATE_SECONDS = 3600 }; /* no bucket owes longer */

/* rate_take - a bucket, new where there was none, held until the commit.   rate_put - and what it is now. */
enum err rate_take(struct cx *, digest bucket, struct rate *out);
enum err rate_put(struct cx *, const struct rate *);
enum err rate_prune(struct cx *); /* those that owe nothing any more */
#endif
