/* Saved schedules: what may be saved, what is read back, what a change raises, and whose they are. */
#include "scene.h"

static const char WEEK[] = "{\"name\":\"Work\",\"code\":\"work\",\"time_zone\":\"Europe/Berlin\","
			   "\"weekly\":[{\"days\":[\"mon\",\"tue\"],\"start\":\"09:00\",\"end\":\"17:00\"}],"
			   "\"overrides\":[{\"date\":\"2026-03-02\",\"intervals\":[]}],"
			   "\"one_offs\":[{\"kind\":\"busy\",\"start\":\"2026-03-03T10:00:00Z\","
			   "\"end\":\"2026-03-03T11:00:00Z\"}]}";

static void default_is_monday_to_friday(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made, read;
	bool found;
	s->cx.actor = (uuid){ 0 }; /* as when an account is made */
	assert_int_equal(schedule_create_default(&s->cx, s->ada, S("Asia/Kolkata"), &made), OK);
	s->cx.actor = s->ada;
	assert_int_equal(schedule_find_default(&s->cx, &read, &found), OK);
	assert_true(found && uuid_same(read.id, made.id) && read.is_default);
	assert_true(
	    str_is(field_encode(&s->cx.arena, SCHEDULE, &read.plan),
		   S("{\"time_zone\":\"Asia/Kolkata\",\"weekly\":[{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\","
		     "\"fri\"],\"start\":\"09:00\",\"end\":\"17:00\",\"kind\":\"available\","
		     "\"from\":\"2026-02-02\",\"until\":\"2027-02-02\"}],\"overrides\":[],\"one_offs\":[]}")));
}

static void what_was_saved_is_read(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made, read;
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	assert_true(made.is_default); /* the first of its account */
	assert_int_equal(made.version, 1);
	assert_int_equal(schedule_get(&s->cx, made.id, &read), OK);
	assert_true(str_is(field_encode(&s->cx.arena, SAVED_SCHEDULE, &made),
			   field_encode(&s->cx.arena, SAVED_SCHEDULE, &read)));
	assert_int_equal(read.plan.one_offs.n, 1);
	assert_true(uuid_is(((const struct one_off *)read.plan.one_offs.items)->id));
}

