/* address - who the client is: the peer, or whom a trusted proxy names. */
#ifndef API_HTTP_ADDRESS_H
#define API_HTTP_ADDRESS_H
#include "request.h"
#include <sys/socket.h>

/* network - a prefix of an address; IPv4 is mapped into IPv6 (::ffff:a.b.c.d). */
struct network {
	unsigned char bits[16];
	unsigned prefix;
};
enum { NETWORKS = 64 };
struct networks {
	struct network items[NETWORKS];
	size_t n;
};

/* networks_parse - "127.0.0.1, 10.0.0.0/8, ::1" with commas or blanks.   E_INVALID  the part that is no network */
enum err networks_parse(struct cx *, str text, struct networks *out);
bool networks_have(const struct networks *, const unsigned char address[16]);

enum { PEER_TEXT = 48 };
struct peer {
	uint64_t key; /* what connections are counted by: IPv4 address, or the /64 of IPv6; 0: not counted */
	bool trusted;
	char text[PEER_TEXT];
};
void peer_of(const struct sockaddr_storage *, const struct networks *trusted, struct peer *out);

/* forwarded_address - the client as X-Forwarded-For tells it: from the right, the first address that is not a trusted
 * proxy.  Absent when there is none, or what stands there is no address.  In the arena. */
str forwarded_address(struct arena *, const struct networks *trusted, const struct http_request *);

/* address_parse - an address as text, perhaps with a port behind it ("[::1]:80", "10.0.0.1:80"). */
bool address_parse(str text, unsigned char out[16]);
#endif
