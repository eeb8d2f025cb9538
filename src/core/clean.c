#include "clean.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

/* Characters that show nothing, or turn the direction of what follows. */
static bool is_invisible(int32_t r)
{
	static const struct {
		int32_t from, to;
	} ranges[] = {
		{ 0xad, 0xad },     { 0x61c, 0x61c },   { 0x180e, 0x180e }, { 0x200b, 0x200b }, { 0x200e, 0x200f },
		{ 0x202a, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (r >= ranges[i].from && r <= ranges[i].to)
			return true;
	return false;
}

static bool is_control(int32_t r)
{
	return r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x2028 || r == 0x2029;
}

static bool is_line_end(int32_t r)
{
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029;
}

/* The next character; a malformed byte counts as one REPLACEMENT. */
static int32_t next(str s, size_t *at)
{
	int32_t r = str_rune(s, at);
	if (r >= 0)
		return r;
	++*at;
	return REPLACEMENT;
}

/* The character r, which was read from bytes [from, to) of s. */
static char *put(char *p, int32_t r, str s, size_t from, size_t to)
{
	str c = r == REPLACEMENT ? S("\xEF\xBF\xBD") : str_slice(s, from, to);
	memcpy(p, c.p, c.n);
	return p + c.n;
}

str clean_cut(str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return (str){ s.p, max };
}

str clean_line(struct arena *a, str s, size_t max)
{
	char *out = arena_take(a, s.n * 3 + 1, 1), *p = out; /* a malformed byte becomes three */
	for (size_t at = 0, from = 0; at < s.n; from = at) {
		int32_t r = next(s, &at);
		if (is_control(r) && p > out && p[-1] != ' ')
			*p++ = ' ';
		if (!is_control(r) && !is_invisible(r))
			p = put(p, r, s, from, at);
	}
	str line = str_trim((str){ out, (size_t)(p - out) });
	return max ? str_trim(clean_cut(line, max)) : line;
}

str clean_text(struct arena *a, str s, size_t max)
{
	char *out = arena_take(a, s.n * 3 + 1, 1), *p = out;
	for (size_t at = 0, from = 0; at < s.n; from = at) {
		int32_t r = next(s, &at);
		if (r == '\r' && at < s.n && s.p[at] == '\n')
			continue;
		if (is_line_end(r))
			*p++ = '\n';
		else if (r == '\t' || (!is_control(r) && !is_invisible(r)))
			p = put(p, r, s, from, at);
	}
	str text = { out, (size_t)(p - out) };
	return max ? clean_cut(text, max) : text;
}

str percent_encode(struct arena *a, str s)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *out = arena_take(a, s.n * 3 + 1, 1), *p = out;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (memchr(plain, c, sizeof plain - 1)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '%';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	return (str){ out, (size_t)(p - out) };
}
