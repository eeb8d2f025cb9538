/* Mails: the bytes of a message, what is refused, the texts in every language, and the spool. */
#include "core/template.h"
#include "core/words.h"
#include "core/message.h"
#include "core/zone.h"
#include "links/mail_data.h"
#include "links/smtp.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
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

static struct mail mail_of(void)
{
	return (struct mail){
		.from = { S("Noonmark"), S("book@app.test") },
		.to = { S("Ana"), S("ana@example.org") },
		.subject = S("Booked"),
		.message_id = S("<booked.1.0@app.test>"),
		.text = S("Hello.\n"),
		.date = { 1772460245 },
	};
}

static const char *compose(const struct mail *m)
{
	struct buf out = { 0 };
	enum err err = mail_compose(&cx, m, &out);
	if (err)
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	const char *text = c_of(buf_str(&out));
	for (const char *line = text, *end; *line; line = end + 2) {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		assert_in_range(end - line, 0, 78);
		for (const char *p = line; p < end; p++)
			assert_true(*p == '\t' || (*p >= ' ' && *p <= '~'));
	}
	buf_free(&out);
	return text;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void test_bytes(void **state)
{
	(void)state;
	struct mail m = mail_of();
	assert_string_equal(compose(&m), "Date: Mon, 02 Mar 2026 14:04:05 +0000\r\n"
					 "From: \"Noonmark\" <book@app.test>\r\n"
					 "To: \"Ana\" <ana@example.org>\r\n"
					 "Subject: Booked\r\n"
					 "Message-ID: <booked.1.0@app.test>\r\n"
					 "Auto-Submitted: auto-generated\r\n"
					 "X-Auto-Response-Suppress: All\r\n"
					 "MIME-Version: 1.0\r\n"
					 "Content-Type: multipart/alternative;\r\n"
					 " boundary=\"=_a48dab1da8bb3be61b7ce96a1ee6232e2\"\r\n\r\n"
					 "--=_a48dab1da8bb3be61b7ce96a1ee6232e2\r\n"
					 "Content-Type: text/plain; charset=utf-8\r\n"
					 "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
					 "Hello.\r\n"
					 "--=_a48dab1da8bb3be61b7ce96a1ee6232e2--\r\n");
	assert_string_equal(compose(&m), compose(&m));
}

static void test_headers(void **state)
{
	(void)state;
	struct mail m = mail_of();
	m.subject = S("Gebucht für Mo, 2. März 2026, 09:00–09:30 (Berlin, UTC+1): Gespräch");
	m.to.name = S("Zoë \"Z\"");
	m.from.name = S("A \"b\" \\ c");
	m.reply_to = (struct mail_person){ S("=?UTF-8?Q?x?="), S("host@example.org") };
	m.in_reply_to = S("<booked.1.0@app.test>");
	m.references = S("<a@b> <c@d>");
	m.unsubscribe = S("https://app.test/u/token");
	const char *text = compose(&m);
	assert_true(has(text, "\r\nSubject: =?UTF-8?B?R2VidWNodCBmw7xyIE1vLCAyLiBNw6RyeiAyMDI2LCAwOTowMA==?=\r\n"
			      " =?UTF-8?B?4oCTMDk6MzAgKEJlcmxpbiwgVVRDKzEpOiBHZXNwcsOkY2g=?=\r\n"));
	assert_true(has(text, "\r\nTo: =?UTF-8?B?Wm/DqyAiWiI=?=\r\n <ana@example.org>\r\n"));
	assert_true(has(text, "\r\nFrom: =?UTF-8?B?QSAiYiIgXCBj?=\r\n <book@app.test>\r\n"));
	assert_true(has(text, "\r\nReply-To: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n <host@example.org>\r\n"));
	assert_true(has(text, "\r\nIn-Reply-To: <booked.1.0@app.test>\r\n"));
	assert_true(has(text, "\r\nReferences: <a@b>\r\n <c@d>\r\n"));
	assert_true(has(text, "\r\nList-Unsubscribe: <https://app.test/u/token>\r\n"
			      "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
	m.to.name = (str){ 0 };
	m.subject = S("a\r\nBcc: x@y.z\n\nbody");
	text = compose(&m);
	assert_true(has(text, "\r\nTo: ana@example.org\r\n"));
	assert_true(has(text, "\r\nSubject: a Bcc: x@y.z body\r\n"));
}

static void test_bodies(void **state)
{
	(void)state;
	struct mail m = mail_of();
	m.text =
	    S(".\n..x\nFrom me\n--a\nä=b \n\n"
	      "a very long line that goes on and on and on until it is cut somewhere near its 76th byte\n\r\nend\rx");
	m.html = S("<p>\0é</p>");
	m.ics = S("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
	m.ics_method = ICAL_REQUEST;
	const char *text = compose(&m);
	assert_true(has(text, "\r\n\r\n=2E\r\n=2E.x\r\n=46rom me\r\n=2D-a\r\n=C3=A4=3Db=20\r\n\r\n"
			      "a very long line that goes on and on and on until it is cut somewhere near =\r\n"
			      "its 76th byte\r\n\r\nend\r\nx\r\n--=_a"));
	assert_true(has(text, "\r\n<p>=C3=A9</p>\r\n--=_a"));
	assert_true(has(text, "\r\nContent-Type: multipart/mixed;\r\n boundary=\"=_m"));
	assert_true(has(text, "\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"
			      "Content-Transfer-Encoding: base64\r\n\r\n"
			      "QkVHSU46VkNBTEVOREFSDQpFTkQ6VkNBTEVOREFSDQo=\r\n--=_a"));
	assert_true(has(text, "\r\nContent-Type: application/ics; name=\"invite.ics\"\r\n"
			      "Content-Transfer-Encoding: base64\r\n"
			      "Content-Disposition: attachment; filename=\"invite.ics\"\r\n\r\n"
			      "QkVHSU46VkNBTEVOREFSDQpFTkQ6VkNBTEVOREFSDQo=\r\n--=_m"));
	assert_true(strstr(text, "text/plain") < strstr(text, "text/html"));
	assert_true(strstr(text, "text/html") < strstr(text, "text/calendar"));
	assert_true(strstr(text, "text/calendar") < strstr(text, "application/ics"));
}

static void refused(const struct mail *m, const char *field)
{
	struct buf out = { 0 };
	assert_int_equal(mail_compose(&cx, m, &out), E_INVALID);
	assert_string_equal(c_of(cx.fault.problems->field), field);
	assert_int_equal(out.n, 0);
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const addresses[] = { "",
						 "a",
						 "a@b.test\nBcc: x@y.z",
						 "a@b.test>",
						 "<a@b.test>",
						 "a b@c.test",
						 "a@b.test ",
						 "a@b.test\r\n",
						 "a@b.test,c@d.test",
						 "ä@b.test",
						 "a@[127.0.0.1]" };
	static const char *const ids[] = { "",        "x",       "<x>",  "<a@b", "<a@b>\r\nX: y",
					   "<a b@c>", "<a@b@c>", "<@b>", "<a@>", "<a@b><c@d>" };
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct mail to = mail_of(), from = mail_of(), reply = mail_of(), path = mail_of();
		to.to.address = from.from.address = reply.reply_to.address = path.return_path = str_of(addresses[i]);
		refused(&to, "to");
		refused(&from, "from");
		if (i) {
			refused(&reply, "reply_to");
			refused(&path, "return_path");
		}
	}
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct mail id = mail_of(), reply = mail_of(), references = mail_of();
		id.message_id = reply.in_reply_to = references.references = str_of(ids[i]);
		refused(&id, "message_id");
		if (i) {
			refused(&reply, "in_reply_to");
			refused(&references, "references");
		}
	}
	struct mail m = mail_of();
	m.unsubscribe = S("http://app.test/");
	refused(&m, "unsubscribe");
	m = mail_of();
	m.text = S(" \n");
	refused(&m, "text");
}

static const struct zone *zone_of(const char *name)
{
	const struct zone *z;
	assert_int_equal(zone_load(&cx, str_of(name), S(""), &z), OK);
	return z;
}

static struct mail_answer answers[] = { { S("What shall we talk about?"), S("Slots.\nAnd more") } };
static str guests[] = { S("Grace Hopper"), S("g@example.org") };

static const instant proposed[] = { { 1775203200 }, { 1775289600 } };

static struct mail_meeting meeting_of(const char *language)
{
	return (struct mail_meeting){
		.reader = { .zone = zone_of("Europe/Berlin"), .language = language_find(str_of(language)) },
		.other_zone = zone_of("Europe/London"),
		.other_name = S("Ada Lovelace"),
		.site = S("Noonmark"),
		.title = S("Intro call"),
		.host_name = S("Ada Lovelace"),
		.invitee_name = S("Zoë Müller"),
		.invitee_email = S("zoe@example.org"),
		.when = { { 1775116800 }, { 1775118600 } },
		.before = { { 1774857600 }, { 1774859400 } },
		.now = { 1772460245 },
		.starts = proposed,
		.starts_n = 2,
		.until = { 1775030400 },
		.location = S("Room 3"),
		.location_url = S("https://meet.example.org/abc"),
		.notes = S("See https://evil.example/x\r\n.\r\nBye"),
		.reason = S("I am ill."),
		.by = MAIL_BY_INVITEE,
		.answers = answers,
		.answers_n = 1,
		.guests = guests,
		.guests_n = 2,
		.description = S("Bring the plans.\nAll of them."),
		.guest = S("Gus Guest"),
		.manage_url = S("https://app.test/b/token"),
		.answer_url = S("https://app.test/g/token"),
		.again_url = S("https://app.test/ada/intro"),
	};
}

static const char *const codes[] = { "code_registration", "code_login", "code_booking", "code_reset",
				     "account_exists" };
static const char *const accounts[] = { "new_login", "key_created", "password_changed", "account_erased" };

static struct value *data_of(const char *name, const char *language)
{
	struct mail_meeting m = meeting_of(language);
	struct mail_code c = { .site = S("Noonmark"),
			       .code = S("123456"),
			       .username = S("ada"),
			       .minutes = 10,
			       .link = S("https://app.test/log-in") };
	struct mail_note n = { .site = S("Noonmark"),
			       .title = S("Intro call"),
			       .name = S("Zoë Müller"),
			       .email = S("zoe@example.org"),
			       .text = S("Mornings\r\nor https://evil.example/x\n.\nBye"),
			       .zone = S("Berlin, UTC+2"),
			       .link = S("https://app.test/ada/intro") };
	struct mail_webhook w = { .site = S("Noonmark"),
				  .url = S("https://hooks.example.org/in?<b>"),
				  .gone = strcmp(language, "de") == 0,
				  .link = S("https://app.test/app/webhooks") };
	if (strcmp(name, "webhook_paused") == 0)
		return mail_webhook_value(&cx.arena, &w);
	struct mail_account account = { .reader = m.reader,
					.site = S("Noonmark"),
					.at = { 1772460245 },
					.detail = S("curl/8.1"),
					.reset_url = S("https://app.test/reset"),
					.account_url = S("https://app.test/app/account") };
	struct mail_booked *booked = NEW(&cx.arena, struct mail_booked);
	*booked = (struct mail_booked){ S("Intro call"), S("Ada Lovelace"), S("https://app.test/b/token"),
					m.reader.zone, m.when };
	if (strcmp(name, "no_time") == 0)
		return mail_note_value(&cx.arena, &n);
	if (strcmp(name, "my_bookings") == 0)
		return mail_list_value(&cx.arena, m.reader.language, S("Noonmark"), m.now, booked, 1);
	for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
		if (strcmp(accounts[i], name) == 0)
			return mail_account_value(&cx.arena, &account);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(codes[i], name) == 0)
			return mail_code_value(&cx.arena, &c);
	return mail_meeting_value(&cx.arena, &m);
}

/* Of a host's own words, which there are none of here. */
static const char *const OWN[] = { "paragraphs", "lines", "text", NULL };

static void check_rendered(const char *name, const char *language)
{
	struct mail m = mail_of();
	struct value *data = data_of(name, language);
	assert_int_equal(mail_render(&cx, name, str_of(language), data, &m), OK);
	assert_true(m.subject.n > 10 && m.text.n > 100 && m.html.n > m.text.n);
	assert_int_equal(str_find(m.subject, '!'), m.subject.n);
	assert_int_equal(str_find(m.text, '!'), m.text.n);
	assert_false(str_starts(m.subject, S("Intro call")));
	assert_false(has(c_of(m.text), "\n\n\n"));
	assert_false(has(c_of(m.text), "{"));
	assert_false(has(c_of(m.html), "href=\"https://evil"));
	assert_true(has(c_of(m.html), str_format(&cx.arena, "<html lang=\"%s\">", language).p));
	compose(&m);
	for (const char *const *end = (const char *const[]){ "txt", "html", NULL }; *end; end++) {
		str file = str_format(&cx.arena, "mail/%s.%s", name, *end);
		assert_string_equal(c_of(template_check(&cx, file.p, data, OWN)), "");
	}
	if (getenv("SHOW_MAILS"))
		printf("==== %s %s\nSubject: %.*s\n\n%.*s\n", name, language, STR_ARG(m.subject), STR_ARG(m.text));
}

static void test_rendered(void **state)
{
	(void)state;
	for (const struct language *const *l = language_list(); *l; l++) {
		for (size_t i = 0; i < MESSAGE_COUNT * READER_COUNT; i++)
			if (MESSAGES[i / READER_COUNT].to[i % READER_COUNT].template)
				check_rendered(MESSAGES[i / READER_COUNT].to[i % READER_COUNT].template,
					       c_of(language_code(*l)));
		for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
			check_rendered(codes[i], c_of(language_code(*l)));
		for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
			check_rendered(accounts[i], c_of(language_code(*l)));
		check_rendered("no_time", c_of(language_code(*l)));
		check_rendered("webhook_paused", c_of(language_code(*l)));
		check_rendered("my_bookings", c_of(language_code(*l)));
	}
	struct mail m;
	assert_int_equal(mail_render(&cx, "no_such", S("en"), NULL, &m), E_NOT_FOUND);
}

/* What a visitor wrote is quoted; the one link is the host's own page. */
static void test_note(void **state)
{
	(void)state;
	struct mail m = mail_of();
	assert_int_equal(mail_render(&cx, "no_time", S("en"), data_of("no_time", "en"), &m), OK);
	assert_string_equal(c_of(m.subject), "Note: Zoë Müller finds no time for Intro call");
	assert_string_equal(c_of(m.text),
			    "Zoë Müller, zoe@example.org, finds no time that suits for Intro call and wrote:\n\n"
			    "> Mornings\n> or https://evil.example/x\n> .\n> Bye\n\n"
			    "Time zone of Zoë Müller: Berlin, UTC+2\n\n"
			    "The address was not proved. If you answer this mail, the answer goes there.\n\n"
			    "See the page\nhttps://app.test/ada/intro\n\n"
			    "-- \nNoonmark sent this because somebody wrote it on your page.\n");
}

static void test_proposed(void **state)
{
	(void)state;
	struct mail m = mail_of();
	assert_int_equal(mail_render(&cx, "proposed", S("en"), data_of("proposed", "en"), &m), OK);
	assert_string_equal(c_of(m.subject), "Another time proposed: Intro call");
	assert_string_equal(c_of(m.text), "Zoë Müller proposes other times for this meeting.\n\n"
					  "Intro call, 30 minutes\nAda Lovelace and Zoë Müller\n\n"
					  "Proposed times\n"
					  "- Fri, 3 April 2026, 10:00–10:30 (Berlin, UTC+2)\n"
					  "- Sat, 4 April 2026, 10:00–10:30 (Berlin, UTC+2)\n"
					  "They are kept until Wed, 1 April 2026, 10:00 (Berlin, UTC+2). Until one "
					  "is accepted, the meeting stays as it is.\n\n"
					  "The time as it stands\nThu, 2 April 2026, 10:00–10:30 (Berlin, UTC+2)\n"
					  "Thu, 2 April 2026, 09:00–09:30 (London, UTC+1) for Ada Lovelace\n"
					  "The clocks in Berlin go forward before then, on Sun, 29 March 2026.\n\n"
					  "Reason\n> I am ill.\n\n"
					  "See and answer\nhttps://app.test/b/token\n\n"
					  "-- \nNoonmark sent this because the address is part of this booking.\n");
}

static void test_text(void **state)
{
	(void)state;
	struct mail m = mail_of();
	assert_int_equal(mail_render(&cx, "rescheduled", S("en"), data_of("rescheduled", "en"), &m), OK);
	assert_string_equal(c_of(m.subject), "Moved to Thu, 2 April 2026, 10:00–10:30 (Berlin, UTC+2): Intro call");
	assert_string_equal(c_of(m.text), "This meeting was moved by Zoë Müller.\n\n"
					  "Intro call, 30 minutes\nAda Lovelace and Zoë Müller\n\n"
					  "New time\nThu, 2 April 2026, 10:00–10:30 (Berlin, UTC+2)\n"
					  "Thu, 2 April 2026, 09:00–09:30 (London, UTC+1) for Ada Lovelace\n"
					  "The clocks in Berlin go forward before then, on Sun, 29 March 2026.\n\n"
					  "Old time\nMon, 30 March 2026, 10:00–10:30 (Berlin, UTC+2)\n\n"
					  "Reason\n> I am ill.\n\n"
					  "About the meeting\n> Bring the plans.\n> All of them.\n\n"
					  "Where\nRoom 3\nhttps://meet.example.org/abc\n\n"
					  "Guests\n- Grace Hopper\n- g@example.org\n\n"
					  "What shall we talk about?\n> Slots.\n> And more\n\n"
					  "Notes\n> See https://evil.example/x\n> .\n> Bye\n\n"
					  "Change or cancel\nhttps://app.test/b/token\n\n"
					  "Accept or decline\nhttps://app.test/g/token\n\n"
					  "-- \nNoonmark sent this because the address is part of this booking.\n");
	assert_int_equal(mail_render(&cx, "code_login", S("de-CH"), data_of("code_login", "de"), &m), OK);
	assert_string_equal(
	    c_of(m.text),
	    "Mit diesem Code melden Sie sich an:\n\n123456\n\n"
	    "Er gilt 10 Minuten und nur einmal. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu "
	    "tun. Geben Sie ihn niemandem.\n\n"
	    "-- \nNoonmark schickt Ihnen das, weil jemand diese Adresse eingegeben hat.\n");
}

/* What is not there leaves no trace: one clock, no place, no guests, no words, no link. */
static void test_bare(void **state)
{
	(void)state;
	struct mail m = mail_of();
	const char *zones[] = { "Europe/Paris", NULL };
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		struct mail_meeting data = meeting_of("en");
		struct mail_meeting bare = { .reader = data.reader,
					     .site = data.site,
					     .title = data.title,
					     .host_name = data.host_name,
					     .invitee_name = data.invitee_name,
					     .invitee_email = data.invitee_email,
					     .when = data.before,
					     .now = data.before.from,
					     .other_zone = zones[i] ? zone_of(zones[i]) : NULL,
					     .notes = S(" \r\n") };
		assert_int_equal(mail_render(&cx, "booked", S("en"), mail_meeting_value(&cx.arena, &bare), &m), OK);
		assert_string_equal(c_of(m.text),
				    "Your meeting with Ada Lovelace is booked.\n\n"
				    "Intro call, 30 minutes\n"
				    "Mon, 30 March 2026, 10:00–10:30 (Berlin, UTC+2)\n\n"
				    "-- \nNoonmark sent this because the address is part of this booking.\n");
	}
}

