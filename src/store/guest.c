#include "guest.h"

#include "base/secret.h"
#include "store/guest_sql.h"

const char *const GUEST_ROLES[] = { "active", "passive", "co_host", NULL };
const char *const GUEST_RSVPS[] = { "needs_action", "accepted", "declined", "tentative", NULL };

static const struct field GUEST_ROW[] = {
	FIELD(struct guest, id, 0),
	FIELD(struct guest, booking_id, 0),
	FIELD(struct guest, email, 0),
	FIELD(struct guest, name, MAYBE),
	FIELD(struct guest, role, 0, .choices = GUEST_ROLES),
	FIELD(struct guest, rsvp, 0, .choices = GUEST_RSVPS),
	FIELD(struct guest, account_id, MAYBE),
	FIELD_END,
};

enum err guest_insert(struct cx *cx, struct guest *g)
{
	g->id = uuid_make(cx->now);
	return db_send(cx, &GUEST_INSERT, GUEST_ROW, g);
}

enum err guest_remove(struct cx *cx, uuid id)
{
	return db_run(cx, &GUEST_REMOVE, GUEST_ROW, &(struct guest){ .id = id }, NULL);
}

enum err guest_list(struct cx *cx, uuid booking_id, struct list *out)
{
	struct guest key = { .booking_id = booking_id };
	return db_list(cx, &GUEST_LIST, GUEST_ROW, &key, GUEST_ROW, sizeof key, out);
}

enum err guest_ask_list(struct cx *cx, uuid booking_id)
{
	struct guest key = { .booking_id = booking_id };
	return db_ask(cx, &GUEST_LIST, GUEST_ROW, &key, GUEST_ROW);
}

enum err guest_find(struct cx *cx, uuid id, struct guest *out, bool *found)
{
	struct guest key = { .id = id };
	return db_find(cx, &GUEST_FIND, GUEST_ROW, &key, GUEST_ROW, out, found);
}

enum err guest_answer(struct cx *cx, const struct guest *g)
{
	return db_run(cx, &GUEST_ANSWER, GUEST_ROW, g, NULL);
}

enum err guest_ask_again(struct cx *cx, uuid booking_id)
{
	return db_run(cx, &GUEST_ASK_AGAIN, GUEST_ROW, &(struct guest){ .booking_id = booking_id }, NULL);
}

bool guest_takes_time(const struct guest *g)
{
	return g->role == GUEST_CO_HOST && uuid_is(g->account_id) && g->rsvp != RSVP_DECLINED;
}
