/* How long the engine takes for one answer, one thread, decoding of JSON not included.
 * Each figure is the best of many short rounds: on a shared machine the least disturbed one. */
#include "core/explain.h"
#include "core/free.h"
#include "core/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 40, HOSTS = 10, MEETINGS = 50, MEETINGS_MANY = 50000 };
static const double ROUND_SECONDS = 0.01;

static struct arena keep; /* what the cases are made of */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Monday to Friday, 9 to 17, from 2 March 2026 on, with meetings spread over the days asked for. */
static struct slot_case case_make(const char *host, const char *invitee, int64_t days, size_t meetings)
{
	static struct weekday_item week[] = { { MON }, { TUE }, { WED }, { THU }, { FRI } };
	static struct weekly_rule rule = { { week, 5 }, { 9 * 60 }, { 17 * 60 }, TIME_AVAILABLE, { NONE }, { NONE } };
	struct slot_case c;
	slot_case_defaults(&c);
	day first = day_of_civil((struct civil){ 2026, 3, 2 });
	c.now.s = (first.d - 30) * DAY_SECONDS;
	c.query = (struct slot_query){ first, { first.d + days - 1 }, str_of(invitee) };
	c.schedule.time_zone = str_of(host);
	c.schedule.weekly = (struct list){ &rule, 1 };
	c.event.duration_minutes = 30;
	struct meeting *items = NEWS(&keep, struct meeting, meetings);
	unsigned random = 1;
	for (size_t i = 0; i < meetings; i++) {
		random = random * 1664525 + 1013904223;
		int64_t start = first.d * DAY_SECONDS + (int64_t)(random >> 8) % (days * 48) * 1800;
		items[i] = (struct meeting){ .start = { start }, .end = { start + 1800 }, .seats_taken = 1 };
	}
	c.meetings = (struct list){ items, meetings };
	return c;
}

struct job {
	const char *what;
	void (*run)(struct cx *, const struct job *);
	struct slot_case *c;
	double at_most; /* microseconds; 0: no promise */
};
static struct host_time hosts[HOSTS];
static size_t found;

static void must(enum err e)
{
	if (e)
		abort();
}

static void run_list(struct cx *cx, const struct job *j)
{
	struct list slots;
	must(slot_list(cx, j->c, &slots));
	found = slots.n;
}

static void run_check(struct cx *cx, const struct job *j)
{
	bool offered;
	instant at = { j->c->query.from.d * DAY_SECONDS + 10 * HOUR_SECONDS };
	must(slot_check(cx, j->c, at, &offered));
	found = offered;
}

static void run_explain(struct cx *cx, const struct job *j)
{
	struct list reasons;
	instant at = { j->c->query.from.d * DAY_SECONDS + 3 * HOUR_SECONDS };
	must(slot_explain(cx, j->c, at, &reasons));
	found = reasons.n;
}

static void run_busy(struct cx *cx, const struct job *j)
{
	struct intervals out;
	must(busy_list(cx, &j->c->query, &hosts[0], &out));
	found = out.n;
}

static void run_overlap(struct cx *cx, const struct job *j)
{
	struct intervals out;
	must(free_overlap(cx, &j->c->query, hosts, HOSTS, span_minutes(30), &out));
	found = out.n;
}

/* Microseconds for one. */
static double measure(const struct job *j)
{
	struct cx cx = { 0 };
	double best = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		int n = 0;
		double start = seconds(), now = start;
		while (now - start < ROUND_SECONDS) {
			for (int i = 0; i < 4; i++, n++) {
				j->run(&cx, j);
				arena_reset(&cx.arena);
			}
			now = seconds();
		}
		best = (now - start) / n < best ? (now - start) / n : best;
	}
	arena_close(&cx.arena);
	return best * 1e6;
}

