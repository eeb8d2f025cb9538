/* Event types: defaults, what may be saved, what is read back, who sees what, the soft delete. */
#include "scene.h"

static const char SMALL[] = "{\"code\":\"chat\",\"title\":\"Chat\",\"durations\":[{\"minutes\":15}]}";
static const char LARGE[] =
    "{\"code\":\"visit\",\"title\":\"Visit\",\"description\":\"At home\",\"color\":\"#8A5A00\",\"durations\":"
    "[{\"minutes\":30},{\"minutes\":60,\"price\":{\"amount\":4500,\"currency\":\"EUR\"}}],\"interval_minutes\":20,"
    "\"buffer_before_minutes\":5,\"buffer_after_minutes\":10,\"minimum_notice_minutes\":0,\"horizon_days\":null,"
    "\"window\":{\"from\":\"2026-03-01\",\"until\":\"2026-03-31\"},\"limits\":{\"day\":3,\"month\":20},\"seats\":4,"
    "\"locations\":[{\"kind\":\"in_person\",\"value\":\"Noon Street 12\",\"label\":\"Office\"},"
    "{\"kind\":\"link\",\"value\":\"https://meet.example.org/ada\"},{\"kind\":\"phone\"}],"
    "\"questions\":[{\"label\":\"What about?\",\"kind\":\"text\",\"required\":true},"
    "{\"label\":\"Which?\",\"kind\":\"choice\",\"choices\":[\"a\",\"b\"]}],\"metadata\":{\"k\":[1,null]},\"hidden\":"
    "true}";

static uuid schedule_of(struct scene *s)
{
	struct saved_schedule schedule;
	assert_int_equal(schedule_create_default(&s->cx, s->cx.actor, S("UTC"), &schedule), OK);
	return schedule.id;
}

static void defaults(void **state)
{
	struct scene *s = *state;
	struct event_type made;
	assert_int_equal(scene_event_type(s, schedule_of(s), SMALL, &made), OK);
	assert_int_equal(made.minimum_notice_minutes, 240);
	assert_int_equal(made.horizon_days, 60);
	assert_int_equal(made.seats, 1);
	assert_int_equal(made.interval_minutes, NONE);
	assert_true(made.active && !made.hidden);
	assert_true(uuid_same(made.bookable_id, s->ada));
}

static void default_of_a_new_account(void **state)
{
	struct scene *s = *state;
	struct event_type made, read;
	uuid schedule = schedule_of(s);
	s->cx.actor = (uuid){ 0 };
	assert_int_equal(event_type_create_default(&s->cx, s->ada, schedule, &made), OK);
	assert_int_equal(event_type_get_code(&s->cx, s->ada, S("30min"), &read), OK);
	assert_int_equal(read.durations.n, 1);
	assert_int_equal(((const struct duration *)read.durations.items)->minutes, 30);
	assert_int_equal(((const struct duration *)read.durations.items)->price.amount, NONE);
}

static void what_was_saved_is_read(void **state)
{
	struct scene *s = *state;
	struct event_type made, read;
	assert_int_equal(scene_event_type(s, schedule_of(s), LARGE, &made), OK);
	assert_int_equal(made.horizon_days, NONE); /* null, where missing is 60 */
	assert_int_equal(event_type_get(&s->cx, made.id, &read), OK);
	read.booking_url = made.booking_url;
	assert_true(
	    str_is(field_encode(&s->cx.arena, EVENT_TYPE, &made), field_encode(&s->cx.arena, EVENT_TYPE, &read)));
	const struct question *q = read.questions.items;
	assert_true(uuid_is(q[0].id) && uuid_is(q[1].id) && !uuid_same(q[0].id, q[1].id));
}

static void strangers_see_less(void **state)
{
	struct scene *s = *state;
	struct event_type made;
	assert_int_equal(scene_event_type(s, schedule_of(s), LARGE, &made), OK);
	char *json = str_to_c(&s->cx.arena, field_encode(&s->cx.arena, EVENT_TYPE_PUBLIC, &made));
	assert_non_null(strstr(json, "\"label\":\"Office\""));
	assert_null(strstr(json, "Noon Street"));
	assert_null(strstr(json, "meet.example.org"));
	assert_null(strstr(json, "metadata"));
}

static void questions_keep_their_ids(void **state)
{
	struct scene *s = *state;
	struct event_type made, changed;
	assert_int_equal(scene_event_type(s, schedule_of(s), LARGE, &made), OK);
	struct question two[2] = { ((const struct question *)made.questions.items)[1],
				   { .label = S("New"), .kind = QUESTION_NUMBER } };
	changed = made;
	changed.questions = (struct list){ two, 2 };
	assert_int_equal(event_type_accept(&s->cx, &changed, &made), OK);
	assert_true(uuid_same(two[0].id, ((const struct question *)made.questions.items)[1].id));
	assert_true(uuid_is(two[1].id));
	two[1].id = uuid_make(s->cx.now);
	scene_fault(s, event_type_accept(&s->cx, &changed, &made), E_INVALID, "/questions/1/id");
	two[1].id = two[0].id;
	scene_fault(s, event_type_accept(&s->cx, &changed, &made), E_INVALID, "/questions/1/id");
}