/* What people wrote is shown as text: nothing of it becomes markup, a header or a second subject. */
static void test_hostile(void **state)
{
	(void)state;
	struct mail m = mail_of();
	struct mail_meeting data = meeting_of("en");
	data.title = S("<script>alert(1)</script>\r\nBcc: x@y.z");
	data.host_name = S("\"><img src=x onerror=alert(1)>");
	data.invitee_name = S("\xe2\x80\xae"
			      "evil\0{{code}}");
	data.notes = S("<a href='https://evil.example'>click</a>\n\xff\n--=_a");
	data.reason = data.notes;
	data.location_url = S("javascript:alert(1)");
	data.manage_url = S("//evil.example");
	assert_int_equal(mail_render(&cx, "rescheduled", S("en"), mail_meeting_value(&cx.arena, &data), &m), OK);
	const char *html = c_of(m.html);
	assert_false(has(html, "<script"));
	assert_false(has(html, "<img"));
	assert_false(has(html, "<a href='"));
	assert_false(has(html, "href=\"javascript"));
	assert_false(has(html, "href=\"//"));
	assert_true(has(html, "&lt;a href=&#39;https://evil.example&#39;&gt;click&lt;/a&gt;<br>"));
	assert_true(has(html, "evil {{code}}"));
	assert_int_equal(str_find(m.subject, '\n'), m.subject.n);
	assert_true(has(c_of(m.text), "\n> --=_a\n"));
	compose(&m);
}

