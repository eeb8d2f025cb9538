/* guest - who else is invited to a meeting, and what they answered. */
#ifndef STORE_GUEST_H
#define STORE_GUEST_H
#include "db.h"

/* ACTIVE takes part, PASSIVE is only told, CO_HOST hosts with the host, who alone makes somebody one. */
enum guest_role { GUEST_ACTIVE, GUEST_PASSIVE, GUEST_CO_HOST };
enum guest_rsvp { RSVP_NEEDS_ACTION, RSVP_ACCEPTED, RSVP_DECLINED, RSVP_TENTATIVE };
extern const char *const GUEST_ROLES[], *const GUEST_RSVPS[];

enum { BOOKING_GUESTS = 10, BOOKING_GUESTS_ALL = 30 }; /* in one request, and of a booking */

struct guest {
	uuid id; /* of the guest's own link */
	uuid booking_id;
	str email, name; /* name absent when not given */
	unsigned role, rsvp;
	uuid account_id; /* a co-host's who agreed and whose time is taken; all zero: nobody's */
};

/* guest_insert - sets id.  Its address must not be invited to that booking already.
 * guest_remove - by id; repeating it changes nothing. */
enum err guest_insert(struct cx *, struct guest *);
enum err guest_remove(struct cx *, uuid id);

/* guest_list - of struct guest, those of a booking, by address.
 * guest_ask_list - they will be wanted in a moment: see db_ask.
 * guest_find - one by id: the caller holds the guest's token. */
enum err guest_list(struct cx *, uuid booking_id, struct list *out);
enum err guest_ask_list(struct cx *, uuid booking_id);
enum err guest_find(struct cx *, uuid id, struct guest *out, bool *found);

/* guest_takes_time - whether their time is taken as well. */
bool guest_takes_time(const struct guest *);

/* guest_answer - save g->rsvp.
 * guest_ask_again - whoever answered for another time is asked anew, but for co-hosts, whose time is taken. */
enum err guest_answer(struct cx *, const struct guest *);
enum err guest_ask_again(struct cx *, uuid booking_id);
#endif
