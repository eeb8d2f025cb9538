#include "proposal.h"

#include "base/secret.h"
#include "store/proposal_sql.h"

const char *const PROPOSERS[] = { "host", "invitee", NULL };

const struct field PROPOSAL_START[] = {
	{ .name = "", .type = F_INSTANT, .flags = IN | OUT, .doc = "Start of a proposed time, UTC" },
	FIELD_END,
};

static const struct field PROPOSAL_ROW[] = { FIELD(struct proposal, id, 0),
					     FIELD(struct proposal, booking_id, 0),
					     FIELD(struct proposal, by, 0, .choices = PROPOSERS),
					     LIST(struct proposal, starts, 0, PROPOSAL_START, instant),
					     FIELD(struct proposal, note, MAYBE),
					     FIELD(struct proposal, expires_at, 0),
					     FIELD_END };

bool proposal_is_open(const struct proposal *p, instant now)
{
	return uuid_is(p->id) && p->expires_at.s > now.s;
}

enum err proposal_insert(struct cx *cx, struct proposal *p, const struct claim *claims)
{
	p->id = uuid_make(cx->now);
	p->created_at = cx->now;
	TRY(db_run(cx, &PROPOSAL_INSERT, PROPOSAL_ROW, p, NULL));
	for (size_t i = 0; i < p->starts.n; i++) {
		struct hold h = { .reservation_id = claims[i].reservation_id,
				  .proposal_id = p->id,
				  .expires_at = p->expires_at };
		if (uuid_is(h.reservation_id))
			TRY(hold_insert(cx, &h));
	}
	return OK;
}

enum err proposal_end(struct cx *cx, uuid id)
{
	struct proposal key = { .id = id };
	TRY(hold_remove_all(cx, id));
	return db_run(cx, &PROPOSAL_DELETE, PROPOSAL_ROW, &key, NULL);
}
