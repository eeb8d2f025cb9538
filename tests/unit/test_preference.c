/* Who is told what: what is usual, what a host chose, and what cannot be chosen. */
#include "store/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct cx cx;

static int done(void **state)
{
	(void)state;
	fault_clear(&cx);
	arena_close(&cx.arena);
	return 0;
}

static struct preference chosen(struct preference_choice *choices, size_t n)
{
	return (struct preference){ .send_mails = true, .messages = { choices, n } };
}

static void test_usual(void **state)
{
	struct preference p = chosen(NULL, 0);
	(void)state;
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_INVITEE, CHANNEL_EMAIL));
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_GUEST, CHANNEL_EMAIL));
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_HOST, CHANNEL_PUSH));
	assert_false(preference_on(&p, MESSAGE_BOOKED, TO_INVITEE, CHANNEL_PUSH));
	assert_false(preference_on(&p, MESSAGE_THANKS, TO_INVITEE, CHANNEL_EMAIL));
	assert_false(preference_on(&p, MESSAGE_THANKS, TO_HOST, CHANNEL_EMAIL));
	assert_false(preference_on(&p, MESSAGE_REQUESTED, TO_GUEST, CHANNEL_EMAIL));
	p.send_mails = false;
	assert_false(preference_on(&p, MESSAGE_BOOKED, TO_INVITEE, CHANNEL_EMAIL));
	assert_false(preference_on(&p, MESSAGE_BOOKED, TO_GUEST, CHANNEL_EMAIL));
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_HOST, CHANNEL_EMAIL));
}

static void test_chosen(void **state)
{
	struct preference_choice choices[] = { { MESSAGE_BOOKED, TO_HOST, CHANNEL_EMAIL, false },
					       { MESSAGE_REMINDER, TO_INVITEE, CHANNEL_EMAIL, false },
					       { MESSAGE_REMINDER, TO_HOST, CHANNEL_EMAIL, false },
					       { MESSAGE_THANKS, TO_INVITEE, CHANNEL_EMAIL, true } };
	struct preference p = chosen(choices, 4);
	(void)state;
	assert_int_equal(preference_accept(&cx, &p), OK);
	assert_false(preference_on(&p, MESSAGE_BOOKED, TO_HOST, CHANNEL_EMAIL));
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_HOST, CHANNEL_PUSH));
	assert_true(preference_on(&p, MESSAGE_BOOKED, TO_CO_HOST, CHANNEL_EMAIL)); /* an invitation: always */
	assert_false(preference_on(&p, MESSAGE_REMINDER, TO_INVITEE, CHANNEL_EMAIL));
	assert_false(preference_on(&p, MESSAGE_REMINDER, TO_CO_HOST, CHANNEL_EMAIL));
	assert_true(preference_on(&p, MESSAGE_THANKS, TO_INVITEE, CHANNEL_EMAIL));
}

/* Everything that is listed may be sent back, says what is so, and is there once. */
static void test_filled(void **state)
{
	struct preference_choice one = { MESSAGE_STARTING, TO_HOST, CHANNEL_PUSH, true };
	struct preference p = chosen(&one, 1), before = p;
	(void)state;
	preference_fill(&cx.arena, &p);
	assert_true(p.messages.n > MESSAGE_COUNT);
	assert_int_equal(preference_accept(&cx, &p), OK);
	for (size_t i = 0; i < p.messages.n; i++) {
		const struct preference_choice *c = (const struct preference_choice *)p.messages.items + i;
		assert_int_equal(c->on, preference_on(&before, c->message, c->to, c->channel));
	}
}

static void test_refused(void **state)
{
	struct preference_choice choices[] = { { MESSAGE_BOOKED, TO_INVITEE, CHANNEL_EMAIL, false },
					       { MESSAGE_THANKS, TO_HOST, CHANNEL_EMAIL, true },
					       { MESSAGE_THANKS, TO_INVITEE, CHANNEL_PUSH, true },
					       { MESSAGE_BOOKED, TO_HOST, CHANNEL_EMAIL, true },
					       { MESSAGE_BOOKED, TO_HOST, CHANNEL_EMAIL, true } };
	struct preference p = chosen(choices, 5);
	(void)state;
	assert_int_equal(preference_accept(&cx, &p), E_INVALID);
	assert_int_equal(cx.fault.count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_usual, done),
		cmocka_unit_test_teardown(test_chosen, done),
		cmocka_unit_test_teardown(test_filled, done),
		cmocka_unit_test_teardown(test_refused, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
