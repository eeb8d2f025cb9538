/* Any bytes as what people wrote in a meeting's fields: the calendar text has the lines that were meant and no other,
 * and read by the rules of RFC 5545 and 6868 it holds what clean.h left of the fields. */
#include "core/clean.h"
#include "core/ical.h"
#include "pieces.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct cx cx;

/* The next unfolded line. */
static str line_take(str *text)
{
	char *out = arena_take(&cx.arena, text->n + 1, 1), *p = out;
	do {
		size_t n = 0;
		while (n + 1 < text->n && !(text->p[n] == '\r' && text->p[n + 1] == '\n'))
			n++;
		assert(n + 1 < text->n);
		str line = str_slice(*text, 0, n);
		assert(line.n >= 1 && line.n <= 75 && str_is_utf8(line));
		for (size_t i = 0; i < line.n; i++)
			assert((unsigned char)line.p[i] >= ' ' || line.p[i] == '\t');
		size_t fold = p > out; /* the blank that marks a folded line */
		memcpy(p, line.p + fold, line.n - fold);
		p += line.n - fold;
		*text = str_slice(*text, n + 2, text->n);
	} while (text->n && text->p[0] == ' ');
	return (str){ out, (size_t)(p - out) };
}

static void line_check(str *text, const char *wanted)
{
	assert(str_is(line_take(text), str_of(wanted)));
}

/* A line of TEXT, there only when there is something to say. */
static void text_check(str *text, const char *name, str wanted)
{
	if (!wanted.n)
		return;
	str value = line_take(text), key = str_cut(&value, ':');
	char *out = arena_take(&cx.arena, value.n + 1, 1), *p = out;
	assert(str_is(key, str_of(name)));
	for (size_t i = 0; i < value.n; i++) {
		bool escaped = value.p[i] == '\\';
		assert(escaped || (value.p[i] != ';' && value.p[i] != ','));
		i += escaped;
		assert(i < value.n && (!escaped || strchr("\\;,n", value.p[i])));
		*p++ = escaped && value.p[i] == 'n' ? '\n' : value.p[i];
	}
	assert(str_is((str){ out, (size_t)(p - out) }, wanted));
}

/* NAME…;CN="…":mailto:address */
static void person_check(str *text, const char *name, str person, const char *address)
{
	str line = line_take(text), wanted = clean_line(&cx.arena, person, 200);
	str end = str_format(&cx.arena, "\":mailto:%s", address);
	char *out = arena_take(&cx.arena, line.n + 1, 1), *p = out;
	assert(str_starts(line, str_of(name)));
	if (!wanted.n)
		return;
	const char *from = strstr(str_to_c(&cx.arena, line), ";CN=\"");
	assert(from && str_ends(line, end));
	str value = { from + 5, line.n - strlen(name) };
	value.n = str_find(value, '"');
	assert(str_is(str_slice(str_of(from), 5 + value.n, line.n), end));
	for (size_t i = 0; i < value.n; i++) {
		char next = i + 1 < value.n ? value.p[i + 1] : 0;
		assert(value.p[i] != '^' || next == '^' || (next != 'n' && next != '\''));
		i += value.p[i] == '^' && next == '^';
		*p++ = value.p[i];
	}
	for (char *c = str_to_c(&cx.arena, wanted), *at = c; *at; at++) {
		*at = *at == '"' ? '\'' : *at == '\\' ? '/' : *at;
		wanted.p = c;
	}
	assert(str_is((str){ out, (size_t)(p - out) }, wanted));
}

static void check(str text, const struct ical *c)
{
	struct arena *a = &cx.arena;
	line_check(&text, "BEGIN:VCALENDAR");
	line_check(&text, "PRODID:-//Noonmark//Noonmark//EN");
	line_check(&text, "VERSION:2.0");
	line_check(&text, "CALSCALE:GREGORIAN");
	line_check(&text, "METHOD:REQUEST");
	line_check(&text, "BEGIN:VEVENT");
	line_check(&text, "UID:1@app.test");
	line_check(&text, "SEQUENCE:0");
	line_check(&text, "DTSTAMP:19700101T000000Z");
	line_check(&text, "DTSTART:20260302T080000Z");
	line_check(&text, "DTEND:20260302T083000Z");
	text_check(&text, "SUMMARY", clean_line(a, c->title, 500));
	text_check(&text, "DESCRIPTION", str_trim(clean_text(a, c->text, 16 << 10)));
	text_check(&text, "LOCATION", clean_line(a, c->location, 500));
	if (c->url.n)
		assert(str_starts(line_take(&text), S("URL:")));
	person_check(&text, "ORGANIZER", c->organizer.name, "book@app.test");
	person_check(&text, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE",
		     c->attendees->name, "ana@example.org");
	line_check(&text, "STATUS:CONFIRMED");
	line_check(&text, "TRANSP:OPAQUE");
	line_check(&text, "END:VEVENT");
	line_check(&text, "END:VCALENDAR");
	assert(!text.n);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	str input = { (const char *)data, size }, text;
	struct ical_person ana = { .address = S("ana@example.org"), .name = piece_take(&input) };
	struct ical c = {
		.method = ICAL_REQUEST,
		.uid = S("1@app.test"),
		.when = { { 1772438400 }, { 1772440200 } },
		.organizer = { .address = S("book@app.test"), .name = piece_take(&input) },
		.attendees = &ana,
		.n = 1,
		.url = piece_take(&input),
		.location = piece_take(&input),
		.title = piece_take(&input),
		.text = input,
	};
	enum err err = ical_write(&cx, &c, &text);
	assert(err == OK);
	check(text, &c);
	assert(str_starts(ical_google_url(&cx.arena, &c), S("https://calendar.google.com/")));
	assert(str_starts(ical_outlook_url(&cx.arena, &c), S("https://outlook.live.com/")));
	ana.address = c.title; /* only an address is one */
	if (ical_write(&cx, &c, &text) == OK)
		assert(str_find(c.title, '\n') == c.title.n && str_find(c.title, ':') == c.title.n);
	fault_clear(&cx);
	arena_reset(&cx.arena);
	return 0;
}