static void test_id(void **state)
{
	(void)state;
	str id = mail_id(&cx.arena, "booked", S("0190"), 2, S("ana@example.org"), S("app.test"));
	struct mail m = mail_of();
	m.message_id = id;
	assert_true(str_starts(id, S("<booked.0190.2.")));
	assert_true(str_ends(id, S("@app.test>")));
	compose(&m);
	assert_true(str_is(id, mail_id(&cx.arena, "booked", S("0190"), 2, S("ana@example.org"), S("app.test"))));
	assert_false(str_is(id, mail_id(&cx.arena, "booked", S("0190"), 2, S("bo@example.org"), S("app.test"))));
}

static void test_spool(void **state)
{
	(void)state;
	char folder[] = "/tmp/noonmark-mail-XXXXXX";
	struct mailer *mailer;
	struct mail m = mail_of();
	struct stat status;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mailer_open(&cx, S(""), str_of(folder), &mailer), OK);
	for (int twice = 0; twice < 2; twice++) {
		struct handover d = mailer->send(mailer, &cx, &m);
		assert_int_equal(d.state, HANDOVER_DONE);
		assert_string_equal(c_of(d.detail),
				    str_format(&cx.arena, "%s/mail/20260302T140405Z-booked.1.0.eml", folder).p);
		assert_int_equal(stat(c_of(d.detail), &status), 0);
		assert_int_equal(status.st_mode & 0777, 0600);
		assert_int_equal(status.st_size, strlen(compose(&m)));
	}
	m.message_id = S("<../../x.1@app.test>");
	assert_string_equal(c_of(mailer->send(mailer, &cx, &m).detail),
			    str_format(&cx.arena, "%s/mail/20260302T140405Z-x.1.eml", folder).p);
	m.to.address = S("nobody");
	assert_int_equal(mailer->send(mailer, &cx, &m).state, HANDOVER_REFUSED);
	str remove = str_format(&cx.arena, "rm -r %s", folder);
	assert_int_equal(system(remove.p), 0);
	m = mail_of();
	struct handover d = mailer->send(mailer, &cx, &m);
	assert_int_equal(d.state, HANDOVER_RETRY);
	assert_true(d.alert && d.wait.s > 0 && has(c_of(d.detail), "No such file"));
	mailer->close(mailer);
	assert_int_equal(spool_open(&cx, S("/proc/none/mail"), &mailer), E_UNAVAILABLE);
}

