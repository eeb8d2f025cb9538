#include "webhook.h"

#include "base/rule.h"
#include "base/secret.h"
#include "store/webhook_sql.h"

enum { URL = 2000, DESCRIPTION = 200 };

static const char *const PAUSES[] = { "no", "by_owner", "failing", "gone", NULL };
const char *const WEBHOOK_STATES[] = { "waiting", "delivered", "failed", NULL };

static const struct field LISTENED[] = {
	{ .name = "", .type = F_CHOICE, .flags = IN | OUT, .choices = EVENTS_LISTENED }, FIELD_END
};

static const struct field WEBHOOK_ROW[] = {
	FIELD(struct webhook, id, 0),
	FIELD(struct webhook, account_id, 0),
	FIELD(struct webhook, url, 0),
	FIELD(struct webhook, description, 0),
	LIST(struct webhook, events, 0, LISTENED, unsigned),
	FIELD(struct webhook, active, 0),
	FIELD(struct webhook, paused, 0, .choices = PAUSES),
	FIELD(struct webhook, paused_at, MAYBE),
	FIELD(struct webhook, sealed, 0),
	FIELD(struct webhook, sealed_before, MAYBE),
	FIELD(struct webhook, rotated_until, MAYBE),
	FIELD(struct webhook, failing_since, MAYBE),
	FIELD(struct webhook, failures, 0),
	FIELD(struct webhook, blocked_until, 0),
	FIELD(struct webhook, due_at, MAYBE),
	FIELD(struct webhook, busy_until, 0),
	FIELD(struct webhook, version, 0),
	FIELD(struct webhook, created_at, 0),
	FIELD(struct webhook, updated_at, 0),
	FIELD_END,
};

#define WEBHOOK_SHOWN                                                                                          \
	FIELD(struct webhook, id, OUT, .doc = "The webhook's id"),                                             \
	    FIELD(struct webhook, url, OUT, .doc = "Where events are sent, by POST"),                          \
	    FIELD(struct webhook, description, OUT, .doc = "What it is for; may be empty"),                    \
	    LIST(struct webhook, events, OUT, LISTENED, unsigned, .doc = "Which events; an empty list: all"),  \
	    FIELD(struct webhook, active, OUT, .doc = "Whether events are sent; false: paused"),               \
	    FIELD(struct webhook, paused, OUT, .choices = PAUSES,                                              \
		  .doc = "Why it is paused: by its owner, because it failed for 72 hours, or because it "      \
			 "answered 410"),                                                                      \
	    FIELD(struct webhook, paused_at, OUT | MAYBE, .doc = "Since when it is paused; null: it is not"),  \
	    FIELD(struct webhook, failing_since, OUT | MAYBE,                                                  \
		  .doc = "Since when every try has failed; null: the last one went well"),                     \
	    FIELD(struct webhook, rotated_until, OUT | MAYBE,                                                  \
		  .doc = "Until when the secret before the last rotation signs as well; null: there is none"), \
	    FIELD(struct webhook, version, OUT, .doc = "Rises with every change"),                             \
	    FIELD(struct webhook, created_at, OUT, .doc = "When it was made"),                                 \
	    FIELD(struct webhook, updated_at, OUT, .doc = "Last change")

const struct field WEBHOOK[] = { WEBHOOK_SHOWN, FIELD_END };
const struct field WEBHOOK_MADE[] = {
	WEBHOOK_SHOWN,
	FIELD(struct webhook, secret, OUT, .doc = "What signs its deliveries (Standard Webhooks): shown this once"),
	FIELD_END,
};

#define WEBHOOK_GIVEN(must)                                                                                          \
	FIELD(struct webhook, url, IN | (must), .min = 1, .max = URL,                                                \
	      .doc = "https, port 443 or 8443, a public host name"),                                                 \
	    FIELD(struct webhook, description, IN, .rule = &RULE_LINE, .max = DESCRIPTION, .doc = "What it is for"), \
	    LIST(struct webhook, events, IN, LISTENED, unsigned, .max = 50,                                          \
		 .doc = "Which events; an empty list: all")

const struct field WEBHOOK_REQUEST[] = { WEBHOOK_GIVEN(MUST), FIELD_END };
const struct field WEBHOOK_PATCH[] = {
	WEBHOOK_GIVEN(0),
	FIELD(struct webhook, active, IN, .def = 1, .doc = "false: pause it; true: send again, first what waits"),
	FIELD_END,
};

static const struct field DELIVERY[] = {
	FIELD(struct webhook_delivery, webhook_id, 0),
	FIELD(struct webhook_delivery, id, 0),
	FIELD(struct webhook_delivery, account_id, 0),
	FIELD(struct webhook_delivery, type, 0, .choices = EVENT_KINDS),
	FIELD(struct webhook_delivery, created_at, 0),
	FIELD(struct webhook_delivery, state, 0, .choices = WEBHOOK_STATES),
	FIELD(struct webhook_delivery, due_at, 0),
	FIELD(struct webhook_delivery, attempts, 0),
	FIELD(struct webhook_delivery, tries, 0),
	FIELD(struct webhook_delivery, tried_at, MAYBE),
	FIELD(struct webhook_delivery, status, MAYBE),
	FIELD(struct webhook_delivery, milliseconds, MAYBE),
	FIELD(struct webhook_delivery, error, MAYBE),
	FIELD(struct webhook_delivery, response, MAYBE),
	FIELD(struct webhook_delivery, payload, 0),
	FIELD_END,
};

