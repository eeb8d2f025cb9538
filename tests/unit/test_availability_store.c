/* Availability: which rows reach the engine.  Times are hours of Monday 2026-02-02, UTC; now is 02:40. */
#include "core/zone.h"
#include "scene.h"
#include "store/guard.h"

enum { MONDAY = 1769990400 };

static instant hour(int64_t h)
{
	return (instant){ MONDAY + h * HOUR_SECONDS };
}

struct offer {
	struct saved_schedule schedule;
	struct event_type type;
	struct availability a;
	struct slot_query query;
};

static void offer_make_on(struct scene *s, struct offer *o, const char *weekly, const char *event)
{
	str json = str_format(&s->cx.arena,
			      "{\"code\":\"c\",\"title\":\"t\",\"minimum_notice_minutes\":0,"
			      "\"durations\":[{\"minutes\":60}]%s}",
			      event);
	str schedule = str_format(&s->cx.arena,
				  "{\"name\":\"n\",\"code\":\"c\",\"time_zone\":\"UTC\",\"weekly\":[{%s}]}", weekly);
	assert_int_equal(scene_schedule(s, schedule.p, &o->schedule), OK);
	assert_int_equal(scene_event_type(s, o->schedule.id, json.p, &o->type), OK);
	o->query = (struct slot_query){ .time_zone = S("UTC") };
	assert_true(day_parse(S("2026-02-02"), &o->query.from));
	o->query.to = o->query.from;
}

static void offer_make(struct scene *s, struct offer *o, const char *event)
{
	offer_make_on(s, o, "\"days\":[\"mon\"],\"start\":\"08:00\",\"end\":\"12:00\"", event);
}

/* The slots of that Monday as hours: "8 9 10 11". */
static str offer_slots(struct scene *s, struct offer *o)
{
	struct list slots;
	str text = S("");
	assert_int_equal(availability_load(&s->cx, &o->a, 60, &o->query), OK);
	assert_int_equal(slot_list(&s->cx, &o->a.slots, &slots), OK);
	for (size_t i = 0; i < slots.n; i++) {
		const struct slot *slot = (const struct slot *)slots.items + i;
		text = str_format(&s->cx.arena, "%.*s%s%lld", STR_ARG(text), i ? " " : "",
				  (long long)(slot->start.s - MONDAY) / HOUR_SECONDS);
	}
	return text;
}

static void offer_is(struct scene *s, struct offer *o, const char *wanted)
{
	assert_int_equal(availability_get(&s->cx, o->type.id, &o->a), OK);
	assert_string_equal(str_to_c(&s->cx.arena, offer_slots(s, o)), wanted);
}

/* A reservation of ada's from one hour to another. */
static uuid reserve(struct scene *s, const struct offer *o, instant from, instant to, int buffer, int seats,
		    const char *expires)
{
	uuid id = uuid_make(s->cx.now);
	scene_sql(s, str_format(&s->cx.arena,
				"INSERT INTO reservation VALUES (%s, %s, %s, %lld, %lld, %d, %d, %d, NULL, %s)",
				scene_blob(s, id), scene_blob(s, s->ada), scene_blob(s, o->type.id),
				(long long)from.s, (long long)to.s, buffer, buffer, seats, expires)
			 .p);
	return id;
}

static uuid hold(struct scene *s, uuid reservation, instant expires)
{
	uuid id = uuid_make(s->cx.now);
	scene_sql(s, str_format(&s->cx.arena, "INSERT INTO hold VALUES (%s, %s, x'00', NULL, %lld)",
				scene_blob(s, id), scene_blob(s, reservation), (long long)expires.s)
			 .p);
	return id;
}

static void book(struct scene *s, const struct offer *o, const char *reservation, const char *status, instant start)
{
	scene_sql(
	    s, str_format(
		   &s->cx.arena,
		   "INSERT INTO booking (id, account_id, event_type_id, reservation_id, status, starts_at, ends_at,"
		   " time_zone, language, invitee_name, invitee_email, title, notes, metadata, sequence, version,"
		   " created_at, updated_at) VALUES (%s, %s, %s, %s, '%s', %lld, %lld, 'UTC', 'en', 'Eve',"
		   " 'eve@example.org', 'Talk', '', '{}', 0, 1, 0, 0)",
		   scene_blob(s, uuid_make(s->cx.now)), scene_blob(s, s->ada), scene_blob(s, o->type.id), reservation,
		   status, (long long)start.s, (long long)hour((start.s - MONDAY) / 3600 + 1).s)
		   .p);
}

static const char *at_hour(struct scene *s, int64_t h)
{
	return str_format(&s->cx.arena, "%lld", (long long)hour(h).s).p;
}

