/* manage - what the invitee's private pages share: the booking of their link, and what they show of it. */
#ifndef API_PAGES_MANAGE_H
#define API_PAGES_MANAGE_H
#include "book.h"

/* managed - one call of these pages. */
struct managed {
	struct booking booking;
	str path, reason;   /* path: of the private page */
	instant start;      /* chosen; NONE: none */
	struct list chosen; /* of instant: to be proposed */
	struct list guests; /* of booking_guest: to be invited */
	uuid guest;         /* to be removed */
};

/* managed_open - the booking of the token in the address, and a page.   E_NOT_FOUND, E_EXPIRED */
enum err managed_open(struct call *, const char *template, struct managed *out);

/* managed_is_open - it is to come, and something can be done about it. */
bool managed_is_open(const struct call *, const struct booking *);

/* managed_put - all that the page shows of it.
 * managed_offer - that, and an offer of other times: o->extra and o->chosen are the caller's, then offer_put.
 * managed_failed - cx->fault beside the field it is about, or as what it means to an invitee. */
enum err managed_put(struct call *, const struct managed *);
enum err managed_offer(struct call *, struct managed *, struct offer *o, struct availability *);
void managed_failed(struct call *, struct page *);

/* reason_open - the form that asks why; reason_read - what was typed, as m->reason. */
void reason_open(struct call *, const struct managed *);
enum err reason_read(struct call *, struct managed *);

/* guests_open - the form that invites guests, as `guest_fields`; to be called before the form that may fail. */
void guests_open(struct call *);

/* moment_text - a date and a time of day, as the page's reader reads them. */
str moment_text(struct call *, instant);

/* proposal_put - what is proposed for it, as `proposal`; none when nothing is. */
void proposal_put(struct call *, const struct managed *);

/* propose_open - the page that offers other times to propose. */
enum err propose_open(struct call *, struct managed *, struct offer *, struct availability *);
#endif
