/* moment - the typed quantities of time and the proleptic Gregorian calendar.  No clock, no zones.
 * One-field structs, so that mixing them does not compile.  Ranges are half-open. */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H
#include "str.h"

typedef struct {
	int64_t s;
} instant; /* seconds since 1970-01-01T00:00:00Z */
typedef struct {
	int64_t s;
} span; /* a length in seconds */
typedef struct {
	int64_t d;
} day; /* days since 1970-01-01, a date on some wall clock */
typedef struct {
	int64_t m;
} minute_of_day; /* 0..1440 */
typedef struct {
	instant from, to;
} range; /* [from, to) */

/* NONE - the value of an optional integer, instant, day or minute that is absent. */
#define NONE INT64_MIN

#define INSTANT_MIN ((instant){ 0 })          /* 1970-01-01T00:00:00Z */
#define INSTANT_MAX ((instant){ 7258118400 }) /* 2200-01-01T00:00:00Z, exclusive */
enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600, MINUTE_SECONDS = 60 };

struct civil {
	int64_t year;
	int month, day;
}; /* month 1..12, day 1..31 */
enum weekday { MON, TUE, WED, THU, FRI, SAT, SUN };
extern const char *const WEEKDAYS[]; /* "mon" .. "sun", NULL */

static inline instant instant_add(instant t, span d)
{
	return (instant){ t.s + d.s };
}
static inline span instant_sub(instant a, instant b)
{
	return (span){ a.s - b.s };
}
static inline bool instant_is(instant t)
{
	return t.s != NONE;
}
static inline bool day_is(day d)
{
	return d.d != NONE;
}
static inline span span_minutes(int64_t n)
{
	return (span){ n * MINUTE_SECONDS };
}
static inline span span_days(int64_t n)
{
	return (span){ n * DAY_SECONDS };
}

day day_of_civil(struct civil);
struct civil civil_of_day(day);
enum weekday day_weekday(day);
day day_monday(day);    /* the Monday of its ISO week */
int64_t day_month(day); /* year * 12 + month - 1: a number a month */
int month_length(int64_t year, int month);

/* Parsing refuses whatever is not exactly the form: false, *out untouched.
 *   instant  RFC 3339 with Z or a numeric offset; a fraction only of zeros; 1970..2199
 *   day      YYYY-MM-DD, a date that exists, 1970..2199
 *   minute   HH:MM, 00:00..24:00 */
[[nodiscard]] bool instant_parse(str, instant *out);
[[nodiscard]] bool day_parse(str, day *out);
[[nodiscard]] bool minute_parse(str, minute_of_day *out);

/* Formatting writes into `out` (NUL-terminated) and returns the view. */
enum { INSTANT_TEXT = 32, DAY_TEXT = 16, MINUTE_TEXT = 8 };
str instant_format(char out[INSTANT_TEXT], instant); /* 2026-03-02T14:00:00Z */
str instant_format_at(
    char out[INSTANT_TEXT], instant,
    int64_t offset); /* …+05:30; offset in seconds east; seconds are rounded away as RFC 3339 has none */
str day_format(char out[DAY_TEXT], day);
str minute_format(char out[MINUTE_TEXT], minute_of_day);
#endif