static void print_machine(void)
{
	char line[256], model[256] = "unknown", clock[256] = "unknown";
	FILE *f = fopen("/proc/cpuinfo", "r");
	while (f && fgets(line, sizeof line, f)) {
		const char *value = strchr(line, ':');
		if (value && strncmp(line, "model name", 10) == 0)
			snprintf(model, sizeof model, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
		if (value && strncmp(line, "cpu MHz", 7) == 0)
			snprintf(clock, sizeof clock, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
	}
	if (f)
		fclose(f);
	printf("machine: %s, %s MHz\n", model, clock);
}

static bool print_job(struct job j)
{
	double us = measure(&j);
	bool kept = j.at_most == 0 || us <= j.at_most;
	printf("%-58s %10.2f us %8zu found", j.what, us, found);
	if (j.at_most > 0)
		printf("   at most %g us: %s", j.at_most, kept ? "kept" : "NOT KEPT");
	printf("\n");
	return kept;
}

static void print_zones(void)
{
	struct cx cx = { 0 };
	const struct zone *z;
	int64_t sum = 0, n = 0;
	must(zone_load(&cx, S("America/New_York"), S(""), &z));
	double start = seconds();
	for (int64_t t = 0; t < 4000000000; t += 997, n++)
		sum += zone_offset(z, (instant){ t });
	printf("%-58s %10.2f ns          (%lld)\n", "offset of an instant", (seconds() - start) / (double)n * 1e9,
	       (long long)sum);
	arena_close(&cx.arena);
}

int main(void)
{
	static const char *const zones[HOSTS] = { "Europe/Berlin",   "Europe/London",   "Europe/Madrid",
						  "Europe/Athens",   "Europe/Paris",    "Asia/Dubai",
						  "Europe/Istanbul", "Europe/Helsinki", "Africa/Cairo",
						  "Africa/Lagos" };
	struct slot_case month = case_make("Europe/Berlin", "America/New_York", 28, MEETINGS);
	struct slot_case year = case_make("Europe/Berlin", "America/New_York", 366, MEETINGS);
	struct slot_case full = case_make("Europe/Berlin", "America/New_York", 366, MEETINGS * 13);
	struct slot_case limited = month;
	limited.event.limits = (struct slot_limits){ 4, 12, 40 };
	for (size_t i = 0; i < HOSTS; i++) {
		struct slot_case c = case_make(zones[i], "UTC", 366, MEETINGS);
		hosts[i] = (struct host_time){ c.schedule, c.meetings, c.busy };
	}
	print_machine();
	print_zones();
	bool kept = print_job((struct job){ "slots, 28 days, 50 meetings", run_list, &month, 10 });
	kept = print_job((struct job){ "slots, 28 days, 50 meetings, limits", run_list, &limited, 0 }) && kept;
	kept = print_job((struct job){ "slots, 366 days, 50 meetings", run_list, &year, 120 }) && kept;
	kept = print_job((struct job){ "slots, 366 days, 650 meetings", run_list, &full, 0 }) && kept;
	kept = print_job((struct job){ "check of one start, 28 days, 50 meetings", run_check, &month, 0 }) && kept;
	kept = print_job((struct job){ "check of one start, 366 days, 50 meetings", run_check, &year, 0 }) && kept;
	kept = print_job((struct job){ "explanation of one moment", run_explain, &month, 0 }) && kept;
	kept = print_job((struct job){ "busy times of one host, 366 days, 50 meetings", run_busy, &year, 0 }) && kept;
	kept =
	    print_job((struct job){ "overlap of 10 hosts, 366 days, 50 meetings each", run_overlap, &year, 1000 }) &&
	    kept;
	for (int64_t days = 3; days <= 300; days *= 10) {
		struct slot_case c = case_make("Europe/Berlin", "America/New_York", days, MEETINGS);
		char *what = str_to_c(&keep, str_format(&keep, "slots, %lld days, 50 meetings", (long long)days));
		kept = print_job((struct job){ what, run_list, &c, 0 }) && kept;
	}
	for (size_t meetings = MEETINGS; meetings <= MEETINGS_MANY; meetings *= 10) {
		struct slot_case c = case_make("Europe/Berlin", "America/New_York", 366, meetings);
		char *what =
		    str_to_c(&keep, str_format(&keep, "slots, 366 days, %zu meetings in random order", meetings));
		kept = print_job((struct job){ what, run_list, &c, 0 }) && kept;
	}
	arena_close(&keep);
	return kept ? 0 : 1;
}
