#include "text_time.h"

#include "zone.h"

#include <stdlib.h>

static str word(struct arena *a, const struct language *l, const char *key, const char *which)
{
	return language_text(l, str_format(a, "time.%s.%s", key, which));
}

static str fill_day(struct arena *a, const struct language *l, const char *weekdays, day d)
{
	struct civil c = civil_of_day(d);
	struct value *v = value_object(a);
	value_set(a, v, "weekday", word(a, l, weekdays, WEEKDAYS[day_weekday(d)]));
	value_set(a, v, "day", c.day == 1 ? language_text(l, S("time.first_day")) : str_format(a, "%d", c.day));
	value_set(a, v, "month", language_text(l, str_format(a, "time.month.%d", c.month)));
	value_set(a, v, "year", c.year);
	return language_fill(a, l, S("time.day"), v);
}

str text_day(struct arena *a, const struct language *l, day d)
{
	return fill_day(a, l, "weekday", d);
}

str text_day_long(struct arena *a, const struct language *l, day d)
{
	return fill_day(a, l, "weekday_long", d);
}

str text_month(struct arena *a, const struct language *l, day d)
{
	struct civil c = civil_of_day(d);
	struct value *v = value_object(a);
	value_set(a, v, "month", language_text(l, str_format(a, "time.month.%d", c.month)));
	value_set(a, v, "year", c.year);
	return language_fill(a, l, S("time.month_year"), v);
}

str text_minute(struct arena *a, const struct reader *r, minute_of_day m)
{
	int hour = (int)(m.m / 60), minute = (int)(m.m % 60);
	if (!r->clock12)
		return str_format(a, "%02d:%02d", hour, minute);
	str half = language_text(r->language, hour % 24 < 12 ? S("time.am") : S("time.pm"));
	return str_format(a, "%d:%02d %.*s", hour % 12 ? hour % 12 : 12, minute, STR_ARG(half));
}

str text_clock(struct arena *a, const struct reader *r, instant t)
{
	return text_minute(a, r, zone_minute(r->zone, t));
}

str text_date(struct arena *a, const struct reader *r, instant t)
{
	return text_day(a, r->language, zone_day(r->zone, t));
}

str text_times(struct arena *a, const struct reader *r, range when)
{
	str from = text_clock(a, r, when.from), to = text_clock(a, r, when.to);
	/* an end at midnight belongs to the date that ends with it */
	day last = zone_day(r->zone, instant_add(when.to, (span){ -1 }));
	if (last.d == zone_day(r->zone, when.from).d || when.to.s <= when.from.s)
		return str_format(a, "%.*s–%.*s", STR_ARG(from), STR_ARG(to));
	day end = zone_day(r->zone, when.to);
	str date = text_day(a, r->language, zone_minute(r->zone, when.to).m ? end : last);
	return str_format(a, "%.*s–%.*s (%.*s)", STR_ARG(from), STR_ARG(to), STR_ARG(date));
}

str text_city(struct arena *a, str zone_name)
{
	str city = zone_name;
	while (str_find(city, '/') < city.n)
		str_cut(&city, '/');
	char *p = str_to_c(a, city);
	for (size_t i = 0; i < city.n; i++)
		if (p[i] == '_')
			p[i] = ' ';
	return (str){ p, city.n };
}

str text_offset(struct arena *a, int64_t seconds_east)
{
	int64_t minutes = llabs(seconds_east) / 60;
	const char *sign = seconds_east < 0 ? "−" : "+";
	if (minutes == 0)
		return S("UTC");
	if (minutes % 60 == 0)
		return str_format(a, "UTC%s%d", sign, (int)(minutes / 60));
	return str_format(a, "UTC%s%d:%02d", sign, (int)(minutes / 60), (int)(minutes % 60));
}

/* "UTC", "Etc/GMT+5", "EST5EDT" name no place. */
static bool is_place(str name)
{
	if (str_starts(name, S("Etc/")))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'a' && name.p[i] <= 'z')
			return true;
	return false;
}

str text_zone(struct arena *a, const struct zone *z, instant t)
{
	str offset = text_offset(a, zone_offset(z, t));
	if (!is_place(zone_name(z)))
		return offset;
	return str_format(a, "%.*s, %.*s", STR_ARG(text_city(a, zone_name(z))), STR_ARG(offset));
}

str text_change(struct arena *a, const struct reader *r, instant now, instant then)
{
	struct zone_span at = zone_span_at(r->zone, then);
	if (then.s <= now.s || at.offset == zone_offset(r->zone, now))
		return (str){ NULL, 0 };
	bool forward = at.offset > zone_offset(r->zone, (instant){ at.from.s - 1 });
	struct value *v = value_object(a);
	value_set(a, v, "date", text_date(a, r, at.from));
	value_set(a, v, "city", text_city(a, zone_name(r->zone)));
	return language_fill(a, r->language, forward ? S("time.change_forward") : S("time.change_back"), v);
}

str text_length(struct arena *a, const struct language *l, span length)
{
	int64_t minutes = (length.s + MINUTE_SECONDS - 1) / MINUTE_SECONDS;
	str hours = language_fill_count(a, l, S("time.hours"), minutes / 60);
	str rest = language_fill_count(a, l, S("time.minutes"), minutes % 60);
	if (minutes < 60)
		return rest;
	return minutes % 60 ? str_format(a, "%.*s %.*s", STR_ARG(hours), STR_ARG(rest)) : hours;
}

struct value *text_when(struct arena *a, const struct reader *r, range when, instant now)
{
	char at[INSTANT_TEXT];
	struct value *v = value_object(a);
	value_set(a, v, "date", text_date(a, r, when.from));
	value_set(a, v, "times", text_times(a, r, when));
	value_set(a, v, "zone", text_zone(a, r->zone, when.from));
	value_set(a, v, "change", text_change(a, r, now, when.from));
	value_set(a, v, "length", text_length(a, r->language, instant_sub(when.to, when.from)));
	value_set(a, v, "start", str_copy(a, zone_format(at, r->zone, when.from)));
	value_set(a, v, "end", str_copy(a, zone_format(at, r->zone, when.to)));
	return v;
}
