/* mail_data - what the mails' templates show, made from one struct, so that every mail gets every name, and every time
 * is in its reader's zone.  Text that people wrote is cleaned, cut, and shown as lines of a quotation.
 * What is absent (str with p == NULL) is not shown. */
#ifndef LINKS_MAIL_DATA_H
#define LINKS_MAIL_DATA_H
#include "core/text_time.h"

/* mail_code - for "code_registration", "code_login", "code_booking", "code_reset"; and for "account_exists", which has only a link. */
struct mail_code {
	str site;        /* "Noonmark", or the operator's name for it */
	str code;        /* six digits */
	str username;    /* code_registration: what was asked for */
	int64_t minutes; /* how long it is good for */
	str link;        /* account_exists: where to log in */
};
struct value *mail_code_value(struct arena *, const struct mail_code *);

/* mail_account - for "new_login", "key_created", "password_changed" and "account_erased", to who it belongs. */
struct mail_account {
	struct reader reader;
	str site;
	instant at;
	str detail; /* new_login: what the program calls itself; key_created: the key's name */
	str reset_url, account_url;
};
struct value *mail_account_value(struct arena *, const struct mail_account *);

/* mail_booked - for "my_bookings": one of what an address has booked, each in the zone it was booked in. */
struct mail_booked {
	str title, host, url;
	const struct zone *zone;
	range when;
};
struct value *mail_list_value(struct arena *, const struct language *, str site, instant now,
			      const struct mail_booked *, size_t n);

/* mail_note - for "no_time", to the host: what a visitor wrote who found no time. */
struct mail_note {
	str site;
	str title;             /* of the event type */
	str name, email, text; /* the visitor's; the address is not proved */
	str zone;              /* the visitor's, in words */
	str link;              /* the event type's page */
};
struct value *mail_note_value(struct arena *, const struct mail_note *);

/* mail_webhook - for "webhook_paused", to its owner. */
struct mail_webhook {
	str site;
	str url;   /* where nothing arrives any more */
	bool gone; /* it answered 410; else every try failed for 72 hours */
	str link;  /* the dashboard's page of webhooks */
};
struct value *mail_webhook_value(struct arena *, const struct mail_webhook *);

enum mail_by { MAIL_BY_HOST, MAIL_BY_INVITEE, MAIL_BY_READER };

struct mail_answer {
	str question, value;
};

/* mail_meeting - for every message of core/messages.def. */
struct mail_meeting {
	struct reader reader; /* who the mail goes to */
	const struct zone
	    *other_zone; /* whose time is shown too, where it differs: the other person's; NULL: not shown */
	str other_name;
	str site;
	str title; /* of the booking, else of the event type */
	str host_name, invitee_name, invitee_email;
	range when;
	range before; /* rescheduled, accepted, requested: the old time, if there was one */
	instant now;
	const instant *starts; /* proposed: other times, as long as the meeting */
	size_t starts_n;
	instant until;    /* proposed, requested: how long they are kept; NONE else */
	str location;     /* a place, a number: shown as text, unless it is the link */
	str location_url; /* RULE_LINK; set by us or the host, never by an invitee: it is shown as a link */
	str notes;        /* what the invitee wrote */
	str reason;       /* why it was moved or cancelled */
	enum mail_by by;  /* who moved or cancelled it */
	const struct mail_answer *answers;
	size_t answers_n;
	const str *guests; /* names or addresses */
	size_t guests_n;
	str words;       /* instead of our first sentence; absent: ours */
	str description; /* what the host says about the meeting */
	str guest;       /* guest_declined: who does not come; co_host, co_host_left: who that is */
	str manage_url;  /* the reader's own link */
	str answer_url;  /* a guest's instead */
	str again_url;   /* cancelled: where to book again */
};
struct value *mail_meeting_value(struct arena *, const struct mail_meeting *);

/* mail_words_value - the same for WORD_NAMES of core/words.h: flat, each a text.
 * mail_own - a host's own subject and text: m->words becomes the text, *subject one line.
 *   E_REFUSED, E_LIMIT  as words_render, or nothing is left of one of them */
struct value *mail_words_value(struct arena *, const struct mail_meeting *);
enum err mail_own(struct cx *, str subject_words, str text_words, struct mail_meeting *m, str *subject);
#endif
