/* head - the request line and the fields, from raw bytes.  Pure: no socket, no clock.
 *
 * Two readers must agree before a head is taken: our own scan of its lines, which knows only CRLF, and llhttp in
 * strict mode.  Refused, so that no proxy in front can have read the same bytes otherwise (RFC 9112):
 *   - a line feed without carriage return or the reverse, NUL and other control characters anywhere
 *   - a line that starts with a blank (folding), a field without a name or a colon, a blank before the colon
 *   - not exactly one Host (HTTP/1.0: more than one), or one that is no host
 *   - Content-Length twice, or not 1 to 18 digits; with Transfer-Encoding; Transfer-Encoding twice, other than
 *     exactly "chunked", or on HTTP/1.0
 *   - versions other than 1.0 and 1.1, methods other than the seven, Expect other than 100-continue
 *   - a body with a Content-Encoding (415)
 *   - a target with a malformed or ambiguous path (target.h) */
#ifndef API_HTTP_HEAD_H
#define API_HTTP_HEAD_H
#include "request.h"

struct http_limits {
	size_t head, line; /* bytes, blank line included; bytes, CRLF excluded */
	unsigned headers;
};

/* head_scan - look for the end of a head in p[0, n), whose first bytes were given before: resumes where it stopped.
 * SCAN_DONE: it ends at scan->at.   SCAN_BAD: scan->code and scan->why say what is wrong. */
enum scan_state { SCAN_MORE, SCAN_DONE, SCAN_BAD };
struct scan {
	size_t at, line; /* how far looked; where the current line starts */
	unsigned lines;  /* complete ones, the request line included, the blank one not */
	unsigned start;  /* 2 when an empty line came first (RFC 9112 2.2 allows one), else 0 */
	enum err code;
	const char *why;
};
enum scan_state head_scan(struct scan *, const struct http_limits *, const char *p, size_t n);

/* framing - where the body ends. */
struct framing {
	bool chunked, expects; /* expects: 100 Continue */
	uint64_t length;       /* Content-Length; 0 when there is none */
};

/* head_parse - the request of a complete, scanned head.  `head` must stay as long as the request: views go into it.
 *   E_MALFORMED, E_METHOD, E_MEDIA_TYPE as above */
enum err head_parse(struct cx *, str head, const struct scan *, struct http_request *, struct framing *);

/* control_find - index of the first byte below 0x20 or equal 0x7f, or s.n. */
size_t control_find(str s);
bool token_is(str s); /* RFC 9110 5.6.2: one or more tchar */
#endif
