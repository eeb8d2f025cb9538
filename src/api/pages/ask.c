/* No time suits: a visitor writes to the host what would.  The address is not proved, and the mail says so. */
#include "base/rule.h"
#include "book.h"
#include "jobs/note_mail.h"
#include "pages.h"

static const struct form_field NAME = NAME_FIELD("/name");
static const struct form_field EMAIL = EMAIL_FIELD("/email", "page.ask.email");
static const struct form_field TEXT = { .name = "text",
					.pointer = "/text",
					.type = "area",
					.label = "page.ask.text",
					.wrong = "page.ask.wrong",
					.required = true,
					.max = NOTE_BYTES };

static const struct field NOTE_FORM[] = {
	FIELD(struct note, name, IN | MUST, .rule = &RULE_NAME, .min = 1, .max = 120),
	FIELD(struct note, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254),
	FIELD(struct note, text, IN | MUST, .rule = &RULE_TEXT, .min = 1, .max = NOTE_BYTES),
	FIELD_END,
};

/* asking - one note on its way. */
struct asking {
	struct note note;
	str sent; /* where to go on */
};

static str ask_link(struct call *c, const struct visit *v, str name)
{
	struct offer o = v->offer;
	o.path = str_format(&c->cx->arena, "%.*s/ask", STR_ARG(v->offer.path));
	o.extra = S("");
	o.date = (day){ NONE };
	return offer_link(c, &o, name.n ? name.p : "", name.n ? S("1") : S(""));
}

void ask_put(struct call *c, const struct visit *v)
{
	page_put(c, c->page, "ask", ask_link(c, v, S("")));
}

static enum err ask_open(struct call *c, struct visit *v)
{
	TRY(visit_open(c, "pages/ask.html", v));
	struct page *p = c->page;
	page_put(c, p, "private", (bool)true);
	page_put(c, p, "action", ask_link(c, v, S("")));
	page_put(c, p, "back", offer_link(c, &v->offer, "", S("")));
	page_put(c, p, "time_zone", v->offer.zone);
	page_put(c, p, "zone_text", text_zone(&c->cx->arena, p->reader.zone, c->cx->now));
	page_put(c, p, "sent", (bool)(query_find(&c->asked, S("sent")).n > 0));
	struct form *f = form_open(c, p);
	form_add(c, f, &NAME, form_value(c, "name"));
	form_add(c, f, &EMAIL, form_value(c, "email"));
	form_add(c, f, &TEXT, form_value(c, "text"));
	return OK;
}

enum err ask_page(struct call *c)
{
	struct visit v;
	TRY(ask_open(c, &v));
	return page_show(c);
}

enum err ask_look(struct call *c)
{
	struct visit *v = NEW(&c->cx->arena, struct visit);
	struct asking *it = NEW(&c->cx->arena, struct asking);
	TRY(ask_open(c, v));
	page_put(c, c->page, "sent", (bool)false);
	c->body = it;
	it->sent = ask_link(c, v, S("sent"));
	it->note = (struct note){ .account_id = v->host.id,
				  .event_type_id = v->event_type.id,
				  .title = v->event_type.title,
				  .path = v->offer.path,
				  .time_zone = v->offer.zone };
	return form_read(c, NOTE_FORM, &it->note);
}

enum err ask_run(struct call *c)
{
	const struct asking *it = c->body;
	TRY(note_mail_add(c->cx, &it->note));
	return page_go(c, it->sent);
}
