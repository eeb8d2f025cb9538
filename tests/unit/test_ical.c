/* The iCalendar writer: exact bytes, what is refused, and a property over hostile text: read back by libical it is one
 * event with the same values, and no line is too long, cut inside a character or more than was meant. */
#include "core/clean.h"
#include "core/ical.h"

#include <libical/ical.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct cx cx;

static int done(void **state)
{
	(void)state;
	fault_clear(&cx);
	arena_close(&cx.arena);
	return 0;
}

static const char *c_of(str s)
{
	return str_to_c(&cx.arena, s);
}

static struct ical_person ana = { S("Ana"), S("ana@example.org"), ICAL_REQUIRED, ICAL_NEEDS_ACTION, true };

static struct ical call_of(void)
{
	return (struct ical){
		.method = ICAL_REQUEST,
		.uid = S("bk_01@app.test"),
		.stamp = { 1777629600 },
		.when = { { 1777878000 }, { 1777879800 } },
		.title = S("Intro call"),
		.location = S("https://meet.example/abc"),
		.organizer = { .name = S("Host"), .address = S("host@app.test") },
		.attendees = &ana,
		.n = 1,
	};
}

static str write_ok(const struct ical *c)
{
	str text;
	enum err err = ical_write(&cx, c, &text);
	if (err)
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	return text;
}

