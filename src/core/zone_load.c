/* Zones by name, from files, kept for the life of the process.  A name becomes part of a path, so its form is
 * checked first: no dots, no empty parts, nothing absolute.  Readers of the cache take no lock: a place in it is
 * written once, under the mutex, and published by a release store. */
#include "zone_data.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACES = 4096, PLACES_USED = 3000, FOLDER_DEPTH = 3, TAKEN_NAMES = 5000 };

static _Atomic(struct zone *) places[PLACES];
static size_t places_used;
static struct arena kept;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Not names of zones, though files of zones: this machine's choice, and copies that count leap seconds. */
static const char *const NOT_NAMES[] = { "localtime", "posixrules", "posix", "right", NULL };

static const char *folder(void)
{
	const char *dir = getenv("TZDIR");
	return dir && *dir ? dir : "/usr/share/zoneinfo";
}

static bool is_name_character(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '+';
}

static bool part_holds(str part)
{
	for (size_t i = 0; i < part.n; i++)
		if (!is_name_character(part.p[i]))
			return false;
	return part.n > 0;
}

static bool name_holds(str name)
{
	if (!name.n || name.n > ZONE_NAME || name.p[name.n - 1] == '/')
		return false;
	str rest = name, first = str_cut(&rest, '/');
	for (size_t i = 0; NOT_NAMES[i]; i++)
		if (str_is(first, str_of(NOT_NAMES[i])))
			return false;
	for (rest = name; rest.n;)
		if (!part_holds(str_cut(&rest, '/')))
			return false;
	return true;
}

static size_t place_first(str name)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 16777619u;
	return h % PLACES;
}

/* Its place, or the free one where it belongs. */
static size_t place_find(str name)
{
	for (size_t i = place_first(name);; i = (i + 1) % PLACES) {
		const struct zone *z = atomic_load_explicit(&places[i], memory_order_acquire);
		if (!z || str_is(str_of(z->name), name))
			return i;
	}
}

/* A copy that outlives the request; when the cache is full the request's own will do. */
static const struct zone *zone_keep(const struct zone *z)
{
	pthread_mutex_lock(&lock);
	size_t i = place_find(str_of(z->name));
	const struct zone *found = atomic_load_explicit(&places[i], memory_order_relaxed);
	if (!found && places_used < PLACES_USED) {
		size_t size = sizeof *z + z->n * sizeof z->entries[0];
		struct zone *copy = arena_take(&kept, size, _Alignof(struct zone));
		memcpy(copy, z, size);
		atomic_store_explicit(&places[i], copy, memory_order_release);
		places_used++;
		found = copy;
	}
	pthread_mutex_unlock(&lock);
	return found ? found : z;
}

/* The bytes of a regular file of at most ZONE_FILE. */
static bool file_read(struct arena *a, const char *path, str *out)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool held = false;
	if (fd < 0)
		return false;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 && s.st_size <= ZONE_FILE) {
		char *p = arena_take(a, (size_t)s.st_size, 1);
		ssize_t n = read(fd, p, (size_t)s.st_size);
		*out = (str){ p, (size_t)(n < 0 ? 0 : n) };
		held = n == s.st_size;
	}
	close(fd);
	return held;
}

enum err zone_load(struct cx *cx, str name, str field, const struct zone **out)
{
	struct zone *z;
	str bytes;
	if (!name_holds(name))
		return FAIL(cx, E_INVALID, field, "is not a time zone: give an IANA name such as Europe/Berlin");
	*out = atomic_load_explicit(&places[place_find(name)], memory_order_acquire);
	if (*out)
		return OK;
	str path = str_format(&cx->arena, "%s/%.*s", folder(), STR_ARG(name));
	if (!file_read(&cx->arena, path.p, &bytes))
		return FAIL(cx, E_INVALID, field,
			    "\"%.*s\" is not a known time zone: give an IANA name such as Europe/Berlin",
			    STR_ARG(name));
	if (zone_parse(cx, bytes, name, &z))
		return FAIL(cx, E_INVALID, field,
			    "the time zone \"%.*s\" cannot be used: its file on the server is damaged",
			    STR_ARG(name));
	*out = zone_keep(z);
	return OK;
}

bool zone_is(str name)
{
	struct cx cx = { 0 };
	const struct zone *z;
	bool is = zone_load(&cx, name, S(""), &z) == OK;
	arena_close(&cx.arena);
	return is;
}

const struct rule RULE_ZONE = {
	.pattern = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$",
	.wants = "a known IANA time zone such as Europe/Berlin",
	.holds = zone_is,
};

static struct list names_found;

static bool is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, magic, sizeof magic);
	if (fd >= 0)
		close(fd);
	return n == 4 && memcmp(magic, "TZif", 4) == 0;
}

/* Every zone below a folder; `under` is its name relative to the top, with a slash behind, or empty. */
static void names_walk(struct arena *a, str under, int depth, str *names, size_t *n)
{
	str path = str_format(a, "%s/%.*s", folder(), STR_ARG(under));
	DIR *dir = opendir(path.p);
	struct dirent *entry;
	while (dir && (entry = readdir(dir)) && *n < TAKEN_NAMES) {
		struct stat s;
		str name = str_format(a, "%.*s%s", STR_ARG(under), entry->d_name);
		str file = str_format(a, "%s/%.*s", folder(), STR_ARG(name));
		if (!name_holds(name) || str_is(name, S("Factory")) || stat(file.p, &s) != 0)
			continue;
		if (S_ISDIR(s.st_mode) && depth < FOLDER_DEPTH)
			names_walk(a, str_format(a, "%.*s/", STR_ARG(name)), depth + 1, names, n);
		else if (S_ISREG(s.st_mode) && is_zone_file(file.p))
			names[(*n)++] = name;
	}
	if (dir)
		closedir(dir);
}

static int names_order(const void *a, const void *b)
{
	return str_order(*(const str *)a, *(const str *)b);
}

static void names_make(void)
{
	struct arena scratch = { 0 };
	str *names = NEWS(&scratch, str, TAKEN_NAMES);
	size_t n = 0;
	names_walk(&scratch, S(""), 1, names, &n);
	qsort(names, n, sizeof *names, names_order);
	pthread_mutex_lock(&lock);
	str *copy = NEWS(&kept, str, n + 1);
	for (size_t i = 0; i < n; i++)
		copy[i] = str_copy(&kept, names[i]);
	names_found = (struct list){ copy, n };
	pthread_mutex_unlock(&lock);
	arena_close(&scratch);
}

const struct list *zone_names(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, names_make);
	return &names_found;
}
