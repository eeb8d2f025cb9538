/* offer - an event type's free times as a page shows them: a month, the times of a day, and the links between.
 * Everything is in the address, so that it works as plain links. */
#ifndef API_PAGES_OFFER_H
#define API_PAGES_OFFER_H
#include "page.h"
#include "store/availability.h"
#include "store/event_type.h"

/* offer - what is asked for, and with what it is answered. */
struct offer {
	struct availability *availability; /* of availability_get; except_reservation set by the caller */
	str path, extra;                   /* links lead to path?…; extra: "move=1", absent: none */
	str zone, usual;  /* the reader's, checked; the one left out of links: that of the cookie, else the host's */
	bool usual12;     /* the clock left out of links */
	int64_t duration; /* minutes, one of its own */
	day month, date;  /* the first of the month; NONE: not given */
	const struct list *chosen; /* of instant: several may be chosen, each is a link; NULL: one, by a button */
	instant without;           /* a start not shown among the times; zero: none */
};

/* offer_read - zone, clock, duration, month and date from the address (and the preferences cookie): what is wrong or
 * missing is as if not given.  Sets the page's reader. */
enum err offer_read(struct call *, struct availability *, str usual, struct offer *out);

/* offer_begin - show that date first. */
void offer_begin(struct offer *, day);

/* offer_put - the page's month, day and times:
 *   month    {title, before, after, weekdays, weeks: [{days}]}
 *   day      {title, date, change, groups: [{title, times: [{start, text, left, href, chosen}]}]}, none when nothing is
 *            free; href where several may be chosen: with that one more, or less
 *   next, next_day   where the next free day is, when this month has none: a later one, else the first of all; `never`
 *                    when there is none at all
 *   slots    the month's times as JSON, for the script */
enum err offer_put(struct call *, struct offer *);

/* offer_link - path?duration=…&time_zone=…, with one more pair: name=value. */
str offer_link(struct call *, const struct offer *, const char *name, str value);

/* offer_chosen - `extra` of an offer of which several times are chosen, with `toggled` (NONE: none) added or taken out. */
str offer_chosen(struct arena *, const struct list *chosen, instant toggled);

/* offer_zone_put - `zone` {name, text}, links to change it and the clock; with ?zones= the list of all. */
enum err offer_zone_put(struct call *, const struct offer *, instant at);

/* gone_put - where cx->fault says that the time is taken or not offered: `problem`, and the nearest free ones as
 * `alternatives` [{start, text}], each one click away.  false: it is another fault. */
bool gone_put(struct call *, struct page *);

/* price_text - "49.50 EUR", in German "49,50 EUR"; absent when there is nothing to pay. */
str price_text(struct arena *, const struct language *, int64_t amount, str currency);
#endif
