/* Signing up, in and out.  The session is a cookie; what happens is sign_in.h's. */
#include "api/sign_in.h"
#include "api/site.h"
#include "core/zone.h"
#include "form.h"
#include "pages.h"
#include "store/session.h"

#include <ctype.h>
#include <string.h>

static const struct form_field EMAIL = EMAIL_FIELD("/email", NULL);
static const struct form_field KNOWN_EMAIL = { .name = "email", .pointer = "", .type = "hidden" };
static const struct form_field PASSWORD = { .name = "password",
					    .pointer = "/password",
					    .type = "password",
					    .label = "page.field.password",
					    .autocomplete = "current-password",
					    .required = true,
					    .max = PASSWORD_MAX };
static const struct form_field NEW_PASSWORD = { .name = "password",
						.pointer = "/password",
						.type = "password",
						.label = "page.field.password",
						.hint = "page.hint.password",
						.wrong = "page.wrong.password",
						.autocomplete = "new-password",
						.required = true,
						.max = PASSWORD_MAX };
static const struct form_field CODE = CODE_FIELD;
static const struct form_field USERNAME = { .name = "username",
					    .pointer = "/username",
					    .type = "text",
					    .label = "page.field.username",
					    .hint = "page.hint.username",
					    .wrong = "page.wrong.username",
					    .autocomplete = "username",
					    .required = true,
					    .max = 32 };
static const struct form_field FIRST_NAME = { .name = "first_name",
					      .pointer = "/first_name",
					      .type = "text",
					      .label = "page.field.first_name",
					      .wrong = "page.wrong.name",
					      .autocomplete = "given-name",
					      .required = true,
					      .max = 80 };
static const struct form_field LAST_NAME = { .name = "last_name",
					     .pointer = "/last_name",
					     .type = "text",
					     .label = "page.field.last_name",
					     .wrong = "page.wrong.name",
					     .autocomplete = "family-name",
					     .max = 80 };
static const struct form_field TIME_ZONE = { .name = "time_zone",
					     .pointer = "/time_zone",
					     .type = "select",
					     .label = "page.field.time_zone",
					     .wrong = "page.wrong.time_zone",
					     .required = true };
static const struct form_field NEXT = { .name = "next", .pointer = "", .type = "hidden" };

struct address {
	str email;
};
static const struct field ADDRESS[] = {
	FIELD(struct address, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254),
	FIELD_END,
};

/* ---- where to go then */

/* Of the dashboard, and nothing that leads elsewhere. */
static bool is_dashboard(str path)
{
	if (!str_is(path, S("/app")) && !str_starts(path, S("/app/")))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (!isalnum((unsigned char)path.p[i]) && !memchr("/-_", path.p[i], 3))
			return false;
	return path.n <= 200;
}

/* What was asked for before the log-in, else the dashboard's first page. */
static str next_of(struct call *c)
{
	str asked = query_find(&c->asked, S("next")), next = asked.n ? asked : form_value(c, "next");
	return is_dashboard(next) ? next : S("/app");
}

static void next_add(struct call *c, struct form *f)
{
	str next = next_of(c);
	if (!str_is(next, S("/app")))
		form_add(c, f, &NEXT, next);
}

/* ---- signing up */

static void sign_up_fields(struct call *c)
{
	struct page *p = page_open(c, "pages/sign_up.html");
	str address = c->site->config.base_url;
	for (size_t i = 0; i + 3 <= address.n; i++)
		if (str_starts(str_slice(address, i, address.n), S("://"))) {
			address = str_slice(address, i + 3, address.n);
			break;
		}
	page_put(c, p, "title", page_text(p, "page.sign_up.title"));
	page_put(c, p, "address", address);
	struct form *f = form_open(c, p);
	form_add(c, f, &FIRST_NAME, form_value(c, "first_name"));
	form_add(c, f, &LAST_NAME, form_value(c, "last_name"));
	form_add(c, f, &EMAIL, form_value(c, "email"));
	form_add(c, f, &NEW_PASSWORD, S(""));
	form_add(c, f, &USERNAME, form_value(c, "username"));
	str zone = form_value(c, "time_zone");
	value_set(&c->cx->arena, form_add(c, f, &TIME_ZONE, zone), "regions",
		  zones_value(c, zone.n ? zone : S("UTC")));
}

enum err sign_up_page(struct call *c)
{
	sign_up_fields(c);
	return page_show_public(c);
}

enum err sign_up_look(struct call *c)
{
	struct registration_request *r = NEW(&c->cx->arena, struct registration_request);
	sign_up_fields(c);
	for (size_t i = 0; i < c->form.n; i++)
		if (str_is(c->form.items[i].name, S("username")))
			c->form.items[i].value = str_lower(&c->cx->arena, c->form.items[i].value);
	c->body = r;
	TRY(form_read(c, REGISTRATION_REQUEST, r));
	r->language = request_language(c);
	return OK;
}

enum err sign_up_prepare(struct call *c)
{
	return registration_prepare(c, c->body);
}

