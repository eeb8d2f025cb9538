#include "address.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void peer_of(const struct sockaddr_storage *from, const struct networks *trusted, struct peer *out)
{
	unsigned char address[16];
	*out = (struct peer){ 0 };
	if (from->ss_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else if (from->ss_family == AF_INET)
		address_of_four(address, &((const struct sockaddr_in *)from)->sin_addr);
	else {
		snprintf(out->text, sizeof out->text, "unix");
		out->trusted = true;
		return;
	}
	address_format(out->text, address);
	out->trusted = networks_have(trusted, address);
	if (!out->trusted)
		memcpy(&out->key, address + (address_is_four(address) ? 8 : 0), 8);
	if (!out->trusted && !out->key)
		out->key = 1; /* ::1 */
}

str forwarded_address(struct arena *arena, const struct networks *trusted, const struct http_request *r)
{
	unsigned char address[16];
	char text[ADDRESS_TEXT];
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
	char text[ADDRESS_TEXT];
	if (!address_parse_bare(address, bits) || address_is_four(bits))
		return address;
	memset(bits + 8, 0, 8);
	str network = address_format(text, bits);
	return str_format(arena, "%.*s/64", STR_ARG(network));
}
