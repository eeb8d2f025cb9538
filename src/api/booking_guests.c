/* Who else is invited: added and removed by host and invitee, and what guests answer by their own links. */
#include "booking_guests.h"
#include "base/token.h"
#include "booking_change.h"
#include "booking_steps.h"
#include "booking_view.h"
#include "routes.h"
#include "store/event.h"
#include "store/event_type.h"

/* ---- steps */

static const struct guest *guest_by_email(const struct booking *b, str email)
{
	const struct guest *g = b->guests.items;
	for (size_t i = 0; i < b->guests.n; i++)
		if (str_is(g[i].email, email))
			return &g[i];
	return NULL;
}

static enum err step_check(struct call *c, const struct booking *b, enum booking_step step, enum booking_party by)
{
	const struct policy *policy;
	return policy_find(c->cx, step, by, b->status, (range){ b->start, b->end }, &policy);
}

/* What changed, for the audit, without anything personal, and for who listens. */
static enum err note(struct call *c, const struct booking *b, const char *action, str before, str after)
{
	TRY(booking_note(c, str_of(action), b, before, after));
	return event_add(c->cx, EVENT_UPDATED, b, NO_RANGE);
}

static str count_text(struct call *c, size_t n)
{
	return str_format(&c->cx->arena, "{\"guests\":%zu}", n);
}

/* Who was added or removed, and where it is a co-host host and invitee too; nobody of what does not stand yet. */
static enum err tell_one(struct call *c, const struct booking *b, const struct guest *g, bool added)
{
	if (b->status != BOOKING_CONFIRMED)
		return OK;
	TRY(booking_guest_mail_add(c->cx, added ? MESSAGE_BOOKED : MESSAGE_UNINVITED, b, g));
	return g->role == GUEST_CO_HOST ? booking_co_host_mail_add(c->cx, b, g, added, S("host")) : OK;
}

enum err booking_invite(struct call *c, struct booking *b, const struct list *asked)
{
	struct cx *cx = c->cx;
	struct list fresh;
	size_t had = b->guests.n, n = 0;
	TRY(step_check(c, b, STEP_INVITE, booking_party_of(c)));
	TRY(guests_of(c, asked, booking_party_of(c) == PARTY_HOST, &fresh));
	guests_without_parties(&fresh, b);
	struct guest *g = fresh.items;
	for (size_t i = 0; i < fresh.n; i++)
		if (!guest_by_email(b, g[i].email))
			g[n++] = g[i];
	if (had + n > BOOKING_GUESTS_ALL)
		return FAIL(cx, E_REFUSED, S("/guests"),
			    "would be more than the %d that one meeting can have: %zu are invited",
			    BOOKING_GUESTS_ALL, had);
	if (!n)
		return OK;
	fresh.n = n;
	TRY(co_hosts_join(c, b, &fresh));
	TRY(booking_touch(cx, b));
	for (size_t i = 0; i < n; i++) {
		g[i].booking_id = b->id;
		TRY(guest_insert(cx, &g[i]));
		TRY(tell_one(c, b, &g[i], true));
	}
	TRY(guest_list(cx, b->id, &b->guests));
	return note(c, b, "booking.invite", count_text(c, had), count_text(c, b->guests.n));
}

enum err booking_uninvite(struct call *c, struct booking *b, uuid guest)
{
	struct cx *cx = c->cx;
	struct guest g = { 0 };
	size_t had = b->guests.n;
	bool told = b->status == BOOKING_CONFIRMED;
	for (size_t i = 0; i < had; i++)
		if (uuid_same(((const struct guest *)b->guests.items)[i].id, guest))
			g = ((const struct guest *)b->guests.items)[i];
	if (!uuid_is(g.id))
		return FAIL(cx, E_NOT_FOUND, S(""), "there is no such guest at this meeting");
	TRY(step_check(c, b, STEP_INVITE, booking_party_of(c)));
	if (g.role == GUEST_CO_HOST && booking_party_of(c) != PARTY_HOST)
		return FAIL(cx, E_FORBIDDEN, S(""), "a co-host is the host's to remove");
	TRY(guest_remove(cx, g.id));
	if (guest_takes_time(&g))
		TRY(guard_leave(cx, b->reservation_id, g.account_id));
	TRY(told ? booking_revise(cx, b, true) : booking_touch(cx, b));
	TRY(guest_list(cx, b->id, &b->guests));
	TRY(note(c, b, "booking.uninvite", count_text(c, had), count_text(c, b->guests.n)));
	if (told)
		TRY(booking_plan(c, b));
	return tell_one(c, b, &g, false);
}

