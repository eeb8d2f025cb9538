/* A host's own words for the messages of an event type: see, write, try, and go back to ours. */
#include "change.h"
#include "base/rule.h"
#include "core/language.h"
#include "jobs/booking_text.h"
#include "routes.h"
#include "site.h"
#include "store/account.h"

struct words_query {
	unsigned language;
};
static const struct field WORDS_QUERY[] = {
	FIELD(struct words_query, language, IN, .choices = LANGUAGES, .doc = "In which language"),
	FIELD_END,
};

struct preview_request {
	struct words words;
	uuid booking_id;
};
static const struct field PREVIEW_REQUEST[] = {
	FIELD_NAMED(struct preview_request, words.message, "message", IN | MUST, .choices = MESSAGE_NAMES,
		    .doc = "Which message"),
	FIELD_NAMED(struct preview_request, words.to, "to", IN | MUST, .choices = WORDS_READERS,
		    .doc = "Who reads it"),
	FIELD_NAMED(struct preview_request, words.language, "language", IN | MUST, .choices = LANGUAGES,
		    .doc = "In which language"),
	FIELD_NAMED(struct preview_request, words.subject, "subject", IN | MUST, .rule = &RULE_LINE, .min = 1,
		    .max = WORDS_SUBJECT, .doc = "As it would be saved"),
	FIELD_NAMED(struct preview_request, words.text, "text", IN | MUST, .rule = &RULE_TEXT, .min = 1,
		    .max = WORDS_TEXT, .doc = "As it would be saved"),
	FIELD(struct preview_request, booking_id, IN | MAYBE,
	      .doc = "With what one of your bookings says; missing: with an example"),
	FIELD_END,
};

struct preview {
	str subject, text, html;
};
static const struct field PREVIEW[] = {
	FIELD(struct preview, subject, OUT, .doc = "As it would be sent"),
	FIELD(struct preview, text, OUT, .doc = "The plain part"),
	FIELD(struct preview, html, OUT, .doc = "The HTML part, a whole document"),
	FIELD_END,
};

struct word {
	str name, example;
};
static const struct field WORD[] = {
	FIELD(struct word, name, OUT, .doc = "To be written as {{name}}"),
	FIELD(struct word, example, OUT, .doc = "What it may become"),
	FIELD_END,
};

static str words_text(struct call *c, const struct words *w)
{
	return field_encode(&c->cx->arena, WORDS, w);
}

/* ---- what there is */

static const struct words *own_find(const struct list *own, const struct words *it)
{
	const struct words *w = own->items;
	for (size_t i = 0; i < own->n; i++)
		if (w[i].message == it->message && w[i].to == it->to && w[i].language == it->language)
			return &w[i];
	return NULL;
}

static enum err words_show(struct call *c)
{
	struct event_type e;
	struct list own;
	TRY(event_type_get(c->cx, c->id, &e));
	TRY(words_list(c->cx, e.id, &own));
	struct words *all = NEWS(&c->cx->arena, struct words, MESSAGE_COUNT * READER_COUNT);
	size_t n = 0;
	for (unsigned message = 0; message < MESSAGE_COUNT; message++)
		for (unsigned to = TO_INVITEE; to <= TO_GUEST; to++) {
			struct words it = { .message = message,
					    .to = to,
					    .language = ((const struct words_query *)c->query)->language };
			if (!MESSAGES[message].to[to].template)
				continue;
			const struct words *mine = own_find(&own, &it);
			TRY(words_usual(c->cx, &it));
			all[n++] = mine ? *mine : it;
		}
	return reply_list(c, WORDS, sizeof *all, &(struct list){ all, n }, (str){ NULL, 0 });
}

/* ---- trying */

