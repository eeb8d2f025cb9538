/* Webhooks: where an account's events are sent, the log of what became of each, and sending again. */
#include "change.h"
#include "routes.h"
#include "site.h"
#include "store/webhook.h"

static const str NOTHING = { NULL, 0 };

static const struct field PAGE_QUERY[] = { PAGE_FIELDS(struct page_query), FIELD_END };

struct delivery_query {
	int64_t limit;
	str cursor;
	unsigned state; /* one more than enum webhook_delivery_state; 0: any */
};
static const char *const STATES_ASKED[] = { "any", "waiting", "delivered", "failed", NULL };
static const struct field DELIVERY_QUERY[] = {
	PAGE_FIELDS(struct delivery_query),
	FIELD(struct delivery_query, state, IN, .choices = STATES_ASKED, .doc = "Only those in this state"),
	FIELD_END,
};

struct replay_request {
	instant from, until;
};
static const struct field REPLAY_REQUEST[] = {
	FIELD(struct replay_request, from, IN | MUST, .doc = "Events from then on; they are kept for 30 days"),
	FIELD(struct replay_request, until, IN | MUST, .doc = "Events before then"),
	FIELD_END,
};
struct replay_reply {
	int64_t count;
};
static const struct field REPLAY_REPLY[] = {
	FIELD(struct replay_reply, count, OUT, .doc = "How many will be sent again"), FIELD_END
};

/* ---- as deliveries are shown */

struct delivery_view {
	uuid id;
	unsigned type, state;
	instant created_at, next_try_at, tried_at;
	int64_t attempts, status, milliseconds;
	str error, response;
	struct raw_json body;
};
#define DELIVERY_SHOWN                                                                                   \
	FIELD(struct delivery_view, id, OUT, .doc = "The event's id, which is also its webhook-id"),     \
	    FIELD(struct delivery_view, type, OUT, .choices = EVENT_KINDS, .doc = "What happened"),      \
	    FIELD(struct delivery_view, created_at, OUT, .doc = "When it happened"),                     \
	    FIELD(struct delivery_view, state, OUT, .choices = WEBHOOK_STATES,                           \
		  .doc = "waiting for a try, delivered, or failed for good"),                            \
	    FIELD(struct delivery_view, next_try_at, OUT | MAYBE, .doc = "While waiting: not before"),   \
	    FIELD(struct delivery_view, attempts, OUT, .doc = "Tries so far"),                           \
	    FIELD(struct delivery_view, tried_at, OUT | MAYBE, .doc = "The last try"),                   \
	    FIELD(struct delivery_view, status, OUT | MAYBE,                                             \
		  .doc = "The last answer's HTTP status; null: none came"),                              \
	    FIELD(struct delivery_view, milliseconds, OUT | MAYBE, .doc = "How long the last try took"), \
	    FIELD(struct delivery_view, error, OUT | MAYBE, .doc = "Why the last try failed"),           \
	    FIELD(struct delivery_view, response, OUT | MAYBE,                                           \
		  .doc = "The beginning of the last answer's body, as one line of text")
static const struct field DELIVERY_VIEW[] = { DELIVERY_SHOWN, FIELD_END };
static const struct field DELIVERY_DETAIL[] = {
	DELIVERY_SHOWN,
	FIELD(struct delivery_view, body, OUT, .doc = "What is sent"),
	FIELD_END,
};

static struct delivery_view view_of(const struct webhook_delivery *d)
{
	bool waits = d->state == WEBHOOK_WAITING;
	return (struct delivery_view){ .id = d->id,
				       .type = d->type,
				       .state = d->state,
				       .created_at = d->created_at,
				       .next_try_at = waits ? d->due_at : (instant){ NONE },
				       .tried_at = d->tried_at,
				       .attempts = d->attempts,
				       .status = d->status,
				       .milliseconds = d->milliseconds,
				       .error = d->error,
				       .response = d->response };
}

/* ---- webhooks */

static str webhook_text(struct call *c, const struct webhook *w)
{
	return field_encode(&c->cx->arena, WEBHOOK, w);
}

static enum err webhook_answer(struct call *c, const struct webhook *w)
{
	call_etag(c, w->version);
	return reply_object(c, WEBHOOK, w);
}

static enum err url_check(struct call *c, const struct webhook *w)
{
	struct outbound_target target;
	return outbound_check(c->cx, &c->site->outbound, w->url, S("/url"), &target);
}

static enum err webhooks_show(struct call *c)
{
	const struct page_query *page = c->query;
	struct cursor cursor;
	struct list webhooks;
	TRY(cursor_parse(c->cx, page->cursor, &cursor));
	TRY(webhook_list(c->cx, cursor.id, page->limit + 1, &webhooks));
	bool more = page_cut(&webhooks, page->limit);
	if (more)
		cursor.id = ((const struct webhook *)webhooks.items)[webhooks.n - 1].id;
	return reply_list(c, WEBHOOK, sizeof(struct webhook), &webhooks,
			  more ? cursor_format(&c->cx->arena, &cursor) : NOTHING);
}

