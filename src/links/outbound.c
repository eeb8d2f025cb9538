#include "outbound.h"

#include <curl/curl.h>
#include <string.h>

/* IANA's special-purpose registries: https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…
 * IPv6 is public in 2000::/3 only, but for these parts of it; what carries an IPv4 address is judged by that. */
static const struct {
	unsigned char bits[4];
	unsigned prefix;
} FOUR[] = {
	{ { 0 }, 8 },             /* this network */
	{ { 10 }, 8 },            /* private */
	{ { 100, 64 }, 10 },      /* shared by a carrier's customers */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documentation */
	{ { 192, 88, 99 }, 24 },  /* 6to4 relays */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 4 },           /* multicast */
	{ { 240 }, 4 },           /* reserved, broadcast */
};
static const struct network GLOBAL = { { 0x20 }, 3 };
static const struct network SIX[] = {
	{ { 0x20, 0x01 }, 23 },             /* protocol assignments, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};
static const struct network SIX_TO_FOUR = { { 0x20, 0x02 }, 16 };    /* IPv4 in bytes 2 to 5 */
static const struct network NAT64 = { { 0, 0x64, 0xff, 0x9b }, 96 }; /* IPv4 in the last four */

static uint32_t number(const unsigned char four[4])
{
	return (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3];
}

static bool four_is_public(const unsigned char four[4])
{
	for (size_t i = 0; i < sizeof FOUR / sizeof *FOUR; i++)
		if ((number(four) ^ number(FOUR[i].bits)) >> (32 - FOUR[i].prefix) == 0)
			return false;
	return true;
}

bool address_is_public(const unsigned char address[16])
{
	if (address_is_four(address) || network_has(&NAT64, address))
		return four_is_public(address + 12);
	if (network_has(&SIX_TO_FOUR, address) && !four_is_public(address + 2))
		return false;
	for (size_t i = 0; i < sizeof SIX / sizeof *SIX; i++)
		if (network_has(&SIX[i], address))
			return false;
	return network_has(&GLOBAL, address);
}

/* ---- the operator's exceptions */

static bool peer_parse(struct cx *cx, str part, struct outbound_peer *out)
{
	size_t colon = part.n;
	while (colon > 0 && part.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !str_to_int(str_slice(part, colon, part.n), &out->port) || out->port < 1 ||
	    out->port > 65535)
		return false;
	out->host = str_lower(&cx->arena, str_slice(part, 0, colon - 1));
	bool bracketed = str_starts(out->host, S("[")) && str_ends(out->host, S("]"));
	return bracketed || str_find(out->host, ':') == out->host.n;
}

enum err outbound_parse(struct cx *cx, str text, struct outbound *out)
{
	struct network network;
	*out = (struct outbound){ .peer_count = 0 };
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		for (end = at; end < text.n && text.p[end] != ',' && text.p[end] != ' ';)
			end++;
		str part = str_slice(text, at, end);
		if (!part.n)
			continue;
		if (out->networks.n == NETWORKS || out->peer_count == OUTBOUND_PEERS)
			return FAIL(cx, E_INVALID, S("outbound_allow"),
				    "at most %d networks and %d peers can be named", NETWORKS, OUTBOUND_PEERS);
		if (network_parse(part, &network))
			out->networks.items[out->networks.n++] = network;
		else if (peer_parse(cx, part, &out->peers[out->peer_count]))
			out->peer_count++;
		else
			return FAIL(cx, E_INVALID, S("outbound_allow"),
				    "\"%.*s\" is neither a peer like hook.test:9000 nor a network like 10.1.0.0/16",
				    STR_ARG(part));
	}
	return OK;
}

static bool is_peer(const struct outbound *o, str host, int64_t port)
{
	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peers[i].port == port && str_is(o->peers[i].host, host))
			return true;
	return false;
}

/* ---- one URL */

static str part(struct cx *cx, CURLU *parts, CURLUPart which, unsigned flags)
{
	char *text = NULL;
	if (curl_url_get(parts, which, &text, flags) != CURLUE_OK)
		return (str){ NULL, 0 };
	str copy = str_of(str_to_c(&cx->arena, str_of(text)));
	curl_free(text);
	return copy;
}

