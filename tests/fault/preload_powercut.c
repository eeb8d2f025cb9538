/* preload_powercut - a model of losing power, for LD_PRELOAD.
 *
 * Only what was synced survives: after each fsync or fdatasync of a file under POWERCUT_FROM its bytes are copied to
 * POWERCUT_TO; after each fsync of a folder its names are.  At the sync with the number POWERCUT_AT (from 1) the process
 * kills itself, as if power failed there: by POWERCUT_SEED either just after that sync took effect, before the program
 * knew, or just before it, with any 512-byte sectors, lengths and folders' names that were not synced yet also there or
 * not.  Without POWERCUT_AT somebody else kills it.  tests/fault/powercut.py makes a folder of what survived.
 *
 *     POWERCUT_TO/data/KEY       bytes of a file; KEY is its inode and time of birth
 *     POWERCUT_TO/names/FOLDER   a line "f KEY name" or "d - name" for each entry; FOLDER is '%' and the relative path with '%' for '/' */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, BLOCK = 64 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char from[PATH_MAX], to[PATH_MAX];
static long at, syncs;
static uint64_t seed;
static int (*real_fsync)(int), (*real_fdatasync)(int);

[[gnu::noreturn]] static void fail(const char *what)
{
	fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
	_exit(99);
}

/* A number below `limit` (xorshift64*). */
static uint64_t chance(uint64_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717) >> 16) % limit;
}

static void key_of(int fd, char out[64])
{
	struct statx x;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &x))
		fail("statx");
	snprintf(out, 64, "%llu-%llu.%u", (unsigned long long)x.stx_ino, (unsigned long long)x.stx_btime.tv_sec,
		 x.stx_btime.tv_nsec);
}

static int open_or_fail(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(path);
	return fd;
}

/* path - of what is in POWERCUT_TO, and the name it has until it is whole: a kill may come at any time. */
struct path {
	char text[PATH_MAX], part[PATH_MAX];
};

static void path_of(struct path *p, const char *kind, const char *name)
{
	if (snprintf(p->text, PATH_MAX, "%s/%s/%s", to, kind, name) >= PATH_MAX ||
	    snprintf(p->part, PATH_MAX, "%s/part/%s", to, name) >= PATH_MAX)
		fail("the path is too long");
}

static void publish(const struct path *p, int fd)
{
	close(fd);
	if (rename(p->part, p->text))
		fail(p->text);
}

