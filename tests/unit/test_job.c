/* The queue: one job for one effect, the first that is due, the fence of a stale worker, what metrics show. */
#include "store_scene.h"

#include "store/delivery.h"
#include "store/job_admin.h"

static int set_up(void **state)
{
	return bench_set_up(state, NULL);
}

struct adding {
	const char *key;
	enum job_lane lane;
	int64_t due;
	bool delivers;
};

static enum err add(struct cx *cx, void *arg)
{
	const struct adding *a = arg;
	struct job job = { .kind = S("test"), .lane = a->lane, .payload = S("{}"), .due_at = { a->due } };
	job.dedupe_key = str_of(a->key);
	struct delivery d = {
		.booking_id = { { 7 } }, .message = S("booked"), .reader = S("host"), .recipient = S("a@example.org")
	};
	return a->delivers ? delivery_add(cx, &d, &job) : job_add(cx, &job);
}

static void put(struct bench *b, const char *key, enum job_lane lane, int64_t due)
{
	assert_int_equal(store_write_wait(b->store, &b->cx, add, &(struct adding){ key, lane, due, false }), OK);
}

struct taking {
	enum job_lane lane;
	struct job job;
	bool found, ours;
};

static enum err take(struct cx *cx, void *arg)
{
	struct taking *t = arg;
	TRY(job_due(cx, t->lane, &t->job, &t->found));
	t->job.due_at = instant_add(cx->now, (span){ 10 });
	return t->found ? job_take(cx, &t->job, &t->found) : OK;
}

static enum err finish(struct cx *cx, void *arg)
{
	struct taking *t = arg;
	t->job.state = JOB_DONE;
	t->job.done_at = cx->now;
	TRY(job_end(cx, &t->job, &t->ours));
	return delivery_end(cx, &t->job, NULL);
}

static enum err figures(struct cx *cx, void *arg)
{
	return job_figures_get(cx, arg);
}

static enum err deliveries(struct cx *cx, void *arg)
{
	return delivery_list(cx, (uuid){ { 7 } }, arg);
}

static struct taking take_from(struct bench *b, enum job_lane lane)
{
	struct taking t = { .lane = lane };
	assert_int_equal(store_write_wait(b->store, &b->cx, take, &t), OK);
	return t;
}

static void test_the_first_that_is_due(void **state)
{
	struct bench *b = *state;
	int64_t now = b->cx.now.s;
	put(b, "late", LANE_MAIL, now - 5);
	put(b, "later", LANE_MAIL, now - 9);
	put(b, "planned", LANE_MAIL, now + 1);
	put(b, "another's", LANE_OWN, now - 20);
	put(b, "late", LANE_MAIL, now - 30); /* there is one for that */
	struct taking first = take_from(b, LANE_MAIL), second = take_from(b, LANE_MAIL),
		      none = take_from(b, LANE_MAIL);
	assert_true(first.found && str_is(first.job.dedupe_key, S("later")) && first.job.late.s == 9);
	assert_true(second.found && str_is(second.job.dedupe_key, S("late")) && second.job.tries == 1);
	assert_false(none.found);
}

static void test_a_stale_worker_writes_nothing(void **state)
{
	struct bench *b = *state;
	put(b, "one", LANE_OWN, 0);
	struct taking stale = take_from(b, LANE_OWN);
	b->cx.now.s += 10;
	struct taking heir = take_from(b, LANE_OWN);
	assert_true(heir.found && uuid_same(heir.job.id, stale.job.id) && heir.job.tries == 2);
	assert_int_equal(store_write_wait(b->store, &b->cx, finish, &stale), OK);
	assert_false(stale.ours);
	assert_int_equal(store_write_wait(b->store, &b->cx, finish, &heir), OK);
	assert_true(heir.ours);
	assert_int_equal(store_write_wait(b->store, &b->cx, finish, &heir), OK);
	assert_false(heir.ours); /* what is done is done */
}

static void test_what_it_delivers(void **state)
{
	struct bench *b = *state;
	struct adding one = { "booking:7", LANE_MAIL, 0, true };
	struct list list;
	assert_int_equal(store_write_wait(b->store, &b->cx, add, &one), OK);
	assert_int_equal(store_write_wait(b->store, &b->cx, add, &one), OK);
	assert_int_equal(store_read(b->store, &b->cx, deliveries, &list), OK);
	assert_int_equal(list.n, 1);
	struct taking t = take_from(b, LANE_MAIL);
	assert_true(uuid_same(t.job.id, ((const struct delivery *)list.items)->id));
	assert_int_equal(store_write_wait(b->store, &b->cx, finish, &t), OK);
	assert_int_equal(store_read(b->store, &b->cx, deliveries, &list), OK);
	assert_int_equal(((const struct delivery *)list.items)->state, DELIVERY_SENT);
	assert_false(take_from(b, LANE_MAIL).found);
}

static void test_figures(void **state)
{
	struct bench *b = *state;
	struct job_figures f;
	int64_t now = b->cx.now.s;
	put(b, "due", LANE_MAIL, now - 60);
	put(b, "due too", LANE_MAIL, now);
	put(b, "planned", LANE_MAIL, now + 60);
	put(b, "planned too", LANE_OWN, now + 60);
	assert_int_equal(store_read(b->store, &b->cx, figures, &f), OK);
	assert_true(f.due[LANE_MAIL] == 2 && f.overdue[LANE_MAIL].s == 60);
	assert_true(!f.due[LANE_OWN] && !f.overdue[LANE_OWN].s && !f.due[LANE_HTTP] && !f.dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_first_that_is_due, set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(test_a_stale_worker_writes_nothing, set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(test_what_it_delivers, set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(test_figures, set_up, bench_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
