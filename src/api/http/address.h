/* address - who the client is: the peer, or whom a trusted proxy names. */
#ifndef API_HTTP_ADDRESS_H
#define API_HTTP_ADDRESS_H
#include "base/network.h"
#include "request.h"
#include <sys/socket.h>

struct peer {
	uint64_t key; /* what connections are counted by: IPv4 address, or the /64 of IPv6; 0: not counted */
	bool trusted;
	char text[ADDRESS_TEXT];
};
void peer_of(const struct sockaddr_storage *, const struct networks *trusted, struct peer *out);

/* forwarded_address - the client as X-Forwarded-For tells it: from the right, the first address that is not a trusted
 * proxy.  Absent when there is none, or what stands there is no address.  In the arena. */
str forwarded_address(struct arena *, const struct networks *trusted, const struct http_request *);
#endif
