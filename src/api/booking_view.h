/* booking_view - a booking as the API shows it. */
#ifndef API_BOOKING_VIEW_H
#define API_BOOKING_VIEW_H
#include "api.h"
#include "store/booking.h"

extern const struct field BOOKING_VIEW[];

struct booking_view {
	uuid id;
	str uid;
	unsigned status;
	instant pending_until;
	instant start, end;
	int64_t duration_minutes;
	struct {
		uuid id;
		str code, title;
	} event_type;
	struct {
		str username, first_name, last_name, time_zone;
	} host;
	struct {
		str name, email, time_zone;
	} invitee;
	struct list guests, answers;
	struct location location;
	str title, notes;
	struct price price;
	struct raw_json metadata;
	str manage_url;
	int64_t sequence, version;
	str cancelled_by, cancel_reason;
	instant created_at, updated_at;
};

/* booking_view_of - with_link: the invitee's own link is shown: to who books and to the invitee, never in lists. */
struct booking_view booking_view_of(struct call *, const struct booking *, bool with_link);

/* manage_url - the invitee's private page. */
str manage_url(struct call *, uuid booking);
#endif
