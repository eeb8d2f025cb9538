/* One connection to the embedded database.  Debian's SQLite 3.40 predates the repair of a race between two writers
 * that reset the log (3.51.3): with one connection that does all writes and checkpoints it cannot occur.  No memory
 * maps: an I/O error under one kills the process, and each reader's map would count towards its size again. */
#include "sqlite.h"

#include "base/wait.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum control { BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, UNDO };
static const char *const CONTROL[] = { "BEGIN",          "COMMIT",       "ROLLBACK",
				       "SAVEPOINT item", "RELEASE item", "ROLLBACK TO item" };

static const char SETTINGS[] = "PRAGMA foreign_keys = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA mmap_size = 0;";
static const char READER[] = "PRAGMA cache_size = -1024; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;";
static const char WRITER[] = "PRAGMA journal_mode = WAL;"
			     "PRAGMA synchronous = FULL;"
			     "PRAGMA wal_autocheckpoint = 0;"
			     "PRAGMA secure_delete = ON;"
			     "PRAGMA temp_store = FILE;"
			     "PRAGMA cache_size = -4096;";

enum { BUSY_WAIT = 1000000000 }; /* nanoseconds */

/* answer - what an error of the engine means to the caller. */
struct answer {
	enum err err;
	bool breaks; /* the transaction with it */
	int retry_after;
	const char *message;
};

static struct answer answer_of(struct db *db, int code)
{
	static const struct answer conflict = { E_CONFLICT, false, 0, "that clashes with what is there already" };
	static const struct answer full = { E_STORAGE_FULL, true, 30, "the disk is full: nothing was saved" };
	static const struct answer away = { E_UNAVAILABLE, true, 1,
					    "the database cannot answer now: please try again" };
	static const struct answer damaged = { E_UNAVAILABLE, true, 1, "the database is damaged" };
	static const struct answer large = { E_TOO_LARGE, false, 0, "a value is larger than the database takes" };
	static const struct answer bug = { E_INTERNAL, false, 0, "something went wrong on our side" };
	int error = sqlite3_system_errno(sqlite_of(db)->connection);
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_DATATYPE ? bug : conflict;
	case SQLITE_FULL:
		return full;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return error == ENOSPC || error == EDQUOT || error == EFBIG ? full : away;
	case SQLITE_READONLY:
		return sqlite_of(db)->writes ? away : bug;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return damaged;
	case SQLITE_BUSY:
	case SQLITE_INTERRUPT:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
		return away;
	case SQLITE_TOOBIG:
		return large;
	default:
		return bug;
	}
}

/* The one place through which errors of the engine go: see sqlite.h. */
static enum err refuse(struct cx *cx, struct db *db, const char *name, int code)
{
	struct answer a = answer_of(db, code);
	snprintf(db->words, sizeof db->words, "%s: %s (%d)", name, sqlite3_errmsg(sqlite_of(db)->connection), code);
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC ||
	    (code == SQLITE_IOERR_WRITE && a.err != E_STORAGE_FULL))
		sqlite_of(db)->fatal = sqlite_of(db)->writes;
	if (a.breaks || (db->open && sqlite3_get_autocommit(sqlite_of(db)->connection)))
		db->broken = a.breaks ? a.err : E_UNAVAILABLE;
	enum err e = FAIL(cx, a.err, S(""), "%s", a.message);
	cx->fault.detail = str_copy(&cx->arena, str_of(db->words));
	cx->fault.retry_after = a.retry_after;
	return e;
}

/* ---- statements ---- */

static enum err sqlite_prepare(struct cx *cx, struct db *db, const char *name, const char *sql, struct prepared **out)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v3(sqlite_of(db)->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
	*out = (struct prepared *)s;
	if (code)
		return refuse(cx, db, name, code);
	return s ? OK : FAIL(cx, E_INTERNAL, S(""), "statement %s is empty", name);
}

static void sqlite_finalize(struct prepared *p)
{
	sqlite3_finalize((sqlite3_stmt *)p);
}

static int sqlite_parameters(struct prepared *p)
{
	return sqlite3_bind_parameter_count((sqlite3_stmt *)p);
}

static const char *sqlite_parameter(struct prepared *p, int i)
{
	const char *name = sqlite3_bind_parameter_name((sqlite3_stmt *)p, i + 1);
	return name && name[0] == ':' ? name + 1 : NULL;
}

static int sqlite_columns(struct prepared *p)
{
	return sqlite3_column_count((sqlite3_stmt *)p);
}

static const char *sqlite_column_name(struct prepared *p, int i)
{
	return sqlite3_column_name((sqlite3_stmt *)p, i);
}