enum err invitation_find(struct call *c, struct guest *g, struct booking *b)
{
	struct cx *cx = c->cx;
	bool found;
	TRY(guest_find(cx, c->caller.guest, g, &found));
	if (!found)
		return FAIL(cx, E_NOT_FOUND, S(""), "you are not invited to this meeting any more");
	TRY(booking_get(cx, g->booking_id, b));
	if (cx->now.s > b->end.s + (int64_t)MANAGE_DAYS * DAY_SECONDS)
		return FAIL(cx, E_EXPIRED, S(""), "this link ended %d days after the meeting", MANAGE_DAYS);
	return OK;
}

static str rsvp_text(struct call *c, const struct guest *g, unsigned rsvp)
{
	char id[UUID_TEXT];
	return str_format(&c->cx->arena, "{\"guest\":\"%s\",\"rsvp\":\"%s\"}", uuid_format(id, g->id).p,
			  GUEST_RSVPS[rsvp]);
}

enum err invitation_answer(struct call *c, struct guest *g, struct booking *b, unsigned rsvp)
{
	struct cx *cx = c->cx;
	unsigned before = g->rsvp;
	if (before == rsvp)
		return OK;
	TRY(step_check(c, b, STEP_ANSWER, PARTY_GUEST));
	if (before == RSVP_DECLINED && uuid_is(g->account_id))
		TRY(guard_join(cx, b->reservation_id, g->account_id));
	g->rsvp = rsvp;
	TRY(guest_answer(cx, g));
	if (rsvp == RSVP_DECLINED && uuid_is(g->account_id))
		TRY(guard_leave(cx, b->reservation_id, g->account_id));
	TRY(booking_touch(cx, b));
	TRY(guest_list(cx, b->id, &b->guests));
	TRY(note(c, b, "booking.rsvp", rsvp_text(c, g, before), rsvp_text(c, g, rsvp)));
	if (g->role == GUEST_CO_HOST && (rsvp == RSVP_DECLINED || before == RSVP_DECLINED))
		return booking_co_host_mail_add(cx, b, g, rsvp != RSVP_DECLINED, S("guest"));
	return rsvp == RSVP_DECLINED ? booking_decline_mail_add(cx, b, g) : OK;
}

/* ---- routes */

const struct field GUESTS_REQUEST[] = {
	LIST(struct guests_request, guests, IN | MUST, GUEST_REQUEST, struct booking_guest, .min = 1,
	     .max = BOOKING_GUESTS, .doc = "Who is invited too; who is invited already stays as they are"),
	FIELD_END,
};

static const char *const ANSWERS[] = { "accepted", "declined", "tentative", NULL };
struct rsvp_request {
	unsigned answer;
};
static const struct field RSVP_REQUEST[] = {
	FIELD(struct rsvp_request, answer, IN | MUST, .choices = ANSWERS, .doc = "Whether you come"),
	FIELD_END,
};

/* invitation - a meeting as its guest sees it. */
struct invitation {
	uuid booking_id;
	str title, description, host_name, invitee_name, email, name;
	unsigned status, role, rsvp;
	instant start, end;
	struct location location;
};
static const struct field INVITATION[] = {
	FIELD(struct invitation, booking_id, OUT, .doc = "The meeting's"),
	FIELD(struct invitation, status, OUT, .choices = BOOKING_STATUSES, .doc = "Where the booking stands"),
	FIELD(struct invitation, title, OUT, .doc = "What the meeting is called"),
	FIELD(struct invitation, description, OUT, .doc = "The host's, for everybody"),
	FIELD(struct invitation, start, OUT, .doc = "Start"),
	FIELD(struct invitation, end, OUT, .doc = "End, exclusive"),
	OBJECT(struct invitation, location, OUT | MAYBE, LOCATION, .doc = "Where"),
	FIELD(struct invitation, host_name, OUT, .doc = "Who hosts"),
	FIELD(struct invitation, invitee_name, OUT, .doc = "Who booked"),
	FIELD(struct invitation, email, OUT, .doc = "Your address, as it was invited"),
	FIELD(struct invitation, name, OUT | MAYBE, .doc = "Your name, as who invited you gave it"),
	FIELD(struct invitation, role, OUT, .choices = GUEST_ROLES, .doc = "Yours"),
	FIELD(struct invitation, rsvp, OUT, .choices = GUEST_RSVPS, .doc = "What you answered"),
	FIELD_END,
};

