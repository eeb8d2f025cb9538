#include "booking_guests.h"
#include "booking_steps.h"

#include "base/rule.h"
#include "base/token.h"
#include "core/zone.h"
#include "jobs/mails.h"
#include "questions.h"
#include "sign_in.h"
#include "site.h"
#include "store/audit.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/otp.h"
#include "store/preference.h"

enum { INVITEE_BOOKINGS = 50 };

static const struct field INVITEE[] = {
	FIELD(struct booking_person, name, IN | OUT | MUST, .rule = &RULE_NAME, .min = 1, .max = 120,
	      .doc = "A plain name"),
	FIELD(struct booking_person, email, IN | OUT | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address that email_proof is for"),
	FIELD_END,
};

const struct field GUEST_REQUEST[] = {
	FIELD(struct booking_guest, email, IN | OUT | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address"),
	FIELD(struct booking_guest, name, IN | OUT | MAYBE, .rule = &RULE_NAME, .max = 120, .doc = "A plain name"),
	FIELD(struct booking_guest, role, IN | OUT, .choices = GUEST_ROLES,
	      .doc = "active takes part, passive is only told, co_host hosts too: given by the host only"),
	FIELD_END,
};

static const struct field ANSWER_REQUEST[] = {
	FIELD(struct booking_answer, question_id, IN | OUT | MUST, .doc = "Of the event type's questions"),
	FIELD(struct booking_answer, value, IN | OUT | MUST, .rule = &RULE_TEXT, .max = BOOKING_ANSWER,
	      .doc = "The answer"),
	FIELD_END,
};

const struct field BOOKING_REQUEST[] = {
	FIELD(struct booking_request, event_type_id, IN | MUST, .doc = "What is booked"),
	FIELD(struct booking_request, start, IN | MUST, .doc = "Start of the slot"),
	FIELD(struct booking_request, duration_minutes, IN | MUST, .min = 1, .max = EVENT_MINUTES,
	      .doc = "One of its durations"),
	FIELD(struct booking_request, time_zone, IN | MUST, .max = 64, .doc = "The invitee's IANA zone"),
	OBJECT(struct booking_request, invitee, IN | MUST, INVITEE, .doc = "Who books"),
	FIELD(struct booking_request, email_proof, IN | MAYBE, .max = 100,
	      .doc =
		  "Of POST /v1/email-proofs/{id}/verify; not needed by the host, nor for one's own proved address"),
	FIELD(struct booking_request, hold_id, IN | MAYBE, .doc = "The hold that keeps the slot"),
	LIST(struct booking_request, guests, IN, GUEST_REQUEST, struct booking_guest, .max = BOOKING_GUESTS,
	     .doc = "Who else is invited"),
	LIST(struct booking_request, answers, IN, ANSWER_REQUEST, struct booking_answer, .max = EVENT_QUESTIONS,
	     .doc = "To the event type's questions"),
	FIELD(struct booking_request, location, IN, .min = 0, .max = EVENT_LOCATIONS - 1,
	      .doc = "Which of the event type's locations, counted from 0"),
	FIELD(struct booking_request, title, IN | MAYBE, .rule = &RULE_NAME, .max = 200,
	      .doc = "Missing: the event type's"),
	FIELD(struct booking_request, notes, IN, .rule = &RULE_TEXT, .max = BOOKING_NOTES, .doc = "For the host"),
	FIELD(struct booking_request, metadata, IN, .max = 4096, .doc = "The embedding product's own, at most 4 KiB"),
	FIELD(struct booking_request, send_mails, IN, .def = 1,
	      .doc = "false, by the host only: no mails of ours about it to invitee and guests"),
	FIELD_END,
};

const struct field HOLD_REQUEST[] = {
	FIELD(struct hold_request, event_type_id, IN | MUST, .doc = "What is held"),
	FIELD(struct hold_request, start, IN | MUST, .doc = "Start of the slot"),
	FIELD(struct hold_request, duration_minutes, IN | MUST, .min = 1, .max = EVENT_MINUTES,
	      .doc = "One of its durations"),
	FIELD_END,
};

/* ---- what a request must be */

static bool is_owner(const struct call *c, uuid account)
{
	return (c->caller.is & MAY_USER) && uuid_same(c->caller.account, account);
}

/* Everything that can be said against a request before the time itself is looked at. */
static enum err request_check(struct call *c, const struct booking_request *r, const struct event_type *e,
			      struct hold *hold)
{
	struct cx *cx = c->cx;
	const struct zone *zone;
	bool held = false;
	TRY(zone_load(cx, r->time_zone, S("/time_zone"), &zone));
	fault_clear(cx);
	questions_check(cx, &e->questions, &r->answers);
	if (r->location && r->location >= (int64_t)e->locations.n)
		fault_add(cx, S("/location"), "must be from 0 to %zu", e->locations.n ? e->locations.n - 1 : 0);
	if (!r->send_mails && !is_owner(c, e->account_id))
		fault_add(cx, S("/send_mails"), "may be false where the host books only: leave it out");
	TRY(fault_check(cx));
	if (!uuid_is(r->hold_id))
		return OK;
	TRY(hold_find(cx, r->hold_id, hold, &held));
	if (!held)
		return FAIL(cx, E_EXPIRED, S("/hold_id"),
			    "has run out: the time may still be free, book without it or hold again");
	if (!uuid_same(hold->event_type_id, r->event_type_id) || hold->start.s != r->start.s ||
	    hold->end.s - hold->start.s != r->duration_minutes * MINUTE_SECONDS)
		return FAIL(cx, E_REFUSED, S("/hold_id"), "keeps another time than the one asked for");
	return OK;
}

/* Whether the address was proved by who books; *proved: by the proof that came along. */
static enum err proof_check(struct call *c, const struct booking_request *r, const struct event_type *e, bool *proved)
{
	str email = str_lower(&c->cx->arena, r->invitee.email);
	struct account a;
	if (is_owner(c, e->account_id))
		return OK;
	*proved = r->email_proof.n && email_proof_check(c->cx, &c->site->keys, r->email_proof, email);
	if (*proved)
		return OK;
	if (!r->email_proof.n && (c->caller.is & MAY_USER)) {
		TRY(account_get(c->cx, &a));
		if (str_is(a.email, email))
			return OK;
	}
	return FAIL(c->cx, E_FORBIDDEN, S("/email_proof"),
		    "does not prove this address, or is older than two hours: "
		    "prove the address by POST /v1/email-proofs");
}

static struct claim claim_of(const struct call *c, const struct booking_request *r, const struct offered *o)
{
	return (struct claim){ .event_type_id = r->event_type_id,
			       .known = &o->availability,
			       .start = r->start,
			       .duration_minutes = r->duration_minutes,
			       .time_zone = r->time_zone,
			       .expires_at = { NONE },
			       .owner = is_owner(c, o->event_type.account_id) };
}

enum err booking_look(struct call *c, const struct booking_request *r)
{
	struct looked *looked = NEW(&c->cx->arena, struct looked);
	struct offered *o = &looked->offered;
	struct hold hold = { 0 };
	struct list guests;
	TRY(offered_get(c->cx, r->event_type_id, o));
	TRY(request_check(c, r, &o->event_type, &hold));
	TRY(guests_of(c, &r->guests, is_owner(c, o->event_type.account_id), &guests));
	struct claim claim = claim_of(c, r, o);
	uuid alone = o->event_type.seats == 1 ? hold.reservation_id : (uuid){ 0 };
	TRY(guard_look(c->cx, &claim, alone, hold.id));
	TRY(proof_check(c, r, &o->event_type, &looked->proved));
	TRY(offered_host(c->cx, o));
	c->looked = looked;
	return OK;
}

/* What is booked, as the rows are in this transaction: what look found, where nothing changed since. */
static enum err looked_again(struct call *c, const struct booking_request *r, struct looked **out)
{
	bool holds = false;
	if (c->looked)
		TRY(offered_holds(c->cx, &c->looked->offered, &holds));
	*out = holds ? c->looked : NEW(&c->cx->arena, struct looked);
	if (holds)
		return OK;
	TRY(guard_begin(c->cx, r->event_type_id));
	(*out)->begun = true;
	TRY(offered_get(c->cx, r->event_type_id, &(*out)->offered));
	lock_note(c->cx, (*out)->offered.event_type.bookable_id);
	return OK;
}

/* ---- booking */

static enum err squat_check(struct call *c, str email)
{
	int64_t count;
	if (!c->site->limits)
		return OK;
	TRY(booking_count_invitee(c->cx, email, &count));
	if (count >= INVITEE_BOOKINGS)
		return FAIL(c->cx, E_REFUSED, S("/invitee/email"), "has %d bookings to come: cancel some first",
			    INVITEE_BOOKINGS);
	return OK;
}

enum err guests_of(struct call *c, const struct list *asked, bool by_host, struct list *out)
{
	struct cx *cx = c->cx;
	struct guest *guests = NEWS(&cx->arena, struct guest, asked->n + 1);
	size_t n = 0;
	fault_clear(cx);
	for (size_t i = 0; i < asked->n; i++) {
		const struct booking_guest *g = (const struct booking_guest *)asked->items + i;
		str email = str_lower(&cx->arena, g->email);
		bool twice = false;
		if (g->role == GUEST_CO_HOST && !by_host)
			fault_add(cx, str_format(&cx->arena, "/guests/%zu/role", i),
				  "must be active or passive: only the host makes somebody a co-host");
		for (size_t k = 0; k < n; k++)
			twice = twice || str_is(guests[k].email, email);
		if (!twice)
			guests[n++] = (struct guest){ .email = email,
						      .name = g->name.n ? g->name : (str){ NULL, 0 },
						      .role = g->role };
	}
	*out = (struct list){ guests, n };
	return fault_check(cx);
}

void guests_without_parties(struct list *guests, const struct booking *b)
{
	struct guest *g = guests->items;
	size_t n = 0;
	for (size_t i = 0; i < guests->n; i++)
		if (!str_is(g[i].email, b->host_email) &&
		    (g[i].role == GUEST_CO_HOST || !str_is(g[i].email, b->invitee_email)))
			g[n++] = g[i];
	guests->n = n;
}

static struct booking booking_of(struct call *c, const struct booking_request *r, const struct event_type *e,
				 const struct claim *claim)
{
	struct cx *cx = c->cx;
	const struct duration *duration = NULL;
	struct booking b = { .account_id = e->account_id,
			     .event_type_id = e->id,
			     .reservation_id = claim->reservation_id,
			     .start = claim->start,
			     .end = claim->end,
			     .time_zone = r->time_zone,
			     .language = request_language(c),
			     .invitee_name = r->invitee.name,
			     .invitee_email = str_lower(&cx->arena, r->invitee.email),
			     .title = r->title.n ? r->title : e->title,
			     .notes = r->notes,
			     .description = S(""),
			     .private_notes = S(""),
			     .metadata = r->metadata,
			     .send_mails = r->send_mails,
			     .price = { .amount = NONE },
			     .answers = questions_answers(cx, &e->questions, &r->answers) };
	if (e->locations.n)
		b.location = ((const struct location *)e->locations.items)[r->location];
	for (size_t i = 0; i < e->durations.n; i++) {
		duration = (const struct duration *)e->durations.items + i;
		if (duration->minutes == r->duration_minutes)
			b.price = duration->price;
	}
	return b;
}

/* Whether the host must say yes first. */
static bool is_request(const struct call *c, const struct event_type *e, instant start)
{
	return !is_owner(c, e->account_id) &&
	       policy_needs_confirmation(e->confirmation, e->confirmation_notice_minutes, start, c->cx->now);
}

/* Moving is one event, whatever people are asked to do about it. */
static enum event_kind event_of(enum booking_message message, const struct booking *b, range before)
{
	if (instant_is(before.from))
		return EVENT_RESCHEDULED;
	if (message == MESSAGE_CONFIRMED)
		return EVENT_CONFIRMED;
	return b->status == BOOKING_PENDING ? EVENT_REQUESTED : EVENT_CREATED;
}

enum err booking_announce(struct call *c, const struct booking *b, const struct event_type *e,
			  enum booking_message message, bool stood, range before, str by, str reason)
{
	struct cx *cx = c->cx;
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	if (p.has_webhooks)
		TRY(event_add(cx, event_of(message, b, before), b, before));
	if (b->status == BOOKING_PENDING) {
		TRY(booking_expiry_add(cx, b));
		return booking_tell_all(cx, MESSAGE_REQUESTED, b, &p, stood, before, by, reason);
	}
	if (b->status == BOOKING_CONFIRMED)
		TRY(booking_follow_add(cx, b, e, &p));
	return booking_tell_all(cx, message, b, &p, stood, before, by, reason);
}

/* What making a booking will want to know, in one question: all is under the host's lock. */
static enum err ask_ahead(struct cx *cx, const struct offered *o)
{
	uuid host = o->event_type.account_id;
	if (!uuid_is(o->host.id))
		TRY(account_ask_id(cx, host));
	TRY(audit_ask(cx, host));
	return preference_ask(cx, host);
}

enum err booking_create(struct call *c, struct booking_request *r, struct booking *out)
{
	struct cx *cx = c->cx;
	struct looked *looked;
	struct hold hold = { 0 };
	TRY(looked_again(c, r, &looked));
	const struct event_type *e = &looked->offered.event_type;
	TRY(ask_ahead(cx, &looked->offered));
	TRY(request_check(c, r, e, &hold));
	if (!looked->proved)
		TRY(proof_check(c, r, e, &looked->proved));
	TRY(squat_check(c, str_lower(&cx->arena, r->invitee.email)));
	if (uuid_is(hold.id))
		TRY(hold_remove(cx, &hold));
	struct claim claim = claim_of(c, r, &looked->offered);
	claim.begun = looked->begun;
	if (is_request(c, e, r->start))
		claim.expires_at = policy_pending_until(r->start, cx->now);
	TRY(guard_take(cx, &claim));
	*out = booking_of(c, r, e, &claim);
	TRY(guests_of(c, &r->guests, is_owner(c, e->account_id), &out->guests));
	TRY(offered_host(cx, &looked->offered));
	booking_join(out, e, &looked->offered.host);
	guests_without_parties(&out->guests, out);
	TRY(co_hosts_add(c, &looked->offered.availability.co_hosts, &out->guests));
	TRY(co_hosts_join(c, out, &out->guests));
	out->pending_until = claim.expires_at;
	out->status = instant_is(out->pending_until) ? BOOKING_PENDING : BOOKING_CONFIRMED;
	TRY(booking_insert(cx, out));
	TRY(booking_audit(c, S("booking.create"), out, (str){ NULL, 0 }));
	return booking_announce(c, out, e, MESSAGE_BOOKED, false, NO_RANGE, S("invitee"), (str){ NULL, 0 });
}

/* ---- holds and proofs */

static struct claim hold_claim(struct call *c, const struct hold_request *r)
{
	return (struct claim){ .event_type_id = r->event_type_id,
			       .start = r->start,
			       .duration_minutes = r->duration_minutes,
			       .time_zone = S("UTC"),
			       .expires_at = instant_add(c->cx->now, (span){ HOLD_SECONDS }) };
}

enum err hold_look(struct call *c, const struct hold_request *r)
{
	struct claim claim = hold_claim(c, r);
	return guard_look(c->cx, &claim, (uuid){ 0 }, (uuid){ 0 });
}

/* Whether the event type is somebody else's.  A host's own product holds for all its users from one address. */
static enum err holds_for_others(struct call *c, uuid event_type, bool *others)
{
	struct availability a;
	TRY(availability_get(c->cx, event_type, &a));
	*others = !is_owner(c, a.account_id);
	return OK;
}

enum err hold_create(struct call *c, const struct hold_request *r, struct hold *out)
{
	struct cx *cx = c->cx;
	struct claim claim = hold_claim(c, r);
	digest client = hmac(c->site->keys.code, http_network(&cx->arena, c->exchange->request.address));
	int64_t count;
	instant first;
	TRY(hold_count(cx, client, &count, &first));
	bool capped = c->site->limits && count >= HOLDS_A_CLIENT;
	if (capped)
		TRY(holds_for_others(c, r->event_type_id, &capped));
	if (capped) {
		enum err e = FAIL(cx, E_TOO_MANY, S(""), "you hold %d times already: book or give back one first",
				  HOLDS_A_CLIENT);
		cx->fault.retry_after = first.s - cx->now.s;
		return e;
	}
	TRY(guard_take(cx, &claim));
	*out = (struct hold){ .reservation_id = claim.reservation_id,
			      .event_type_id = r->event_type_id,
			      .client = client,
			      .start = claim.start,
			      .end = claim.end,
			      .expires_at = claim.expires_at };
	return hold_insert(cx, out);
}

enum err proof_begin(struct call *c, str email, struct proof *out)
{
	struct cx *cx = c->cx;
	struct otp otp;
	str code, address = str_lower(&cx->arena, email);
	TRY(otp_make(cx, &c->site->keys, OTP_PROOF, address, c->site->limits != NULL, &otp, &code));
	*out = (struct proof){ otp.id, otp.expires_at };
	if (!code.p) {
		bool in_all = otp.day_count > OTP_A_DAY;
		enum err e = FAIL(cx, E_TOO_MANY, S("/email"), "was sent %d codes within the %s: use the last one",
				  in_all ? OTP_A_DAY : OTP_AN_HOUR, in_all ? "day" : "hour");
		cx->fault.retry_after = instant_sub(otp_free_again(&otp), cx->now).s;
		return e;
	}
	struct code_mail mail = { .template = S("code_booking"),
				  .email = address,
				  .otp_id = otp.id,
				  .code = code,
				  .language = request_language(c) };
	return code_mail_add(cx, &c->site->keys, &mail);
}

enum err proof_end(struct call *c, uuid id, str code, str *proof, bool *right)
{
	struct otp otp;
	TRY(otp_check(c->cx, &c->site->keys, OTP_PROOF, (str){ NULL, 0 }, id, code, &otp, right));
	if (*right)
		*proof = email_proof_make(c->cx, &c->site->keys, otp.email);
	return OK;
}
