/* Who books: the fields, and what was typed as the request that the API takes, so that both judge by the same tables. */
#include "api/questions.h"
#include "book.h"
#include "core/zone.h"

#include <string.h>

static const struct form_field NAME = NAME_FIELD("/invitee/name");
static const struct form_field EMAIL = EMAIL_FIELD("/invitee/email", "page.hint.email");
const struct form_field GUESTS_FIELD = { .name = "guests",
					 .pointer = "/guests",
					 .type = "area",
					 .label = "page.field.guests",
					 .hint = "page.hint.guests",
					 .wrong = "page.wrong.guests",
					 .max = 2600 };
static const struct form_field NOTES = { .name = "notes",
					 .pointer = "/notes",
					 .type = "area",
					 .label = "page.field.notes",
					 .wrong = "page.wrong.text",
					 .max = BOOKING_NOTES };
static const struct form_field LOCATION_FIELD = {
	.name = "location", .pointer = "/location", .type = "select", .label = "page.field.location", .required = true
};
static const struct form_field CODE = CODE_FIELD;

/* ---- fields */

static void option_add(struct call *c, struct value *options, str value, str text, bool chosen)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a);
	value_set(a, v, "value", value);
	value_set(a, v, "text", text);
	value_set(a, v, "chosen", chosen);
	value_add(a, options, v);
}

static void location_add(struct call *c, struct form *f, const struct list *locations)
{
	struct arena *a = &c->cx->arena;
	const struct location *l = locations->items;
	str held = form_value(c, "location");
	struct value *options = value_list(a);
	for (size_t i = 0; i < locations->n; i++) {
		str index = str_format(a, "%zu", i);
		str kind = page_text(c->page, str_format(a, "page.location.%s", LOCATION_KINDS[l[i].kind]).p);
		option_add(c, options, index, l[i].label.n ? l[i].label : kind, str_is(index, held));
	}
	value_set(a, form_add(c, f, &LOCATION_FIELD, held), "options", options);
}

static str question_name(struct arena *a, const struct question *q)
{
	char id[UUID_TEXT];
	return str_format(a, "answer-%s", uuid_format(id, q->id).p);
}

static void question_add(struct call *c, struct form *f, const struct question *q, size_t index)
{
	static const struct {
		const char *type, *wrong;
	} kinds[] = {
		[QUESTION_TEXT] = { "text", "page.wrong.answer" },
		[QUESTION_LONG_TEXT] = { "area", "page.wrong.answer" },
		[QUESTION_CHOICE] = { "select", "page.wrong.answer" },
		[QUESTION_CHECKBOX] = { "check", "page.wrong.answer" },
		[QUESTION_PHONE] = { "tel", "page.wrong.phone" },
		[QUESTION_NUMBER] = { "text", "page.wrong.number" },
	};
	struct arena *a = &c->cx->arena;
	str name = question_name(a, q), held = form_value(c, name.p);
	struct form_field field = { .type = kinds[q->kind].type,
				    .wrong = kinds[q->kind].wrong,
				    .required = q->required,
				    .autocomplete = q->kind == QUESTION_PHONE ? "tel" : NULL,
				    .max = q->kind == QUESTION_CHOICE ? 0 : BOOKING_ANSWER };
	struct value *v = form_add_text(c, f, &field, q->label, name, str_format(a, "/question/%zu", index), held);
	if (q->kind != QUESTION_CHOICE)
		return;
	struct value *options = value_list(a);
	option_add(c, options, S(""), page_text(c->page, "page.choose"), false);
	for (size_t i = 0; i < q->choices.n; i++) {
		str text = ((const struct question_choice *)q->choices.items)[i].text;
		option_add(c, options, text, text, str_is(text, held));
	}
	value_set(a, v, "options", options);
}

/* What is known of who is signed in, unless it is the host, who books for others. */
static enum err known(struct call *c, const struct visit *v, str *name, str *email)
{
	struct account a;
	*name = form_value(c, "name");
	*email = form_value(c, "email");
	bool other = (c->caller.is & MAY_USER) && !uuid_same(c->caller.account, v->host.id);
	if (!other || name->n || email->n)
		return OK;
	TRY(account_get(c->cx, &a));
	*name = person_name(&c->cx->arena, a.first_name, a.last_name);
	*email = a.email;
	return OK;
}

static void hidden_put(struct call *c, const struct visit *v)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	char text[INSTANT_TEXT], id[UUID_TEXT];
	page_put(c, p, "action", v->offer.path);
	page_put(c, p, "start", str_copy(a, instant_format(text, v->start)));
	page_put(c, p, "duration", v->offer.duration);
	page_put(c, p, "time_zone", v->offer.zone);
	page_put(c, p, "clock_choice", p->reader.clock12 ? S("12") : S("24"));
	page_put(c, p, "email_proof", form_value(c, "email_proof"));
	range when = visit_range(v);
	if (!uuid_is(v->hold.id))
		return;
	page_put(c, p, "hold", str_copy(a, uuid_format(id, v->hold.id)));
	if (v->hold.start.s != when.from.s || v->hold.end.s != when.to.s)
		return;
	page_put(c, p, "hold_clock", text_clock(a, &p->reader, v->hold.expires_at));
	page_put(c, p, "hold_seconds", v->hold.expires_at.s - c->cx->now.s);
}

