#include "place.h"

#include "folder.h"
#include "migrate.h"
#include "postgresql.h"
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_postgresql(str name)
{
	return str_starts(name, S("postgresql://")) || str_starts(name, S("postgres://"));
}

static enum err server_open(struct cx *cx, str name, enum place_use use, struct place *p)
{
	unsigned how = POSTGRESQL_PATIENT | (use == PLACE_FILL_PLAIN ? 0 : POSTGRESQL_EXCLUSION);
	p->shared = true;
	return postgresql_open(cx, str_to_c(&cx->arena, name), how, &p->db);
}

static bool fills(enum place_use use)
{
	return use == PLACE_FILL || use == PLACE_FILL_PLAIN;
}

/* What is not there yet is a file where its last name has a dot inside. */
static bool is_folder(const char *name)
{
	struct stat s;
	const char *last = strrchr(name, '/');
	last = last ? last + 1 : name;
	return stat(name, &s) == 0 ? S_ISDIR(s.st_mode) : !*last || !strchr(last + 1, '.');
}

/* A file of SQLite's by its first bytes; to be filled, an empty one too. */
static enum err file_look(struct cx *cx, const char *path, enum place_use use)
{
	static const char BEGINS[16] = "SQLite format 3";
	char found[sizeof BEGINS];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return FAIL(cx, E_NOT_FOUND, S(""), "there is no database %s", path);
	if (fd < 0)
		return file_failed(cx, "open", path);
	ssize_t n = read(fd, found, sizeof found);
	close(fd);
	if ((n == 0 && fills(use)) || (n == sizeof found && memcmp(found, BEGINS, sizeof found) == 0))
		return OK;
	return FAIL(cx, E_NOT_FOUND, S(""), "%s is not a database of Noonmark", path);
}

static enum err file_open(struct cx *cx, str name, enum place_use use, struct place *p)
{
	char *path = str_to_c(&cx->arena, name);
	if (is_folder(path)) {
		if (!fills(use) && access(path, X_OK) != 0)
			return FAIL(cx, E_NOT_FOUND, S(""), "there is no folder %s", path);
		if (use != PLACE_READ)
			TRY(folder_take(cx, path, &p->lock));
		path = str_to_c(&cx->arena, str_format(&cx->arena, "%s/noonmark.db", path));
	}
	if (fills(use))
		TRY(file_make(cx, path));
	TRY(file_look(cx, path, use));
	return sqlite_open(cx, path, fills(use) ? SQLITE_WRITER : SQLITE_READER, &p->db);
}

enum err place_open(struct cx *cx, str name, enum place_use use, struct place *p)
{
	*p = (struct place){ .lock = -1 };
	enum err e = is_postgresql(name) ? server_open(cx, name, use, p) : file_open(cx, name, use, p);
	if (!e && fills(use))
		e = migrate(cx, p->db, migrations_known());
	else if (!e)
		e = migrate_check(cx, p->db, migrations_known(), use == PLACE_READ);
	if (e)
		place_close(p);
	return e;
}

void place_close(struct place *p)
{
	if (p->db && p->shared)
		postgresql_close(p->db);
	else if (p->db)
		sqlite_close(p->db);
	if (p->lock >= 0)
		close(p->lock);
	*p = (struct place){ .lock = -1 };
}

enum err place_snapshot(struct cx *cx, const struct place *p)
{
	return p->shared ? postgresql_begin(cx, p->db, POSTGRESQL_READER) : p->db->engine->begin(cx, p->db);
}

enum err place_settle(struct cx *cx, const struct place *p)
{
	bool done;
	return p->shared ? OK : sqlite_checkpoint(cx, p->db, CHECKPOINT_PASSIVE, 0, &done);
}

enum err place_check(struct cx *cx, const struct place *p)
{
	static const char sql[] = "PRAGMA integrity_check(1)";
	const struct engine *e = p->db->engine;
	struct prepared *check;
	bool row, fine;
	if (p->shared)
		return OK;
	TRY(e->prepare(cx, p->db, "check", sql, &check));
	enum err err = e->step(cx, p->db, "check", check, &row);
	fine = !err && row && str_is(e->column(check, 0).s, S("ok"));
	e->finalize(check);
	return err || fine ? err : FAIL(cx, E_INTERNAL, S(""), "the database is damaged");
}

static enum err copy_into(struct cx *cx, const char *part, void *from)
{
	TRY(sqlite_backup(cx, from, part));
	return sqlite_alone(cx, part);
}

enum err place_backup(struct cx *cx, const struct place *from, const char *path)
{
	return file_build(cx, path, copy_into, from->db);
}

enum err place_alone(struct cx *cx, const char *path)
{
	return sqlite_alone(cx, path);
}
