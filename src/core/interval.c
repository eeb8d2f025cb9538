#include "interval.h"

#include <string.h>

const struct field INTERVAL[] = {
	FIELD_NAMED(range, from, "start", IN | OUT | MUST, .doc = "first instant"),
	FIELD_NAMED(range, to, "end", IN | OUT | MUST, .doc = "the instant behind the last"),
	FIELD_END,
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void interval_add(struct arena *a, struct intervals *set, range r)
{
	if (r.from.s >= r.to.s)
		return;
	range *last = set->n ? &set->items[set->n - 1] : NULL;
	if (last && r.from.s <= last->to.s) {
		last->to.s = most(last->to.s, r.to.s);
		return;
	}
	set->items = arena_grow(a, set->items, set->n, &set->cap, sizeof *set->items, _Alignof(range));
	set->items[set->n++] = r;
}

void interval_insert(struct arena *a, struct intervals *set, range r)
{
	if (!set->n || r.from.s >= set->items[set->n - 1].from.s) {
		interval_add(a, set, r);
		return;
	}
	if (r.from.s >= r.to.s)
		return;
	size_t high = set->n; /* [low, high) are those that r overlaps or touches */
	while (high > 0 && set->items[high - 1].from.s > r.to.s)
		high--;
	size_t low = high;
	while (low > 0 && set->items[low - 1].to.s >= r.from.s)
		low--;
	if (low < high) {
		r.from.s = least(r.from.s, set->items[low].from.s);
		r.to.s = most(r.to.s, set->items[high - 1].to.s);
	}
	set->items = arena_grow(a, set->items, set->n, &set->cap, sizeof *set->items, _Alignof(range));
	memmove(set->items + low + 1, set->items + high, (set->n - high) * sizeof *set->items);
	set->items[low] = r;
	set->n = set->n + 1 - (high - low);
}

enum { RUN = 8 /* ranges sorted by insertion before runs are merged */ };

static void run_sort(range *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		range r = items[i];
		size_t k = i;
		for (; k > 0 && items[k - 1].from.s > r.from.s; k--)
			items[k] = items[k - 1];
		items[k] = r;
	}
}

/* Two ascending runs, [0, middle) and [middle, n), into `out`. */
static void run_merge(range *out, const range *items, size_t middle, size_t n)
{
	size_t i = 0, k = middle;
	for (size_t at = 0; at < n; at++)
		out[at] = k == n || (i < middle && items[i].from.s <= items[k].from.s) ? items[i++] : items[k++];
}

/* A sorted copy.  qsort with its calls took a fifth of a whole answer's time. */
static const range *ranges_sort(struct arena *a, const range *items, size_t n)
{
	range *from = NEWS(a, range, n), *to = NEWS(a, range, n);
	memcpy(from, items, n * sizeof *items);
	for (size_t at = 0; at < n; at += RUN)
		run_sort(from + at, n - at < RUN ? n - at : RUN);
	for (size_t width = RUN; width < n; width *= 2) {
		for (size_t at = 0; at < n; at += 2 * width) {
			size_t left = n - at;
			run_merge(to + at, from + at, left < width ? left : width,
				  left < 2 * width ? left : 2 * width);
		}
		range *swap = from;
		from = to;
		to = swap;
	}
	return from;
}

struct intervals interval_set(struct arena *a, const range *items, size_t n)
{
	struct intervals out = { .items = NEWS(a, range, n), .cap = n };
	size_t sorted = 1;
	while (sorted < n && items[sorted - 1].from.s <= items[sorted].from.s)
		sorted++;
	if (sorted < n)
		items = ranges_sort(a, items, n);
	for (size_t i = 0; i < n; i++)
		interval_add(a, &out, items[i]);
	return out;
}

struct intervals interval_union(struct arena *a, struct intervals x, struct intervals y)
{
	if (!x.n || !y.n)
		return x.n ? x : y;
	struct intervals out = { .items = NEWS(a, range, x.n + y.n), .cap = x.n + y.n };
	for (size_t i = 0, k = 0; i < x.n || k < y.n;) {
		bool first = k == y.n || (i < x.n && x.items[i].from.s <= y.items[k].from.s);
		interval_add(a, &out, first ? x.items[i++] : y.items[k++]);
	}
	return out;
}

struct intervals interval_intersection(struct arena *a, struct intervals x, struct intervals y)
{
	struct intervals out = { 0 };
	for (size_t i = 0, k = 0; i < x.n && k < y.n;) {
		range p = x.items[i], q = y.items[k];
		interval_add(a, &out, (range){ { most(p.from.s, q.from.s) }, { least(p.to.s, q.to.s) } });
		if (p.to.s <= q.to.s)
			i++;
		if (q.to.s <= p.to.s)
			k++;
	}
	return out;
}

struct intervals interval_difference(struct arena *a, struct intervals x, struct intervals y)
{
	struct intervals out = { 0 };
	size_t k = 0;
	if (!y.n)
		return x;
	for (size_t i = 0; i < x.n; i++) {
		range p = x.items[i];
		while (k < y.n && y.items[k].to.s <= p.from.s)
			k++;
		for (; k < y.n && y.items[k].from.s < p.to.s; k++) {
			interval_add(a, &out, (range){ p.from, y.items[k].from });
			p.from.s = most(p.from.s, y.items[k].to.s);
			if (y.items[k].to.s > p.to.s)
				break; /* it may reach into the next one */
		}
		interval_add(a, &out, p);
	}
	return out;
}

struct intervals interval_complement(struct arena *a, struct intervals set, range within)
{
	struct intervals all = { .items = &within, .n = within.from.s < within.to.s };
	return interval_difference(a, interval_clip(a, all, within), set);
}

struct intervals interval_clip(struct arena *a, struct intervals set, range within)
{
	struct intervals out = { 0 };
	for (size_t i = interval_find(set, within.from); i < set.n && set.items[i].from.s < within.to.s; i++)
		interval_add(a, &out,
			     (range){ { most(set.items[i].from.s, within.from.s) },
				      { least(set.items[i].to.s, within.to.s) } });
	return out;
}

struct intervals interval_longer(struct arena *a, struct intervals set, span length)
{
	struct intervals out = { 0 };
	for (size_t i = 0; i < set.n; i++)
		if (set.items[i].to.s - set.items[i].from.s >= length.s)
			interval_add(a, &out, set.items[i]);
	return out;
}

size_t interval_find(struct intervals set, instant t)
{
	size_t low = 0, high = set.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set.items[middle].to.s > t.s)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool interval_has(struct intervals set, instant t)
{
	size_t i = interval_find(set, t);
	return i < set.n && set.items[i].from.s <= t.s;
}

span interval_total(struct intervals set)
{
	span total = { 0 };
	for (size_t i = 0; i < set.n; i++)
		total.s += set.items[i].to.s - set.items[i].from.s;
	return total;
}

struct list interval_list(struct intervals set)
{
	static range none;
	return (struct list){ set.items ? (void *)set.items : &none, set.n };
}
