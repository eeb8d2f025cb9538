/* The invitee's private page: see, move, cancel, add to a calendar.  The token in the address is the permission; what is
 * done with it needs a form sent from here, so that no mail scanner cancels by opening links. */
#include "api/site.h"
#include "base/token.h"
#include "book.h"
#include "core/ical.h"
#include "core/zone.h"
#include "jobs/mails.h"
#include "pages.h"

struct managed {
	struct booking booking;
	str path, reason;
	instant start;
};

static enum err managed_open(struct call *c, const char *template, struct managed *m)
{
	*m = (struct managed){ .start = { NONE } };
	if (!manage_token_check(c->cx, &c->site->keys, c->parameters[0], &c->caller.booking))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "there is no such booking");
	c->caller.is |= MAY_INVITEE;
	c->id = c->caller.booking;
	TRY(booking_find(c, &m->booking));
	struct page *p = page_open(c, template);
	m->path = str_format(&c->cx->arena, "/b/%.*s", STR_ARG(c->parameters[0]));
	page_put(c, p, "private", (bool)true);
	page_put(c, p, "plain", (bool)true);
	return zone_load(c->cx, m->booking.time_zone, S("/time_zone"), &p->reader.zone);
}

static enum err ical_of(struct call *c, const struct managed *m, struct ical *out)
{
	const struct booking *b = &m->booking;
	str url = str_format(&c->cx->arena, "%.*s%.*s", STR_ARG(c->site->config.base_url), STR_ARG(m->path));
	return booking_ical(c->cx, ICAL_PUBLISH, b, c->site->config.mail_from, (range){ b->start, b->end },
			    b->sequence, url, out);
}

/* ---- what is shown */

static void people_put(struct call *c, const struct booking *b)
{
	struct arena *a = &c->cx->arena;
	struct value *guests = value_list(a), *answers = value_list(a);
	const struct guest *g = b->guests.items;
	const struct answer *it = b->answers.items;
	for (size_t i = 0; i < b->guests.n; i++)
		value_add(a, guests, value_text(a, g[i].name.n ? g[i].name : g[i].email));
	for (size_t i = 0; i < b->answers.n; i++) {
		struct value *v = value_object(a);
		value_set(a, v, "question", it[i].label);
		value_set(a, v, "lines", lines_value(a, it[i].value));
		value_add(a, answers, v);
	}
	page_put(c, c->page, "guests", guests);
	page_put(c, c->page, "guests_any", guests->n > 0);
	page_put(c, c->page, "answers", answers);
	page_put(c, c->page, "notes", lines_value(a, b->notes));
	page_put(c, c->page, "notes_any", b->notes.n > 0);
	page_put(c, c->page, "reasons", lines_value(a, b->cancel_reason));
	page_put(c, c->page, "reasons_any", b->cancel_reason.n > 0);
}

static void state_put(struct call *c, const struct booking *b)
{
	struct page *p = c->page;
	bool cancelled = b->status == BOOKING_CANCELLED, over = b->start.s <= c->cx->now.s;
	bool booked = query_find(&c->asked, S("booked")).n > 0, moved = query_find(&c->asked, S("moved")).n > 0;
	const char *key = cancelled ? "page.manage.cancelled"
			  : over    ? "page.manage.over"
			  : booked  ? "page.manage.booked"
			  : moved   ? "page.manage.moved"
				    : "page.manage.title";
	page_put(c, p, "title", page_text(p, key));
	page_put(c, p, "cancelled", cancelled);
	page_put(c, p, "can", !cancelled && !over);
	page_put(c, p, "fresh", !cancelled && !over && (booked || moved));
	page_put(c, p, "email", b->invitee_email);
}

static enum err links_put(struct call *c, const struct managed *m)
{
	struct arena *a = &c->cx->arena;
	const struct booking *b = &m->booking;
	struct ical ical;
	TRY(ical_of(c, m, &ical));
	page_put(c, c->page, "google", ical_google_url(a, &ical));
	page_put(c, c->page, "outlook", ical_outlook_url(a, &ical));
	page_put(c, c->page, "file", str_format(a, "%.*s/invite.ics", STR_ARG(m->path)));
	page_put(c, c->page, "move", str_format(a, "%.*s?move=1", STR_ARG(m->path)));
	page_put(c, c->page, "action", str_format(a, "%.*s/move", STR_ARG(m->path)));
	page_put(c, c->page, "cancel_action", str_format(a, "%.*s/cancel", STR_ARG(m->path)));
	page_put(c, c->page, "self", m->path);
	if (b->host_username.n) {
		page_put(c, c->page, "host_path", str_format(a, "/%.*s", STR_ARG(b->host_username)));
		page_put(c, c->page, "again",
			 str_format(a, "/%.*s/%.*s", STR_ARG(b->host_username), STR_ARG(b->event_code)));
	}
	return OK;
}