/* key - what statements ask for beside rows. */
struct key {
	uuid account_id, webhook_id, event_id, id;
	unsigned type;
	str state;
	struct list events;
	instant from, until;
	int64_t limit, count;
};
static const struct field KEY[] = {
	FIELD(struct key, account_id, 0),
	FIELD(struct key, webhook_id, 0),
	FIELD(struct key, event_id, 0),
	FIELD(struct key, id, MAYBE),
	FIELD(struct key, type, 0, .choices = EVENT_KINDS),
	FIELD(struct key, state, MAYBE),
	LIST(struct key, events, 0, LISTENED, unsigned),
	FIELD(struct key, from, 0),
	FIELD(struct key, until, 0),
	FIELD(struct key, limit, 0),
	FIELD(struct key, count, 0),
	FIELD_END,
};
static const struct field AFTER[] = { FIELD(struct key, id, 0), FIELD(struct key, limit, 0), FIELD_END };

/* ---- the owner's */

static void secret_make(struct cx *cx, const unsigned char key[32], struct webhook *w)
{
	unsigned char bytes[WEBHOOK_SECRET];
	random_bytes(bytes, sizeof bytes);
	str text = base64(&cx->arena, bytes, sizeof bytes);
	w->sealed = seal(&cx->arena, key, (str){ (const char *)bytes, sizeof bytes });
	w->secret = str_format(&cx->arena, "whsec_%.*s", STR_ARG(text));
}

enum err webhook_insert(struct cx *cx, const unsigned char key[32], struct webhook *w)
{
	struct key count;
	TRY(db_get(cx, &WEBHOOK_COUNT, KEY, &(struct key){ .limit = 0 }, KEY, &count));
	if (count.count >= WEBHOOKS)
		return FAIL(cx, E_REFUSED, S(""), "there are %d webhooks already: remove one first", WEBHOOKS);
	secret_make(cx, key, w);
	w->id = uuid_make(cx->now);
	w->active = true;
	w->version = 1;
	w->created_at = w->updated_at = cx->now;
	w->paused_at = w->failing_since = w->rotated_until = w->due_at = (instant){ NONE };
	return db_run(cx, &WEBHOOK_INSERT, WEBHOOK_ROW, w, NULL);
}

enum err webhook_list(struct cx *cx, uuid after, int64_t limit, struct list *out)
{
	struct key key = { .id = after, .limit = limit };
	return db_list(cx, &WEBHOOK_LIST, AFTER, &key, WEBHOOK_ROW, sizeof(struct webhook), out);
}

enum err webhook_get(struct cx *cx, uuid id, struct webhook *out)
{
	*out = (struct webhook){ .id = id };
	return db_get(cx, &WEBHOOK_GET, WEBHOOK_ROW, out, WEBHOOK_ROW, out);
}

static enum err changed_check(struct cx *cx, struct webhook *w, int64_t changed)
{
	if (!changed)
		return FAIL(cx, E_VERSION, S(""), "this webhook has changed meanwhile: look at it again");
	w->version++;
	w->updated_at = cx->now;
	return OK;
}

static enum err waiting(struct cx *cx, uuid webhook, instant *due)
{
	struct webhook_delivery first, key = { .webhook_id = webhook };
	bool found;
	TRY(db_find(cx, &WEBHOOK_DELIVERY_FIRST, DELIVERY, &key, DELIVERY, &first, &found));
	*due = found ? first.due_at : (instant){ NONE };
	return OK;
}

enum err webhook_update(struct cx *cx, struct webhook *w)
{
	int64_t changed;
	if (!w->active && w->paused == PAUSED_NOT) {
		w->paused = PAUSED_OWNER;
		w->paused_at = cx->now;
		w->due_at = (instant){ NONE };
	} else if (w->active && w->paused != PAUSED_NOT) {
		w->paused = PAUSED_NOT;
		w->paused_at = w->failing_since = (instant){ NONE };
		w->failures = 0;
		w->blocked_until = (instant){ 0 };
		TRY(waiting(cx, w->id, &w->due_at));
	}
	TRY(db_run(cx, &WEBHOOK_UPDATE, WEBHOOK_ROW, w, &changed));
	return changed_check(cx, w, changed);
}

enum err webhook_rotate(struct cx *cx, const unsigned char key[32], struct webhook *w)
{
	int64_t changed;
	w->sealed_before = w->sealed;
	w->rotated_until = instant_add(cx->now, (span){ WEBHOOK_ROTATION });
	secret_make(cx, key, w);
	TRY(db_run(cx, &WEBHOOK_ROTATE, WEBHOOK_ROW, w, &changed));
	return changed_check(cx, w, changed);
}

