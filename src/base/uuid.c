#include "field.h"

#include <string.h>

bool uuid_is(uuid u)
{
	static const uuid none;
	return memcmp(u.b, none.b, sizeof u.b) != 0;
}

bool digest_is(digest d)
{
	static const digest none;
	return memcmp(d.b, none.b, sizeof d.b) != 0;
}

bool uuid_same(uuid a, uuid b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(str s, uuid *out)
{
	uuid u = { 0 };
	size_t nibble = 0;
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (dash_at(i)) {
			if (s.p[i] != '-')
				return false;
			continue;
		}
		int v = hex_value(s.p[i]);
		if (v < 0)
			return false;
		u.b[nibble / 2] = (unsigned char)(u.b[nibble / 2] << 4 | v);
		nibble++;
	}
	*out = u;
	return true;
}

str uuid_format(char out[UUID_TEXT], uuid u)
{
	static const char digits[] = "0123456789abcdef";
	size_t nibble = 0;
	for (size_t i = 0; i < 36; i++) {
		if (dash_at(i)) {
			out[i] = '-';
			continue;
		}
		unsigned byte = u.b[nibble / 2];
		out[i] = digits[nibble % 2 ? byte & 15 : byte >> 4];
		nibble++;
	}
	out[36] = '\0';
	return (str){ out, 36 };
}
