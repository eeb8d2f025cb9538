/* Zones against glibc: every zone, every change from 1970 to 2100 that either of the two knows, and a look every
 * few days in between.  Then files that are damaged in every way we could think of.
 *
 * `test_zone changes` prints every zone's changes from 1970 to 2200, for the test in Python: name, instant, offset,
 * abbreviation. */
#include "core/zone.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { STEP_DAYS = 3, FOLDER_TEXT = 64 };
static const int64_t UNTIL_2100 = 4133980800;

static struct cx cx;

static const struct zone *load(const char *name)
{
	const struct zone *z;
	fault_clear(&cx);
	if (zone_load(&cx, str_of(name), S("/time_zone"), &z))
		fail_msg("%s: %.*s", name, STR_ARG(cx.fault.message));
	return z;
}

static int64_t libc_offset(int64_t t)
{
	struct tm tm;
	time_t clock = t;
	assert_non_null(localtime_r(&clock, &tm));
	return tm.tm_gmtoff;
}

static void same_as_libc(const char *name, const struct zone *z, int64_t t)
{
	struct tm tm;
	time_t clock = t;
	assert_non_null(localtime_r(&clock, &tm));
	day d = day_of_civil((struct civil){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday });
	if (zone_offset(z, (instant){ t }) != tm.tm_gmtoff || zone_day(z, (instant){ t }).d != d.d ||
	    zone_minute(z, (instant){ t }).m != tm.tm_hour * 60 + tm.tm_min ||
	    zone_is_dst(z, (instant){ t }) != (tm.tm_isdst > 0) ||
	    !str_is(zone_abbreviation(z, (instant){ t }), str_of(tm.tm_zone)))
		fail_msg("%s at %lld: ours %lld %.*s, libc %ld %s", name, (long long)t,
			 (long long)zone_offset(z, (instant){ t }), STR_ARG(zone_abbreviation(z, (instant){ t })),
			 tm.tm_gmtoff, tm.tm_zone);
}

/* Our own changes: one second before, at, one second behind, and the middle of the span before. */
static int own_changes(const char *name, const struct zone *z)
{
	instant t = { 0 }, change;
	int n = 0;
	while (zone_change_next(z, t, &change) && change.s <= UNTIL_2100) {
		same_as_libc(name, z, t.s + (change.s - t.s) / 2);
		for (int64_t near = -1; near <= 1; near++)
			same_as_libc(name, z, change.s + near);
		assert_int_not_equal(zone_offset(z, change), zone_offset(z, (instant){ change.s - 1 }));
		t = change;
		n++;
	}
	return n;
}

/* libc's changes, found by looking every few days and halving where the offset differs. */
static int libc_changes(const char *name, const struct zone *z)
{
	int n = 0;
	int64_t step = STEP_DAYS * DAY_SECONDS, before = libc_offset(0);
	for (int64_t t = step; t <= UNTIL_2100; t += step) {
		int64_t here = libc_offset(t), low = t - step, high = t;
		if (zone_offset(z, (instant){ t }) != here)
			same_as_libc(name, z, t);
		while (here != before && high - low > 1) {
			int64_t middle = low + (high - low) / 2;
			*(libc_offset(middle) == before ? &low : &high) = middle;
		}
		for (int64_t near = high - 1; here != before && near <= high + 1; near++)
			same_as_libc(name, z, near);
		n += here != before;
		before = here;
	}
	return n;
}

static void test_libc(void **state)
{
	(void)state;
	const struct list *names = zone_names();
	int ours = 0, theirs = 0;
	assert_true(names->n > 300);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = str_to_c(&cx.arena, ((str *)names->items)[i]);
		setenv("TZ", name, 1);
		tzset();
		const struct zone *z = load(name);
		ours += own_changes(name, z);
		theirs += libc_changes(name, z);
	}
	unsetenv("TZ");
	tzset();
	printf("%zu zones, %d changes of ours and %d of libc's compared\n", names->n, ours, theirs);
	assert_true(ours > 20000);
	assert_true(theirs > ours - ours / 100); /* two changes within STEP_DAYS may look like one or none */
}

