/* Back and forth: other times that one side proposes and the other answers, and the host's wish that the invitee choose
 * another time.  The booking itself changes only when a proposed time is accepted. */
#include "booking_change.h"
#include "store/event.h"

#include <stdlib.h>

static enum booking_party proposer(const struct booking *b)
{
	return b->proposal.by == PROPOSER_INVITEE ? PARTY_INVITEE : PARTY_HOST;
}

static str given(str text)
{
	return text.n ? text : (str){ NULL, 0 };
}

/* ---- proposing */

static int earlier(const void *a, const void *b)
{
	int64_t x = ((const instant *)a)->s, y = ((const instant *)b)->s;
	return (x > y) - (x < y);
}

/* The starts in order, each once, none the booking's own. */
static enum err starts_sort(struct cx *cx, const struct booking *b, const struct list *asked, struct list *out)
{
	instant *starts = NEWS(&cx->arena, instant, asked->n + 1);
	for (size_t i = 0; i < asked->n; i++)
		starts[i] = ((const instant *)asked->items)[i];
	qsort(starts, asked->n, sizeof *starts, earlier);
	for (size_t i = 0; i < asked->n; i++) {
		if (starts[i].s == b->start.s)
			return FAIL(cx, E_INVALID, S("/starts"), "must be other times than the booking's own");
		if (i && starts[i].s == starts[i - 1].s)
			return FAIL(cx, E_INVALID, S("/starts"), "must not hold the same time twice");
	}
	*out = (struct list){ starts, asked->n };
	return OK;
}

/* Until when it is held: as a request is, before the first of all times it is about, and no longer than the booking. */
static instant held_until(const struct cx *cx, const struct booking *b, instant first)
{
	instant until = policy_pending_until(first.s < b->start.s ? first : b->start, cx->now);
	return instant_is(b->pending_until) && b->pending_until.s < until.s ? b->pending_until : until;
}

static enum err take(struct cx *cx, const struct booking *b, struct proposal *p)
{
	const instant *starts = p->starts.items;
	struct claim *claims = NEWS(&cx->arena, struct claim, p->starts.n);
	for (size_t i = 0; i < p->starts.n; i++) {
		claims[i] = booking_claim(&cx->arena, b, starts[i]);
		claims[i].expires_at = p->expires_at;
	}
	TRY(guard_take_choices(cx, claims, p->starts.n, b->reservation_id, (range){ b->start, b->end }));
	return proposal_insert(cx, p, claims);
}

enum err booking_propose(struct call *c, struct booking *b, const struct list *starts, str note)
{
	struct cx *cx = c->cx;
	struct event_type e;
	const struct policy *policy;
	enum booking_party by = booking_party_of(c);
	struct proposal p = { .booking_id = b->id,
			      .by = by == PARTY_INVITEE ? PROPOSER_INVITEE : PROPOSER_HOST,
			      .note = given(note) };
	str before = booking_text(&cx->arena, b);
	TRY(policy_find(cx, STEP_PROPOSE, by, b->status, (range){ b->start, b->end }, &policy));
	if (instant_is(b->pending_until) && b->pending_until.s <= cx->now.s)
		return FAIL(cx, E_EXPIRED, S(""), "this request has run out: it can be booked again");
	TRY(booking_terms(c, b, b->reschedule_notice_minutes, S("/note"), note));
	TRY(starts_sort(cx, b, starts, &p.starts));
	TRY(booking_offered(c, b, &e));
	if (uuid_is(b->proposal.id))
		TRY(proposal_end(cx, b->proposal.id));
	p.expires_at = held_until(cx, b, *(const instant *)p.starts.items);
	TRY(take(cx, b, &p));
	b->proposal = p;
	if (by == PARTY_INVITEE) { /* which answers what the host asked */
		b->asked_at = (instant){ NONE };
		b->asked_reason = (str){ NULL, 0 };
	}
	TRY(booking_talk(cx, b));
	TRY(booking_audit(c, S("booking.propose"), b, before));
	TRY(event_add(cx, EVENT_UPDATED, b, NO_RANGE));
	TRY(proposal_expiry_add(cx, b));
	return booking_talk_mail_add(cx, MESSAGE_PROPOSED, b, by, given(note));
}

