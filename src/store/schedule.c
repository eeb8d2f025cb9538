#include "schedule.h"

#include "base/secret.h"
#include "core/zone.h"
#include "store/schedule_sql.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_BYTES = 60, NAME_BYTES = 100, USERS_NAMED = 5 };

static const char *const DEFAULT_CODE = "default", *const DEFAULT_NAME = "Working hours";

/* one_off_row - as stored; with it the parameters of its queries. */
struct one_off_row {
	uuid schedule_id, account_id;
	struct one_off it;
	range near;
	int64_t number;
};

static const struct field ONE_OFF_ROW[] = {
	FIELD(struct one_off_row, schedule_id, 0),
	FIELD(struct one_off_row, account_id, 0),
	FIELD_NAMED(struct one_off_row, it.id, "id", 0),
	FIELD_NAMED(struct one_off_row, it.kind, "kind", 0, .choices = AVAILABILITY),
	FIELD_NAMED(struct one_off_row, it.start, "starts_at", 0),
	FIELD_NAMED(struct one_off_row, it.end, "ends_at", 0),
	FIELD_NAMED(struct one_off_row, near.from, "range_from", 0),
	FIELD_NAMED(struct one_off_row, near.to, "range_to", 0),
	FIELD(struct one_off_row, number, 0),
	FIELD_END,
};

const struct field SAVED_ONE_OFF[] = {
	FIELD(struct one_off, id, IN | OUT | MAYBE, .doc = "Ours; send it back in a whole set to keep it"),
	FIELD(struct one_off, kind, IN | OUT | MUST, .choices = AVAILABILITY,
	      .doc = "Whether it adds time or takes it"),
	FIELD(struct one_off, start, IN | OUT | MUST, .doc = "First instant, on a whole minute"),
	FIELD(struct one_off, end, IN | OUT | MUST, .doc = "The instant behind the last, on a whole minute"),
	FIELD_END,
};

const struct field SAVED_SCHEDULE_ROW[] = {
	FIELD(struct saved_schedule, id, 0),
	FIELD(struct saved_schedule, account_id, 0),
	FIELD(struct saved_schedule, code, 0),
	FIELD(struct saved_schedule, name, 0),
	FIELD_NAMED(struct saved_schedule, plan.time_zone, "time_zone", 0),
	FIELD_NAMED(struct saved_schedule, plan.weekly, "weekly", 0, .of = WEEKLY_RULE,
		    .size = sizeof(struct weekly_rule)),
	FIELD_NAMED(struct saved_schedule, plan.overrides, "overrides", 0, .of = OVERRIDE,
		    .size = sizeof(struct override)),
	FIELD(struct saved_schedule, is_default, 0),
	FIELD(struct saved_schedule, version, 0),
	FIELD(struct saved_schedule, created_at, 0),
	FIELD(struct saved_schedule, updated_at, 0),
	FIELD_END,
};

const struct field SAVED_SCHEDULE[] = {
	FIELD(struct saved_schedule, id, OUT, .doc = "Ours"),
	FIELD(struct saved_schedule, name, IN | OUT | MUST, .min = 1, .max = NAME_BYTES, .rule = &RULE_NAME,
	      .doc = "For people"),
	FIELD(struct saved_schedule, code, IN | OUT | MUST, .min = 1, .max = CODE_BYTES, .rule = &RULE_CODE,
	      .doc = "Short name, unique among one's schedules"),
	FIELD_NAMED(struct saved_schedule, plan.time_zone, "time_zone", IN | OUT | MUST, .max = ZONE_NAME,
		    .rule = &RULE_ZONE, .doc = "IANA zone of every date and time of day in it"),
	FIELD_NAMED(struct saved_schedule, plan.weekly, "weekly", IN | OUT, .of = KEPT_RULE,
		    .size = sizeof(struct weekly_rule), .max = SCHEDULE_WEEKLY,
		    .doc = "Hours of each week; two rules of one kind must not overlap"),
	FIELD_NAMED(struct saved_schedule, plan.overrides, "overrides", IN | OUT, .of = OVERRIDE,
		    .size = sizeof(struct override), .max = SAVED_OVERRIDES,
		    .doc = "Dates with hours of their own instead of the week's; no intervals: closed"),
	FIELD_NAMED(struct saved_schedule, plan.one_offs, "one_offs", IN | OUT, .of = SAVED_ONE_OFF,
		    .size = sizeof(struct one_off), .max = SAVED_ONE_OFFS,
		    .doc = "Extra or blocked time between two instants"),
	FIELD(struct saved_schedule, is_default, IN | OUT,
	      .doc = "New event types use it; true takes it from the one that was"),
	FIELD(struct saved_schedule, version, OUT, .doc = "Rises with every change; the ETag"),
	FIELD(struct saved_schedule, created_at, OUT, .doc = "When it was made"),
	FIELD(struct saved_schedule, updated_at, OUT, .doc = "Last change"),
	FIELD_END,
};