static void an_empty_day(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	offer_is(s, &o, "8 9 10 11");
	assert_true(o.a.active && uuid_same(o.a.account_id, s->ada));
	assert_int_equal(availability_get(&s->cx, s->bob, &o.a), E_NOT_FOUND);
}

static void meetings_take_time(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	reserve(s, &o, hour(9), hour(10), 0, 1, "NULL");
	uuid last = reserve(s, &o, hour(11), hour(13), 0, 1, "NULL"); /* reaches over the day's end */
	reserve(s, &o, hour(30), hour(31), 0, 1, "NULL");
	offer_is(s, &o, "8 10");
	o.a.except_reservation = last;
	assert_string_equal(str_to_c(&s->cx.arena, offer_slots(s, &o)), "8 10 11");
}

static void a_meeting_longer_than_the_query(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	reserve(s, &o, hour(-30), hour(80), 0, 1, "NULL");
	offer_is(s, &o, "");
}

static void buffers_of_meetings_reach_in(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	reserve(s, &o, hour(-12), hour(-11), 20 * 60, 1, "NULL"); /* until 09:00 */
	reserve(s, &o, hour(31), hour(32), 20 * 60, 1, "NULL");   /* from 11:00 */
	offer_is(s, &o, "9 10");
}

static void holds_take_time_until_they_end(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	reserve(s, &o, hour(8), hour(9), 0, 1, at_hour(s, 4));
	reserve(s, &o, hour(10), hour(11), 0, 1, at_hour(s, 3));
	offer_is(s, &o, "9 11");
	assert_int_equal(o.a.hold_ends.s, hour(3).s);
	s->cx.now = hour(3);
	offer_is(s, &o, "9 10 11");
	assert_int_equal(o.a.hold_ends.s, hour(4).s);
	s->cx.now = hour(4);
	offer_is(s, &o, "8 9 10 11");
	assert_int_equal(o.a.hold_ends.s, NONE);
}

static void seats_are_shared(void **state)
{
	struct scene *s = *state;
	struct offer o;
	struct list slots;
	offer_make(s, &o, ",\"seats\":3");
	uuid full = reserve(s, &o, hour(8), hour(9), 0, 3, "NULL");
	book(s, &o, scene_blob(s, full), "confirmed", hour(8));
	book(s, &o, "NULL", "cancelled", hour(8));
	uuid mine = hold(s, full, hour(4));
	hold(s, full, hour(3));
	hold(s, full, hour(2)); /* has ended */
	offer_is(s, &o, "9 10 11");
	assert_int_equal(o.a.hold_ends.s, hour(3).s);
	o.a.except_hold = mine;
	assert_int_equal(availability_load(&s->cx, &o.a, 60, &o.query), OK);
	assert_int_equal(slot_list(&s->cx, &o.a.slots, &slots), OK);
	assert_int_equal(slots.n, 4);
	assert_int_equal(((const struct slot *)slots.items)[0].seats_left, 1);

	uuid alone = reserve(s, &o, hour(10), hour(11), 0, 3, at_hour(s, 4));
	o.a.except_hold = hold(s, alone, hour(4));
	assert_int_equal(availability_load(&s->cx, &o.a, 60, &o.query), OK);
	assert_int_equal(o.a.slots.meetings.n, 1); /* what only one's own hold stands on is not there */
}

static void one_offs_and_overrides_are_loaded(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, "");
	struct one_off busy = { .kind = TIME_BUSY, .start = hour(9), .end = hour(10) };
	struct one_off extra = { .kind = TIME_AVAILABLE, .start = hour(20), .end = hour(21) };
	assert_int_equal(one_off_insert(&s->cx, o.schedule.id, &busy), OK);
	assert_int_equal(one_off_insert(&s->cx, o.schedule.id, &extra), OK);
	offer_is(s, &o, "8 10 11 20");
	struct day_window window = { { 14 * 60 }, { 15 * 60 } };
	struct override override = { .date = o.query.from, .intervals = { &window, 1 } };
	o.schedule.plan.overrides = (struct list){ &override, 1 };
	assert_int_equal(schedule_update(&s->cx, &o.schedule, false), OK);
	offer_is(s, &o, "14 20");
}

static void limits_count_outside_the_query(void **state)
{
	struct scene *s = *state;
	struct offer o;
	offer_make(s, &o, ",\"limits\":{\"month\":2}");
	reserve(s, &o, hour(20 * 24), hour(20 * 24 + 1), 0, 1, "NULL");
	offer_is(s, &o, "8 9 10 11");
	reserve(s, &o, hour(26 * 24), hour(26 * 24 + 1), 0, 1, "NULL"); /* 28 February */
	offer_is(s, &o, "");
}

