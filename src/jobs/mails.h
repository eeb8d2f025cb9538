/* mails - the jobs that write to people.  A booking's mail carries the times it was caused by, so that one which waited
 * for a mail server still tells the truth about its own moment. */
#ifndef JOBS_MAILS_H
#define JOBS_MAILS_H
#include "core/message.h"
#include "store/booking.h"
#include "worker.h"

/* code_mail - a one-time code on its way. */
struct code_mail {
	str template; /* of links/mail_data.h: "code_registration", "code_login", "code_booking", "code_reset", "account_exists" */
	str email;
	uuid otp_id; /* once this code is void, spent or too old, its mail is not sent any more */
	str code;    /* in the payload: sealed; absent with "account_exists" */
	str username; /* code_registration: whose code it is, so that nobody finishes what somebody else began; else absent */
	unsigned language; /* of LANGUAGES */
};

/* code_mail_add - send one; its code is given open, and sealed in the job's payload. */
enum err code_mail_add(struct cx *, const struct keys *, const struct code_mail *);

/* account_mail_add - what happened to an account, to whom it belongs.
 *   what    "new_login", "key_created", "password_changed", "account_erased"
 *   detail  new_login: what logged in; key_created: the key's name; absent else */
struct account;
struct preference;
enum err account_mail_add(struct cx *, const char *what, const struct account *, str detail);
enum err account_mail_run(struct work *, const struct job *);

/* list_mail_add - the links of what an address has booked, to that address; nothing where there is none.  Heard once in
 * twelve minutes, and ten times a day. */
enum err list_mail_add(struct cx *, str email, unsigned language);
enum err list_mail_run(struct work *, const struct job *);

/* booking_mail_add - tell everybody concerned, once for each change: invitee and host, and guests, who hear only of a
 * meeting that stands: they are invited when it first does, told when it moves, and told that it is off when it was
 * called off or went back to waiting for the host.
 *   b       as it is now      stood   whether it was confirmed before      before  the old time (rescheduled)
 *   by      "host", "invitee"       reason  absent or their words */
enum err booking_mail_add(struct cx *, enum booking_message, const struct booking *b, bool stood, range before,
			  str by, str reason);

/* booking_tell_all - the same where the host's choices are at hand. */
enum err booking_tell_all(struct cx *, enum booking_message, const struct booking *b, const struct preference *,
			  bool stood, range before, str by, str reason);

/* booking_moment_mail_add - what is told because its moment has come, to co-hosts whose time is taken as well.
 *   minutes  of a reminder: which one; else 0 */
enum err booking_moment_mail_add(struct cx *, enum booking_message, const struct booking *, int64_t minutes);

/* booking_guest_mail_add - tell one guest alone: MESSAGE_BOOKED invites, MESSAGE_UNINVITED takes that back.
 * booking_decline_mail_add - tell the host that a guest does not come.
 * booking_co_host_mail_add - tell host and invitee that somebody hosts too, or does not any more.
 *   by  who did that: "host", "guest" */
enum err booking_guest_mail_add(struct cx *, enum booking_message, const struct booking *, const struct guest *);
enum err booking_decline_mail_add(struct cx *, const struct booking *, const struct guest *);
enum err booking_co_host_mail_add(struct cx *, const struct booking *, const struct guest *, bool added, str by);

/* booking_talk_mail_add - about what leaves the meeting as it is: to the side other than `by`, of a proposal that lapsed
 * to both; the proposal's times go along.   note  absent or their words */
enum err booking_talk_mail_add(struct cx *, enum booking_message, const struct booking *b, enum booking_party by,
			       str note);

/* booking_follow_add - plan the next moment at which something is told: reminders, whether it still stands, its start,
 * thanks.  When it is due it writes the mails and plans the one after it; it does nothing when its booking has moved
 * or ended meanwhile. */
enum err booking_follow_add(struct cx *, const struct booking *, const struct event_type *,
			    const struct preference *);
enum err booking_follow_run(struct work *, const struct job *);

/* booking_moment_over - whether it is too late to tell that: a reminder of what has begun. */
bool booking_moment_over(enum booking_message, range when, instant now);

/* booking_expiry_add - plan what happens when nobody answers a pending booking. */
enum err booking_expiry_add(struct cx *, const struct booking *);
enum err booking_expiry_run(struct work *, const struct job *);

/* proposal_expiry_add - plan what happens when nobody answers a booking's proposal. */
enum err proposal_expiry_add(struct cx *, const struct booking *);
enum err proposal_expiry_run(struct work *, const struct job *);

enum err code_mail_run(struct work *, const struct job *);
enum err booking_mail_run(struct work *, const struct job *);

/* mail_fits - whether one more mail may be sent today: `whom` and `most` of mail_quota_take.  Always where mails are not
 * counted; a mail that is tried again was counted. */
enum err mail_fits(struct work *, const struct job *, str whom, int64_t most, bool *fits);

/* mail_send - hand over to the mailer and judge: OK, E_UNAVAILABLE with work->wait, E_REFUSED for good. */
enum err mail_send(struct work *, struct mail *);

/* booking_ical - the calendar object of a booking, as one of its people gets it; *out is in the arena.
 *   method   PUBLISH for a download */
enum err booking_ical(struct cx *, enum ical_method, const struct booking *, str organizer, range when,
		      int64_t sequence, str url, struct ical *out);
#endif
