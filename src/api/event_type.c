/* Event types, as their owner sees and changes them. */
#include "change.h"
#include "routes.h"
#include "site.h"
#include "store/account.h"
#include "store/co_host.h"
#include "store/event_type.h"
#include "store/schedule.h"

static const str NOTHING = { NULL, 0 };

struct event_type_query {
	int64_t limit;
	str cursor, code;
	instant updated_since;
	unsigned active;
};

static const struct field EVENT_TYPE_QUERY[] = {
	PAGE_FIELDS(struct event_type_query),
	FIELD(struct event_type_query, code, IN | MAYBE, .max = 60, .doc = "Only the one of that code"),
	FIELD(struct event_type_query, active, IN, .choices = EVENT_TYPE_ACTIVE,
	      .doc = "Only active ones, or only others"),
	FIELD(struct event_type_query, updated_since, IN | MAYBE, .doc = "Only those changed then or later"),
	FIELD_END,
};

static str event_type_text(struct call *c, const struct event_type *e)
{
	return field_encode(&c->cx->arena, EVENT_TYPE, e);
}

/* Public pages are at /username/code. */
static enum err booking_urls(struct call *c, struct event_type *e, size_t n)
{
	struct account a;
	TRY(account_get(c->cx, &a));
	for (size_t i = 0; i < n; i++)
		e[i].booking_url = str_format(&c->cx->arena, "%.*s/%.*s/%.*s", STR_ARG(c->site->config.base_url),
					      STR_ARG(a.username), STR_ARG(e[i].code));
	return OK;
}

static enum err event_type_answer(struct call *c, struct event_type *e)
{
	TRY(booking_urls(c, e, 1));
	call_etag(c, e->version);
	return reply_object(c, EVENT_TYPE, e);
}

static enum err event_type_load(struct call *c, struct event_type *out)
{
	TRY(event_type_get(c->cx, c->id, out));
	return call_if_match(c, out->version);
}

/* ---- what only the server can judge */

static enum err schedule_choose(struct call *c, struct event_type *e)
{
	uuid wanted = e->schedule_id;
	TRY(schedule_resolve(c->cx, &e->schedule_id));
	if (uuid_is(e->schedule_id))
		return OK;
	if (uuid_is(wanted))
		return FAIL(c->cx, E_NOT_FOUND, S("/schedule_id"),
			    "is not one of your schedules: list them at /v1/schedules");
	return FAIL(c->cx, E_REFUSED, S("/schedule_id"), "is missing, and you have no schedule yet: make one first");
}

/* The plan limits how many are active; one that is active already may stay so. */
static enum err plan_check(struct call *c, const struct event_type *e, bool was_active)
{
	int64_t all, active, limit = c->site->config.free_event_types;
	if (!e->active || was_active || c->caller.paid)
		return OK;
	TRY(event_type_count(c->cx, c->cx->actor, &all, &active));
	if (active < limit)
		return OK;
	return FAIL(c->cx, E_PLAN_LIMIT, S("/active"),
		    "must be false: the free plan has a limit of active event types (free_event_types), and it is "
		    "%lld; deactivate another one first",
		    (long long)limit);
}

/* ---- handlers */

static enum err event_types_show(struct call *c)
{
	const struct event_type_query *q = c->query;
	struct event_type_filter filter = {
		.limit = q->limit + 1, .changed_since = q->updated_since, .code = q->code, .active = q->active
	};
	struct cursor after;
	struct list items;
	str next = NOTHING;
	TRY(cursor_parse(c->cx, q->cursor, &after));
	filter.after = after.id;
	TRY(event_type_list(c->cx, &filter, &items));
	if (page_cut(&items, q->limit)) {
		const struct event_type *last = (const struct event_type *)items.items + items.n - 1;
		next = cursor_format(&c->cx->arena, &(struct cursor){ .id = last->id });
	}
	TRY(booking_urls(c, items.items, items.n));
	return reply_list(c, EVENT_TYPE, sizeof(struct event_type), &items, next);
}

/* Those who are new on the list must have agreed; each once. */
static enum err co_hosts_check(struct call *c, const struct event_type *e)
{
	struct cx *cx = c->cx;
	const uuid *all = e->co_hosts.items;
	bool agreed;
	fault_clear(cx);
	for (size_t i = 0; i < e->co_hosts.n; i++) {
		str at = str_format(&cx->arena, "/co_hosts/%zu", i);
		TRY(co_host_agreed(cx, cx->actor, all[i], &agreed));
		if (!agreed)
			fault_add(cx, at, "is nobody who agreed to host with you: ask by POST /v1/co-hosts");
		for (size_t k = 0; k < i; k++)
			if (uuid_same(all[k], all[i]))
				fault_add(cx, at, "is given twice");
	}
	return fault_check(cx);
}

