/* request - one HTTP request as handlers see it: checked, decoded once, in the memory of its exchange. */
#ifndef API_HTTP_REQUEST_H
#define API_HTTP_REQUEST_H
#include "base/fault.h"

struct http_header {
	str name, value; /* name as sent, value without blanks around it; obs-text (0x80..0xff) is passed on */
};

struct http_request {
	str method; /* GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; all others are refused before */
	str path;  /* decoded once: starts with '/', valid UTF-8, no NUL or control character, no "." or ".." segment,
	              * no '/' that was written %2f, no '\'.  "*" for OPTIONS * */
	str query; /* behind '?', raw (see query.h); empty when there is none */
	str host; /* of the Host field, port included; valid as a host, but whatever the client says; empty: HTTP/1.0 */
	str body;    /* whole, chunks joined; empty when there is none.  A byte behind it may be read and is NUL */
	str address; /* of the client, as text: of the peer, or, when that is a trusted proxy, of the last address in
	              * X-Forwarded-For that is not one.  "unix" for a local socket without such a field */
	struct http_header *headers;
	size_t header_count;
	bool keep_alive; /* the client may send another request on this connection */
	bool head_only;  /* HEAD: answer as to GET, the body is left out when it is written */
	bool secure;     /* a trusted proxy says that the client came by https */
	bool has_body;   /* a body was announced, even an empty one */
	uint8_t minor;   /* HTTP/1.minor: 0 or 1 */
};

/* http_header - the value of a field, name compared without case; absent when the client did not send it.
 * Sent more than once, the first one counts; http_header_next finds those after *at (start with 0). */
str http_header(const struct http_request *, str name);
str http_header_next(const struct http_request *, str name, size_t *at);

/* http_network - the address as limits should count it: IPv4 as it is, IPv6 as its /64 ("2001:db8:1:2::/64"). */
str http_network(struct arena *, str address);
#endif
