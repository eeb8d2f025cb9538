#include "ical.h"

#include "base/buf.h"
#include "base/rule.h"
#include "clean.h"

#include <string.h>

enum { FOLD = 75, LINK_TEXT = 1000, TITLE = 500, TEXT = 16 << 10, NAME = 200 };

static const char *const METHODS[] = { "PUBLISH", "REQUEST", "CANCEL" };
static const char *const STATUSES[] = { "CONFIRMED", "TENTATIVE", "CANCELLED" };
static const char *const ANSWERS[] = { "NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE" };
static const char *const ROLES[] = { "REQ-PARTICIPANT", "OPT-PARTICIPANT", "CHAIR" };

const char *ical_method_name(enum ical_method m)
{
	return METHODS[m];
}

/* One content line: folded so that no piece is longer than 75 bytes or ends inside a character (RFC 5545 3.1). */
static void fold(struct buf *out, str line)
{
	size_t room = FOLD;
	while (line.n > room) {
		str piece = clean_cut(line, room);
		buf_add(out, piece);
		buf_add(out, S("\r\n "));
		line = str_slice(line, piece.n, line.n);
		room = FOLD - 1;
	}
	buf_add(out, line);
	buf_add(out, S("\r\n"));
}

static void put_line(struct buf *out, const char *name, str value)
{
	struct buf line = { 0 };
	buf_format(&line, "%s:%.*s", name, STR_ARG(value));
	fold(out, buf_str(&line));
	buf_free(&line);
}

/* TEXT (RFC 5545 3.3.11): backslash, semicolon and comma are escaped, a line's end is \n in letters. */
static str text_escape(struct arena *a, str s)
{
	char *out = arena_take(a, 2 * s.n + 1, 1), *p = out;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\\' || c == ';' || c == ',' || c == '\n')
			*p++ = '\\';
		*p++ = c == '\n' ? 'n' : c;
	}
	return (str){ out, (size_t)(p - out) };
}

static void put_text(struct arena *a, struct buf *out, const char *name, str text)
{
	if (text.n)
		put_line(out, name, text_escape(a, text));
}

static str time_format(struct arena *a, instant t)
{
	char text[INSTANT_TEXT];
	str s = instant_format(text, t);
	char *p = arena_take(a, s.n + 1, 1), *at = p;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '-' && s.p[i] != ':')
			*at++ = s.p[i];
	return (str){ p, (size_t)(at - p) };
}

/* A URI stands unescaped, so what may not be in one is percent-encoded. */
static str uri_clean(struct arena *a, str s)
{
	char *out = arena_take(a, 3 * s.n + 1, 1), *p = out;
	for (size_t i = 0; i < s.n; i++) {
		str c = str_slice(s, i, i + 1);
		if (c.p[0] <= ' ' || c.p[0] > '~' || strchr("\"<>\\^`{|}", c.p[0]))
			c = percent_encode(a, c);
		memcpy(p, c.p, c.n);
		p += c.n;
	}
	return (str){ out, (size_t)(p - out) };
}

/* A quoted parameter value cannot hold a quote: it becomes an apostrophe, which every reader shows.  Some take a
 * backslash for an escape, so it becomes a slash; a caret is doubled where a reader of RFC 6868 would do the same. */
static str name_clean(struct arena *a, str name)
{
	str s = clean_line(a, name, NAME);
	char *out = arena_take(a, 2 * s.n + 1, 1), *p = out;
	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : 0;
		if (s.p[i] == '^' && (next == '^' || next == 'n' || next == '\'' || next == '"'))
			*p++ = '^';
		*p++ = s.p[i] == '"' ? '\'' : s.p[i] == '\\' ? '/' : s.p[i];
	}
	return (str){ out, (size_t)(p - out) };
}

static str name_parameter(struct arena *a, str name)
{
	str clean = name_clean(a, name);
	return clean.n ? str_format(a, ";CN=\"%.*s\"", STR_ARG(clean)) : S("");
}

static void put_organizer(struct arena *a, struct buf *out, const struct ical_person *p)
{
	str name = name_parameter(a, p->name);
	str line = str_format(a, "ORGANIZER%.*s:mailto:%.*s", STR_ARG(name), STR_ARG(p->address));
	fold(out, line);
}

static void put_attendee(struct arena *a, struct buf *out, const struct ical_person *p)
{
	str name = name_parameter(a, p->name);
	str line =
	    str_format(a, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=%s;PARTSTAT=%s;RSVP=%s%.*s:mailto:%.*s", ROLES[p->role],
		       ANSWERS[p->answer], p->rsvp ? "TRUE" : "FALSE", STR_ARG(name), STR_ARG(p->address));
	fold(out, line);
}

