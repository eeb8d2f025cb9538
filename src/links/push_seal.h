/* push_seal - the cryptography of Web Push: a message sealed for one browser (RFC 8291, as one record of RFC 8188's
 * aes128gcm), and the proof of who sends it (VAPID, RFC 8292).  By OpenSSL, as libsodium has no P-256. */
#ifndef LINKS_PUSH_SEAL_H
#define LINKS_PUSH_SEAL_H
#include "base/fault.h"
#include "base/secret.h"

enum { PUSH_POINT = 65, PUSH_SCALAR = 32, PUSH_AUTH = 16, PUSH_SALT = 16 };
enum { PUSH_PLAIN = 3000 }; /* bytes of a message: the body stays well below the 4,096 that every service takes */

/* push_target - a browser, as it describes itself when it subscribes. */
struct push_target {
	str endpoint;                    /* https address of its service, known to it and us only */
	unsigned char point[PUSH_POINT]; /* its public key, uncompressed */
	unsigned char auth[PUSH_AUTH];   /* what it shares with us */
};

/* push_target_parse - from the texts of a subscription: base64url, or base64, with or without padding.
 *   E_INVALID  at /keys/p256dh, /keys/auth: not so many bytes, or no point of the curve; the endpoint is the caller's */
enum err push_target_parse(struct cx *, str endpoint, str p256dh, str auth, struct push_target *out);

/* push_key - who we are for push services: a P-256 pair.  It never seals: each message has a pair of its own. */
struct push_key {
	unsigned char private[PUSH_SCALAR], point[PUSH_POINT];
};

/* push_key_make - the pair of a seed: the same seed, the same pair. */
enum err push_key_make(struct cx *, const unsigned char seed[PUSH_SEED], struct push_key *out);

/* push_key_text - the public half, as browsers take it for applicationServerKey. */
str push_key_text(struct arena *, const struct push_key *);

/* push_seal - the body of a push request, in cx->arena.   E_LIMIT  plain has more than PUSH_PLAIN bytes */
enum err push_seal(struct cx *, const struct push_target *, str plain, str *out);

/* push_seal_with - the same by a given pair and salt, which must not seal twice. */
enum err push_seal_with(struct cx *, const struct push_target *, str plain, const struct push_key *once,
			const unsigned char salt[PUSH_SALT], str *out);

/* push_token - the JWT that says who sends: audience  origin of the endpoint;  contact  "mailto:…" or "https:…" */
enum err push_token(struct cx *, const struct push_key *, str audience, str contact, instant expires, str *out);
#endif
