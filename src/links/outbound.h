/* outbound - where the server may connect to at the wish of its users: URLs and addresses are judged here, in pure
 * functions; connecting is http_client.c.
 *
 * Without an exception: https, port 443 or 8443, a host name with a dot, no user name, and every address public.  The
 * operator's exceptions (NOONMARK_OUTBOUND_ALLOW) are peers, "hook.test:9000", which may be anywhere and also speak http,
 * and networks, "10.1.0.0/16", whose addresses count as public. */
#ifndef LINKS_OUTBOUND_H
#define LINKS_OUTBOUND_H
#include "base/network.h"

enum { OUTBOUND_PEERS = 32, OUTBOUND_URL = 2000 };

struct outbound_peer {
	str host; /* as in URLs: lower case, IPv6 in brackets */
	int64_t port;
};
struct outbound {
	struct networks networks;
	struct outbound_peer peers[OUTBOUND_PEERS];
	size_t peer_count;
};

/* outbound_parse - the exceptions, with commas or blanks between; they live in cx->arena.
 *   E_INVALID  outbound_allow: the part that is neither host:port nor a network */
enum err outbound_parse(struct cx *, str text, struct outbound *out);

/* outbound_target - what a URL means to libcurl, which is also what it connects to. */
struct outbound_target {
	str url; /* as libcurl understood it; the fragment is gone */
	str host;
	int64_t port;
	bool secure; /* https */
	bool peer;   /* one of the peers: wherever it is */
};

/* outbound_check - whether a URL may be called at all; its addresses are judged when they are connected to.
 *   E_INVALID  `field`: what is wrong with it, and what would be right */
enum err outbound_check(struct cx *, const struct outbound *, str url, str field, struct outbound_target *out);

/* outbound_may - whether a target may be connected to at an address. */
bool outbound_may(const struct outbound *, const struct outbound_target *, const unsigned char address[16]);

/* address_is_public - of the Internet: none of loopback, private, link-local, shared, multicast, reserved or
 * documentation, neither by itself nor by the IPv4 address in it (mapped, NAT64, 6to4). */
bool address_is_public(const unsigned char address[16]);
#endif
