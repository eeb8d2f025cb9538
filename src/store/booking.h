/* booking - meetings of a host with an invitee, their guests and answers. */
#ifndef STORE_BOOKING_H
#define STORE_BOOKING_H
#include "core/policy.h"
#include "account.h"
#include "event_type.h"
#include "guest.h"
#include "proposal.h"

enum {
	BOOKING_NOTES = 2000,
	BOOKING_REASON = 500,
	BOOKING_ANSWER = 2000,
	BOOKING_DESCRIPTION = 4000,
	BOOKING_PRIVATE = 10000,
	BOOKING_METADATA = 4096,
};

struct answer {
	uuid booking_id, question_id;
	str label, value;
};

/* booking - with what its event type and host are called, for whoever shows it. */
struct booking {
	uuid id, account_id, event_type_id, reservation_id;
	unsigned status;       /* enum booking_status */
	instant pending_until; /* NONE unless pending */
	instant start, end;
	str time_zone;     /* the invitee's */
	unsigned language; /* the invitee's, index into LANGUAGES */
	str invitee_name, invitee_email, title, notes;
	str description, private_notes; /* the host's: for everybody, for the host alone */
	struct location location;       /* absent: none */
	struct price price;             /* absent: free */
	struct raw_json metadata;
	bool send_mails; /* to invitee and guests */
	int64_t sequence, version;
	str cancelled_by, cancel_reason;
	instant asked_at; /* when the host asked for another time, until it changes; NONE */
	str asked_reason;
	instant created_at, updated_at;

	struct proposal proposal;                 /* joined; id all zero: none */
	str event_code, event_title, event_color; /* joined */
	str host_username, host_first_name, host_last_name, host_time_zone, host_email;
	unsigned host_language;
	int64_t cancel_notice_minutes, reschedule_notice_minutes; /* of the event type */
	bool reason_required, event_send_mails;

	struct list guests, answers; /* booking_load_people */
};

/* booking_insert - with its guests and answers, in the order in which they will be read; sets id, sequence, version and
 * times. */
enum err booking_insert(struct cx *, struct booking *);

/* booking_join - the members that are read along, from the rows themselves. */
void booking_join(struct booking *, const struct event_type *, const struct account *host);

/* booking_get - one by id, guests and answers included: the caller checks whose it is.   E_NOT_FOUND
 * booking_get_own - one of the actor's (the host). */
enum err booking_get(struct cx *, uuid id, struct booking *out);
enum err booking_get_own(struct cx *, uuid id, struct booking *out);

/* booking_list - the actor's, by start and id ascending, without guests and answers; booking_list_pending - those that
 * wait for the host, by when they run out; after_start is such a moment then, and status is not read.
 *   from, to  NONE: unbounded; [from, to) of the start     status  "" any     after  cursor
 *   search    absent, or a part of the invitee's name, address or the title, in any case */
struct booking_filter {
	instant from, to, after_start, updated_since;
	uuid after_id, event_type_id;
	str status, search;
	str proposed_by; /* absent any; "host", "invitee": with an open proposal of theirs */
	int64_t limit;
};
enum err booking_list(struct cx *, const struct booking_filter *, struct list *out);
enum err booking_list_pending(struct cx *, const struct booking_filter *, struct list *out);

/* booking_step - save what a step changed: status, pending_until, reservation, times, who and why; sequence + 1,
 * version + 1.  What was open about it as it was, a proposal or the host's wish for another time, ends with it.
 *   E_VERSION  it is not at b->version any more (compare and swap)
 * booking_talk - save what leaves the meeting itself alone: asked_at and asked_reason, or that its proposal came or went;
 * version + 1.   E_VERSION as above */
enum err booking_step(struct cx *, struct booking *b);
enum err booking_talk(struct cx *, struct booking *b);

/* booking_host_name - first and last name. */
str booking_host_name(struct arena *, const struct booking *);

/* booking_list_invitee - what an address has booked that is to come and stands or waits, by start, at most
 * BOOKINGS_MAILED: id, title, time and host's name. */
enum { BOOKINGS_MAILED = 50 };
enum err booking_list_invitee(struct cx *, str email, struct list *out);
/* booking_touch - something of it changed that no calendar shows: version + 1.   E_VERSION
 * booking_revise - save title, description, private notes, metadata and location: version + 1; told: sequence + 1 as
 * well, because calendars are to show it.   E_VERSION */
enum err booking_touch(struct cx *, struct booking *);
enum err booking_revise(struct cx *, struct booking *, bool told);

/* booking_text - what of a booking the audit keeps: nothing personal. */
str booking_text(struct arena *, const struct booking *);

/* booking_complete - confirmed ones that have ended, at most 1,000 at a time. */
enum err booking_complete(struct cx *);

/* booking_unreserve - it stands on no reservation: between releasing one time and taking another, in one transaction. */
enum err booking_unreserve(struct cx *, const struct booking *);

/* booking_count_invitee - living future bookings of an address, for the cap on squatting. */
enum err booking_count_invitee(struct cx *, str email, int64_t *count);

/* booking_upcoming - ids (struct booking, id only) of the actor's first pending and confirmed bookings that are to come. */
enum err booking_upcoming(struct cx *, int64_t limit, struct list *out);
#endif
