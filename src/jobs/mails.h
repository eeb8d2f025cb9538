/* mails - the jobs that write to people.  A booking's mail carries the times it was caused by, so that one which waited
 * for a mail server still tells the truth about its own moment. */
#ifndef JOBS_MAILS_H
#define JOBS_MAILS_H
#include "store/booking.h"
#include "worker.h"

/* code_mail_add - a one-time code.  what: a template of links/mail_data.h: "code_registration", "code_login",
 * "code_booking", "account_exists" (no code).  The code is sealed in the job's payload.
 * name: code_booking: the host's, absent else. */
enum err code_mail_add(struct cx *, const struct keys *, const char *what, str email, unsigned language, str code);

enum booking_message { MESSAGE_BOOKED, MESSAGE_RESCHEDULED, MESSAGE_CANCELLED };

/* booking_mail_add - tell everybody concerned: invitee, host and guests, once for each change.
 *   b       as it is now      before  the old time (rescheduled)
 *   by      "host", "invitee"       reason  absent or their words */
enum err booking_mail_add(struct cx *, enum booking_message, const struct booking *b, range before, str by,
			  str reason);

enum err code_mail_run(struct work *, const struct job *);
enum err booking_mail_run(struct work *, const struct job *);

/* mail_send - hand over to the mailer and judge: OK, E_UNAVAILABLE with work->wait, E_REFUSED for good. */
enum err mail_send(struct work *, struct mail *);

/* booking_ical - the calendar object of a booking, as one of its people gets it; *out is in the arena.
 *   method   PUBLISH for a download */
enum err booking_ical(struct cx *, enum ical_method, const struct booking *, str organizer, range when,
		      int64_t sequence, str url, struct ical *out);
#endif