static void test_bytes(void **state)
{
	(void)state;
	struct ical c = call_of();
	assert_string_equal(c_of(write_ok(&c)),
			    "BEGIN:VCALENDAR\r\nPRODID:-//Noonmark//Noonmark//EN\r\nVERSION:2.0\r\n"
			    "CALSCALE:GREGORIAN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:bk_01@app.test\r\n"
			    "SEQUENCE:0\r\nDTSTAMP:20260501T100000Z\r\nDTSTART:20260504T070000Z\r\n"
			    "DTEND:20260504T073000Z\r\nSUMMARY:Intro call\r\nLOCATION:https://meet.example/abc\r\n"
			    "ORGANIZER;CN=\"Host\":mailto:host@app.test\r\n"
			    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n"
			    " TRUE;CN=\"Ana\":mailto:ana@example.org\r\n"
			    "STATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

static void test_escapes(void **state)
{
	(void)state;
	struct ical c = call_of();
	c.title = S("a,b;c\\d: \"e\"");
	c.text = S("one\r\ntwo\n");
	c.location = S("1, Main St");
	c.url = S("https://app.test/a b\"\xc3\xa9");
	const char *text = c_of(write_ok(&c));
	assert_non_null(strstr(text, "\r\nSUMMARY:a\\,b\\;c\\\\d: \"e\"\r\nDESCRIPTION:one\\ntwo\r\n"));
	assert_non_null(strstr(text, "\r\nLOCATION:1\\, Main St\r\nURL:https://app.test/a%20b%22%C3%A9\r\n"));
}

static void test_methods(void **state)
{
	(void)state;
	struct ical c = call_of();
	c.method = ICAL_CANCEL;
	c.status = ICAL_TENTATIVE;
	c.sequence = 3;
	const char *text = c_of(write_ok(&c));
	assert_non_null(strstr(text, "\r\nMETHOD:CANCEL\r\n"));
	assert_non_null(strstr(text, "\r\nSTATUS:CANCELLED\r\n"));
	assert_non_null(strstr(text, "\r\nSEQUENCE:3\r\n"));
	assert_non_null(strstr(text, "\r\nATTENDEE;"));
	c.method = ICAL_PUBLISH;
	c.organizer.address = (str){ 0 };
	c.transparent = true;
	text = c_of(write_ok(&c));
	assert_non_null(strstr(text, "\r\nMETHOD:PUBLISH\r\n"));
	assert_non_null(strstr(text, "\r\nSTATUS:TENTATIVE\r\n"));
	assert_non_null(strstr(text, "\r\nTRANSP:TRANSPARENT\r\n"));
	assert_null(strstr(text, "ATTENDEE"));
	assert_null(strstr(text, "ORGANIZER"));
	assert_string_equal(ical_method_name(ICAL_CANCEL), "CANCEL");
}

static void test_refused(void **state)
{
	(void)state;
	str text;
	struct ical c = call_of();
	c.uid = S("\n");
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	c = call_of();
	c.when.to = c.when.from;
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	c = call_of();
	c.when.from.s = -1;
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	c = call_of();
	c.organizer.address = S("a@b.test\nATTENDEE:x");
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	c = call_of();
	c.organizer.address = S("");
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	c = call_of();
	c.n = 0;
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
	struct ical_person bad = { .address = S("ana@example.org\r\nX:y") };
	c = call_of();
	c.attendees = &bad;
	assert_int_equal(ical_write(&cx, &c, &text), E_INVALID);
}

/* Pieces that have broken writers: separators, quotes, escapes, line ends of every kind, controls, text of several
 * bytes a character, malformed bytes. */
static const char *const nasty[] = {
	"a",
	"Zoë",
	" ",
	"\\",
	"\\n",
	";",
	",",
	":",
	"\"",
	"'",
	"^",
	"^n",
	"^'",
	"^^",
	"\n",
	"\r",
	"\r\n",
	"\r\n ",
	"\t",
	"\x01",
	"\x7f",
	"\x1b",
	"\xc2\x85",
	"\xe2\x80\xa8",
	"\xe2\x80\xa9",
	"\xe2\x80\xae",
	"\xef\xbb\xbf",
	"\xff",
	"\xc3",
	"\xed\xa0\x80",
	"\xf0\x9f\x98\x80",
	"漢字",
	"\nEND:VEVENT\nBEGIN:VEVENT\n",
	"\r\nBcc: x",
	"=",
	"BEGIN:VALARM",
	"mailto:x@y.z",
	"%0A",
	"{{x}}",
	"<b>",
	"0123456789012345678901234567890123456789",
};

static uint64_t seed;

static uint64_t random_next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static str random_text(void)
{
	size_t n = random_next() % 12;
	str out = S("");
	for (size_t i = 0; i < n; i++) {
		const char *piece = nasty[random_next() % (sizeof nasty / sizeof *nasty)];
		out = str_format(&cx.arena, "%.*s%s", STR_ARG(out), piece);
	}
	if (random_next() % 8 == 0 && out.n) /* a NUL, too */
		((char *)(uintptr_t)out.p)[random_next() % out.n] = '\0';
	return out;
}

/* Lines of at most 75 bytes, each whole UTF-8, each ended by CR LF and without another control; the unfolded text. */
static str unfold(str text)
{
	char *out = arena_take(&cx.arena, text.n + 1, 1), *p = out;
	for (bool first = true; text.n; first = false) {
		size_t n = 0;
		while (n + 1 < text.n && !(text.p[n] == '\r' && text.p[n + 1] == '\n'))
			n++;
		str line = str_slice(text, 0, n);
		assert_true(n + 1 < text.n);
		assert_in_range(line.n, 1, 75);
		assert_true(str_is_utf8(line));
		for (size_t i = 0; i < line.n; i++)
			assert_true((unsigned char)line.p[i] >= ' ' || line.p[i] == '\t');
		bool folded = line.p[0] == ' ';
		if (!folded && !first)
			*p++ = '\n';
		line = str_slice(line, folded, line.n);
		memcpy(p, line.p, line.n);
		p += line.n;
		text = str_slice(text, n + 2, text.n);
	}
	return (str){ out, (size_t)(p - out) };
}

/* What has no text has no line. */
static bool is_absent(const char *name, const struct ical *c)
{
	if (strcmp(name, "SUMMARY:") == 0)
		return !clean_line(&cx.arena, c->title, 0).n;
	if (strcmp(name, "DESCRIPTION:") == 0)
		return !str_trim(clean_text(&cx.arena, c->text, 0)).n;
	if (strcmp(name, "LOCATION:") == 0)
		return !clean_line(&cx.arena, c->location, 0).n;
	return strcmp(name, "URL:") == 0 && !c->url.n;
}

static void check_lines(str text, const struct ical *c)
{
	static const char *const names[] = { "BEGIN:VCALENDAR", "PRODID:",      "VERSION:", "CALSCALE:",
					     "METHOD:",         "BEGIN:VEVENT", "UID:",     "SEQUENCE:",
					     "DTSTAMP:",        "DTSTART:",     "DTEND:",   "SUMMARY:",
					     "DESCRIPTION:",    "LOCATION:",    "URL:",     "ORGANIZER;",
					     "ATTENDEE;",       "ATTENDEE;",    "STATUS:",  "TRANSP:",
					     "END:VEVENT",      "END:VCALENDAR" };
	str lines = unfold(text);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool absent = is_absent(names[i], c);
		str line = absent ? S("") : str_cut(&lines, '\n');
		/* a name that is nothing but controls leaves the parameter out */
		str name = str_of(names[i]);
		name.n -= name.p[name.n - 1] == ';';
		if (!absent && !str_starts(line, name))
			fail_msg("wanted %s, found %.*s", names[i], STR_ARG(line));
	}
	assert_int_equal(lines.n, 0);
}

/* What a reader must find for a name: quotes are apostrophes, backslashes slashes; libical decodes RFC 6868 itself. */
static str name_wanted(str name)
{
	char *p = str_to_c(&cx.arena, clean_line(&cx.arena, name, 0));
	for (char *at = p; *at; at++)
		*at = *at == '"' ? '\'' : *at == '\\' ? '/' : *at;
	return str_of(p);
}

static str name_read(icalproperty *property)
{
	icalparameter *name = icalproperty_get_first_parameter(property, ICAL_CN_PARAMETER);
	return name ? str_of(icalparameter_get_cn(name)) : S("");
}

static str text_read(icalcomponent *event, icalproperty_kind kind)
{
	icalproperty *property = icalcomponent_get_first_property(event, kind);
	return property ? str_of(icalvalue_get_text(icalproperty_get_value(property))) : S("");
}

static void same(const char *what, str read, str wanted)
{
	if (!str_is(read, wanted))
		fail_msg("seed %llu, %s: read \"%.*s\", wanted \"%.*s\"", (unsigned long long)seed, what,
			 STR_ARG(read), STR_ARG(wanted));
}

static void check_parsed(str text, const struct ical *c)
{
	struct arena *a = &cx.arena;
	icalcomponent *calendar = icalparser_parse_string(c_of(text));
	assert_non_null(calendar);
	assert_int_equal(icalcomponent_count_components(calendar, ICAL_ANY_COMPONENT), 1);
	if (icalcomponent_count_errors(calendar))
		fail_msg("seed %llu: %s", (unsigned long long)seed, icalcomponent_as_ical_string(calendar));
	icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	assert_non_null(event);
	assert_int_equal(icalcomponent_count_components(event, ICAL_ANY_COMPONENT), 0);
	same("uid", str_of(icalcomponent_get_uid(event)), clean_line(a, c->uid, 0));
	same("title", text_read(event, ICAL_SUMMARY_PROPERTY), clean_line(a, c->title, 0));
	same("text", text_read(event, ICAL_DESCRIPTION_PROPERTY), str_trim(clean_text(a, c->text, 0)));
	same("location", text_read(event, ICAL_LOCATION_PROPERTY), clean_line(a, c->location, 0));
	assert_int_equal(icaltime_as_timet(icalcomponent_get_dtstart(event)), c->when.from.s);
	assert_int_equal(icaltime_as_timet(icalcomponent_get_dtend(event)), c->when.to.s);
	assert_int_equal(icalcomponent_get_sequence(event), c->sequence);
	icalproperty *organizer = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
	same("organizer", name_read(organizer), name_wanted(c->organizer.name));
	assert_string_equal(icalproperty_get_organizer(organizer), "mailto:host@app.test");
	assert_int_equal(icalcomponent_count_properties(event, ICAL_ATTENDEE_PROPERTY), c->n);
	icalproperty *attendee = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
	for (size_t i = 0; i < c->n; i++) {
		same("attendee", name_read(attendee), name_wanted(c->attendees[i].name));
		same("address", str_of(icalproperty_get_attendee(attendee) + strlen("mailto:")),
		     c->attendees[i].address);
		attendee = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY);
	}
	icalcomponent_free(calendar);
}