static enum err sqlite_bind(struct cx *cx, struct db *db, const char *name, struct prepared *p, int i, struct value v)
{
	sqlite3_stmt *s = (sqlite3_stmt *)p;
	const char *bytes = v.s.p ? v.s.p : "";
	int code = SQLITE_MISUSE;
	switch (v.type) {
	case VALUE_NULL:
		code = sqlite3_bind_null(s, i + 1);
		break;
	case VALUE_INT:
		code = sqlite3_bind_int64(s, i + 1, v.i);
		break;
	case VALUE_TEXT:
		code = sqlite3_bind_text64(s, i + 1, bytes, v.s.n, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		code = sqlite3_bind_blob64(s, i + 1, bytes, v.s.n, SQLITE_STATIC);
		break;
	case VALUE_REAL:
		break;
	}
	return code ? refuse(cx, db, name, code) : OK;
}

static enum err sqlite_step(struct cx *cx, struct db *db, const char *name, struct prepared *p, bool *row)
{
	int code = sqlite3_step((sqlite3_stmt *)p);
	*row = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return OK;
	return refuse(cx, db, name, code);
}

static struct value sqlite_column(struct prepared *p, int i)
{
	sqlite3_stmt *s = (sqlite3_stmt *)p;
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		return (struct value){ .type = VALUE_INT, .i = sqlite3_column_int64(s, i) };
	case SQLITE_TEXT:
		return (struct value){ .type = VALUE_TEXT,
				       .s = { (const char *)sqlite3_column_text(s, i),
					      (size_t)sqlite3_column_bytes(s, i) } };
	case SQLITE_BLOB:
		return (struct value){ .type = VALUE_BLOB,
				       .s = { sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i) } };
	case SQLITE_FLOAT:
		return (struct value){ .type = VALUE_REAL };
	default:
		return (struct value){ .type = VALUE_NULL };
	}
}

static void sqlite_reset(struct prepared *p)
{
	sqlite3_reset((sqlite3_stmt *)p);
}

static int64_t sqlite_changes(struct db *db)
{
	return sqlite3_changes64(sqlite_of(db)->connection);
}

static const struct engine ENGINE = {
	.name = "sqlite",
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.script = sqlite_script,
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize,
	.parameters = sqlite_parameters,
	.parameter = sqlite_parameter,
	.columns = sqlite_columns,
	.column_name = sqlite_column_name,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.column = sqlite_column,
	.reset = sqlite_reset,
	.changes = sqlite_changes,
};

/* ---- the connection ---- */

/* Connections wait for each other for moments only: also BEGIN, as a reader that finds the log's index half written
 * takes the writer's lock to look again.  The time of moving pages does not count, only that of waiting. */
static int wait_for_others(void *arg, int tries)
{
	struct sqlite *db = arg;
	int64_t now = monotonic_now();
	if (!tries)
		db->wait_until = now + db->wait;
	if (now >= db->wait_until)
		return 0;
	nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	return 1;
}

static int committed(void *arg, sqlite3 *connection, const char *schema, int pages)
{
	struct sqlite *db = arg;
	(void)connection;
	(void)schema;
	db->wal_pages = pages;
	db->commits++;
	return SQLITE_OK;
}

enum { UNDO_BYTES = 1 << 20 };

/* Statistics of memory would take a process-wide lock at every allocation.  What a savepoint must be able to undo, the
 * pages as they were, goes into one piece of memory; only a huge change goes on into a temporary file.  Where temporary
 * things are kept in memory (as readers do) the engine takes a kilobyte at a time instead, which costs a booking a
 * quarter of its time. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, UNDO_BYTES);
	sqlite3_initialize();
}

static enum err set_up(struct cx *cx, struct db *db)
{
	static const struct {
		int option, value;
	} OPTIONS[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};
	sqlite_of(db)->wait = BUSY_WAIT;
	sqlite3_busy_handler(sqlite_of(db)->connection, wait_for_others, db);
	for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++)
		sqlite3_db_config(sqlite_of(db)->connection, OPTIONS[i].option, OPTIONS[i].value, NULL);
	TRY(sqlite_script(cx, db, SETTINGS));
	TRY(sqlite_script(cx, db, sqlite_of(db)->writes ? WRITER : READER));
	if (sqlite_of(db)->writes)
		sqlite3_wal_hook(sqlite_of(db)->connection, committed, db);
	else
		sqlite3_db_config(sqlite_of(db)->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	for (int i = 0; i <= UNDO; i++) {
		const char *sql = i == BEGIN && sqlite_of(db)->writes ? "BEGIN IMMEDIATE" : CONTROL[i];
		TRY(sqlite_prepare(cx, db, CONTROL[i], sql, &sqlite_of(db)->control[i]));
	}
	return OK;
}

enum err sqlite_open(struct cx *cx, const char *path, enum sqlite_role role, struct db **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure);
	struct sqlite *own = calloc(1, sizeof *own);
	if (!own)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	struct db *db = &own->db;
	db->engine = &ENGINE;
	db->blocks = ENGINE.name;
	own->writes = role == SQLITE_WRITER;
	int flags = (own->writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
	int code = sqlite3_open_v2(path, &own->connection, flags, NULL);
	enum err e = code ? refuse(cx, db, "open", code) : set_up(cx, db);
	if (e)
		sqlite_close(db);
	else
		*out = db;
	return e;
}

void sqlite_close(struct db *db)
{
	db_forget(db);
	for (int i = 0; i <= UNDO; i++)
		sqlite_finalize(sqlite_of(db)->control[i]);
	if (sqlite_of(db)->fatal)
		sqlite3_db_config(sqlite_of(db)->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	int code = sqlite3_close(sqlite_of(db)->connection);
	assert(code == SQLITE_OK); /* else a statement was left */
	free(db);
}

