/* Who hosts with whom: asked by the host, accepted by the other one, ended by either. */
#include "base/rule.h"
#include "change.h"
#include "routes.h"
#include "store/account.h"
#include "store/co_host.h"

static const struct field CO_HOST[] = {
	FIELD(struct co_host, id, OUT, .doc = "Of what was agreed"),
	FIELD(struct co_host, other_id, OUT, .doc = "The other one's account: what co_hosts of an event type names"),
	FIELD(struct co_host, username, OUT | MAYBE, .doc = "The other one's; null once that account is gone"),
	FIELD(struct co_host, first_name, OUT, .doc = "The other one's"),
	FIELD(struct co_host, last_name, OUT | MAYBE, .doc = "The other one's"),
	FIELD(struct co_host, asks, OUT, .doc = "Whether the other one is the host, who asks you"),
	FIELD(struct co_host, accepted, OUT, .doc = "Whether who was asked agreed"),
	FIELD(struct co_host, created_at, OUT, .doc = "When it was asked"),
	FIELD_END,
};

struct co_host_request {
	str username;
};
static const struct field CO_HOST_REQUEST[] = {
	FIELD(struct co_host_request, username, IN | MUST, .rule = &RULE_USERNAME, .min = 1, .max = 32,
	      .doc = "Who is asked to host with you"),
	FIELD_END,
};

static str text_of(struct call *c, const struct co_host *it)
{
	return str_format(&c->cx->arena, "{\"accepted\":%s}", it->accepted ? "true" : "false");
}

static enum err co_hosts_show(struct call *c)
{
	struct list all;
	TRY(co_host_list(c->cx, &all));
	return reply_list(c, CO_HOST, sizeof(struct co_host), &all, (str){ NULL, 0 });
}

static enum err co_host_make(struct call *c)
{
	const struct co_host_request *r = c->body;
	struct account other;
	struct co_host it;
	enum err e = account_get_username(c->cx, r->username, &other);
	if (e == E_NOT_FOUND)
		return FAIL(c->cx, E_INVALID, S("/username"), "is nobody's name here");
	TRY(e);
	TRY(co_host_ask(c->cx, other.id, &it));
	TRY(change_note(c, S("co_host.ask"), it.id, (str){ NULL, 0 }, text_of(c, &it)));
	change_location(c, it.id);
	return reply_object(c, CO_HOST, &it);
}

static enum err co_host_agree(struct call *c)
{
	struct co_host it;
	TRY(co_host_get(c->cx, c->id, &it));
	str before = text_of(c, &it);
	TRY(co_host_accept(c->cx, &it));
	TRY(change_note(c, S("co_host.accept"), it.id, before, text_of(c, &it)));
	return reply_object(c, CO_HOST, &it);
}

static enum err co_host_drop(struct call *c)
{
	struct co_host it;
	TRY(co_host_get(c->cx, c->id, &it));
	TRY(co_host_end(c->cx, &it));
	return change_note(c, S("co_host.end"), it.id, text_of(c, &it), (str){ NULL, 0 });
}

#define WRITES .may = MAY_USER, .tx = TX_WRITE, .limit = LIMIT_WRITE, .scope = "event_types:write"

const struct route CO_HOST_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/co-hosts",
	  .run = co_hosts_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "event_types:read",
	  .reply = CO_HOST,
	  .list = true,
	  .name = "listCoHosts",
	  .doc = "Whom one asked to host with one, and who asked" },
	{ .method = "POST",
	  .path = "/v1/co-hosts",
	  .run = co_host_make,
	  WRITES,
	  .body = CO_HOST_REQUEST,
	  .body_size = sizeof(struct co_host_request),
	  .status = 201,
	  .creates = true,
	  .reply = CO_HOST,
	  .name = "askCoHost",
	  .doc =
	      "Ask somebody to host with you; nobody's time is taken before they agree. A repeat changes nothing" },
	{ .method = "POST",
	  .path = "/v1/co-hosts/{id}/accept",
	  .run = co_host_agree,
	  WRITES,
	  .reply = CO_HOST,
	  .name = "acceptCoHost",
	  .doc = "Agree: the host's event types may then take your time too" },
	{ .method = "DELETE",
	  .path = "/v1/co-hosts/{id}",
	  .run = co_host_drop,
	  WRITES,
	  .status = 204,
	  .name = "endCoHost",
	  .doc = "End it, by either side; what is booked stays, and can be declined one by one" },
	{ .method = NULL },
};
