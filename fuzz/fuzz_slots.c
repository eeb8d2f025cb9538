/* Any bytes as a case: refused with a reason, or answered; and then checking, explaining, free time and the rows
 * asked for agree with the answer. */
#include "core/explain.h"
#include "core/free.h"
#include "core/zone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { LOOKS = 6 };

static void moment(const struct slot_case *c, const struct list *slots, instant at)
{
	struct cx cx = { 0 };
	const struct slot *s = slots->items;
	struct list reasons;
	bool offered, listed = false;
	for (size_t i = 0; i < slots->n && !listed; i++)
		listed = s[i].start.s == at.s;
	if (at.s >= INSTANT_MIN.s && at.s < INSTANT_MAX.s) {
		assert(slot_check(&cx, c, at, &offered) == OK && offered == listed);
		assert(slot_explain(&cx, c, at, &reasons) == OK && (reasons.n == 0) == listed);
	}
	arena_close(&cx.arena);
}

static void answered(struct cx *cx, const struct slot_case *c, const struct list *slots)
{
	const struct slot *s = slots->items;
	struct host_time host = { c->schedule, c->meetings, c->busy };
	struct intervals free_time, busy;
	range rows, asked;
	for (size_t i = 1; i < slots->n; i++)
		assert(s[i - 1].start.s < s[i].start.s && s[i].seats_left > 0);
	for (size_t i = 0; i < slots->n; i += 1 + slots->n / LOOKS) {
		moment(c, slots, s[i].start);
		moment(c, slots, instant_add(s[i].start, span_minutes(1)));
	}
	assert(free_range(cx, &c->query, &asked) == OK && slot_meeting_range(cx, c, &rows) == OK);
	assert(rows.from.s <= asked.from.s && rows.to.s >= asked.to.s);
	assert(free_list(cx, &c->query, &host, &free_time) == OK && busy_list(cx, &c->query, &host, &busy) == OK);
	assert(interval_intersection(&cx->arena, free_time, busy).n == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct cx cx = { 0 };
	struct slot_case c;
	struct list slots;
	struct rule_pair pair;
	if (field_decode(&cx, SLOT_CASE, &c, (str){ (const char *)data, size }, FIELD_NEW) == OK) {
		(void)schedule_overlap(&cx, &c.schedule, &pair);
		if (slot_list(&cx, &c, &slots) == OK)
			answered(&cx, &c, &slots);
		else
			assert(cx.fault.problems && cx.fault.problems->message.n);
	}
	arena_close(&cx.arena);
	return 0;
}
