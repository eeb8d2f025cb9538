/* Guests on the invitee's private page: inviting more of them, and one less. */
#include "api/booking_guests.h"
#include "manage.h"
#include "pages.h"

static const struct form_field PASSIVE_FIELD = {
	.name = "passive", .pointer = "/passive", .type = "check", .label = "page.field.passive"
};

void guests_open(struct call *c)
{
	struct page *p = c->page;
	const struct value *fields = value_get(p->data, S("fields")); /* of the page's other form */
	struct form *f = form_open(c, p);
	form_add(c, f, &GUESTS_FIELD, form_value(c, "guests"));
	form_add(c, f, &PASSIVE_FIELD, form_value(c, "passive"));
	page_put(c, p, "guest_fields", f->list);
	if (fields)
		page_put(c, p, "fields", fields);
}

/* What was typed, as the API takes it. */
static enum err guests_read(struct call *c, struct managed *m)
{
	struct guests_request r;
	struct buf b = { 0 };
	buf_add_char(&b, '{');
	guests_write(&b, form_value(c, "guests"), form_value(c, "passive").n ? GUEST_PASSIVE : GUEST_ACTIVE);
	buf_add_char(&b, '}');
	str json = str_copy(&c->cx->arena, buf_str(&b));
	buf_free(&b);
	TRY(field_decode(c->cx, GUESTS_REQUEST, &r, json, FIELD_NEW));
	m->guests = r.guests;
	return OK;
}

static enum err guests_look(struct call *c, struct managed **out)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	TRY(managed_open(c, "pages/manage.html", m));
	c->body = *out = m;
	TRY(managed_put(c, m));
	reason_open(c, m);
	guests_open(c);
	c->page->failed = managed_failed;
	page_put(c, c->page, "inviting", (bool)true);
	return OK;
}

enum err invite_look(struct call *c)
{
	struct managed *m;
	TRY(guests_look(c, &m));
	return guests_read(c, m);
}

enum err invite_run(struct call *c)
{
	const struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b)); /* what look read may have changed since */
	TRY(booking_invite(c, &b, &m->guests));
	return page_go(c, m->path);
}

enum err uninvite_look(struct call *c)
{
	struct managed *m;
	TRY(guests_look(c, &m));
	if (!uuid_parse(form_value(c, "guest"), &m->guest))
		return FAIL(c->cx, E_NOT_FOUND, S("/guest"), "is not a guest of this meeting");
	return OK;
}

enum err uninvite_run(struct call *c)
{
	const struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_uninvite(c, &b, m->guest));
	return page_go(c, m->path);
}
