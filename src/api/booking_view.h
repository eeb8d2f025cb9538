/* booking_view - a booking as the API shows it to who asks. */
#ifndef API_BOOKING_VIEW_H
#define API_BOOKING_VIEW_H
#include "api.h"
#include "store/booking_view.h"

/* booking_view_of - with_link: the invitee's own link is shown: to who books and to the invitee, never in lists. */
struct booking_view booking_view_of(struct call *, const struct booking *, bool with_link);

/* booking_reply - answer with it; its version is the ETag. */
enum err booking_reply(struct call *, const struct booking *, bool with_link);

/* manage_url - the invitee's private page. */
str manage_url(struct call *, uuid booking);
#endif
