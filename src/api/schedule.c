/* Schedules, and their parts one by one: rules, overrides, one-offs.  A part is changed by reading the schedule,
 * changing the part and saving all of it, so that every way in is judged alike. */
#include "change.h"
#include "routes.h"
#include "store/schedule.h"

#include <string.h>

static const str NOTHING = { NULL, 0 };

struct schedule_query {
	int64_t limit;
	str cursor, code;
	instant updated_since;
};

static const struct field SCHEDULE_QUERY[] = {
	PAGE_FIELDS(struct schedule_query),
	FIELD(struct schedule_query, code, IN | MAYBE, .max = 60, .doc = "Only the one of that code"),
	FIELD(struct schedule_query, updated_since, IN | MAYBE, .doc = "Only those changed then or later"),
	FIELD_END,
};

/* The parts, as bodies and replies of their own. */
struct rules_body {
	struct list weekly;
};

static const struct field RULES_BODY[] = {
	LIST(struct rules_body, weekly, IN | OUT | MUST, KEPT_RULE, struct weekly_rule, .max = SCHEDULE_WEEKLY,
	     .doc = "Hours of each week; two rules of one kind must not overlap"),
	FIELD_END,
};

struct overrides_body {
	struct list overrides;
};

static const struct field OVERRIDES_BODY[] = {
	LIST(struct overrides_body, overrides, IN | OUT | MUST, OVERRIDE, struct override, .max = SAVED_OVERRIDES,
	     .doc = "Dates with hours of their own, by date"),
	FIELD_END,
};

static const struct field OVERRIDE_BODY[] = {
	LIST(struct override, intervals, IN | OUT | MUST, DAY_WINDOW, struct day_window, .max = SCHEDULE_WINDOWS,
	     .doc = "The hours of that date; none: closed"),
	FIELD_END,
};

struct one_off_query {
	int64_t limit;
	str cursor;
};

static const struct field ONE_OFF_QUERY[] = { PAGE_FIELDS(struct one_off_query), FIELD_END };

static const struct field ONE_OFF_BODY[] = {
	FIELD(struct one_off, kind, IN | OUT | MUST, .choices = AVAILABILITY,
	      .doc = "Whether it adds time or takes it"),
	FIELD(struct one_off, start, IN | OUT | MUST, .doc = "First instant, on a whole minute"),
	FIELD(struct one_off, end, IN | OUT | MUST, .doc = "The instant behind the last, on a whole minute"),
	FIELD_END,
};

static str schedule_text(struct call *c, const struct saved_schedule *s)
{
	return field_encode(&c->cx->arena, SAVED_SCHEDULE, s);
}

static enum err schedule_answer(struct call *c, const struct saved_schedule *s)
{
	call_etag(c, s->version);
	return reply_object(c, SAVED_SCHEDULE, s);
}

/* The schedule of the path, if it is still what the client thinks it is. */
static enum err schedule_load(struct call *c, struct saved_schedule *out)
{
	TRY(schedule_get(c->cx, c->id, out));
	return call_if_match(c, out->version);
}

/* Judge and save all of it. */
static enum err schedule_save(struct call *c, struct saved_schedule *s, str before, bool one_offs)
{
	TRY(schedule_accept(c->cx, s));
	TRY(schedule_update(c->cx, s, one_offs));
	call_etag(c, s->version);
	return change_note(c, S("schedule.update"), s->id, before, schedule_text(c, s));
}

/* ---- whole schedules */

static enum err schedules_show(struct call *c)
{
	const struct schedule_query *q = c->query;
	struct schedule_filter filter = { .limit = q->limit + 1, .changed_since = q->updated_since, .code = q->code };
	struct cursor after;
	struct list items;
	str next = NOTHING;
	TRY(cursor_parse(c->cx, q->cursor, &after));
	filter.after = after.id;
	TRY(schedule_list(c->cx, &filter, &items));
	if (page_cut(&items, q->limit)) {
		const struct saved_schedule *last = (const struct saved_schedule *)items.items + items.n - 1;
		next = cursor_format(&c->cx->arena, &(struct cursor){ .id = last->id });
	}
	return reply_list(c, SAVED_SCHEDULE, sizeof(struct saved_schedule), &items, next);
}

