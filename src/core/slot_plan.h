/* What listing and explaining share; for slots.c and explain.c only. */
#ifndef CORE_SLOT_PLAN_H
#define CORE_SLOT_PLAN_H
#include "slots.h"
#include "zone.h"

/* slot_plan - a checked case in seconds. */
struct slot_plan {
	const struct slot_case *c;
	const struct zone *host, *invitee;
	int64_t length, step, before, after; /* seconds */
	instant earliest;                    /* now and the notice */
	day first, last;                     /* the host's dates that window and horizon leave */
};

enum err slot_plan_make(struct cx *, const struct slot_case *, struct slot_plan *out);

/* slot_joins - whether a start would join that meeting: same event, same length, a seat left. */
bool slot_joins(const struct slot_plan *, const struct meeting *, instant start);

/* slot_forbids - the starts that a meeting or busy time forbids, in whole seconds: [from, to). */
range slot_forbids_meeting(const struct slot_plan *, const struct meeting *);
range slot_forbids_busy(const struct slot_plan *, range busy);

/* slot_count - the meetings of the event in the date, week and month of d. */
struct slot_limits slot_count(const struct slot_plan *, day d);
#endif
