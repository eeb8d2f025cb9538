#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
	struct chunk *down;
	size_t at, cap;
	_Alignas(max_align_t) unsigned char mem[];
};

enum { CHUNK = 8 << 10 };

[[gnu::noreturn]] static void out_of_memory(size_t held, size_t wanted)
{
	fprintf(stderr, "arena: out of memory: %zu bytes held, %zu more wanted\n", held, wanted);
	abort();
}

static size_t soft(const struct arena *a)
{
	return a->soft ? a->soft : ARENA_SOFT;
}

static struct chunk *chunk_open(struct arena *a, size_t size)
{
	/* each chunk as large as all before it, so that their number stays logarithmic */
	size_t cap = a->used > CHUNK ? a->used : CHUNK;
	size_t hard = a->hard ? a->hard : ARENA_HARD;
	if (cap > 1 << 20)
		cap = 1 << 20;
	if (cap < size)
		cap = size;
	struct chunk *c = a->used + cap > hard ? NULL : malloc(sizeof *c + cap);
	if (!c)
		out_of_memory(a->used, size);
	*c = (struct chunk){ .down = a->top, .cap = cap };
	a->top = c;
	a->used += cap;
	a->over = a->over || a->used > soft(a);
	return c;
}

void *arena_take(struct arena *a, size_t size, size_t align)
{
	struct chunk *c = a->top;
	size_t at = c ? (c->at + align - 1) & ~(align - 1) : 0;
	if (!c || at > c->cap || size > c->cap - at) {
		c = chunk_open(a, size);
		at = 0;
	}
	c->at = at + size;
	return memset(c->mem + at, 0, size);
}

void *arena_take_many(struct arena *a, size_t n, size_t size, size_t align)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		out_of_memory(a->used, SIZE_MAX);
	return arena_take(a, total, align);
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size, size_t align)
{
	if (n < *cap)
		return items;
	size_t room = *cap ? *cap * 2 : 8;
	void *grown = arena_take_many(a, room, size, align);
	if (n)
		memcpy(grown, items, n * size);
	*cap = room;
	return grown;
}

static void chunk_close(struct arena *a)
{
	struct chunk *c = a->top;
	a->top = c->down;
	a->used -= c->cap;
	free(c);
}

void arena_reset(struct arena *a)
{
	while (a->top && (a->top->down || a->top->cap != CHUNK))
		chunk_close(a);
	if (a->top)
		a->top->at = 0;
	a->over = false;
}

struct chunk *arena_mark(const struct arena *a)
{
	return a->top;
}

void arena_cut(struct arena *a, const struct chunk *mark)
{
	while (a->top != mark)
		chunk_close(a);
	a->over = a->used > soft(a);
}

void arena_close(struct arena *a)
{
	arena_cut(a, NULL);
}

str str_copy(struct arena *a, str s)
{
	if (!s.p)
		return s;
	char *p = arena_take(a, s.n + 1, 1);
	memcpy(p, s.p, s.n);
	return (str){ p, s.n };
}

char *str_to_c(struct arena *a, str s)
{
	char *p = arena_take(a, s.n + 1, 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

str str_format(struct arena *a, const char *format, ...)
{
	va_list args, again;
	struct chunk *c = a->top;
	size_t room = c ? c->cap - c->at : 0;
	char *p = room ? (char *)c->mem + c->at : NULL;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(p, room, format, args);
	if ((size_t)n < room) { /* it fitted where it was tried: nothing is written twice */
		c->at += (size_t)n + 1;
	} else {
		p = arena_take(a, (size_t)n + 1, 1);
		vsnprintf(p, (size_t)n + 1, format, again);
	}
	va_end(again);
	va_end(args);
	return (str){ p, (size_t)n };
}

str str_lower(struct arena *a, str s)
{
	char *p = arena_take(a, s.n + 1, 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
	return (str){ p, s.n };
}
