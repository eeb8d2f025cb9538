/* The calendar arithmetic is the usual one over 400-year eras that begin on 1 March (see Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"), written anew. */
#include "moment.h"

#include <stdio.h>

const char *const WEEKDAYS[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

enum { ERA_DAYS = 146097, ERA_YEARS = 400, EPOCH_SHIFT = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

day day_of_civil(struct civil c)
{
	int64_t year = c.year - (c.month <= 2);
	int64_t era = floor_div(year, ERA_YEARS);
	int64_t of_era = year - era * ERA_YEARS;
	int64_t of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
	return (day){ era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_SHIFT };
}

struct civil civil_of_day(day d)
{
	int64_t z = d.d + EPOCH_SHIFT;
	int64_t era = floor_div(z, ERA_DAYS);
	int64_t day_of_era = z - era * ERA_DAYS;
	int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
	int mp = (int)((5 * day_of_year + 2) / 153);
	int month = mp < 10 ? mp + 3 : mp - 9;
	return (struct civil){ .year = year + era * ERA_YEARS + (month <= 2),
			       .month = month,
			       .day = (int)(day_of_year - (153 * mp + 2) / 5 + 1) };
}

enum weekday day_weekday(day d)
{
	int64_t n = d.d + 3; /* 1970-01-01 was a Thursday */
	return (enum weekday)(n - floor_div(n, 7) * 7);
}

day day_monday(day d)
{
	return (day){ d.d - (int64_t)day_weekday(d) };
}

int64_t day_month(day d)
{
	struct civil c = civil_of_day(d);
	return c.year * 12 + c.month - 1;
}

int month_length(int64_t year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return length[month - 1] + (month == 2 && leap);
}

/* n digits at *at; false when there are fewer. */
static bool digits(str s, size_t at, size_t n, int *out)
{
	int v = 0;
	if (at + n > s.n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

static bool is_at(str s, size_t at, char c)
{
	return at < s.n && s.p[at] == c;
}

bool day_parse(str s, day *out)
{
	int year, month, mday;
	if (s.n != 10 || !digits(s, 0, 4, &year) || !is_at(s, 4, '-') || !digits(s, 5, 2, &month) ||
	    !is_at(s, 7, '-') || !digits(s, 8, 2, &mday))
		return false;
	if (year < 1970 || year > 2199 || month < 1 || month > 12 || mday < 1 || mday > month_length(year, month))
		return false;
	*out = day_of_civil((struct civil){ .year = year, .month = month, .day = mday });
	return true;
}

bool minute_parse(str s, minute_of_day *out)
{
	int hour, minute;
	if (s.n != 5 || !digits(s, 0, 2, &hour) || !is_at(s, 2, ':') || !digits(s, 3, 2, &minute))
		return false;
	if (minute > 59 || hour > 24 || (hour == 24 && minute > 0))
		return false;
	*out = (minute_of_day){ hour * 60 + minute };
	return true;
}

/* The rest behind the seconds: a fraction of zeros, then Z or an offset in seconds east. */
static bool offset_parse(str s, size_t at, int64_t *offset)
{
	int hour, minute;
	if (is_at(s, at, '.')) {
		size_t from = ++at;
		while (is_at(s, at, '0'))
			at++;
		if (at == from)
			return false;
	}
	*offset = 0;
	if (at + 1 == s.n && (s.p[at] == 'Z' || s.p[at] == 'z'))
		return true;
	if (at + 6 != s.n || (s.p[at] != '+' && s.p[at] != '-') || !digits(s, at + 1, 2, &hour) ||
	    !is_at(s, at + 3, ':') || !digits(s, at + 4, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*offset = (s.p[at] == '-' ? -1 : 1) * (hour * HOUR_SECONDS + minute * MINUTE_SECONDS);
	return true;
}

bool instant_parse(str s, instant *out)
{
	day d;
	int hour, minute, second;
	int64_t offset;
	if (s.n < 20 || s.n > 40 || !day_parse(str_slice(s, 0, 10), &d) || (s.p[10] != 'T' && s.p[10] != 't'))
		return false;
	if (!digits(s, 11, 2, &hour) || !is_at(s, 13, ':') || !digits(s, 14, 2, &minute) || !is_at(s, 16, ':') ||
	    !digits(s, 17, 2, &second) || hour > 23 || minute > 59 || second > 59 || !offset_parse(s, 19, &offset))
		return false;
	int64_t t = d.d * DAY_SECONDS + hour * HOUR_SECONDS + minute * MINUTE_SECONDS + second - offset;
	if (t < INSTANT_MIN.s || t >= INSTANT_MAX.s)
		return false;
	*out = (instant){ t };
	return true;
}

static char *two(char *p, int64_t v)
{
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static char *date(char *p, day d)
{
	struct civil c = civil_of_day(d);
	p = two(two(p, c.year / 100), c.year % 100);
	*p++ = '-';
	p = two(p, c.month);
	*p++ = '-';
	return two(p, c.day);
}

static str end(char *out, char *p)
{
	*p = '\0';
	return (str){ out, (size_t)(p - out) };
}

str instant_format_at(char out[INSTANT_TEXT], instant t, int64_t offset)
{
	offset -= offset % MINUTE_SECONDS;
	int64_t local = t.s + offset;
	int64_t d = floor_div(local, DAY_SECONDS), s = local - d * DAY_SECONDS;
	char *p = date(out, (day){ d });
	*p++ = 'T';
	p = two(p, s / HOUR_SECONDS);
	*p++ = ':';
	p = two(p, s / MINUTE_SECONDS % 60);
	*p++ = ':';
	p = two(p, s % MINUTE_SECONDS);
	int64_t east = offset < 0 ? -offset : offset;
	*p++ = offset < 0 ? '-' : '+';
	p = two(p, east / HOUR_SECONDS);
	*p++ = ':';
	return end(out, two(p, east / MINUTE_SECONDS % 60));
}

str instant_format(char out[INSTANT_TEXT], instant t)
{
	str s = instant_format_at(out, t, 0);
	out[s.n - 6] = 'Z';
	return end(out, out + s.n - 5);
}

str day_format(char out[DAY_TEXT], day d)
{
	return end(out, date(out, d));
}

str minute_format(char out[MINUTE_TEXT], minute_of_day m)
{
	char *p = two(out, m.m / 60);
	*p++ = ':';
	return end(out, two(p, m.m % 60));
}