static void test_urls(void **state)
{
	(void)state;
	static const char *const good[] = { "smtp://127.0.0.1:2525",
					    "smtps://u:p%40w@mail.example.org/ehlo.example.org",
					    "smtp://mail.example.org?tls=none&timeout=5",
					    "smtp://[::1]?ca=/etc/x.pem" };
	static const char *const bad[] = {
		"mail.example.org",   "http://mail.example.org", "smtp://",     "smtp://a b", "smtp://a?tls=try",
		"smtp://a?timeout=0", "smtp://a?timeout=x",      "smtp://a?x=y"
	};
	struct mailer *mailer;
	smtp_ready();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(mailer_open(&cx, str_of(good[i]), S("unused"), &mailer), OK);
		mailer->close(mailer);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(mailer_open(&cx, str_of(bad[i]), S("unused"), &mailer), E_INVALID);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_bytes, done),    cmocka_unit_test_teardown(test_headers, done),
		cmocka_unit_test_teardown(test_bodies, done),   cmocka_unit_test_teardown(test_refused, done),
		cmocka_unit_test_teardown(test_rendered, done), cmocka_unit_test(test_proposed),
		cmocka_unit_test_teardown(test_text, done),     cmocka_unit_test_teardown(test_note, done),
		cmocka_unit_test_teardown(test_bare, done),     cmocka_unit_test_teardown(test_hostile, done),
		cmocka_unit_test_teardown(test_id, done),       cmocka_unit_test_teardown(test_spool, done),
		cmocka_unit_test_teardown(test_urls, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
