/* store_scene - a database in a folder of its own, through its interface: for tests of the store as a whole. */
#ifndef UNIT_STORE_SCENE_H
#define UNIT_STORE_SCENE_H
#include "store/migrate.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STATEMENT(name, text) static const struct stmt name = { #name, "", text, NULL }

struct bench {
	struct cx cx;
	struct store *store;
	char folder[64], data[80]; /* data is in folder, made by the store */
};

/* bench_open - open the store, with the migrations that a program knows. */
[[maybe_unused]] static enum err bench_open(struct bench *b, const struct migration *known)
{
	fault_clear(&b->cx);
	return store_open(&b->cx, &(struct store_options){ .folder = b->data, .migrations = known }, &b->store);
}

[[maybe_unused]] static int bench_set_up(void **state, const struct migration *known)
{
	struct bench *b = calloc(1, sizeof *b);
	snprintf(b->folder, sizeof b->folder, "/tmp/noonmark-store-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->data, sizeof b->data, "%s/data", b->folder);
	b->cx.now = (instant){ 1770000000 };
	assert_int_equal(bench_open(b, known), OK);
	*state = b;
	return 0;
}

[[maybe_unused]] static int bench_tear_down(void **state)
{
	struct bench *b = *state;
	char command[128];
	store_close(b->store);
	arena_close(&b->cx.arena);
	snprintf(command, sizeof command, "rm -r '%s'", b->folder);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}
#endif
