#include "policy.h"

#include <assert.h>

const char *const BOOKING_STATUSES[] = { "pending", "confirmed", "rejected", "cancelled",
					 "expired", "completed", "no_show",  NULL };
const char *const CONFIRMATIONS[] = { "never", "always", "short_notice", NULL };

#define AT(status) (1u << BOOKING_##status)
#define LIVING     (AT(PENDING) | AT(CONFIRMED))

static const struct policy POLICIES[] = {
	{ STEP_CONFIRM, PARTY_HOST, AT(PENDING), BOOKING_CONFIRMED, EFFECT_KEEP, BEFORE_START },
	{ STEP_REJECT, PARTY_HOST, AT(PENDING), BOOKING_REJECTED, EFFECT_RELEASE, WHENEVER },
	{ STEP_CANCEL, PARTY_HOST | PARTY_INVITEE, LIVING, BOOKING_CANCELLED, EFFECT_RELEASE, BEFORE_START },
	{ STEP_RESCHEDULE, PARTY_HOST | PARTY_INVITEE, LIVING, BOOKING_CONFIRMED, EFFECT_MOVE, BEFORE_START },
	{ STEP_EXPIRE, PARTY_SYSTEM, AT(PENDING), BOOKING_EXPIRED, EFFECT_RELEASE, WHENEVER },
	{ STEP_COMPLETE, PARTY_SYSTEM, AT(CONFIRMED), BOOKING_COMPLETED, EFFECT_KEEP, AFTER_END },
	{ STEP_NO_SHOW, PARTY_HOST, AT(CONFIRMED) | AT(COMPLETED), BOOKING_NO_SHOW, EFFECT_KEEP, AFTER_START },
	{ STEP_SHOW, PARTY_HOST, AT(NO_SHOW), BOOKING_COMPLETED, EFFECT_KEEP, AFTER_END },
};
enum { POLICY_COUNT = sizeof POLICIES / sizeof *POLICIES };

static const char *const STEP_WORDS[] = { "confirmed", "rejected",  "cancelled",           "moved",
					  "expired",   "completed", "marked as a no-show", "marked as held" };

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
	static_assert(STEP_SHOW + 1 == POLICY_COUNT);
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