static enum err event_type_create(struct call *c)
{
	struct event_type *e = c->body;
	e->account_id = c->cx->actor;
	TRY(event_type_accept(c->cx, e, NULL));
	TRY(co_hosts_check(c, e));
	TRY(schedule_choose(c, e));
	TRY(plan_check(c, e, false));
	TRY(event_type_insert(c->cx, e));
	TRY(change_note(c, S("event_type.create"), e->id, NOTHING, event_type_text(c, e)));
	change_location(c, e->id);
	return event_type_answer(c, e);
}

static enum err event_type_show(struct call *c)
{
	struct event_type e;
	TRY(event_type_get(c->cx, c->id, &e));
	return event_type_answer(c, &e);
}

static enum err event_type_patch(struct call *c)
{
	struct event_type e, before;
	TRY(event_type_load(c, &e));
	before = e;
	TRY(call_merge(c, EVENT_TYPE, &e));
	TRY(event_type_accept(c->cx, &e, &before));
	TRY(co_hosts_check(c, &e));
	TRY(schedule_choose(c, &e));
	TRY(plan_check(c, &e, before.active));
	TRY(event_type_update(c->cx, &e));
	TRY(change_note(c, S("event_type.update"), e.id, event_type_text(c, &before), event_type_text(c, &e)));
	return event_type_answer(c, &e);
}

static enum err event_type_drop(struct call *c)
{
	struct event_type e;
	TRY(event_type_load(c, &e));
	TRY(event_type_remove(c->cx, e.id));
	return change_note(c, S("event_type.delete"), e.id, event_type_text(c, &e), NOTHING);
}

static enum err event_type_bring_back(struct call *c)
{
	struct event_type e;
	TRY(event_type_restore(c->cx, c->id, &e));
	TRY(change_note(c, S("event_type.restore"), e.id, NOTHING, event_type_text(c, &e)));
	return event_type_answer(c, &e);
}

#define READS  .may = MAY_USER, .tx = TX_READ, .limit = LIMIT_READ, .scope = "event_types:read"
#define WRITES .may = MAY_USER, .tx = TX_WRITE, .limit = LIMIT_WRITE, .scope = "event_types:write"

const struct route EVENT_TYPE_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/event-types",
	  .run = event_types_show,
	  READS,
	  .query = EVENT_TYPE_QUERY,
	  .query_size = sizeof(struct event_type_query),
	  .reply = EVENT_TYPE,
	  .list = true,
	  .name = "listEventTypes",
	  .doc = "One's event types, by id: in the order they were made" },
	{ .method = "POST",
	  .path = "/v1/event-types",
	  .run = event_type_create,
	  WRITES,
	  .body = EVENT_TYPE,
	  .body_size = sizeof(struct event_type),
	  .body_max = EVENT_BODY,
	  .creates = true,
	  .status = 201,
	  .reply = EVENT_TYPE,
	  .name = "createEventType",
	  .doc = "Make an event type" },
	{ .method = "GET",
	  .path = "/v1/event-types/{id}",
	  .run = event_type_show,
	  READS,
	  .reply = EVENT_TYPE,
	  .name = "getEventType",
	  .doc = "One of one's event types" },
	{ .method = "PATCH",
	  .path = "/v1/event-types/{id}",
	  .run = event_type_patch,
	  WRITES,
	  .merge = EVENT_TYPE,
	  .body_max = EVENT_BODY,
	  .reply = EVENT_TYPE,
	  .name = "updateEventType",
	  .doc = "Change the members named; lists are replaced whole; what is booked stays as it was booked" },
	{ .method = "DELETE",
	  .path = "/v1/event-types/{id}",
	  .run = event_type_drop,
	  WRITES,
	  .status = 204,
	  .name = "deleteEventType",
	  .doc = "Offer it no more; its bookings stay, its code is free again" },
	{ .method = "POST",
	  .path = "/v1/event-types/{id}/restore",
	  .run = event_type_bring_back,
	  WRITES,
	  .reply = EVENT_TYPE,
	  .name = "restoreEventType",
	  .doc = "Take a deletion back, while its code is free; it is not active until it is made so" },
	{ 0 },
};
