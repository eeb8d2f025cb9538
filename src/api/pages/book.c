/* Booking: a month and its times, then who books, then the code, then the booking.  One address; the step is in the form.
 *
 *     GET   ?date=…             the month, the times of a day
 *     POST  step=hold           keeps the time, goes on to …
 *     GET   ?start=…&hold=…     who are you
 *     POST  step=details        sends a code, or books where the address is proved
 *     POST  step=code           proves the address and books
 *     POST  step=edit           back to who are you
 *
 * Whatever fails shows the page again with everything typed; where the time is gone, with those nearest to it. */
#include "book.h"

#include "api/limits.h"
#include "api/site.h"
#include "base/token.h"
#include "core/zone.h"
#include "pages.h"

#include <string.h>

str person_name(struct arena *a, str first, str last)
{
	return last.n ? str_format(a, "%.*s %.*s", STR_ARG(first), STR_ARG(last)) : first;
}

struct value *lines_value(struct arena *a, str text)
{
	struct value *list = value_list(a);
	while (text.n) {
		str line = str_trim(str_cut(&text, '\n'));
		value_add(a, list, value_text(a, line));
	}
	return list;
}

range visit_range(const struct visit *v)
{
	return (range){ v->start, instant_add(v->start, span_minutes(v->offer.duration)) };
}

enum err when_put(struct call *c, struct value *data, range when, str host_zone)
{
	struct arena *a = &c->cx->arena;
	struct reader other = c->page->reader;
	TRY(zone_load(c->cx, host_zone, S("/time_zone"), &other.zone));
	value_set(a, data, "when", text_when(a, &c->page->reader, when, c->cx->now));
	value_set(a, data, "clock", text_clock(a, &c->page->reader, when.from));
	bool same = zone_offset(other.zone, when.from) == zone_offset(c->page->reader.zone, when.from);
	value_set(a, data, "other", same ? value_none(a) : text_when(a, &other, when, c->cx->now));
	return OK;
}

/* ---- what every step shows */

static str location_text(const struct page *p, struct arena *a, const struct location *l)
{
	if (l->label.n)
		return l->label;
	return page_text(p, str_format(a, "page.location.%s", LOCATION_KINDS[l->kind]).p);
}

static void durations_put(struct call *c, struct visit *v)
{
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a);
	const struct duration *d = v->event_type.durations.items;
	for (size_t i = 0; i < v->event_type.durations.n; i++) {
		struct value *item = value_object(a);
		str price = price_text(a, c->page->reader.language, d[i].price.amount, d[i].price.currency);
		bool chosen = d[i].minutes == v->offer.duration;
		value_set(a, item, "text", text_length(a, c->page->reader.language, span_minutes(d[i].minutes)));
		value_set(a, item, "price", price);
		value_set(a, item, "chosen", chosen);
		value_set(a, item, "href",
			  offer_link(c, &v->offer, "duration", str_format(a, "%lld", (long long)d[i].minutes)));
		value_add(a, list, item);
		if (chosen) {
			page_put(c, c->page, "length",
				 text_length(a, c->page->reader.language, span_minutes(d[i].minutes)));
			page_put(c, c->page, "price", price);
		}
	}
	if (v->event_type.durations.n > 1)
		page_put(c, c->page, "durations", list);
	page_put(c, c->page, "durations_any", v->event_type.durations.n > 1);
}

