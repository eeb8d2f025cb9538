/* ical - iCalendar (RFC 5545) for one meeting: invitations and cancellations (iTIP, RFC 5546), files to download, and
 * links that add it to a web calendar.  Times are written in UTC, so that no VTIMEZONE is needed.
 * No text from outside can end a line, a parameter or a value: see clean.h for what becomes of controls. */
#ifndef CORE_ICAL_H
#define CORE_ICAL_H
#include "base/fault.h"

/* REQUEST invites or updates, CANCEL withdraws, PUBLISH is a plain file without answers. */
enum ical_method { ICAL_PUBLISH, ICAL_REQUEST, ICAL_CANCEL };
enum ical_status { ICAL_CONFIRMED, ICAL_TENTATIVE, ICAL_CANCELLED };
enum ical_answer { ICAL_NEEDS_ACTION, ICAL_ACCEPTED, ICAL_DECLINED, ICAL_MAYBE };
enum ical_role { ICAL_REQUIRED, ICAL_OPTIONAL, ICAL_CHAIR };

struct ical_person {
	str name;            /* may be absent */
	str address;         /* RULE_EMAIL */
	enum ical_role role; /* the rest: attendees only */
	enum ical_answer answer;
	bool rsvp; /* an answer is asked for; false when the booking itself is the consent */
};

struct ical {
	enum ical_method method;
	enum ical_status status; /* ignored for CANCEL, which says CANCELLED, or nothing */
	str uid;                 /* never changes for a booking: "0190…@book.example.org" */
	int64_t sequence;        /* plus one at each change of the times and at the cancellation */
	instant stamp;           /* when this text was made: cx->now */
	range when;
	str title; /* one line */
	str text;  /* several lines; may be absent, as may the next two */
	str location;
	str url;
	struct ical_person organizer;        /* PUBLISH: may have no address, is then left out */
	const struct ical_person *attendees; /* PUBLISH writes none */
	size_t n;
	bool transparent; /* does not make its people busy */
	bool uninvites;   /* CANCEL: it takes place without these attendees, so STATUS is left out (RFC 5546 3.2.5) */
};

/* ical_write - the VCALENDAR with CRLF line ends, in cx->arena.
 *   E_INVALID  an address that is none, no attendee in a REQUEST, an empty or reversed range, no uid */
enum err ical_write(struct cx *, const struct ical *, str *out);

const char *ical_method_name(enum ical_method); /* "REQUEST", as the mail's method= parameter */

/* Links that open a new event in a web calendar, filled in from the same struct; the text is cut to 1,000 bytes. */
str ical_google_url(struct arena *, const struct ical *);
str ical_outlook_url(struct arena *, const struct ical *); /* outlook.live.com; work accounts are sent on */
#endif
