/* What happens to a proposal that nobody answers. */
#include "mails.h"
#include "store/audit.h"
#include "store/event.h"

/* lapse - which proposal, of which booking: it may have been answered since. */
struct lapse {
	uuid booking_id, proposal_id;
};

static const struct field LAPSE[] = {
	FIELD(struct lapse, booking_id, IN | OUT | MUST),
	FIELD(struct lapse, proposal_id, IN | OUT | MUST),
	FIELD_END,
};

enum err proposal_expiry_add(struct cx *cx, const struct booking *b)
{
	struct lapse it = { b->id, b->proposal.id };
	char id[UUID_TEXT];
	struct job job = {
		.account_id = b->account_id,
		.kind = S("proposal_expiry"),
		.lane = LANE_OWN,
		.dedupe_key = str_format(&cx->arena, "proposal_expiry:%s", uuid_format(id, it.proposal_id).p),
		.payload = field_encode(&cx->arena, LAPSE, &it),
		.due_at = b->proposal.expires_at,
	};
	return job_add(cx, &job);
}

static enum err lapse(struct cx *cx, void *arg)
{
	const struct lapse *it = arg;
	const struct policy *policy;
	const range none = { { NONE }, { NONE } };
	struct booking b;
	TRY(booking_get(cx, it->booking_id, &b));
	if (!uuid_same(b.proposal.id, it->proposal_id))
		return OK; /* answered */
	TRY(policy_find(cx, STEP_LAPSE, PARTY_SYSTEM, b.status, (range){ b.start, b.end }, &policy));
	enum booking_party by = b.proposal.by == PROPOSER_INVITEE ? PARTY_INVITEE : PARTY_HOST;
	str text = booking_text(&cx->arena, &b);
	TRY(proposal_end(cx, b.proposal.id));
	b.proposal = (struct proposal){ 0 };
	TRY(booking_talk(cx, &b));
	TRY(audit_add(cx, &(struct audit_entry){ .account_id = b.account_id,
						 .actor = S("system"),
						 .origin = S("expiry"),
						 .action = S("booking.lapse"),
						 .entity_id = b.id,
						 .before_text = text,
						 .after_text = text }));
	TRY(event_add(cx, EVENT_UPDATED, &b, none));
	bool ends = b.status == BOOKING_PENDING && cx->now.s >= b.pending_until.s; /* it expires now, which is told */
	if (ends || cx->now.s >= b.start.s)
		return OK; /* that it stays helps nobody */
	return booking_talk_mail_add(cx, MESSAGE_PROPOSAL_EXPIRED, &b, by, (str){ NULL, 0 });
}

enum err proposal_expiry_run(struct work *w, const struct job *job)
{
	struct lapse it;
	TRY(field_decode(w->cx, LAPSE, &it, job->payload, FIELD_NEW));
	return store_write_wait(w->place->store, w->cx, lapse, &it);
}
