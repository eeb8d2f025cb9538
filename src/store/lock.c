#include "lock.h"

#include "engine.h"
#include "store/lock_sql.h"

struct locked {
	uuid id;
};
static const struct field LOCKED[] = { FIELD(struct locked, id, 0), FIELD_END };

static enum err take(struct cx *cx, const struct stmt *stmt, uuid id)
{
	return db_is_shared(cx) ? db_send(cx, stmt, LOCKED, &(struct locked){ id }) : OK;
}

enum err lock_account(struct cx *cx, uuid account_id)
{
	if (uuid_same(cx->db->locked, account_id))
		return OK;
	lock_note(cx, account_id);
	return take(cx, &ACCOUNT_LOCK, account_id);
}

void lock_note(struct cx *cx, uuid account_id)
{
	cx->db->locked = account_id;
}

enum err lock_booking(struct cx *cx, uuid booking_id)
{
	return take(cx, &BOOKING_LOCK, booking_id);
}

enum err lock_event_type(struct cx *cx, uuid event_type_id)
{
	return take(cx, &EVENT_TYPE_LOCK, event_type_id);
}
