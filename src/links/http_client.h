/* http_client - one request to a server that a user named: a webhook, a push service.
 *
 * 1. The URL is judged by outbound_check, each address when it is connected to, by outbound_may: a name cannot be
 *    answered one way for the check and another way for the connection.
 * 2. Nothing is followed, reused or kept: no redirects, proxies, cookies, connections.  TLS is verified.
 * 3. Everything has a cap: 5 s to connect, 15 s in all, 32 KiB of head, 2 MiB of body. */
#ifndef LINKS_HTTP_CLIENT_H
#define LINKS_HTTP_CLIENT_H
#include "base/field.h"
#include "outbound.h"

enum { HTTP_CONNECT_SECONDS = 5, HTTP_TOTAL_SECONDS = 15, HTTP_HEAD = 32 << 10, HTTP_BODY = 2 << 20 };

struct http_ask {
	const char *method; /* NULL: POST with a body, else GET */
	str url;
	const struct pair *headers; /* values without line breaks */
	size_t header_count;
	str body; /* absent: none */
};

struct http_reply {
	int status;          /* 100 to 999 */
	str body;            /* in cx->arena, any bytes */
	int64_t retry_after; /* seconds that the server asked for, by number or date; 0: none */
	int64_t milliseconds;
};

/* http_ask - ask, and wait for the whole answer.  Any status is OK: the caller judges it.
 * milliseconds is set whatever happened.
 *   E_INVALID      url: outbound_check refuses it
 *   E_REFUSED      its name leads only to addresses that are not public
 *   E_UNAVAILABLE  nobody there, no TLS, no HTTP, too slow or too much: the message says which */
enum err http_ask(struct cx *, const struct outbound *, const struct http_ask *, struct http_reply *out);

/* http_reply_excerpt - the first `max` bytes of the body as one clean line of text, in the arena. */
str http_reply_excerpt(struct arena *, const struct http_reply *, size_t max);
#endif
