/* The cache of slot answers: when an entry is sure, doubtful or nothing, what goes when there is no room, and threads. */
#include "api/slot_cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const instant NOON = { 1772452800 };

static struct slot_key key_of(int n)
{
	return (struct slot_key){
		.event_type_id.b = { (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n },
		.duration_minutes = 30,
		.query = { { 20500 }, { 20527 }, S("Asia/Kolkata") },
	};
}

/* An answer of `size` bytes, all of them the letter. */
static struct slot_answer answer_of(char letter, size_t size)
{
	struct buf b = { 0 };
	memset(buf_room(&b, size), letter, size);
	buf_used(&b, size);
	struct slot_answer a = {
		.body = http_body_of(&b),
		.versions = { 1, 2, 3 },
		.generation = 7,
		.since = NOON,
		.until = { NOON.s + 60 },
	};
	slot_etag(a.etag, a.body->bytes);
	return a;
}

static void put(struct slot_cache *cache, int n, char letter, size_t size)
{
	struct slot_key key = key_of(n);
	struct slot_answer a = answer_of(letter, size);
	slot_cache_put(cache, &key, &a);
	http_body_drop(a.body);
}

/* The letter of what is kept for a key, 0 for nothing. */
static char kept(struct slot_cache *cache, int n)
{
	struct slot_key key = key_of(n);
	struct slot_answer a;
	if (slot_cache_find(cache, &key, NOON, 7, &a) == SLOT_NOT_CACHED)
		return 0;
	char letter = a.body->bytes.p[0];
	http_body_drop(a.body);
	return letter;
}

static void sure_doubtful_nothing(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	struct slot_key key = key_of(1);
	struct slot_answer a;
	(void)state;
	assert_int_equal(slot_cache_find(cache, &key, NOON, 7, &a), SLOT_NOT_CACHED);
	put(cache, 1, 'a', 100);
	assert_int_equal(slot_cache_find(cache, &key, NOON, 7, &a), SLOT_SURE);
	assert_int_equal(a.body->bytes.n, 100);
	http_body_drop(a.body);
	assert_int_equal(slot_cache_find(cache, &key, NOON, 8, &a), SLOT_DOUBTFUL);
	assert_int_equal(a.versions.event_type, 3);
	a.generation = 8;
	slot_cache_confirm(cache, &key, &a);
	http_body_drop(a.body);
	assert_int_equal(slot_cache_find(cache, &key, NOON, 8, &a), SLOT_SURE);
	http_body_drop(a.body);
	slot_cache_close(cache);
}

static void time_bounds_an_answer(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	struct slot_key key = key_of(1);
	struct slot_answer a;
	(void)state;
	put(cache, 1, 'a', 100);
	assert_int_equal(slot_cache_find(cache, &key, (instant){ NOON.s + 59 }, 7, &a), SLOT_SURE);
	http_body_drop(a.body);
	assert_int_equal(slot_cache_find(cache, &key, (instant){ NOON.s + 60 }, 7, &a), SLOT_NOT_CACHED);
	assert_int_equal(slot_cache_find(cache, &key, (instant){ NOON.s - 1 }, 7, &a), SLOT_NOT_CACHED);
	slot_cache_close(cache);
}

static void every_part_of_the_key_counts(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	struct slot_answer a;
	struct slot_key keys[5];
	(void)state;
	put(cache, 1, 'a', 100);
	for (size_t i = 0; i < 5; i++)
		keys[i] = key_of(1);
	keys[0].event_type_id.b[15] = 1;
	keys[1].duration_minutes = NONE;
	keys[2].query.from.d++;
	keys[3].query.to.d++;
	keys[4].query.time_zone = S("Asia/Colombo");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(slot_cache_find(cache, &keys[i], NOON, 7, &a), SLOT_NOT_CACHED);
	slot_cache_close(cache);
}

static void a_new_answer_replaces_the_old(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	struct slot_key key = key_of(1);
	struct slot_answer held;
	(void)state;
	put(cache, 1, 'a', 100);
	assert_int_equal(slot_cache_find(cache, &key, NOON, 7, &held), SLOT_SURE);
	put(cache, 1, 'b', 200);
	assert_int_equal(kept(cache, 1), 'b');
	assert_int_equal(held.body->bytes.p[99], 'a'); /* who has the old one may go on reading it */
	held.generation = 9;
	slot_cache_confirm(cache, &key, &held); /* late: it is not the one that is kept */
	http_body_drop(held.body);
	assert_int_equal(slot_cache_find(cache, &key, NOON, 9, &held), SLOT_DOUBTFUL);
	http_body_drop(held.body);
	slot_cache_close(cache);
}

/* How many of n keys are kept, from one on. */
static int kept_of(struct slot_cache *cache, int from, int n)
{
	int count = 0;
	for (int i = from; i < from + n; i++)
		count += kept(cache, i) != 0;
	return count;
}

static void the_least_recently_used_go(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	(void)state;
	for (int i = 0; i < 100 * SLOT_CACHE_ENTRIES; i++) {
		put(cache, i, 'a', 10);
		if (i % 50 == 0)
			assert_int_equal(kept(cache, 0), 'a'); /* asked for again and again, it stays */
	}
	int n = kept_of(cache, 0, 100 * SLOT_CACHE_ENTRIES);
	assert_in_range(n, SLOT_CACHE_ENTRIES - 8, SLOT_CACHE_ENTRIES);
	assert_true(kept_of(cache, 100 * SLOT_CACHE_ENTRIES - 500, 500) > 490);
	slot_cache_close(cache);
}

static void bytes_are_bounded(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	(void)state;
	for (int i = 0; i < 1000; i++)
		put(cache, i, 'a', 100 << 10);
	int n = kept_of(cache, 0, 1000);
	assert_true(n > 40 && n * (100 << 10) <= SLOT_CACHE_BYTES);
	put(cache, 5000, 'b', SLOT_CACHE_BYTES / 4);
	assert_int_equal(kept(cache, 5000), 0); /* too large to keep */
	slot_cache_close(cache);
}

static void etags_tell_bodies_apart(void **state)
{
	enum { BODIES = 2000 };
	static char tags[BODIES][SLOT_ETAG];
	char body[256], tag[SLOT_ETAG];
	(void)state;
	for (int i = 0; i < BODIES; i++) { /* one byte differs, or the length */
		memset(body, 'x', sizeof body);
		body[i % 200] = (char)('a' + i / 200);
		slot_etag(tags[i], (str){ body, sizeof body });
		for (int k = 0; k < i; k++)
			assert_string_not_equal(tags[k], tags[i]);
	}
	memset(body, 0, sizeof body);
	for (size_t n = 0; n + 1 < sizeof body; n++) {
		slot_etag(tags[0], (str){ body, n });
		slot_etag(tag, (str){ body, n + 1 });
		assert_string_not_equal(tag, tags[0]);
	}
	assert_int_equal(tags[0][0], '"');
	assert_int_equal(strlen(tags[0]), 34);
}

struct worker {
	struct slot_cache *cache;
	int seed;
	bool wrong;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	for (int i = 0; i < 20000; i++) {
		int n = (i * 7919 + w->seed) % 600;
		char letter = kept(w->cache, n);
		w->wrong = w->wrong || (letter && letter != 'a' + n % 26);
		if (!letter)
			put(w->cache, n, (char)('a' + n % 26), (size_t)(n * 40 + 1));
	}
	return NULL;
}

static void threads_share_it(void **state)
{
	struct slot_cache *cache = slot_cache_open();
	struct worker workers[4];
	pthread_t threads[4];
	(void)state;
	for (int i = 0; i < 4; i++) {
		workers[i] = (struct worker){ cache, i * 150, false };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(workers[i].wrong);
	}
	slot_cache_close(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sure_doubtful_nothing),        cmocka_unit_test(time_bounds_an_answer),
		cmocka_unit_test(every_part_of_the_key_counts), cmocka_unit_test(a_new_answer_replaces_the_old),
		cmocka_unit_test(the_least_recently_used_go),   cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(etags_tell_bodies_apart),      cmocka_unit_test(threads_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