enum err webhook_remove(struct cx *cx, uuid id)
{
	int64_t changed;
	TRY(db_run(cx, &WEBHOOK_REMOVE, KEY, &(struct key){ .id = id }, &changed));
	return changed ? OK : FAIL(cx, E_NOT_FOUND, S(""), "there is no such webhook among yours");
}

/* ---- what is to be sent */

enum err webhook_wanted(struct cx *cx, uuid account, bool *wanted)
{
	struct key key = { .account_id = account }, any;
	return db_find(cx, &WEBHOOK_WANTED, KEY, &key, KEY, &any, wanted);
}

enum err webhook_enqueue(struct cx *cx, const struct event *e)
{
	struct key key = { .account_id = e->account_id, .event_id = e->id, .type = e->type };
	TRY(db_run(cx, &WEBHOOK_ENQUEUE, KEY, &key, NULL));
	return db_run(cx, &WEBHOOK_WAKE, KEY, &key, NULL);
}

enum err webhook_send_one(struct cx *cx, const struct webhook *w, uuid event)
{
	struct key key = { .webhook_id = w->id, .event_id = event, .id = w->id };
	TRY(db_run(cx, &WEBHOOK_DELIVERY_ASK, KEY, &key, NULL));
	return db_run(cx, &WEBHOOK_WAKE_ONE, KEY, &key, NULL);
}

enum err webhook_replay(struct cx *cx, const struct webhook *w, range when, int64_t *count)
{
	struct key key = { .webhook_id = w->id,
			   .id = w->id,
			   .events = w->events,
			   .from = when.from,
			   .until = when.to },
		   n;
	TRY(db_get(cx, &WEBHOOK_REPLAY_COUNT, KEY, &key, KEY, &n));
	*count = n.count;
	if (n.count > WEBHOOK_REPLAY)
		return FAIL(cx, E_LIMIT, S("/until"), "covers %lld events, at most %d: choose a shorter time",
			    (long long)n.count, WEBHOOK_REPLAY);
	TRY(db_run(cx, &WEBHOOK_REPLAY_EVENTS, KEY, &key, NULL));
	return n.count ? db_run(cx, &WEBHOOK_WAKE_ONE, KEY, &key, NULL) : OK;
}

enum err webhook_delivery_list(struct cx *cx, uuid webhook, uuid before, str state, int64_t limit, struct list *out)
{
	struct key key = { .webhook_id = webhook, .id = before, .state = state, .limit = limit };
	return db_list(cx, &WEBHOOK_DELIVERY_LIST, KEY, &key, DELIVERY, sizeof(struct webhook_delivery), out);
}

enum err webhook_delivery_get(struct cx *cx, uuid webhook, uuid id, struct webhook_delivery *out)
{
	struct key key = { .webhook_id = webhook, .id = id };
	return db_get(cx, &WEBHOOK_DELIVERY_GET, KEY, &key, DELIVERY, out);
}

/* ---- sending */

enum err webhook_next_due(struct cx *cx, instant *out)
{
	struct webhook none = { .version = 0 }, next = { .due_at = { NONE } };
	bool found;
	TRY(db_find(cx, &WEBHOOK_NEXT, WEBHOOK_ROW, &none, WEBHOOK_ROW, &next, &found));
	*out = next.due_at;
	return OK;
}

/* When a webhook is due after what is first among its own, and its block. */
static enum err due_again(struct cx *cx, struct webhook *w)
{
	TRY(waiting(cx, w->id, &w->due_at));
	if (instant_is(w->due_at) && w->due_at.s < w->blocked_until.s)
		w->due_at = w->blocked_until;
	return OK;
}

enum err webhook_take(struct cx *cx, span lease, struct webhook_sending *out, bool *found)
{
	struct webhook key = { .busy_until = instant_add(cx->now, lease) };
	*out = (struct webhook_sending){ .webhook = { .version = 0 } };
	TRY(db_find(cx, &WEBHOOK_TAKE, WEBHOOK_ROW, &key, WEBHOOK_ROW, &out->webhook, found));
	if (!*found)
		return OK;
	out->delivery.webhook_id = out->webhook.id;
	TRY(db_find(cx, &WEBHOOK_DELIVERY_TAKE, DELIVERY, &out->delivery, DELIVERY, &out->delivery, found));
	if (!*found) { /* what it was due for is gone */
		TRY(due_again(cx, &out->webhook));
		return db_run(cx, &WEBHOOK_END, WEBHOOK_ROW, &out->webhook, NULL);
	}
	out->event = (struct event){ .account_id = out->delivery.account_id, .id = out->delivery.id };
	return db_get(cx, &WEBHOOK_EVENT, EVENT, &out->event, EVENT, &out->event);
}

enum err webhook_end(struct cx *cx, struct webhook_sending *s)
{
	TRY(db_run(cx, &WEBHOOK_DELIVERY_END, DELIVERY, &s->delivery, NULL));
	if (s->webhook.active)
		TRY(due_again(cx, &s->webhook));
	else
		s->webhook.due_at = (instant){ NONE };
	return db_run(cx, &WEBHOOK_END, WEBHOOK_ROW, &s->webhook, NULL);
}
