/* A host's own words: what they become in a mail, and what is refused, with its place. */
#include "core/template.h"
#include "core/words.h"
#include "core/zone.h"
#include "links/mail.h"
#include "links/mail_data.h"

#include <setjmp.h>
#include <stdarg.h>
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

static bool has(str text, const char *part)
{
	return strstr(c_of(text), part) != NULL;
}

static struct mail_meeting meeting(void)
{
	const struct zone *zone;
	assert_int_equal(zone_load(&cx, S("Europe/Berlin"), S(""), &zone), OK);
	return (struct mail_meeting){
		.reader = { .zone = zone, .language = language_find(S("de")) },
		.site = S("Noonmark"),
		.title = S("Intro call"),
		.host_name = S("Ada Lovelace"),
		.invitee_name = S("Zoë Müller"),
		.invitee_email = S("zoe@example.org"),
		.when = { { 1775116800 }, { 1775118600 } },
		.before = { { 1774857600 }, { 1774859400 } },
		.now = { 1772460245 },
		.reason = S("I am ill."),
		.manage_url = S("https://app.test/b/token"),
	};
}

/* Subject and text of the first paragraph, "|" between; or the error's field and message. */
static const char *own(const char *subject, const char *text, struct mail *out)
{
	struct mail_meeting m = meeting();
	*out = (struct mail){ 0 };
	str line;
	if (mail_own(&cx, str_of(subject), str_of(text), &m, &line))
		return str_format(&cx.arena, "%.*s %.*s", STR_ARG(cx.fault.problems->field),
				  STR_ARG(cx.fault.message))
		    .p;
	assert_int_equal(mail_render(&cx, "booked", S("de"), mail_meeting_value(&cx.arena, &m), out), OK);
	out->subject = line;
	str rest = out->text, first = str_cut(&rest, '\n');
	return str_format(&cx.arena, "%.*s|%.*s", STR_ARG(line), STR_ARG(first)).p;
}

static void test_own_words(void **state)
{
	struct mail m;
	(void)state;
	assert_string_equal(own("Bis {{date}}, {{invitee}}", "Hallo {{invitee}}!\n\nMitbringen:\nPass <b>", &m),
			    "Bis Do, 2. April 2026, Zoë Müller|Hallo Zoë Müller!");
	assert_true(has(m.html, "<p>\nHallo Zoë Müller!<br>\n</p>\n<p>\nMitbringen:<br>\nPass &lt;b&gt;<br>"));
	assert_true(has(m.text, "10:00–10:30") && has(m.text, "https://app.test/b/token"));
	assert_false(has(m.text, "ist gebucht"));
	assert_string_equal(
	    own("{{#reason}}Weil: {{reason}}{{/reason}}{{^old_date}}neu{{/old_date}}", "{{old_times}}", &m),
	    "Weil: I am ill.|10:00–10:30");
	assert_string_equal(own("a\r\nBcc: eve@example.org", "x", &m), "a Bcc: eve@example.org|x");
	assert_string_equal(
	    own("x", "{{#missing}}y{{/missing}}", &m) + 0,
	    str_format(&cx.arena, "/text line 1, column 1: there is no {{missing}}, but there are: %s",
		       "title, host, invitee, invitee_email, date, times, zone, length, old_date, old_times, "
		       "old_zone, location, guests, guest, notes, reason, link, again_link, site")
		.p);
}

static void test_own_words_refused(void **state)
{
	static const struct {
		const char *text, *begins;
	} cases[] = {
		{ "ä\nzwei {{nobody}}", "/text line 2, column 6: there is no {{nobody}}" },
		{ "{{title", "/text line 1: has no end" },
		{ "a\n{{#reason}}b", "/text line 2: has no end: reason" },
		{ "{{/reason}}", "/text line 1: ends what was not begun" },
		{ "{{{title}}}", "/text line 1, column 1: only {{name}}" },
		{ "x {{>mail/page}}", "/text line 1, column 3: only {{name}}" },
		{ "{{_ mail.booked.lead}}", "/text line 1, column 1: only {{name}}" },
		{ "{{<mail/page}}{{/mail/page}}", "/text line 1, column 1: only {{name}}" },
		{ "{{$main}}{{/main}}", "/text line 1, column 1: only {{name}}" },
		{ "{{.}}", "/text line 1, column 1: there is no {{.}}" },
		{ "{{when.date}}", "/text line 1, column 1: there is no {{when.date}}" },
		{ "{{}}", "/text line 1: wants a name" },
		{ "{{#old_date}} {{/old_date}} ", "" },
		{ "{{^title}}x{{/title}}", "/text nothing is left" },
	};
	struct mail m;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = own("x", cases[i].text, &m);
		if (*cases[i].begins && strncmp(got, cases[i].begins, strlen(cases[i].begins)))
			fail_msg("%s: %s", cases[i].text, got);
	}
	assert_true(str_starts(str_of(own("{{^title}}x{{/title}}", "x", &m)), S("/subject nothing is left")));
}

/* Every text of ours is one that a host could have written. */
static void test_own_words_usual(void **state)
{
	(void)state;
	for (const struct language *const *l = language_list(); *l; l++) {
		size_t n;
		const str *keys = language_keys(&n);
		for (size_t i = 0; i < n; i++) {
			bool is = str_starts(keys[i], S("mail.")) && str_ends(keys[i], S(".subject")) &&
				  str_find(language_text(*l, keys[i]), '{') < language_text(*l, keys[i]).n;
			if (is && has(language_text(*l, keys[i]), "{when.date}"))
				assert_int_equal(
				    words_check(&cx, S(""), words_of(&cx.arena, language_text(*l, keys[i]))), OK);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_own_words, done),
		cmocka_unit_test_teardown(test_own_words_refused, done),
		cmocka_unit_test_teardown(test_own_words_usual, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
