/* bench_rows - the rows that bookings left in a database, inserted again into a copy from before them, by nothing but the
 * engine: what the disk and the engine allow for just these rows, indexes and triggers.
 *
 *     bench_rows BEFORE AFTER GROUP      both files are the schema's; BEFORE is written to, GROUP bookings to a commit
 *
 * What is new in AFTER, in whatever table, is read into memory first, in the order in which it was inserted; each booking
 * gets its share of every table, and the host's row is counted up as the guard does.  Prints the bookings a second, and
 * the rows.  Without arguments it does nothing: bench_booking.py runs it. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TABLES = 24, NAME = 40, COLUMNS = 60, CHECKPOINT_PAGES = 4096 };

/* table - its new rows: `columns` values each. */
struct table {
	char name[NAME];
	sqlite3_stmt *insert;
	sqlite3_value **values;
	size_t rows, cap;
	int columns;
};

static void must(sqlite3 *c, int code)
{
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return;
	fprintf(stderr, "bench_rows: %s\n", sqlite3_errmsg(c));
	exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *c, const char *format, const char *name)
{
	char sql[1024];
	sqlite3_stmt *s;
	snprintf(sql, sizeof sql, format, name, name);
	must(c, sqlite3_prepare_v2(c, sql, -1, &s, NULL));
	return s;
}

static sqlite3_value **values_room(struct table *t)
{
	if (t->rows == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 1024;
		t->values = realloc(t->values, t->cap * (size_t)t->columns * sizeof(sqlite3_value *));
		if (!t->values)
			abort();
	}
	return t->values + t->rows++ * (size_t)t->columns;
}

/* The rows of AFTER, attached as `later`, behind the last that BEFORE has. */
static void rows_read(sqlite3 *c, struct table *t)
{
	char sql[64 + 2 * COLUMNS] = "INSERT INTO %s VALUES (?";
	sqlite3_stmt *s = prepare(
	    c, "SELECT * FROM later.%s WHERE rowid > (SELECT COALESCE(MAX(rowid), 0) FROM main.%s) ORDER BY rowid",
	    t->name);
	t->columns = sqlite3_column_count(s);
	if (t->columns > COLUMNS)
		abort();
	while (sqlite3_step(s) == SQLITE_ROW) {
		sqlite3_value **row = values_room(t);
		for (int i = 0; i < t->columns; i++)
			row[i] = sqlite3_value_dup(sqlite3_column_value(s, i));
	}
	must(c, sqlite3_finalize(s));
	for (int i = 1; i < t->columns; i++)
		strcat(sql, ",?");
	strcat(sql, ")");
	t->insert = prepare(c, sql, t->name);
}

/* Every table, in the order of the schema, so that what is referred to comes first. */
static size_t tables_find(sqlite3 *c, struct table *tables)
{
	sqlite3_stmt *s = prepare(c,
				  "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
				  "'sqlite_%%' AND sql NOT LIKE '%%WITHOUT ROWID%%' ORDER BY rowid",
				  "");
	size_t n = 0;
	while (sqlite3_step(s) == SQLITE_ROW && n < TABLES) {
		snprintf(tables[n].name, NAME, "%s", (const char *)sqlite3_column_text(s, 0));
		rows_read(c, &tables[n]);
		n += tables[n].rows > 0;
	}
	must(c, sqlite3_finalize(s));
	return n;
}

static const struct table *table_of(const struct table *tables, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	fprintf(stderr, "bench_rows: no new rows in %s\n", name);
	exit(1);
}

static void row_insert(sqlite3 *c, struct table *t, size_t n)
{
	for (int i = 0; i < t->columns; i++)
		must(c, sqlite3_bind_value(t->insert, i + 1, t->values[n * (size_t)t->columns + (size_t)i]));
	must(c, sqlite3_step(t->insert));
	must(c, sqlite3_reset(t->insert));
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int log_pages(void *pages, sqlite3 *c, const char *schema, int n)
{
	(void)c;
	(void)schema;
	*(int *)pages = n;
	return SQLITE_OK;
}

/* All bookings; returns how many. */
static size_t insert_all(sqlite3 *c, struct table *tables, size_t count_tables, size_t group)
{
	sqlite3_stmt *count = prepare(c, "UPDATE bookable SET version = version + 1 WHERE id = ?", "");
	const struct table *times = table_of(tables, count_tables, "reservation");
	size_t n = table_of(tables, count_tables, "booking")->rows, done[TABLES] = { 0 };
	int pages = 0;
	sqlite3_wal_hook(c, log_pages, &pages);
	for (size_t i = 0; i < n; i++) {
		if (i % group == 0)
			must(c, sqlite3_exec(c, "BEGIN IMMEDIATE", NULL, NULL, NULL));
		must(c, sqlite3_bind_value(count, 1, times->values[i * (size_t)times->columns + 1]));
		must(c, sqlite3_step(count));
		must(c, sqlite3_reset(count));
		for (size_t k = 0; k < count_tables; k++)
			for (size_t until = (i + 1) * tables[k].rows / n; done[k] < until; done[k]++)
				row_insert(c, &tables[k], done[k]);
		if (i % group == group - 1 || i == n - 1)
			must(c, sqlite3_exec(c, "COMMIT", NULL, NULL, NULL));
		if (pages >= CHECKPOINT_PAGES && sqlite3_get_autocommit(c)) {
			sqlite3_wal_checkpoint_v2(c, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
			pages = 0;
		}
	}
	sqlite3_finalize(count);
	return n;
}

int main(int argc, char **argument)
{
	static struct table tables[TABLES];
	sqlite3 *c;
	if (argc != 4)
		return 0;
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(argument[1], &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
		must(c, SQLITE_CANTOPEN);
	char *attach = sqlite3_mprintf("ATTACH %Q AS later", argument[2]);
	must(c, sqlite3_exec(c, attach, NULL, NULL, NULL));
	sqlite3_free(attach);
	/* as src/store/sqlite.c sets the writer up */
	must(c, sqlite3_exec(c,
			     "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			     "PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON; PRAGMA cache_size = -4096;",
			     NULL, NULL, NULL));
	size_t found = tables_find(c, tables);
	must(c, sqlite3_exec(c, "DETACH later", NULL, NULL, NULL));
	double began = seconds();
	size_t n = insert_all(c, tables, found, strtoul(argument[3], NULL, 10));
	double took = seconds() - began;
	printf("%.1f bookings/s:", (double)n / took);
	for (size_t k = 0; k < found; k++)
		printf("%s %zu %s", k ? "," : "", tables[k].rows, tables[k].name);
	printf(", %s a commit\n", argument[3]);
	return 0;
}
