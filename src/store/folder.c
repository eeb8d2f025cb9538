#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum err file_failed(struct cx *cx, const char *what, const char *path)
{
	enum err e = errno == ENOSPC || errno == EDQUOT ? E_STORAGE_FULL : E_UNAVAILABLE;
	return FAIL(cx, e, S(""), "cannot %s %s: %s", what, path, strerror(errno));
}

/* A new name is durable once its folder is synced. */
enum err folder_sync(struct cx *cx, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_failed(cx, "open", path);
	int code = fsync(fd);
	close(fd);
	return code ? file_failed(cx, "sync", path) : OK;
}

str folder_of(str path)
{
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path.n ? path : S(".");
}

static enum err folder_make(struct cx *cx, const char *folder)
{
	if (!mkdir(folder, 0700))
		return folder_sync(cx, str_to_c(&cx->arena, folder_of(str_of(folder))));
	return errno == EEXIST ? OK : file_failed(cx, "make the folder", folder);
}

static enum err folder_taken(struct cx *cx, int fd, const char *folder)
{
	char text[16] = { 0 };
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	str who = str_trim((str){ text, n > 0 ? (size_t)n : 0 });
	return FAIL(cx, E_CONFLICT, S(""),
		    "another process%s%.*s has the data folder %s: stop it first, or use another folder",
		    who.n ? " " : "", STR_ARG(who), folder);
}

/* The lock is the file's flock, not its being there: it ends with the process, however that ends. */
static enum err folder_lock(struct cx *cx, const char *folder, int *out)
{
	const char *path = str_format(&cx->arena, "%s/lock", folder).p;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return file_failed(cx, "open", path);
	*out = fd;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? folder_taken(cx, fd, folder) : file_failed(cx, "lock", path);
	if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		return errno == ENOSPC ? OK : file_failed(cx, "write", path); /* the number is for people only */
	return OK;
}

/* The engine gives the files beside it the permissions of this one.  It must not be opened and closed here while the
 * engine has it open: that would drop the engine's locks. */
enum err file_make(struct cx *cx, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? OK : file_failed(cx, "make", path);
	close(fd);
	return folder_sync(cx, str_to_c(&cx->arena, folder_of(str_of(path))));
}

enum err folder_take(struct cx *cx, const char *folder, int *lock)
{
	TRY(folder_make(cx, folder));
	return folder_lock(cx, folder, lock);
}

/* ---- a file that is whole or absent */

static void part_remove(struct cx *cx, const char *part)
{
	static const char *const BESIDE[] = { "", "-wal", "-shm", "-journal" };
	for (size_t i = 0; i < sizeof BESIDE / sizeof *BESIDE; i++)
		unlink(str_format(&cx->arena, "%s%s", part, BESIDE[i]).p);
}

static bool is_named(int fd, const char *path)
{
	struct stat own, named;
	return !fstat(fd, &own) && !stat(path, &named) && own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

/* It is ours while *out is open, as the lock ends with a process.  One that lost its name was just made anew by another. */
static enum err part_take(struct cx *cx, const char *part, int *out)
{
	*out = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*out < 0)
		return file_failed(cx, "make", part);
	bool locked = !flock(*out, LOCK_EX | LOCK_NB);
	if (locked && is_named(*out, part))
		return OK;
	enum err e = locked || errno == EWOULDBLOCK
			 ? FAIL(cx, E_CONFLICT, S(""), "another process is writing %s", part)
			 : file_failed(cx, "lock", part);
	close(*out);
	return e;
}

/* Another file than the one that is there: that may by now be a finished one's second name. */
static enum err part_make(struct cx *cx, const char *part, int *out)
{
	int old;
	TRY(part_take(cx, part, &old));
	part_remove(cx, part);
	enum err e = part_take(cx, part, out);
	close(old);
	return e;
}

static enum err part_publish(struct cx *cx, const char *part, int fd, const char *path)
{
	if (fsync(fd))
		return file_failed(cx, "sync", part);
	if (link(part, path))
		return errno == EEXIST ? FAIL(cx, E_CONFLICT, S(""), "%s exists already", path)
				       : file_failed(cx, "make", path);
	return folder_sync(cx, str_to_c(&cx->arena, folder_of(str_of(path))));
}

enum err file_build(struct cx *cx, const char *path, enum err (*fill)(struct cx *, const char *part, void *),
		    void *arg)
{
	const char *part = str_format(&cx->arena, "%s.part", path).p;
	int fd;
	if (access(path, F_OK) == 0)
		return FAIL(cx, E_CONFLICT, S(""), "%s exists already", path);
	TRY(part_make(cx, part, &fd));
	enum err e = fill(cx, part, arg);
	if (!e)
		e = part_publish(cx, part, fd, path);
	part_remove(cx, part);
	close(fd);
	return e;
}
