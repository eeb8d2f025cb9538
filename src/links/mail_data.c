#include "mail_data.h"

#include "core/clean.h"
#include "core/words.h"
#include "core/zone.h"

enum { NAME_BYTES = 100, TITLE_BYTES = 200, NOTES_BYTES = 4000 };

struct value *mail_code_value(struct arena *a, const struct mail_code *c)
{
	struct value *v = value_object(a);
	value_set(a, v, "site", c->site);
	value_set(a, v, "code", c->code);
	value_set(a, v, "username", c->username);
	value_set(a, v, "minutes", c->minutes);
	value_set(a, v, "link", c->link);
	return v;
}

static struct value *line(struct arena *a, str s, size_t max)
{
	return value_text(a, s.p ? clean_line(a, s, max) : s);
}

/* Text of several lines: an object with `lines`, so that each can be quoted; none when there is nothing. */
static struct value *quoted(struct arena *a, str s)
{
	str rest = str_trim(clean_text(a, s, NOTES_BYTES));
	if (!rest.n)
		return value_none(a);
	struct value *v = value_object(a), *lines = value_list(a);
	while (rest.n)
		value_add(a, lines, value_text(a, str_cut(&rest, '\n')));
	value_set(a, v, "lines", lines);
	return v;
}

struct value *mail_note_value(struct arena *a, const struct mail_note *n)
{
	struct value *v = value_object(a);
	value_set(a, v, "site", n->site);
	value_set(a, v, "title", line(a, n->title, TITLE_BYTES));
	value_set(a, v, "invitee", line(a, n->name, NAME_BYTES));
	value_set(a, v, "invitee_email", n->email);
	value_set(a, v, "notes", quoted(a, n->text));
	value_set(a, v, "zone", n->zone);
	value_set(a, v, "link", n->link);
	return v;
}

struct value *mail_webhook_value(struct arena *a, const struct mail_webhook *w)
{
	struct value *v = value_object(a);
	value_set(a, v, "site", w->site);
	value_set(a, v, "title", line(a, w->url, TITLE_BYTES));
	value_set(a, v, "by", str_of(w->gone ? "gone" : "failing"));
	value_set(a, v, "link", w->link);
	return v;
}

struct value *mail_account_value(struct arena *a, const struct mail_account *m)
{
	struct value *v = value_object(a);
	value_set(a, v, "site", m->site);
	value_set(a, v, "detail", m->detail.n ? line(a, m->detail, TITLE_BYTES) : value_none(a));
	value_set(a, v, "date", text_date(a, &m->reader, m->at));
	value_set(a, v, "clock", text_clock(a, &m->reader, m->at));
	value_set(a, v, "zone", text_zone(a, m->reader.zone, m->at));
	value_set(a, v, "reset_url", m->reset_url);
	value_set(a, v, "account_url", m->account_url);
	return v;
}

struct value *mail_list_value(struct arena *a, const struct language *language, str site, instant now,
			      const struct mail_booked *booked, size_t n)
{
	struct value *v = value_object(a), *list = value_list(a);
	for (size_t i = 0; i < n; i++) {
		struct reader reader = { .zone = booked[i].zone, .language = language };
		struct value *one = value_object(a);
		value_set(a, one, "title", line(a, booked[i].title, TITLE_BYTES));
		value_set(a, one, "host", line(a, booked[i].host, NAME_BYTES));
		value_set(a, one, "when", text_when(a, &reader, booked[i].when, now));
		value_set(a, one, "url", booked[i].url);
		value_add(a, list, one);
	}
	value_set(a, v, "site", site);
	value_set(a, v, "bookings", list);
	return v;
}

static struct value *answers_value(struct arena *a, const struct mail_meeting *m)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < m->answers_n; i++) {
		struct value *v = quoted(a, m->answers[i].value);
		if (v->kind == VALUE_NONE)
			continue;
		value_set(a, v, "question", line(a, m->answers[i].question, TITLE_BYTES));
		value_add(a, list, v);
	}
	return list;
}