static void test_spans(void **state)
{
	(void)state;
	const struct list *names = zone_names();
	for (size_t i = 0; i < names->n; i++) {
		const struct zone *z = load(str_to_c(&cx.arena, ((str *)names->items)[i]));
		instant t = { 0 };
		for (struct zone_span s = zone_span_at(z, t); t.s < INSTANT_MAX.s; s = zone_span_at(z, t)) {
			assert_true(s.from.s <= t.s && t.s < s.to.s);
			assert_int_equal(s.offset, zone_offset(z, t));
			assert_int_equal(s.offset, zone_offset(z, (instant){ s.to.s - 1 }));
			assert_true(zone_span_at(z, (instant){ s.to.s - 1 }).from.s == s.from.s);
			assert_true(s.to.s == INT64_MAX || zone_offset(z, s.to) != s.offset);
			t = s.to;
		}
		for (int64_t far = 1; far > 0 && far < INT64_MAX / 4; far *= 4) {
			assert_true(zone_span_at(z, (instant){ far }).to.s > far);
			assert_true(zone_span_at(z, (instant){ -far }).from.s < -far);
		}
	}
}

static instant at(const char *text)
{
	instant t;
	assert_true(instant_parse(str_of(text), &t));
	return t;
}

static day date(const char *text)
{
	day d;
	assert_true(day_parse(str_of(text), &d));
	return d;
}

static void test_wall_clock(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *date;
		int64_t minute;
		const char *instant;
	} rows[] = {
		{ "Europe/Berlin", "2026-03-29", 0, "2026-03-28T23:00:00Z" },
		{ "Europe/Berlin", "2026-03-29", 150, "2026-03-29T01:00:00Z" }, /* in the gap: behind it */
		{ "Europe/Berlin", "2026-10-25", 150, "2026-10-25T00:30:00Z" }, /* twice: the first */
		{ "Pacific/Apia", "2011-12-30", 0, "2011-12-30T10:00:00Z" },    /* skipped: the next date */
		{ "Pacific/Apia", "2011-12-31", 0, "2011-12-30T10:00:00Z" },
		{ "America/St_Johns", "2006-10-29", 0, "2006-10-29T02:30:00Z" }, /* again an hour later */
		{ "Asia/Kolkata", "2026-03-02", 1440, "2026-03-02T18:30:00Z" },
		{ "Australia/Lord_Howe", "2026-10-04", 120, "2026-10-03T15:30:00Z" },
		{ "America/New_York", "2190-07-01", 0, "2190-07-01T04:00:00Z" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct zone *z = load(rows[i].zone);
		instant t = zone_instant(z, date(rows[i].date), (minute_of_day){ rows[i].minute });
		if (t.s != at(rows[i].instant).s)
			fail_msg("%s %s: got %lld", rows[i].zone, rows[i].date, (long long)t.s);
	}
	char text[INSTANT_TEXT];
	assert_true(str_is(zone_format(text, load("Asia/Kolkata"), at("2026-03-02T14:00:00Z")),
			   S("2026-03-02T19:30:00+05:30")));
	assert_true(str_is(zone_name(load("Asia/Kolkata")), S("Asia/Kolkata")));
}

/* The footer's rule past the table's end agrees with the table 400 years before: the calendar repeats. */
static void test_far_future(void **state)
{
	(void)state;
	static const char *const names[] = { "Europe/Berlin",  "America/New_York",    "Australia/Lord_Howe",
					     "Europe/Dublin",  "America/Santiago",    "Africa/Cairo",
					     "Asia/Jerusalem", "America/Scoresbysund" };
	const int64_t cycle = 146097 * (int64_t)DAY_SECONDS;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct zone *z = load(names[i]);
		for (int64_t t = 4102444800; t < 4102444800 + 103 * 31557600LL; t += 3599 * 7) {
			assert_int_equal(zone_offset(z, (instant){ t }), zone_offset(z, (instant){ t + cycle }));
			assert_int_equal(zone_offset(z, (instant){ t }), zone_offset(z, (instant){ t + 5 * cycle }));
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"/",
		"Mars/Olympus",
		"europe/berlin",
		"Europe/",
		"/Europe/Berlin",
		"../../etc/passwd",
		"Europe/../Europe/Berlin",
		"Europe//Berlin",
		"Europe/Berlin ",
		"localtime",
		"posixrules",
		"posix/UTC",
		"right/UTC",
		"zone.tab",
		"leapseconds",
		"Europe",
		"Europe/Berlin\n",
		"UTC/x",
		"+05:30",
		":UTC",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};
	const struct zone *z;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		fault_clear(&cx);
		assert_int_equal(zone_load(&cx, str_of(refused[i]), S("/a/time_zone"), &z), E_INVALID);
		assert_true(str_is(cx.fault.problems->field, S("/a/time_zone")));
		assert_false(zone_is(str_of(refused[i])));
	}
	assert_int_equal(zone_load(&cx, (str){ "UTC\0x", 5 }, S(""), &z), E_INVALID);
	assert_true(zone_is(S("UTC")) && zone_is(S("Etc/GMT+5")) && zone_is(S("America/Argentina/Buenos_Aires")));
	assert_ptr_equal(load("UTC"), load("UTC"));
	const struct list *names = zone_names();
	for (size_t i = 1; i < names->n; i++)
		assert_true(str_order(((str *)names->items)[i - 1], ((str *)names->items)[i]) < 0);
}

