#include "booking_view.h"

#include "base/token.h"
#include "site.h"

str manage_url(struct call *c, uuid booking)
{
	str token = manage_token_make(c->cx, &c->site->keys, booking);
	return str_format(&c->cx->arena, "%.*s/b/%.*s", STR_ARG(c->site->config.base_url), STR_ARG(token));
}

struct booking_view booking_view_of(struct call *c, const struct booking *b, bool with_link)
{
	struct booking_view view = booking_view_make(c->cx, b);
	if ((c->caller.is & MAY_USER) && uuid_same(c->caller.account, b->account_id))
		view.private_notes = b->private_notes;
	if (with_link)
		view.manage_url = manage_url(c, b->id);
	return view;
}

enum err booking_reply(struct call *c, const struct booking *b, bool with_link)
{
	struct booking_view view = booking_view_of(c, b, with_link);
	call_etag(c, b->version);
	return reply_object(c, BOOKING_VIEW, &view);
}
