/* Dates and times for people, in four languages, at the edges of days and at changes of the clock. */
#include "core/text_time.h"
#include "core/zone.h"

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
	return s.p ? str_to_c(&cx.arena, s) : NULL;
}

static struct reader reader_of(const char *zone, const char *language)
{
	struct reader r = { .language = language_find(str_of(language)) };
	enum err err = zone_load(&cx, str_of(zone), S(""), &r.zone);
	if (err)
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	return r;
}

static instant at(const char *text)
{
	instant t;
	assert_true(instant_parse(str_of(text), &t));
	return t;
}

static range from_to(const char *from, const char *to)
{
	return (range){ at(from), at(to) };
}

static void test_days(void **state)
{
	(void)state;
	struct arena *a = &cx.arena;
	day second = day_of_civil((struct civil){ 2026, 3, 2 }), first = day_of_civil((struct civil){ 2026, 8, 1 });
	static const struct {
		const char *language, *day, *long_day, *month, *first;
	} cases[] = {
		{ "en", "Mon, 2 March 2026", "Monday, 2 March 2026", "March 2026", "Sat, 1 August 2026" },
		{ "de", "Mo, 2. März 2026", "Montag, 2. März 2026", "März 2026", "Sa, 1. August 2026" },
		{ "fr", "lun. 2 mars 2026", "lundi 2 mars 2026", "mars 2026", "sam. 1er août 2026" },
		{ "es", "lun, 2 de marzo de 2026", "lunes, 2 de marzo de 2026", "marzo de 2026",
		  "sáb, 1 de agosto de 2026" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct language *l = language_find(str_of(cases[i].language));
		assert_string_equal(c_of(text_day(a, l, second)), cases[i].day);
		assert_string_equal(c_of(text_day_long(a, l, second)), cases[i].long_day);
		assert_string_equal(c_of(text_month(a, l, second)), cases[i].month);
		assert_string_equal(c_of(text_day(a, l, first)), cases[i].first);
	}
}

static void test_clocks(void **state)
{
	(void)state;
	static const struct {
		int minute;
		const char *h24, *h12;
	} cases[] = {
		{ 0, "00:00", "12:00 am" },    { 30, "00:30", "12:30 am" },   { 540, "09:00", "9:00 am" },
		{ 719, "11:59", "11:59 am" },  { 720, "12:00", "12:00 pm" },  { 785, "13:05", "1:05 pm" },
		{ 1439, "23:59", "11:59 pm" }, { 1440, "24:00", "12:00 am" },
	};
	struct reader r = reader_of("UTC", "en"), r12 = r;
	r12.clock12 = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		minute_of_day m = { cases[i].minute };
		assert_string_equal(c_of(text_minute(&cx.arena, &r, m)), cases[i].h24);
		assert_string_equal(c_of(text_minute(&cx.arena, &r12, m)), cases[i].h12);
	}
}

static void test_times(void **state)
{
	(void)state;
	struct arena *a = &cx.arena;
	struct reader r = reader_of("Europe/Berlin", "en");
	assert_string_equal(c_of(text_times(a, &r, from_to("2026-03-02T08:00:00Z", "2026-03-02T08:30:00Z"))),
			    "09:00–09:30");
	assert_string_equal(c_of(text_times(a, &r, from_to("2026-03-02T22:00:00Z", "2026-03-02T23:00:00Z"))),
			    "23:00–00:00");
	assert_string_equal(c_of(text_times(a, &r, from_to("2026-03-02T21:00:00Z", "2026-03-03T01:00:00Z"))),
			    "22:00–02:00 (Tue, 3 March 2026)");
	assert_string_equal(c_of(text_times(a, &r, from_to("2026-03-02T08:00:00Z", "2026-03-03T23:00:00Z"))),
			    "09:00–00:00 (Tue, 3 March 2026)");
	assert_string_equal(c_of(text_date(a, &r, at("2026-03-02T23:00:00Z"))), "Tue, 3 March 2026");
	r.clock12 = true;
	assert_string_equal(c_of(text_times(a, &r, from_to("2026-03-02T10:30:00Z", "2026-03-02T11:30:00Z"))),
			    "11:30 am–12:30 pm");
	struct reader chatham = reader_of("Pacific/Chatham", "en");
	assert_string_equal(c_of(text_times(a, &chatham, from_to("2026-03-02T10:00:00Z", "2026-03-02T10:15:00Z"))),
			    "23:45–00:00");
}

