/* What callers carry: nothing that this server did not make is ever accepted, and codes of bytes read back as they were.
 *
 * Input: a byte for what to do, and the text; or, with the high bit, changes to a good token. */
#include "base/token.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { ACCESS, MANAGE, GUEST, PROOF, SEALED, KINDS };
static struct keys keys;
static const instant NOW = { 1772438400 };
static const str EMAIL = { "ivy@example.org", 15 };

static str good_make(struct cx *cx, unsigned kind)
{
	const uuid id = { { 1, 2, 3 } };
	const struct access claims = { .sub = id, .sid = id, .iat = NOW.s, .exp = NOW.s + 900 };
	switch (kind) {
	case ACCESS:
		return access_make(cx, &keys, &claims);
	case MANAGE:
		return manage_token_make(cx, &keys, id);
	case GUEST:
		return guest_token_make(cx, &keys, id);
	case PROOF:
		return email_proof_make(cx, &keys, EMAIL);
	default:
		return seal(&cx->arena, keys.seal, EMAIL);
	}
}

static bool is_accepted(struct cx *cx, unsigned kind, str text)
{
	struct access access;
	uuid about;
	str plain;
	switch (kind) {
	case ACCESS:
		return access_check(cx, &keys, text, &access);
	case MANAGE:
		return manage_token_check(cx, &keys, text, &about);
	case GUEST:
		return guest_token_check(cx, &keys, text, &about);
	case PROOF:
		return email_proof_check(cx, &keys, text, EMAIL);
	default:
		return unseal(&cx->arena, keys.seal, text, &plain);
	}
}

/* A good token with bytes of it replaced, cut off or put in: pairs of a place and a byte. */
static str changed(struct cx *cx, str good, const uint8_t *data, size_t size)
{
	char *text = arena_take(&cx->arena, good.n + size + 1, 1);
	size_t n = good.n;
	memcpy(text, good.p, good.n);
	for (size_t i = 0; i + 1 < size; i += 2) {
		if (data[i] < n)
			text[data[i]] = (char)data[i + 1];
		else if (data[i] == 255)
			text[n++] = (char)data[i + 1];
		else if (data[i] == 254 && n)
			n--;
	}
	return (str){ text, n };
}

static void codes_check(struct cx *cx, str text)
{
	char out[UUID_TEXT];
	str bytes;
	uuid id;
	if (base64url_parse(&cx->arena, text, &bytes))
		assert(str_is(base64url(&cx->arena, bytes.p, bytes.n), text));
	if (uuid_parse(text, &id))
		assert(str_is_nocase(uuid_format(out, id), text));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	assert(secret_open());
	keys_derive(&keys, (const unsigned char[MASTER_KEY]){ 7 });
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cx cx = { .now = NOW };
	if (!size)
		return 0;
	unsigned kind = data[0] % KINDS;
	str good = good_make(&cx, kind), text = { (const char *)data + 1, size - 1 };
	assert(is_accepted(&cx, kind, good));
	if (data[0] & 0x80)
		text = changed(&cx, good, data + 1, size - 1);
	assert(is_accepted(&cx, kind, text) == str_is(text, good));
	codes_check(&cx, text);
	arena_close(&cx.arena);
	return 0;
}