static struct value *guests_value(struct arena *a, const struct mail_meeting *m)
{
	if (!m->guests_n)
		return value_none(a);
	struct value *v = value_object(a), *names = value_list(a);
	for (size_t i = 0; i < m->guests_n; i++)
		value_add(a, names, line(a, m->guests[i], NAME_BYTES));
	value_set(a, v, "names", names);
	return v;
}

static struct value *where_value(struct arena *a, const struct mail_meeting *m)
{
	if (!m->location.n && !m->location_url.n)
		return value_none(a);
	struct value *v = value_object(a);
	bool linked = str_is(m->location, m->location_url);
	value_set(a, v, "text", linked ? value_none(a) : line(a, m->location, TITLE_BYTES));
	value_set(a, v, "url", m->location_url);
	return v;
}

/* The same moment on the other person's clock; none where both clocks agree. */
static struct value *other_value(struct arena *a, const struct mail_meeting *m)
{
	struct reader other = m->reader;
	other.zone = m->other_zone;
	if (!other.zone || zone_offset(other.zone, m->when.from) == zone_offset(m->reader.zone, m->when.from))
		return value_none(a);
	struct value *v = text_when(a, &other, m->when, m->now);
	value_set(a, v, "name", line(a, m->other_name, NAME_BYTES));
	return v;
}

/* Other times to choose from. */
static struct value *starts_value(struct arena *a, const struct mail_meeting *m)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < m->starts_n; i++) {
		range when = { m->starts[i], instant_add(m->starts[i], instant_sub(m->when.to, m->when.from)) };
		value_add(a, list, text_when(a, &m->reader, when, m->now));
	}
	return list;
}

static struct value *until_value(struct arena *a, const struct mail_meeting *m)
{
	const struct reader *r = &m->reader;
	if (!instant_is(m->until))
		return value_none(a);
	str date = text_date(a, r, m->until), clock = text_clock(a, r, m->until),
	    zone = text_zone(a, r->zone, m->until);
	return value_text(a, str_format(a, "%.*s, %.*s (%.*s)", STR_ARG(date), STR_ARG(clock), STR_ARG(zone)));
}

/* A host's own text: its paragraphs of lines, and the whole; none when there is none. */
static struct value *words_value(struct arena *a, str text)
{
	if (!text.n)
		return value_none(a);
	struct value *v = value_object(a), *paragraphs = value_list(a), *lines = NULL;
	value_set(a, v, "text", text);
	while (text.n) {
		str one = str_cut(&text, '\n');
		if (!str_trim(one).n) {
			lines = NULL;
			continue;
		}
		if (!lines) {
			struct value *paragraph = value_object(a);
			lines = value_list(a);
			value_set(a, paragraph, "lines", lines);
			value_add(a, paragraphs, paragraph);
		}
		value_add(a, lines, value_text(a, one));
	}
	value_set(a, v, "paragraphs", paragraphs);
	return v;
}

struct value *mail_meeting_value(struct arena *a, const struct mail_meeting *m)
{
	static const char *const by[] = { "host", "invitee", "reader" };
	bool moved = m->before.to.s > m->before.from.s;
	struct value *v = value_object(a);
	value_set(a, v, "site", m->site);
	value_set(a, v, "title", line(a, m->title, TITLE_BYTES));
	value_set(a, v, "host", line(a, m->host_name, NAME_BYTES));
	value_set(a, v, "invitee", line(a, m->invitee_name, NAME_BYTES));
	value_set(a, v, "invitee_email", m->invitee_email);
	value_set(a, v, "when", text_when(a, &m->reader, m->when, m->now));
	value_set(a, v, "before", moved ? text_when(a, &m->reader, m->before, m->now) : value_none(a));
	value_set(a, v, "other", other_value(a, m));
	value_set(a, v, "starts", starts_value(a, m));
	value_set(a, v, "until", until_value(a, m));
	value_set(a, v, "where", where_value(a, m));
	value_set(a, v, "guests", guests_value(a, m));
	value_set(a, v, "answers", answers_value(a, m));
	value_set(a, v, "notes", quoted(a, m->notes));
	value_set(a, v, "description", quoted(a, m->description));
	value_set(a, v, "guest", line(a, m->guest, NAME_BYTES));
	value_set(a, v, "reason", quoted(a, m->reason));
	value_set(a, v, "by", str_of(by[m->by]));
	value_set(a, v, "words", words_value(a, m->words));
	value_set(a, v, "manage_url", m->manage_url);
	value_set(a, v, "answer_url", m->answer_url);
	value_set(a, v, "again_url", m->again_url);
	return v;
}

