/* Any bytes as a query string, a Cookie field, and the lists of conditional requests. */
#include "api/http/conditional.h"
#include "api/http/query.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void encode(struct buf *out, str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_format(out, "%%%02x", (unsigned char)s.p[i]);
}

/* written out and read again, the pairs are the same */
static void query_again(struct cx *cx, const struct pairs *pairs)
{
	struct buf text = { 0 };
	struct pairs again;
	for (size_t i = 0; i < pairs->n; i++) {
		encode(&text, pairs->items[i].name);
		buf_add_char(&text, '=');
		encode(&text, pairs->items[i].value);
		buf_add_char(&text, '&');
	}
	enum err e = query_parse(cx, buf_str(&text), &again);
	assert(e == OK && again.n == pairs->n);
	for (size_t i = 0; i < pairs->n; i++)
		assert(str_is(pairs->items[i].name, again.items[i].name) &&
		       str_is(pairs->items[i].value, again.items[i].value));
	buf_free(&text);
}

static void query_check(struct cx *cx, str text)
{
	struct pairs pairs;
	if (query_parse(cx, text, &pairs) != OK) {
		assert(cx->fault.code == E_MALFORMED && cx->fault.message.n);
		return;
	}
	assert(pairs.n <= QUERY_PAIRS);
	for (size_t i = 0; i < pairs.n; i++) {
		str name = pairs.items[i].name, value = pairs.items[i].value;
		assert(name.n > 0 && name.n <= QUERY_NAME && str_is_utf8(name) && str_is_utf8(value));
		assert(str_find(name, 0) == name.n && str_find(value, 0) == value.n);
		assert(query_find(&pairs, name).p);
	}
	query_again(cx, &pairs);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct cx cx = { 0 };
	str text = { (const char *)data, size };
	query_check(&cx, text);
	str value = cookie_find(text, S("a"));
	assert(!value.p || value.n <= size);
	(void)cookie_find(text, S("__Host-session"));
	str rest = text, first = str_cut(&rest, '\n');
	bool strong = etag_matches(first, rest, false);
	assert(!strong || etag_matches(first, rest, true));
	for (enum encoding e = ENCODING_IDENTITY; e <= ENCODING_BR; e++)
		(void)encoding_accepted(text, e);
	arena_close(&cx.arena);
	return 0;
}