static enum err check(struct cx *cx, const struct ical *c)
{
	bool publish = c->method == ICAL_PUBLISH;
	if (!clean_line(&cx->arena, c->uid, 0).n)
		return FAIL(cx, E_INVALID, S("uid"), "a meeting in a calendar needs a uid");
	if (c->when.from.s >= c->when.to.s || c->when.from.s < INSTANT_MIN.s || c->when.to.s >= INSTANT_MAX.s)
		return FAIL(cx, E_INVALID, S("when"), "the end must be after the start");
	if ((!publish || c->organizer.address.n) && !RULE_EMAIL.holds(c->organizer.address))
		return FAIL(cx, E_INVALID, S("organizer"), "wants %s", RULE_EMAIL.wants);
	if (c->method == ICAL_REQUEST && !c->n)
		return FAIL(cx, E_INVALID, S("attendees"), "an invitation needs an attendee");
	for (size_t i = 0; i < c->n && !publish; i++)
		if (!RULE_EMAIL.holds(c->attendees[i].address))
			return FAIL(cx, E_INVALID, S("attendees"), "wants %s", RULE_EMAIL.wants);
	return OK;
}

static void put_event(struct arena *a, struct buf *out, const struct ical *c)
{
	put_text(a, out, "UID", clean_line(a, c->uid, 0));
	put_line(out, "SEQUENCE", str_format(a, "%lld", (long long)c->sequence));
	put_line(out, "DTSTAMP", time_format(a, c->stamp));
	put_line(out, "DTSTART", time_format(a, c->when.from));
	put_line(out, "DTEND", time_format(a, c->when.to));
	put_text(a, out, "SUMMARY", clean_line(a, c->title, TITLE)); /* readers take an empty one for an error */
	put_text(a, out, "DESCRIPTION", str_trim(clean_text(a, c->text, TEXT)));
	put_text(a, out, "LOCATION", clean_line(a, c->location, TITLE));
	if (c->url.n)
		put_line(out, "URL", uri_clean(a, c->url));
	if (c->organizer.address.n)
		put_organizer(a, out, &c->organizer);
	for (size_t i = 0; i < c->n && c->method != ICAL_PUBLISH; i++)
		put_attendee(a, out, &c->attendees[i]);
	if (c->method != ICAL_CANCEL)
		put_line(out, "STATUS", str_of(STATUSES[c->status]));
	else if (!c->uninvites)
		put_line(out, "STATUS", str_of(STATUSES[ICAL_CANCELLED]));
	put_line(out, "TRANSP", c->transparent ? S("TRANSPARENT") : S("OPAQUE"));
}

enum err ical_write(struct cx *cx, const struct ical *c, str *text)
{
	struct buf out = { 0 };
	TRY(check(cx, c));
	buf_add(&out, S("BEGIN:VCALENDAR\r\nPRODID:-//Noonmark//Noonmark//EN\r\nVERSION:2.0\r\n"));
	buf_format(&out, "CALSCALE:GREGORIAN\r\nMETHOD:%s\r\nBEGIN:VEVENT\r\n", METHODS[c->method]);
	put_event(&cx->arena, &out, c);
	buf_add(&out, S("END:VEVENT\r\nEND:VCALENDAR\r\n"));
	*text = str_copy(&cx->arena, buf_str(&out));
	buf_free(&out);
	return OK;
}

static str coded(struct arena *a, str s, size_t max)
{
	return percent_encode(a, clean_text(a, s, max));
}

str ical_google_url(struct arena *a, const struct ical *c)
{
	str title = coded(a, c->title, TITLE), text = coded(a, c->text, LINK_TEXT);
	str where = coded(a, c->location, TITLE); /* never the url: it may be somebody's private link */
	str from = time_format(a, c->when.from), to = time_format(a, c->when.to);
	return str_format(a,
			  "https://calendar.google.com/calendar/render?action=TEMPLATE&text=%.*s&dates=%.*s%%2F%.*s"
			  "&details=%.*s&location=%.*s",
			  STR_ARG(title), STR_ARG(from), STR_ARG(to), STR_ARG(text), STR_ARG(where));
}

str ical_outlook_url(struct arena *a, const struct ical *c)
{
	char from_text[INSTANT_TEXT], to_text[INSTANT_TEXT];
	str title = coded(a, c->title, TITLE), text = coded(a, c->text, LINK_TEXT);
	str where = coded(a, c->location, TITLE); /* never the url: it may be somebody's private link */
	str from = percent_encode(a, instant_format(from_text, c->when.from));
	str to = percent_encode(a, instant_format(to_text, c->when.to));
	return str_format(
	    a,
	    "https://outlook.live.com/calendar/0/deeplink/compose?path=%%2Fcalendar%%2Faction%%2Fcompose"
	    "&rru=addevent&subject=%.*s&startdt=%.*s&enddt=%.*s&body=%.*s&location=%.*s",
	    STR_ARG(title), STR_ARG(from), STR_ARG(to), STR_ARG(text), STR_ARG(where));
}
