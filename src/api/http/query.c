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

/* NULL, or what is wrong */
static const char *query_decode(struct arena *arena, str raw, str *out)
{
	char *p = arena_take(arena, raw.n + 1, 1);
	size_t n = 0;
	for (size_t at = 0; at < raw.n;) {
		int byte = decoded_byte(raw, &at);
		if (byte < 0)
			return "has a '%' without two hexadecimal digits behind it";
		if (byte == 0)
			return "has a NUL character";
		p[n++] = (char)byte;
	}
	*out = (str){ p, n };
	return str_is_utf8(*out) ? NULL : "is not valid UTF-8";
}

static enum err pair_parse(struct cx *cx, str piece, struct pair *out)
{
	str raw = str_cut(&piece, '=');
	const char *wrong = query_decode(&cx->arena, raw, &out->name);
	if (!wrong && out->name.n == 0)
		wrong = "is missing before '='";
	if (!wrong && out->name.n > QUERY_NAME)
		wrong = "is too long";
	if (wrong)
		return FAIL(cx, E_MALFORMED, S(""), "a name in the query or form %s", wrong);
	wrong = query_decode(&cx->arena, piece, &out->value);
	if (wrong)
		return FAIL(cx, E_MALFORMED, str_format(&cx->arena, "/%.*s", STR_ARG(out->name)), "%s", wrong);
	return OK;
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
			return FAIL(cx, E_MALFORMED, S(""), "the query or form has more than %d names", QUERY_PAIRS);
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