static void summary_put(struct call *c, struct visit *v)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	const struct location *l = v->event_type.locations.items;
	page_put(c, p, "plain", (bool)true);
	page_put(c, p, "event", v->event_type.title);
	page_put(c, p, "host", person_name(a, v->host.first_name, v->host.last_name));
	page_put(c, p, "host_path", str_format(a, "/%.*s", STR_ARG(v->host.username)));
	page_put(c, p, "about", lines_value(a, v->event_type.description));
	page_put(c, p, "private", v->event_type.hidden);
	value_set(a, p->data, "title", v->event_type.title);
	struct value *title = value_object(a);
	value_set(a, title, "title", v->event_type.title);
	value_set(a, title, "host", person_name(a, v->host.first_name, v->host.last_name));
	page_put(c, p, "title", language_fill(a, p->reader.language, S("page.book.title"), title));
	page_put(c, p, "description", language_fill(a, p->reader.language, S("page.profile.description"), title));
	if (v->event_type.locations.n == 1)
		page_put(c, p, "where", location_text(p, a, l));
	durations_put(c, v);
}

static str asked(const struct call *c, const char *name)
{
	str v = query_find(&c->asked, str_of(name));
	return v.n ? v : form_value(c, name);
}

static enum err hold_load(struct call *c, struct visit *v)
{
	uuid id;
	bool found = false;
	if (!uuid_parse(asked(c, "hold"), &id))
		return OK;
	TRY(hold_find(c->cx, id, &v->hold, &found));
	if (!found || !uuid_same(v->hold.event_type_id, v->event_type.id))
		v->hold = (struct hold){ 0 };
	return OK;
}

enum err visit_open(struct call *c, const char *template, struct visit *v)
{
	struct cx *cx = c->cx;
	char id[UUID_TEXT];
	*v = (struct visit){ .start = { NONE } };
	TRY(account_get_username(cx, c->parameters[0], &v->host));
	TRY(event_type_get_code(cx, v->host.id, c->parameters[1], &v->event_type));
	TRY(availability_get(cx, v->event_type.id, &v->availability));
	page_open(c, template);
	TRY(offer_read(c, &v->availability, v->availability.slots.schedule.time_zone, &v->offer));
	TRY(hold_load(c, v));
	v->offer.path = str_format(&cx->arena, "/%.*s/%.*s", STR_ARG(v->host.username), STR_ARG(v->event_type.code));
	str start = form_value(c, "pick").n ? form_value(c, "pick") : asked(c, "start");
	if (!instant_parse(start, &v->start))
		v->start.s = NONE;
	if (uuid_is(
		v->hold.id)) { /* one's own hold is no reason to hide the time; going back gives it up for another */
		if (v->event_type.seats == 1)
			v->availability.except_reservation = v->hold.reservation_id;
		v->availability.except_hold = v->hold.id;
		v->offer.extra = str_format(&cx->arena, "hold=%s", uuid_format(id, v->hold.id).p);
	}
	summary_put(c, v);
	return OK;
}

/* ---- the month */

static void carry_view(struct call *c, const struct visit *v)
{
	char id[UUID_TEXT];
	struct arena *a = &c->cx->arena;
	page_put(c, c->page, "action", v->offer.path);
	page_put(c, c->page, "duration", v->offer.duration);
	page_put(c, c->page, "clock_choice", c->page->reader.clock12 ? S("12") : S("24"));
	if (uuid_is(v->hold.id))
		page_put(c, c->page, "hold", str_copy(a, uuid_format(id, v->hold.id)));
}

static bool is_gone(enum err e)
{
	return e == E_SLOT_TAKEN || e == E_NOT_OFFERED;
}

static void month_failed(struct call *c, struct page *p)
{
	(void)gone_put(c, p);
}

static enum err month_open(struct call *c, struct visit *v)
{
	c->page->failed = month_failed;
	carry_view(c, v);
	ask_put(c, v);
	return offer_put(c, &v->offer);
}

/* ---- who books */

static void details_failed(struct call *c, struct page *p)
{
	bool typed = form_value(c, "name").n || form_value(c, "email").n;
	form_failed(c, p);
	if (gone_put(c, p))
		value_set(&c->cx->arena, p->data, "only_times", (bool)!typed);
	else if (c->cx->fault.code == E_EXPIRED)
		value_set(&c->cx->arena, p->data, "problem", page_text(p, "page.details.over"));
}

