/* Stretches of time by what the wall clock shows. */
#include "zone.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

size_t zone_spans(struct arena *a, const struct zone *z, range within, struct zone_span **out)
{
	struct zone_span *spans = NULL;
	size_t n = 0, cap = 0;
	for (instant t = within.from; t.s < within.to.s;) {
		struct zone_span period = zone_span_at(z, t);
		period.from = t;
		period.to.s = least(period.to.s, within.to.s);
		spans = arena_grow(a, spans, n, &cap, sizeof *spans, _Alignof(struct zone_span));
		spans[n++] = period;
		t = period.to;
	}
	*out = spans;
	return n;
}

struct intervals zone_dates(struct arena *a, const struct zone *z, day from, day to)
{
	struct intervals out = { 0 };
	int64_t low = from.d * DAY_SECONDS, high = (to.d + 1) * DAY_SECONDS;
	struct zone_span *spans;
	range around = { { low - 2 * DAY_SECONDS }, { high + 2 * DAY_SECONDS } }; /* no offset is larger */
	size_t n = zone_spans(a, z, around, &spans);
	for (size_t i = 0; i < n; i++)
		interval_add(a, &out,
			     (range){ { most(spans[i].from.s, low - spans[i].offset) },
				      { least(spans[i].to.s, high - spans[i].offset) } });
	return out;
}

range zone_date_around(const struct zone *z, instant t)
{
	int64_t midnight = zone_day(z, t).d * DAY_SECONDS;
	struct zone_span at = zone_span_at(z, t), next = at;
	range out = { { midnight - at.offset }, { midnight + DAY_SECONDS - at.offset } };
	while (out.from.s <= at.from.s) { /* the date may have begun under the offset before */
		out.from = at.from;
		at = zone_span_at(z, (instant){ at.from.s - 1 });
		if (zone_day(z, (instant){ out.from.s - 1 }).d * DAY_SECONDS != midnight)
			break;
		out.from.s = midnight - at.offset;
	}
	while (out.to.s >= next.to.s) {
		out.to = next.to;
		if (zone_day(z, next.to).d * DAY_SECONDS != midnight)
			break;
		next = zone_span_at(z, next.to);
		out.to.s = midnight + DAY_SECONDS - next.offset;
	}
	return out;
}