static void problems_have_pointers(void **state)
{
	static const struct {
		const char *json, *field;
	} cases[] = {
		{ "\"durations\":[{\"minutes\":0}]", "/durations/0/minutes" },
		{ "\"durations\":[{\"minutes\":5256000}]", "/durations/0/minutes" },
		{ "\"durations\":[{\"minutes\":5},{\"minutes\":5}]", "/durations/1/minutes" },
		{ "\"durations\":[]", "/durations" },
		{ "\"durations\":[{\"minutes\":5,\"price\":{\"amount\":-1,\"currency\":\"EUR\"}}]",
		  "/durations/0/price/amount" },
		{ "\"durations\":[{\"minutes\":5,\"price\":{\"amount\":1,\"currency\":\"EUX\"}}]",
		  "/durations/0/price/currency" },
		{ "\"durations\":[{\"minutes\":5,\"price\":{\"amount\":1}}]", "/durations/0/price/currency" },
		{ "\"durations\":[{\"minutes\":5,\"price\":{\"amount\":null,\"currency\":\"EUR\"}}]",
		  "/durations/0/price/amount" },
		{ "\"window\":{\"from\":\"2026-03-02\",\"until\":\"2026-03-01\"}", "/window/until" },
		{ "\"window\":{\"from\":\"2026-03-02\"}", "/window/until" },
		{ "\"window\":{\"from\":\"2026-02-30\",\"until\":\"2026-03-01\"}", "/window/from" },
		{ "\"limits\":{\"day\":0}", "/limits/day" },
		{ "\"seats\":0", "/seats" },
		{ "\"interval_minutes\":0", "/interval_minutes" },
		{ "\"buffer_before_minutes\":-5", "/buffer_before_minutes" },
		{ "\"title\":\"see http://x.example\"", "/title" },
		{ "\"title\":\"\xe2\x80\xae gnp\"", "/title" },
		{ "\"color\":\"red\"", "/color" },
		{ "\"locations\":[{\"kind\":\"link\",\"value\":\"http://x\"}]", "/locations/0/value" },
		{ "\"locations\":[{\"kind\":\"in_person\"}]", "/locations/0/value" },
		{ "\"questions\":[{\"label\":\"a\",\"kind\":\"choice\"}]", "/questions/0/choices" },
		{ "\"questions\":[{\"label\":\"a\",\"kind\":\"text\",\"choices\":[\"x\"]}]", "/questions/0/choices" },
		{ "\"questions\":[{\"label\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\",\"x\"]}]",
		  "/questions/0/choices/1" },
		{ "\"metadata\":[]", "/metadata" },
		{ "\"price\":1", "/price" },
	};
	struct scene *s = *state;
	struct event_type made;
	uuid schedule = schedule_of(s);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool durations = str_starts(str_of(cases[i].json), S("\"durations\""));
		bool title = str_starts(str_of(cases[i].json), S("\"title\""));
		str json = str_format(&s->cx.arena, "{\"code\":\"c\"%s%s,%s}", title ? "" : ",\"title\":\"t\"",
				      durations ? "" : ",\"durations\":[{\"minutes\":5}]", cases[i].json);
		scene_fault(s, scene_event_type(s, schedule, json.p, &made), E_INVALID, cases[i].field);
	}
	int64_t all, active;
	assert_int_equal(event_type_count(&s->cx, s->ada, &all, &active), OK);
	assert_int_equal(all, 0);
}

static void codes_are_free_again(void **state)
{
	struct scene *s = *state;
	struct event_type first, second, gone;
	int64_t all, active;
	uuid schedule = schedule_of(s);
	assert_int_equal(scene_event_type(s, schedule, SMALL, &first), OK);
	scene_fault(s, scene_event_type(s, schedule, SMALL, &second), E_CONFLICT, "/code");
	assert_int_equal(event_type_remove(&s->cx, first.id), OK);
	assert_int_equal(event_type_remove(&s->cx, first.id), E_NOT_FOUND);
	assert_int_equal(scene_event_type(s, schedule, SMALL, &second), OK);
	assert_int_equal(event_type_get(&s->cx, first.id, &gone), E_NOT_FOUND);
	assert_int_equal(event_type_get_id(&s->cx, first.id, &first), OK);
	assert_true(instant_is(first.deleted_at));
	second.active = false;
	assert_int_equal(event_type_update(&s->cx, &second), OK);
	assert_int_equal(second.version, 2);
	assert_int_equal(event_type_count(&s->cx, s->ada, &all, &active), OK);
	assert_int_equal(all, 1);
	assert_int_equal(active, 0);
}

