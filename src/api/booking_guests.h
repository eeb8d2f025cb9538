/* booking_guests - who else is invited to a booking, for API and pages alike; what writes is in a write transaction. */
#ifndef API_BOOKING_GUESTS_H
#define API_BOOKING_GUESTS_H
#include "booking_steps.h"

/* guests_request - as POST /v1/bookings/{id}/guests takes it. */
struct guests_request {
	struct list guests; /* of booking_guest */
};
extern const struct field GUESTS_REQUEST[];
extern const struct field GUEST_REQUEST[];

/* guests_of - booking_guest as guests, each address once.   E_INVALID  a role that is only the host's to give */
enum err guests_of(struct call *, const struct list *asked, bool by_host, struct list *out);

/* guests_without_parties - host and invitee are at the meeting anyway: as guests they would hear of it twice. */
void guests_without_parties(struct list *guests, const struct booking *);

/* booking_invite - guests more, of booking_guest; who is invited already stays.  booking_uninvite - one less, by its id.
 *   E_REFUSED  core/policy.h forbids it, or BOOKING_GUESTS_ALL     E_NOT_FOUND  no such guest
 *   E_FORBIDDEN, E_INVALID  a co-host by somebody else than the host */
enum err booking_invite(struct call *, struct booking *, const struct list *asked);
enum err booking_uninvite(struct call *, struct booking *, uuid guest);

/* co_hosts_add - who hosts an event type with its owner, before the other guests; guests with such an address are these.
 * co_hosts_join - whoever among a booking's guests is to host and agreed has their time taken as well.
 * co_hosts_of - the accounts of those whose time is taken.
 *   E_SLOT_TAKEN  one of them has something else then */
enum err co_hosts_add(struct call *, const struct list *accounts, struct list *guests);
enum err co_hosts_join(struct call *, const struct booking *, struct list *guests);
struct list co_hosts_of(struct arena *, const struct booking *);

/* invitation_find - what the caller's guest token is for.   E_NOT_FOUND  not invited any more     E_EXPIRED
 * invitation_answer - save the answer; the host hears of a refusal.   E_REFUSED  core/policy.h */
enum err invitation_find(struct call *, struct guest *, struct booking *);
enum err invitation_answer(struct call *, struct guest *, struct booking *, unsigned rsvp);
#endif