static ssize_t read_block(int fd, unsigned char *block, off_t offset)
{
	size_t n = 0;
	while (n < BLOCK) {
		ssize_t got = pread(fd, block + n, BLOCK - n, offset + (off_t)n);
		if (got < 0)
			fail("pread");
		if (!got)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static void write_block(int fd, const unsigned char *block, size_t n, off_t offset)
{
	if (pwrite(fd, block, n, offset) != (ssize_t)n)
		fail("pwrite");
}

/* Keep a file as it is now. */
static void keep_file(int fd)
{
	static unsigned char block[BLOCK];
	char key[64];
	struct path p;
	key_of(fd, key);
	path_of(&p, "data", key);
	int out = open_or_fail(p.part, O_WRONLY | O_CREAT | O_TRUNC);
	ssize_t n;
	for (off_t offset = 0; (n = read_block(fd, block, offset)) > 0; offset += n)
		write_block(out, block, (size_t)n, offset);
	publish(&p, out);
}

/* The path of a folder or file under POWERCUT_FROM, relative, "." for itself; false: it is elsewhere, or removed. */
static bool relative(int fd, char out[PATH_MAX])
{
	char link[64], path[PATH_MAX];
	ssize_t n;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = 0;
	size_t root = strlen(from);
	if (strncmp(path, from, root) || (path[root] && path[root] != '/') || strstr(path, " (deleted)"))
		return false;
	snprintf(out, PATH_MAX, "%s", path[root] ? path + root + 1 : ".");
	return true;
}

static void keep_names(const char *folder)
{
	char path[PATH_MAX], name[PATH_MAX], key[64];
	struct path p;
	if (snprintf(name, sizeof name, "%%%s", strcmp(folder, ".") ? folder : "") >= PATH_MAX)
		fail(folder);
	for (char *c = name; *c; c++)
		*c = *c == '/' ? '%' : *c;
	path_of(&p, "names", name);
	if (snprintf(path, sizeof path, "%s/%s", from, folder) >= PATH_MAX)
		fail(folder);
	int out = open_or_fail(p.part, O_WRONLY | O_CREAT | O_TRUNC);
	DIR *d = opendir(path);
	if (!d)
		fail(path);
	for (struct dirent *e; (e = readdir(d));) {
		int fd = e->d_name[0] == '.' ? -1 : openat(dirfd(d), e->d_name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		key_of(fd, key);
		dprintf(out, "%c %s %s\n", e->d_type == DT_DIR ? 'd' : 'f', e->d_type == DT_DIR ? "-" : key,
			e->d_name);
		close(fd);
	}
	closedir(d);
	publish(&p, out);
}

/* Each file under a folder, and each folder after what is in it; what is removed meanwhile is left out. */
static void walk(const char *folder, void (*each_file)(int fd), void (*each_folder)(const char *folder))
{
	char path[PATH_MAX], inner[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/%s", from, folder) >= PATH_MAX)
		fail(folder);
	DIR *d = opendir(path);
	if (!d && errno == ENOENT)
		return;
	if (!d)
		fail(path);
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type == DT_DIR) {
			if (snprintf(inner, sizeof inner, "%s/%s", folder, e->d_name) >= PATH_MAX)
				fail(e->d_name);
			walk(strcmp(folder, ".") ? inner : e->d_name, each_file, each_folder);
			continue;
		}
		int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		each_file(fd);
		close(fd);
	}
	closedir(d);
	each_folder(folder);
}

/* ---- the cut ---- */

/* One file: of each sector that differs, the old one or the new one. */
static void tear_file(int fd)
{
	static const uint64_t PERCENT[] = { 0, 10, 50, 90, 100 };
	static unsigned char now[BLOCK], old[BLOCK];
	uint64_t percent = PERCENT[chance(5)];
	char key[64];
	struct path p;
	struct stat was, is;
	key_of(fd, key);
	path_of(&p, "data", key);
	int out = open_or_fail(p.text, O_RDWR | O_CREAT);
	if (fstat(out, &was) || fstat(fd, &is))
		fail("fstat");
	off_t longer = was.st_size > is.st_size ? was.st_size : is.st_size;
	for (off_t offset = 0; offset < longer; offset += BLOCK) {
		memset(now, 0, BLOCK);
		memset(old, 0, BLOCK);
		(void)read_block(fd, now, offset);
		(void)read_block(out, old, offset);
		for (off_t s = 0; s < BLOCK && offset + s < is.st_size; s += SECTOR)
			if (memcmp(now + s, old + s, SECTOR) && chance(100) < percent)
				write_block(out, now + s, SECTOR, offset + s);
	}
	off_t shorter = was.st_size + is.st_size - longer;
	off_t size = shorter + (off_t)chance((uint64_t)(longer - shorter) / SECTOR + 1) * SECTOR;
	if (was.st_size != is.st_size && ftruncate(out, size))
		fail("ftruncate");
	close(out);
}

static void tear_names(const char *folder)
{
	if (chance(2))
		keep_names(folder);
}

[[gnu::noreturn]] static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static int sync_and_keep(int fd, int (*real)(int))
{
	char path[PATH_MAX];
	struct stat st;
	if (!from[0] || !relative(fd, path) || fstat(fd, &st))
		return real(fd);
	pthread_mutex_lock(&lock);
	bool cut = ++syncs == at;
	if (cut && chance(2)) {
		walk(".", tear_file, tear_names);
		die();
	}
	int code = real(fd);
	if (!code && S_ISDIR(st.st_mode))
		keep_names(path);
	else if (!code)
		keep_file(fd);
	if (cut)
		die();
	pthread_mutex_unlock(&lock);
	return code;
}

int fsync(int fd)
{
	return sync_and_keep(fd, real_fsync);
}

int fdatasync(int fd)
{
	return sync_and_keep(fd, real_fdatasync);
}

/* ---- the start: what is there is durable ---- */

static const char *setting(const char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}

[[gnu::constructor]] static void start(void)
{
	static const char *const KINDS[] = { "", "/data", "/names", "/part" };
	char path[PATH_MAX + 16];
	/* dlsym gives objects; POSIX says that they are functions too */
	*(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	if (!*setting("POWERCUT_FROM"))
		return;
	snprintf(to, sizeof to, "%s", setting("POWERCUT_TO"));
	at = strtol(setting("POWERCUT_AT"), NULL, 10);
	seed = strtoull(setting("POWERCUT_SEED"), NULL, 10) * 2 + 1;
	for (int i = 0; i < 20; i++)
		(void)chance(2);
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		snprintf(path, sizeof path, "%s%s", to, KINDS[i]);
		if (mkdir(path, 0700) && errno != EEXIST)
			fail(path);
	}
	if (!realpath(setting("POWERCUT_FROM"), from))
		fail("POWERCUT_FROM");
	walk(".", keep_file, keep_names);
	unsetenv("LD_PRELOAD"); /* the process itself only, not those that it starts */
}