static enum err webhook_create(struct call *c)
{
	struct webhook *w = c->body;
	TRY(url_check(c, w));
	TRY(webhook_insert(c->cx, c->site->keys.seal, w));
	TRY(change_note(c, S("webhook.create"), w->id, NOTHING, webhook_text(c, w)));
	change_location(c, w->id);
	call_etag(c, w->version);
	return reply_object(c, WEBHOOK_MADE, w);
}

static enum err webhook_show(struct call *c)
{
	struct webhook w;
	TRY(webhook_get(c->cx, c->id, &w));
	return webhook_answer(c, &w);
}

static enum err webhook_load(struct call *c, struct webhook *w)
{
	TRY(webhook_get(c->cx, c->id, w));
	return call_if_match(c, w->version);
}

static enum err webhook_patch(struct call *c)
{
	struct webhook w, before;
	TRY(webhook_load(c, &w));
	before = w;
	TRY(call_merge(c, WEBHOOK_PATCH, &w));
	TRY(url_check(c, &w));
	TRY(webhook_update(c->cx, &w));
	TRY(change_note(c, S("webhook.update"), w.id, webhook_text(c, &before), webhook_text(c, &w)));
	return webhook_answer(c, &w);
}

static enum err webhook_drop(struct call *c)
{
	struct webhook w;
	TRY(webhook_load(c, &w));
	TRY(webhook_remove(c->cx, w.id));
	return change_note(c, S("webhook.delete"), w.id, webhook_text(c, &w), NOTHING);
}

static enum err webhook_new_secret(struct call *c)
{
	struct webhook w, before;
	TRY(webhook_load(c, &w));
	before = w;
	TRY(webhook_rotate(c->cx, c->site->keys.seal, &w));
	TRY(change_note(c, S("webhook.rotate"), w.id, webhook_text(c, &before), webhook_text(c, &w)));
	call_etag(c, w.version);
	return reply_object(c, WEBHOOK_MADE, &w);
}

/* ---- deliveries */

static enum err deliveries_show(struct call *c)
{
	const struct delivery_query *q = c->query;
	struct webhook w;
	struct cursor cursor;
	struct list found;
	TRY(webhook_get(c->cx, c->id, &w));
	TRY(cursor_parse(c->cx, q->cursor, &cursor));
	TRY(webhook_delivery_list(c->cx, w.id, cursor.id, q->state ? str_of(WEBHOOK_STATES[q->state - 1]) : NOTHING,
				  q->limit + 1, &found));
	bool more = page_cut(&found, q->limit);
	struct delivery_view *views = NEWS(&c->cx->arena, struct delivery_view, found.n + 1);
	for (size_t i = 0; i < found.n; i++)
		views[i] = view_of((const struct webhook_delivery *)found.items + i);
	if (more)
		cursor.id = views[found.n - 1].id;
	return reply_list(c, DELIVERY_VIEW, sizeof *views, &(struct list){ views, found.n },
			  more ? cursor_format(&c->cx->arena, &cursor) : NOTHING);
}

static enum err delivery_answer(struct call *c, uuid webhook, uuid id)
{
	struct webhook_delivery d;
	TRY(webhook_delivery_get(c->cx, webhook, id, &d));
	struct event e = { .id = d.id, .type = d.type, .created_at = d.created_at, .payload = d.payload };
	struct delivery_view view = view_of(&d);
	view.body.text = event_body(&c->cx->arena, &e);
	return reply_object(c, DELIVERY_DETAIL, &view);
}

/* The path's second id. */
static enum err delivery_id(struct call *c, uuid *out)
{
	return uuid_parse(c->parameters[1], out) ? OK : FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such delivery");
}

static enum err delivery_show(struct call *c)
{
	struct webhook w;
	uuid id;
	TRY(delivery_id(c, &id));
	TRY(webhook_get(c->cx, c->id, &w));
	return delivery_answer(c, w.id, id);
}

static enum err active_get(struct call *c, struct webhook *w)
{
	TRY(webhook_get(c->cx, c->id, w));
	return w->active ? OK : FAIL(c->cx, E_REFUSED, S(""), "this webhook is paused: set \"active\" to true first");
}

static enum err delivery_again(struct call *c)
{
	struct webhook_delivery d;
	struct webhook w;
	uuid id;
	TRY(delivery_id(c, &id));
	TRY(active_get(c, &w));
	TRY(webhook_delivery_get(c->cx, w.id, id, &d));
	TRY(webhook_send_one(c->cx, &w, id));
	return delivery_answer(c, w.id, id);
}

