/* The invitee's private page: see, move, cancel, add to a calendar.  The token in the address is the permission; what is
 * done with it needs a form sent from here, so that no mail scanner cancels by opening links. */
#include "manage.h"

#include "api/site.h"
#include "base/token.h"
#include "core/ical.h"
#include "core/zone.h"
#include "jobs/mails.h"
#include "pages.h"

enum err managed_open(struct call *c, const char *template, struct managed *m)
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

static struct value *guest_value(struct call *c, const struct guest *g)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a);
	char id[UUID_TEXT];
	value_set(a, v, "id", str_copy(a, uuid_format(id, g->id)));
	value_set(a, v, "name", g->name.n ? g->name : g->email);
	value_set(a, v, "state", page_text(c->page, str_format(a, "page.rsvp.%s", GUEST_RSVPS[g->rsvp]).p));
	value_set(a, v, "removable", g->role != GUEST_CO_HOST);
	return v;
}

static void people_put(struct call *c, const struct booking *b)
{
	struct arena *a = &c->cx->arena;
	struct value *guests = value_list(a), *answers = value_list(a);
	const struct answer *it = b->answers.items;
	for (size_t i = 0; i < b->guests.n; i++)
		value_add(a, guests, guest_value(c, (const struct guest *)b->guests.items + i));
	for (size_t i = 0; i < b->answers.n; i++) {
		struct value *v = value_object(a);
		value_set(a, v, "question", it[i].label);
		value_set(a, v, "lines", lines_value(a, it[i].value));
		value_add(a, answers, v);
	}
	page_put(c, c->page, "guests", guests);
	page_put(c, c->page, "guests_any", guests->n > 0);
	page_put(c, c->page, "answers", answers);
	page_put(c, c->page, "about", lines_value(a, b->description));
	page_put(c, c->page, "about_any", b->description.n > 0);
	page_put(c, c->page, "notes", lines_value(a, b->notes));
	page_put(c, c->page, "notes_any", b->notes.n > 0);
	page_put(c, c->page, "reasons", lines_value(a, b->cancel_reason));
	page_put(c, c->page, "reasons_any", b->cancel_reason.n > 0);
}

/* What the page is called: by where the booking stands, and by what was just done. */
static const char *state_title(const struct call *c, const struct booking *b)
{
	static const char *const titles[] = {
		[BOOKING_PENDING] = "page.manage.pending",     [BOOKING_REJECTED] = "page.manage.rejected",
		[BOOKING_CANCELLED] = "page.manage.cancelled", [BOOKING_EXPIRED] = "page.manage.expired",
		[BOOKING_COMPLETED] = "page.manage.over",      [BOOKING_NO_SHOW] = "page.manage.over"
	};
	if (b->status != BOOKING_CONFIRMED)
		return titles[b->status];
	if (b->start.s <= c->cx->now.s)
		return "page.manage.over";
	return query_find(&c->asked, S("booked")).n  ? "page.manage.booked"
	       : query_find(&c->asked, S("moved")).n ? "page.manage.moved"
						     : "page.manage.title";
}

bool managed_is_open(const struct call *c, const struct booking *b)
{
	return (b->status == BOOKING_PENDING || b->status == BOOKING_CONFIRMED) && b->start.s > c->cx->now.s;
}

static bool in_time(const struct call *c, const struct booking *b, int64_t notice_minutes)
{
	return managed_is_open(c, b) && !policy_too_late(PARTY_INVITEE, b->start, notice_minutes, c->cx->now);
}

static void state_put(struct call *c, const struct booking *b)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	bool can = managed_is_open(c, b), pending = can && b->status == BOOKING_PENDING;
	bool can_move = in_time(c, b, b->reschedule_notice_minutes),
	     can_cancel = in_time(c, b, b->cancel_notice_minutes);
	bool asked = can && instant_is(b->asked_at);
	bool fresh = query_find(&c->asked, S("booked")).n > 0 || query_find(&c->asked, S("moved")).n > 0;
	page_put(c, p, "title", language_fill(a, p->reader.language, str_of(state_title(c, b)), p->data));
	page_put(c, p, "can", can);
	page_put(c, p, "can_move", can_move);
	page_put(c, p, "can_cancel", can_cancel);
	if (can && (!can_move || !can_cancel))
		page_put(c, p, "late", can_move ? S("cancel") : can_cancel ? S("move") : S("both"));
	page_put(c, p, "pending", pending);
	page_put(c, p, "fresh", can && !pending && fresh);
	page_put(c, p, "email", b->invitee_email);
	page_put(c, p, "asked", asked);
	if (asked)
		page_put(c, p, "asked_lines", lines_value(a, b->asked_reason));
	if (pending)
		page_put(c, p, "until", moment_text(c, b->pending_until));
}

str moment_text(struct call *c, instant at)
{
	struct arena *a = &c->cx->arena;
	const struct reader *r = &c->page->reader;
	str date = text_date(a, r, at), clock = text_clock(a, r, at), zone = text_zone(a, r->zone, at);
	return str_format(a, "%.*s, %.*s (%.*s)", STR_ARG(date), STR_ARG(clock), STR_ARG(zone));
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
	page_put(c, c->page, "propose", str_format(a, "%.*s?propose=1", STR_ARG(m->path)));
	page_put(c, c->page, "guests_action", str_format(a, "%.*s/guests", STR_ARG(m->path)));
	page_put(c, c->page, "remove_action", str_format(a, "%.*s/guests/remove", STR_ARG(m->path)));
	page_put(c, c->page, "self", m->path);
	if (b->host_username.n) {
		page_put(c, c->page, "host_path", str_format(a, "/%.*s", STR_ARG(b->host_username)));
		page_put(c, c->page, "again",
			 str_format(a, "/%.*s/%.*s", STR_ARG(b->host_username), STR_ARG(b->event_code)));
	}
	return OK;
}