/* ---- a host's own words */

static str several(struct arena *a, str s)
{
	return s.p ? str_trim(clean_text(a, s, NOTES_BYTES)) : s;
}

static str names_of(struct arena *a, const struct mail_meeting *m)
{
	str all = S("");
	for (size_t i = 0; i < m->guests_n; i++)
		all = str_format(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "",
				 STR_ARG(clean_line(a, m->guests[i], NAME_BYTES)));
	return all;
}

static void times_put(struct arena *a, struct value *v, const char *const names[4], const struct mail_meeting *m,
		      range when)
{
	static const char *const PARTS[] = { "date", "times", "zone", "length" };
	bool is = when.to.s > when.from.s;
	const struct value *t = is ? text_when(a, &m->reader, when, m->now) : NULL;
	for (size_t i = 0; i < 4; i++)
		if (names[i])
			value_put(a, v, names[i], is ? value_get(t, str_of(PARTS[i])) : value_text(a, S("")));
}

struct value *mail_words_value(struct arena *a, const struct mail_meeting *m)
{
	static const char *const NOW[] = { "date", "times", "zone", "length" };
	static const char *const OLD[] = { "old_date", "old_times", "old_zone", NULL };
	struct value *v = value_object(a);
	value_set(a, v, "title", line(a, m->title, TITLE_BYTES));
	value_set(a, v, "host", line(a, m->host_name, NAME_BYTES));
	value_set(a, v, "invitee", line(a, m->invitee_name, NAME_BYTES));
	value_set(a, v, "invitee_email", m->invitee_email);
	times_put(a, v, NOW, m, m->when);
	times_put(a, v, OLD, m, m->before);
	value_set(a, v, "location", line(a, m->location, TITLE_BYTES));
	value_set(a, v, "guests", names_of(a, m));
	value_set(a, v, "guest", line(a, m->guest, NAME_BYTES));
	value_set(a, v, "notes", several(a, m->notes));
	value_set(a, v, "reason", several(a, m->reason));
	value_set(a, v, "link", m->manage_url.n ? m->manage_url : m->answer_url);
	value_set(a, v, "again_link", m->again_url);
	value_set(a, v, "site", m->site);
	return v;
}

enum err mail_own(struct cx *cx, str subject_words, str text_words, struct mail_meeting *m, str *subject)
{
	enum { SUBJECT_BYTES = 300 };
	const struct value *v = mail_words_value(&cx->arena, m);
	str text;
	TRY(words_render(cx, S("/subject"), subject_words, v, subject));
	TRY(words_render(cx, S("/text"), text_words, v, &text));
	*subject = clean_line(&cx->arena, *subject, SUBJECT_BYTES);
	text = str_trim(clean_text(&cx->arena, text, WORDS_RENDERED));
	if (!subject->n)
		return FAIL(cx, E_REFUSED, S("/subject"), "nothing is left of it for this meeting");
	if (!text.n)
		return FAIL(cx, E_REFUSED, S("/text"), "nothing is left of it for this meeting");
	m->words = text;
	return OK;
}
