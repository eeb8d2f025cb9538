/* book - what the steps of booking share: the event type, the time chosen, what was typed. */
#ifndef API_PAGES_BOOK_H
#define API_PAGES_BOOK_H
#include "api/booking_steps.h"
#include "form.h"
#include "offer.h"
#include "store/account.h"

/* visit - one call of a booking page. */
struct visit {
	struct account host;
	struct event_type event_type;
	struct availability availability;
	struct offer offer;
	instant start;                  /* NONE: not chosen yet */
	struct hold hold;               /* id all zero: none that lives */
	struct booking_request request; /* after request_read */
	struct page *details;           /* the page with what was typed, for when a later step fails */
	str proof;                      /* that the address was proved, by this call or one before */
};

/* visit_open - load the event type of the path, and what the address or form says about it.   E_NOT_FOUND */
enum err visit_open(struct call *, const char *template, struct visit *out);

/* visit_range - the time chosen. */
range visit_range(const struct visit *);

/* details_open - the page that asks who books, filled with what was typed. */
enum err details_open(struct call *, struct visit *);

/* request_read - what was typed as a booking request, each wrong field noted for the page.   E_INVALID */
enum err request_read(struct call *, struct visit *);

/* GUESTS_FIELD - addresses in a text area.  guests_write - what was typed there as the member "guests" of a request. */
extern const struct form_field GUESTS_FIELD;
void guests_write(struct buf *, str text, unsigned role);

/* proof_open - the page that asks for the code; everything typed goes along. */
enum err proof_open(struct call *, struct visit *, uuid proof);

/* person_name - first and last name. */
str person_name(struct arena *, str first, str last);

/* when_put - `when` in the reader's zone, and `other` in the host's where its clock differs. */
enum err when_put(struct call *, struct value *data, range, str host_zone);

/* lines_value - text of several lines, a list. */
struct value *lines_value(struct arena *, str text);

/* ask_put - where to go when no time suits, as `ask`. */
void ask_put(struct call *, const struct visit *);
#endif
