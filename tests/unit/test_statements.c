/* Every statement of every .sql file, on a migrated database: it prepares, names its parameters, is guarded, and finds
 * its rows by an index.  A statement takes :actor, or its mark says who guards it; it scans nothing, or its mark says
 * why.  Plans include those of triggers and foreign keys. */
#include "store/migrate.h"
#include "store/store.h"

#include "all_sql.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static sqlite3 *database;
static char folder[64];

static int set_up(void **state)
{
	struct cx cx = { .now = { 1770000000 } };
	struct store *store;
	char path[128];
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/noonmark-statements-XXXXXX");
	assert_non_null(mkdtemp(folder));
	if (store_open(&cx, &(struct store_options){ .folder = folder }, &store)) {
		print_error("%.*s\n", STR_ARG(cx.fault.message));
		return 1;
	}
	store_close(store);
	arena_close(&cx.arena);
	snprintf(path, sizeof path, "%s/noonmark.db", folder);
	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	sqlite3_exec(database, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	sqlite3_db_config(database, SQLITE_DBCONFIG_TRIGGER_EQP, 1, NULL);
	sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];
	(void)state;
	sqlite3_close(database);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

/* The reason behind a mark, or absent. */
static str mark_of(const struct stmt *s, const char *name)
{
	str marks = str_of(s->marks), mark;
	while (marks.n) {
		mark = str_cut(&marks, ';');
		if (str_is(str_cut(&mark, ':'), str_of(name)))
			return str_trim(mark);
	}
	return (str){ 0 };
}

static const char *check_parameters(sqlite3_stmt *s, const struct stmt *stmt)
{
	bool actor = false;
	for (int i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
		const char *name = sqlite3_bind_parameter_name(s, i);
		if (!name || name[0] != ':')
			return "a parameter has no :name";
		actor = actor || strcmp(name, ":actor") == 0;
	}
	if (!actor && mark_of(stmt, "public").n < 5)
		return "takes no :actor, and no mark \"-- public: who\" says who guards it";
	return NULL;
}

static const char *check_name(sqlite3_stmt *s, const struct stmt *stmt)
{
	static const char *const READS[] = { "_get", "_find", "_list" };
	for (size_t i = 0; i < sizeof READS / sizeof *READS; i++)
		if (str_ends(str_of(stmt->name), str_of(READS[i])) && !sqlite3_stmt_readonly(s))
			return "its name says that it reads, but it writes";
	return NULL;
}

/* names - of subqueries and common table expressions, whose rows are few or were found by an index. */
struct names {
	char text[32][64];
	size_t n;
};

static bool is_made(const struct names *made, const char *name)
{
	for (size_t i = 0; i < made->n; i++)
		if (strcmp(made->text[i], name) == 0)
			return true;
	return false;
}

/* Whether one line of a plan reads a whole table or index. */
static bool is_scan(struct names *made, const char *detail)
{
	char word[64] = "", name[64] = "";
	if (sscanf(detail, "%63s %63s", word, name) < 1)
		return false;
	if ((strcmp(word, "MATERIALIZE") == 0 || strcmp(word, "CO-ROUTINE") == 0) && made->n < 32)
		memcpy(made->text[made->n++], name, sizeof name);
	if (strstr(detail, "AUTOMATIC"))
		return true;
	if (strcmp(word, "SCAN") || strstr(detail, "CONSTANT ROW") || strstr(detail, "VIRTUAL TABLE"))
		return false;
	return name[0] != '(' && !is_made(made, name);
}

static const char *check_plan(const struct stmt *stmt)
{
	static char why[256];
	struct names made = { 0 };
	sqlite3_stmt *s;
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", stmt->sql);
	int code = sqlite3_prepare_v2(database, sql, -1, &s, NULL);
	bool scans = false;
	sqlite3_free(sql);
	if (code)
		return sqlite3_errmsg(database);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(s, 3);
		if (!detail || !is_scan(&made, detail)) /* absent: where a trigger's lines begin */
			continue;
		scans = true;
		snprintf(why, sizeof why, "no index serves it, and no mark \"-- scan: why\": %s", detail);
	}
	sqlite3_finalize(s);
	str mark = mark_of(stmt, "scan");
	if (scans && mark.n < 5)
		return why;
	return mark.p && !scans ? "is marked as a scan, but is none" : NULL;
}

