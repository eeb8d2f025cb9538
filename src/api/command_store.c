#include "command_store.h"

#include "config.h"
#include "store/copy.h"
#include "store/folder.h"
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TELL_ROWS = 100000 };

static int answer(struct cx *cx, enum err e, const char *done)
{
	if (e)
		fprintf(stderr, "noonmark: %.*s%s%.*s\n", STR_ARG(cx->fault.message), cx->fault.detail.n ? ": " : "",
			STR_ARG(cx->fault.detail));
	else
		puts(done);
	arena_close(&cx->arena);
	return e ? 1 : 0;
}

/* A line for each table, and for each hundred thousand rows of it. */
static void tell(const char *what, const char *table, int64_t rows)
{
	if (rows % TELL_ROWS == 0 || rows % PLACE_PIECE != 0)
		printf("%s %lld rows of %s\n", what, (long long)rows, table);
	fflush(stdout);
}

static enum place_use fill_of(const struct config *config)
{
	return config->exclusion ? PLACE_FILL : PLACE_FILL_PLAIN;
}

static enum err copy_between(struct cx *cx, str from, str to, enum place_use fill)
{
	struct place source, target;
	TRY(place_open(cx, from, PLACE_MOVE, &source));
	enum err e = place_open(cx, to, fill, &target);
	if (!e) {
		e = copy_run(cx, &source, &target, tell);
		place_close(&target);
	}
	place_close(&source);
	return e;
}

int command_copy(int argc, char **argv)
{
	struct cx cx = { .now = site_now() };
	struct config config;
	const char *from = NULL, *to = NULL;
	for (int i = 1; i + 1 < argc; i += 2) {
		from = strcmp(argv[i], "--from") == 0 ? argv[i + 1] : from;
		to = strcmp(argv[i], "--to") == 0 ? argv[i + 1] : to;
	}
	if (argc != 5 || !from || !to) {
		fprintf(stderr, "usage: noonmark copy --from PLACE --to PLACE\n"
				"A place is a postgresql:// address, a data folder, or a backup's file.\n");
		return 2;
	}
	enum err e = config_load(&cx, NULL, &config);
	if (!e)
		e = copy_between(&cx, str_of(from), str_of(to), fill_of(&config));
	return answer(&cx, e,
		      "Every row was compared: the copy is complete.  The data folder's master.key belongs to it.");
}

/* ---- the key, which goes along */

static enum err key_read(struct cx *cx, const char *path, unsigned char key[MASTER_KEY])
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? FAIL(cx, E_NOT_FOUND, S(""), "there is no key %s", path)
				       : file_failed(cx, "open", path);
	ssize_t n = read(file, key, MASTER_KEY);
	close(file);
	return n == MASTER_KEY ? OK : FAIL(cx, E_UNAVAILABLE, S(""), "%s is not a key of %d bytes", path, MASTER_KEY);
}

static enum err key_write(struct cx *cx, const char *path, const unsigned char key[MASTER_KEY])
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return errno == EEXIST ? FAIL(cx, E_CONFLICT, S(""), "%s exists already", path)
				       : file_failed(cx, "make", path);
	bool fine = write(file, key, MASTER_KEY) == MASTER_KEY && fsync(file) == 0;
	close(file);
	if (!fine) {
		enum err e = file_failed(cx, "write", path);
		unlink(path);
		return e;
	}
	return folder_sync(cx, str_to_c(&cx->arena, folder_of(str_of(path))));
}

/* *made: it was not there before. */
static enum err key_copy(struct cx *cx, const char *from, const char *to, bool *made)
{
	unsigned char key[MASTER_KEY], there[MASTER_KEY];
	TRY(key_read(cx, from, key));
	enum err e = key_read(cx, to, there);
	*made = e == E_NOT_FOUND;
	if (*made)
		e = key_write(cx, to, key);
	else if (!e && memcmp(key, there, sizeof key) != 0)
		e = FAIL(cx, E_CONFLICT, S(""),
			 "%s is another key than %s: what one of them sealed the other cannot open", to, from);
	explicit_bzero(key, sizeof key);
	explicit_bzero(there, sizeof there);
	return e;
}

/* ---- backup and restore */