/* The code was right but the booking failed: back to the details, with the proof, so that one click is enough. */
static void proof_failed(struct call *c, struct page *p)
{
	struct visit *v = c->body;
	enum err code = c->cx->fault.code;
	if (code == E_OTP || code == E_INVALID || code == E_TOO_MANY) {
		form_failed(c, p);
		return;
	}
	*p = *v->details;
	if (v->proof.n)
		value_set(&c->cx->arena, p->data, "email_proof", v->proof);
	value_set(&c->cx->arena, p->data, "problem", c->cx->fault.message);
	details_failed(c, p);
}

/* Whether the time can still be had: by the hold, or because it is free. */
static enum err start_check(struct call *c, struct visit *v)
{
	struct claim claim = { .event_type_id = v->event_type.id,
			       .start = v->start,
			       .duration_minutes = v->offer.duration,
			       .time_zone = v->offer.zone,
			       .expires_at = { NONE } };
	return guard_look(c->cx, &claim, v->availability.except_reservation, v->availability.except_hold);
}

enum err book_page(struct call *c)
{
	struct visit *v = NEW(&c->cx->arena, struct visit);
	bool chosen = query_find(&c->asked, S("start")).n > 0;
	TRY(visit_open(c, chosen ? "pages/details.html" : "pages/booking.html", v));
	c->body = v;
	if (!chosen || !instant_is(v->start)) {
		c->page->template = "pages/booking.html";
		TRY(month_open(c, v));
		return uuid_is(v->hold.id) ? page_show(c) : page_show_public(c);
	}
	TRY(details_open(c, v));
	enum err e = start_check(c, v);
	if (e && !is_gone(e))
		return e;
	if (e)
		details_failed(c, c->page);
	fault_clear(c->cx);
	return page_show(c);
}

/* Sending a mail and trying a code are rarer than other writes, as they are in the API. */
static enum err limit_spend(struct call *c, enum limit class)
{
	struct allowance left;
	str network = http_network(&c->cx->arena, c->exchange->request.address);
	if (!c->site->limits || limits_spend(c->site->limits, class, network, c->cx->now, &left))
		return OK;
	enum err e = FAIL(c->cx, E_TOO_MANY, S(""), "too many requests from your address: wait %lld seconds",
			  (long long)left.reset);
	c->cx->fault.retry_after = left.reset;
	return e;
}

/* A time is chosen before anything was typed: by its button, or among those offered in place of one that is gone. */
static bool is_hold(const struct call *c)
{
	bool typed = form_value(c, "name").n || form_value(c, "email").n;
	return str_is(form_value(c, "step"), S("hold")) || (form_value(c, "pick").n && !typed);
}

enum err book_look(struct call *c)
{
	struct visit *v = NEW(&c->cx->arena, struct visit);
	str step = form_value(c, "step");
	bool hold = is_hold(c);
	TRY(visit_open(c, hold ? "pages/booking.html" : "pages/details.html", v));
	c->body = v;
	if (!instant_is(v->start))
		return FAIL(c->cx, E_INVALID, S("/start"), "choose a time first");
	if (hold) {
		page_put(c, c->page, "clock", text_clock(&c->cx->arena, &c->page->reader, v->start));
		if (!day_is(v->offer.date))
			v->offer.date = zone_day(c->page->reader.zone, v->start);
		TRY(month_open(c, v));
		return start_check(c, v);
	}
	TRY(details_open(c, v));
	v->details = c->page;
	c->page->failed = details_failed;
	if (str_is(step, S("edit")))
		return OK;
	TRY(request_read(c, v));
	if (!str_is(step, S("code")))
		return limit_spend(c, LIMIT_MAIL);
	uuid proof = { 0 };
	(void)!uuid_parse(form_value(c, "proof"), &proof);
	TRY(proof_open(c, v, proof));
	c->page->failed = proof_failed;
	return limit_spend(c, LIMIT_SIGN_IN);
}

