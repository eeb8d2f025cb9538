/* Web Push: the key that browsers subscribe with, and an account's subscriptions. */
#include "base/rule.h"
#include "links/push.h"
#include "routes.h"
#include "sign_in.h"
#include "site.h"
#include "store/push.h"

/* As a browser writes itself down: names are those of the W3C's Push API. */
struct push_request {
	str endpoint;
	struct push_keys {
		str p256dh, auth;
	} keys;
	str expirationTime;
};
static const struct field PUSH_KEYS[] = {
	FIELD(struct push_keys, p256dh, IN | MUST, .rule = &RULE_LINE, .max = 100,
	      .doc = "Its public key, base64url"),
	FIELD(struct push_keys, auth, IN | MUST, .rule = &RULE_LINE, .max = 40, .doc = "Its secret, base64url"),
	FIELD_END,
};
static const struct field PUSH_REQUEST[] = {
	FIELD(struct push_request, endpoint, IN | MUST, .rule = &RULE_LINE, .min = 1, .max = PUSH_ENDPOINT,
	      .doc = "The address of its push service"),
	OBJECT(struct push_request, keys, IN | MUST, PUSH_KEYS, .doc = "What messages are sealed with"),
	FIELD(struct push_request, expirationTime, IN | SKIP, .doc = "Not read: a service says itself when one ends"),
	FIELD_END,
};

struct push_public {
	str key;
};
static const struct field PUSH_PUBLIC[] = {
	FIELD(struct push_public, key, OUT, .doc = "applicationServerKey: a point of P-256 in base64url"),
	FIELD_END,
};

static enum err key_show(struct call *c)
{
	struct push_public answer = { push_key_text(&c->cx->arena, &c->site->push.key) };
	c->cache_control = S("public, max-age=3600");
	return reply_object(c, PUSH_PUBLIC, &answer);
}

static enum err subscription_create(struct call *c)
{
	const struct push_request *r = c->body;
	struct push_address address = { r->endpoint, r->keys.p256dh, r->keys.auth };
	struct push_subscription s = { .session_id = c->caller.session,
				       .user_agent = call_user_agent(c),
				       .current = true };
	struct push_target target;
	TRY(push_check(c->cx, &c->site->outbound, r->endpoint, r->keys.p256dh, r->keys.auth, &target));
	TRY(push_put(c->cx, &c->site->keys, &address, &s));
	return reply_object(c, PUSH_SUBSCRIPTION, &s);
}

static enum err subscriptions_show(struct call *c)
{
	struct list rows;
	TRY(push_list(c->cx, &rows));
	struct push_subscription *s = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		s[i].current = uuid_same(s[i].session_id, c->caller.session);
	return reply_list(c, PUSH_SUBSCRIPTION, sizeof *s, &rows, (str){ NULL, 0 });
}

static enum err subscription_remove(struct call *c)
{
	return push_remove(c->cx, c->id);
}

const struct route PUSH_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/push/key",
	  .run = key_show,
	  .may = MAY_ANYONE,
	  .tx = TX_NONE,
	  .limit = LIMIT_READ,
	  .reply = PUSH_PUBLIC,
	  .name = "getPushKey",
	  .doc = "The key that browsers subscribe to Web Push with" },
	{ .method = "POST",
	  .path = "/v1/push-subscriptions",
	  .run = subscription_create,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .body = PUSH_REQUEST,
	  .body_size = sizeof(struct push_request),
	  .status = 201,
	  .creates = true,
	  .reply = PUSH_SUBSCRIPTION,
	  .name = "createPushSubscription",
	  .doc = "Have this browser told by Web Push; the body is what it says of itself. It ends with the log-in" },
	{ .method = "GET",
	  .path = "/v1/push-subscriptions",
	  .run = subscriptions_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .reply = PUSH_SUBSCRIPTION,
	  .list = true,
	  .name = "listPushSubscriptions",
	  .doc = "One's browsers that are told by Web Push, oldest first" },
	{ .method = "DELETE",
	  .path = "/v1/push-subscriptions/{id}",
	  .run = subscription_remove,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "deletePushSubscription",
	  .doc = "Have that browser told no more" },
	{ .method = NULL },
};
