#include "place.h"

#include "folder.h"
#include "migrate.h"
#include "postgresql.h"
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_postgresql(str name)
{
	return str_starts(name, S("postgresql://")) || str_starts(name, S("postgres://"));
}

static enum err server_open(struct cx *cx, str name, struct place *p)
{
	p->shared = true;
	return postgresql_open(cx, str_to_c(&cx->arena, name), true, &p->db);
}

/* What is not there yet is a file where its last name has a dot inside. */
static bool is_folder(const char *name)
{
	struct stat s;
	const char *last = strrchr(name, '/');
	last = last ? last + 1 : name;
	return stat(name, &s) == 0 ? S_ISDIR(s.st_mode) : !*last || !strchr(last + 1, '.');
}

static enum err file_open(struct cx *cx, str name, enum place_use use, struct place *p)
{
	char *path = str_to_c(&cx->arena, name);
	if (is_folder(path)) {
		if (use != PLACE_FILL && access(path, X_OK) != 0)
			return FAIL(cx, E_NOT_FOUND, S(""), "there is no folder %s", path);
		if (use != PLACE_READ)
			TRY(folder_take(cx, path, &p->lock));
		path = str_to_c(&cx->arena, str_format(&cx->arena, "%s/noonmark.db", path));
	}
	if (use == PLACE_FILL)
		TRY(file_make(cx, path));
	else if (access(path, R_OK) != 0)
		return FAIL(cx, E_NOT_FOUND, S(""), "there is no database %s", path);
	return sqlite_open(cx, path, use == PLACE_FILL ? SQLITE_WRITER : SQLITE_READER, &p->db);
}

enum err place_open(struct cx *cx, str name, enum place_use use, struct place *p)
{
	*p = (struct place){ .lock = -1 };
	enum err e = is_postgresql(name) ? server_open(cx, name, p) : file_open(cx, name, use, p);
	if (!e && use == PLACE_FILL)
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

static enum err copy_into(struct cx *cx, const struct place *from, const char *part, const char *path)
{
	TRY(sqlite_backup(cx, from->db, part));
	int fd = open(part, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return file_failed(cx, "open", part);
	int code = fsync(fd);
	close(fd);
	if (code)
		return file_failed(cx, "sync", part);
	if (link(part, path))
		return errno == EEXIST ? FAIL(cx, E_CONFLICT, S(""), "%s exists already", path)
				       : file_failed(cx, "make", path);
	return folder_sync(cx, str_to_c(&cx->arena, folder_of(str_of(path))));
}

enum err place_backup(struct cx *cx, const struct place *from, const char *path)
{
	const char *part = str_format(&cx->arena, "%s.part", path).p;
	int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? FAIL(cx, E_CONFLICT, S(""), "%s exists already", part)
				       : file_failed(cx, "make", part);
	close(fd);
	enum err e = copy_into(cx, from, part, path);
	unlink(part);
	return e;
}
