#include "lock.h"

#include "engine.h"
#include "store/lock_sql.h"

struct locked {
	uuid id;
};
static const struct field LOCKED[] = { FIELD(struct locked, id, 0), FIELD_END };

static enum err take(struct cx *cx, const struct stmt *stmt, uuid id)
{
	struct locked row = { id };
	bool found;
	if (!db_is_shared(cx))
		return OK;
	TRY(db_find(cx, stmt, LOCKED, &row, LOCKED, &row, &found));
	if (found)
		cx->db->locked = row.id;
	return OK;
}

enum err lock_account(struct cx *cx, uuid account_id)
{
	return uuid_same(cx->db->locked, account_id) ? OK : take(cx, &ACCOUNT_LOCK, account_id);
}

enum err lock_booking(struct cx *cx, uuid booking_id)
{
	return take(cx, &BOOKING_LOCK, booking_id);
}

enum err lock_event_type(struct cx *cx, uuid event_type_id)
{
	return take(cx, &EVENT_TYPE_LOCK, event_type_id);
}
