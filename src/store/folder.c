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
