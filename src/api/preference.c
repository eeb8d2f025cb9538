/* What an account's bookings tell, and to whom: as its owner chose. */
#include "change.h"
#include "routes.h"
#include "store/preference.h"

static str preference_text(struct call *c, const struct preference *p)
{
	return field_encode(&c->cx->arena, PREFERENCE, p);
}

static enum err preference_answer(struct call *c, struct preference *p)
{
	preference_fill(&c->cx->arena, p);
	call_etag(c, p->version);
	return reply_object(c, PREFERENCE, p);
}

static enum err preference_show(struct call *c)
{
	struct preference p;
	TRY(preference_find(c->cx, c->cx->actor, &p));
	return preference_answer(c, &p);
}

static enum err preference_save(struct call *c)
{
	struct preference *p = c->body, before;
	TRY(preference_accept(c->cx, p));
	TRY(preference_find(c->cx, c->cx->actor, &before));
	TRY(call_if_match(c, before.version));
	TRY(preference_put(c->cx, p));
	TRY(change_note(c, S("preference.update"), c->cx->actor, preference_text(c, &before), preference_text(c, p)));
	return preference_answer(c, p);
}

const struct route PREFERENCE_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/me/notifications",
	  .run = preference_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "account:read",
	  .reply = PREFERENCE,
	  .name = "getNotifications",
	  .doc = "Which messages one's bookings cause, to oneself and to invitees" },
	{ .method = "PUT",
	  .path = "/v1/me/notifications",
	  .run = preference_save,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .body = PREFERENCE,
	  .body_size = sizeof(struct preference),
	  .reply = PREFERENCE,
	  .name = "setNotifications",
	  .doc = "Choose them anew; what is not named is as is usual" },
	{ .method = NULL },
};