const struct field SCHEDULE_FILTER[] = {
	FIELD(struct schedule_filter, after, 0),
	FIELD(struct schedule_filter, limit, 0),
	FIELD(struct schedule_filter, changed_since, MAYBE),
	FIELD(struct schedule_filter, code, MAYBE),
	FIELD_END,
};

/* ---- one-offs */

static void one_offs_of(struct cx *cx, const struct list *rows, struct list *out)
{
	const struct one_off_row *row = rows->items;
	struct one_off *items = NEWS(&cx->arena, struct one_off, rows->n + 1);
	for (size_t i = 0; i < rows->n; i++)
		items[i] = row[i].it;
	*out = (struct list){ items, rows->n };
}

static struct one_off_row near_key(uuid schedule_id, range near)
{
	return (struct one_off_row){ .schedule_id = schedule_id, .near = near };
}

static enum err one_offs_read(struct cx *cx, const struct stmt *stmt, const struct one_off_row *key, struct list *out)
{
	struct list rows;
	TRY(db_list(cx, stmt, ONE_OFF_ROW, key, ONE_OFF_ROW, sizeof(struct one_off_row), &rows));
	one_offs_of(cx, &rows, out);
	return OK;
}

enum err schedule_read_one_offs(struct cx *cx, uuid schedule_id, range near, struct list *out)
{
	struct one_off_row key = near_key(schedule_id, near);
	return one_offs_read(cx, &ONE_OFF_NEAR, &key, out);
}

enum err schedule_ask_one_offs(struct cx *cx, uuid schedule_id, range near)
{
	struct one_off_row key = near_key(schedule_id, near);
	return db_ask(cx, &ONE_OFF_NEAR, ONE_OFF_ROW, &key, ONE_OFF_ROW);
}

enum err one_off_list(struct cx *cx, uuid schedule_id, uuid after, int64_t limit, struct list *out)
{
	struct one_off_row key = { .schedule_id = schedule_id, .it.id = after, .number = limit };
	return one_offs_read(cx, &ONE_OFF_PAGE, &key, out);
}

enum err one_off_get(struct cx *cx, uuid schedule_id, uuid id, struct one_off *out)
{
	struct one_off_row row = { .schedule_id = schedule_id, .it.id = id };
	TRY(db_get(cx, &ONE_OFF_GET, ONE_OFF_ROW, &row, ONE_OFF_ROW, &row));
	*out = row.it;
	return OK;
}

static enum err one_off_save(struct cx *cx, uuid schedule_id, uuid account_id, struct one_off *o)
{
	if (!uuid_is(o->id))
		o->id = uuid_make(cx->now);
	struct one_off_row row = { .schedule_id = schedule_id, .account_id = account_id, .it = *o };
	return db_run(cx, &ONE_OFF_INSERT, ONE_OFF_ROW, &row, NULL);
}

enum err one_off_insert(struct cx *cx, uuid schedule_id, struct one_off *o)
{
	struct one_off_row row = { .schedule_id = schedule_id };
	TRY(db_get(cx, &ONE_OFF_COUNT, ONE_OFF_ROW, &row, ONE_OFF_ROW, &row));
	if (row.number >= SAVED_ONE_OFFS)
		return FAIL(cx, E_REFUSED, S(""), "a schedule has at most %d one-offs: delete some that are past",
			    SAVED_ONE_OFFS);
	o->id = (uuid){ 0 };
	return one_off_save(cx, schedule_id, cx->actor, o);
}

enum err one_off_remove(struct cx *cx, uuid schedule_id, uuid id)
{
	int64_t removed;
	struct one_off_row key = { .schedule_id = schedule_id, .it.id = id };
	TRY(db_run(cx, &ONE_OFF_DELETE, ONE_OFF_ROW, &key, &removed));
	return removed ? OK : FAIL(cx, E_NOT_FOUND, S(""), "this schedule has no one-off of that id");
}

