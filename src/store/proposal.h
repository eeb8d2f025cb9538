/* proposal - up to five other times for a booking, offered by one side until the other answers.  Each is held through the
 * guard.  It lives only as long as its booking stays what it was: booking_step ends it. */
#ifndef STORE_PROPOSAL_H
#define STORE_PROPOSAL_H
#include "guard.h"

enum proposer { PROPOSER_HOST, PROPOSER_INVITEE };
extern const char *const PROPOSERS[];
enum { PROPOSAL_STARTS = 5, PROPOSAL_NOTE = 500 };

/* proposal - as rows of bookings carry it (booking.h); id all zero: none. */
struct proposal {
	uuid id, booking_id;
	unsigned by;        /* enum proposer */
	struct list starts; /* of instant, ascending */
	str note;           /* absent when not given */
	instant created_at, expires_at;
};

/* PROPOSAL_START - the element of `starts`. */
extern const struct field PROPOSAL_START[];

/* proposal_is_open - there is one, and its times are held still. */
bool proposal_is_open(const struct proposal *, instant now);

/* proposal_insert - with a hold on each reservation that its claims took; sets id and created_at. */
enum err proposal_insert(struct cx *, struct proposal *, const struct claim *claims);

/* proposal_end - it goes, and what it held is free; none is fine. */
enum err proposal_end(struct cx *, uuid id);
#endif