/* ---- what is done */

/* Keep the chosen time; one that is kept already stays, one kept for another time is given up.  That a client holds
 * too much is no failure: the booking itself decides. */
static enum err hold_renew(struct call *c, struct visit *v)
{
	struct hold_request r = { v->event_type.id, v->start, v->offer.duration };
	range when = visit_range(v);
	if (uuid_is(v->hold.id) && v->hold.start.s == when.from.s && v->hold.end.s == when.to.s)
		return OK;
	if (uuid_is(v->hold.id))
		TRY(hold_remove(c->cx, &v->hold));
	v->hold = (struct hold){ 0 };
	enum err e = hold_create(c, &r, &v->hold);
	if (e != E_TOO_MANY)
		return e;
	fault_clear(c->cx);
	v->hold = (struct hold){ 0 };
	return OK;
}

static enum err book_hold(struct call *c, struct visit *v)
{
	char id[UUID_TEXT], at[INSTANT_TEXT];
	TRY(hold_renew(c, v));
	v->offer.extra =
	    uuid_is(v->hold.id) ? str_format(&c->cx->arena, "hold=%s", uuid_format(id, v->hold.id).p) : S("");
	return page_go(c, offer_link(c, &v->offer, "start", str_of(instant_format(at, v->start).p)));
}

static enum err book_now(struct call *c, struct visit *v)
{
	struct booking b;
	v->request.email_proof = v->proof;
	v->request.hold_id = (uuid){ 0 };
	range when = visit_range(v);
	bool kept = v->hold.start.s == when.from.s && v->hold.end.s == when.to.s;
	if (uuid_is(v->hold.id) && kept)
		v->request.hold_id = v->hold.id;
	else if (uuid_is(v->hold.id))
		TRY(hold_remove(c->cx, &v->hold));
	TRY(booking_create(c, &v->request, &b));
	str token = manage_token_make(c->cx, &c->site->keys, b.id);
	return page_go(c, str_format(&c->cx->arena, "/b/%.*s?booked=1", STR_ARG(token)));
}

/* Whether who books has still to show that the address is theirs; as booking_create judges it. */
static enum err proof_needed(struct call *c, struct visit *v, bool *needed)
{
	str email = str_lower(&c->cx->arena, v->request.invitee.email);
	struct account a;
	v->proof = form_value(c, "email_proof");
	*needed = false;
	if (v->proof.n && email_proof_check(c->cx, &c->site->keys, v->proof, email))
		return OK;
	v->proof = S("");
	*needed = true;
	if (!(c->caller.is & MAY_USER))
		return OK;
	TRY(account_get(c->cx, &a));
	*needed = !uuid_same(a.id, v->host.id) && !str_is(a.email, email);
	return OK;
}

static enum err book_details(struct call *c, struct visit *v)
{
	struct proof proof;
	bool needed;
	TRY(proof_needed(c, v, &needed));
	if (!needed)
		return book_now(c, v);
	TRY(hold_renew(c, v));
	TRY(proof_begin(c, v->request.invitee.email, &proof));
	TRY(proof_open(c, v, proof.id));
	return page_show(c);
}

static enum err book_code(struct call *c, struct visit *v)
{
	uuid id;
	bool right = false;
	if (uuid_parse(form_value(c, "proof"), &id))
		TRY(proof_end(c, id, form_value(c, "code"), &v->proof, &right));
	if (right)
		return book_now(c, v);
	c->kept = FAIL(c->cx, E_OTP, S("/code"), "is not the right code");
	return OK;
}

enum err book_run(struct call *c)
{
	struct visit *v = c->body;
	str step = form_value(c, "step");
	if (is_hold(c))
		return book_hold(c, v);
	if (str_is(step, S("edit")))
		return page_show(c);
	return str_is(step, S("code")) ? book_code(c, v) : book_details(c, v);
}
