#include "target.h"

#include <string.h>

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 3986 3.3: pchar and '/', percent-encoding apart */
static const bool PATH_CHAR[256] = {
	['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true, ['.'] = true,  ['_'] = true,
	['~'] = true,         ['!'] = true,         ['$'] = true,         ['&'] = true, ['\''] = true, ['('] = true,
	[')'] = true,         ['*'] = true,         ['+'] = true,         [','] = true, [';'] = true,  ['='] = true,
	[':'] = true,         ['@'] = true,         ['/'] = true,
};

static bool port_is(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n <= 5;
}

static bool bracketed_is(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hex_digit(s.p[i]) < 0 && s.p[i] != ':' && s.p[i] != '.')
			return false;
	return s.n >= 2 && s.n <= 45;
}

bool host_is(str host)
{
	if (host.n && host.p[0] == '[') {
		str inside = str_slice(host, 1, str_find(host, ']'));
		str behind = str_slice(host, inside.n + 1, host.n);
		if (!bracketed_is(inside) || !str_starts(behind, S("]")))
			return false;
		behind = str_slice(behind, 1, behind.n);
		return behind.n == 0 || (behind.p[0] == ':' && port_is(str_slice(behind, 1, behind.n)));
	}
	size_t colon = str_find(host, ':');
	for (size_t i = 0; i < colon; i++)
		if (!alphanumeric(host.p[i]) && host.p[i] != '-' && host.p[i] != '.' && host.p[i] != '_')
			return false;
	return colon > 0 && colon <= 253 && port_is(str_slice(host, colon + 1, host.n));
}

/* one byte of the path at *at, decoded; -1: not allowed */
static int path_byte(str raw, size_t *at)
{
	char c = raw.p[(*at)++];
	if (c != '%')
		return PATH_CHAR[(unsigned char)c] ? (unsigned char)c : -1;
	if (*at + 2 > raw.n)
		return -1;
	int high = hex_digit(raw.p[*at]), low = hex_digit(raw.p[*at + 1]);
	*at += 2;
	int byte = high < 0 || low < 0 ? -1 : high * 16 + low;
	return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' ? -1 : byte;
}

static bool dots_in(str path)
{
	for (str rest = path; rest.n;) {
		str segment = str_cut(&rest, '/');
		if (str_is(segment, S(".")) || str_is(segment, S("..")))
			return true;
	}
	return false;
}

static enum err path_decode(struct cx *cx, str raw, str *out)
{
	char *p = arena_take(&cx->arena, raw.n + 1, 1);
	size_t n = 0;
	for (size_t at = 0; at < raw.n;) {
		int byte = path_byte(raw, &at);
		if (byte < 0)
			return FAIL(cx, E_MALFORMED, S(""),
				    "the path has a character that must not be there, or must be written otherwise");
		p[n++] = (char)byte;
	}
	*out = (str){ p, n };
	if (!str_is_utf8(*out))
		return FAIL(cx, E_MALFORMED, S(""), "the path is not valid UTF-8");
	if (dots_in(*out))
		return FAIL(cx, E_MALFORMED, S(""), "the path must not have \".\" or \"..\" as a segment");
	return OK;
}

static bool query_is(str query)
{
	for (size_t i = 0; i < query.n; i++)
		if (query.p[i] <= ' ' || query.p[i] >= 0x7f || query.p[i] == '#')
			return false;
	return true;
}

/* "http://host/path": the host must be the one of the Host field, else two readers may route differently */
static bool absolute_cut(str *target, str host)
{
	str rest = *target;
	if (rest.n >= 7 && str_is_nocase(str_slice(rest, 0, 7), S("http://")))
		rest = str_slice(rest, 7, rest.n);
	else if (rest.n >= 8 && str_is_nocase(str_slice(rest, 0, 8), S("https://")))
		rest = str_slice(rest, 8, rest.n);
	else
		return false;
	size_t end = 0;
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
		end++;
	if (!str_is_nocase(str_slice(rest, 0, end), host))
		return false;
	*target = str_slice(rest, end, rest.n);
	return true;
}

enum err target_parse(struct cx *cx, str target, struct http_request *r)
{
	r->query = S("");
	if (str_is(target, S("*")) && str_is(r->method, S("OPTIONS"))) {
		r->path = target;
		return OK;
	}
	bool absolute = target.n && target.p[0] != '/';
	if (absolute && !absolute_cut(&target, r->host))
		return FAIL(cx, E_MALFORMED, S(""),
			    "the request target must be a path, or a URL on the host of the Host field");
	str path = str_cut(&target, '?');
	if (absolute && path.n == 0)
		path = S("/");
	if (target.p)
		r->query = target;
	if (!query_is(r->query))
		return FAIL(cx, E_MALFORMED, S(""), "the query has a character that must be percent-encoded");
	if (path.n == 0)
		return FAIL(cx, E_MALFORMED, S(""), "the request has no path");
	return path_decode(cx, path, &r->path);
}
