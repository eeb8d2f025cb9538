/* Holds, email proofs and bookings over HTTP. */
#include "base/rule.h"
#include "booking_steps.h"
#include "booking_view.h"
#include "change.h"
#include "routes.h"
#include "sign_in.h"

/* ---- holds */

static enum err hold_precheck(struct call *c)
{
	return hold_look(c, c->body);
}

static enum err hold_make(struct call *c)
{
	struct hold hold;
	TRY(hold_create(c, c->body, &hold));
	return reply_object(c, HOLD, &hold);
}

static enum err hold_give_back(struct call *c)
{
	struct hold hold;
	bool found;
	TRY(hold_find(c->cx, c->id, &hold, &found));
	if (!found)
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such hold, or it has run out");
	return hold_remove(c->cx, &hold);
}

/* ---- email proofs */

struct proof_request {
	str email;
};
static const struct field PROOF_REQUEST[] = {
	FIELD(struct proof_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "A one-time code goes there"),
	FIELD_END,
};
static const struct field PROOF[] = {
	FIELD(struct proof, id, OUT, .doc = "The proof's id, for verifying"),
	FIELD(struct proof, expires_at, OUT, .doc = "Until when the code is good"),
	FIELD_END,
};
struct proof_code {
	str code;
};
static const struct field PROOF_CODE[] = {
	FIELD(struct proof_code, code, IN | MUST, .rule = &RULE_OTP, .min = 6, .max = 6,
	      .doc = "Six digits from the mail"),
	FIELD_END,
};
struct proof_token {
	str email_proof;
};
static const struct field PROOF_TOKEN[] = {
	FIELD(struct proof_token, email_proof, OUT, .doc = "Serves every booking of its address for two hours"),
	FIELD_END,
};

static enum err proof_make(struct call *c)
{
	struct proof proof;
	TRY(proof_begin(c, ((const struct proof_request *)c->body)->email, &proof));
	return reply_object(c, PROOF, &proof);
}

static enum err proof_verify(struct call *c)
{
	struct proof_token token;
	bool right;
	TRY(proof_end(c, c->id, ((const struct proof_code *)c->body)->code, &token.email_proof, &right));
	return right ? reply_object(c, PROOF_TOKEN, &token) : code_wrong(c);
}

/* ---- bookings */

static bool is_proposer(str s)
{
	return str_is(s, S("host")) || str_is(s, S("invitee"));
}
static const struct rule RULE_PROPOSER = { .wants = "host or invitee", .holds = is_proposer };
enum bookings_order { ORDER_START, ORDER_PENDING_UNTIL };
static const char *const BOOKING_ORDERS[] = { "start", "pending_until", NULL };
struct bookings_query {
	int64_t limit;
	str cursor, status, search;
	unsigned order;
	str proposed_by;
	instant from, to, updated_since;
	uuid event_type_id;
};
static bool is_status(str s)
{
	for (size_t i = 0; BOOKING_STATUSES[i]; i++)
		if (str_is(s, str_of(BOOKING_STATUSES[i])))
			return true;
	return false;
}
static const struct rule RULE_STATUS = { .wants =
					     "pending, confirmed, rejected, cancelled, expired, completed or no_show",
					 .holds = is_status };
static const struct field BOOKINGS_QUERY[] = {
	PAGE_FIELDS(struct bookings_query),
	FIELD(struct bookings_query, status, IN | MAYBE, .rule = &RULE_STATUS, .max = 20,
	      .doc = "pending, confirmed, rejected, cancelled, expired, completed or no_show"),
	FIELD(struct bookings_query, order, IN, .choices = BOOKING_ORDERS,
	      .doc = "pending_until: requests by when they run out, with status=pending"),
	FIELD(struct bookings_query, proposed_by, IN | MAYBE, .rule = &RULE_PROPOSER, .max = 10,
	      .doc = "host or invitee: with other times that the other side has not answered yet"),
	FIELD(struct bookings_query, search, IN | MAYBE, .max = 100,
	      .doc = "A part of the invitee's name or address, or of the title"),
	FIELD(struct bookings_query, from, IN | MAYBE, .doc = "Starting then or later"),
	FIELD(struct bookings_query, to, IN | MAYBE, .doc = "Starting before"),
	FIELD(struct bookings_query, updated_since, IN | MAYBE, .doc = "Changed then or later"),
	FIELD(struct bookings_query, event_type_id, IN | MAYBE, .doc = "Of this event type"),
	FIELD_END,
};