static void test_zones(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *at, *shown;
	} cases[] = {
		{ "Europe/Berlin", "2026-03-02T08:00:00Z", "Berlin, UTC+1" },
		{ "Europe/Berlin", "2026-07-02T08:00:00Z", "Berlin, UTC+2" },
		{ "Europe/London", "2026-03-02T08:00:00Z", "London, UTC" },
		{ "America/St_Johns", "2026-03-02T08:00:00Z", "St Johns, UTC−3:30" },
		{ "America/Argentina/Buenos_Aires", "2026-03-02T08:00:00Z", "Buenos Aires, UTC−3" },
		{ "Asia/Kathmandu", "2026-03-02T08:00:00Z", "Kathmandu, UTC+5:45" },
		{ "Etc/GMT+5", "2026-03-02T08:00:00Z", "UTC−5" },
		{ "UTC", "2026-03-02T08:00:00Z", "UTC" },
		{ "America/Los_Angeles", "2026-12-02T08:00:00Z", "Los Angeles, UTC−8" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reader r = reader_of(cases[i].zone, "en");
		assert_string_equal(c_of(text_zone(&cx.arena, r.zone, at(cases[i].at))), cases[i].shown);
	}
}

static void test_change(void **state)
{
	(void)state;
	struct arena *a = &cx.arena;
	struct reader r = reader_of("Europe/Berlin", "en"), de = reader_of("Europe/Berlin", "de");
	instant winter = at("2026-03-02T08:00:00Z"), summer = at("2026-04-02T08:00:00Z");
	instant next = at("2026-12-02T08:00:00Z");
	assert_string_equal(c_of(text_change(a, &r, winter, summer)),
			    "The clocks in Berlin go forward before then, on Sun, 29 March 2026.");
	assert_string_equal(c_of(text_change(a, &de, summer, next)),
			    "Davor, am So, 25. Oktober 2026, werden die Uhren in Berlin zurückgestellt.");
	assert_null(text_change(a, &r, winter, next).p);
	assert_null(text_change(a, &r, winter, at("2026-03-29T00:59:59Z")).p);
	assert_non_null(text_change(a, &r, winter, at("2026-03-29T01:00:00Z")).p);
	assert_null(text_change(a, &r, summer, winter).p); /* what is past needs no warning */
	struct reader india = reader_of("Asia/Kolkata", "en");
	assert_null(text_change(a, &india, winter, summer).p);
}

static void test_length(void **state)
{
	(void)state;
	struct arena *a = &cx.arena;
	const struct language *en = language_find(S("en")), *de = language_find(S("de"));
	assert_string_equal(c_of(text_length(a, en, span_minutes(1))), "1 minute");
	assert_string_equal(c_of(text_length(a, en, span_minutes(30))), "30 minutes");
	assert_string_equal(c_of(text_length(a, en, span_minutes(60))), "1 hour");
	assert_string_equal(c_of(text_length(a, de, span_minutes(90))), "1 Stunde 30 Minuten");
	assert_string_equal(c_of(text_length(a, en, (span){ 61 })), "2 minutes");
}

static void test_when(void **state)
{
	(void)state;
	struct reader r = reader_of("Europe/Berlin", "fr");
	struct value *v = text_when(&cx.arena, &r, from_to("2026-04-02T08:00:00Z", "2026-04-02T08:30:00Z"),
				    at("2026-03-02T08:00:00Z"));
	static const struct {
		const char *name, *text;
	} members[] = {
		{ "date", "jeu. 2 avril 2026" },
		{ "times", "10:00–10:30" },
		{ "zone", "Berlin, UTC+2" },
		{ "length", "30 minutes" },
		{ "start", "2026-04-02T10:00:00+02:00" },
		{ "end", "2026-04-02T10:30:00+02:00" },
		{ "change", "D’ici là, le dim. 29 mars 2026, les horloges de Berlin sont avancées." },
	};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		assert_string_equal(c_of(value_get(v, str_of(members[i].name))->text), members[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_days, done),   cmocka_unit_test_teardown(test_clocks, done),
		cmocka_unit_test_teardown(test_times, done),  cmocka_unit_test_teardown(test_zones, done),
		cmocka_unit_test_teardown(test_change, done), cmocka_unit_test_teardown(test_length, done),
		cmocka_unit_test_teardown(test_when, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
