/* The POSIX TZ string at the end of a TZif file (RFC 9636 §3.3, with the times of day of version 3):
 *     name offset [name [offset] , date [/time] , date [/time]]
 * Offsets there count west of UTC, ours east.  A rule that keeps summer time for whole years is reduced to a fixed
 * offset, so that the changes of consecutive years always ascend. */
#include "zone_data.h"

#include <string.h>

static bool take(str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_slice(*s, 1, s->n);
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool number(str *s, int min, int max, int *out)
{
	int v = 0;
	size_t n = 0;
	for (; n < s->n && n < 4 && is_digit(s->p[n]); n++)
		v = v * 10 + (s->p[n] - '0');
	if (!n || v < min || v > max)
		return false;
	*s = str_slice(*s, n, s->n);
	*out = v;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool clock_time(str *s, int hours_max, int32_t *out)
{
	int hours, minutes = 0, seconds = 0;
	bool negative = take(s, '-');
	if (!negative)
		(void)take(s, '+');
	if (!number(s, 0, hours_max, &hours))
		return false;
	if (take(s, ':') && (!number(s, 0, 59, &minutes) || (take(s, ':') && !number(s, 0, 59, &seconds))))
		return false;
	*out = hours * HOUR_SECONDS + minutes * MINUTE_SECONDS + seconds;
	*out = negative ? -*out : *out;
	return true;
}

/* Letters, or anything of the allowed characters between < and >; at least three. */
static bool designation(struct zone *z, str *s, uint16_t *at)
{
	bool quoted = take(s, '<');
	size_t n = 0;
	while (n < s->n &&
	       (is_letter(s->p[n]) || (quoted && (is_digit(s->p[n]) || s->p[n] == '+' || s->p[n] == '-'))))
		n++;
	if (n < 3 || z->names_n + n + 1 > NAMES_MAX)
		return false;
	*at = (uint16_t)z->names_n;
	memcpy(z->names + z->names_n, s->p, n);
	z->names[z->names_n + n] = '\0';
	z->names_n += n + 1;
	*s = str_slice(*s, n, s->n);
	return !quoted || take(s, '>');
}

static bool rule_parse(str *s, struct rule_date *r)
{
	*r = (struct rule_date){ .kind = RULE_DAY, .time = 2 * HOUR_SECONDS };
	if (take(s, 'M')) {
		r->kind = RULE_MONTH;
		if (!number(s, 1, 12, &r->month) || !take(s, '.') || !number(s, 1, 5, &r->week) || !take(s, '.') ||
		    !number(s, 0, 6, &r->weekday))
			return false;
	} else if (take(s, 'J')) {
		r->kind = RULE_JULIAN;
		if (!number(s, 1, 365, &r->number))
			return false;
	} else if (!number(s, 0, 365, &r->number)) {
		return false;
	}
	return !take(s, '/') || clock_time(s, 167, &r->time);
}

static bool offset_parse(str *s, struct zone_entry *e)
{
	int32_t west;
	if (!clock_time(s, 25, &west) || -west < OFFSET_MIN || -west > OFFSET_MAX)
		return false;
	e->offset = -west;
	return true;
}

bool footer_parse(struct zone *z, str text)
{
	struct footer *f = &z->footer;
	*f = (struct footer){ .given = text.n > 0 };
	if (!text.n)
		return true;
	if (!designation(z, &text, &f->standard.name) || !offset_parse(&text, &f->standard))
		return false;
	if (!text.n)
		return true;
	f->summer = (struct zone_entry){ .offset = f->standard.offset + HOUR_SECONDS, .dst = true };
	if (!designation(z, &text, &f->summer.name))
		return false;
	if (text.n && text.p[0] != ',' && !offset_parse(&text, &f->summer))
		return false;
	if (!take(&text, ',') || !rule_parse(&text, &f->begin) || !take(&text, ',') || !rule_parse(&text, &f->end) ||
	    text.n || f->summer.offset > OFFSET_MAX)
		return false;
	f->changes = f->summer.offset != f->standard.offset;
	struct zone_entry this_year[2], next_year[2];
	footer_year(f, 2021, this_year);
	footer_year(f, 2022, next_year);
	if (this_year[0].dst && this_year[1].from >= next_year[0].from) {
		f->standard = f->summer; /* summer never ends */
		f->changes = false;
	}
	return true;
}

static int64_t rule_day(const struct rule_date *r, int64_t year)
{
	int64_t first = day_of_civil((struct civil){ .year = year, .month = 1, .day = 1 }).d;
	if (r->kind == RULE_DAY)
		return first + r->number;
	if (r->kind == RULE_JULIAN)
		return first + r->number - 1 + (r->number > 59 && month_length(year, 2) == 29);
	int64_t month = day_of_civil((struct civil){ .year = year, .month = r->month, .day = 1 }).d;
	int shift = (r->weekday + 6 - (int)day_weekday((day){ month })) % 7; /* Sunday is 0 there, 6 here */
	int mday = (shift + 7) % 7 + (r->week - 1) * 7;
	while (mday >= month_length(year, r->month))
		mday -= 7;
	return month + mday;
}

void footer_year(const struct footer *f, int64_t year, struct zone_entry out[2])
{
	struct zone_entry begin = f->summer, end = f->standard;
	begin.from = rule_day(&f->begin, year) * DAY_SECONDS + f->begin.time - f->standard.offset;
	end.from = rule_day(&f->end, year) * DAY_SECONDS + f->end.time - f->summer.offset;
	bool northern = begin.from < end.from;
	out[0] = northern ? begin : end;
	out[1] = northern ? end : begin;
}

struct zone_entry footer_at(const struct footer *f, int64_t t, int64_t *until)
{
	int64_t days = (t - (t % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS) / DAY_SECONDS;
	int64_t year = civil_of_day((day){ days }).year;
	struct zone_entry changes[8], at;
	for (int i = 0; i < 4; i++)
		footer_year(f, year - 2 + i, changes + 2 * i);
	at = changes[0];
	for (int i = 1; i < 8; i++) {
		*until = changes[i].from;
		if (changes[i].from > t)
			return at;
		at = changes[i];
	}
	*until = INT64_MAX;
	return at;
}