/* check - what is wrong with a statement, or NULL. */
static const char *check(const struct stmt *stmt)
{
	sqlite3_stmt *s;
	const char *rest;
	str engine = mark_of(stmt, "engine");
	if (engine.p && !str_is(engine, S("sqlite")))
		return NULL;
	if (sqlite3_prepare_v2(database, stmt->sql, -1, &s, &rest))
		return sqlite3_errmsg(database);
	const char *wrong = check_parameters(s, stmt);
	if (!wrong)
		wrong = check_name(s, stmt);
	if (!wrong && rest[strspn(rest, " \t\n;")])
		wrong = "is more than one statement";
	sqlite3_finalize(s);
	return wrong ? wrong : check_plan(stmt);
}

static void test_every_statement(void **state)
{
	int wrong = 0, n = 0;
	(void)state;
	for (; ALL_STATEMENTS[n].file; n++) {
		const char *why = check(&ALL_STATEMENTS[n].stmt);
		if (why)
			print_error("%s: %s: %s\n", ALL_STATEMENTS[n].file, ALL_STATEMENTS[n].stmt.name, why);
		wrong += why != NULL;
	}
	assert_true(n > 20);
	assert_int_equal(wrong, 0);
}

/* The checks above find what they are there to find. */
static void test_the_checks(void **state)
{
	static const struct {
		const char *why; /* part of it; NULL: nothing is wrong */
		struct stmt stmt;
	} CASES[] = {
		{ NULL, { "a", "", "SELECT id FROM schedule WHERE account_id = :actor", NULL } },
		{ NULL, { "a", "public: for tests;", "SELECT id FROM schedule WHERE id = :id", NULL } },
		{ "no such column", { "a", "", "SELECT missing FROM schedule WHERE account_id = :actor", NULL } },
		{ "no such column", { "a", "", "SELECT \"missing\" FROM schedule WHERE account_id = :actor", NULL } },
		{ "no :name", { "a", "", "SELECT id FROM schedule WHERE account_id = ?", NULL } },
		{ "takes no :actor", { "a", "", "SELECT id FROM schedule WHERE id = :id", NULL } },
		{ "takes no :actor", { "a", "public: ;", "SELECT id FROM schedule WHERE id = :id", NULL } },
		{ "takes no :actor", { "a", "scan: it is public;", "SELECT id FROM schedule WHERE id = :id", NULL } },
		{ "more than one",
		  { "a", "", "SELECT id FROM schedule WHERE account_id = :actor; DELETE FROM schedule", NULL } },
		{ "but it writes",
		  { "a_get", "", "DELETE FROM schedule WHERE account_id = :actor RETURNING id", NULL } },
		{ "SCAN schedule", { "a", "", "SELECT id FROM schedule WHERE name = :actor", NULL } },
		{ "SCAN s", { "a", "", "SELECT id FROM schedule s WHERE name = :actor", NULL } },
		{ "USING COVERING INDEX", { "a", "", "SELECT account_id FROM schedule WHERE code = :actor", NULL } },
		{ NULL, { "a", "scan: it is small;", "SELECT id FROM schedule WHERE name = :actor", NULL } },
		{ "but is none",
		  { "a", "scan: it is small;", "SELECT id FROM schedule WHERE account_id = :actor", NULL } },
		{ "SCAN", { "a", "", "DELETE FROM schedule WHERE name = :actor", NULL } },
		{ "SCAN",
		  { "a", "",
		    "SELECT s.id FROM schedule s JOIN account a ON a.first_name = s.name WHERE s.account_id = "
		    ":actor",
		    NULL } },
		{ NULL,
		  { "a", "",
		    "WITH mine AS MATERIALIZED (SELECT id FROM schedule WHERE account_id = :actor) SELECT id FROM "
		    "mine",
		    NULL } },
		{ NULL, { "a", "engine: postgresql;", "SELECT id FROM schedule WHERE id = ANY (:ids)", NULL } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		const char *why = check(&CASES[i].stmt);
		if (!CASES[i].why != !why || (why && !strstr(why, CASES[i].why)))
			print_error("%s\n  wanted %s\n  got %s\n", CASES[i].stmt.sql, CASES[i].why, why);
		assert_true(!CASES[i].why == !why);
		assert_true(!why || strstr(why, CASES[i].why));
	}
}

/* A foreign key without an index on its side would scan at every delete. */
static void test_foreign_keys_are_served_by_an_index(void **state)
{
	static const struct stmt good = { "a", "", "DELETE FROM schedule WHERE id = :actor", NULL };
	static const struct stmt bad = { "a", "", "DELETE FROM parent WHERE id = :actor", NULL };
	(void)state;
	assert_null(check(&good));
	assert_int_equal(sqlite3_exec(database,
				      "CREATE TEMP TABLE parent (id BLOB PRIMARY KEY);"
				      "CREATE TEMP TABLE child (id BLOB REFERENCES parent (id) ON DELETE CASCADE)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	const char *why = check(&bad);
	assert_non_null(why);
	assert_non_null(strstr(why, "SCAN child"));
}

/* What every booking does while it has the host's lock must not grow with what the host has ever had. */
static void test_expired_holds_are_found_by_their_index(void **state)
{
	sqlite3_stmt *s;
	char *sql = NULL, plan[256] = "";
	(void)state;
	for (int i = 0; ALL_STATEMENTS[i].file; i++)
		if (strcmp(ALL_STATEMENTS[i].stmt.name, "reservation_drop_expired") == 0)
			sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", ALL_STATEMENTS[i].stmt.sql);
	assert_non_null(sql);
	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	snprintf(plan, sizeof plan, "%s", (const char *)sqlite3_column_text(s, 3));
	sqlite3_finalize(s);
	sqlite3_free(sql);
	assert_non_null(strstr(plan, "reservation_expires (bookable_id=? AND expires_at<?)"));
}

/* A prepared statement of that name. */
static sqlite3_stmt *statement(const char *name)
{
	sqlite3_stmt *s = NULL;
	for (int i = 0; !s && ALL_STATEMENTS[i].file; i++)
		if (strcmp(ALL_STATEMENTS[i].stmt.name, name) == 0)
			assert_int_equal(sqlite3_prepare_v2(database, ALL_STATEMENTS[i].stmt.sql, -1, &s, NULL),
					 SQLITE_OK);
	assert_non_null(s);
	return s;
}

static bool has_column(sqlite3_stmt *s, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(s); i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return true;
	return false;
}

/* What fills the same struct has the same columns: a member without one would be shown as empty or false. */
static void test_the_same_struct_has_the_same_columns(void **state)
{
	static const char *const PAIRS[][2] = {
		{ "booking_list", "booking_get" },          { "booking_list_pending", "booking_get" },
		{ "event_type_get", "event_type_get_id" },  { "event_type_get_code", "event_type_get_id" },
		{ "event_type_page", "event_type_get_id" }, { "event_type_page_public", "event_type_get_id" },
		{ "offered_get", "event_type_get_id" },     { "offered_get", "availability_get" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
		sqlite3_stmt *s = statement(PAIRS[i][0]), *like = statement(PAIRS[i][1]);
		for (int k = 0; k < sqlite3_column_count(like); k++)
			if (!has_column(s, sqlite3_column_name(like, k)))
				fail_msg("%s has no column %s, which %s has", PAIRS[i][0],
					 sqlite3_column_name(like, k), PAIRS[i][1]);
		sqlite3_finalize(s);
		sqlite3_finalize(like);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_statement),
		cmocka_unit_test(test_the_checks),
		cmocka_unit_test(test_foreign_keys_are_served_by_an_index),
		cmocka_unit_test(test_expired_holds_are_found_by_their_index),
		cmocka_unit_test(test_the_same_struct_has_the_same_columns),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
