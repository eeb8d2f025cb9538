/* What was read of an event type in one transaction holds in a later one until one of its rows changes. */
#include "scene.h"
#include "store/offered.h"

struct stall {
	struct saved_schedule schedule;
	struct event_type type;
	struct offered offered;
};

static void stall_open(struct scene *s, struct stall *it)
{
	assert_int_equal(scene_schedule(s,
					"{\"name\":\"n\",\"code\":\"c\",\"time_zone\":\"UTC\",\"weekly\":[{\"days\":"
					"[\"mon\"],\"start\":\"08:00\",\"end\":\"12:00\"}]}",
					&it->schedule),
			 OK);
	assert_int_equal(scene_event_type(s, it->schedule.id,
					  "{\"code\":\"c\",\"title\":\"Talk\",\"durations\":[{\"minutes\":60}]}",
					  &it->type),
			 OK);
	assert_int_equal(offered_get(&s->cx, it->type.id, &it->offered), OK);
	assert_int_equal(offered_host(&s->cx, &it->offered), OK);
}

static bool holds(struct scene *s, const struct stall *it)
{
	bool it_does;
	assert_int_equal(offered_holds(&s->cx, &it->offered, &it_does), OK);
	return it_does;
}

static void what_is_read(void **state)
{
	struct scene *s = *state;
	struct stall it;
	stall_open(s, &it);
	assert_true(uuid_same(it.offered.host.id, s->ada));
	assert_true(str_is(it.offered.event_type.title, S("Talk")));
	assert_int_equal(it.offered.availability.slots.schedule.weekly.n, 1);
	assert_true(holds(s, &it));
	scene_fault(s, offered_get(&s->cx, s->bob, &it.offered), E_NOT_FOUND, "/event_type_id");
}

static void a_change_of_the_event_type(void **state)
{
	struct scene *s = *state;
	struct stall it;
	stall_open(s, &it);
	assert_int_equal(event_type_update(&s->cx, &it.type), OK);
	assert_false(holds(s, &it));
}

static void its_end(void **state)
{
	struct scene *s = *state;
	struct stall it;
	stall_open(s, &it);
	assert_int_equal(event_type_remove(&s->cx, it.type.id), OK);
	assert_false(holds(s, &it));
	scene_fault(s, offered_get(&s->cx, it.type.id, &it.offered), E_NOT_FOUND, "/event_type_id");
}

static void a_change_of_the_schedule(void **state)
{
	struct scene *s = *state;
	struct stall it;
	stall_open(s, &it);
	assert_int_equal(schedule_update(&s->cx, &it.schedule, false), OK);
	assert_false(holds(s, &it));
}

static void another_schedule(void **state)
{
	struct scene *s = *state;
	struct stall it;
	struct saved_schedule other;
	stall_open(s, &it);
	assert_int_equal(
	    scene_schedule(s, "{\"name\":\"o\",\"code\":\"o\",\"time_zone\":\"UTC\",\"weekly\":[]}", &other), OK);
	it.type.schedule_id = other.id;
	assert_int_equal(event_type_update(&s->cx, &it.type), OK);
	assert_false(holds(s, &it));
}

static void a_change_of_the_host(void **state)
{
	struct scene *s = *state;
	struct stall it;
	stall_open(s, &it);
	struct account host = it.offered.host;
	host.first_name = S("Augusta");
	assert_int_equal(account_update(&s->cx, &host), OK);
	assert_false(holds(s, &it));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_read),     TEST(a_change_of_the_event_type),
		TEST(its_end),          TEST(a_change_of_the_schedule),
		TEST(another_schedule), TEST(a_change_of_the_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
