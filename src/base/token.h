/* token - what callers carry: access tokens (JWT), refresh tokens, session cookies, API keys, manage and guest tokens
 * and email proofs.  All are made and checked here; their formats are nobody else's business. */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H
#include "secret.h"

/* Access token: a JWT, HS256 and nothing else: the header is compared as text, so that no other algorithm, key or URL
 * named in it is ever looked at (RFC 8725 3.1). */
struct access {
	uuid sub, sid;
	int64_t iat, exp;
}; /* account, session, seconds */
str access_make(struct cx *, const struct keys *, const struct access *);
[[nodiscard]] bool access_check(struct cx *, const struct keys *, str token, struct access *out); /* exp > cx->now */

/* Random tokens, 256 bits, stored as SHA-256 only.  The prefix says what it is for: "nr_" refresh, "nc_" cookie,
 * "nm_" API key. */
str token_make(struct cx *, const char *prefix);
digest token_hash(str token);

/* Manage token: the invitee's permission for one booking.  Derived from the server's key, so that mails can be written
 * again and nothing is stored; it dies with its booking (30 days after the end).
 * manage_token_check: *booking is which; the caller still checks that it is there and not too old. */
str manage_token_make(struct cx *, const struct keys *, uuid booking);
[[nodiscard]] bool manage_token_check(struct cx *, const struct keys *, str token, uuid *booking);
enum { MANAGE_DAYS = 30 };

/* Answer token: the same for a host, to say yes or no to one request. */
str answer_token_make(struct cx *, const struct keys *, uuid booking);
[[nodiscard]] bool answer_token_check(struct cx *, const struct keys *, str token, uuid *booking);

/* Guest token: a guest's permission to see one meeting and to answer; made as manage tokens are, of the guest's id. */
str guest_token_make(struct cx *, const struct keys *, uuid guest);
[[nodiscard]] bool guest_token_check(struct cx *, const struct keys *, str token, uuid *guest);

/* Email proof: that an address was proved by its one-time code, for 2 hours. */
str email_proof_make(struct cx *, const struct keys *, str email);
[[nodiscard]] bool email_proof_check(struct cx *, const struct keys *, str proof, str email);
enum { EMAIL_PROOF_SECONDS = 7200 };
#endif
