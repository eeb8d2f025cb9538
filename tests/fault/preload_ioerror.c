/* preload_ioerror - a disk that fails, for LD_PRELOAD: one call on a file under IOERROR_FROM ends otherwise.
 *
 *     IOERROR_CALL   pwrite, pread, fdatasync, fsync, ftruncate or unlink
 *     IOERROR_AT     which of those calls, from 1; 0: none
 *     IOERROR_HOW    EIO, ENOSPC, or short: a write that is half done
 *
 * The process says on stderr when it does, "ioerror fails", and at its end how many such calls there were, "ioerror 123".
 * A folder's fdatasync is left alone: SQLite asks again by fsync. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char from[PATH_MAX];
static const char *call = "", *how = "";
static long at;
static atomic_long calls;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fdatasync)(int), (*real_fsync)(int), (*real_ftruncate)(int, off_t), (*real_unlink)(const char *);

static bool is_ours(const char *path)
{
	size_t n = strlen(from);
	return n && !strncmp(path, from, n) && (!path[n] || path[n] == '/');
}

static bool is_our_file(int fd)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = 0;
	return is_ours(path);
}

/* Whether this call is the one. */
static bool fails(const char *name, bool ours)
{
	if (strcmp(name, call) || !ours || atomic_fetch_add(&calls, 1) + 1 != at)
		return false;
	dprintf(STDERR_FILENO, "ioerror fails\n");
	errno = strcmp(how, "ENOSPC") ? EIO : ENOSPC;
	return true;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	if (!fails("pwrite", is_our_file(fd)))
		return real_pwrite(fd, bytes, n, offset);
	return strcmp(how, "short") ? -1 : real_pwrite(fd, bytes, (n + 1) / 2, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t offset)
{
	return pwrite(fd, bytes, n, offset);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t offset)
{
	return fails("pread", is_our_file(fd)) ? -1 : real_pread(fd, bytes, n, offset);
}

ssize_t pread64(int fd, void *bytes, size_t n, off_t offset)
{
	return pread(fd, bytes, n, offset);
}

int fdatasync(int fd)
{
	struct stat st;
	return fails("fdatasync", is_our_file(fd) && !fstat(fd, &st) && S_ISREG(st.st_mode)) ? -1
											     : real_fdatasync(fd);
}

int fsync(int fd)
{
	return fails("fsync", is_our_file(fd)) ? -1 : real_fsync(fd);
}

int ftruncate(int fd, off_t size)
{
	return fails("ftruncate", is_our_file(fd)) ? -1 : real_ftruncate(fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int unlink(const char *path)
{
	return fails("unlink", is_ours(path)) ? -1 : real_unlink(path);
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}

[[gnu::constructor]] static void start(void)
{
	/* dlsym gives objects; POSIX says that they are functions too */
	*(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	*(void **)&real_pread = dlsym(RTLD_NEXT, "pread");
	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
	*(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
	*(void **)&real_unlink = dlsym(RTLD_NEXT, "unlink");
	snprintf(from, sizeof from, "%s", setting("IOERROR_FROM"));
	call = setting("IOERROR_CALL");
	how = setting("IOERROR_HOW");
	at = strtol(setting("IOERROR_AT"), NULL, 10);
}

[[gnu::destructor]] static void end(void)
{
	if (*call)
		dprintf(STDERR_FILENO, "ioerror %ld\n", calls);
}
