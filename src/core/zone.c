/* Looking up: entries ascend, so an instant's entry is found by bisection; behind the table the footer's rule is
 * applied to the year asked for. */
#include "zone_data.h"

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static size_t entry_find(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (z->entries[middle].from <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static struct zone_entry entry_at(const struct zone *z, instant t, int64_t *until)
{
	if (t.s < z->table_end) {
		size_t i = entry_find(z, t.s);
		*until = i + 1 < z->n ? z->entries[i + 1].from : z->table_end;
		return z->entries[i];
	}
	int64_t far = ZONE_FAR;
	struct zone_entry e = footer_at(&z->footer, t.s < far ? t.s : far, until);
	if (t.s >= far)
		*until = INT64_MAX;
	return e;
}

str zone_name(const struct zone *z)
{
	return str_of(z->name);
}

int64_t zone_offset(const struct zone *z, instant t)
{
	int64_t until;
	return t.s < z->table_end ? z->entries[entry_find(z, t.s)].offset : entry_at(z, t, &until).offset;
}

str zone_abbreviation(const struct zone *z, instant t)
{
	int64_t until;
	return str_of(z->names + entry_at(z, t, &until).name);
}

bool zone_is_dst(const struct zone *z, instant t)
{
	int64_t until;
	return entry_at(z, t, &until).dst;
}

/* Entries that change only the name or the flag belong to one span. */
struct zone_span zone_span_at(const struct zone *z, instant t)
{
	int64_t until;
	struct zone_entry e = entry_at(z, t, &until);
	struct zone_span period = { { e.from }, { until }, e.offset };
	if (t.s >= z->table_end)
		return period;
	size_t i = entry_find(z, t.s);
	for (size_t k = i; k > 0 && z->entries[k - 1].offset == e.offset; k--)
		period.from.s = z->entries[k - 1].from;
	for (size_t k = i + 1; k < z->n && z->entries[k].offset == e.offset; k++)
		period.to.s = k + 1 < z->n ? z->entries[k + 1].from : z->table_end;
	return period;
}

/* An instant's seconds on the wall clock, kept inside what can be divided into days. */
static int64_t wall_clock(const struct zone *z, instant t)
{
	int64_t far = ZONE_FAR;
	int64_t s = t.s < -far ? -far : t.s > far ? far : t.s;
	return s + zone_offset(z, t);
}

day zone_day(const struct zone *z, instant t)
{
	return (day){ floor_div(wall_clock(z, t), DAY_SECONDS) };
}

minute_of_day zone_minute(const struct zone *z, instant t)
{
	int64_t s = wall_clock(z, t);
	return (minute_of_day){ (s - floor_div(s, DAY_SECONDS) * DAY_SECONDS) / MINUTE_SECONDS };
}

str zone_format(char out[INSTANT_TEXT], const struct zone *z, instant t)
{
	return instant_format_at(out, t, zone_offset(z, t));
}

instant zone_instant(const struct zone *z, day d, minute_of_day m)
{
	int64_t wanted = d.d * DAY_SECONDS + m.m * MINUTE_SECONDS;
	instant t = { wanted - OFFSET_MAX - 1 }; /* the wall clock is before `wanted` there, in any zone */
	for (;;) {
		struct zone_span period = zone_span_at(z, t);
		int64_t first = wanted - period.offset;
		if (first < t.s)
			first = t.s;
		if (first < period.to.s)
			return (instant){ first };
		t = period.to;
	}
}

instant zone_day_start(const struct zone *z, day d)
{
	return zone_instant(z, d, (minute_of_day){ 0 });
}

bool zone_change_next(const struct zone *z, instant t, instant *out)
{
	*out = zone_span_at(z, t).to;
	return out->s != INT64_MAX;
}
