#include "policy.h"

#include <assert.h>

const char *const BOOKING_STATUSES[] = { "pending", "confirmed", "rejected", "cancelled",
					 "expired", "completed", "no_show",  NULL };
const char *const CONFIRMATIONS[] = { "never", "always", "short_notice", NULL };

#define AT(status) (1u << BOOKING_##status)
#define LIVING     (AT(PENDING) | AT(CONFIRMED))

#define EITHER     (PARTY_HOST | PARTY_INVITEE)
#define TO(status) .to = BOOKING_##status
#define AS_IT_IS   .stays = true

static const struct policy POLICIES[] = {
	{ STEP_CONFIRM, PARTY_HOST, AT(PENDING), TO(CONFIRMED), .effect = EFFECT_KEEP, .moment = BEFORE_START },
	{ STEP_REJECT, PARTY_HOST, AT(PENDING), TO(REJECTED), .effect = EFFECT_RELEASE },
	{ STEP_CANCEL, EITHER, LIVING, TO(CANCELLED), .effect = EFFECT_RELEASE, .moment = BEFORE_START },
	{ STEP_RESCHEDULE, EITHER, LIVING, TO(CONFIRMED), .effect = EFFECT_MOVE, .moment = BEFORE_START },
	{ STEP_EXPIRE, PARTY_SYSTEM, AT(PENDING), TO(EXPIRED), .effect = EFFECT_RELEASE },
	{ STEP_COMPLETE, PARTY_SYSTEM, AT(CONFIRMED), TO(COMPLETED), .moment = AFTER_END },
	{ STEP_NO_SHOW, PARTY_HOST, AT(CONFIRMED) | AT(COMPLETED), TO(NO_SHOW), .moment = AFTER_START },
	{ STEP_SHOW, PARTY_HOST, AT(NO_SHOW), TO(COMPLETED), .moment = AFTER_END },
	{ STEP_PROPOSE, EITHER, LIVING, AS_IT_IS, .effect = EFFECT_HOLD, .moment = BEFORE_START },
	{ STEP_ACCEPT, EITHER, LIVING, TO(CONFIRMED), .effect = EFFECT_MOVE, .moment = BEFORE_START,
	  .whose = WHOSE_OTHERS },
	{ STEP_DECLINE, EITHER, LIVING, AS_IT_IS, .effect = EFFECT_FREE, .whose = WHOSE_OTHERS },
	{ STEP_WITHDRAW, EITHER, LIVING, AS_IT_IS, .effect = EFFECT_FREE, .whose = WHOSE_OWN },
	{ STEP_LAPSE, PARTY_SYSTEM, LIVING | AT(COMPLETED) | AT(NO_SHOW), AS_IT_IS, .effect = EFFECT_FREE },
	{ STEP_ASK, PARTY_HOST, LIVING, AS_IT_IS, .moment = BEFORE_START },
	{ STEP_INVITE, EITHER, LIVING, AS_IT_IS, .moment = BEFORE_START },
	{ STEP_ANSWER, PARTY_GUEST, AT(CONFIRMED), AS_IT_IS, .moment = BEFORE_START },
	{ STEP_REVISE, PARTY_HOST, LIVING, AS_IT_IS, .moment = BEFORE_START },
};
enum { POLICY_COUNT = sizeof POLICIES / sizeof *POLICIES };

/* "this booking cannot be …" */
static const char *const STEP_WORDS[] = { "confirmed",
					  "rejected",
					  "cancelled",
					  "moved",
					  "expired",
					  "completed",
					  "marked as a no-show",
					  "marked as held",
					  "given other times to choose from",
					  "moved to a proposed time",
					  "asked about any more",
					  "asked about any more",
					  "asked about any more",
					  "asked to be moved",
					  "given other guests",
					  "answered",
					  "changed" };

static const char *state_words(enum booking_status s)
{
	static const char *const words[] = { "waits for the host",    "is confirmed", "was rejected",
					     "was cancelled",         "has expired",  "is over",
					     "is marked as a no-show" };
	return words[s];
}

/* Why not at this moment; NULL: it may be. */
static const char *moment_wants(enum booking_moment m, range when, instant now)
{
	if (m == BEFORE_START && now.s >= when.from.s)
		return "it has begun";
	if (m == AFTER_START && now.s < when.from.s)
		return "it has not begun";
	return m == AFTER_END && now.s < when.to.s ? "it is not over" : NULL;
}

enum err policy_find(struct cx *cx, enum booking_step step, enum booking_party by, enum booking_status status,
		     range when, const struct policy **out)
{
	static_assert(STEP_REVISE + 1 == POLICY_COUNT);
	const struct policy *p = &POLICIES[step];
	assert(p->step == step);
	if (!(p->by & by))
		return FAIL(cx, E_FORBIDDEN, S(""), "this is not yours to do: the other side decides");
	if (!(p->from & 1u << status))
		return FAIL(cx, E_REFUSED, S(""), "this booking cannot be %s: it %s", STEP_WORDS[step],
			    state_words(status));
	const char *why = moment_wants(p->moment, when, cx->now);
	if (why)
		return FAIL(cx, E_REFUSED, S(""), "this booking cannot be %s: %s", STEP_WORDS[step], why);
	*out = p;
	return OK;
}

enum err policy_proposal(struct cx *cx, const struct policy *p, enum booking_party by, enum booking_party proposer)
{
	if (p->whose == WHOSE_OTHERS && by == proposer)
		return FAIL(cx, E_FORBIDDEN, S(""), "this is your own proposal: the other side answers it");
	if (p->whose == WHOSE_OWN && by != proposer)
		return FAIL(cx, E_FORBIDDEN, S(""), "this is the other side's proposal: accept or decline it");
	return OK;
}

bool policy_too_late(enum booking_party by, instant start, int64_t notice_minutes, instant now)
{
	return by == PARTY_INVITEE && start.s - now.s < notice_minutes * MINUTE_SECONDS;
}

bool policy_needs_confirmation(enum confirmation c, int64_t notice_minutes, instant start, instant now)
{
	return c == CONFIRM_ALWAYS ||
	       (c == CONFIRM_SHORT_NOTICE && start.s - now.s < notice_minutes * MINUTE_SECONDS);
}

instant policy_pending_until(instant start, instant now)
{
	enum { LONGEST = 24 * HOUR_SECONDS, BEFORE = 2 * HOUR_SECONDS, LEAST = 15 * MINUTE_SECONDS };
	int64_t until = now.s + LONGEST < start.s - BEFORE ? now.s + LONGEST : start.s - BEFORE;
	if (until < now.s + LEAST)
		until = now.s + LEAST;
	return (instant){ until < start.s ? until : start.s };
}

bool policy_occupies(enum booking_status s)
{
	return s != BOOKING_REJECTED && s != BOOKING_CANCELLED && s != BOOKING_EXPIRED;
}