/* ---- answering */

/* The policy for a step that answers an open proposal. */
static enum err answer(struct call *c, const struct booking *b, enum booking_step step)
{
	struct cx *cx = c->cx;
	const struct policy *policy;
	TRY(policy_find(cx, step, booking_party_of(c), b->status, (range){ b->start, b->end }, &policy));
	if (!uuid_is(b->proposal.id))
		return FAIL(cx, E_REFUSED, S(""), "no other times are proposed for this booking: it stays as it is");
	TRY(policy_proposal(cx, policy, booking_party_of(c), proposer(b)));
	if (!proposal_is_open(&b->proposal, cx->now))
		return FAIL(cx, E_EXPIRED, S(""),
			    "the proposed times are not kept any more: the booking stays as it is");
	return OK;
}

static bool is_proposed(const struct proposal *p, instant start)
{
	for (size_t i = 0; i < p->starts.n; i++)
		if (((const instant *)p->starts.items)[i].s == start.s)
			return true;
	return false;
}

enum err booking_accept(struct call *c, struct booking *b, instant start)
{
	struct cx *cx = c->cx;
	struct event_type e;
	range before = { b->start, b->end };
	bool stood = b->status == BOOKING_CONFIRMED;
	str text = booking_text(&cx->arena, b);
	TRY(answer(c, b, STEP_ACCEPT));
	TRY(booking_in_time(c, b, b->reschedule_notice_minutes));
	if (!is_proposed(&b->proposal, start))
		return FAIL(cx, E_INVALID, S("/start"), "must be one of the proposed times");
	TRY(booking_offered(c, b, &e));
	struct claim claim = booking_claim(&cx->arena, b, start);
	claim.promised_at = b->proposal.created_at;
	TRY(booking_move(c, b, &claim));
	TRY(booking_audit(c, S("booking.accept"), b, text));
	return booking_announce(c, b, &e, MESSAGE_ACCEPTED, stood, before, booking_party_name(booking_party_of(c)),
				(str){ NULL, 0 });
}

/* An open proposal goes, and the booking stays as it was. */
static enum err close_proposal(struct call *c, struct booking *b, enum booking_step step, const char *action,
			       enum booking_message message, str reason)
{
	struct cx *cx = c->cx;
	str before = booking_text(&cx->arena, b);
	TRY(answer(c, b, step));
	TRY(proposal_end(cx, b->proposal.id));
	b->proposal = (struct proposal){ 0 };
	TRY(booking_talk(cx, b));
	TRY(booking_audit(c, str_of(action), b, before));
	TRY(event_add(cx, EVENT_UPDATED, b, NO_RANGE));
	return booking_talk_mail_add(cx, message, b, booking_party_of(c), given(reason));
}

enum err booking_decline(struct call *c, struct booking *b, str reason)
{
	return close_proposal(c, b, STEP_DECLINE, "booking.decline", MESSAGE_PROPOSAL_DECLINED, reason);
}

enum err booking_withdraw(struct call *c, struct booking *b)
{
	return close_proposal(c, b, STEP_WITHDRAW, "booking.withdraw", MESSAGE_PROPOSAL_WITHDRAWN, (str){ NULL, 0 });
}

/* ---- asking */

enum err booking_ask(struct call *c, struct booking *b, str reason)
{
	struct cx *cx = c->cx;
	const struct policy *policy;
	str before = booking_text(&cx->arena, b);
	TRY(policy_find(cx, STEP_ASK, booking_party_of(c), b->status, (range){ b->start, b->end }, &policy));
	if (instant_is(b->asked_at))
		return OK;
	b->asked_at = cx->now;
	b->asked_reason = given(reason);
	TRY(booking_talk(cx, b));
	TRY(booking_audit(c, S("booking.ask"), b, before));
	TRY(event_add(cx, EVENT_UPDATED, b, NO_RANGE));
	return booking_talk_mail_add(cx, MESSAGE_CHOOSE_ANOTHER, b, PARTY_HOST, given(reason));
}