struct show_request {
	bool showed;
};
static const struct field SHOW_REQUEST[] = {
	FIELD(struct show_request, showed, IN, .doc = "true takes a no-show back"), FIELD_END
};
struct move_request {
	instant start;
	str reason;
};
static const struct field MOVE_REQUEST[] = {
	FIELD(struct move_request, start, IN | MUST, .doc = "Start of the new slot"),
	FIELD(struct move_request, reason, IN | MAYBE, .rule = &RULE_TEXT, .max = BOOKING_REASON,
	      .doc = "Told to the others"),
	FIELD_END,
};

static enum err booking_precheck(struct call *c)
{
	return booking_look(c, c->body);
}

static enum err booking_make(struct call *c)
{
	struct booking b;
	TRY(booking_create(c, c->body, &b));
	change_location(c, b.id);
	return booking_reply(c, &b, true);
}

static enum err booking_show(struct call *c)
{
	struct booking b;
	TRY(booking_find(c, &b));
	return booking_reply(c, &b, c->caller.is & MAY_INVITEE);
}

static enum err booking_end(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_call_off(c, &b, ((const struct reason_request *)c->body)->reason));
	return booking_reply(c, &b, c->caller.is & MAY_INVITEE);
}

static enum err booking_shift(struct call *c)
{
	const struct move_request *r = c->body;
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_reschedule(c, &b, r->start, r->reason));
	return booking_reply(c, &b, c->caller.is & MAY_INVITEE);
}

static enum err booking_yes(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_confirm(c, &b));
	return booking_reply(c, &b, false);
}

static enum err booking_no(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_reject(c, &b, ((const struct reason_request *)c->body)->reason));
	return booking_reply(c, &b, false);
}

static enum err booking_missed(struct call *c)
{
	struct booking b;
	TRY(booking_open(c, &b));
	TRY(booking_no_show(c, &b, ((const struct show_request *)c->body)->showed));
	return booking_reply(c, &b, false);
}

static enum err bookings_show(struct call *c)
{
	const struct bookings_query *q = c->query;
	bool by_end = q->order == ORDER_PENDING_UNTIL;
	struct cursor cursor;
	struct list rows;
	TRY(cursor_parse(c->cx, q->cursor, &cursor));
	if (instant_is(q->from) && instant_is(q->to) && q->to.s < q->from.s)
		return FAIL(c->cx, E_INVALID, S("/to"), "must not be before from");
	if (by_end && !str_is(q->status, S("pending")))
		return FAIL(c->cx, E_INVALID, S("/order"), "can be pending_until only with status=pending");
	struct booking_filter filter = { .from = q->from,
					 .to = q->to,
					 .updated_since = q->updated_since,
					 .event_type_id = q->event_type_id,
					 .status = q->status,
					 .proposed_by = q->proposed_by,
					 .search = q->search.n ? search_pattern(c->cx, q->search) : (str){ NULL, 0 },
					 .after_start = cursor.at,
					 .after_id = cursor.id,
					 .limit = q->limit + 1 };
	TRY(by_end ? booking_list_pending(c->cx, &filter, &rows) : booking_list(c->cx, &filter, &rows));
	bool more = page_cut(&rows, q->limit);
	struct booking_view *views = NEWS(&c->cx->arena, struct booking_view, rows.n + 1);
	struct booking *b = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		views[i] = booking_view_of(c, &b[i], false);
	if (more)
		cursor =
		    (struct cursor){ by_end ? b[rows.n - 1].pending_until : b[rows.n - 1].start, b[rows.n - 1].id };
	return reply_list(c, BOOKING_VIEW, sizeof *views, &(struct list){ views, rows.n },
			  more ? cursor_format(&c->cx->arena, &cursor) : (str){ NULL, 0 });
}