/* naming - the files of a backup, and those of the configured folder. */
struct naming {
	const char *file, *file_key, *database, *master_key;
};

static struct naming naming_of(struct cx *cx, const struct config *config, const char *file)
{
	return (struct naming){
		.file = file,
		.file_key = str_format(&cx->arena, "%s.key", file).p,
		.database = str_format(&cx->arena, "%.*s/noonmark.db", STR_ARG(config->data)).p,
		.master_key = str_format(&cx->arena, "%.*s/master.key", STR_ARG(config->data)).p,
	};
}

static enum err copy_to_file(struct cx *cx, const char *part, void *from)
{
	TRY(copy_between(cx, *(const str *)from, str_of(part), PLACE_FILL));
	return place_alone(cx, part);
}

static enum err backup_place(struct cx *cx, const struct config *config, const char *file)
{
	struct place source;
	str from = config->database;
	if (from.n)
		return file_build(cx, file, copy_to_file, &from);
	TRY(place_open(cx, config->data, PLACE_READ, &source));
	enum err e = place_backup(cx, &source, file);
	place_close(&source);
	return e;
}

static enum err backup(struct cx *cx, const struct config *config, const char *file)
{
	struct naming n = naming_of(cx, config, file);
	bool made;
	if (access(file, F_OK) == 0)
		return FAIL(cx, E_CONFLICT, S(""), "%s exists already", file);
	TRY(key_copy(cx, n.master_key, n.file_key, &made));
	enum err e = backup_place(cx, config, file);
	if (e && made)
		unlink(n.file_key);
	return e;
}

/* Before anything is written. */
static enum err backup_check(struct cx *cx, const char *file)
{
	struct place source;
	TRY(place_open(cx, str_of(file), PLACE_READ, &source));
	enum err e = place_check(cx, &source);
	if (!e)
		e = copy_source_check(cx, &source);
	place_close(&source);
	return e;
}

/* The file's pages as they are. */
static enum err restore_file(struct cx *cx, const struct naming *n)
{
	struct place source;
	TRY(place_open(cx, str_of(n->file), PLACE_READ, &source));
	enum err e = place_backup(cx, &source, n->database);
	place_close(&source);
	return e;
}

/* What newer versions of the program add. */
static enum err bring_up_to_date(struct cx *cx, const struct naming *n)
{
	struct place target;
	TRY(place_open(cx, str_of(n->database), PLACE_FILL, &target));
	place_close(&target);
	return OK;
}

/* The key first: what was ended after it goes on when it is called again. */
static enum err restore_both(struct cx *cx, const struct config *config, const struct naming *n)
{
	bool made, shared = config->database.n > 0;
	TRY(backup_check(cx, n->file));
	TRY(key_copy(cx, n->file_key, n->master_key, &made));
	enum err e =
	    shared ? copy_between(cx, str_of(n->file), config->database, fill_of(config)) : restore_file(cx, n);
	if (e && made)
		unlink(n->master_key);
	return e || shared ? e : bring_up_to_date(cx, n);
}

static enum err restore(struct cx *cx, const struct config *config, const char *file)
{
	struct naming n = naming_of(cx, config, file);
	int lock;
	TRY(folder_take(cx, str_to_c(&cx->arena, config->data), &lock));
	enum err e = restore_both(cx, config, &n);
	close(lock);
	return e;
}

static int with_config(int argc, char **argv, enum err (*run)(struct cx *, const struct config *, const char *),
		       const char *done)
{
	struct cx cx = { .now = site_now() };
	struct config config;
	bool configured = argc == 4 && strcmp(argv[2], "--config") == 0;
	if ((argc != 2 && !configured) || argv[1][0] == '-') {
		fprintf(stderr, "usage: noonmark %s FILE [--config FILE]\n", argv[0]);
		return 2;
	}
	enum err e = config_load(&cx, configured ? argv[3] : NULL, &config);
	if (!e)
		e = run(&cx, &config, argv[1]);
	return answer(&cx, e, done);
}

int command_backup(int argc, char **argv)
{
	return with_config(argc, argv, backup,
			   "The backup is complete: the file, and its key beside it with .key behind its name.");
}

int command_restore(int argc, char **argv)
{
	return with_config(argc, argv, restore, "The database is restored: start the server.");
}
