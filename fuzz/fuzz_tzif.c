/* Any bytes as a TZif file: refused, or a zone whose every answer is consistent. */
#include "core/zone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void look(const struct zone *z, instant t)
{
	struct zone_span s = zone_span_at(z, t);
	range date = zone_date_around(z, t);
	minute_of_day m = zone_minute(z, t);
	assert(s.from.s <= t.s && t.s < s.to.s);
	assert(s.offset == zone_offset(z, t) && s.offset >= -26 * HOUR_SECONDS && s.offset <= 26 * HOUR_SECONDS);
	assert(date.from.s <= t.s && t.s < date.to.s && date.to.s - date.from.s <= 4 * DAY_SECONDS);
	assert(m.m >= 0 && m.m < 24 * 60);
	assert(zone_abbreviation(z, t).n < 512);
	assert(zone_day(z, zone_day_start(z, zone_day(z, t))).d >= zone_day(z, t).d);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct cx cx = { 0 };
	struct zone *z;
	if (zone_parse(&cx, (str){ (const char *)data, size }, S("Fuzz/Zone"), &z) == OK) {
		instant t = { -4000000000 };
		for (int i = 0; i < 400 && zone_change_next(z, t, &t); i++)
			if (t.s < (int64_t)1 << 59)
				look(z, t);
		for (int64_t far = 1; far < (int64_t)1 << 50; far *= 7) {
			look(z, (instant){ far });
			look(z, (instant){ -far });
		}
		assert(zone_span_at(z, (instant){ INT64_MIN }).from.s == INT64_MIN);
		(void)zone_offset(z, (instant){ INT64_MAX });
		struct intervals dates = zone_dates(&cx.arena, z, (day){ 20000 }, (day){ 20010 });
		for (size_t i = 0; i < dates.n; i++)
			assert(zone_day(z, dates.items[i].from).d >= 20000 &&
			       zone_day(z, dates.items[i].from).d <= 20010);
	}
	arena_close(&cx.arena);
	return 0;
}