/* given - an id that came with a new set, and where. */
struct given {
	uuid id;
	size_t index;
};

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uuid));
}

static int given_order(const void *a, const void *b)
{
	const struct given *x = a, *y = b;
	int by_id = id_order(&x->id, &y->id);
	return by_id ? by_id : x->index < y->index ? -1 : 1;
}

/* In the order in which they are read. */
static int time_order(const void *a, const void *b)
{
	const struct one_off *x = a, *y = b;
	if (x->start.s != y->start.s)
		return x->start.s < y->start.s ? -1 : 1;
	return id_order(&x->id, &y->id);
}

/* The ids of a set, in their order; the first member of both structs is the id. */
static struct given *ids_given(struct cx *cx, const struct list *set, size_t *n)
{
	const struct one_off *o = set->items;
	struct given *ids = NEWS(&cx->arena, struct given, set->n + 1);
	*n = 0;
	for (size_t i = 0; i < set->n; i++)
		if (uuid_is(o[i].id))
			ids[(*n)++] = (struct given){ o[i].id, i };
	qsort(ids, *n, sizeof *ids, given_order);
	return ids;
}

/* Ids that came with a new set must be of the old one, each once. */
static enum err one_offs_match(struct cx *cx, const struct list *new, const struct list *old)
{
	size_t n, known_n;
	const struct given *ids = ids_given(cx, new, &n), *known = ids_given(cx, old, &known_n);
	fault_clear(cx);
	for (size_t i = 0; i < n; i++) {
		const char *wrong = NULL;
		if (!bsearch(&ids[i].id, known, known_n, sizeof *known, id_order))
			wrong = "is no one-off of this schedule: leave it out for a new one";
		else if (i && uuid_same(ids[i].id, ids[i - 1].id))
			wrong = "is given twice";
		if (wrong)
			fault_add(cx, str_format(&cx->arena, "/one_offs/%zu/id", ids[i].index), "%s", wrong);
	}
	return fault_check(cx);
}

/* Saves them and puts them in the order in which they will be read. */
static enum err one_offs_save(struct cx *cx, struct saved_schedule *s)
{
	struct one_off *o = s->plan.one_offs.items;
	for (size_t i = 0; i < s->plan.one_offs.n; i++)
		TRY(one_off_save(cx, s->id, s->account_id, &o[i]));
	if (s->plan.one_offs.n)
		qsort(o, s->plan.one_offs.n, sizeof *o, time_order);
	return OK;
}

static enum err one_offs_replace(struct cx *cx, struct saved_schedule *s)
{
	struct one_off_row key = { .schedule_id = s->id };
	struct list old;
	TRY(one_offs_read(cx, &ONE_OFF_ALL, &key, &old));
	TRY(one_offs_match(cx, &s->plan.one_offs, &old));
	TRY(db_run(cx, &ONE_OFF_CLEAR, ONE_OFF_ROW, &key, NULL));
	return one_offs_save(cx, s);
}

/* ---- reading schedules */

static enum err one_offs_fill(struct cx *cx, struct saved_schedule *s)
{
	return one_offs_read(cx, &ONE_OFF_ALL, &(struct one_off_row){ .schedule_id = s->id }, &s->plan.one_offs);
}

enum err schedule_get(struct cx *cx, uuid id, struct saved_schedule *out)
{
	struct saved_schedule key = { .id = id };
	TRY(db_get(cx, &SCHEDULE_GET, SAVED_SCHEDULE_ROW, &key, SAVED_SCHEDULE_ROW, out));
	return one_offs_fill(cx, out);
}

enum err schedule_find_default(struct cx *cx, struct saved_schedule *out, bool *found)
{
	TRY(db_find(cx, &SCHEDULE_DEFAULT, NULL, NULL, SAVED_SCHEDULE_ROW, out, found));
	return *found ? one_offs_fill(cx, out) : OK;
}

enum err schedule_resolve(struct cx *cx, uuid *id)
{
	struct saved_schedule key = { .id = *id }, owned = { 0 };
	const struct stmt *stmt = uuid_is(*id) ? &SCHEDULE_OWNED : &SCHEDULE_OWNED_DEFAULT;
	bool found;
	TRY(db_find(cx, stmt, SAVED_SCHEDULE_ROW, &key, SAVED_SCHEDULE_ROW, &owned, &found));
	*id = owned.id;
	return OK;
}

