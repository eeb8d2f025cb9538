#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const unsigned char MAPPED[12] = { [10] = 0xff, [11] = 0xff };

static bool mapped(const unsigned char address[16])
{
	return memcmp(address, MAPPED, sizeof MAPPED) == 0;
}

static bool bare_parse(str text, unsigned char out[16])
{
	char c[PEER_TEXT];
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
		return bare_parse(str_slice(text, 1, str_find(text, ']')), out);
	size_t colon = str_find(text, ':');
	bool port = colon < text.n && str_find(str_slice(text, colon + 1, text.n), ':') == text.n - colon - 1;
	return bare_parse(port ? str_slice(text, 0, colon) : text, out);
}

static str address_format(char out[PEER_TEXT], const unsigned char address[16])
{
	bool four = mapped(address);
	inet_ntop(four ? AF_INET : AF_INET6, four ? address + sizeof MAPPED : address, out, PEER_TEXT);
	return str_of(out);
}

static bool network_parse(str text, struct network *out)
{
	bool whole = str_find(text, '/') == text.n;
	str address = str_cut(&text, '/');
	bool four = str_find(address, ':') == address.n;
	int64_t most = four ? 32 : 128, prefix = most;
	if (!bare_parse(address, out->bits) || (!whole && !str_to_int(text, &prefix)) || prefix < 0 || prefix > most)
		return false;
	out->prefix = (unsigned)(four ? prefix + 96 : prefix);
	return true;
}

enum err networks_parse(struct cx *cx, str text, struct networks *out)
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
			return FAIL(cx, E_INVALID, S("trusted_proxies"), "at most %d proxies can be named", NETWORKS);
		if (!network_parse(part, &out->items[out->n++]))
			return FAIL(cx, E_INVALID, S("trusted_proxies"),
				    "\"%.*s\" is not an address or network like 10.0.0.0/8", STR_ARG(part));
	}
	return OK;
}

bool networks_have(const struct networks *networks, const unsigned char address[16])
{
	for (size_t i = 0; i < networks->n; i++) {
		const struct network *n = &networks->items[i];
		unsigned whole = n->prefix / 8, rest = n->prefix % 8;
		unsigned mask = 0xff00u >> rest & 0xff;
		if (memcmp(n->bits, address, whole) == 0 &&
		    (rest == 0 || ((n->bits[whole] ^ address[whole]) & mask) == 0))
			return true;
	}
	return false;
}

void peer_of(const struct sockaddr_storage *from, const struct networks *trusted, struct peer *out)
{
	unsigned char address[16];
	*out = (struct peer){ 0 };
	memcpy(address, MAPPED, sizeof MAPPED);
	if (from->ss_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else if (from->ss_family == AF_INET)
		memcpy(address + sizeof MAPPED, &((const struct sockaddr_in *)from)->sin_addr, 4);
	else {
		snprintf(out->text, sizeof out->text, "unix");
		out->trusted = true;
		return;
	}
	address_format(out->text, address);
	out->trusted = networks_have(trusted, address);
	if (!out->trusted)
		memcpy(&out->key, address + (mapped(address) ? 8 : 0), 8);
	if (!out->trusted && !out->key)
		out->key = 1; /* ::1 */
}

str forwarded_address(struct arena *arena, const struct networks *trusted, const struct http_request *r)
{
	unsigned char address[16];
	char text[PEER_TEXT];
	bool found = false;
	/* several fields count as one list, in their order; so the last field's last entry comes first */
	for (size_t i = r->header_count; i-- > 0;) {
		str list = r->headers[i].value;
		if (!str_is_nocase(r->headers[i].name, S("x-forwarded-for")))
			continue;
		while (list.n) {
			size_t comma = list.n;
			while (comma > 0 && list.p[comma - 1] != ',')
				comma--;
			if (!address_parse(str_trim(str_slice(list, comma, list.n)), address))
				return found ? str_copy(arena, address_format(text, address)) : (str){ NULL, 0 };
			found = true;
			if (!networks_have(trusted, address))
				return str_copy(arena, address_format(text, address));
			list = str_slice(list, 0, comma ? comma - 1 : 0);
		}
	}
	return found ? str_copy(arena, address_format(text, address)) : (str){ NULL, 0 };
}

str http_network(struct arena *arena, str address)
{
	unsigned char bits[16];
	char text[PEER_TEXT];
	if (!bare_parse(address, bits) || mapped(bits))
		return address;
	memset(bits + 8, 0, 8);
	str network = address_format(text, bits);
	return str_format(arena, "%.*s/64", STR_ARG(network));
}
