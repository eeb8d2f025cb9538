/* A guest's private page: see the meeting, say whether to come.  The token in the address is the permission; an answer
 * needs a form sent from here, so that no mail scanner answers by opening links. */
#include "api/booking_guests.h"
#include "api/site.h"
#include "base/token.h"
#include "book.h"
#include "core/zone.h"
#include "pages.h"

struct invited {
	struct guest guest;
	struct booking booking;
	str path;
	unsigned answer;
};

static const char *const ANSWER_TITLES[] = { "page.guest.title", "page.guest.accepted_title",
					     "page.guest.declined_title", "page.guest.tentative_title" };

static void state_put(struct call *c, const struct invited *m)
{
	struct page *p = c->page;
	const struct booking *b = &m->booking;
	bool off = !policy_occupies(b->status), over = b->start.s <= c->cx->now.s;
	bool waits = b->status == BOOKING_PENDING && !over;
	const char *key = off ? "page.manage.cancelled" : over ? "page.manage.over" : ANSWER_TITLES[m->guest.rsvp];
	page_put(c, p, "title", page_text(p, key));
	page_put(c, p, "off", off);
	page_put(c, p, "waits", waits);
	page_put(c, p, "can", !off && !over && !waits);
	page_put(c, p, "is_accepted", m->guest.rsvp == RSVP_ACCEPTED);
	page_put(c, p, "is_declined", m->guest.rsvp == RSVP_DECLINED);
	page_put(c, p, "is_tentative", m->guest.rsvp == RSVP_TENTATIVE);
}

static enum err invited_put(struct call *c, const struct invited *m)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	const struct booking *b = &m->booking;
	page_put(c, p, "private", (bool)true);
	page_put(c, p, "plain", (bool)true);
	TRY(zone_load(c->cx, b->time_zone, S("/time_zone"), &p->reader.zone));
	TRY(when_put(c, p->data, (range){ b->start, b->end }, b->host_time_zone));
	page_put(c, p, "event", b->title);
	page_put(c, p, "host", person_name(a, b->host_first_name, b->host_last_name));
	page_put(c, p, "invitee", b->invitee_name);
	page_put(c, p, "email", m->guest.email);
	page_put(c, p, "length", text_length(a, p->reader.language, instant_sub(b->end, b->start)));
	page_put(c, p, "about", lines_value(a, b->description));
	page_put(c, p, "about_any", b->description.n > 0);
	page_put(c, p, "action", m->path);
	if (b->location.kind == LOCATION_LINK && b->location.value.n)
		page_put(c, p, "where_link", b->location.value);
	else
		page_put(c, p, "where", b->location.value.n ? b->location.value : b->location.label);
	state_put(c, m);
	return OK;
}

static enum err invited_open(struct call *c, struct invited *m)
{
	if (!guest_token_check(c->cx, &c->site->keys, c->parameters[0], &c->caller.guest))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such invitation");
	c->caller.is |= MAY_GUEST;
	TRY(invitation_find(c, &m->guest, &m->booking));
	m->path = str_format(&c->cx->arena, "/g/%.*s", STR_ARG(c->parameters[0]));
	page_open(c, "pages/guest.html");
	return invited_put(c, m);
}

enum err guest_page(struct call *c)
{
	struct invited m;
	TRY(invited_open(c, &m));
	return page_show(c);
}

/* Nothing was typed that could be marked: the reason stands above, and what the page shows is as it is now. */
static void answer_failed(struct call *c, struct page *p)
{
	(void)c;
	(void)p;
}

enum err answer_look(struct call *c)
{
	struct invited *m = NEW(&c->cx->arena, struct invited);
	TRY(invited_open(c, m));
	c->page->failed = answer_failed;
	str answer = form_value(c, "answer");
	for (m->answer = RSVP_ACCEPTED; GUEST_RSVPS[m->answer]; m->answer++)
		if (str_is(answer, str_of(GUEST_RSVPS[m->answer]))) {
			c->body = m;
			return OK;
		}
	return FAIL(c->cx, E_INVALID, S("/answer"), "must be accepted, declined or tentative");
}

enum err answer_run(struct call *c)
{
	const struct invited *m = c->body;
	struct guest g;
	struct booking b;
	TRY(invitation_find(c, &g, &b)); /* what look read may have changed since */
	TRY(invitation_answer(c, &g, &b, m->answer));
	return page_go(c, m->path);
}