static void others_have_nothing(void **state)
{
	struct scene *s = *state;
	struct event_type made, read;
	struct event_type_filter filter = { .limit = 9, .changed_since = { NONE } };
	struct list list;
	assert_int_equal(scene_event_type(s, schedule_of(s), SMALL, &made), OK);
	s->cx.actor = s->bob;
	assert_int_equal(event_type_get(&s->cx, made.id, &read), E_NOT_FOUND);
	assert_int_equal(event_type_update(&s->cx, &made), E_NOT_FOUND);
	assert_int_equal(event_type_remove(&s->cx, made.id), E_NOT_FOUND);
	assert_int_equal(event_type_list(&s->cx, &filter, &list), OK);
	assert_int_equal(list.n, 0);
}

static void lists(void **state)
{
	struct scene *s = *state;
	struct event_type made[4];
	struct list list;
	uuid schedule = schedule_of(s);
	for (int i = 0; i < 4; i++) { /* n1 is inactive, n2 hidden, n3 both */
		s->cx.now.s++;
		str json =
		    str_format(&s->cx.arena,
			       "{\"code\":\"n%d\",\"title\":\"t\",\"durations\":[{\"minutes\":5}],\"active\":%s,"
			       "\"hidden\":%s}",
			       i, i & 1 ? "false" : "true", i & 2 ? "true" : "false");
		assert_int_equal(scene_event_type(s, schedule, json.p, &made[i]), OK);
	}
	static const struct {
		unsigned active;
		size_t n;
	} cases[] = {
		{ ACTIVE_ANY, 4 },
		{ ACTIVE_TRUE, 2 },
		{ ACTIVE_FALSE, 2 },
	};
	for (size_t i = 0; i < 3; i++) {
		struct event_type_filter f = { .limit = 9, .changed_since = { NONE }, .active = cases[i].active };
		assert_int_equal(event_type_list(&s->cx, &f, &list), OK);
		assert_int_equal(list.n, cases[i].n);
	}
	struct event_type_filter f = { .account_id = s->ada, .limit = 9, .changed_since = { NONE } };
	assert_int_equal(event_type_list_public(&s->cx, &f, &list), OK);
	assert_int_equal(list.n, 1);
	assert_true(uuid_same(((const struct event_type *)list.items)->id, made[0].id));
	assert_int_equal(event_type_get_code(&s->cx, s->ada, S("n2"), &made[2]), OK);
	assert_int_equal(event_type_get_code(&s->cx, s->ada, S("n1"), &made[2]), E_NOT_FOUND);
	f.after = made[1].id;
	assert_int_equal(event_type_list(&s->cx, &f, &list), OK);
	assert_int_equal(list.n, 2);
}

static void durations_are_found(void **state)
{
	struct scene *s = *state;
	struct event_type made;
	const struct duration *d;
	assert_int_equal(scene_event_type(s, schedule_of(s), LARGE, &made), OK);
	assert_int_equal(event_type_duration(&s->cx, &made.durations, NONE, &d), OK);
	assert_int_equal(d->minutes, 30);
	assert_int_equal(event_type_duration(&s->cx, &made.durations, 60, &d), OK);
	assert_int_equal(d->price.amount, 4500);
	scene_fault(s, event_type_duration(&s->cx, &made.durations, 45, &d), E_INVALID, "/duration_minutes");
	assert_non_null(strstr(str_to_c(&s->cx.arena, s->cx.fault.message), "30, 60"));
}

static void event_types_have_a_cap(void **state)
{
	struct scene *s = *state;
	struct event_type made;
	assert_int_equal(scene_event_type(s, schedule_of(s), SMALL, &made), OK);
	for (int i = 1; i < EVENT_TYPES_MAX; i++) {
		made.code = str_format(&s->cx.arena, "n%d", i);
		assert_int_equal(event_type_insert(&s->cx, &made), OK);
	}
	made.code = S("last");
	assert_int_equal(event_type_insert(&s->cx, &made), E_REFUSED);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(defaults),
		SCENE(default_of_a_new_account),
		SCENE(what_was_saved_is_read),
		SCENE(strangers_see_less),
		SCENE(questions_keep_their_ids),
		SCENE(problems_have_pointers),
		SCENE(codes_are_free_again),
		SCENE(others_have_nothing),
		SCENE(lists),
		SCENE(durations_are_found),
		SCENE(event_types_have_a_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