/* A booking that nobody made. */
static struct booking example(const struct call *c, const struct event_type *e, const struct account *host,
			      unsigned language)
{
	const struct duration *d = e->durations.items;
	int64_t start = (c->cx->now.s / DAY_SECONDS + 7) * DAY_SECONDS + 9 * HOUR_SECONDS;
	struct booking b = { .account_id = e->account_id,
			     .event_type_id = e->id,
			     .status = BOOKING_CONFIRMED,
			     .start = { start },
			     .end = { start + d->minutes * MINUTE_SECONDS },
			     .time_zone = host->time_zone,
			     .language = language,
			     .invitee_name = S("Alex Example"),
			     .invitee_email = S("alex@example.org"),
			     .title = e->title,
			     .notes =
				 language_text(language_find(str_of(LANGUAGES[language])), S("mail.example.notes")) };
	booking_join(&b, e, host);
	b.host_language = language;
	if (e->locations.n)
		b.location = *(const struct location *)e->locations.items;
	return b;
}

static enum err preview_booking(struct call *c, const struct event_type *e, const struct preview_request *r,
				struct booking *out)
{
	struct account host;
	if (uuid_is(r->booking_id)) {
		TRY(booking_get_own(c->cx, r->booking_id, out));
		out->language = out->host_language = r->words.language;
		return OK;
	}
	TRY(account_get(c->cx, &host));
	*out = example(c, e, &host, r->words.language);
	return OK;
}

/* What is proposed in an example: the same time on the next day. */
static struct list other_times(struct arena *a, const struct booking *b)
{
	instant *start = NEW(a, instant);
	*start = instant_add(b->start, span_days(1));
	return (struct list){ start, 1 };
}

/* The reader's link leads nowhere: the host is not to have the invitee's. */
static struct telling telling_of(struct call *c, const struct booking *b, const struct words *w)
{
	str base = c->site->config.base_url;
	const struct language *l = language_find(str_of(LANGUAGES[w->language]));
	struct telling t = { .message = w->message,
			     .to = w->to,
			     .when = { b->start, b->end },
			     .before = { { NONE }, { NONE } },
			     .until = { b->start.s - 2 * HOUR_SECONDS },
			     .by = w->to == TO_HOST ? S("invitee") : S("host"),
			     .reason = language_text(l, S("mail.example.reason")),
			     .base_url = base,
			     .link = str_format(&c->cx->arena, "%.*s/b/…", STR_ARG(base)),
			     .guest = S("Gus") };
	if (w->message == MESSAGE_PROPOSED)
		t.starts = other_times(&c->cx->arena, b);
	if (w->message == MESSAGE_REQUESTED) /* nobody gives one for a meeting that is new */
		t.reason = (str){ NULL, 0 };
	if (w->message == MESSAGE_RESCHEDULED || w->message == MESSAGE_ACCEPTED)
		t.before = (range){ { b->start.s - DAY_SECONDS }, { b->end.s - DAY_SECONDS } };
	return t;
}

static enum err words_render_mail(struct call *c, const struct booking *b, const struct words *w, struct mail *mail)
{
	struct telling t = telling_of(c, b, w);
	return booking_text_render(c->cx, b, &t, w, true, mail);
}

static enum err words_check_all(struct call *c, const struct words *w)
{
	struct words usual = *w;
	TRY(words_usual(c->cx, &usual));
	TRY(words_check(c->cx, S("/subject"), w->subject));
	return words_check(c->cx, S("/text"), w->text);
}

static enum err words_preview(struct call *c)
{
	const struct preview_request *r = c->body;
	struct event_type e;
	struct booking b;
	struct mail mail = { 0 };
	TRY(event_type_get(c->cx, c->id, &e));
	TRY(words_check_all(c, &r->words));
	TRY(preview_booking(c, &e, r, &b));
	TRY(words_render_mail(c, &b, &r->words, &mail));
	return reply_object(c, PREVIEW, &(struct preview){ mail.subject, mail.text, mail.html });
}

/* ---- writing */

