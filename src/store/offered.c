#include "offered.h"

#include "lock.h"
#include "store/offered_sql.h"

/* offered_versions - of the rows that something offered was read from. */
struct offered_versions {
	uuid event_type_id;
	int64_t event_type, schedule, host;
};

static const struct field OFFERED_VERSIONS_ROW[] = { FIELD(struct offered_versions, event_type_id, 0),
						     FIELD(struct offered_versions, event_type, 0),
						     FIELD(struct offered_versions, schedule, 0),
						     FIELD(struct offered_versions, host, 0), FIELD_END };

enum err offered_get(struct cx *cx, uuid event_type_id, struct offered *out)
{
	*out = (struct offered){ 0 };
	struct availability *a = &out->availability;
	availability_start(cx, event_type_id, a);
	enum err e =
	    db_get_both(cx, &OFFERED_GET, AVAILABILITY_ROW, a, EVENT_TYPE_ROW, &out->event_type, AVAILABILITY_ROW, a);
	if (e == E_NOT_FOUND)
		return FAIL(cx, e, S("/event_type_id"), "is not an event type that can be booked");
	return e ? e : availability_finish(cx, a);
}

enum err offered_host(struct cx *cx, struct offered *o)
{
	return uuid_is(o->host.id) ? OK : account_get_id(cx, o->event_type.account_id, &o->host);
}

enum err offered_holds(struct cx *cx, const struct offered *o, bool *holds)
{
	struct offered_versions now = { .event_type_id = o->event_type.id };
	TRY(lock_event_type(cx, o->event_type.id)); /* and stays so */
	TRY(db_find(cx, &OFFERED_VERSIONS, OFFERED_VERSIONS_ROW, &now, OFFERED_VERSIONS_ROW, &now, holds));
	*holds = *holds && now.event_type == o->event_type.version && now.host == o->host.version &&
		 now.event_type == o->availability.versions.event_type &&
		 now.schedule == o->availability.versions.schedule;
	return OK;
}
