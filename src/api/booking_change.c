/* Every change of a booking after it was made: the policy says whether, one function does it. */
#include "booking_guests.h"
#include "booking_change.h"

#include "base/rule.h"
#include "base/token.h"
#include "store/preference.h"
#include "store/audit.h"
#include "store/event.h"

const range NO_RANGE = { { NONE }, { NONE } };

const struct field REASON_REQUEST[] = {
	FIELD(struct reason_request, reason, IN | MAYBE, .rule = &RULE_TEXT, .max = BOOKING_REASON,
	      .doc = "Told to the others"),
	FIELD_END,
};
const struct field NOTHING[] = { FIELD_END };

enum err booking_note(struct call *c, str action, const struct booking *b, str before, str after)
{
	return audit_add(c->cx, &(struct audit_entry){ .account_id = b->account_id,
						       .actor = call_actor(c),
						       .origin = call_origin(c),
						       .action = action,
						       .entity_id = b->id,
						       .before_text = before,
						       .after_text = after });
}

enum err booking_audit(struct call *c, str action, const struct booking *b, str before)
{
	return booking_note(c, action, b, before, booking_text(&c->cx->arena, b));
}

enum err booking_find(struct call *c, struct booking *out)
{
	struct cx *cx = c->cx;
	if (!(c->caller.is & MAY_INVITEE))
		return booking_get_own(cx, c->id, out);
	TRY(booking_get(cx, c->caller.booking, out));
	if (cx->now.s > out->end.s + (int64_t)MANAGE_DAYS * DAY_SECONDS)
		return FAIL(cx, E_EXPIRED, S(""), "this link ended %d days after the meeting", MANAGE_DAYS);
	if (!uuid_same(out->id, c->id))
		return FAIL(cx, E_NOT_FOUND, S(""), "this link is for another booking");
	return OK;
}

enum err booking_open(struct call *c, struct booking *out)
{
	TRY(booking_find(c, out));
	return call_if_match(c, out->version);
}

enum booking_party booking_party_of(const struct call *c)
{
	return c->caller.is & MAY_INVITEE ? PARTY_INVITEE : PARTY_HOST;
}

str booking_party_name(enum booking_party p)
{
	return p == PARTY_INVITEE ? S("invitee") : S("host");
}

enum err booking_in_time(struct call *c, const struct booking *b, int64_t notice_minutes)
{
	if (policy_too_late(booking_party_of(c), b->start, notice_minutes, c->cx->now))
		return FAIL(c->cx, E_REFUSED, S(""),
			    "this can be changed until %lld minutes before the start: write to the host",
			    (long long)notice_minutes);
	return OK;
}

enum err booking_terms(struct call *c, const struct booking *b, int64_t notice_minutes, str field, str reason)
{
	TRY(booking_in_time(c, b, notice_minutes));
	if (booking_party_of(c) == PARTY_INVITEE && b->reason_required && !str_trim(reason).n)
		return FAIL(c->cx, E_REFUSED, field, "is missing: the host wants to know why");
	return OK;
}

/* A step that keeps the time or lets it go: policy, row, reservation, audit; the caller announces it. */
static enum err take_step(struct call *c, struct booking *b, enum booking_step step, enum booking_party by,
			  const char *action)
{
	struct cx *cx = c->cx;
	const struct policy *policy;
	uuid reserved = b->reservation_id;
	str before = booking_text(&c->cx->arena, b);
	TRY(policy_find(cx, step, by, b->status, (range){ b->start, b->end }, &policy));
	b->status = policy->to;
	b->pending_until = (instant){ NONE };
	if (policy->effect == EFFECT_RELEASE)
		b->reservation_id = (uuid){ 0 };
	TRY(booking_step(cx, b));
	if (policy->effect == EFFECT_RELEASE)
		TRY(guard_release(cx, reserved));
	return booking_audit(c, str_of(action), b, before);
}

static enum err drop(struct call *c, struct booking *b, enum booking_step step, const char *action,
		     enum booking_message message, str reason)
{
	bool stood = b->status == BOOKING_CONFIRMED;
	b->cancelled_by = booking_party_name(booking_party_of(c));
	b->cancel_reason = reason.n ? reason : (str){ NULL, 0 };
	TRY(take_step(c, b, step, booking_party_of(c), action));
	TRY(event_add(c->cx, step == STEP_REJECT ? EVENT_REJECTED : EVENT_CANCELLED, b, NO_RANGE));
	return booking_mail_add(c->cx, message, b, stood, NO_RANGE, b->cancelled_by, b->cancel_reason);
}

enum err booking_call_off(struct call *c, struct booking *b, str reason)
{
	const struct policy *policy;
	if (b->status == BOOKING_CANCELLED)
		return OK;
	TRY(policy_find(c->cx, STEP_CANCEL, booking_party_of(c), b->status, (range){ b->start, b->end }, &policy));
	TRY(booking_terms(c, b, b->cancel_notice_minutes, S("/reason"), reason));
	return drop(c, b, STEP_CANCEL, "booking.cancel", MESSAGE_CANCELLED, reason);
}

enum err booking_reject(struct call *c, struct booking *b, str reason)
{
	if (b->status == BOOKING_REJECTED)
		return OK;
	return drop(c, b, STEP_REJECT, "booking.reject", MESSAGE_REJECTED, reason);
}

