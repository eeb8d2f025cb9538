/* arena - memory of one request or job: taken piece by piece, given back all at once.
 * Taking never fails: past `hard` bytes the process ends (and is restarted by its supervisor); past `soft`
 * the arena is `over`, and the loops that can produce much stop with E_LIMIT.  Memory comes zeroed. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "str.h"

struct chunk;
struct arena {
	struct chunk *top;
	size_t used;       /* bytes held from the system */
	size_t soft, hard; /* caps in bytes; zero means ARENA_SOFT, ARENA_HARD */
	bool over;
};

enum { ARENA_SOFT = 16 << 20, ARENA_HARD = 256 << 20 };

void *arena_take(struct arena *, size_t size, size_t align);
void arena_reset(struct arena *); /* free everything but one small chunk */
void arena_close(struct arena *); /* free everything */

/* arena_mark, arena_cut - free the chunks that were opened since the mark: what was taken before it stays. */
struct chunk *arena_mark(const struct arena *);
void arena_cut(struct arena *, const struct chunk *mark);

#define NEW(arena, T)     ((T *)arena_take((arena), sizeof(T), _Alignof(T)))
#define NEWS(arena, T, n) ((T *)arena_take_many((arena), (n), sizeof(T), _Alignof(T)))

/* arena_take_many - an array; the multiplication is checked. */
void *arena_take_many(struct arena *, size_t n, size_t size, size_t align);

/* arena_grow - make room for one more in an array of *cap items: doubles it when n == *cap, old items kept. */
void *arena_grow(struct arena *, void *items, size_t n, size_t *cap, size_t size, size_t align);

str str_copy(struct arena *, str);
char *str_to_c(struct arena *, str); /* NUL-terminated copy */

/* str_format - printf into the arena. */
[[gnu::format(printf, 2, 3)]] str str_format(struct arena *, const char *format, ...);

/* str_lower - copy with ASCII letters in lower case. */
str str_lower(struct arena *, str);
#endif
