/* A table of buckets, found by a keyed hash of network and class; in a full row the one longest unused makes place, so
 * that memory is bounded and a flood of addresses costs only the strangers' own history. */
#include "limits.h"

#include "base/log.h"
#include "base/wait.h"
#include "store/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 4096, WAYS = 4, LOCKS = 64 };
enum { TELL_MS = 1000, TOLD = 200 }; /* how often, and of how many at once, other processes hear */

/* The calls that fit a bucket and how fast they come back. */
static const struct {
	int64_t calls, seconds;
} CLASSES[] = {
	[LIMIT_NONE] = { 0, 1 },      [LIMIT_READ] = { 600, 60 }, [LIMIT_WRITE] = { 120, 60 },
	[LIMIT_SIGN_IN] = { 20, 60 }, [LIMIT_MAIL] = { 20, 600 },
};

struct bucket {
	uint64_t key;
	int64_t spent_us, at; /* microseconds of refill still owed, at second `at` */
	int64_t fresh_us;     /* what was spent here and other processes have not heard of */
	enum limit class;
};

/* told - what was spent of a bucket here, and then what all processes spent of it. */
struct told {
	uint64_t key;
	int64_t fresh_us, all_us;
};

struct limits {
	struct bucket rows[ROWS][WAYS];
	pthread_mutex_t locks[LOCKS];
	digest key; /* the same for all processes of a database */
	struct store *store;
	instant (*clock)(void);
	struct ending ending;
	pthread_t teller;
	bool tells;
	struct told told[TOLD]; /* the teller's */
	size_t told_n, next;    /* next: the row where it goes on */
};

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

static int64_t whole_us(enum limit class)
{
	return CLASSES[class].seconds * 1000000;
}

static int64_t each_us(enum limit class)
{
	return whole_us(class) / CLASSES[class].calls;
}

/* What is owed of it now. */
static int64_t refilled(int64_t owed_us, int64_t at, instant now)
{
	int64_t passed = now.s > at ? (now.s - at) * 1000000 : 0;
	return passed > owed_us ? 0 : owed_us - passed;
}

/* One call out of a bucket.  Several processes together may owe more than it holds. */
static bool spend(int64_t *owed_us, int64_t *at, enum limit class, instant now, struct allowance *out)
{
	int64_t whole = whole_us(class), each = each_us(class);
	*owed_us = refilled(*owed_us, *at, now);
	*at = now.s;
	bool fits = *owed_us + each <= whole;
	if (fits)
		*owed_us += each;
	int64_t left = *owed_us < whole ? (whole - *owed_us) / each : 0;
	*out = (struct allowance){ CLASSES[class].calls, left, (*owed_us + 999999) / 1000000 };
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
	uint64_t key = short_hash(l->key.b, bucket_name(text, class, network));
	size_t row = key % ROWS;
	pthread_mutex_lock(&l->locks[row % LOCKS]);
	struct bucket *b = bucket_of(l->rows[row], key);
	bool fits = spend(&b->spent_us, &b->at, class, now, out);
	b->class = class;
	b->fresh_us += fits ? each_us(class) : 0;
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

/* ---- what other processes hear ---- */

/* An eighth of a bucket is not told: of most clients nobody needs to hear. */
static bool is_news(const struct bucket *b)
{
	int64_t free = whole_us(b->class) / 8;
	return b->fresh_us && (b->fresh_us > free || b->spent_us > free);
}

static void news_collect(struct limits *l)
{
	l->told_n = 0;
	for (size_t n = 0; n < ROWS && l->told_n + WAYS <= TOLD; n++, l->next = (l->next + 1) % ROWS) {
		pthread_mutex_lock(&l->locks[l->next % LOCKS]);
		for (struct bucket *b = l->rows[l->next]; b < l->rows[l->next] + WAYS; b++)
			if (is_news(b)) {
				l->told[l->told_n++] = (struct told){ .key = b->key, .fresh_us = b->fresh_us };
				b->fresh_us = 0;
			}
		pthread_mutex_unlock(&l->locks[l->next % LOCKS]);
	}
}

static enum err news_tell(struct cx *cx, void *limits)
{
	struct limits *l = limits;
	for (struct told *t = l->told; t < l->told + l->told_n; t++) {
		struct rate r;
		TRY(rate_take(cx, hmac(l->key.b, (str){ (const char *)&t->key, sizeof t->key }), &r));
		t->all_us = refilled(r.owed_us, r.at.s, cx->now) + t->fresh_us;
		r.owed_us = t->all_us;
		r.at = cx->now;
		TRY(rate_put(cx, &r));
	}
	return OK;
}

/* A bucket that made place for another one is forgotten. */
static void news_take(struct limits *l, const struct told *t, enum err e, instant now)
{
	size_t row = t->key % ROWS;
	pthread_mutex_lock(&l->locks[row % LOCKS]);
	for (struct bucket *b = l->rows[row]; b < l->rows[row] + WAYS; b++) {
		if (b->key != t->key)
			continue;
		if (e) {
			b->fresh_us += t->fresh_us;
		} else {
			b->spent_us = t->all_us + b->fresh_us;
			b->at = now.s;
		}
	}
	pthread_mutex_unlock(&l->locks[row % LOCKS]);
}

/* In the same order everywhere, so that no two processes wait for each other. */
static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct told *)a)->key, y = ((const struct told *)b)->key;
	return (x > y) - (x < y);
}

static void news_exchange(struct limits *l, struct cx *cx)
{
	news_collect(l);
	if (!l->told_n)
		return;
	qsort(l->told, l->told_n, sizeof *l->told, by_key);
	cx->now = l->clock();
	enum err e = store_write_wait(l->store, cx, news_tell, l);
	if (e)
		LOG(LOG_WARNING, "limits_not_told", { S("error"), cx->fault.message });
	for (size_t i = 0; i < l->told_n; i++)
		news_take(l, &l->told[i], e, cx->now);
	fault_clear(cx);
	arena_reset(&cx->arena);
}

static void *teller_main(void *limits)
{
	struct limits *l = limits;
	struct cx cx = { 0 };
	while (ending_wait(&l->ending, TELL_MS))
		news_exchange(l, &cx);
	arena_close(&cx.arena);
	return NULL;
}

/* ---- opening and closing ---- */

enum err limits_open(struct cx *cx, struct store *store, const struct keys *keys, instant (*clock)(void),
		     struct limits **out)
{
	struct limits *l = calloc(1, sizeof *l);
	if (!l)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no memory for rate limits");
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&l->locks[i], NULL);
	l->key = hmac(keys->code, S("rate limits"));
	l->store = store;
	l->clock = clock;
	ending_open(&l->ending);
	l->tells = store_waits(store);
	if (l->tells && pthread_create(&l->teller, NULL, teller_main, l) != 0) {
		free(l);
		return FAIL(cx, E_UNAVAILABLE, S(""), "no thread for rate limits");
	}
	*out = l;
	return OK;
}

void limits_close(struct limits *l)
{
	if (!l)
		return;
	ending_tell(&l->ending);
	if (l->tells)
		pthread_join(l->teller, NULL);
	free(l);
}