enum err schedule_list(struct cx *cx, const struct schedule_filter *filter, struct list *out)
{
	TRY(db_list(cx, &SCHEDULE_PAGE, SCHEDULE_FILTER, filter, SAVED_SCHEDULE_ROW, sizeof(struct saved_schedule),
		    out));
	struct saved_schedule *s = out->items;
	for (size_t i = 0; i < out->n; i++)
		TRY(one_offs_fill(cx, &s[i]));
	return OK;
}

/* ---- what may be saved */

/* "mon, tue 09:00–17:00" */
static str rule_text(struct cx *cx, const struct weekly_rule *r)
{
	char start[MINUTE_TEXT], end[MINUTE_TEXT];
	const struct weekday_item *days = r->days.items;
	str text = S("");
	for (size_t i = 0; i < r->days.n; i++)
		text = str_format(&cx->arena, "%.*s%s%s", STR_ARG(text), i ? ", " : "", WEEKDAYS[days[i].day]);
	return str_format(&cx->arena, "%.*s %s–%s", STR_ARG(text), minute_format(start, r->start).p,
			  minute_format(end, r->end).p);
}

static enum err rules_refuse(struct cx *cx, const struct list *weekly, struct rule_pair pair)
{
	const struct weekly_rule *r = weekly->items;
	str first = str_format(&cx->arena, "/weekly/%zu", pair.first);
	str second = str_format(&cx->arena, "/weekly/%zu", pair.second);
	enum err e =
	    FAIL(cx, E_REFUSED, second, "overlaps rule %.*s (%.*s): change one of them, or make one rule of both",
		 STR_ARG(first), STR_ARG(rule_text(cx, &r[pair.first])));
	fault_add(cx, first, "overlaps rule %.*s (%.*s)", STR_ARG(second), STR_ARG(rule_text(cx, &r[pair.second])));
	return e;
}

/* The engine takes a rule without days, or with one twice; saved, either is a mistake. */
static void note_days(struct cx *cx, const struct weekly_rule *r, size_t index)
{
	const struct weekday_item *days = r->days.items;
	if (!r->days.n)
		fault_add(cx, str_format(&cx->arena, "/weekly/%zu/days", index), "must name at least one day");
	for (size_t i = 0; i < r->days.n; i++)
		for (size_t k = 0; k < i; k++)
			if (days[k].day == days[i].day)
				fault_add(cx, str_format(&cx->arena, "/weekly/%zu/days/%zu", index, i),
					  "is given twice");
}

static int override_order(const void *a, const void *b)
{
	const struct override *x = a, *y = b;
	return x->date.d < y->date.d ? -1 : x->date.d > y->date.d;
}

enum err schedule_accept(struct cx *cx, struct saved_schedule *s)
{
	const struct weekly_rule *rules = s->plan.weekly.items;
	const struct zone *zone;
	struct rule_pair pair;
	bool known = zone_load(cx, s->plan.time_zone, S(""), &zone) == OK; /* schedule_check says what is wrong */
	schedule_date(&s->plan, known ? zone_day(zone, cx->now) : (day){ cx->now.s / DAY_SECONDS });
	fault_clear(cx);
	for (size_t i = 0; i < s->plan.weekly.n; i++)
		note_days(cx, &rules[i], i);
	TRY(schedule_check(cx, &s->plan, S("")));
	if (s->plan.overrides.n)
		qsort(s->plan.overrides.items, s->plan.overrides.n, sizeof(struct override), override_order);
	return schedule_overlap(cx, &s->plan, &pair) ? rules_refuse(cx, &s->plan.weekly, pair) : OK;
}

/* ---- saving */

static enum err code_taken(struct cx *cx, const struct saved_schedule *s, enum err e)
{
	if (e != E_CONFLICT || !db_conflict_is(cx, S("schedule.code")))
		return e;
	return FAIL(cx, E_CONFLICT, S("/code"), "is \"%.*s\" in another of your schedules: choose another",
		    STR_ARG(s->code));
}

static enum err default_move(struct cx *cx, const struct saved_schedule *s)
{
	return s->is_default ? db_run(cx, &SCHEDULE_UNDEFAULT, SAVED_SCHEDULE_ROW, s, NULL) : OK;
}