static enum err managed_put(struct call *c, const struct managed *m)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	const struct booking *b = &m->booking;
	page_put(c, p, "event", b->title);
	page_put(c, p, "host", person_name(a, b->host_first_name, b->host_last_name));
	TRY(when_put(c, p->data, (range){ b->start, b->end }, b->host_time_zone));
	page_put(c, p, "length", text_length(a, p->reader.language, instant_sub(b->end, b->start)));
	page_put(c, p, "price", price_text(a, b->price.amount, b->price.currency));
	if (b->location.kind == LOCATION_LINK && b->location.value.n)
		page_put(c, p, "where_link", b->location.value);
	else if (b->location.value.n || b->location.label.n)
		page_put(c, p, "where", b->location.value.n ? b->location.value : b->location.label);
	people_put(c, b);
	state_put(c, b);
	return links_put(c, m);
}

/* Why it is cancelled: the one field of this page. */
struct reason {
	str reason;
};
static const struct field REASON_FORM[] = {
	FIELD(struct reason, reason, IN | MAYBE, .rule = &RULE_TEXT, .max = BOOKING_REASON),
	FIELD_END,
};
static const struct form_field REASON_FIELD = { .name = "reason",
						.pointer = "/reason",
						.type = "area",
						.label = "page.field.reason",
						.hint = "page.hint.reason",
						.wrong = "page.wrong.text",
						.max = BOOKING_REASON };

static void reason_open(struct call *c)
{
	struct form *f = form_open(c, c->page);
	form_add(c, f, &REASON_FIELD, form_value(c, "reason"));
}

/* ---- moving */

static void move_failed(struct call *c, struct page *p)
{
	(void)gone_put(c, p);
}

static enum err move_open(struct call *c, struct managed *m, struct offer *o, struct availability *a)
{
	const struct booking *b = &m->booking;
	TRY(managed_put(c, m));
	TRY(availability_get(c->cx, b->event_type_id, a));
	a->except_reservation = b->reservation_id;
	TRY(offer_read(c, a, b->time_zone, o));
	o->path = m->path;
	o->extra = S("move=1");
	o->duration = (b->end.s - b->start.s) / MINUTE_SECONDS;
	if (!day_is(o->date) && !day_is(o->month))
		offer_begin(o, zone_day(c->page->reader.zone, b->start));
	TRY(when_put(c, c->page->data, (range){ b->start, b->end }, b->host_time_zone));
	page_put(c, c->page, "title", page_text(c->page, "page.move.title"));
	page_put(c, c->page, "moving", (bool)true);
	page_put(c, c->page, "clock_choice", c->page->reader.clock12 ? S("12") : S("24"));
	c->page->failed = move_failed;
	return offer_put(c, o);
}

enum err manage_page(struct call *c)
{
	struct managed m;
	struct offer o = { 0 };
	struct availability a;
	bool moving = query_find(&c->asked, S("move")).n > 0;
	TRY(managed_open(c, moving ? "pages/move.html" : "pages/manage.html", &m));
	bool can = m.booking.status != BOOKING_CANCELLED && m.booking.start.s > c->cx->now.s;
	if (moving && can)
		TRY(move_open(c, &m, &o, &a));
	else
		c->page->template = "pages/manage.html";
	if (!moving || !can) {
		TRY(managed_put(c, &m));
		reason_open(c);
	}
	return page_show(c);
}

enum err manage_file(struct call *c)
{
	struct managed m;
	struct ical ical;
	str text;
	TRY(managed_open(c, "pages/manage.html", &m));
	TRY(ical_of(c, &m, &ical));
	TRY(ical_write(c->cx, &ical, &text));
	buf_add(&c->out, text);
	c->content_type = S("text/calendar; charset=utf-8");
	return OK;
}

enum err move_look(struct call *c)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	struct offer *o = NEW(&c->cx->arena, struct offer);
	struct availability *a = NEW(&c->cx->arena, struct availability);
	TRY(managed_open(c, "pages/move.html", m));
	c->body = m;
	if (!instant_parse(form_value(c, "start"), &m->start))
		return FAIL(c->cx, E_INVALID, S("/start"), "choose a time first");
	TRY(move_open(c, m, o, a));
	page_put(c, c->page, "clock", text_clock(&c->cx->arena, &c->page->reader, m->start));
	return OK;
}

enum err move_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b)); /* what look read may have changed since */
	TRY(booking_reschedule(c, &b, m->start, (str){ NULL, 0 }));
	return page_go(c, str_format(&c->cx->arena, "%.*s?moved=1", STR_ARG(m->path)));
}

/* ---- cancelling */

enum err cancel_look(struct call *c)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	struct reason r;
	TRY(managed_open(c, "pages/manage.html", m));
	c->body = m;
	TRY(managed_put(c, m));
	reason_open(c);
	page_put(c, c->page, "open", (bool)true);
	TRY(form_read(c, REASON_FORM, &r));
	m->reason = r.reason;
	return OK;
}

enum err cancel_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_call_off(c, &b, m->reason));
	return page_go(c, m->path);
}
