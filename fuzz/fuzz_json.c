/* JSON bodies and query strings against every route's tables: whatever comes, decoding ends, what it accepts can be
 * written as JSON that it accepts again, and what it says about the rest is UTF-8.
 *
 * Input: a byte for the route, one for what to do, and the text. */
#include "api/routes.h"
#include "base/fault.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { STRUCT_BYTES = 8192 };

static size_t route_count(void)
{
	size_t n = 0;
	while (routes_each(n))
		n++;
	return n;
}

static void problems_check(const struct cx *cx)
{
	assert(cx->fault.code != OK && cx->fault.code != E_INTERNAL);
	assert(str_is_utf8(cx->fault.message));
	for (const struct problem *p = cx->fault.problems; p; p = p->next)
		assert(str_is_utf8(p->field) && str_is_utf8(p->message));
}

/* What a table shows can be read again by the same table, once its members that only go out are passed over. */
static void body_try(struct cx *cx, const struct field *table, size_t size, str text, enum field_mode mode)
{
	void *body = arena_take(&cx->arena, size, _Alignof(max_align_t));
	if (mode == FIELD_MERGE)
		field_defaults(table, body);
	if (field_decode(cx, table, body, text, mode)) {
		problems_check(cx);
		return;
	}
	str shown = field_encode(&cx->arena, table, body);
	assert(str_is_utf8(shown));
	struct field both[64];
	size_t n = 0;
	for (; table[n].name && n < 63; n++) {
		both[n] = table[n];
		if (!(table[n].flags & IN))
			both[n].flags |= IN | SKIP;
	}
	both[n] = (struct field)FIELD_END;
	void *again = arena_take(&cx->arena, size, _Alignof(max_align_t));
	if (mode == FIELD_NEW) /* a merge leaves what was absent, which a new one may not be */
		(void)field_decode(cx, both, again, shown, FIELD_NEW);
}

static void query_try(struct cx *cx, const struct route *r, str text)
{
	struct pairs pairs;
	void *query = arena_take(&cx->arena, r->query_size, _Alignof(max_align_t));
	if (query_parse(cx, text, &pairs) || field_decode_pairs(cx, r->query, query, pairs.items, pairs.n))
		problems_check(cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static size_t count;
	struct cx cx = { .now = { 1772438400 } };
	if (!count)
		count = route_count();
	if (size < 2)
		return 0;
	const struct route *r = routes_each(data[0] % count);
	str text = { (const char *)data + 2, size - 2 };
	if (data[1] & 1 && r->query)
		query_try(&cx, r, text);
	else if (r->body)
		body_try(&cx, r->body, r->body_size, text, FIELD_NEW);
	else if (r->merge)
		body_try(&cx, r->merge, STRUCT_BYTES, text, FIELD_MERGE);
	arena_close(&cx.arena);
	return 0;
}