const struct route BOOKING_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/holds",
	  .look = hold_precheck,
	  .run = hold_make,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = HOLD_REQUEST,
	  .body_size = sizeof(struct hold_request),
	  .creates = true,
	  .status = 201,
	  .reply = HOLD,
	  .name = "createHold",
	  .doc = "Keep a slot for ten minutes" },
	{ .method = "DELETE",
	  .path = "/v1/holds/{id}",
	  .run = hold_give_back,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "deleteHold",
	  .doc = "Give a held slot back" },
	{ .method = "POST",
	  .path = "/v1/email-proofs",
	  .run = proof_make,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .body = PROOF_REQUEST,
	  .body_size = sizeof(struct proof_request),
	  .status = 201,
	  .creates = true,
	  .reply = PROOF,
	  .name = "createEmailProof",
	  .doc = "Send a one-time code to who wants to book" },
	{ .method = "POST",
	  .path = "/v1/email-proofs/{id}/verify",
	  .run = proof_verify,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = PROOF_CODE,
	  .body_size = sizeof(struct proof_code),
	  .reply = PROOF_TOKEN,
	  .name = "verifyEmailProof",
	  .doc = "Swap the code for a proof of the address" },
	{ .method = "POST",
	  .path = "/v1/bookings",
	  .look = booking_precheck,
	  .run = booking_make,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = BOOKING_REQUEST,
	  .body_size = sizeof(struct booking_request),
	  .creates = true,
	  .status = 201,
	  .reply = BOOKING_VIEW,
	  .name = "createBooking",
	  .doc = "Book a slot" },
	{ .method = "GET",
	  .path = "/v1/bookings",
	  .run = bookings_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "bookings:read",
	  .query = BOOKINGS_QUERY,
	  .query_size = sizeof(struct bookings_query),
	  .reply = BOOKING_VIEW,
	  .list = true,
	  .name = "listBookings",
	  .doc = "One's bookings as host; guests and answers are in the single ones" },
	{ .method = "GET",
	  .path = "/v1/bookings/{id}",
	  .run = booking_show,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "bookings:read",
	  .reply = BOOKING_VIEW,
	  .name = "getBooking",
	  .doc = "One booking, to its host and its invitee" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/cancel",
	  .run = booking_end,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = REASON_REQUEST,
	  .body_optional = true,
	  .body_size = sizeof(struct reason_request),
	  .reply = BOOKING_VIEW,
	  .name = "cancelBooking",
	  .doc = "Cancel: everybody is told; a repeat changes nothing" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/reschedule",
	  .run = booking_shift,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = MOVE_REQUEST,
	  .body_size = sizeof(struct move_request),
	  .reply = BOOKING_VIEW,
	  .name = "rescheduleBooking",
	  .doc = "Move to another slot: same booking, same UID, sequence + 1" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/confirm",
	  .run = booking_yes,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = NOTHING,
	  .body_optional = true,
	  .body_size = sizeof(struct nothing),
	  .reply = BOOKING_VIEW,
	  .name = "confirmBooking",
	  .doc = "Say yes to a request; a repeat changes nothing" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/reject",
	  .run = booking_no,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = REASON_REQUEST,
	  .body_optional = true,
	  .body_size = sizeof(struct reason_request),
	  .reply = BOOKING_VIEW,
	  .name = "rejectBooking",
	  .doc = "Say no to a request; its time is free again" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/no-show",
	  .run = booking_missed,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .body = SHOW_REQUEST,
	  .body_optional = true,
	  .body_size = sizeof(struct show_request),
	  .reply = BOOKING_VIEW,
	  .name = "markNoShow",
	  .doc = "Note that the invitee did not come, or take that back" },
	{ .method = NULL },
};
