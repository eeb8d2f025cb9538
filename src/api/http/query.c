#include "query.h"

#include "target.h"

static int decoded_byte(str raw, size_t *at)
{
	char c = raw.p[(*at)++];
	if (c != '%')
		return c == '+' ? ' ' : (unsigned char)c;
	if (*at + 2 > raw.n)
		return -1;
	int high = hex_digit(raw.p[*at]), low = hex_digit(raw.p[*at + 1]);
	*at += 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static enum err query_decode(struct cx *cx, str what, str raw, str *out)
{
	char *p = arena_take(&cx->arena, raw.n + 1, 1);
	size_t n = 0;
	for (size_t at = 0; at < raw.n;) {
		int byte = decoded_byte(raw, &at);
		if (byte < 0)
			return FAIL(cx, E_MALFORMED, what, "'%%' must be followed by two hexadecimal digits");
		if (byte == 0)
			return FAIL(cx, E_MALFORMED, what, "a NUL character is not allowed");
		p[n++] = (char)byte;
	}
	*out = (str){ p, n };
	if (!str_is_utf8(*out))
		return FAIL(cx, E_MALFORMED, what, "this is not valid UTF-8");
	return OK;
}

static enum err pair_parse(struct cx *cx, str piece, struct pair *out)
{
	str raw = str_cut(&piece, '=');
	TRY(query_decode(cx, S("query"), raw, &out->name));
	if (out->name.n == 0)
		return FAIL(cx, E_MALFORMED, S("query"), "a value has no name before its '='");
	if (out->name.n > QUERY_NAME)
		return FAIL(cx, E_MALFORMED, S("query"), "a name is longer than %d bytes", QUERY_NAME);
	return query_decode(cx, out->name, piece, &out->value);
}

enum err query_parse(struct cx *cx, str text, struct pairs *out)
{
	size_t cap = 0;
	*out = (struct pairs){ 0 };
	while (text.n) {
		str piece = str_cut(&text, '&');
		if (piece.n == 0)
			continue;
		if (out->n == QUERY_PAIRS)
			return FAIL(cx, E_MALFORMED, S("query"), "more than %d names and values", QUERY_PAIRS);
		out->items =
		    arena_grow(&cx->arena, out->items, out->n, &cap, sizeof *out->items, _Alignof(struct pair));
		TRY(pair_parse(cx, piece, &out->items[out->n]));
		out->n++;
	}
	return OK;
}

str query_find(const struct pairs *pairs, str name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (str_is(pairs->items[i].name, name))
			return pairs->items[i].value;
	return (str){ NULL, 0 };
}

str cookie_find(str cookies, str name)
{
	str found = { NULL, 0 };
	for (int i = 0; cookies.n && i < QUERY_COOKIES; i++) {
		str pair = str_cut(&cookies, ';');
		if (str_find(pair, '=') == pair.n || !str_is(str_trim(str_cut(&pair, '=')), name))
			continue;
		str value = str_trim(pair);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = str_slice(value, 1, value.n - 1);
		if (!value.p)
			value = S("");
		if (found.p && !str_is(found, value))
			return (str){ NULL, 0 };
		found = value;
	}
	return found;
}
