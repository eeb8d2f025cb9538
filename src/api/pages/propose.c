/* The invitee's side of a proposal: the host's times, each one button; and choosing up to five of one's own, each a link
 * that adds or removes it, so that days and months can be turned without script. */
#include "manage.h"

#include "api/booking_change.h"
#include "base/rule.h"
#include "pages.h"

/* ---- what is proposed */

static struct value *times_value(struct call *c, const struct managed *m, const struct list *starts)
{
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a);
	span length = instant_sub(m->booking.end, m->booking.start);
	for (size_t i = 0; i < starts->n; i++) {
		instant start = ((const instant *)starts->items)[i];
		range when = { start, instant_add(start, length) };
		char text[INSTANT_TEXT];
		struct value *v = value_object(a);
		value_set(a, v, "start", str_copy(a, instant_format(text, start)));
		value_set(a, v, "text",
			  str_format(a, "%.*s, %.*s", STR_ARG(text_date(a, &c->page->reader, start)),
				     STR_ARG(text_times(a, &c->page->reader, when))));
		value_add(a, list, v);
	}
	return list;
}

void proposal_put(struct call *c, const struct managed *m)
{
	struct arena *a = &c->cx->arena;
	const struct proposal *p = &m->booking.proposal;
	if (!managed_is_open(c, &m->booking) || !proposal_is_open(p, c->cx->now))
		return;
	struct value *v = value_object(a);
	bool own = p->by == PROPOSER_INVITEE;
	value_set(a, v, "own", own);
	value_set(a, v, "times", times_value(c, m, &p->starts));
	value_set(a, v, "lines", lines_value(a, p->note));
	page_put(c, c->page, "proposal", v);
	page_put(c, c->page, "proposal_until", moment_text(c, p->expires_at));
	page_put(c, c->page, "accept_action", str_format(a, "%.*s/accept", STR_ARG(m->path)));
	page_put(c, c->page, "decline_action", str_format(a, "%.*s/decline", STR_ARG(m->path)));
	page_put(c, c->page, "withdraw_action", str_format(a, "%.*s/withdraw", STR_ARG(m->path)));
}

/* ---- answering it */

static void answer_failed(struct call *c, struct page *p)
{
	enum err code = c->cx->fault.code;
	managed_failed(c, p);
	if (code == E_EXPIRED || code == E_SLOT_TAKEN || code == E_NOT_OFFERED)
		value_set(&c->cx->arena, p->data, "problem", page_text(p, "page.proposal.over"));
}

static enum err answer_open(struct call *c, struct managed **out)
{
	struct managed *m = *out = NEW(&c->cx->arena, struct managed);
	TRY(managed_open(c, "pages/manage.html", m));
	c->body = m;
	TRY(managed_put(c, m));
	reason_open(c, m);
	c->page->failed = answer_failed;
	return OK;
}

enum err accept_look(struct call *c)
{
	struct managed *m;
	TRY(answer_open(c, &m));
	if (!instant_parse(form_value(c, "start"), &m->start))
		return FAIL(c->cx, E_INVALID, S("/start"), "choose a time first");
	return OK;
}

enum err accept_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b)); /* what look read may have changed since */
	TRY(booking_accept(c, &b, m->start));
	return page_go(c, str_format(&c->cx->arena, "%.*s?moved=1", STR_ARG(m->path)));
}

enum err decline_look(struct call *c)
{
	struct managed *m;
	TRY(answer_open(c, &m));
	page_put(c, c->page, "declining", (bool)true);
	return reason_read(c, m);
}

enum err decline_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_decline(c, &b, m->reason));
	return page_go(c, m->path);
}

enum err withdraw_look(struct call *c)
{
	struct managed *m;
	return answer_open(c, &m);
}

enum err withdraw_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_withdraw(c, &b));
	return page_go(c, m->path);
}

/* ---- proposing */

struct choice {
	struct list chosen; /* of instant */
};
static const struct field CHOICE[] = {
	LIST(struct choice, chosen, IN | MAYBE, PROPOSAL_START, instant, .max = PROPOSAL_STARTS),
	FIELD_END,
};
struct words {
	str note;
};
static const struct field WORDS[] = {
	FIELD(struct words, note, IN | MAYBE, .rule = &RULE_TEXT, .max = PROPOSAL_NOTE),
	FIELD_END,
};

/* The chosen times, from the address or the form: what is malformed is as if nothing were chosen. */
static struct list choice_read(struct call *c)
{
	struct choice choice = { 0 };
	str text = query_find(&c->asked, S("chosen"));
	struct pair pair = { S("chosen"), text.n ? text : form_value(c, "chosen") };
	if (!pair.value.n)
		return (struct list){ 0 };
	if (field_decode_pairs(c->cx, CHOICE, &choice, &pair, 1))
		choice.chosen = (struct list){ 0 };
	fault_clear(c->cx);
	return choice.chosen;
}

static bool is_held(const struct call *c, const struct proposal *p, instant start)
{
	for (size_t i = 0; proposal_is_open(p, c->cx->now) && i < p->starts.n; i++)
		if (((const instant *)p->starts.items)[i].s == start.s)
			return true;
	return false;
}

