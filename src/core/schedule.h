/* schedule - when a host is available, as on the wire and in the store; see docs/semantics.md.
 * One shape for the command line, the HTTP API and the store. */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H
#include "interval.h"

enum time_kind { TIME_AVAILABLE, TIME_BUSY };
extern const char *const AVAILABILITY[]; /* "available", "busy", NULL */

struct weekday_item {
	unsigned day;
}; /* enum weekday */

/* weekly_rule - the host's wall clock; an end not after the start belongs to the next day. */
struct weekly_rule {
	struct list days; /* of weekday_item */
	minute_of_day start, end;
	unsigned kind;   /* enum time_kind */
	day from, until; /* inclusive, of the date it starts on; NONE: no bound */
};

struct day_window {
	minute_of_day start, end;
};

/* override - replaces all weekly rules of its date; no intervals: closed. */
struct override {
	day date;
	struct list intervals; /* of day_window */
};

/* one_off - absolute time, on whole minutes.  `id` is the row's: in no table here. */
struct one_off {
	uuid id;
	unsigned kind; /* enum time_kind */
	instant start, end;
};

struct schedule {
	str time_zone;
	struct list weekly;    /* of weekly_rule */
	struct list overrides; /* of override */
	struct list one_offs;  /* of one_off */
};

extern const struct field WEEKDAY_ITEM[], WEEKLY_RULE[], DAY_WINDOW[], OVERRIDE[], ONE_OFF[], SCHEDULE[];

/* KEPT_RULE - a weekly rule of a schedule that is kept: left out, `from` and `until` become a year from today on, by
 * schedule_date; null is no bound.  For the engine alone (WEEKLY_RULE) both are none. */
extern const struct field KEPT_RULE[];

/* schedule_year - a rule that holds for a year from a date on.
 * schedule_date - dates for the rules of a schedule whose client left them out; today: in the schedule's zone. */
void schedule_year(struct weekly_rule *, day from);
void schedule_date(const struct schedule *, day today);

enum {
	SCHEDULE_WEEKLY = 200,     /* rules */
	SCHEDULE_OVERRIDES = 1000, /* dates */
	SCHEDULE_WINDOWS = 50,     /* intervals of one override */
	SCHEDULE_ONE_OFFS = 2000,
};

/* schedule_note - everything docs/semantics.md calls an error, each noted by fault_add with its pointer.
 *   prefix  pointer of the schedule itself: "" when it is the whole body, "/schedule" inside a case
 * schedule_check - the same, for a schedule that is to be kept: also a rule whose until is before its from, which
 * for the engine only never applies.  E_INVALID as fault_check.
 * The parts note what is wrong with one item, for callers that take items one by one. */
void schedule_note(struct cx *, const struct schedule *, str prefix);
enum err schedule_check(struct cx *, const struct schedule *, str prefix);
void schedule_note_rule(struct cx *, const struct weekly_rule *, str pointer);
void schedule_note_override(struct cx *, const struct override *, str pointer);
void schedule_note_one_off(struct cx *, const struct one_off *, str pointer);

/* schedule_overlap - the first two weekly rules of one kind that share a minute of some date (their dates of
 * validity are regarded; touching ones do not overlap).  The engine unites such rules; the API refuses them.
 * false: there are none. */
struct rule_pair {
	size_t first, second;
}; /* indexes into weekly, first < second */
[[nodiscard]] bool schedule_overlap(struct cx *, const struct schedule *, struct rule_pair *out);

/* schedule_open - the open minutes of a schedule that start inside `within`, by weekly rules, overrides and
 * `available` one-offs (`busy` ones not taken away).  schedule_busy - its `busy` one-offs inside `within`.
 * The schedule must have passed schedule_check. */
struct zone;
struct intervals schedule_open(struct cx *, const struct schedule *, const struct zone *, range within);
struct intervals schedule_busy(struct cx *, const struct schedule *, range within);
#endif
