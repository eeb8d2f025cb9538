#include "network.h"

#include <arpa/inet.h>
#include <string.h>

static const unsigned char MAPPED[12] = { [10] = 0xff, [11] = 0xff };

bool address_is_four(const unsigned char address[16])
{
	return memcmp(address, MAPPED, sizeof MAPPED) == 0;
}

void address_of_four(unsigned char out[16], const void *four)
{
	memcpy(out, MAPPED, sizeof MAPPED);
	memcpy(out + sizeof MAPPED, four, 4);
}

bool address_parse_bare(str text, unsigned char out[16])
{
	char c[ADDRESS_TEXT];
	unsigned char found[16];
	bool six = str_find(text, ':') < text.n;
	if (text.n == 0 || text.n >= sizeof c)
		return false;
	memcpy(c, text.p, text.n);
	c[text.n] = 0;
	memcpy(found, MAPPED, sizeof MAPPED);
	if (inet_pton(six ? AF_INET6 : AF_INET, c, six ? found : found + sizeof MAPPED) != 1)
		return false;
	memcpy(out, found, sizeof found);
	return true;
}

bool address_parse(str text, unsigned char out[16])
{
	if (text.n && text.p[0] == '[')
		return address_parse_bare(str_slice(text, 1, str_find(text, ']')), out);
	size_t colon = str_find(text, ':');
	bool port = colon < text.n && str_find(str_slice(text, colon + 1, text.n), ':') == text.n - colon - 1;
	return address_parse_bare(port ? str_slice(text, 0, colon) : text, out);
}

str address_format(char out[ADDRESS_TEXT], const unsigned char address[16])
{
	bool four = address_is_four(address);
	inet_ntop(four ? AF_INET : AF_INET6, four ? address + sizeof MAPPED : address, out, ADDRESS_TEXT);
	return str_of(out);
}

bool network_parse(str text, struct network *out)
{
	bool whole = str_find(text, '/') == text.n;
	str address = str_cut(&text, '/');
	bool four = str_find(address, ':') == address.n;
	int64_t most = four ? 32 : 128, prefix = most;
	if (!address_parse_bare(address, out->bits) || (!whole && !str_to_int(text, &prefix)) || prefix < 0 ||
	    prefix > most)
		return false;
	out->prefix = (unsigned)(four ? prefix + 96 : prefix);
	return true;
}

enum err networks_parse(struct cx *cx, str text, str field, struct networks *out)
{
	out->n = 0;
	for (size_t at = 0; at < text.n;) {
		size_t end = at;
		while (end < text.n && text.p[end] != ',' && text.p[end] != ' ')
			end++;
		str part = str_slice(text, at, end);
		at = end + 1;
		if (part.n == 0)
			continue;
		if (out->n == NETWORKS)
			return FAIL(cx, E_INVALID, field, "at most %d can be named", NETWORKS);
		if (!network_parse(part, &out->items[out->n++]))
			return FAIL(cx, E_INVALID, field, "\"%.*s\" is not an address or network like 10.0.0.0/8",
				    STR_ARG(part));
	}
	return OK;
}

bool network_has(const struct network *n, const unsigned char address[16])
{
	unsigned whole = n->prefix / 8, rest = n->prefix % 8;
	unsigned mask = 0xff00u >> rest & 0xff;
	return memcmp(n->bits, address, whole) == 0 && (rest == 0 || ((n->bits[whole] ^ address[whole]) & mask) == 0);
}

bool networks_have(const struct networks *networks, const unsigned char address[16])
{
	for (size_t i = 0; i < networks->n; i++)
		if (network_has(&networks->items[i], address))
			return true;
	return false;
}
