/* zone - time zones read from the system's tzdata (TZif, RFC 9636, versions 1-4 with the POSIX footer).
 * A zone is immutable, shared by the whole process and safe in every thread.  Offsets are seconds east of UTC.
 * Exact for every instant: past the file's last transition the footer's rule is applied to the year asked for. */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H
#include "base/rule.h"
#include "interval.h"

struct zone;

enum { ZONE_NAME = 64 /* bytes of a name */, ZONE_FILE = 64 << 10 /* bytes of a TZif file */ };

/* RULE_ZONE - for field tables: the name of a zone that this machine knows. */
extern const struct rule RULE_ZONE;

/* zone_load - the zone of an IANA name, from $TZDIR or /usr/share/zoneinfo, kept for the life of the process.
 *   field      JSON pointer of the member that holds the name, for the message
 *   E_INVALID  not a name, no such zone, or a malformed file */
enum err zone_load(struct cx *, str name, str field, const struct zone **out);

/* zone_is - whether zone_load would find it. */
bool zone_is(str name);

/* zone_parse - a TZif file's bytes into cx->arena.  E_INVALID: malformed, or with leap seconds. */
enum err zone_parse(struct cx *, str bytes, str name, struct zone **out);

/* zone_names - the names of all zones and links, as str, ascending; process-wide, made at the first call (some
 * milliseconds) from what the folder holds.  Empty when there is no tzdata. */
const struct list *zone_names(void);

str zone_name(const struct zone *);

/* zone_span - a period [from, to) of one offset; `to` is INT64_MAX, `from` INT64_MIN where it has no bound. */
struct zone_span {
	instant from, to;
	int64_t offset;
};
struct zone_span zone_span_at(const struct zone *, instant);

int64_t zone_offset(const struct zone *, instant);
str zone_abbreviation(const struct zone *, instant); /* "CEST", "+0530" */
bool zone_is_dst(const struct zone *, instant);

/* What the wall clock shows. */
day zone_day(const struct zone *, instant);
minute_of_day zone_minute(const struct zone *, instant);               /* seconds are dropped */
str zone_format(char out[INSTANT_TEXT], const struct zone *, instant); /* 2026-03-02T19:30:00+05:30 */

/* zone_instant - the first instant at which the wall clock shows that date and minute or a later one.  In a
 * repeated hour it is the first of the two, in a gap or on a skipped date the instant behind the gap. */
instant zone_instant(const struct zone *, day, minute_of_day);
instant zone_day_start(const struct zone *, day);

/* zone_change_next - the first instant > t at which the offset changes.  false: it never changes again. */
[[nodiscard]] bool zone_change_next(const struct zone *, instant t, instant *out);

/* zone_spans - the periods that `within` (bounded) consists of, ascending, clipped to it. */
size_t zone_spans(struct arena *, const struct zone *, range within, struct zone_span **out);

/* zone_dates - when the wall clock shows one of these dates, inclusive: where a zone repeats a part of a date, or
 * skips it, that is not one interval. */
struct intervals zone_dates(struct arena *, const struct zone *, day from, day to);

/* zone_date_around - the unbroken time around t in which the wall clock shows t's date. */
range zone_date_around(const struct zone *, instant t);
#endif