enum err booking_confirm(struct call *c, struct booking *b)
{
	struct cx *cx = c->cx;
	struct event_type e;
	if (b->status == BOOKING_CONFIRMED)
		return OK;
	if (b->status == BOOKING_PENDING)
		TRY(guard_keep(cx, b->reservation_id));
	TRY(take_step(c, b, STEP_CONFIRM, booking_party_of(c), "booking.confirm"));
	TRY(event_type_get_id(cx, b->event_type_id, &e));
	return booking_announce(c, b, &e, MESSAGE_CONFIRMED, false, NO_RANGE, S("host"), (str){ NULL, 0 });
}

enum err booking_plan(struct call *c, const struct booking *b)
{
	struct preference p;
	struct event_type e;
	if (b->status == BOOKING_PENDING)
		return booking_expiry_add(c->cx, b);
	TRY(preference_ask(c->cx, b->account_id));
	TRY(event_type_get_id(c->cx, b->event_type_id, &e));
	TRY(preference_find(c->cx, b->account_id, &p));
	return booking_follow_add(c->cx, b, &e, &p);
}

enum err booking_no_show(struct call *c, struct booking *b, bool showed)
{
	if (b->status == (showed ? BOOKING_COMPLETED : BOOKING_NO_SHOW))
		return OK;
	TRY(take_step(c, b, showed ? STEP_SHOW : STEP_NO_SHOW, booking_party_of(c),
		      showed ? "booking.show" : "booking.no_show"));
	TRY(event_add(c->cx, showed ? EVENT_COMPLETED : EVENT_NO_SHOW, b, NO_RANGE));
	if (showed)
		return OK;
	return booking_mail_add(c->cx, MESSAGE_NO_SHOW, b, true, NO_RANGE, S("host"), (str){ NULL, 0 });
}

enum err booking_cancel_some(struct call *c, bool *more)
{
	struct list upcoming;
	TRY(booking_upcoming(c->cx, CANCEL_PIECE, &upcoming));
	*more = upcoming.n == CANCEL_PIECE;
	for (size_t i = 0; i < upcoming.n; i++) {
		struct booking b;
		TRY(booking_get_own(c->cx, ((const struct booking *)upcoming.items)[i].id, &b));
		TRY(drop(c, &b, STEP_CANCEL, "booking.cancel", MESSAGE_CANCELLED, (str){ NULL, 0 }));
	}
	return OK;
}

enum err booking_offered(struct call *c, const struct booking *b, struct event_type *out)
{
	TRY(event_type_get_id(c->cx, b->event_type_id, out));
	if (instant_is(out->deleted_at))
		return FAIL(c->cx, E_REFUSED, S(""),
			    "this booking cannot be moved: what was booked is not offered any more");
	return OK;
}

struct claim booking_claim(struct arena *a, const struct booking *b, instant start)
{
	return (struct claim){ .event_type_id = b->event_type_id,
			       .start = start,
			       .time_zone = b->time_zone,
			       .duration_minutes = (b->end.s - b->start.s) / MINUTE_SECONDS,
			       .expires_at = { NONE },
			       .owner = true,
			       .with = co_hosts_of(a, b),
			       .moves = true };
}

enum err booking_move(struct call *c, struct booking *b, struct claim *claim)
{
	struct cx *cx = c->cx;
	if (uuid_is(b->proposal.id))
		TRY(proposal_end(cx, b->proposal.id));
	TRY(booking_unreserve(cx, b));
	TRY(guard_release(cx, b->reservation_id));
	TRY(guard_take(cx, claim));
	b->reservation_id = claim->reservation_id;
	b->start = claim->start;
	b->end = claim->end;
	b->pending_until = claim->expires_at;
	b->status = instant_is(claim->expires_at) ? BOOKING_PENDING : BOOKING_CONFIRMED;
	TRY(booking_step(cx, b));
	TRY(guest_ask_again(cx, b->id));
	return guest_list(cx, b->id, &b->guests);
}

enum err booking_reschedule(struct call *c, struct booking *b, instant start, str reason)
{
	struct cx *cx = c->cx;
	struct event_type e;
	const struct policy *policy;
	enum booking_party by = booking_party_of(c);
	range before = { b->start, b->end };
	bool stood = b->status == BOOKING_CONFIRMED;
	str text = booking_text(&c->cx->arena, b);
	TRY(policy_find(cx, STEP_RESCHEDULE, by, b->status, before, &policy));
	TRY(booking_terms(c, b, b->reschedule_notice_minutes, S("/reason"), reason));
	if (start.s == b->start.s)
		return OK;
	TRY(booking_offered(c, b, &e));
	struct claim claim = booking_claim(&cx->arena, b, start);
	if (by == PARTY_INVITEE &&
	    policy_needs_confirmation(e.confirmation, e.confirmation_notice_minutes, start, cx->now))
		claim.expires_at = policy_pending_until(start, cx->now);
	TRY(booking_move(c, b, &claim));
	TRY(booking_audit(c, S("booking.reschedule"), b, text));
	return booking_announce(c, b, &e, MESSAGE_RESCHEDULED, stood, before, booking_party_name(by),
				reason.n ? reason : (str){ NULL, 0 });
}