static void versions_follow_the_rows(void **state)
{
	struct scene *s = *state;
	struct offer o;
	struct versions v;
	bool found;
	offer_make(s, &o, "");
	offer_is(s, &o, "8 9 10 11");
	assert_int_equal(versions_find(&s->cx, o.type.id, &v, &found), OK);
	assert_true(found);
	assert_memory_equal(&v, &o.a.versions, sizeof v);
	assert_int_equal(schedule_touch(&s->cx, &o.schedule), OK);
	scene_sql(s, "UPDATE bookable SET version = 7");
	assert_int_equal(event_type_update(&s->cx, &o.type), OK);
	assert_int_equal(versions_find(&s->cx, o.type.id, &v, &found), OK);
	assert_memory_equal(&v, &((struct versions){ 7, 2, 2 }), sizeof v);
	o.type.active = false;
	assert_int_equal(event_type_update(&s->cx, &o.type), OK);
	assert_int_equal(versions_find(&s->cx, o.type.id, &v, &found), OK);
	assert_false(found);
}

static void hosts_have_their_default_schedule(void **state)
{
	struct scene *s = *state;
	struct offer o;
	struct host_time host;
	struct intervals open;
	range near = { hour(0), hour(24) };
	offer_make(s, &o, "");
	reserve(s, &o, hour(9), hour(10), 0, 1, "NULL");
	reserve(s, &o, hour(11), hour(12), 0, 1, at_hour(s, 2)); /* an ended hold */
	assert_int_equal(host_time_load(&s->cx, s->ada, (uuid){ 0 }, near, &host), OK);
	assert_int_equal(free_list(&s->cx, &o.query, &host, &open), OK);
	assert_int_equal(open.n, 2);
	assert_int_equal(open.items[0].to.s, hour(9).s);
	assert_int_equal(open.items[1].to.s, hour(12).s);
	assert_int_equal(host_time_load(&s->cx, s->bob, (uuid){ 0 }, near, &host), OK);
	assert_int_equal(free_list(&s->cx, &o.query, &host, &open), OK);
	assert_int_equal(open.n, 0);
	assert_int_equal(host_time_load(&s->cx, s->ada, o.schedule.id, near, &host), OK);
	assert_int_equal(host_time_load(&s->cx, s->bob, o.schedule.id, near, &host), E_NOT_FOUND);
}

static void calendars_show_what_is_not_cancelled(void **state)
{
	struct scene *s = *state;
	struct offer o;
	struct list list;
	offer_make(s, &o, "");
	book(s, &o, "NULL", "confirmed", hour(-1));
	book(s, &o, "NULL", "confirmed", hour(9));
	book(s, &o, "NULL", "cancelled", hour(10));
	book(s, &o, "NULL", "confirmed", hour(24));
	assert_int_equal(calendar_meetings(&s->cx, (range){ hour(0), hour(24) }, &list), OK);
	assert_int_equal(list.n, 1);
	assert_true(str_is(((const struct calendar_meeting *)list.items)->title, S("Talk")));
	s->cx.actor = s->bob;
	assert_int_equal(calendar_meetings(&s->cx, (range){ hour(0), hour(24) }, &list), OK);
	assert_int_equal(list.n, 0);
}

/* Many who are refused wait for one commit, each with its arena: the weeks in which alternatives were looked for must not
 * stay there. */
static void a_refusal_keeps_little(void **state)
{
	enum { KEPT = 64 << 10 };
	struct scene *s = *state;
	struct offer o;
	uuid none = { 0 };
	offer_make_on(s, &o,
		      "\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"],"
		      "\"start\":\"00:00\",\"end\":\"24:00\"",
		      ",\"interval_minutes\":5");
	reserve(s, &o, hour(9), hour(10), 0, 1, "NULL");
	struct claim claim = { .event_type_id = o.type.id,
			       .start = hour(9),
			       .duration_minutes = 60,
			       .time_zone = S("UTC"),
			       .expires_at = { NONE } };
	size_t before = s->cx.arena.used;
	assert_int_equal(guard_look(&s->cx, &claim, none, none), E_SLOT_TAKEN);
	assert_non_null(strstr(s->cx.fault.extra.p, "{\"start\":\"2026-02-02T08:00:00Z\"}"));
	assert_true(s->cx.arena.used - before <= KEPT);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(an_empty_day),
		SCENE(meetings_take_time),
		SCENE(a_meeting_longer_than_the_query),
		SCENE(buffers_of_meetings_reach_in),
		SCENE(holds_take_time_until_they_end),
		SCENE(seats_are_shared),
		SCENE(one_offs_and_overrides_are_loaded),
		SCENE(limits_count_outside_the_query),
		SCENE(versions_follow_the_rows),
		SCENE(hosts_have_their_default_schedule),
		SCENE(calendars_show_what_is_not_cancelled),
		SCENE(a_refusal_keeps_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
