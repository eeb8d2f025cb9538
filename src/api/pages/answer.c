/* The host's answer to a request, by the link in the mail about it: who reads the host's mails is the host.  Nothing but
 * that can be done here, and only by a form sent from here. */
#include "api/site.h"
#include "base/token.h"
#include "core/zone.h"
#include "manage.h"
#include "pages.h"

static const char *state_text(const struct booking *b)
{
	static const char *const texts[] = {
		[BOOKING_PENDING] = "page.answer.title",     [BOOKING_CONFIRMED] = "page.answer.confirmed",
		[BOOKING_REJECTED] = "page.answer.rejected", [BOOKING_CANCELLED] = "page.manage.cancelled",
		[BOOKING_EXPIRED] = "page.answer.expired",   [BOOKING_COMPLETED] = "page.manage.over",
		[BOOKING_NO_SHOW] = "page.manage.over"
	};
	return texts[b->status];
}

static enum err answer_open(struct call *c, struct managed *m)
{
	struct booking *b = &m->booking;
	char id[UUID_TEXT];
	uuid booking;
	*m = (struct managed){ .start = { NONE } };
	if (!answer_token_check(c->cx, &c->site->keys, c->parameters[0], &booking))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such request");
	TRY(booking_get(c->cx, booking, b));
	if (!b->host_username.n || c->cx->now.s > b->end.s + (int64_t)MANAGE_DAYS * DAY_SECONDS)
		return FAIL(c->cx, E_EXPIRED, S(""), "this link has ended");
	m->path = str_format(&c->cx->arena, "/a/%.*s", STR_ARG(c->parameters[0]));
	struct page *p = page_open(c, "pages/answer.html");
	TRY(zone_load(c->cx, b->host_time_zone, S("/time_zone"), &p->reader.zone));
	TRY(managed_put(c, m));
	TRY(when_put(c, p->data, (range){ b->start, b->end }, b->time_zone));
	page_put(c, p, "title", page_text(p, state_text(b)));
	page_put(c, p, "private", (bool)true);
	page_put(c, p, "plain", (bool)true);
	page_put(c, p, "invitee", b->invitee_name);
	page_put(c, p, "host", b->invitee_name); /* whose clock is shown beside: the other one's */
	page_put(c, p, "waits", b->status == BOOKING_PENDING && b->start.s > c->cx->now.s);
	page_put(c, p, "yes", str_format(&c->cx->arena, "%.*s/confirm", STR_ARG(m->path)));
	page_put(c, p, "no", str_format(&c->cx->arena, "%.*s/reject", STR_ARG(m->path)));
	page_put(c, p, "more", str_format(&c->cx->arena, "/app/bookings/%s", uuid_format(id, b->id).p));
	p->failed = managed_failed;
	b->reason_required = false; /* of who asked */
	reason_open(c, m);
	return OK;
}

enum err answer_page(struct call *c)
{
	struct managed m;
	TRY(answer_open(c, &m));
	return page_show(c);
}

static enum err look(struct call *c)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	TRY(answer_open(c, m));
	c->body = m;
	return reason_read(c, m);
}

/* The booking as it is now, and the host as who acts. */
static enum err act(struct call *c, struct booking *b)
{
	TRY(booking_get(c->cx, ((const struct managed *)c->body)->booking.id, b));
	c->caller = (struct caller){ .is = MAY_ANYONE | MAY_USER, .account = b->account_id };
	c->cx->actor = b->account_id;
	return OK;
}

enum err answer_yes_look(struct call *c)
{
	return look(c);
}

enum err answer_yes_run(struct call *c)
{
	struct booking b;
	TRY(act(c, &b));
	TRY(booking_confirm(c, &b));
	return page_go(c, ((const struct managed *)c->body)->path);
}

enum err answer_no_look(struct call *c)
{
	return look(c);
}

enum err answer_no_run(struct call *c)
{
	const struct managed *m = c->body;
	struct booking b;
	TRY(act(c, &b));
	TRY(booking_reject(c, &b, m->reason));
	return page_go(c, m->path);
}