/* Whether a time could be had now, as the guard would judge it, or is held by the proposal that would be replaced. */
static enum err still_free(struct call *c, const struct booking *b, instant start, bool *free)
{
	struct claim claim = booking_claim(&c->cx->arena, b, start);
	*free = is_held(c, &b->proposal, start);
	if (*free)
		return OK;
	enum err e = guard_look(c->cx, &claim, b->reservation_id, (uuid){ 0 });
	*free = !e;
	if (e != OK && e != E_SLOT_TAKEN && e != E_NOT_OFFERED)
		return e;
	fault_clear(c->cx);
	return OK;
}

/* Keeps of the chosen times those that are free; *lost: whether one was not. */
static enum err choice_keep(struct call *c, struct managed *m, bool *lost)
{
	struct list asked = choice_read(c);
	instant *kept = NEWS(&c->cx->arena, instant, asked.n + 1);
	size_t n = 0;
	*lost = false;
	for (size_t i = 0; i < asked.n; i++) {
		instant start = ((const instant *)asked.items)[i];
		bool free = false;
		TRY(still_free(c, &m->booking, start, &free));
		*lost = *lost || !free;
		if (free && start.s != m->booking.start.s)
			kept[n++] = start;
	}
	m->chosen = (struct list){ kept, n };
	return OK;
}

static void choice_put(struct call *c, const struct managed *m, const struct offer *o)
{
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a), *times = times_value(c, m, &m->chosen);
	str all = S("");
	for (size_t i = 0; i < m->chosen.n; i++) {
		instant at = ((const instant *)m->chosen.items)[i];
		struct offer without = *o;
		char text[INSTANT_TEXT], date[DAY_TEXT];
		struct value *v = value_object(a);
		without.extra = offer_chosen(a, &m->chosen, at);
		str shown = day_is(o->date) ? str_copy(a, day_format(date, o->date)) : S("");
		value_set(a, v, "text", value_get(times->items[i], S("text")));
		value_set(a, v, "href", offer_link(c, &without, "date", shown));
		value_add(a, list, v);
		all = str_format(a, "%.*s%s%s", STR_ARG(all), i ? "," : "", instant_format(text, at).p);
	}
	page_put(c, c->page, "choices", list);
	page_put(c, c->page, "choices_any", m->chosen.n > 0);
	page_put(c, c->page, "choices_full", m->chosen.n >= PROPOSAL_STARTS);
	page_put(c, c->page, "chosen", all);
}

static void note_open(struct call *c, const struct managed *m)
{
	const struct form_field note = { .name = "note",
					 .pointer = "/note",
					 .type = "area",
					 .label = "page.propose.note",
					 .wrong = "page.wrong.text",
					 .required = m->booking.reason_required,
					 .max = PROPOSAL_NOTE };
	struct form *f = form_open(c, c->page);
	form_add(c, f, &note, form_value(c, "note"));
}

static void propose_failed(struct call *c, struct page *p)
{
	enum err code = c->cx->fault.code;
	managed_failed(c, p);
	if (code == E_SLOT_TAKEN || code == E_NOT_OFFERED)
		value_set(&c->cx->arena, p->data, "problem", page_text(p, "page.propose.gone"));
}

enum err propose_open(struct call *c, struct managed *m, struct offer *o, struct availability *a)
{
	bool lost;
	TRY(choice_keep(c, m, &lost));
	TRY(managed_offer(c, m, o, a));
	o->chosen = &m->chosen;
	o->without = m->booking.start;
	o->extra = offer_chosen(&c->cx->arena, &m->chosen, (instant){ NONE });
	page_put(c, c->page, "title", page_text(c->page, "page.propose.title"));
	page_put(c, c->page, "action", str_format(&c->cx->arena, "%.*s/propose", STR_ARG(m->path)));
	if (lost)
		page_put(c, c->page, "problem", page_text(c->page, "page.propose.gone"));
	TRY(offer_put(c, o));
	choice_put(c, m, o);
	note_open(c, m);
	c->page->failed = propose_failed;
	return OK;
}

enum err propose_look(struct call *c)
{
	struct managed *m = NEW(&c->cx->arena, struct managed);
	struct offer *o = NEW(&c->cx->arena, struct offer);
	struct availability *a = NEW(&c->cx->arena, struct availability);
	struct words words;
	TRY(managed_open(c, "pages/propose.html", m));
	c->body = m;
	size_t asked = choice_read(c).n;
	TRY(propose_open(c, m, o, a));
	if (m->chosen.n < asked)
		return FAIL(c->cx, E_SLOT_TAKEN, S(""), "one of the times has just been taken");
	TRY(form_read(c, WORDS, &words));
	m->reason = words.note;
	if (!m->chosen.n)
		return FAIL(c->cx, E_INVALID, S("/starts"), "choose a time first");
	return OK;
}

enum err propose_run(struct call *c)
{
	struct managed *m = c->body;
	struct booking b;
	TRY(booking_find(c, &b));
	TRY(booking_propose(c, &b, &m->chosen, m->reason));
	return page_go(c, m->path);
}
