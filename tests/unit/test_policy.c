/* The table of a booking's life, against a second statement of the same rules: every step, party, state and moment. */
#include "core/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct cx cx;
static const range MEETING = { { 100000 }, { 101800 } };

static bool may(const char *allowed, enum booking_status s)
{
	return strstr(allowed, BOOKING_STATUSES[s]) != NULL;
}

/* step, who may, from which states, to which ("": it stays), until or from when, and what becomes of the time */
static const struct {
	enum booking_step step;
	unsigned by;
	const char *from, *to;
	int64_t from_second, until_second;
	enum booking_effect effect;
} RULES[] = {
	{ STEP_CONFIRM, PARTY_HOST, "pending", "confirmed", 0, 100000, EFFECT_KEEP },
	{ STEP_REJECT, PARTY_HOST, "pending", "rejected", 0, INT64_MAX, EFFECT_RELEASE },
	{ STEP_CANCEL, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "cancelled", 0, 100000, EFFECT_RELEASE },
	{ STEP_RESCHEDULE, PARTY_HOST | PARTY_INVITEE, "pending confirmed", NULL, 0, 100000, EFFECT_MOVE },
	{ STEP_EXPIRE, PARTY_SYSTEM, "pending", "expired", 0, INT64_MAX, EFFECT_RELEASE },
	{ STEP_COMPLETE, PARTY_SYSTEM, "confirmed", "completed", 101800, INT64_MAX, EFFECT_KEEP },
	{ STEP_NO_SHOW, PARTY_HOST, "confirmed completed", "no_show", 100000, INT64_MAX, EFFECT_KEEP },
	{ STEP_SHOW, PARTY_HOST, "no_show", "completed", 101800, INT64_MAX, EFFECT_KEEP },
	{ STEP_PROPOSE, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "", 0, 100000, EFFECT_HOLD },
	{ STEP_ACCEPT, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "confirmed", 0, 100000, EFFECT_MOVE },
	{ STEP_DECLINE, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "", 0, INT64_MAX, EFFECT_FREE },
	{ STEP_WITHDRAW, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "", 0, INT64_MAX, EFFECT_FREE },
	{ STEP_LAPSE, PARTY_SYSTEM, "pending confirmed completed no_show", "", 0, INT64_MAX, EFFECT_FREE },
	{ STEP_ASK, PARTY_HOST, "pending confirmed", "", 0, 100000, EFFECT_KEEP },
	{ STEP_INVITE, PARTY_HOST | PARTY_INVITEE, "pending confirmed", "", 0, 100000, EFFECT_KEEP },
	{ STEP_ANSWER, PARTY_GUEST, "confirmed", "", 0, 100000, EFFECT_KEEP },
	{ STEP_REVISE, PARTY_HOST, "pending confirmed", "", 0, 100000, EFFECT_KEEP },
};

static void test_table(void **state)
{
	static const int64_t moments[] = { 1, 99999, 100000, 101799, 101800, 200000 };
	static const enum booking_party parties[] = { PARTY_HOST, PARTY_INVITEE, PARTY_SYSTEM, PARTY_GUEST };
	(void)state;
	for (size_t r = 0; r < sizeof RULES / sizeof *RULES; r++)
		for (size_t p = 0; p < 4; p++)
			for (unsigned s = 0; BOOKING_STATUSES[s]; s++)
				for (size_t m = 0; m < sizeof moments / sizeof *moments; m++) {
					const struct policy *policy;
					cx.now = (instant){ moments[m] };
					enum err e = policy_find(&cx, RULES[r].step, parties[p], s, MEETING, &policy);
					bool right = may(RULES[r].from, s) && moments[m] >= RULES[r].from_second &&
						     moments[m] < RULES[r].until_second;
					enum err want = !(RULES[r].by & parties[p]) ? E_FORBIDDEN
							: right                     ? OK
										    : E_REFUSED;
					assert_int_equal(e, want);
					if (e)
						continue;
					assert_int_equal(policy->effect, RULES[r].effect);
					assert_int_equal(policy->stays, RULES[r].to && !*RULES[r].to);
					if (RULES[r].to && *RULES[r].to)
						assert_string_equal(BOOKING_STATUSES[policy->to], RULES[r].to);
				}
	arena_close(&cx.arena);
}

/* Who answers a proposal: the other side accepts or declines, its own takes it back. */
static void test_answers(void **state)
{
	static const struct {
		enum booking_step step;
		enum booking_party by, proposer;
		bool may;
	} answers[] = {
		{ STEP_ACCEPT, PARTY_HOST, PARTY_INVITEE, true },
		{ STEP_ACCEPT, PARTY_HOST, PARTY_HOST, false },
		{ STEP_ACCEPT, PARTY_INVITEE, PARTY_HOST, true },
		{ STEP_ACCEPT, PARTY_INVITEE, PARTY_INVITEE, false },
		{ STEP_DECLINE, PARTY_INVITEE, PARTY_HOST, true },
		{ STEP_DECLINE, PARTY_HOST, PARTY_HOST, false },
		{ STEP_WITHDRAW, PARTY_HOST, PARTY_HOST, true },
		{ STEP_WITHDRAW, PARTY_HOST, PARTY_INVITEE, false },
		{ STEP_WITHDRAW, PARTY_INVITEE, PARTY_INVITEE, true },
		{ STEP_WITHDRAW, PARTY_INVITEE, PARTY_HOST, false },
		{ STEP_PROPOSE, PARTY_HOST, PARTY_INVITEE, true },
		{ STEP_PROPOSE, PARTY_HOST, PARTY_HOST, true },
	};
	(void)state;
	cx.now = (instant){ 1 };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const struct policy *policy;
		assert_int_equal(
		    policy_find(&cx, answers[i].step, answers[i].by, BOOKING_CONFIRMED, MEETING, &policy), OK);
		assert_int_equal(policy_proposal(&cx, policy, answers[i].by, answers[i].proposer),
				 answers[i].may ? OK : E_FORBIDDEN);
	}
	arena_close(&cx.arena);
}

static void test_expiry(void **state)
{
	(void)state;
	assert_int_equal(policy_pending_until((instant){ 1000000 }, (instant){ 0 }).s, 86400);
	assert_int_equal(policy_pending_until((instant){ 50000 }, (instant){ 0 }).s, 50000 - 7200);
	assert_int_equal(policy_pending_until((instant){ 7500 }, (instant){ 0 }).s, 900);
	assert_int_equal(policy_pending_until((instant){ 600 }, (instant){ 0 }).s, 600);
}

static void test_terms(void **state)
{
	(void)state;
	assert_true(policy_too_late(PARTY_INVITEE, (instant){ 3599 }, 60, (instant){ 0 }));
	assert_false(policy_too_late(PARTY_INVITEE, (instant){ 3600 }, 60, (instant){ 0 }));
	assert_false(policy_too_late(PARTY_HOST, (instant){ 1 }, 60, (instant){ 0 }));
	assert_false(policy_needs_confirmation(CONFIRM_NEVER, 60, (instant){ 1 }, (instant){ 0 }));
	assert_true(policy_needs_confirmation(CONFIRM_ALWAYS, 0, (instant){ 1 << 30 }, (instant){ 0 }));
	assert_true(policy_needs_confirmation(CONFIRM_SHORT_NOTICE, 60, (instant){ 3599 }, (instant){ 0 }));
	assert_false(policy_needs_confirmation(CONFIRM_SHORT_NOTICE, 60, (instant){ 3600 }, (instant){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_terms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
