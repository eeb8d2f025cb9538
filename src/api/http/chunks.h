/* chunks - Transfer-Encoding: chunked (RFC 9112 7.1), read strictly.  Pure; fed with bytes as they come.
 * llhttp takes a bare LF at the end of the trailer section and folded trailers (8.1); this takes neither, and the
 * fuzz target checks that whatever it takes llhttp reads the same way.  Extensions and trailers are dropped. */
#ifndef API_HTTP_CHUNKS_H
#define API_HTTP_CHUNKS_H
#include "base/buf.h"

enum { CHUNK_EXTENSIONS = 4096, CHUNK_TRAILERS = 8192 }; /* bytes, together, of one body */

struct chunks {
	size_t cap;     /* of the whole body in bytes: set by the caller */
	uint64_t left;  /* bytes of the current chunk */
	uint32_t extra; /* bytes of extensions or trailers seen */
	uint8_t digits; /* of the current size */
	uint8_t state;  /* zero: before the first size */
};

/* chunks_feed - decode p[0, n) into *body; *used is how much belongs to this body.
 * CHUNKS_FULL: more than cap.   CHUNKS_BAD: not the chunked coding. */
enum chunks_result { CHUNKS_MORE, CHUNKS_DONE, CHUNKS_FULL, CHUNKS_BAD };
enum chunks_result chunks_feed(struct chunks *, const char *p, size_t n, size_t *used, struct buf *body);
#endif
