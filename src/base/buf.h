/* buf - growing bytes with a maximum.  Past the maximum writes are dropped and `full` is set, so that a caller
 * checks once, at the end.  Memory is malloc's: a buf outlives arenas (replies, streams, foreign callbacks). */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include "str.h"

struct buf {
	char *p;
	size_t n, cap;
	size_t max; /* bytes; zero means BUF_MAX */
	bool full;
};

enum { BUF_MAX = 64 << 20 };

void buf_add(struct buf *, str);
void buf_add_char(struct buf *, char);
void buf_add_int(struct buf *, int64_t);
[[gnu::format(printf, 2, 3)]] void buf_format(struct buf *, const char *format, ...);

/* buf_room - n writable bytes at the end (NULL when past the maximum); buf_used says how many were written. */
char *buf_room(struct buf *, size_t n);
void buf_used(struct buf *, size_t n);

void buf_clear(struct buf *); /* keep the memory */
void buf_free(struct buf *);
str buf_str(const struct buf *);
#endif
