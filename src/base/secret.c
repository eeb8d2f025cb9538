#include "secret.h"

#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ARGON_PASSES = 2, ARGON_BYTES = 19 << 20, ARGON_AT_ONCE = 2 };

static sem_t argon_room;
static char argon_nobody[crypto_pwhash_STRBYTES];     /* what an absent hash is compared with */
static pthread_once_t argon_once = PTHREAD_ONCE_INIT; /* made at the first need: it takes long */

bool secret_open(void)
{
	return sodium_init() >= 0 && sem_init(&argon_room, 0, ARGON_AT_ONCE) == 0;
}

static void argon_ready(void)
{
	if (crypto_pwhash_str_alg(argon_nobody, "", 0, ARGON_PASSES, ARGON_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort(); /* only out of memory */
}

void keys_derive(struct keys *keys, const unsigned char master[MASTER_KEY])
{
	static const char context[crypto_kdf_CONTEXTBYTES + 1] = "noonmark";
	unsigned char *const each[] = { keys->token, keys->code, keys->link, keys->seal };
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		crypto_kdf_derive_from_key(each[i], 32, i + 1, context, master);
	crypto_kdf_derive_from_key(keys->push, PUSH_SEED, sizeof each / sizeof *each + 1, context, master);
	crypto_kdf_derive_from_key(keys->mark.b, sizeof keys->mark.b, sizeof each / sizeof *each + 2, context,
				   master);
}

void random_bytes(void *out, size_t n)
{
	randombytes_buf(out, n);
}

uint32_t random_below(uint32_t limit)
{
	return randombytes_uniform(limit);
}

/* Random bytes for ids, taken from the system in stock: a call for each costs more than the id.  What was handed out is
 * not kept. */
static void random_stock(void *out, size_t n)
{
	static _Thread_local unsigned char stock[512];
	static _Thread_local size_t left;
	if (left < n) {
		randombytes_buf(stock, sizeof stock);
		left = sizeof stock;
	}
	left -= n;
	memcpy(out, stock + left, n);
	sodium_memzero(stock + left, n);
}

/* The first 60 bits rise with every id of the process: the second in milliseconds, and a count within it. */
uuid uuid_make(instant now)
{
	static _Atomic uint64_t last;
	uuid u;
	uint64_t least = (uint64_t)now.s * 1000 << 12, before = atomic_load(&last), stamp;
	do
		stamp = before >= least && before - least < UINT64_C(1000) << 12 ? before + 1 : least;
	while (!atomic_compare_exchange_weak(&last, &before, stamp));
	random_stock(u.b + 8, sizeof u.b - 8);
	for (int i = 0; i < 6; i++)
		u.b[i] = (unsigned char)(stamp >> (52 - 8 * i));
	u.b[6] = (unsigned char)(0x70 | (stamp >> 8 & 0x0f));
	u.b[7] = (unsigned char)stamp;
	u.b[8] = (unsigned char)(0x80 | (u.b[8] & 0x3f));
	return u;
}

uuid uuid_of(str name)
{
	digest d = sha256(name);
	uuid u;
	memcpy(u.b, d.b, sizeof u.b);
	u.b[6] = (unsigned char)(0x80 | (u.b[6] & 0x0f));
	u.b[8] = (unsigned char)(0x80 | (u.b[8] & 0x3f));
	return u;
}

digest sha256(str s)
{
	digest d;
	crypto_hash_sha256(d.b, (const unsigned char *)s.p, s.n);
	return d;
}

digest hmac(const unsigned char key[32], str s)
{
	digest d;
	crypto_auth_hmacsha256(d.b, (const unsigned char *)s.p, s.n, key);
	return d;
}

uint64_t short_hash(const unsigned char key[16], str s)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;
	crypto_shorthash(out, (const unsigned char *)s.p, s.n, key);
	memcpy(&hash, out, sizeof hash);
	return hash;
}

bool bytes_same(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool digest_same(digest a, digest b)
{
	return bytes_same(a.b, b.b, sizeof a.b);
}

str base64(struct arena *a, const void *bytes, size_t n)
{
	size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_take(a, size, 1);
	sodium_bin2base64(text, size, bytes, n, sodium_base64_VARIANT_ORIGINAL);
	return (str){ text, size - 1 };
}

str base64url(struct arena *a, const void *bytes, size_t n)
{
	size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_take(a, size, 1);
	sodium_bin2base64(text, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return (str){ text, size - 1 };
}

bool base64url_parse(struct arena *a, str text, str *out)
{
	size_t n;
	const char *end;
	char *bytes = arena_take(a, text.n + 1, 1);
	if (text.n == 0)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] > 0x7f) /* libsodium takes some of these for letters */
			return false;
	if (sodium_base642bin((unsigned char *)bytes, text.n, text.p, text.n, NULL, &n, &end,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    end != text.p + text.n)
		return false;
	*out = (str){ bytes, n };
	return true;
}

str seal(struct arena *a, const unsigned char key[32], str plain)
{
	size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.n;
	unsigned char *box = arena_take(a, n, 1);
	random_bytes(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.p, plain.n, box, key);
	return base64url(a, box, n);
}

bool unseal(struct arena *a, const unsigned char key[32], str sealed, str *plain)
{
	str box;
	if (!base64url_parse(a, sealed, &box) || box.n < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
		return false;
	const unsigned char *nonce = (const unsigned char *)box.p;
	size_t n = box.n - crypto_secretbox_NONCEBYTES;
	unsigned char *out = arena_take(a, n, 1);
	if (crypto_secretbox_open_easy(out, nonce + crypto_secretbox_NONCEBYTES, n, nonce, key) != 0)
		return false;
	*plain = (str){ (const char *)out, n - crypto_secretbox_MACBYTES };
	return true;
}

static void argon_begin(void)
{
	while (sem_wait(&argon_room) != 0)
		; /* a signal came between: wait on */
}

str password_hash(struct arena *a, str password)
{
	char hash[crypto_pwhash_STRBYTES];
	argon_begin();
	int failed = crypto_pwhash_str_alg(hash, password.p, password.n, ARGON_PASSES, ARGON_BYTES,
					   crypto_pwhash_ALG_ARGON2ID13);
	sem_post(&argon_room);
	if (failed)
		abort(); /* only out of memory */
	return str_copy(a, str_of(hash));
}

bool password_matches(str password, str hash)
{
	char stored[crypto_pwhash_STRBYTES] = { 0 };
	pthread_once(&argon_once, argon_ready);
	bool known = hash.n > 0 && hash.n < sizeof stored;
	memcpy(stored, known ? hash.p : argon_nobody, known ? hash.n : sizeof stored - 1);
	argon_begin();
	bool matches = crypto_pwhash_str_verify(stored, password.p ? password.p : "", password.n) == 0;
	sem_post(&argon_room);
	return matches && known;
}