/* A zone file made piece by piece. */
static size_t put(char *p, size_t n, int64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[n + i] = (char)(v >> 8 * (width - 1 - i));
	return n + width;
}

struct shape {
	char version;
	const char *footer;
	int64_t times[2], offset, leaps, isut, index, dst, name;
};
static const struct shape GOOD = { '2', "AAA-1", { 0, 100 }, 3600, 0, 0, 1, 0, 0 };

static size_t put_block(char *p, size_t n, const struct shape *s, size_t width)
{
	memcpy(p + n, "TZif", 4);
	p[n + 4] = s->version;
	memset(p + n + 5, 0, 15);
	n = put(p, n + 20, s->isut, 4);
	n = put(p, n, 0, 4);
	n = put(p, n, s->leaps, 4);
	n = put(p, n, 2, 4);
	n = put(p, n, 2, 4);
	n = put(p, n, 8, 4);
	for (int i = 0; i < 2; i++)
		n = put(p, n, s->times[i], width);
	n = put(p, n, 0, 1);
	n = put(p, n, s->index, 1);
	n = put(p, put(p, put(p, n, 0, 4), 0, 1), 4, 1);
	n = put(p, put(p, put(p, n, s->offset, 4), s->dst, 1), s->name, 1);
	memcpy(p + n, "AAA\0BBB\0", 8);
	return n + 8 + (size_t)(s->leaps ? width + 4 : 0) + (size_t)s->isut;
}

static enum err parse(struct shape s, struct zone **z)
{
	char file[512] = { 0 };
	size_t n = put_block(file, 0, &s, 4);
	if (s.version) {
		n = put_block(file, n, &s, 8);
		n += (size_t)snprintf(file + n, sizeof file - n, "\n%s\n", s.footer);
	}
	fault_clear(&cx);
	return zone_parse(&cx, (str){ file, n }, S("Test/Zone"), z);
}

static void test_shapes(void **state)
{
	(void)state;
	struct zone *z;
	struct shape s = GOOD;
	assert_int_equal(parse(s, &z), OK);
	assert_int_equal(zone_offset(z, (instant){ 99 }), 0);
	assert_int_equal(zone_offset(z, (instant){ 100 }), 3600);
	for (char version = '2'; version <= '4'; version++) {
		s.version = version;
		assert_int_equal(parse(s, &z), OK);
	}
	s.version = '\0';
	assert_int_equal(parse(s, &z), OK);
	assert_int_equal(zone_offset(z, (instant){ 1 << 30 }), 3600);

#define REFUSED(...)                                       \
	do {                                               \
		s = GOOD;                                  \
		__VA_ARGS__;                               \
		assert_int_equal(parse(s, &z), E_INVALID); \
	} while (0)
	REFUSED(s.version = '1');
	REFUSED(s.version = '5');
	REFUSED(s.times[1] = 0);
	REFUSED(s.times[1] = -1);
	REFUSED(s.offset = 93600);
	REFUSED(s.offset = -90000);
	REFUSED(s.offset = INT32_MIN);
	REFUSED(s.leaps = 1);
	REFUSED(s.isut = 1);
	REFUSED(s.index = 2);
	REFUSED(s.dst = 2);
	REFUSED(s.name = 8);
	REFUSED(s.footer = "AAA-2"); /* not what the last entry says */
}

