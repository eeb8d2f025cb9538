/* Other times for a booking over HTTP: proposed, accepted, declined, withdrawn; and asking for another time. */
#include "base/rule.h"
#include "booking_steps.h"
#include "booking_view.h"
#include "routes.h"

struct propose_request {
	struct list starts; /* of instant */
	str note;
};
static const struct field PROPOSE_REQUEST[] = {
	LIST(struct propose_request, starts, IN | MUST, PROPOSAL_START, instant, .min = 1, .max = PROPOSAL_STARTS,
	     .doc = "Starts of the times to choose from, each as long as the booking"),
	FIELD(struct propose_request, note, IN | MAYBE, .rule = &RULE_TEXT, .max = PROPOSAL_NOTE,
	      .doc = "Told to the other side"),
	FIELD_END,
};
struct accept_request {
	instant start;
};
static const struct field ACCEPT_REQUEST[] = {
	FIELD(struct accept_request, start, IN | MUST, .doc = "Which of the proposed times"), FIELD_END
};

static enum err reply(struct call *c, const struct booking *b)
{
	return booking_reply(c, b, c->caller.is & MAY_INVITEE);
}

static enum err proposal_make(struct call *c)
{
	const struct propose_request *r = c->body;
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_propose(c, &b, &r->starts, r->note));
	return reply(c, &b);
}

static enum err proposal_accept(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_accept(c, &b, ((const struct accept_request *)c->body)->start));
	return reply(c, &b);
}

static enum err proposal_decline(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_decline(c, &b, ((const struct reason_request *)c->body)->reason));
	return reply(c, &b);
}

static enum err proposal_withdraw(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_withdraw(c, &b));
	return reply(c, &b);
}

static enum err move_ask(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_ask(c, &b, ((const struct reason_request *)c->body)->reason));
	return reply(c, &b);
}

const struct route PROPOSAL_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/propose",
	  .run = proposal_make,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = PROPOSE_REQUEST,
	  .body_size = sizeof(struct propose_request),
	  .reply = BOOKING_VIEW,
	  .name = "proposeTimes",
	  .doc = "Offer other times, each held until the other side answers; replaces what was proposed before" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/accept",
	  .run = proposal_accept,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = ACCEPT_REQUEST,
	  .body_size = sizeof(struct accept_request),
	  .reply = BOOKING_VIEW,
	  .name = "acceptProposal",
	  .doc = "Take one of the proposed times: same booking, same UID, sequence + 1" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/decline",
	  .run = proposal_decline,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = REASON_REQUEST,
	  .body_optional = true,
	  .body_size = sizeof(struct reason_request),
	  .reply = BOOKING_VIEW,
	  .name = "declineProposal",
	  .doc = "None of the proposed times: the booking stays as it is" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/withdraw",
	  .run = proposal_withdraw,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = NOTHING,
	  .body_optional = true,
	  .body_size = sizeof(struct nothing),
	  .reply = BOOKING_VIEW,
	  .name = "withdrawProposal",
	  .doc = "Take back what one proposed: the booking stays as it is" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/request-reschedule",
	  .run = move_ask,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = REASON_REQUEST,
	  .body_optional = true,
	  .body_size = sizeof(struct reason_request),
	  .reply = BOOKING_VIEW,
	  .name = "requestReschedule",
	  .doc = "Ask the invitee to choose another time; the booking stays as it is, a repeat changes nothing" },
	{ .method = NULL },
};
