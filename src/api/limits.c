/* A table of buckets, found by a keyed hash of network and class; in a full row the one longest unused makes place, so
 * that memory is bounded and a flood of addresses costs only the strangers' own history. */
#include "limits.h"

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

bool limits_spend(struct limits *l, enum limit class, str network, instant now, struct allowance *out)
{
	char text[80];
	int n = snprintf(text, sizeof text, "%d|%.*s", (int)class, STR_ARG(str_slice(network, 0, 64)));
	uint64_t key = short_hash(l->key, (str){ text, (size_t)n });
	int64_t calls = CLASSES[class].calls, whole = CLASSES[class].seconds * 1000000, each = whole / calls;
	size_t row = key % ROWS;
	pthread_mutex_lock(&l->locks[row % LOCKS]);
	struct bucket *b = bucket_of(l->rows[row], key);
	int64_t passed = now.s > b->at ? (now.s - b->at) * 1000000 : 0;
	b->spent_us = passed > b->spent_us ? 0 : b->spent_us - passed;
	b->at = now.s;
	bool fits = b->spent_us + each <= whole;
	if (fits)
		b->spent_us += each;
	*out = (struct allowance){ calls, (whole - b->spent_us) / each, (b->spent_us + 999999) / 1000000 };
	if (!fits)
		out->reset = (b->spent_us + each - whole + 999999) / 1000000;
	pthread_mutex_unlock(&l->locks[row % LOCKS]);
	return fits;
}
