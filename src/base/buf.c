#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_room(struct buf *b, size_t n)
{
	size_t max = b->max ? b->max : BUF_MAX;
	if (n > max || b->n > max - n) {
		b->full = true;
		return NULL;
	}
	if (n <= b->cap - b->n)
		return b->p + b->n;
	size_t cap = b->cap ? b->cap * 2 : 1024;
	while (cap < b->n + n)
		cap *= 2;
	char *p = realloc(b->p, cap);
	if (!p) {
		fprintf(stderr, "buf: out of memory: %zu bytes wanted\n", cap);
		abort();
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void buf_used(struct buf *b, size_t n)
{
	b->n += n;
}

void buf_add(struct buf *b, str s)
{
	char *p = s.n ? buf_room(b, s.n) : NULL;
	if (!p)
		return;
	memcpy(p, s.p, s.n);
	b->n += s.n;
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, (str){ &c, 1 });
}

void buf_add_int(struct buf *b, int64_t v)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	buf_add(b, (str){ p, (size_t)(digits + sizeof digits - p) });
}

void buf_format(struct buf *b, const char *format, ...)
{
	va_list args, again;
	size_t room = b->cap - b->n;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(room ? b->p + b->n : NULL, room, format, args);
	char *p = buf_room(b, (size_t)n + 1);
	if (p && (size_t)n >= room)
		vsnprintf(p, (size_t)n + 1, format, again);
	if (p)
		b->n += (size_t)n;
	va_end(again);
	va_end(args);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->full = false;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

str buf_str(const struct buf *b)
{
	return (str){ b->p, b->n };
}
