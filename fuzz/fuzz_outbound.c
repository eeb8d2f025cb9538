/* Any bytes as a URL that a user gives, and as the operator's exceptions.  What is taken says the same to a reader that
 * knows nothing but "//", the first of "/?#" and the last ":". */
#include "links/outbound.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static str authority(str url)
{
	str_cut(&url, ':');
	str all = str_slice(url, 2, url.n);
	size_t end = 0;
	while (end < all.n && !strchr("/?#", all.p[end]))
		end++;
	return str_slice(all, 0, end);
}

static void taken_check(struct cx *cx, const struct outbound *o, str url, const struct outbound_target *t)
{
	struct outbound_target again;
	str host = authority(url), port = { NULL, 0 };
	size_t colon = host.n;
	while (colon > 0 && host.p[colon - 1] != ':' && host.p[colon - 1] != ']')
		colon--;
	if (colon && host.p[colon - 1] == ':') {
		port = str_slice(host, colon, host.n);
		host = str_slice(host, 0, colon - 1);
	}
	int64_t number = 443;
	assert(str_is_nocase(host, t->host) && t->secure && !t->peer);
	assert(!port.n || str_to_int(port, &number));
	assert(number == t->port && (t->port == 443 || t->port == 8443));
	enum err e = outbound_check(cx, o, t->url, S(""), &again);
	assert(e == OK && str_is(again.url, t->url) && str_is(again.host, t->host) && again.port == t->port);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct cx cx = { 0 };
	struct outbound none = { .peer_count = 0 }, some;
	struct outbound_target target;
	str text = { (const char *)data, size };
	if (outbound_check(&cx, &none, text, S("/url"), &target) == OK)
		taken_check(&cx, &none, text, &target);
	str rest = text, allow = str_cut(&rest, '\n');
	if (outbound_parse(&cx, allow, &some) == OK && outbound_check(&cx, &some, rest, S(""), &target) == OK)
		assert(target.host.n && target.port > 0);
	if (size >= 16 && address_is_public(data)) {
		struct network private = { { 0xfc }, 7 };
		assert(!network_has(&private, data));
	}
	arena_close(&cx.arena);
	return 0;
}