static bool target_read(struct cx *cx, CURLU *parts, const char *url, struct outbound_target *out)
{
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK)
		return false;
	curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
	str scheme = part(cx, parts, CURLUPART_SCHEME, 0);
	out->url = part(cx, parts, CURLUPART_URL, 0);
	out->host = str_lower(&cx->arena, part(cx, parts, CURLUPART_HOST, 0));
	out->secure = str_is(scheme, S("https"));
	return (out->secure || str_is(scheme, S("http"))) && out->url.n && out->host.n &&
	       !part(cx, parts, CURLUPART_ZONEID, 0).n &&
	       str_to_int(part(cx, parts, CURLUPART_PORT, CURLU_DEFAULT_PORT), &out->port);
}

/* "https://" and a host as it is: libcurl would also take fewer slashes, or more, and %XX. */
static bool has_host(str url)
{
	str_cut(&url, ':');
	str authority = str_slice(url, 2, url.n);
	authority = str_cut(&authority, '/');
	return str_starts(url, S("//")) && authority.n && str_find(authority, '%') == authority.n;
}

/* A URL's text before libcurl reads it: visible ASCII only, so that nothing in it is understood in two ways. */
static bool is_plain(str url)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f || url.p[i] == '\\')
			return false;
	return url.n > 0;
}

/* A host name as DNS has it (RFC 1035, 2.3.4), and not one that ends with a number, which some readers take for an
 * address. */
static bool is_name(str host)
{
	enum { NAME_MAX_OCTETS = 253, LABEL_MAX_OCTETS = 63 };
	size_t label = 0, labels = 1;
	bool number = true;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool digit = c >= '0' && c <= '9';
		if ((c == '.' && !label) || (c != '.' && label == LABEL_MAX_OCTETS))
			return false;
		if (c != '.' && c != '-' && c != '_' && !digit && (c < 'a' || c > 'z'))
			return false;
		number = c == '.' || (number && digit);
		label = c == '.' ? 0 : label + 1;
		labels += c == '.';
	}
	return host.n <= NAME_MAX_OCTETS && labels > 1 && label > 0 && !number;
}

static enum err host_check(struct cx *cx, const struct outbound *o, const struct outbound_target *t, str field)
{
	unsigned char address[16];
	if (address_parse(t->host, address))
		return networks_have(&o->networks, address)
			   ? OK
			   : FAIL(cx, E_INVALID, field,
				  "must have a host name like hooks.example.org, not an address");
	if (!is_name(t->host) || str_ends(t->host, S(".localhost")))
		return FAIL(cx, E_INVALID, field, "must have a public host name like hooks.example.org");
	return OK;
}

static enum err too_long(struct cx *cx, str field)
{
	return FAIL(cx, E_INVALID, field, "must have at most %d characters", OUTBOUND_URL);
}

enum err outbound_check(struct cx *cx, const struct outbound *o, str url, str field, struct outbound_target *out)
{
	*out = (struct outbound_target){ .port = 0 };
	if (url.n > OUTBOUND_URL)
		return too_long(cx, field);
	if (!is_plain(url))
		return FAIL(cx, E_INVALID, field,
			    "must be a URL in ASCII without blanks: write others as %%20, or a host as xn--…");
	CURLU *parts = curl_url();
	bool read = parts && has_host(url) && target_read(cx, parts, str_to_c(&cx->arena, url), out);
	curl_url_cleanup(parts);
	if (!read)
		return FAIL(cx, E_INVALID, field,
			    "must be a URL like https://hooks.example.org/in, without user name or password");
	if (out->url.n > OUTBOUND_URL) /* libcurl writes the "/" that was left out */
		return too_long(cx, field);
	out->peer = is_peer(o, out->host, out->port);
	if (out->peer)
		return OK;
	if (!out->secure)
		return FAIL(cx, E_INVALID, field, "must begin with https://");
	if (out->port != 443 && out->port != 8443)
		return FAIL(cx, E_INVALID, field, "must use port 443 or 8443");
	return host_check(cx, o, out, field);
}

bool outbound_may(const struct outbound *o, const struct outbound_target *t, const unsigned char address[16])
{
	return t->peer || networks_have(&o->networks, address) || address_is_public(address);
}