static enum err schedule_create(struct call *c)
{
	struct saved_schedule *s = c->body;
	s->account_id = c->cx->actor;
	TRY(schedule_accept(c->cx, s));
	TRY(schedule_insert(c->cx, s));
	TRY(change_note(c, S("schedule.create"), s->id, NOTHING, schedule_text(c, s)));
	change_location(c, s->id);
	return schedule_answer(c, s);
}

static enum err schedule_show(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_get(c->cx, c->id, &s));
	return schedule_answer(c, &s);
}

static enum err schedule_replace(struct call *c)
{
	struct saved_schedule *s = c->body, now;
	TRY(schedule_load(c, &now));
	s->id = now.id;
	s->account_id = now.account_id;
	s->created_at = now.created_at;
	s->is_default = s->is_default || now.is_default;
	TRY(schedule_save(c, s, schedule_text(c, &now), true));
	return schedule_answer(c, s);
}

static enum err schedule_patch(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_load(c, &s));
	str before = schedule_text(c, &s);
	bool was_default = s.is_default;
	const void *one_offs = s.plan.one_offs.items;
	TRY(call_merge(c, SAVED_SCHEDULE, &s));
	if (was_default && !s.is_default)
		return FAIL(c->cx, E_REFUSED, S("/is_default"),
			    "must stay true: make another schedule the default instead");
	TRY(schedule_save(c, &s, before, s.plan.one_offs.items != one_offs));
	return schedule_answer(c, &s);
}

static enum err schedule_drop(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_load(c, &s));
	TRY(schedule_remove(c->cx, &s));
	return change_note(c, S("schedule.delete"), s.id, schedule_text(c, &s), NOTHING);
}

/* ---- rules */

static enum err rules_show(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_get(c->cx, c->id, &s));
	call_etag(c, s.version);
	return reply_object(c, RULES_BODY, &(struct rules_body){ s.plan.weekly });
}

static enum err rules_replace(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_load(c, &s));
	str before = schedule_text(c, &s);
	s.plan.weekly = ((const struct rules_body *)c->body)->weekly;
	TRY(schedule_save(c, &s, before, false));
	return reply_object(c, RULES_BODY, &(struct rules_body){ s.plan.weekly });
}

/* ---- overrides */

static enum err overrides_show(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_get(c->cx, c->id, &s));
	call_etag(c, s.version);
	return reply_object(c, OVERRIDES_BODY, &(struct overrides_body){ s.plan.overrides });
}

static enum err overrides_replace(struct call *c)
{
	struct saved_schedule s;
	TRY(schedule_load(c, &s));
	str before = schedule_text(c, &s);
	s.plan.overrides = ((const struct overrides_body *)c->body)->overrides;
	TRY(schedule_save(c, &s, before, false));
	return reply_object(c, OVERRIDES_BODY, &(struct overrides_body){ s.plan.overrides });
}

static enum err date_parse(struct call *c, day *out)
{
	if (day_parse(c->parameters[1], out))
		return OK;
	return FAIL(c->cx, E_INVALID, S("/date"), "must be a date that exists, like 2026-03-02, from 1970 to 2199");
}

/* The overrides without those of a date, with room for one more; *at is where that date belongs. */
static struct list overrides_without(struct call *c, const struct list *list, day date, size_t *at)
{
	const struct override *old = list->items;
	struct override *items = NEWS(&c->cx->arena, struct override, list->n + 1);
	size_t n = 0;
	*at = 0;
	for (size_t i = 0; i < list->n; i++) {
		*at += old[i].date.d < date.d;
		if (old[i].date.d != date.d)
			items[n++] = old[i];
	}
	return (struct list){ items, n };
}

static enum err override_put(struct call *c)
{
	struct override put = *(const struct override *)c->body;
	struct saved_schedule s;
	size_t at;
	TRY(date_parse(c, &put.date));
	TRY(schedule_load(c, &s));
	str before = schedule_text(c, &s);
	struct list list = overrides_without(c, &s.plan.overrides, put.date, &at);
	if (list.n >= SAVED_OVERRIDES)
		return FAIL(c->cx, E_REFUSED, S(""), "a schedule has at most %d overrides: delete some that are past",
			    SAVED_OVERRIDES);
	schedule_note_override(c->cx, &put, S(""));
	TRY(fault_check(c->cx));
	struct override *items = list.items;
	at = at < list.n ? at : list.n;
	memmove(items + at + 1, items + at, (list.n - at) * sizeof *items);
	items[at] = put;
	s.plan.overrides = (struct list){ items, list.n + 1 };
	TRY(schedule_save(c, &s, before, false));
	return reply_object(c, OVERRIDE, &put);
}

