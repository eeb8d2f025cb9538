/* booking_view - a booking as the API shows it, and as events tell of it. */
#ifndef STORE_BOOKING_VIEW_H
#define STORE_BOOKING_VIEW_H
#include "booking.h"

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
	str title, notes, description, private_notes;
	struct price price;
	struct raw_json metadata;
	bool send_mails;
	str manage_url;
	int64_t sequence, version;
	str cancelled_by, cancel_reason;
	instant asked_at;
	str asked_reason;
	struct {
		unsigned by;
		struct list starts;
		str note;
		instant expires_at;
	} proposal;
	instant created_at, updated_at;
};

/* booking_view_make - without manage_url, which is for who books and for the invitee, and without
 * private_notes, which are for the host. */
struct booking_view booking_view_make(struct cx *, const struct booking *);
#endif