static void test_footers(void **state)
{
	(void)state;
	static const char *const good[] = { "",
					    "AAA-1",
					    "<+01>-1",
					    "<+01>-01:00:00",
					    "AAA-1BBB,M3.5.0,M10.5.0/3",
					    "AAA-1BBB-2,J60/2,J300/-167",
					    "AAA-1BBB-2,M11.5.6/24,364/0",
					    "BBB0AAA-1,0/0,J365/25",
					    "AAA-1BBB-1,M3.5.0,M10.5.0" };
	static const char *const bad[] = { "A-1",
					   "AAA",
					   "AAA-1 ",
					   "AAA-1BBB",
					   "AAA-1BBB,M3.5.0",
					   "AAA-1BBB,M0.5.0,M10.5.0",
					   "AAA-1BBB,M13.5.0,M10.5.0",
					   "AAA-1BBB,M3.0.0,M10.5.0",
					   "AAA-1BBB,M3.6.0,M10.5.0",
					   "AAA-1BBB,M3.5.7,M10.5.0",
					   "AAA-1BBB,J0,J300",
					   "AAA-1BBB,J366,J300",
					   "AAA-1BBB,366,J300",
					   "AAA-1BBB,M3.5.0,M10.5.0,",
					   "AAA-1BBB,M3.5.0/168,M10.5.0",
					   "<+01-1",
					   "<>-1",
					   "AAA-26",
					   "AAA-1:60",
					   "AAA-1BBB,M3.5,M10.5.0",
					   "1AA-1",
					   "AAA-1\nBBB" };
	struct zone *z;
	struct shape s = GOOD;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		s.footer = good[i];
		if (parse(s, &z))
			fail_msg("refused: %s", good[i]);
		for (int64_t t = 0; t < INT64_MAX / 5; t = t * 3 + 1)
			assert_true(zone_span_at(z, (instant){ t }).to.s > t);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		s.footer = bad[i];
		if (!parse(s, &z))
			fail_msg("taken: %s", bad[i]);
	}
	s.footer = "BBB0AAA-1,0/0,J365/25"; /* summer all the year */
	assert_int_equal(parse(s, &z), OK);
	for (int64_t t = 100; t < 1 << 30; t += 3600 * 5)
		assert_int_equal(zone_offset(z, (instant){ t }), 3600);
}

/* The same rules by libc, which takes them from TZ. */
static void test_footers_libc(void **state)
{
	(void)state;
	static const char *const rules[] = { "AAA-1BBB,M3.5.0,M10.5.0/3",
					     "AAA-1BBB,J59/0,J60/0",
					     "AAA-1BBB,J60,J61",
					     "AAA-1BBB,59/0,60/0",
					     "AAA-1BBB,58,60/23:59:59",
					     "AAA-1BBB-1:30,M2.4.6/24,M9.1.3/-2",
					     "AAA-1BBB-3,M4.1.1/25:30,J365/0",
					     "AAA-1BBB0,M4.2.5,M11.3.2/-25",
					     "AAA-1BBB,J100/167,J300/-167" };
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct zone *z;
		struct shape s = GOOD;
		s.footer = rules[i];
		assert_int_equal(parse(s, &z), OK);
		setenv("TZ", rules[i], 1);
		tzset();
		for (int64_t t = 366 * DAY_SECONDS; t < UNTIL_2100; t += 5 * HOUR_SECONDS)
			if (zone_offset(z, (instant){ t }) != libc_offset(t))
				same_as_libc(rules[i], z, t);
	}
	unsetenv("TZ");
	tzset();
}

enum { THREADS = 8 };

static void *load_all(void *out)
{
	const struct zone **found = out;
	const struct list *names = zone_names();
	struct cx own = { 0 };
	for (size_t i = 0; i < names->n; i++)
		if (zone_load(&own, ((str *)names->items)[i], S(""), &found[i]))
			found[i] = NULL;
	arena_close(&own.arena);
	return NULL;
}