static enum err range_again(struct call *c)
{
	const struct replay_request *r = c->body;
	struct replay_reply reply;
	struct webhook w;
	if (r->until.s <= r->from.s)
		return FAIL(c->cx, E_INVALID, S("/until"), "must be later than from");
	TRY(active_get(c, &w));
	TRY(webhook_replay(c->cx, &w, (range){ r->from, r->until }, &reply.count));
	return reply_object(c, REPLAY_REPLY, &reply);
}

static enum err webhook_test(struct call *c)
{
	struct webhook w;
	struct event e;
	TRY(active_get(c, &w));
	TRY(event_add_test(c->cx, w.id, &e));
	TRY(webhook_send_one(c->cx, &w, e.id));
	return delivery_answer(c, w.id, e.id);
}

#define READS  .may = MAY_USER, .tx = TX_READ, .limit = LIMIT_READ, .scope = "webhooks:read"
#define WRITES .may = MAY_USER, .tx = TX_WRITE, .limit = LIMIT_WRITE, .scope = "webhooks:write"

const struct route WEBHOOK_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/webhooks",
	  .run = webhooks_show,
	  READS,
	  .query = PAGE_QUERY,
	  .query_size = sizeof(struct page_query),
	  .reply = WEBHOOK,
	  .list = true,
	  .name = "listWebhooks",
	  .doc = "One's webhooks, oldest first" },
	{ .method = "POST",
	  .path = "/v1/webhooks",
	  .run = webhook_create,
	  WRITES,
	  .body = WEBHOOK_REQUEST,
	  .body_size = sizeof(struct webhook),
	  .creates = true,
	  .status = 201,
	  .reply = WEBHOOK_MADE,
	  .name = "createWebhook",
	  .doc = "Have events sent to a URL; the secret that signs them is shown this once" },
	{ .method = "GET",
	  .path = "/v1/webhooks/{id}",
	  .run = webhook_show,
	  READS,
	  .reply = WEBHOOK,
	  .name = "getWebhook",
	  .doc = "One of one's webhooks" },
	{ .method = "PATCH",
	  .path = "/v1/webhooks/{id}",
	  .run = webhook_patch,
	  WRITES,
	  .merge = WEBHOOK_PATCH,
	  .reply = WEBHOOK,
	  .name = "updateWebhook",
	  .doc = "Change the members named; pause and resume by active" },
	{ .method = "DELETE",
	  .path = "/v1/webhooks/{id}",
	  .run = webhook_drop,
	  WRITES,
	  .status = 204,
	  .name = "deleteWebhook",
	  .doc = "Remove a webhook and its log; what waits is not sent" },
	{ .method = "POST",
	  .path = "/v1/webhooks/{id}/secret",
	  .run = webhook_new_secret,
	  WRITES,
	  .reply = WEBHOOK_MADE,
	  .name = "rotateWebhookSecret",
	  .doc = "A new secret, shown this once; for 24 hours the old one signs as well" },
	{ .method = "POST",
	  .path = "/v1/webhooks/{id}/test",
	  .run = webhook_test,
	  WRITES,
	  .status = 202,
	  .reply = DELIVERY_DETAIL,
	  .name = "testWebhook",
	  .doc = "Send a webhook.test event to this webhook only" },
	{ .method = "POST",
	  .path = "/v1/webhooks/{id}/replay",
	  .run = range_again,
	  WRITES,
	  .body = REPLAY_REQUEST,
	  .body_size = sizeof(struct replay_request),
	  .status = 202,
	  .reply = REPLAY_REPLY,
	  .name = "replayWebhook",
	  .doc = "Send the events of a time again that this webhook listens to, also those from before it was made" },
	{ .method = "GET",
	  .path = "/v1/webhooks/{id}/deliveries",
	  .run = deliveries_show,
	  READS,
	  .query = DELIVERY_QUERY,
	  .query_size = sizeof(struct delivery_query),
	  .reply = DELIVERY_VIEW,
	  .list = true,
	  .name = "listWebhookDeliveries",
	  .doc = "What became of each event, newest first" },
	{ .method = "GET",
	  .path = "/v1/webhooks/{id}/deliveries/{delivery_id}",
	  .run = delivery_show,
	  READS,
	  .reply = DELIVERY_DETAIL,
	  .name = "getWebhookDelivery",
	  .doc = "One delivery, with what is sent" },
	{ .method = "POST",
	  .path = "/v1/webhooks/{id}/deliveries/{delivery_id}/replay",
	  .run = delivery_again,
	  WRITES,
	  .status = 202,
	  .reply = DELIVERY_DETAIL,
	  .name = "replayWebhookDelivery",
	  .doc = "Send one event again, with the same id" },
	{ .method = NULL },
};