static enum err control(struct cx *cx, struct db *db, enum control which)
{
	bool row;
	enum err e = sqlite_step(cx, db, CONTROL[which], sqlite_of(db)->control[which], &row);
	sqlite_reset(sqlite_of(db)->control[which]);
	if (e && !db->broken)
		db->broken = e;
	return e;
}

enum err sqlite_begin(struct cx *cx, struct db *db)
{
	assert(!db->open);
	db->broken = OK;
	TRY(control(cx, db, BEGIN));
	db->open = true;
	return OK;
}

enum err sqlite_commit(struct cx *cx, struct db *db)
{
	enum err e = control(cx, db, COMMIT);
	if (e)
		sqlite_rollback(db);
	db->open = false;
	return e;
}

void sqlite_rollback(struct db *db)
{
	db->open = false;
	if (sqlite3_get_autocommit(sqlite_of(db)->connection))
		return;
	sqlite3_stmt *s = (sqlite3_stmt *)sqlite_of(db)->control[ROLLBACK];
	sqlite3_step(s);
	sqlite3_reset(s);
	assert(sqlite3_get_autocommit(sqlite_of(db)->connection));
}

enum err sqlite_savepoint(struct cx *cx, struct db *db)
{
	return control(cx, db, SAVEPOINT);
}

enum err sqlite_release(struct cx *cx, struct db *db)
{
	return control(cx, db, RELEASE);
}

enum err sqlite_undo(struct cx *cx, struct db *db)
{
	TRY(control(cx, db, UNDO));
	return control(cx, db, RELEASE);
}

bool sqlite_foreign_keys_hold(struct db *db)
{
	int open = 0, unused;
	sqlite3_db_status(sqlite_of(db)->connection, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &unused, 0);
	return open == 0;
}

enum err sqlite_script(struct cx *cx, struct db *db, const char *sql)
{
	int code = sqlite3_exec(sqlite_of(db)->connection, sql, NULL, NULL, NULL);
	return code ? refuse(cx, db, "script", code) : OK;
}

enum err sqlite_checkpoint(struct cx *cx, struct db *db, enum checkpoint how, int64_t wait, bool *done)
{
	static const int MODES[] = { SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
				     SQLITE_CHECKPOINT_TRUNCATE };
	int pages = 0, moved = 0;
	sqlite_of(db)->wait = wait;
	int code = sqlite3_wal_checkpoint_v2(sqlite_of(db)->connection, "main", MODES[how], &pages, &moved);
	sqlite_of(db)->wait = BUSY_WAIT;
	*done = code == SQLITE_OK && moved == pages;
	if (*done && how != CHECKPOINT_PASSIVE)
		sqlite_of(db)->wal_pages = 0;
	if (code == SQLITE_OK || code == SQLITE_BUSY)
		return OK;
	return refuse(cx, db, "checkpoint", code);
}

static int copy(struct db *from, sqlite3 *to)
{
	sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
	sqlite3_backup *b = sqlite3_backup_init(to, "main", sqlite_of(from)->connection, "main");
	if (!b)
		return sqlite3_extended_errcode(to);
	int code = sqlite3_backup_step(b, -1);
	int end = sqlite3_backup_finish(b);
	return code != SQLITE_DONE ? code : end;
}

/* from: NULL where it is only to be alone */
static enum err file_work(struct cx *cx, const char *name, const char *path, struct db *from)
{
	struct sqlite to = { .writes = true };
	int code = sqlite3_open_v2(path, &to.connection,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (!code)
		code = from ? copy(from, to.connection)
			    : sqlite3_exec(to.connection, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	enum err e = code ? refuse(cx, &to.db, name, code) : OK;
	sqlite3_close(to.connection);
	return e;
}

enum err sqlite_backup(struct cx *cx, struct db *from, const char *path)
{
	return file_work(cx, "backup", path, from);
}

enum err sqlite_alone(struct cx *cx, const char *path)
{
	return file_work(cx, "alone", path, NULL);
}
