/* Interval sets against bit sets: every pair of sets over a small universe, so that touching, overlapping, empty
 * and full ones are all there. */
#include "core/interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { BITS = 7, SETS = 1 << BITS };

static struct arena arena;

static struct intervals of_bits(unsigned bits)
{
	struct intervals out = { 0 };
	for (int i = 0; i < BITS; i++)
		if (bits >> i & 1)
			interval_add(&arena, &out, (range){ { i }, { i + 1 } });
	return out;
}

/* The bits of a set; fails when it is not ascending and apart. */
static unsigned to_bits(struct intervals set)
{
	unsigned bits = 0;
	for (size_t i = 0; i < set.n; i++) {
		assert_true(set.items[i].from.s < set.items[i].to.s);
		assert_true(i == 0 || set.items[i - 1].to.s < set.items[i].from.s);
		for (int64_t t = set.items[i].from.s; t < set.items[i].to.s; t++)
			bits |= 1u << t;
	}
	return bits;
}

static void test_pairs(void **state)
{
	(void)state;
	for (unsigned x = 0; x < SETS; x++) {
		for (unsigned y = 0; y < SETS; y++) {
			struct intervals a = of_bits(x), b = of_bits(y);
			assert_int_equal(to_bits(interval_union(&arena, a, b)), x | y);
			assert_int_equal(to_bits(interval_intersection(&arena, a, b)), x & y);
			assert_int_equal(to_bits(interval_difference(&arena, a, b)), x & ~y);
			assert_int_equal(to_bits(a), x); /* untouched */
			assert_int_equal(to_bits(b), y);
		}
		arena_reset(&arena);
	}
}

static void test_ranges(void **state)
{
	(void)state;
	for (unsigned x = 0; x < SETS; x++) {
		for (int from = 0; from <= BITS; from++) {
			for (int to = 0; to <= BITS; to++) {
				range r = { { from }, { to } };
				unsigned within = from < to ? (1u << to) - (1u << from) : 0;
				struct intervals set = of_bits(x), more = of_bits(x);
				assert_int_equal(to_bits(interval_clip(&arena, set, r)), x & within);
				assert_int_equal(to_bits(interval_complement(&arena, set, r)), within & ~x);
				interval_insert(&arena, &more, r);
				assert_int_equal(to_bits(more), x | within);
			}
		}
		arena_reset(&arena);
	}
}

static void test_questions(void **state)
{
	(void)state;
	for (unsigned x = 0; x < SETS; x++) {
		struct intervals set = of_bits(x);
		assert_int_equal(interval_total(set).s, __builtin_popcount(x));
		for (int t = 0; t < BITS; t++) {
			size_t i = interval_find(set, (instant){ t });
			assert_int_equal(interval_has(set, (instant){ t }), x >> t & 1);
			assert_true(i == set.n ? x >> t == 0 : set.items[i].to.s > t);
			assert_true(i == 0 || set.items[i - 1].to.s <= t);
		}
		for (int length = 0; length <= BITS; length++) {
			struct intervals longer = interval_longer(&arena, set, (span){ length });
			size_t n = 0;
			for (size_t i = 0; i < set.n; i++)
				n += set.items[i].to.s - set.items[i].from.s >= length;
			assert_int_equal(longer.n, n);
			assert_int_equal(to_bits(longer) & ~x, 0);
		}
		arena_reset(&arena);
	}
}

/* Every sequence of three ranges, in every order, through interval_set and through interval_insert. */
static void test_unordered(void **state)
{
	enum { POINTS = 6, RANGES = POINTS * POINTS };
	(void)state;
	for (int k = 0; k < RANGES * RANGES * RANGES; k++) {
		int pick[] = { k % RANGES, k / RANGES % RANGES, k / RANGES / RANGES };
		range ranges[3];
		unsigned bits = 0;
		struct intervals inserted = { 0 };
		for (int i = 0; i < 3; i++) {
			int from = pick[i] % POINTS, to = pick[i] / POINTS;
			ranges[i] = (range){ { from }, { to } };
			bits |= from < to ? (1u << to) - (1u << from) : 0;
			interval_insert(&arena, &inserted, ranges[i]);
		}
		assert_int_equal(to_bits(interval_set(&arena, ranges, 3)), bits);
		assert_int_equal(to_bits(inserted), bits);
		if (k % 1000 == 0)
			arena_reset(&arena);
	}
}

/* Many ranges at random, so that runs of every length are sorted and merged. */
static void test_many(void **state)
{
	enum { MOST = 100, POINTS = 400 };
	(void)state;
	unsigned seed = 3;
	for (int round = 0; round < 2000; round++) {
		range ranges[MOST];
		bool there[POINTS] = { false };
		size_t n = (size_t)rand_r(&seed) % (MOST + 1);
		for (size_t i = 0; i < n; i++) {
			int64_t from = rand_r(&seed) % (POINTS - 5);
			ranges[i] = (range){ { from }, { from + rand_r(&seed) % 5 } };
			for (int64_t t = from; t < ranges[i].to.s; t++)
				there[t] = true;
		}
		struct intervals set = interval_set(&arena, ranges, n);
		for (size_t i = 1; i < set.n; i++)
			assert_true(set.items[i - 1].to.s < set.items[i].from.s);
		for (int64_t t = 0; t < POINTS; t++)
			assert_int_equal(interval_has(set, (instant){ t }), there[t]);
		arena_reset(&arena);
	}
}

static void test_wire(void **state)
{
	(void)state;
	range r = { { 0 }, { 60 } };
	str text = field_encode(&arena, INTERVAL, &r);
	assert_true(str_is(text, S("{\"start\":\"1970-01-01T00:00:00Z\",\"end\":\"1970-01-01T00:01:00Z\"}")));
	assert_non_null(interval_list((struct intervals){ 0 }).items); /* an empty list, not an absent one */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),     cmocka_unit_test(test_ranges), cmocka_unit_test(test_questions),
		cmocka_unit_test(test_unordered), cmocka_unit_test(test_many),   cmocka_unit_test(test_wire),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&arena);
	return failed;
}