static void test_hostile(void **state)
{
	(void)state;
	const char *rounds = getenv("ICAL_ROUNDS");
	icalerror_set_errors_are_fatal(0);
	for (uint64_t round = 1; round <= (rounds ? strtoull(rounds, NULL, 10) : 5000); round++) {
		seed = round * 0x9e3779b97f4a7c15u;
		struct ical_person people[] = { ana, ana };
		struct ical c = call_of();
		people[0].name = random_text();
		people[1] =
		    (struct ical_person){ random_text(), S("bo@example.org"), ICAL_OPTIONAL, ICAL_MAYBE, false };
		c.uid = str_format(&cx.arena, "x%s", random_text().p);
		c.title = random_text();
		c.text = random_text();
		c.location = random_text();
		c.url = round % 2 ? random_text() : (str){ 0 };
		c.organizer.name = random_text();
		c.attendees = people;
		c.n = 2;
		c.sequence = (int64_t)(round % 100);
		str text = write_ok(&c);
		check_lines(text, &c);
		check_parsed(text, &c);
		arena_reset(&cx.arena);
	}
}

static void test_links(void **state)
{
	(void)state;
	struct ical c = call_of();
	c.title = S("Tee & \"Kuchen\"\r\n#1");
	c.text = S("a+b\nc");
	assert_string_equal(c_of(ical_google_url(&cx.arena, &c)),
			    "https://calendar.google.com/calendar/render?action=TEMPLATE"
			    "&text=Tee%20%26%20%22Kuchen%22%0A%231&dates=20260504T070000Z%2F20260504T073000Z"
			    "&details=a%2Bb%0Ac&location=https%3A%2F%2Fmeet.example%2Fabc");
	assert_string_equal(
	    c_of(ical_outlook_url(&cx.arena, &c)),
	    "https://outlook.live.com/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose"
	    "&rru=addevent&subject=Tee%20%26%20%22Kuchen%22%0A%231&startdt=2026-05-04T07%3A00%3A00Z"
	    "&enddt=2026-05-04T07%3A30%3A00Z&body=a%2Bb%0Ac&location=https%3A%2F%2Fmeet.example%2Fabc");
	char *big = arena_take(&cx.arena, 50000, 1);
	memset(big, 0xc3, 50000); /* malformed: each byte becomes three, and each of those three */
	c.text = (str){ big, 50000 };
	assert_in_range(ical_google_url(&cx.arena, &c).n, 3000, 3400);
}

