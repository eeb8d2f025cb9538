/* A table of buckets, found by a keyed hash of network and class; in a full row the one longest unused makes place, so
 * that memory is bounded and a flood of addresses costs only the strangers' own history. */
#include "limits.h"

#include "store/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 4096, WAYS = 4, LOCKS = 64 };

/* The calls that fit a bucket and how fast they come back. */
static const struct {
	int64_t calls, seconds;
} CLASSES[] = {
	[LIMIT_NONE] = { 0, 1 },      [LIMIT_READ] = { 600, 60 }, [LIMIT_WRITE] = { 120, 60 },
	[LIMIT_SIGN_IN] = { 20, 60 }, [LIMIT_MAIL] = { 20, 600 },
};

struct bucket {
	uint64_t key;
	int64_t spent_us, at;
}; /* microseconds of refill still owed, at second `at` */

struct limits {
	struct bucket rows[ROWS][WAYS];
	pthread_mutex_t locks[LOCKS];
	unsigned char key[16];
};

struct limits *limits_open(void)
{
	struct limits *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&l->locks[i], NULL);
	random_bytes(l->key, sizeof l->key);
	return l;
}

void limits_close(struct limits *l)
{
	free(l);
}

static struct bucket *bucket_of(struct bucket row[WAYS], uint64_t key)
{
	struct bucket *oldest = row;
	for (size_t i = 0; i < WAYS; i++) {
		if (row[i].key == key)
			return &row[i];
		if (row[i].at < oldest->at)
			oldest = &row[i];
	}
	*oldest = (struct bucket){ .key = key };
	return oldest;
}

/* One call out of a bucket. */
static bool spend(int64_t *owed_us, int64_t *at, enum limit class, instant now, struct allowance *out)
{
	int64_t calls = CLASSES[class].calls, whole = CLASSES[class].seconds * 1000000, each = whole / calls;
	int64_t passed = now.s > *at ? (now.s - *at) * 1000000 : 0;
	*owed_us = passed > *owed_us ? 0 : *owed_us - passed;
	*at = now.s;
	bool fits = *owed_us + each <= whole;
	if (fits)
		*owed_us += each;
	*out = (struct allowance){ calls, (whole - *owed_us) / each, (*owed_us + 999999) / 1000000 };
	if (!fits)
		out->reset = (*owed_us + each - whole + 999999) / 1000000;
	return fits;
}

static str bucket_name(char text[static 80], enum limit class, str network)
{
	int n = snprintf(text, 80, "%d|%.*s", (int)class, STR_ARG(str_slice(network, 0, 64)));
	return (str){ text, (size_t)n };
}

bool limits_spend(struct limits *l, enum limit class, str network, instant now, struct allowance *out)
{
	char text[80];
	uint64_t key = short_hash(l->key, bucket_name(text, class, network));
	size_t row = key % ROWS;
	pthread_mutex_lock(&l->locks[row % LOCKS]);
	struct bucket *b = bucket_of(l->rows[row], key);
	bool fits = spend(&b->spent_us, &b->at, class, now, out);
	pthread_mutex_unlock(&l->locks[row % LOCKS]);
	return fits;
}

bool limits_are_shared(enum limit class)
{
	return class == LIMIT_SIGN_IN || class == LIMIT_MAIL;
}

enum err limits_spend_shared(struct cx *cx, const struct keys *keys, enum limit class, str network,
			     struct allowance *out, bool *fits)
{
	char text[80];
	struct rate r;
	TRY(rate_take(cx, hmac(keys->code, bucket_name(text, class, network)), &r));
	*fits = spend(&r.owed_us, &r.at.s, class, cx->now, out);
	return rate_put(cx, &r);
}
