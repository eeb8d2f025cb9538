/* secret - everything cryptographic, by libsodium: digests, keyed digests, randomness, sealing, passwords. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H
#include "field.h"

enum { MASTER_KEY = 32, PUSH_SEED = 48 };

/* keys - what the server keeps to itself: one random master key, and one derived from it for each use. */
struct keys {
	unsigned char token[32];       /* access tokens */
	unsigned char code[32];        /* one-time codes, and keyed hashes of addresses */
	unsigned char link[32];        /* manage links and email proofs */
	unsigned char seal[32];        /* stored answers */
	unsigned char push[PUSH_SEED]; /* of the pair by which push services know us */
	digest mark;                   /* no secret: tells the master key from others (store/key_mark.h) */
};

/* secret_open - once, before anything else here.  false: no source of randomness. */
[[nodiscard]] bool secret_open(void);
void keys_derive(struct keys *, const unsigned char master[MASTER_KEY]);

void random_bytes(void *out, size_t n);
uint32_t random_below(uint32_t limit); /* uniform in [0, limit) */
uuid uuid_make(instant now);           /* UUIDv7 of that second: rising within the process, 62 random bits */
uuid uuid_of(str name);                /* UUIDv8 of a name's SHA-256: the same each time */

digest sha256(str);
digest hmac(const unsigned char key[32], str);         /* HMAC-SHA-256 */
uint64_t short_hash(const unsigned char key[16], str); /* SipHash-2-4: for tables that strangers fill */
bool digest_same(digest, digest);                      /* in constant time */
bool bytes_same(const void *, const void *, size_t n); /* in constant time */

/* base64 - with padding (RFC 4648). */
str base64(struct arena *, const void *, size_t n);

/* base64url without padding (RFC 4648). */
str base64url(struct arena *, const void *, size_t n);
[[nodiscard]] bool base64url_parse(struct arena *, str text, str *out);

/* seal, unseal - authenticated encryption to base64url text.  false: not ours, or changed. */
str seal(struct arena *, const unsigned char key[32], str plain);
[[nodiscard]] bool unseal(struct arena *, const unsigned char key[32], str sealed, str *plain);

/* password_hash - argon2id with 19 MiB and two passes, as text; takes about 13 ms, and waits while as many as fit
 * the memory run.  password_matches - the same cost also when `hash` is absent, so that the time tells nothing. */
str password_hash(struct arena *, str password);
bool password_matches(str password, str hash);
#endif
