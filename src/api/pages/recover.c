/* Pages that help by mail: a new password, and the links of one's bookings. */
#include "api/recover.h"
#include "api/sign_in.h"
#include "form.h"
#include "jobs/mails.h"
#include "pages.h"

static const struct form_field EMAIL = EMAIL_FIELD("/email", NULL);
static const struct form_field KNOWN_EMAIL = { .name = "email", .pointer = "", .type = "hidden" };
static const struct form_field CODE = CODE_FIELD;
static const struct form_field NEW_PASSWORD = { .name = "new_password",
						.pointer = "/new_password",
						.type = "password",
						.label = "page.field.new_password",
						.hint = "page.hint.password",
						.wrong = "page.wrong.password",
						.autocomplete = "new-password",
						.required = true,
						.max = PASSWORD_MAX };
static const struct form_field END_API_KEYS = {
	.name = "end_api_keys", .pointer = "/end_api_keys", .type = "check", .label = "page.field.end_api_keys"
};

/* A page that asks for an address. */
static void address_fields(struct call *c, const char *template, const char *title)
{
	struct page *p = page_open(c, template);
	page_put(c, p, "title", page_text(p, title));
	page_put(c, p, "plain", (bool)true);
	struct form *f = form_open(c, p);
	form_add(c, f, &EMAIL, form_value(c, "email"));
}

static enum err address_read(struct call *c)
{
	struct address_request *r = NEW(&c->cx->arena, struct address_request);
	c->body = r;
	return form_read(c, ADDRESS_REQUEST, r);
}

/* ---- a new password */

static void code_fields(struct call *c, str email)
{
	struct page *p = page_open(c, "pages/reset_code.html");
	page_put(c, p, "title", page_text(p, "page.code.title"));
	page_put(c, p, "email", email);
	struct form *f = form_open(c, p);
	form_add(c, f, &KNOWN_EMAIL, email);
	value_set(&c->cx->arena, form_add(c, f, &CODE, form_value(c, "code")), "focus", (bool)true);
	form_add(c, f, &NEW_PASSWORD, S(""));
	form_add(c, f, &END_API_KEYS, form_value(c, "end_api_keys"));
}

enum err reset_page(struct call *c)
{
	address_fields(c, "pages/reset.html", "page.reset.title");
	return page_show_public(c);
}

enum err reset_look(struct call *c)
{
	address_fields(c, "pages/reset.html", "page.reset.title");
	return address_read(c);
}

enum err reset_run(struct call *c)
{
	str email = ((const struct address_request *)c->body)->email;
	TRY(code_begin(c, OTP_RESET, email));
	code_fields(c, email);
	return page_show(c);
}

enum err reset_code_page(struct call *c)
{
	return page_go(c, S("/reset"));
}

enum err reset_code_look(struct call *c)
{
	struct reset_request *r = NEW(&c->cx->arena, struct reset_request);
	code_fields(c, form_value(c, "email"));
	c->body = r;
	return form_read(c, RESET_REQUEST, r);
}

enum err reset_code_prepare(struct call *c)
{
	return reset_prepare(c, c->body);
}

enum err reset_code_run(struct call *c)
{
	struct account account;
	bool right;
	TRY(reset_end(c, c->body, &account, &right));
	if (!right)
		return code_wrong(c);
	TRY(sign_in_cookie(c, &account, true));
	return page_go(c, S("/app"));
}

/* ---- one's bookings */

enum err my_bookings_page(struct call *c)
{
	address_fields(c, "pages/my_bookings.html", "page.my_bookings.title");
	return page_show_public(c);
}

enum err my_bookings_look(struct call *c)
{
	address_fields(c, "pages/my_bookings.html", "page.my_bookings.title");
	return address_read(c);
}

enum err my_bookings_run(struct call *c)
{
	str email = ((const struct address_request *)c->body)->email;
	TRY(list_mail_add(c->cx, email, request_language(c)));
	page_put(c, c->page, "sent", email);
	return page_show(c);
}
