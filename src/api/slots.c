/* Slots of an event type, why a moment is none, and the engine on the caller's own data. */
#include "core/explain.h"
#include "core/zone.h"
#include "routes.h"
#include "site.h"
#include "slot_cache.h"
#include "slot_days.h"
#include "store/event_type.h"

enum { QUERY_DAYS = 62, CASE_BODY = 1 << 20 };

/* ---- slots of an event type */

struct slots_query {
	struct slot_query dates;
	int64_t duration_minutes;
};

static const struct field SLOTS_QUERY[] = {
	FIELD_NAMED(struct slots_query, dates.from, "from", IN | MUST, .doc = "First date, in time_zone"),
	FIELD_NAMED(struct slots_query, dates.to, "to", IN | MUST,
		    .doc = "Last date, inclusive; at most 62 days in all"),
	FIELD_NAMED(struct slots_query, dates.time_zone, "time_zone", IN | MUST, .min = 1, .max = ZONE_NAME,
		    .rule = &RULE_ZONE, .doc = "The invitee's IANA zone"),
	FIELD(struct slots_query, duration_minutes, IN | MAYBE, .min = 1, .max = EVENT_MINUTES,
	      .doc = "One of the event type's durations; missing: its first"),
	FIELD_END,
};

/* An event type that is not active is there for its owner only. */
static enum err offer_load(struct call *c, int64_t duration_minutes, struct availability *a,
			   const struct duration **d)
{
	TRY(availability_get(c->cx, c->id, a));
	if (!a->active && !((c->caller.is & MAY_USER) && uuid_same(a->account_id, c->caller.account)))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such event type, or it is not offered now");
	return event_type_duration(c->cx, &a->durations, duration_minutes, d);
}

static void sooner(instant *t, instant other)
{
	if (instant_is(other) && other.s < t->s)
		*t = other;
}

/* Until when the answer stays the same if no row changes: the first start passes the notice, the horizon moves with
 * the host's date, a hold ends. */
static instant answer_until(const struct availability *a, const struct zone *host, const struct list *slots)
{
	const struct slot_event *e = &a->slots.event;
	const struct slot *first = slots->items;
	instant until = INSTANT_MAX;
	if (slots->n)
		until.s = first->start.s - e->minimum_notice_minutes * MINUTE_SECONDS + 1;
	if (e->horizon_days != NONE)
		sooner(&until, zone_date_around(host, a->slots.now).to);
	sooner(&until, a->hold_ends);
	return until;
}

static enum err answer_make(struct call *c, struct slot_answer *out, bool *keep)
{
	const struct slots_query *q = c->query;
	struct availability a;
	const struct duration *d;
	const struct zone *host, *invitee;
	struct list slots;
	struct buf body = { 0 };
	TRY(offer_load(c, q->duration_minutes, &a, &d));
	TRY(availability_load(c->cx, &a, d->minutes, &q->dates));
	TRY(slot_list(c->cx, &a.slots, &slots));
	TRY(zone_load(c->cx, a.slots.schedule.time_zone, S(""), &host));
	TRY(zone_load(c->cx, q->dates.time_zone, S("/time_zone"), &invitee));
	out->since = c->cx->now;
	out->until = answer_until(&a, host, &slots);
	out->versions = a.versions;
	slot_days_write(&body, invitee, &slots, d->minutes, a.slots.event.seats > 1);
	out->body = http_body_of(&body);
	slot_etag(out->etag, out->body->bytes);
	*keep = a.active;
	return OK;
}

/* asking - one request for slots on its way: what was found in the cache, then what is answered. */
struct asking {
	struct call *call;
	struct slot_key key;
	struct slot_answer answer; /* body NULL: none yet */
	uint64_t generation;
};

static bool versions_same(const struct versions *a, const struct versions *b)
{
	return a->bookable == b->bookable && a->schedule == b->schedule && a->event_type == b->event_type;
}

/* In a snapshot that began after the generation was taken: find a doubtful answer right, or make it. */
static enum err slots_read(struct cx *cx, void *arg)
{
	struct asking *asking = arg;
	struct slot_cache *cache = asking->call->site->slot_cache;
	struct slot_answer *answer = &asking->answer;
	struct versions now;
	bool right = false;
	if (answer->body) {
		TRY(versions_find(cx, asking->key.event_type_id, &now, &right));
		right = right && versions_same(&now, &answer->versions);
	}
	answer->generation = asking->generation;
	if (right) {
		slot_cache_confirm(cache, &asking->key, answer);
		return OK;
	}
	http_body_drop(answer->body);
	answer->body = NULL;
	TRY(answer_make(asking->call, answer, &right));
	if (right)
		slot_cache_put(cache, &asking->key, answer);
	return OK;
}

static enum err slots_show(struct call *c)
{
	const struct slots_query *q = c->query;
	struct asking asking = { .call = c, .key = { c->id, q->duration_minutes, q->dates } };
	fault_clear(c->cx);
	slot_query_note(c->cx, &q->dates, QUERY_DAYS, S(""));
	TRY(fault_check(c->cx));
	asking.generation = store_generation(c->site->store);
	enum slot_cached cached =
	    slot_cache_find(c->site->slot_cache, &asking.key, c->cx->now, asking.generation, &asking.answer);
	enum err e = cached == SLOT_SURE ? OK : call_store_read(c, slots_read, &asking);
	c->shared = asking.answer.body;
	c->etag = str_copy(&c->cx->arena, str_of(asking.answer.etag));
	c->cache_control = S("no-cache");
	return e;
}