/* The page that asks for a code. */
static struct page *code_fields(struct call *c, str email, const char *action, const char *over, bool known)
{
	struct page *p = page_open(c, "pages/code.html");
	page_put(c, p, "title", page_text(p, "page.code.title"));
	page_put(c, p, "email", email);
	page_put(c, p, "known", known);
	page_put(c, p, "action", str_of(action));
	page_put(c, p, "over", str_of(over));
	if (known)
		page_put(c, p, "again", S("/sign-up/again"));
	struct form *f = form_open(c, p);
	form_add(c, f, &KNOWN_EMAIL, email);
	next_add(c, f);
	value_set(&c->cx->arena, form_add(c, f, &CODE, form_value(c, "code")), "focus", (bool)true);
	return p;
}

enum err sign_up_run(struct call *c)
{
	const struct registration_request *r = c->body;
	TRY(registration_begin(c, r));
	code_fields(c, r->email, "/sign-up/code", "/sign-up", true);
	return page_show(c);
}

enum err sign_up_code_page(struct call *c)
{
	return page_go(c, S("/sign-up"));
}

static enum err code_look(struct call *c)
{
	struct code_request *r = NEW(&c->cx->arena, struct code_request);
	c->body = r;
	return form_read(c, CODE_REQUEST, r);
}

/* A session for who proved to be somebody, and on to where they wanted to go. */
static enum err enter(struct call *c, const struct account *a, bool told)
{
	TRY(sign_in_cookie(c, a, told));
	return page_go(c, next_of(c));
}

enum err sign_up_code_look(struct call *c)
{
	code_fields(c, form_value(c, "email"), "/sign-up/code", "/sign-up", true);
	return code_look(c);
}

enum err sign_up_code_run(struct call *c)
{
	const struct code_request *r = c->body;
	struct account account;
	bool right;
	TRY(registration_end(c, r->email, r->code, &account, &right));
	return right ? enter(c, &account, true) : code_wrong(c);
}

/* A new code in place of the one before, which the field forgets. */
enum err sign_up_again_look(struct call *c)
{
	struct address *r = NEW(&c->cx->arena, struct address);
	for (size_t i = 0; i < c->form.n; i++)
		if (str_is(c->form.items[i].name, S("code")))
			c->form.items[i].value = S("");
	code_fields(c, form_value(c, "email"), "/sign-up/code", "/sign-up", true);
	c->body = r;
	return form_read(c, ADDRESS, r);
}

enum err sign_up_again_run(struct call *c)
{
	TRY(registration_again(c, ((const struct address *)c->body)->email));
	return page_show(c);
}

/* ---- signing in */

struct credentials {
	str email, password;
};
static const struct field CREDENTIALS[] = {
	FIELD(struct credentials, email, IN | MUST, .max = 254),
	FIELD(struct credentials, password, IN | MUST, .max = PASSWORD_MAX),
	FIELD_END,
};

static void log_in_fields(struct call *c)
{
	struct page *p = page_open(c, "pages/log_in.html");
	page_put(c, p, "title", page_text(p, "page.log_in.title"));
	page_put(c, p, "plain", (bool)true);
	struct form *f = form_open(c, p);
	form_add(c, f, &EMAIL, form_value(c, "email"));
	form_add(c, f, &PASSWORD, S(""));
	next_add(c, f);
}

enum err log_in_page(struct call *c)
{
	log_in_fields(c);
	return page_show_public(c);
}

enum err log_in_look(struct call *c)
{
	struct credentials *r = NEW(&c->cx->arena, struct credentials);
	log_in_fields(c);
	c->body = r;
	return form_read(c, CREDENTIALS, r);
}

enum err log_in_prepare(struct call *c)
{
	const struct credentials *r = c->body;
	return password_prepare(c, r->email, r->password);
}

enum err log_in_run(struct call *c)
{
	if (!c->prepared)
		return FAIL(c->cx, E_CREDENTIALS, S(""), "that address and password do not belong together");
	return enter(c, c->prepared, false);
}

/* One address for both: without a code it sends one. */
enum err log_in_code_look(struct call *c)
{
	if (query_find(&c->form, S("code")).p) {
		code_fields(c, form_value(c, "email"), "/log-in/code", "/log-in", false);
		return code_look(c);
	}
	struct address *r = NEW(&c->cx->arena, struct address);
	log_in_fields(c);
	c->body = r;
	return form_read(c, ADDRESS, r);
}

enum err log_in_code_run(struct call *c)
{
	struct account account;
	bool right;
	if (!query_find(&c->form, S("code")).p) {
		str email = ((const struct address *)c->body)->email;
		TRY(code_begin(c, OTP_SIGN_IN, email));
		code_fields(c, email, "/log-in/code", "/log-in", false);
		return page_show(c);
	}
	const struct code_request *r = c->body;
	TRY(code_end(c, OTP_SIGN_IN, r->email, r->code, &account, &right));
	return right ? enter(c, &account, false) : code_wrong(c);
}

enum err log_in_code_page(struct call *c)
{
	return page_go(c, S("/log-in"));
}

enum err log_out_run(struct call *c)
{
	if (uuid_is(c->caller.session))
		TRY(sign_out(c, c->caller.session));
	sign_out_cookie(c);
	return page_go(c, S("/"));
}