static enum err override_drop(struct call *c)
{
	struct saved_schedule s;
	day date;
	size_t at;
	TRY(date_parse(c, &date));
	TRY(schedule_load(c, &s));
	str before = schedule_text(c, &s);
	struct list list = overrides_without(c, &s.plan.overrides, date, &at);
	if (list.n == s.plan.overrides.n)
		return FAIL(c->cx, E_NOT_FOUND, S(""), "this schedule has no override of that date");
	s.plan.overrides = list;
	return schedule_save(c, &s, before, false);
}

/* ---- one-offs */

static enum err one_offs_show(struct call *c)
{
	const struct one_off_query *q = c->query;
	struct saved_schedule s;
	struct cursor after;
	struct list items;
	str next = NOTHING;
	TRY(schedule_get(c->cx, c->id, &s));
	TRY(cursor_parse(c->cx, q->cursor, &after));
	TRY(one_off_list(c->cx, c->id, after.id, q->limit + 1, &items));
	if (page_cut(&items, q->limit)) {
		const struct one_off *last = (const struct one_off *)items.items + items.n - 1;
		next = cursor_format(&c->cx->arena, &(struct cursor){ .id = last->id });
	}
	call_etag(c, s.version);
	return reply_list(c, SAVED_ONE_OFF, sizeof(struct one_off), &items, next);
}

static enum err one_off_create(struct call *c)
{
	struct one_off *o = c->body;
	struct saved_schedule s;
	TRY(schedule_load(c, &s));
	schedule_note_one_off(c->cx, o, S(""));
	TRY(fault_check(c->cx));
	TRY(one_off_insert(c->cx, s.id, o));
	TRY(schedule_touch(c->cx, &s));
	TRY(change_note(c, S("one_off.create"), o->id, NOTHING, field_encode(&c->cx->arena, SAVED_ONE_OFF, o)));
	call_etag(c, s.version);
	return reply_object(c, SAVED_ONE_OFF, o);
}

static enum err one_off_drop(struct call *c)
{
	struct saved_schedule s;
	struct one_off o;
	uuid id;
	TRY(schedule_load(c, &s));
	if (!uuid_parse(c->parameters[1], &id))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "this schedule has no one-off of that id");
	TRY(one_off_get(c->cx, s.id, id, &o));
	TRY(one_off_remove(c->cx, s.id, id));
	TRY(schedule_touch(c->cx, &s));
	return change_note(c, S("one_off.delete"), id, field_encode(&c->cx->arena, SAVED_ONE_OFF, &o), NOTHING);
}

#define READS  .may = MAY_USER, .tx = TX_READ, .limit = LIMIT_READ, .scope = "schedules:read"
#define WRITES .may = MAY_USER, .tx = TX_WRITE, .limit = LIMIT_WRITE, .scope = "schedules:write"
#define WHOLE  .body = SAVED_SCHEDULE, .body_size = sizeof(struct saved_schedule), .body_max = SCHEDULE_BODY

