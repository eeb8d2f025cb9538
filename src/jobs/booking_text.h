/* booking_text - what a message about a booking says: the words of its mail, in the reader's zone and language, ours or
 * the host's own. */
#ifndef JOBS_BOOKING_TEXT_H
#define JOBS_BOOKING_TEXT_H
#include "core/message.h"
#include "links/mail.h"
#include "store/account.h"
#include "store/booking.h"
#include "store/words.h"

/* telling - one message to one reader, as the change was. */
struct telling {
	enum booking_message message;
	enum message_reader to;
	range when, before; /* before: NONE unless it was moved */
	struct list starts; /* of instant: what is proposed */
	instant until;
	str by;                        /* "host", "invitee" */
	str reason;                    /* absent or their words */
	str base_url;                  /* without a slash at the end */
	str link;                      /* the reader's own; absent: none */
	str guest;                     /* who declined, hosts too or left */
	const struct account *co_host; /* TO_CO_HOST: the reader's own account; NULL: none */
};

/* booking_language - which of LANGUAGES that reader is written to in: guests are as the invitee is, and so are co-hosts
 * without an account (NULL). */
unsigned booking_language(const struct booking *, enum message_reader, const struct account *co_host);

/* booking_text_render - subject, text and html of *mail.
 *   own  the host's own words; NULL: ours.  Where they fail, ours are taken.
 *   E_REFUSED  with `must`: they failed */
enum err booking_text_render(struct cx *, const struct booking *, const struct telling *, const struct words *own,
			     bool must, struct mail *mail);

/* booking_words_value - what WORD_NAMES stand for in that message. */
enum err booking_words_value(struct cx *, const struct booking *, const struct telling *, struct value **out);
#endif
