#include "event.h"

#include "base/secret.h"
#include "booking_view.h"
#include "store/event_sql.h"
#include "webhook.h"

#define BOOKING_EVENTS                                                                                        \
	"booking.created", "booking.requested", "booking.confirmed", "booking.rejected", "booking.cancelled", \
	    "booking.rescheduled", "booking.expired", "booking.completed", "booking.no_show", "booking.updated"

const char *const EVENT_KINDS[] = { BOOKING_EVENTS, "webhook.test", NULL };
const char *const EVENTS_LISTENED[] = { BOOKING_EVENTS, NULL };

const struct field EVENT[] = {
	FIELD(struct event, account_id, 0),
	FIELD(struct event, id, 0),
	FIELD(struct event, booking_id, MAYBE),
	FIELD(struct event, type, 0, .choices = EVENT_KINDS),
	FIELD(struct event, payload, 0),
	FIELD(struct event, created_at, 0),
	FIELD_END,
};

/* What the event tells: `data` of its body. */
struct time_before {
	instant start, end;
};
struct told {
	struct booking_view booking;
	struct time_before previous;
};
static const struct field TIME_BEFORE[] = { FIELD(struct time_before, start, OUT | MAYBE),
					    FIELD(struct time_before, end, OUT | MAYBE), FIELD_END };
static const struct field TOLD[] = { OBJECT(struct told, booking, OUT, BOOKING_VIEW),
				     OBJECT(struct told, previous, OUT | MAYBE | SPARSE, TIME_BEFORE), FIELD_END };

enum err event_add(struct cx *cx, enum event_kind kind, const struct booking *b, range before)
{
	bool listened;
	TRY(webhook_wanted(cx, b->account_id, &listened));
	if (!listened)
		return OK;
	struct told told = { booking_view_make(cx, b), { { NONE }, { NONE } } };
	if (kind == EVENT_RESCHEDULED)
		told.previous = (struct time_before){ before.from, before.to };
	struct event e = { .account_id = b->account_id,
			   .id = uuid_make(cx->now),
			   .booking_id = b->id,
			   .type = kind,
			   .payload = field_encode(&cx->arena, TOLD, &told),
			   .created_at = cx->now };
	TRY(db_send(cx, &EVENT_INSERT, EVENT, &e));
	return webhook_enqueue(cx, &e);
}

enum err event_add_id(struct cx *cx, enum event_kind kind, uuid account, uuid booking)
{
	struct booking b;
	bool listened;
	TRY(webhook_wanted(cx, account, &listened));
	if (!listened)
		return OK;
	TRY(booking_get(cx, booking, &b));
	return event_add(cx, kind, &b, (range){ { NONE }, { NONE } });
}

enum err event_add_test(struct cx *cx, uuid webhook, struct event *out)
{
	char id[UUID_TEXT];
	*out =
	    (struct event){ .account_id = cx->actor,
			    .id = uuid_make(cx->now),
			    .type = EVENT_TEST,
			    .payload = str_format(&cx->arena, "{\"webhook_id\":\"%s\"}", uuid_format(id, webhook).p),
			    .created_at = cx->now };
	return db_send(cx, &EVENT_INSERT, EVENT, out);
}

str event_body(struct arena *a, const struct event *e)
{
	char id[UUID_TEXT], at[INSTANT_TEXT];
	return str_format(a, "{\"id\":\"%s\",\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":%.*s}",
			  uuid_format(id, e->id).p, EVENT_KINDS[e->type], instant_format(at, e->created_at).p,
			  STR_ARG(e->payload));
}

enum err event_prune(struct cx *cx)
{
	struct event key = { .created_at = instant_add(cx->now, span_days(-EVENT_DAYS)) };
	return db_run(cx, &EVENT_PRUNE, EVENT, &key, NULL);
}
