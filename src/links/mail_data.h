/* mail_data - what the mails' templates show, made from one struct, so that every mail gets every name, and every time
 * is in its reader's zone. */
#ifndef LINKS_MAIL_DATA_H
#define LINKS_MAIL_DATA_H
#include "core/text_time.h"

/* mail_code - "code_registration", "code_login", "code_reset", "code_booking", and "account_exists" (no code). */
struct mail_code {
	str site;        /* "Noonmark", or the operator's name for it */
	str code;        /* six digits */
	int64_t minutes; /* how long it is good for */
	str link;        /* account_exists: where to log in; code_booking: absent */
	str name;        /* code_booking: the host's name, code_…: absent */
};
struct value *mail_code_value(struct arena *, const struct mail_code *);

/* mail_meeting - "booked" (to the invitee), "new_booking" (to the host), "invited" (to a guest), "rescheduled" and
 * "cancelled" (to anybody). */
enum mail_by { MAIL_BY_HOST, MAIL_BY_INVITEE, MAIL_BY_READER };
struct mail_answer {
	str question, value;
};
struct mail_meeting {
	struct reader reader;          /* who the mail goes to */
	const struct zone *other_zone; /* the other person's, shown too where it differs; NULL: not shown */
	str site;
	str title; /* of the event type or booking */
	str host_name, invitee_name, invitee_email;
	range when, before; /* before: rescheduled only */
	instant now;
	str location;     /* text; absent: none */
	str location_url; /* absent, or https: set by us or the host, never by an invitee */
	str notes;        /* absent, or what the invitee wrote */
	str reason;       /* absent, or why it was moved or cancelled */
	enum mail_by by;  /* who moved or cancelled it */
	const struct mail_answer *answers;
	size_t answers_n;
	const str *guests; /* names or addresses */
	size_t guests_n;
	str manage_url; /* the reader's own link */
	str again_url;  /* cancelled: where to book again; absent: none */
};
struct value *mail_meeting_value(struct arena *, const struct mail_meeting *);
#endif