enum err managed_put(struct call *c, const struct managed *m)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	const struct booking *b = &m->booking;
	page_put(c, p, "event", b->title);
	page_put(c, p, "host", person_name(a, b->host_first_name, b->host_last_name));
	TRY(when_put(c, p->data, (range){ b->start, b->end }, b->host_time_zone));
	page_put(c, p, "length", text_length(a, p->reader.language, instant_sub(b->end, b->start)));
	page_put(c, p, "price", price_text(a, p->reader.language, b->price.amount, b->price.currency));
	if (b->location.kind == LOCATION_LINK && b->location.value.n)
		page_put(c, p, "where_link", b->location.value);
	else if (b->location.value.n || b->location.label.n)
		page_put(c, p, "where", b->location.value.n ? b->location.value : b->location.label);
	people_put(c, b);
	state_put(c, b);
	proposal_put(c, m);
	return links_put(c, m);
}

/* Why it is cancelled or moved: the one field of these pages. */
struct reason {
	str reason;
};
static const struct field REASON_FORM[] = {
	FIELD(struct reason, reason, IN | MAYBE, .rule = &RULE_TEXT, .max = BOOKING_REASON),
	FIELD_END,
};

void reason_open(struct call *c, const struct managed *m)
{
	const struct form_field reason = { .name = "reason",
					   .pointer = "/reason",
					   .type = "area",
					   .label = "page.field.reason",
					   .hint = "page.hint.reason",
					   .wrong = "page.wrong.text",
					   .required = m->booking.reason_required,
					   .max = BOOKING_REASON };
	struct form *f = form_open(c, c->page);
	form_add(c, f, &reason, form_value(c, "reason"));
}

enum err reason_read(struct call *c, struct managed *m)
{
	struct reason r;
	TRY(form_read(c, REASON_FORM, &r));
	m->reason = r.reason;
	return OK;
}

/* ---- moving */

void managed_failed(struct call *c, struct page *p)
{
	bool field = c->cx->fault.problems && c->cx->fault.problems->field.n;
	if (c->cx->fault.code == E_REFUSED)
		value_set(&c->cx->arena, p->data, "problem",
			  page_text(p, field ? "page.fault.invalid" : "page.manage.refused"));
	if (p->own)
		form_failed(c, p);
}

static void move_failed(struct call *c, struct page *p)
{
	if (!gone_put(c, p))
		managed_failed(c, p);
}

enum err managed_offer(struct call *c, struct managed *m, struct offer *o, struct availability *a)
{
	const struct booking *b = &m->booking;
	TRY(managed_put(c, m));
	TRY(availability_get(c->cx, b->event_type_id, a));
	a->except_reservation = b->reservation_id;
	TRY(offer_read(c, a, b->time_zone, o));
	o->path = m->path;
	o->duration = (b->end.s - b->start.s) / MINUTE_SECONDS;
	if (!day_is(o->date) && !day_is(o->month))
		offer_begin(o, zone_day(c->page->reader.zone, instant_is(m->start) ? m->start : b->start));
	TRY(when_put(c, c->page->data, (range){ b->start, b->end }, b->host_time_zone));
	page_put(c, c->page, "clock_choice", c->page->reader.clock12 ? S("12") : S("24"));
	return OK;
}

static enum err move_open(struct call *c, struct managed *m, struct offer *o, struct availability *a)
{
	TRY(managed_offer(c, m, o, a));
	o->extra = S("move=1");
	page_put(c, c->page, "title", page_text(c->page, "page.move.title"));
	if (m->booking.reason_required)
		reason_open(c, m);
	c->page->failed = move_failed;
	return offer_put(c, o);
}

enum err manage_page(struct call *c)
{
	struct managed m;
	struct offer o = { 0 };
	struct availability a;
	TRY(managed_open(c, "pages/manage.html", &m));
	bool can = in_time(c, &m.booking, m.booking.reschedule_notice_minutes);
	if (can && query_find(&c->asked, S("move")).n) {
		c->page->template = "pages/move.html";
		TRY(move_open(c, &m, &o, &a));
	} else if (can && query_find(&c->asked, S("propose")).n) {
		c->page->template = "pages/propose.html";
		TRY(propose_open(c, &m, &o, &a));
	} else {
		TRY(managed_put(c, &m));
		guests_open(c);
		reason_open(c, &m);
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
	TRY(reason_read(c, m));
	page_put(c, c->page, "clock", text_clock(&c->cx->arena, &c->page->reader, m->start));
	return OK;
}

enum err move_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b)); /* what look read may have changed since */
	TRY(booking_reschedule(c, &b, m->start, m->reason));
	return page_go(c, str_format(&c->cx->arena, "%.*s?moved=1", STR_ARG(m->path)));
}

/* ---- cancelling */

enum err cancel_look(struct call *c)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	TRY(managed_open(c, "pages/manage.html", m));
	c->body = m;
	TRY(managed_put(c, m));
	guests_open(c);
	reason_open(c, m);
	c->page->failed = managed_failed;
	page_put(c, c->page, "open", (bool)true);
	return reason_read(c, m);
}

enum err cancel_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_call_off(c, &b, m->reason));
	return page_go(c, m->path);
}