static void test_clean(void **state)
{
	(void)state;
	struct arena *a = &cx.arena;
	assert_string_equal(c_of(clean_line(a, S(" a\r\n\tb\0c\x7f "), 0)), "a b c");
	assert_string_equal(c_of(clean_line(a,
					    S("a\xe2\x80\xae"
					      "b\xe2\x80\x8b"
					      "c\xff"),
					    0)),
			    "abc\xef\xbf\xbd");
	assert_string_equal(c_of(clean_line(a, S("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"), 0)),
			    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
	assert_string_equal(c_of(clean_line(a, S("aé"), 2)), "a");
	assert_string_equal(c_of(clean_text(a,
					    S("a\r\nb\rc\xc2\x85"
					      "d\xe2\x80\xa8"
					      "e\x01\tf"),
					    0)),
			    "a\nb\nc\nd\ne\tf");
	assert_string_equal(c_of(percent_encode(a, S("a-._~ é/\0"))), "a-._~%20%C3%A9%2F%00");
	assert_int_equal(clean_line(a, (str){ 0 }, 0).n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_bytes, done),   cmocka_unit_test_teardown(test_escapes, done),
		cmocka_unit_test_teardown(test_methods, done), cmocka_unit_test_teardown(test_refused, done),
		cmocka_unit_test_teardown(test_clean, done),   cmocka_unit_test_teardown(test_hostile, done),
		cmocka_unit_test_teardown(test_links, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