static void others_have_nothing(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made, read;
	struct one_off one;
	struct list list;
	bool found;
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	uuid one_id = ((const struct one_off *)made.plan.one_offs.items)->id;
	s->cx.actor = s->bob;
	assert_int_equal(schedule_get(&s->cx, made.id, &read), E_NOT_FOUND);
	assert_int_equal(schedule_touch(&s->cx, &made), E_NOT_FOUND);
	assert_int_equal(schedule_update(&s->cx, &made, false), E_NOT_FOUND);
	assert_int_equal(one_off_get(&s->cx, made.id, one_id, &one), E_NOT_FOUND);
	assert_int_equal(one_off_remove(&s->cx, made.id, one_id), E_NOT_FOUND);
	assert_int_equal(one_off_list(&s->cx, made.id, (uuid){ 0 }, 10, &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(schedule_find_default(&s->cx, &read, &found), OK);
	assert_false(found);
	made.is_default = false;
	assert_int_equal(schedule_remove(&s->cx, &made), OK); /* nothing of his */
	s->cx.actor = s->ada;
	assert_int_equal(schedule_get(&s->cx, made.id, &read), OK);
	assert_int_equal(read.plan.one_offs.n, 1);
}

static void codes_are_unique_for_an_account(void **state)
{
	struct scene *s = *state;
	struct saved_schedule first, second;
	assert_int_equal(scene_schedule(s, WEEK, &first), OK);
	scene_fault(s, scene_schedule(s, WEEK, &second), E_CONFLICT, "/code");
	s->cx.actor = s->bob;
	assert_int_equal(scene_schedule(s, WEEK, &second), OK);
	second.code = S("play");
	second.is_default = false;
	second.plan.one_offs = (struct list){ 0 };
	assert_int_equal(schedule_insert(&s->cx, &second), OK);
	second.code = S("work");
	scene_fault(s, schedule_update(&s->cx, &second, false), E_CONFLICT, "/code");
}

static void overlapping_rules_are_both_named(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	enum err e = scene_schedule(s,
				    "{\"name\":\"a\",\"code\":\"a\",\"time_zone\":\"UTC\",\"weekly\":["
				    "{\"days\":[\"mon\"],\"start\":\"09:00\",\"end\":\"12:00\"},"
				    "{\"days\":[\"mon\"],\"start\":\"10:00\",\"end\":\"11:00\",\"kind\":\"busy\"},"
				    "{\"days\":[\"sun\",\"mon\"],\"start\":\"11:59\",\"end\":\"13:00\"}]}",
				    &made);
	scene_fault(s, e, E_REFUSED, "/weekly/0");
	scene_fault(s, e, E_REFUSED, "/weekly/2");
}

static void problems_have_pointers(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	enum err e = scene_schedule(
	    s,
	    "{\"name\":\"a\",\"code\":\"a\",\"time_zone\":\"UTC\",\"weekly\":["
	    "{\"days\":[\"mon\"],\"start\":\"09:00\",\"end\":\"09:00\"},"
	    "{\"days\":[],\"start\":\"09:00\",\"end\":\"10:00\"},"
	    "{\"days\":[\"tue\",\"tue\"],\"start\":\"09:00\",\"end\":\"10:00\"}],"
	    "\"overrides\":[{\"date\":\"2026-03-02\"},{\"date\":\"2026-03-02\"}],"
	    "\"one_offs\":[{\"kind\":\"busy\",\"start\":\"2026-03-03T10:00:30Z\",\"end\":\"2026-03-03T09:00:00Z\"}]}",
	    &made);
	scene_fault(s, e, E_INVALID, "/weekly/0/end");
	scene_fault(s, e, E_INVALID, "/weekly/1/days");
	scene_fault(s, e, E_INVALID, "/weekly/2/days/1");
	scene_fault(s, e, E_INVALID, "/overrides/1/date");
	scene_fault(s, e, E_INVALID, "/one_offs/0/start");
	scene_fault(s, e, E_INVALID, "/one_offs/0/end");
}

static void the_default_moves(void **state)
{
	struct scene *s = *state;
	struct saved_schedule first, second, read;
	bool found;
	assert_int_equal(scene_schedule(s, WEEK, &first), OK);
	second = first;
	second.code = S("second");
	second.is_default = false;
	second.plan.one_offs = (struct list){ 0 };
	assert_int_equal(schedule_insert(&s->cx, &second), OK);
	assert_false(second.is_default);
	second.is_default = true;
	assert_int_equal(schedule_update(&s->cx, &second, false), OK);
	assert_int_equal(schedule_find_default(&s->cx, &read, &found), OK);
	assert_true(found && uuid_same(read.id, second.id));
	assert_int_equal(schedule_get(&s->cx, first.id, &read), OK);
	assert_false(read.is_default);
	assert_int_equal(read.version, 2); /* it changed too */
}

static void one_offs_keep_their_ids(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made, read;
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	struct one_off two[2] = { *(const struct one_off *)made.plan.one_offs.items };
	two[1] = (struct one_off){ .kind = TIME_AVAILABLE, .start = { 1780000020 }, .end = { 1780000080 } };
	made.plan.one_offs = (struct list){ two, 2 };
	assert_int_equal(schedule_update(&s->cx, &made, true), OK);
	assert_int_equal(made.version, 2);
	assert_int_equal(schedule_get(&s->cx, made.id, &read), OK);
	const struct one_off *saved = read.plan.one_offs.items;
	assert_int_equal(read.plan.one_offs.n, 2);
	assert_true(uuid_same(saved[0].id, two[0].id));
	assert_true(uuid_is(saved[1].id) && saved[1].start.s == 1780000020);

	two[1].id = two[0].id;
	scene_fault(s, schedule_update(&s->cx, &made, true), E_INVALID, "/one_offs/1/id");
	two[1].id = uuid_make(s->cx.now);
	scene_fault(s, schedule_update(&s->cx, &made, true), E_INVALID, "/one_offs/1/id");
	assert_int_equal(schedule_get(&s->cx, made.id, &read), OK);
	assert_int_equal(read.plan.one_offs.n, 2);
}

static void one_offs_one_by_one(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	struct one_off one = { .kind = TIME_BUSY, .start = { 1780000020 }, .end = { 1780000080 } }, read;
	struct list list;
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	assert_int_equal(one_off_insert(&s->cx, made.id, &one), OK);
	assert_int_equal(one_off_get(&s->cx, made.id, one.id, &read), OK);
	assert_int_equal(read.start.s, one.start.s);
	assert_int_equal(one_off_list(&s->cx, made.id, (uuid){ 0 }, 1, &list), OK);
	assert_int_equal(list.n, 1);
	uuid first = ((const struct one_off *)list.items)->id;
	assert_int_equal(one_off_list(&s->cx, made.id, first, 10, &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(schedule_read_one_offs(&s->cx, made.id, (range){ { 1780000000 }, { 1780000020 } }, &list),
			 OK);
	assert_int_equal(list.n, 0); /* touching is not overlapping */
	assert_int_equal(schedule_read_one_offs(&s->cx, made.id, (range){ { 1780000000 }, { 1780000021 } }, &list),
			 OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(one_off_remove(&s->cx, made.id, one.id), OK);
	assert_int_equal(one_off_remove(&s->cx, made.id, one.id), E_NOT_FOUND);
}

static void one_offs_have_a_cap(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	struct one_off one = { .kind = TIME_BUSY };
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	for (int64_t i = 1; i < SAVED_ONE_OFFS; i++) {
		one.start.s = 1780000020 + i * 600;
		one.end.s = one.start.s + 60;
		assert_int_equal(one_off_insert(&s->cx, made.id, &one), OK);
	}
	assert_int_equal(one_off_insert(&s->cx, made.id, &one), E_REFUSED);
}

static void schedules_have_a_cap(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	assert_int_equal(scene_schedule(s, WEEK, &made), OK);
	made.plan.one_offs = (struct list){ 0 };
	made.is_default = false;
	for (int i = 1; i < SCHEDULES_MAX; i++) {
		made.code = str_format(&s->cx.arena, "n%d", i);
		assert_int_equal(schedule_insert(&s->cx, &made), OK);
	}
	made.code = S("last");
	assert_int_equal(schedule_insert(&s->cx, &made), E_REFUSED);
}

static void lists_are_filtered_and_cut(void **state)
{
	struct scene *s = *state;
	struct saved_schedule made;
	struct schedule_filter filter = { .limit = 2, .changed_since = { NONE } };
	struct list list;
	for (int i = 0; i < 3; i++) {
		s->cx.now.s++;
		str json = str_format(&s->cx.arena, "{\"name\":\"n\",\"code\":\"n%d\",\"time_zone\":\"UTC\"}", i);
		assert_int_equal(scene_schedule(s, json.p, &made), OK);
	}
	assert_int_equal(schedule_list(&s->cx, &filter, &list), OK);
	assert_int_equal(list.n, 2);
	filter.after = ((const struct saved_schedule *)list.items)[1].id;
	assert_int_equal(schedule_list(&s->cx, &filter, &list), OK);
	assert_int_equal(list.n, 1);
	filter = (struct schedule_filter){ .limit = 9, .changed_since = { NONE }, .code = S("n1") };
	assert_int_equal(schedule_list(&s->cx, &filter, &list), OK);
	assert_int_equal(list.n, 1);
	filter = (struct schedule_filter){ .limit = 9, .changed_since = s->cx.now };
	assert_int_equal(schedule_list(&s->cx, &filter, &list), OK);
	assert_int_equal(list.n, 1);
}

static void removing_is_refused_while_used(void **state)
{
	struct scene *s = *state;
	struct saved_schedule first, second, read;
	struct event_type type;
	assert_int_equal(scene_schedule(s, WEEK, &first), OK);
	scene_fault(s, schedule_remove(&s->cx, &first), E_REFUSED, "/is_default");
	assert_int_equal(scene_schedule(s, "{\"name\":\"b\",\"code\":\"b\",\"time_zone\":\"UTC\"}", &second), OK);
	assert_int_equal(scene_event_type(s, second.id,
					  "{\"code\":\"chat\",\"title\":\"Chat\",\"durations\":[{\"minutes\":15}]}",
					  &type),
			 OK);
	assert_int_equal(schedule_remove(&s->cx, &second), E_REFUSED);
	assert_non_null(strstr(str_to_c(&s->cx.arena, s->cx.fault.message), "\"chat\""));
	assert_int_equal(event_type_remove(&s->cx, type.id), OK);
	assert_int_equal(schedule_remove(&s->cx, &second), OK);
	assert_int_equal(schedule_get(&s->cx, second.id, &read), E_NOT_FOUND);
	assert_int_equal(event_type_get_id(&s->cx, type.id, &type), OK);
	assert_true(uuid_same(type.schedule_id, first.id)); /* the deleted type's row needs one */
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(default_is_monday_to_friday),
		SCENE(what_was_saved_is_read),
		SCENE(others_have_nothing),
		SCENE(codes_are_unique_for_an_account),
		SCENE(overlapping_rules_are_both_named),
		SCENE(problems_have_pointers),
		SCENE(the_default_moves),
		SCENE(one_offs_keep_their_ids),
		SCENE(one_offs_one_by_one),
		SCENE(one_offs_have_a_cap),
		SCENE(schedules_have_a_cap),
		SCENE(lists_are_filtered_and_cut),
		SCENE(removing_is_refused_while_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