enum err details_open(struct call *c, struct visit *v)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	str name, email;
	char text[DAY_TEXT];
	TRY(when_put(c, p->data, visit_range(v), v->host.time_zone));
	hidden_put(c, v);
	day date = zone_day(p->reader.zone, v->start);
	page_put(c, p, "change", offer_link(c, &v->offer, "date", str_copy(a, day_format(text, date))));
	page_put(c, p, "private", (bool)true);
	TRY(known(c, v, &name, &email));
	struct form *f = form_open(c, p);
	form_add(c, f, &NAME, name);
	form_add(c, f, &EMAIL, email);
	if (v->event_type.locations.n > 1)
		location_add(c, f, &v->event_type.locations);
	for (size_t i = 0; i < v->event_type.questions.n; i++)
		question_add(c, f, (const struct question *)v->event_type.questions.items + i, i);
	form_add(c, f, &GUESTS_FIELD, form_value(c, "guests"));
	form_add(c, f, &NOTES, form_value(c, "notes"));
	return OK;
}

/* ---- what was typed */

static void member(struct buf *b, const char *name, str value)
{
	buf_format(b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
	json_quote(b, value);
}

static bool is_between(char c)
{
	return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

void guests_write(struct buf *b, str text, unsigned role)
{
	size_t at = 0, count = 0;
	buf_add(b, S("\"guests\":["));
	while (at < text.n) {
		size_t from = at;
		while (at < text.n && !is_between(text.p[at]))
			at++;
		if (at > from) {
			buf_add(b, count++ ? S(",{\"email\":") : S("{\"email\":"));
			json_quote(b, str_slice(text, from, at));
			buf_format(b, ",\"role\":\"%s\"}", GUEST_ROLES[role]);
		}
		at++;
	}
	buf_add_char(b, ']');
}

/* Answers to the questions, and a note of each that does not fit at /question/N. */
static struct list answers_read(struct call *c, const struct list *questions)
{
	struct cx *cx = c->cx;
	struct booking_answer *answers = NEWS(&cx->arena, struct booking_answer, questions->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < questions->n; i++) {
		const struct question *q = (const struct question *)questions->items + i;
		struct list one = { (void *)(uintptr_t)q, 1 }, given = { &answers[n], 0 };
		str text = form_value(c, question_name(&cx->arena, q).p);
		int before = cx->fault.count;
		if (text.n)
			answers[n] = (struct booking_answer){ q->id, text }, given.n = 1;
		questions_check(cx, &one, &given);
		if (cx->fault.count > before)
			fault_add(cx, str_format(&cx->arena, "/question/%zu", i), "does not fit");
		n += given.n;
	}
	return (struct list){ answers, n };
}

static str request_json(struct call *c, const struct visit *v)
{
	struct buf b = { 0 };
	char id[UUID_TEXT], at[INSTANT_TEXT];
	str location = form_value(c, "location"), notes = form_value(c, "notes");
	int64_t index;
	buf_add_char(&b, '{');
	member(&b, "event_type_id", uuid_format(id, v->event_type.id));
	member(&b, "start", instant_format(at, v->start));
	member(&b, "time_zone", v->offer.zone);
	buf_format(&b, ",\"duration_minutes\":%lld,\"invitee\":{", (long long)v->offer.duration);
	member(&b, "name", form_value(c, "name"));
	member(&b, "email", form_value(c, "email"));
	buf_add_char(&b, '}');
	buf_add_char(&b, ',');
	guests_write(&b, form_value(c, "guests"), GUEST_ACTIVE);
	if (str_to_int(location, &index) && index >= 0 && index < EVENT_LOCATIONS)
		buf_format(&b, ",\"location\":%lld", (long long)index);
	if (notes.n)
		member(&b, "notes", notes);
	buf_add_char(&b, '}');
	str json = str_copy(&c->cx->arena, buf_str(&b));
	buf_free(&b);
	return json;
}

enum err request_read(struct call *c, struct visit *v)
{
	enum err e = field_decode(c->cx, BOOKING_REQUEST, &v->request, request_json(c, v), FIELD_NEW);
	if (e && e != E_INVALID)
		return e;
	v->request.answers = answers_read(c, &v->event_type.questions);
	return e ? e : fault_check(c->cx);
}

/* ---- the code */

/* Everything typed goes along, but for what this page sets itself. */
static struct value *carried(struct call *c)
{
	static const char *const own[] = { "step",  "code",     "pick",      "start", "hold",
					   "proof", "duration", "time_zone", "clock", NULL };
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a);
	for (size_t i = 0; i < c->form.n; i++) {
		const struct pair *it = &c->form.items[i];
		bool skip = !it->value.n;
		for (size_t k = 0; own[k]; k++)
			skip = skip || str_is(it->name, str_of(own[k]));
		if (skip)
			continue;
		struct value *v = value_object(a);
		value_set(a, v, "name", it->name);
		value_set(a, v, "value", it->value);
		value_add(a, list, v);
	}
	return list;
}

enum err proof_open(struct call *c, struct visit *v, uuid proof)
{
	struct arena *a = &c->cx->arena;
	struct page *from = c->page, *p = NEW(a, struct page);
	char id[UUID_TEXT];
	*p = *from;
	p->data = value_object(a);
	for (size_t i = 0; i < from->data->n; i++)
		value_put(a, p->data, from->data->names[i], from->data->items[i]);
	c->page = p;
	p->template = "pages/proof.html";
	hidden_put(c, v);
	page_put(c, p, "email", form_value(c, "email"));
	page_put(c, p, "proof", str_copy(a, uuid_format(id, proof)));
	page_put(c, p, "carried", carried(c));
	struct form *f = form_open(c, p);
	value_set(a, form_add(c, f, &CODE, S("")), "focus", (bool)true);
	return OK;
}