enum err schedule_insert(struct cx *cx, struct saved_schedule *s)
{
	struct one_off_row count = { .account_id = s->account_id };
	TRY(db_get(cx, &SCHEDULE_COUNT, ONE_OFF_ROW, &count, ONE_OFF_ROW, &count));
	if (count.number >= SCHEDULES_MAX)
		return FAIL(cx, E_REFUSED, S(""), "an account has at most %d schedules: delete one first",
			    SCHEDULES_MAX);
	TRY(one_offs_match(cx, &s->plan.one_offs, &(struct list){ 0 }));
	s->id = uuid_make(cx->now);
	s->is_default = s->is_default || count.number == 0;
	s->version = 1;
	s->created_at = s->updated_at = cx->now;
	TRY(code_taken(cx, s, db_run(cx, &SCHEDULE_INSERT, SAVED_SCHEDULE_ROW, s, NULL)));
	TRY(default_move(cx, s));
	return one_offs_save(cx, s);
}

enum err schedule_create_default(struct cx *cx, uuid account_id, str time_zone, struct saved_schedule *out)
{
	struct weekday_item *days = NEWS(&cx->arena, struct weekday_item, FRI + 1);
	struct weekly_rule *rule = NEW(&cx->arena, struct weekly_rule);
	const struct zone *zone;
	for (unsigned d = MON; d <= FRI; d++)
		days[d].day = d;
	*rule = (struct weekly_rule){
		.days = { days, FRI + 1 },
		.start = { 9 * 60 },
		.end = { 17 * 60 },
		.kind = TIME_AVAILABLE,
	};
	TRY(zone_load(cx, time_zone, S("/time_zone"), &zone));
	schedule_year(rule, zone_day(zone, cx->now));
	*out = (struct saved_schedule){
		.account_id = account_id,
		.code = str_of(DEFAULT_CODE),
		.name = str_of(DEFAULT_NAME),
		.plan = { .time_zone = time_zone, .weekly = { rule, 1 } },
		.is_default = true,
	};
	return schedule_insert(cx, out);
}

enum err schedule_update(struct cx *cx, struct saved_schedule *s, bool one_offs)
{
	if (one_offs)
		TRY(one_offs_replace(cx, s));
	TRY(code_taken(cx, s, db_get(cx, &SCHEDULE_UPDATE, SAVED_SCHEDULE_ROW, s, SAVED_SCHEDULE_ROW, s)));
	return default_move(cx, s);
}

enum err schedule_touch(struct cx *cx, struct saved_schedule *s)
{
	return db_get(cx, &SCHEDULE_TOUCH, SAVED_SCHEDULE_ROW, s, SAVED_SCHEDULE_ROW, s);
}

/* The codes of the event types that use it, for the message; absent: none do. */
static enum err users_name(struct cx *cx, const struct saved_schedule *s, str *out)
{
	struct list users;
	TRY(db_list(cx, &SCHEDULE_USERS, SAVED_SCHEDULE_ROW, s, SAVED_SCHEDULE_ROW, sizeof(struct saved_schedule),
		    &users));
	const struct saved_schedule *user = users.items;
	*out = (str){ 0 };
	for (size_t i = 0; i < users.n && i < USERS_NAMED; i++)
		*out = str_format(&cx->arena, "%.*s%s\"%.*s\"", STR_ARG(*out), i ? ", " : "", STR_ARG(user[i].code));
	if (users.n > USERS_NAMED)
		*out = str_format(&cx->arena, "%.*s and others", STR_ARG(*out));
	return OK;
}

enum err schedule_remove(struct cx *cx, const struct saved_schedule *s)
{
	str users;
	if (s->is_default)
		return FAIL(cx, E_REFUSED, S("/is_default"),
			    "must be false before you delete it: make another schedule the default first");
	TRY(users_name(cx, s, &users));
	if (users.p)
		return FAIL(cx, E_REFUSED, S(""), "event types use this schedule: give %.*s another one first",
			    STR_ARG(users));
	TRY(db_run(cx, &SCHEDULE_RELEASE, SAVED_SCHEDULE_ROW, s, NULL));
	return db_run(cx, &SCHEDULE_DELETE, SAVED_SCHEDULE_ROW, s, NULL);
}
