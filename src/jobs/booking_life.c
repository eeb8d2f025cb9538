/* What happens to a booking when nobody does anything: a request expires, people are reminded. */
#include "mails.h"
#include "store/audit.h"
#include "store/guard.h"

/* follow - what was planned, and for which state of the booking: another sequence, and it is void. */
struct follow {
	uuid booking_id;
	int64_t sequence, minutes; /* minutes: of a reminder */
};

static const struct field FOLLOW[] = {
	FIELD(struct follow, booking_id, IN | OUT | MUST),
	FIELD(struct follow, sequence, IN | OUT | MUST),
	FIELD(struct follow, minutes, IN | OUT),
	FIELD_END,
};

static enum err plan(struct cx *cx, const struct booking *b, const char *kind, int64_t minutes, instant due)
{
	struct follow it = { b->id, b->sequence, minutes };
	char id[UUID_TEXT];
	struct job job = {
		.account_id = b->account_id,
		.kind = str_of(kind),
		.lane = LANE_OWN,
		.dedupe_key = str_format(&cx->arena, "%s:%s:%lld:%lld", kind, uuid_format(id, b->id).p,
					 (long long)b->sequence, (long long)minutes),
		.payload = field_encode(&cx->arena, FOLLOW, &it),
		.due_at = due,
	};
	return job_add(cx, &job);
}

enum err booking_expiry_add(struct cx *cx, const struct booking *b)
{
	return plan(cx, b, "booking_expiry", 0, b->pending_until);
}

enum err booking_reminder_add(struct cx *cx, const struct booking *b, const struct list *minutes)
{
	int64_t next = 0;
	for (size_t i = 0; i < minutes->n; i++) {
		int64_t m = ((const int64_t *)minutes->items)[i];
		if (m > next && b->start.s - m * MINUTE_SECONDS > cx->now.s)
			next = m;
	}
	if (!next)
		return OK;
	return plan(cx, b, "booking_reminder", next, (instant){ b->start.s - next * MINUTE_SECONDS });
}

/* The booking, if it is still what was planned for. */
static enum err find(struct cx *cx, const struct follow *it, enum booking_status status, struct booking *out,
		     bool *still)
{
	TRY(booking_get(cx, it->booking_id, out));
	*still = out->sequence == it->sequence && out->status == status;
	return OK;
}

static enum err expire(struct cx *cx, void *arg)
{
	const range none = { { NONE }, { NONE } };
	const struct policy *policy;
	struct booking b;
	bool still;
	TRY(find(cx, arg, BOOKING_PENDING, &b, &still));
	if (!still)
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
	return booking_mail_add(cx, MESSAGE_EXPIRED, &b, false, none, (str){ NULL, 0 }, (str){ NULL, 0 });
}

static enum err remind(struct cx *cx, void *arg)
{
	const struct follow *it = arg;
	struct event_type e;
	struct booking b;
	bool still;
	TRY(find(cx, it, BOOKING_CONFIRMED, &b, &still));
	if (!still || cx->now.s >= b.start.s)
		return OK;
	TRY(booking_reminder_mail_add(cx, &b, it->minutes));
	TRY(event_type_get_id(cx, b.event_type_id, &e));
	return booking_reminder_add(cx, &b, e.reminders.items ? &e.reminders : &REMINDERS);
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

enum err booking_reminder_run(struct work *w, const struct job *job)
{
	return follow_run(w, job, remind);
}
