/* What happens to a booking when nobody does anything. */
#include "mails.h"
#include "store/audit.h"
#include "store/guard.h"

struct expiry {
	uuid booking_id;
	int64_t sequence;
};

static const struct field EXPIRY[] = { FIELD(struct expiry, booking_id, IN | OUT | MUST),
				       FIELD(struct expiry, sequence, IN | OUT | MUST), FIELD_END };

enum err booking_expiry_add(struct cx *cx, const struct booking *b)
{
	struct expiry it = { b->id, b->sequence };
	char id[UUID_TEXT];
	struct job job = {
		.account_id = b->account_id,
		.kind = S("booking_expiry"),
		.dedupe_key =
		    str_format(&cx->arena, "expiry:%s:%lld", uuid_format(id, b->id).p, (long long)b->sequence),
		.payload = field_encode(&cx->arena, EXPIRY, &it),
		.due_at = b->pending_until,
	};
	return job_add(cx, &job);
}

/* In a write transaction: nothing to do when somebody did something meanwhile. */
static enum err expire(struct cx *cx, void *arg)
{
	const struct expiry *it = arg;
	const struct policy *policy;
	struct booking b;
	TRY(booking_get(cx, it->booking_id, &b));
	if (b.sequence != it->sequence || b.status != BOOKING_PENDING)
		return OK;
	TRY(policy_find(cx, STEP_EXPIRE, PARTY_SYSTEM, b.status, (range){ b.start, b.end }, &policy));
	uuid reserved = b.reservation_id;
	b.status = policy->to;
	b.pending_until = (instant){ NONE };
	b.reservation_id = (uuid){ 0 };
	TRY(booking_step(cx, &b));
	TRY(guard_release(cx, reserved));
	TRY(audit_add(cx, &(struct audit_entry){ .account_id = b.account_id,
						 .actor = S("system"),
						 .origin = S("expiry"),
						 .action = S("booking.expire"),
						 .entity_id = b.id }));
	return booking_mail_add(cx, MESSAGE_EXPIRED, &b, (range){ { NONE }, { NONE } }, (str){ NULL, 0 },
				(str){ NULL, 0 });
}

enum err booking_expiry_run(struct work *w, const struct job *job)
{
	struct expiry it;
	TRY(field_decode(w->cx, EXPIRY, &it, job->payload, FIELD_NEW));
	return store_write_wait(w->place->store, w->cx, expire, &it);
}
