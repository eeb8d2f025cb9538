#include "token.h"

#include <string.h>

static const struct field ACCESS[] = {
	FIELD(struct access, sub, IN | OUT | MUST),
	FIELD(struct access, sid, IN | OUT | MUST),
	FIELD(struct access, iat, IN | OUT | MUST),
	FIELD(struct access, exp, IN | OUT | MUST),
	FIELD_END,
};

/* {"alg":"HS256","typ":"JWT","kid":"1"} */
#define JWT_HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEifQ"
enum { JWT_MAX = 1024 };

str access_make(struct cx *cx, const struct keys *keys, const struct access *claims)
{
	str payload = field_encode(&cx->arena, ACCESS, claims);
	str signing =
	    str_format(&cx->arena, JWT_HEADER ".%.*s", STR_ARG(base64url(&cx->arena, payload.p, payload.n)));
	digest mac = hmac(keys->token, signing);
	return str_format(&cx->arena, "%.*s.%.*s", STR_ARG(signing),
			  STR_ARG(base64url(&cx->arena, mac.b, sizeof mac.b)));
}

bool access_check(struct cx *cx, const struct keys *keys, str token, struct access *out)
{
	str payload, mac, rest = token, json;
	if (token.n > JWT_MAX || !str_is(str_cut(&rest, '.'), S(JWT_HEADER)))
		return false;
	payload = str_cut(&rest, '.');
	digest right = hmac(keys->token, str_slice(token, 0, sizeof JWT_HEADER + payload.n));
	if (!base64url_parse(&cx->arena, rest, &mac) || mac.n != sizeof right.b || !bytes_same(mac.p, right.b, mac.n))
		return false;
	return base64url_parse(&cx->arena, payload, &json) && field_decode(cx, ACCESS, out, json, FIELD_NEW) == OK &&
	       out->exp > cx->now.s;
}

enum { TOKEN_BYTES = 32 };

str token_make(struct cx *cx, const char *prefix)
{
	unsigned char bytes[TOKEN_BYTES];
	random_bytes(bytes, sizeof bytes);
	return str_format(&cx->arena, "%s%.*s", prefix, STR_ARG(base64url(&cx->arena, bytes, sizeof bytes)));
}

digest token_hash(str token)
{
	return sha256(token);
}

/* A keyed text of 16 bytes: what is vouched for, then half a digest over it. */
enum { MAC_BYTES = 16 };

static digest vouch(struct cx *cx, const struct keys *keys, const char *what, str about)
{
	return hmac(keys->link, str_format(&cx->arena, "%s|%.*s", what, STR_ARG(about)));
}

/* An id and what vouches that it was given as a link of that kind. */
static str link_make(struct cx *cx, const struct keys *keys, const char *what, uuid id)
{
	unsigned char bytes[sizeof id.b + MAC_BYTES];
	char text[UUID_TEXT];
	digest mac = vouch(cx, keys, what, uuid_format(text, id));
	memcpy(bytes, id.b, sizeof id.b);
	memcpy(bytes + sizeof id.b, mac.b, MAC_BYTES);
	return base64url(&cx->arena, bytes, sizeof bytes);
}

static bool link_check(struct cx *cx, const struct keys *keys, const char *what, str token, uuid *id)
{
	char text[UUID_TEXT];
	str bytes;
	if (token.n > 64 || !base64url_parse(&cx->arena, token, &bytes) || bytes.n != sizeof id->b + MAC_BYTES)
		return false;
	memcpy(id->b, bytes.p, sizeof id->b);
	digest mac = vouch(cx, keys, what, uuid_format(text, *id));
	return bytes_same(bytes.p + sizeof id->b, mac.b, MAC_BYTES);
}

str manage_token_make(struct cx *cx, const struct keys *keys, uuid booking)
{
	return link_make(cx, keys, "manage", booking);
}

bool manage_token_check(struct cx *cx, const struct keys *keys, str token, uuid *booking)
{
	return link_check(cx, keys, "manage", token, booking);
}

str guest_token_make(struct cx *cx, const struct keys *keys, uuid guest)
{
	return link_make(cx, keys, "guest", guest);
}

bool guest_token_check(struct cx *cx, const struct keys *keys, str token, uuid *guest)
{
	return link_check(cx, keys, "guest", token, guest);
}

str answer_token_make(struct cx *cx, const struct keys *keys, uuid booking)
{
	return link_make(cx, keys, "answer", booking);
}

bool answer_token_check(struct cx *cx, const struct keys *keys, str token, uuid *booking)
{
	return link_check(cx, keys, "answer", token, booking);
}

/* over the time as it is written, so that no other spelling of it passes */
static digest proof_mac(struct cx *cx, const struct keys *keys, str email, str until)
{
	return vouch(cx, keys, "proof", str_format(&cx->arena, "%.*s|%.*s", STR_ARG(until), STR_ARG(email)));
}

str email_proof_make(struct cx *cx, const struct keys *keys, str email)
{
	str until = str_format(&cx->arena, "%lld", (long long)(cx->now.s + EMAIL_PROOF_SECONDS));
	digest mac = proof_mac(cx, keys, email, until);
	return str_format(&cx->arena, "%.*s.%.*s", STR_ARG(until), STR_ARG(base64url(&cx->arena, mac.b, MAC_BYTES)));
}

bool email_proof_check(struct cx *cx, const struct keys *keys, str proof, str email)
{
	int64_t ends;
	str mac, rest = proof, until = str_cut(&rest, '.');
	if (proof.n > 100 || !str_to_int(until, &ends) || ends <= cx->now.s)
		return false;
	digest right = proof_mac(cx, keys, email, until);
	return base64url_parse(&cx->arena, rest, &mac) && mac.n == MAC_BYTES && bytes_same(mac.p, right.b, MAC_BYTES);
}
