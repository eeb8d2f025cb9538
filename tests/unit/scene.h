/* scene - a migrated database in memory with two hosts, inside a transaction: for tests of store functions. */
#ifndef UNIT_SCENE_H
#define UNIT_SCENE_H
#include "base/secret.h"
#include "store/event_type.h"
#include "store/migrate.h"
#include "store/schedule.h"
#include "store/sqlite.h"

#include "migrations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	struct cx cx;
	uuid ada, bob; /* accounts; ada acts */
};

/* scene_sql - a statement written in place. */
[[maybe_unused]] static void scene_sql(struct scene *s, const char *sql)
{
	if (sqlite_script(&s->cx, s->cx.db, sql))
		fail_msg("%s: %.*s", sql, STR_ARG(s->cx.fault.detail));
}

/* scene_row - a row of some table with an id, as SQL's literal. */
[[maybe_unused]] static const char *scene_blob(struct scene *s, uuid id)
{
	str text = S("x'");
	for (size_t i = 0; i < sizeof id.b; i++)
		text = str_format(&s->cx.arena, "%.*s%02x", STR_ARG(text), id.b[i]);
	return str_format(&s->cx.arena, "%.*s'", STR_ARG(text)).p;
}

/* scene_account - an account with its bookable; returns the id. */
[[maybe_unused]] static uuid scene_account(struct scene *s, const char *name)
{
	uuid id = uuid_make(s->cx.now);
	const char *blob = scene_blob(s, id);
	scene_sql(
	    s, str_format(
		   &s->cx.arena,
		   "INSERT INTO account (id, email, username, first_name, time_zone, language, role, plan, version,"
		   " created_at, updated_at) VALUES (%s, '%s@example.org', '%s', '%s', 'Europe/Berlin', 'en', 'user',"
		   " 'free', 1, 0, 0); INSERT INTO bookable VALUES (%s, %s, 'person', 1)",
		   blob, name, name, name, blob, blob)
		   .p);
	return id;
}

[[maybe_unused]] static int scene_open(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	s->cx.now = (instant){ 1770000000 }; /* 2026-02-02T02:40:00Z, a Monday */
	assert_true(secret_open());
	assert_int_equal(sqlite_open(&s->cx, ":memory:", SQLITE_WRITER, &s->cx.db), OK);
	assert_int_equal(migrate(&s->cx, s->cx.db, MIGRATIONS), OK);
	assert_int_equal(sqlite_begin(&s->cx, s->cx.db), OK);
	s->ada = scene_account(s, "ada");
	s->bob = scene_account(s, "bob");
	s->cx.actor = s->ada;
	*state = s;
	return 0;
}

[[maybe_unused]] static int scene_close(void **state)
{
	struct scene *s = *state;
	sqlite_rollback(s->cx.db);
	sqlite_close(s->cx.db);
	arena_close(&s->cx.arena);
	free(s);
	return 0;
}

/* scene_fault - the failure was this one, and names that field. */
[[maybe_unused]] static void scene_fault(struct scene *s, enum err e, enum err wanted, const char *field)
{
	assert_int_equal(e, wanted);
	for (const struct problem *p = s->cx.fault.problems; field && p; p = p->next)
		if (str_is(p->field, str_of(field)))
			return;
	if (field)
		fail_msg("%s is not among the problems: %.*s", field, STR_ARG(s->cx.fault.message));
}

/* scene_schedule, scene_event_type - decoded from JSON and saved for the one who acts. */
[[maybe_unused]] static enum err scene_schedule(struct scene *s, const char *json, struct saved_schedule *out)
{
	TRY(field_decode(&s->cx, SAVED_SCHEDULE, out, str_of(json), FIELD_NEW));
	out->account_id = s->cx.actor;
	TRY(schedule_accept(&s->cx, out));
	return schedule_insert(&s->cx, out);
}

[[maybe_unused]] static enum err scene_event_type(struct scene *s, uuid schedule_id, const char *json,
						  struct event_type *out)
{
	TRY(field_decode(&s->cx, EVENT_TYPE, out, str_of(json), FIELD_NEW));
	out->account_id = s->cx.actor;
	out->schedule_id = schedule_id;
	TRY(event_type_accept(&s->cx, out, NULL));
	return event_type_insert(&s->cx, out);
}
#endif