const struct route SCHEDULE_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/schedules",
	  .run = schedules_show,
	  READS,
	  .query = SCHEDULE_QUERY,
	  .query_size = sizeof(struct schedule_query),
	  .reply = SAVED_SCHEDULE,
	  .list = true,
	  .name = "listSchedules",
	  .doc = "One's schedules, by id: in the order they were made" },
	{ .method = "POST",
	  .path = "/v1/schedules",
	  .run = schedule_create,
	  WRITES,
	  WHOLE,
	  .creates = true,
	  .status = 201,
	  .reply = SAVED_SCHEDULE,
	  .name = "createSchedule",
	  .doc = "Make a schedule.  A rule without from or until holds without bound on that side" },
	{ .method = "GET",
	  .path = "/v1/schedules/{id}",
	  .run = schedule_show,
	  READS,
	  .reply = SAVED_SCHEDULE,
	  .name = "getSchedule",
	  .doc = "One schedule with all its parts" },
	{ .method = "PUT",
	  .path = "/v1/schedules/{id}",
	  .run = schedule_replace,
	  WRITES,
	  WHOLE,
	  .reply = SAVED_SCHEDULE,
	  .name = "replaceSchedule",
	  .doc = "Replace all of a schedule; what is missing is emptied" },
	{ .method = "PATCH",
	  .path = "/v1/schedules/{id}",
	  .run = schedule_patch,
	  WRITES,
	  .merge = SAVED_SCHEDULE,
	  .body_max = SCHEDULE_BODY,
	  .reply = SAVED_SCHEDULE,
	  .name = "updateSchedule",
	  .doc = "Change the members named; lists are replaced whole" },
	{ .method = "DELETE",
	  .path = "/v1/schedules/{id}",
	  .run = schedule_drop,
	  WRITES,
	  .status = 204,
	  .name = "deleteSchedule",
	  .doc = "Delete a schedule that is not the default one and that no event type uses" },
	{ .method = "GET",
	  .path = "/v1/schedules/{id}/rules",
	  .run = rules_show,
	  READS,
	  .reply = RULES_BODY,
	  .name = "getScheduleRules",
	  .doc = "The weekly rules" },
	{ .method = "PUT",
	  .path = "/v1/schedules/{id}/rules",
	  .run = rules_replace,
	  WRITES,
	  .body = RULES_BODY,
	  .body_size = sizeof(struct rules_body),
	  .body_max = SCHEDULE_BODY,
	  .reply = RULES_BODY,
	  .name = "replaceScheduleRules",
	  .doc = "Replace all weekly rules" },
	{ .method = "GET",
	  .path = "/v1/schedules/{id}/overrides",
	  .run = overrides_show,
	  READS,
	  .reply = OVERRIDES_BODY,
	  .name = "getScheduleOverrides",
	  .doc = "The dates with hours of their own" },
	{ .method = "PUT",
	  .path = "/v1/schedules/{id}/overrides",
	  .run = overrides_replace,
	  WRITES,
	  .body = OVERRIDES_BODY,
	  .body_size = sizeof(struct overrides_body),
	  .body_max = SCHEDULE_BODY,
	  .reply = OVERRIDES_BODY,
	  .name = "replaceScheduleOverrides",
	  .doc = "Replace all overrides" },
	{ .method = "PUT",
	  .path = "/v1/schedules/{id}/overrides/{date}",
	  .run = override_put,
	  WRITES,
	  .body = OVERRIDE_BODY,
	  .body_size = sizeof(struct override),
	  .reply = OVERRIDE,
	  .name = "putScheduleOverride",
	  .doc = "Set the hours of one date; no intervals close it" },
	{ .method = "DELETE",
	  .path = "/v1/schedules/{id}/overrides/{date}",
	  .run = override_drop,
	  WRITES,
	  .status = 204,
	  .name = "deleteScheduleOverride",
	  .doc = "The date has its weekly hours again" },
	{ .method = "GET",
	  .path = "/v1/schedules/{id}/one-offs",
	  .run = one_offs_show,
	  READS,
	  .query = ONE_OFF_QUERY,
	  .query_size = sizeof(struct one_off_query),
	  .reply = SAVED_ONE_OFF,
	  .list = true,
	  .name = "listOneOffs",
	  .doc = "Extra and blocked times, by id: in the order they were made" },
	{ .method = "POST",
	  .path = "/v1/schedules/{id}/one-offs",
	  .run = one_off_create,
	  WRITES,
	  .body = ONE_OFF_BODY,
	  .body_size = sizeof(struct one_off),
	  .creates = true,
	  .status = 201,
	  .reply = SAVED_ONE_OFF,
	  .name = "createOneOff",
	  .doc = "Add or block time between two instants" },
	{ .method = "DELETE",
	  .path = "/v1/schedules/{id}/one-offs/{one_off_id}",
	  .run = one_off_drop,
	  WRITES,
	  .status = 204,
	  .name = "deleteOneOff",
	  .doc = "Take back one of them" },
	{ 0 },
};
