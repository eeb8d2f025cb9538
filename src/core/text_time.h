/* text_time - dates and times for people: in the reader's zone, language and clock.  Their words and order are in
 * templates/text/<code>.txt under time.*. */
#ifndef CORE_TEXT_TIME_H
#define CORE_TEXT_TIME_H
#include "language.h"

struct zone;

/* reader - who reads: where they are, what they speak, which clock they use. */
struct reader {
	const struct zone *zone;
	const struct language *language;
	bool clock12; /* 2:00 pm instead of 14:00 */
};

str text_day(struct arena *, const struct language *, day);            /* Mon, 2 March 2026 */
str text_day_long(struct arena *, const struct language *, day);       /* Monday, 2 March 2026 */
str text_month(struct arena *, const struct language *, day);          /* March 2026 */
str text_minute(struct arena *, const struct reader *, minute_of_day); /* 09:00 or 9:00 am; 24:00 stays */
str text_clock(struct arena *, const struct reader *, instant);        /* the same of an instant */
str text_date(struct arena *, const struct reader *, instant);         /* text_day of an instant */

/* text_times - 09:00–09:30; with the end's date when that is a later one: 22:00–02:00 (Tue, 3 March 2026). */
str text_times(struct arena *, const struct reader *, range);

/* text_city - the reader's words for a zone: America/Argentina/Buenos_Aires is Buenos Aires. */
str text_city(struct arena *, str zone_name);

/* text_offset - UTC, UTC+1, UTC−3:30 (U+2212). */
str text_offset(struct arena *, int64_t seconds_east);

/* text_zone - Berlin, UTC+1: the offset that holds at that instant. */
str text_zone(struct arena *, const struct zone *, instant);

/* text_change - a sentence when the offset then is not the one now: "The clocks in Berlin go forward on Sun, 29 March
 * 2026, before this date."; absent when they agree. */
str text_change(struct arena *, const struct reader *, instant now, instant then);

/* text_length - 30 minutes, 1 hour, 1 hour 30 minutes. */
str text_length(struct arena *, const struct language *, span);

/* text_when - an object for templates: date, times, zone, change (none when there is none), length, start and end
 * (RFC 3339 at the reader's offset, for <time>). */
struct value *text_when(struct arena *, const struct reader *, range, instant now);
#endif