/* All threads get the same zones, however they race for the cache.  (First in the run: the cache is empty.) */
static void test_threads(void **state)
{
	(void)state;
	static const struct zone *found[THREADS][2000];
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load_all, found[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(zone_names()->n < 2000);
	for (size_t k = 0; k < zone_names()->n; k++)
		for (int i = 0; i < THREADS; i++)
			assert_true(found[i][k] && found[i][k] == found[0][k]);
}

static str file_bytes(const char *name)
{
	const char *dir = getenv("TZDIR");
	str path = str_format(&cx.arena, "%s/%s", dir ? dir : "/usr/share/zoneinfo", name);
	FILE *f = fopen(path.p, "rb");
	char *bytes = NEWS(&cx.arena, char, ZONE_FILE);
	assert_non_null(f);
	size_t n = fread(bytes, 1, ZONE_FILE, f);
	fclose(f);
	return (str){ bytes, n };
}

/* Every prefix and every longer file is refused; every changed byte is survived. */
static void test_damage(void **state)
{
	(void)state;
	static const char *const names[] = { "Europe/Berlin", "UTC", "Asia/Gaza", "America/St_Johns" };
	struct zone *z;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		str good = file_bytes(names[i]);
		char *bytes = (char *)good.p;
		assert_int_equal(zone_parse(&cx, good, S("x"), &z), OK);
		for (size_t n = 0; n < good.n; n++)
			assert_int_equal(zone_parse(&cx, str_slice(good, 0, n), S("x"), &z), E_INVALID);
		assert_int_equal(zone_parse(&cx, (str){ good.p, good.n + 1 }, S("x"), &z), E_INVALID);
		for (size_t n = 0; n < good.n * 4; n++) {
			static const char masks[] = { 1, -1, -128, 64 };
			bytes[n / 4] ^= masks[n % 4];
			struct cx own = { 0 };
			if (zone_parse(&own, good, S("x"), &z) == OK)
				assert_true(zone_span_at(z, (instant){ 1 << 30 }).to.s > 1 << 30);
			arena_close(&own.arena);
			bytes[n / 4] ^= masks[n % 4];
		}
	}
}

/* A folder of our own, with a file that is damaged, one that is too large, and one that is no file. */
static void test_folder(void **state)
{
	(void)state;
	char dir[FOLDER_TEXT] = "/tmp/noonmark-zone-XXXXXX", path[FOLDER_TEXT + 16];
	const struct zone *z;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/Damaged", dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("TZif2 and nothing else", f);
	fclose(f);
	snprintf(path, sizeof path, "%s/Pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	setenv("TZDIR", dir, 1);
	assert_int_equal(zone_load(&cx, S("Damaged"), S("/z"), &z), E_INVALID);
	assert_int_equal(zone_load(&cx, S("Pipe"), S("/z"), &z), E_INVALID);
	assert_int_equal(zone_load(&cx, S("Asia/Tokyo2"), S("/z"), &z), E_INVALID);
	unsetenv("TZDIR");
	unlink(path);
	snprintf(path, sizeof path, "%s/Damaged", dir);
	unlink(path);
	rmdir(dir);
}

static int print_changes(void)
{
	const struct list *names = zone_names();
	for (size_t i = 0; i < names->n; i++) {
		str name = ((str *)names->items)[i];
		const struct zone *z;
		instant t = { 0 };
		if (zone_load(&cx, name, S(""), &z))
			return 1;
		do {
			str abbreviation = zone_abbreviation(z, t);
			printf("%.*s %lld %lld %.*s\n", STR_ARG(name), (long long)t.s, (long long)zone_offset(z, t),
			       STR_ARG(abbreviation));
		} while (zone_change_next(z, t, &t) && t.s < INSTANT_MAX.s);
	}
	arena_close(&cx.arena);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "changes") == 0)
		return print_changes();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),      cmocka_unit_test(test_libc),
		cmocka_unit_test(test_spans),        cmocka_unit_test(test_wall_clock),
		cmocka_unit_test(test_far_future),   cmocka_unit_test(test_names),
		cmocka_unit_test(test_shapes),       cmocka_unit_test(test_footers),
		cmocka_unit_test(test_footers_libc), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_folder),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&cx.arena);
	return failed;
}
