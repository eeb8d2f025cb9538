/* network - addresses as 16 bytes, IPv4 mapped into IPv6 (::ffff:a.b.c.d), and prefixes of them. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H
#include "fault.h"

struct network {
	unsigned char bits[16];
	unsigned prefix;
};
enum { NETWORKS = 64, ADDRESS_TEXT = 48 };
struct networks {
	struct network items[NETWORKS];
	size_t n;
};

/* network_parse - "10.0.0.0/8", or an address, which is a network of one. */
[[nodiscard]] bool network_parse(str text, struct network *out);
bool network_has(const struct network *, const unsigned char address[16]);

/* networks_parse - "127.0.0.1, 10.0.0.0/8, ::1" with commas or blanks.   E_INVALID  `field`: the part that is none */
enum err networks_parse(struct cx *, str text, str field, struct networks *out);
bool networks_have(const struct networks *, const unsigned char address[16]);

/* address_parse_bare - an address as text.  address_parse - perhaps with a port behind it ("[::1]:80", "10.0.0.1:80"). */
[[nodiscard]] bool address_parse_bare(str text, unsigned char out[16]);
[[nodiscard]] bool address_parse(str text, unsigned char out[16]);

bool address_is_four(const unsigned char address[16]); /* IPv4 */
void address_of_four(unsigned char out[16], const void *four);
str address_format(char out[ADDRESS_TEXT], const unsigned char address[16]);
#endif