/* ---- why a moment is not offered */

struct explain_query {
	instant at;
	int64_t duration_minutes;
	str time_zone;
};

static const struct field EXPLAIN_QUERY[] = {
	FIELD(struct explain_query, at, IN | MUST, .doc = "The moment; a + of an offset is written %2B"),
	FIELD(struct explain_query, duration_minutes, IN | MAYBE, .min = 1, .max = EVENT_MINUTES,
	      .doc = "One of the event type's durations; missing: its first"),
	FIELD(struct explain_query, time_zone, IN | MAYBE, .min = 1, .max = ZONE_NAME, .rule = &RULE_ZONE,
	      .doc = "The invitee's zone; missing: the host's"),
	FIELD_END,
};

struct explanation {
	instant at;
	int64_t duration_minutes;
	bool offered;
	struct list reasons;
};

static const struct field EXPLANATION[] = {
	FIELD(struct explanation, at, OUT, .doc = "As asked"),
	FIELD(struct explanation, duration_minutes, OUT, .doc = "As asked, or the event type's first"),
	FIELD(struct explanation, offered, OUT, .doc = "Whether it is a slot: then there is no reason"),
	LIST(struct explanation, reasons, OUT, REASON, struct reason,
	     .doc = "All that stand against it; what other meetings are is told to the host only"),
	FIELD_END,
};

/* What comes from meetings and calendars stays the host's affair: the kind is told, not which and when. */
static void reasons_veil(struct list *reasons)
{
	static const bool private[] = {
		[REASON_ONE_OFF_BUSY] = true,  [REASON_MEETING] = true,    [REASON_BUFFER] = true,
		[REASON_CALENDAR_BUSY] = true, [REASON_SEATS_FULL] = true,
	};
	struct reason *r = reasons->items;
	for (size_t i = 0; i < reasons->n; i++) {
		r[i].count = NONE;
		if (!private[r[i].code])
			continue;
		r[i].start = r[i].end = (instant){ NONE };
		r[i].limit = NONE;
		r[i].id = (uuid){ 0 };
	}
}

static enum err slots_explain(struct call *c)
{
	const struct explain_query *q = c->query;
	struct availability a;
	const struct duration *d;
	struct slot_query dates;
	struct explanation e = { .at = q->at };
	TRY(offer_load(c, q->duration_minutes, &a, &d));
	e.duration_minutes = d->minutes;
	TRY(slot_query_at(c->cx, q->time_zone.p ? q->time_zone : a.slots.schedule.time_zone, q->at, &dates));
	TRY(availability_load(c->cx, &a, d->minutes, &dates));
	TRY(slot_explain(c->cx, &a.slots, q->at, &e.reasons));
	e.offered = e.reasons.n == 0;
	if (!(c->caller.is & MAY_USER) || !uuid_same(a.account_id, c->caller.account))
		reasons_veil(&e.reasons);
	return reply_object(c, EXPLANATION, &e);
}

/* ---- the engine alone */

struct case_answer {
	str name;
	struct list slots;
};

static const struct field CASE_SLOT[] = {
	FIELD_NAMED(struct slot, start, "", OUT, .doc = "Start, UTC"),
	FIELD_END,
};

static const struct field CASE_ANSWER[] = {
	FIELD(struct case_answer, name, OUT | MAYBE, .doc = "As given"),
	LIST(struct case_answer, slots, OUT, CASE_SLOT, struct slot, .doc = "Starts, UTC, ascending"),
	FIELD_END,
};

static enum err case_run(struct call *c)
{
	struct slot_case *it = c->body;
	struct case_answer answer = { .name = it->name };
	TRY(slot_list(c->cx, it, &answer.slots));
	return reply_object(c, CASE_ANSWER, &answer);
}

#define ANYONE .may = MAY_ANYONE, .limit = LIMIT_READ, .scope = "event_types:read", .stale = true

const struct route SLOT_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/event-types/{id}/slots",
	  .run = slots_show,
	  ANYONE,
	  .tx = TX_OWN,
	  .query = SLOTS_QUERY,
	  .query_size = sizeof(struct slots_query),
	  .reply = SLOT_DAYS_REPLY,
	  .name = "listSlots",
	  .doc = "What can be booked, by the invitee's date.  The ETag changes when the answer does" },
	{ .method = "GET",
	  .path = "/v1/event-types/{id}/explain",
	  .run = slots_explain,
	  ANYONE,
	  .tx = TX_READ,
	  .query = EXPLAIN_QUERY,
	  .query_size = sizeof(struct explain_query),
	  .reply = EXPLANATION,
	  .name = "explainSlot",
	  .doc = "Why a moment is offered or not: every reason" },
	{ .method = "POST",
	  .path = "/v1/slots",
	  .run = case_run,
	  ANYONE,
	  .tx = TX_NONE,
	  .body = SLOT_CASE,
	  .body_size = sizeof(struct slot_case),
	  .body_max = CASE_BODY,
	  .reply = CASE_ANSWER,
	  .name = "computeSlots",
	  .doc = "The engine on data of one's own: nothing is read or kept.  At most 366 days" },
	{ 0 },
};