static enum err invitation_reply(struct call *c, const struct guest *g, const struct booking *b)
{
	struct invitation it = { .booking_id = b->id,
				 .status = b->status,
				 .title = b->title,
				 .description = b->description,
				 .start = b->start,
				 .end = b->end,
				 .location = b->location,
				 .host_name = booking_host_name(&c->cx->arena, b),
				 .invitee_name = b->invitee_name,
				 .email = g->email,
				 .name = g->name,
				 .role = g->role,
				 .rsvp = g->rsvp };
	return reply_object(c, INVITATION, &it);
}

/* The guest's own meeting, which the path must name. */
static enum err invitation_open(struct call *c, struct guest *g, struct booking *b)
{
	TRY(invitation_find(c, g, b));
	if (!uuid_same(b->id, c->id))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "this link is for another booking");
	return OK;
}

static enum err rsvp_show(struct call *c)
{
	struct guest g;
	struct booking b;
	TRY(invitation_open(c, &g, &b));
	return invitation_reply(c, &g, &b);
}

static enum err rsvp_take(struct call *c)
{
	static const unsigned answers[] = { RSVP_ACCEPTED, RSVP_DECLINED, RSVP_TENTATIVE };
	struct guest g;
	struct booking b;
	TRY(invitation_open(c, &g, &b));
	TRY(invitation_answer(c, &g, &b, answers[((const struct rsvp_request *)c->body)->answer]));
	return invitation_reply(c, &g, &b);
}

static enum err guests_open(struct call *c, struct booking *b)
{
	TRY(booking_find(c, b));
	return call_if_match(c, b->version);
}

static enum err guests_add(struct call *c)
{
	struct booking b;
	TRY(guests_open(c, &b));
	TRY(booking_invite(c, &b, &((const struct guests_request *)c->body)->guests));
	return booking_reply(c, &b, c->caller.is & MAY_INVITEE);
}

static enum err guest_drop(struct call *c)
{
	struct booking b;
	uuid guest;
	if (!uuid_parse(c->parameters[1], &guest))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such guest at this meeting");
	TRY(guests_open(c, &b));
	TRY(booking_uninvite(c, &b, guest));
	return booking_reply(c, &b, c->caller.is & MAY_INVITEE);
}

const struct route BOOKING_GUEST_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/guests",
	  .run = guests_add,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .scope = "bookings:write",
	  .body = GUESTS_REQUEST,
	  .body_size = sizeof(struct guests_request),
	  .reply = BOOKING_VIEW,
	  .name = "addGuests",
	  .doc = "Invite more people: each gets an invitation with a link of their own" },
	{ .method = "DELETE",
	  .path = "/v1/bookings/{id}/guests/{guest}",
	  .run = guest_drop,
	  .may = MAY_USER | MAY_INVITEE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .scope = "bookings:write",
	  .reply = BOOKING_VIEW,
	  .name = "removeGuest",
	  .doc = "Invite somebody no longer: the guest is told" },
	{ .method = "GET",
	  .path = "/v1/bookings/{id}/rsvp",
	  .run = rsvp_show,
	  .may = MAY_GUEST,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .reply = INVITATION,
	  .name = "getInvitation",
	  .doc = "A meeting as its guest sees it" },
	{ .method = "POST",
	  .path = "/v1/bookings/{id}/rsvp",
	  .run = rsvp_take,
	  .may = MAY_GUEST,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .body = RSVP_REQUEST,
	  .body_size = sizeof(struct rsvp_request),
	  .reply = INVITATION,
	  .name = "answerInvitation",
	  .doc = "A guest's answer; it may be changed until the meeting begins, and the host hears of a refusal" },
	{ .method = NULL },
};
