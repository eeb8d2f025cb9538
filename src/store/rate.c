#include "rate.h"

#include "store/rate_sql.h"

static const struct field RATE[] = { FIELD(struct rate, bucket, 0), FIELD(struct rate, owed_us, 0),
				     FIELD(struct rate, at, 0), FIELD_END };

enum err rate_take(struct cx *cx, digest bucket, struct rate *out)
{
	*out = (struct rate){ .bucket = bucket };
	return db_get(cx, &RATE_TAKE, RATE, out, RATE, out);
}

enum err rate_put(struct cx *cx, const struct rate *r)
{
	return db_run(cx, &RATE_PUT, RATE, r, NULL);
}

enum err rate_prune(struct cx *cx)
{
	struct rate before = { .at = { cx->now.s - RATE_SECONDS } };
	return db_run(cx, &RATE_PRUNE, RATE, &before, NULL);
}
