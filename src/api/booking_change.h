/* booking_change - what the steps of a booking share: who takes them, on which terms, and how it moves. */
#ifndef API_BOOKING_CHANGE_H
#define API_BOOKING_CHANGE_H
#include "booking_steps.h"

/* booking_party_of - host or invitee: who calls.  booking_party_name - as rows and mails name them. */
enum booking_party booking_party_of(const struct call *);
str booking_party_name(enum booking_party);

/* booking_in_time - E_REFUSED: an invitee is later than a cut-off of the event type.
 * booking_terms - that, and the reason, where the host wants one; field is the one to blame for its lack. */
enum err booking_in_time(struct call *, const struct booking *, int64_t notice_minutes);
enum err booking_terms(struct call *, const struct booking *, int64_t notice_minutes, str field, str reason);

/* booking_offered - its event type.   E_REFUSED  it was deleted, so no time of it can be had any more */
enum err booking_offered(struct call *, const struct booking *, struct event_type *out);

/* booking_claim - another time of the same length for it.
 * booking_move - take that through the guard, and save; pending when the claim expires.  Old time and proposal are let go
 * in the same transaction, so a refusal changes nothing.   Fails as guard_take, booking_step */
struct claim booking_claim(struct arena *, const struct booking *, instant start);
enum err booking_move(struct call *, struct booking *, struct claim *);
#endif
