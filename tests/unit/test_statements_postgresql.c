/* Every statement of every .sql file on PostgreSQL: it prepares, and its columns have types that the engine knows.
 * NOONMARK_TEST_POSTGRESQL names an empty database; without it there is nothing to test on, and only what needs no
 * server is. */
#include "store/postgresql.h"
#include "store/store.h"

#include "all_sql.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static PGconn *connection;

static int set_up(void **state)
{
	const char *url = getenv("NOONMARK_TEST_POSTGRESQL");
	struct cx cx = { .now = { 1770000000 } };
	struct store *store;
	(void)state;
	if (!url)
		return 0;
	if (store_open(&cx, &(struct store_options){ .database = url }, &store)) {
		print_error("%.*s\n", STR_ARG(cx.fault.message));
		return 1;
	}
	store_close(store);
	arena_close(&cx.arena);
	connection = PQconnectdb(url);
	return PQstatus(connection) != CONNECTION_OK;
}

static int tear_down(void **state)
{
	(void)state;
	PQfinish(connection);
	return 0;
}

static const char *const AMBIGUOUS[] = { "42P18", "42P08", "42883", "42804", "42725", "42846" };

/* Types are those of the members in the program; here they are guessed, as far as the server needs to be told. */
static const char *prepare(const char *sql, int n, Oid *types)
{
	static const Oid GUESSES[] = { 20, 25, 17 };
	static char why[400];
	PGresult *r = PQprepare(connection, "", sql, n, types);
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	int number = 0;
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		PQclear(r);
		return NULL;
	}
	snprintf(why, sizeof why, "%s", PQresultErrorMessage(r));
	bool guess = false;
	for (size_t i = 0; i < sizeof AMBIGUOUS / sizeof *AMBIGUOUS; i++)
		guess = guess || strcmp(state, AMBIGUOUS[i]) == 0;
	const char *dollar = strchr(why, '$');
	if (guess && dollar)
		number = (int)strtol(dollar + 1, NULL, 10);
	PQclear(r);
	if (number < 1 || number > n || types[number - 1])
		return why;
	for (size_t i = 0; i < sizeof GUESSES / sizeof *GUESSES; i++) {
		types[number - 1] = GUESSES[i];
		if (!prepare(sql, n, types))
			return NULL;
	}
	types[number - 1] = 0;
	return why;
}

static const char *check_columns(void)
{
	static const Oid KNOWN[] = { 16, 17, 19, 20, 21, 23, 25, 705, 1043 };
	static char why[200];
	PGresult *r = PQdescribePrepared(connection, "");
	const char *wrong = NULL;
	for (int i = 0; i < PQnfields(r); i++) {
		bool known = false;
		for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
			known = known || PQftype(r, i) == KNOWN[k];
		if (known)
			continue;
		snprintf(why, sizeof why, "column %s has type %u, which the engine does not read: CAST it",
			 PQfname(r, i), PQftype(r, i));
		wrong = why;
	}
	PQclear(r);
	return wrong;
}

static const char *check(const struct stmt *stmt)
{
	struct postgresql_text text;
	Oid types[POSTGRESQL_PARAMETERS] = { 0 };
	if (strstr(stmt->marks, "engine: sqlite"))
		return NULL;
	if (!postgresql_text_make(stmt->postgresql ? stmt->postgresql : stmt->sql, &text))
		return "has too many parameters";
	const char *wrong = prepare(text.sql, text.n, types);
	postgresql_text_free(&text);
	return wrong ? wrong : check_columns();
}

static void test_every_statement(void **state)
{
	int wrong = 0;
	(void)state;
	if (!connection)
		skip();
	for (int n = 0; ALL_STATEMENTS[n].file; n++) {
		const char *why = check(&ALL_STATEMENTS[n].stmt);
		if (why)
			print_error("%s: %s: %s\n", ALL_STATEMENTS[n].file, ALL_STATEMENTS[n].stmt.name, why);
		wrong += why != NULL;
	}
	assert_int_equal(wrong, 0);
}

static void test_the_checks(void **state)
{
	static const struct {
		const char *why; /* part of it; NULL: nothing is wrong */
		struct stmt stmt;
	} CASES[] = {
		{ NULL,
		  { "a", "", "SELECT id FROM schedule WHERE account_id = :actor AND (:a IS NULL OR code = :a)",
		    NULL } },
		{ NULL,
		  { "a", "", "SELECT id FROM job WHERE (:a IS NULL OR id = :a) AND (:b IS NULL OR due_at > :b)",
		    NULL } },
		{ "does not exist", { "a", "", "SELECT missing FROM schedule WHERE account_id = :actor", NULL } },
		{ "syntax error", { "a", "", "INSERT OR IGNORE INTO bookable (id) VALUES (:actor)", NULL } },
		{ NULL, { "a", "", "INSERT OR IGNORE INTO bookable (id) VALUES (:actor)", "SELECT 1 AS one" } },
		{ NULL, { "a", "engine: sqlite;", "PRAGMA user_version", NULL } },
		{ "CAST it", { "a", "", "SELECT SUM(version) AS versions FROM bookable", NULL } },
	};
	(void)state;
	if (!connection)
		skip();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		const char *why = check(&CASES[i].stmt);
		if (!CASES[i].why != !why || (why && !strstr(why, CASES[i].why)))
			print_error("%s\n  wanted %s\n  got %s\n", CASES[i].stmt.sql, CASES[i].why, why);
		assert_true(!CASES[i].why == !why);
		assert_true(!why || strstr(why, CASES[i].why));
	}
}

static void test_named_parameters_become_numbers(void **state)
{
	static const struct {
		const char *sql, *text;
		int n;
	} CASES[] = {
		{ "SELECT 1", "SELECT 1", 0 },
		{ "a = :a AND b = :b_2 OR c = :a", "a = $1 AND b = $2 OR c = $1", 2 },
		{ "a LIKE :a ESCAPE '\\' AND b = ':b' AND \":c\" = 1",
		  "a LIKE $1 ESCAPE '\\' AND b = ':b' AND \":c\" = 1", 1 },
		{ "x::bigint + :y::bigint -- :z\n+ :w", "x::bigint + $1::bigint -- :z\n+ $2", 2 },
		{ "'it''s :a' || :b", "'it''s :a' || $1", 1 },
		{ ":a:b::c 'open :d", "$1$2::c 'open :d", 2 },
		{ ":a:b:c:d:e:f:g:h:i:j:k:a", "$1$2$3$4$5$6$7$8$9$10$11$1", 11 },
	};
	struct postgresql_text t;
	char many[POSTGRESQL_PARAMETERS * 8 + 16] = "";
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		assert_true(postgresql_text_make(CASES[i].sql, &t));
		assert_string_equal(t.sql, CASES[i].text);
		assert_int_equal(t.n, CASES[i].n);
		postgresql_text_free(&t);
	}
	for (int i = 0; i <= POSTGRESQL_PARAMETERS; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), ":p%d,", i);
	assert_false(postgresql_text_make(many, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_statement),
		cmocka_unit_test(test_the_checks),
		cmocka_unit_test(test_named_parameters_become_numbers),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