static enum err words_save(struct call *c)
{
	struct words *w = c->body, before;
	struct event_type e;
	struct booking b;
	struct account host;
	struct mail mail = { 0 };
	bool had;
	TRY(event_type_get(c->cx, c->id, &e));
	TRY(words_check_all(c, w));
	TRY(account_get(c->cx, &host));
	b = example(c, &e, &host, w->language);
	TRY(words_render_mail(c, &b, w, &mail));
	w->event_type_id = e.id;
	before = *w;
	TRY(words_find(c->cx, &before, &had));
	TRY(words_put(c->cx, w));
	TRY(change_note(c, S("event_type.words"), e.id, had ? words_text(c, &before) : (str){ NULL, 0 },
			words_text(c, w)));
	return reply_object(c, WORDS, w);
}

static enum err words_reset(struct call *c)
{
	struct words *w = NEW(&c->cx->arena, struct words);
	struct event_type e;
	bool had;
	*w = *(const struct words *)c->query;
	TRY(event_type_get(c->cx, c->id, &e));
	w->event_type_id = e.id;
	TRY(words_find(c->cx, w, &had));
	if (!had)
		return OK;
	TRY(words_remove(c->cx, w));
	return change_note(c, S("event_type.words"), e.id, words_text(c, w), (str){ NULL, 0 });
}

/* ---- what may be named */

static enum err word_names_show(struct call *c)
{
	struct event_type e;
	struct account host;
	struct value *examples;
	struct words w = { .message = MESSAGE_RESCHEDULED,
			   .language = ((const struct words_query *)c->query)->language };
	struct word *words = NEWS(&c->cx->arena, struct word, WORD_COUNT);
	TRY(event_type_get(c->cx, c->id, &e));
	TRY(account_get(c->cx, &host));
	struct booking b = example(c, &e, &host, w.language);
	struct telling t = telling_of(c, &b, &w);
	TRY(booking_words_value(c->cx, &b, &t, &examples));
	for (size_t i = 0; i < WORD_COUNT; i++) {
		const struct value *v = value_get(examples, str_of(WORD_NAMES[i]));
		words[i] = (struct word){ str_of(WORD_NAMES[i]), v->kind == VALUE_TEXT ? v->text : S("") };
	}
	return reply_list(c, WORD, sizeof *words, &(struct list){ words, WORD_COUNT }, (str){ NULL, 0 });
}

#define HERE   "/v1/event-types/{id}/templates"
#define READS  .may = MAY_USER, .tx = TX_READ, .limit = LIMIT_READ, .scope = "event_types:read"
#define WRITES .may = MAY_USER, .tx = TX_WRITE, .limit = LIMIT_WRITE, .scope = "event_types:write"

const struct route WORDS_ROUTES[] = {
	{ .method = "GET",
	  .path = HERE,
	  .run = words_show,
	  READS,
	  .query = WORDS_QUERY,
	  .query_size = sizeof(struct words_query),
	  .reply = WORDS,
	  .list = true,
	  .name = "listTemplates",
	  .doc = "Every message about bookings of an event type in one language: the host's own words, else ours" },
	{ .method = "PUT",
	  .path = HERE,
	  .run = words_save,
	  WRITES,
	  .body = WORDS,
	  .body_size = sizeof(struct words),
	  .reply = WORDS,
	  .name = "setTemplate",
	  .doc = "One's own words for a message, to a reader, in a language" },
	{ .method = "DELETE",
	  .path = HERE,
	  .run = words_reset,
	  WRITES,
	  .query = WORDS_KEY,
	  .query_size = sizeof(struct words),
	  .status = 204,
	  .name = "resetTemplate",
	  .doc = "Back to our words" },
	{ .method = "POST",
	  .path = HERE "/preview",
	  .run = words_preview,
	  READS,
	  .body = PREVIEW_REQUEST,
	  .body_size = sizeof(struct preview_request),
	  .reply = PREVIEW,
	  .name = "previewTemplate",
	  .doc = "The mail as it would be, from words that need not be saved" },
	{ .method = "GET",
	  .path = HERE "/variables",
	  .run = word_names_show,
	  READS,
	  .query = WORDS_QUERY,
	  .query_size = sizeof(struct words_query),
	  .reply = WORD,
	  .list = true,
	  .name = "listTemplateVariables",
	  .doc = "What own words may name, with examples" },
	{ .method = NULL },
};
