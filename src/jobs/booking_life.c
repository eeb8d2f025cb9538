/* What happens to a booking when nobody does anything: a request expires, people are reminded. */
#include "mails.h"
#include "store/audit.h"
#include "store/event.h"
#include "store/guard.h"
#include "store/preference.h"

enum { STARTING_LASTS = 15 * MINUTE_SECONDS, THANKS_AFTER = HOUR_SECONDS, THANKS_LAST = 2 * DAY_SECONDS };

/* follow - what was planned, and for which state of the booking: another sequence, and it is void. */
struct follow {
	uuid booking_id;
	int64_t sequence;
	instant due;
};

static const struct field FOLLOW[] = {
	FIELD(struct follow, booking_id, IN | OUT | MUST),
	FIELD(struct follow, sequence, IN | OUT | MUST),
	FIELD(struct follow, due, IN | OUT | MUST),
	FIELD_END,
};

static enum err plan(struct cx *cx, const struct booking *b, const char *kind, instant due)
{
	struct follow it = { b->id, b->sequence, due };
	char id[UUID_TEXT];
	struct job job = {
		.account_id = b->account_id,
		.kind = str_of(kind),
		.lane = LANE_OWN,
		.dedupe_key = str_format(&cx->arena, "%s:%s:%lld:%lld", kind, uuid_format(id, b->id).p,
					 (long long)b->sequence, (long long)due.s),
		.payload = field_encode(&cx->arena, FOLLOW, &it),
		.due_at = due,
	};
	return job_add(cx, &job);
}

enum err booking_expiry_add(struct cx *cx, const struct booking *b)
{
	return plan(cx, b, "booking_expiry", b->pending_until);
}

/* ---- what is told at its moment */

struct moment {
	enum booking_message message;
	int64_t minutes; /* of a reminder */
	instant due;
};
enum { MOMENTS = EVENT_REMINDERS + 3 };

static bool is_wanted(const struct preference *p, enum booking_message message)
{
	for (unsigned to = 0; to < READER_COUNT; to++)
		for (unsigned channel = 0; channel < CHANNEL_COUNT; channel++)
			if (preference_on(p, message, to, channel))
				return true;
	return false;
}

/* Every moment of a booking, in no order. */
static size_t moments_of(const struct booking *b, const struct event_type *e, const struct preference *p,
			 struct moment out[MOMENTS])
{
	const struct list *minutes = e->reminders.items   ? &e->reminders
				     : p->reminders.items ? &p->reminders
							  : &REMINDERS;
	size_t n = 0;
	for (size_t i = 0; i < minutes->n && n < EVENT_REMINDERS; i++) {
		int64_t m = ((const int64_t *)minutes->items)[i];
		out[n++] = (struct moment){ MESSAGE_REMINDER, m, { b->start.s - m * MINUTE_SECONDS } };
	}
	if (e->reconfirm_minutes != NONE)
		out[n++] =
		    (struct moment){ MESSAGE_RECONFIRM, 0, { b->start.s - e->reconfirm_minutes * MINUTE_SECONDS } };
	if (is_wanted(p, MESSAGE_STARTING))
		out[n++] = (struct moment){ MESSAGE_STARTING, 0, b->start };
	if (is_wanted(p, MESSAGE_THANKS)) /* late enough that who did not come can be marked first */
		out[n++] = (struct moment){ MESSAGE_THANKS, 0, { b->end.s + THANKS_AFTER } };
	return n;
}

bool booking_moment_over(enum booking_message message, range when, instant now)
{
	switch (message) {
	case MESSAGE_STARTING:
		return now.s >= when.from.s + STARTING_LASTS;
	case MESSAGE_THANKS:
		return now.s >= when.to.s + THANKS_LAST;
	default:
		return now.s >= when.from.s;
	}
}

/* The first moment after one. */
static enum err plan_next(struct cx *cx, const struct booking *b, const struct moment *moments, size_t n,
			  instant after)
{
	instant next = { NONE };
	for (size_t i = 0; i < n; i++)
		if (moments[i].due.s > after.s && (!instant_is(next) || moments[i].due.s < next.s))
			next = moments[i].due;
	return instant_is(next) ? plan(cx, b, "booking_follow", next) : OK;
}

enum err booking_follow_add(struct cx *cx, const struct booking *b, const struct event_type *e,
			    const struct preference *p)
{
	struct moment moments[MOMENTS];
	return plan_next(cx, b, moments, moments_of(b, e, p, moments), cx->now);
}

static enum err expire(struct cx *cx, void *arg)
{
	const range none = { { NONE }, { NONE } };
	const struct policy *policy;
	const struct follow *it = arg;
	struct booking b;
	TRY(booking_get(cx, it->booking_id, &b));
	if (b.sequence != it->sequence || b.status != BOOKING_PENDING)
		return OK;
	TRY(policy_find(cx, STEP_EXPIRE, PARTY_SYSTEM, b.status, (range){ b.start, b.end }, &policy));
	uuid reserved = b.reservation_id;
	str before = booking_text(&cx->arena, &b);
	b.status = policy->to;
	b.pending_until = (instant){ NONE };
	b.reservation_id = (uuid){ 0 };
	TRY(booking_step(cx, &b));
	TRY(guard_release(cx, reserved));
	TRY(audit_add(cx, &(struct audit_entry){ .account_id = b.account_id,
						 .actor = S("system"),
						 .origin = S("expiry"),
						 .action = S("booking.expire"),
						 .entity_id = b.id,
						 .before_text = before,
						 .after_text = booking_text(&cx->arena, &b) }));
	TRY(event_add(cx, EVENT_EXPIRED, &b, none));
	return booking_mail_add(cx, MESSAGE_EXPIRED, &b, false, none, (str){ NULL, 0 }, (str){ NULL, 0 });
}

static enum err tell(struct cx *cx, void *arg)
{
	const struct follow *it = arg;
	struct moment moments[MOMENTS];
	struct preference p;
	struct event_type e;
	struct booking b;
	TRY(booking_get(cx, it->booking_id, &b));
	if (b.sequence != it->sequence || (b.status != BOOKING_CONFIRMED && b.status != BOOKING_COMPLETED))
		return OK;
	TRY(event_type_get_id(cx, b.event_type_id, &e));
	TRY(preference_find(cx, b.account_id, &p));
	size_t n = moments_of(&b, &e, &p, moments);
	for (size_t i = 0; i < n; i++)
		if (moments[i].due.s == it->due.s &&
		    !booking_moment_over(moments[i].message, (range){ b.start, b.end }, cx->now))
			TRY(booking_moment_mail_add(cx, moments[i].message, &b, moments[i].minutes));
	return plan_next(cx, &b, moments, n, cx->now.s > it->due.s ? cx->now : it->due);
}

static enum err follow_run(struct work *w, const struct job *job, enum err (*step)(struct cx *, void *))
{
	struct follow it;
	TRY(field_decode(w->cx, FOLLOW, &it, job->payload, FIELD_NEW));
	return store_write_wait(w->place->store, w->cx, step, &it);
}

enum err booking_expiry_run(struct work *w, const struct job *job)
{
	return follow_run(w, job, expire);
}

enum err booking_follow_run(struct work *w, const struct job *job)
{
	return follow_run(w, job, tell);
}
