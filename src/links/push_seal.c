#include "push_seal.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <string.h>

static const char CURVE[] = "prime256v1";
enum { TAG = 16, CEK = 16, NONCE_BYTES = 12, IKM = 32, HEAD = PUSH_SALT + 4 + 1 + PUSH_POINT, RECORD = 4096 };

/* What OpenSSL refuses here is no outsider's fault: memory, or a bug. */
static enum err broken(struct cx *cx, const char *what)
{
	return FAIL(cx, E_INTERNAL, S(""), "OpenSSL cannot %s", what);
}

/* ---- keys */

/* A key of the curve: of a public point, and of its private number where there is one.  NULL: no such point. */
static EVP_PKEY *key_load(const unsigned char point[PUSH_POINT], const unsigned char *private)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *number = private ? BN_bin2bn(private, PUSH_SCALAR, NULL) : NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	bool made = context && build && (number || !private) &&
		    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1 &&
		    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, PUSH_POINT) == 1 &&
		    (!number || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1) &&
		    (params = OSSL_PARAM_BLD_to_param(build)) != NULL && EVP_PKEY_fromdata_init(context) == 1;
	if (!made || EVP_PKEY_fromdata(context, &key, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	BN_clear_free(number);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(context);
	return key;
}

static bool is_on_curve(const unsigned char point[PUSH_POINT])
{
	EVP_PKEY *key = point[0] == 4 ? key_load(point, NULL) : NULL;
	EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	bool is = context && EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	return is;
}

/* The seed has 128 bits more than the curve, so that no number is likelier than another (FIPS 186-5 A.2.1). */
enum err push_key_make(struct cx *cx, const unsigned char seed[PUSH_SEED], struct push_key *out)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *number = BN_bin2bn(seed, PUSH_SEED, NULL), *most = BN_new();
	BN_CTX *context = BN_CTX_secure_new();
	bool made = point && number && most && context && BN_copy(most, EC_GROUP_get0_order(group)) &&
		    BN_sub_word(most, 1) == 1 && BN_mod(number, number, most, context) == 1 &&
		    BN_add_word(number, 1) == 1 && EC_POINT_mul(group, point, number, NULL, NULL, context) == 1 &&
		    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out->point, PUSH_POINT,
				       context) == PUSH_POINT &&
		    BN_bn2binpad(number, out->private, PUSH_SCALAR) == PUSH_SCALAR;
	BN_CTX_free(context);
	BN_free(most);
	BN_clear_free(number);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return made ? OK : broken(cx, "make a key");
}

str push_key_text(struct arena *a, const struct push_key *key)
{
	return base64url(a, key->point, PUSH_POINT);
}

/* ---- subscriptions */

/* Exactly `n` bytes of base64 in either alphabet. */
static bool bytes_parse(struct arena *a, str text, unsigned char *out, size_t n)
{
	char *clean = arena_take(a, text.n + 1, 1);
	str bytes;
	if (text.n > 4 * (n / 3 + 1))
		return false;
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	for (size_t i = 0; i < text.n; i++)
		clean[i] = (char)(text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i]);
	if (!base64url_parse(a, (str){ clean, text.n }, &bytes) || bytes.n != n)
		return false;
	memcpy(out, bytes.p, n);
	return true;
}

enum err push_target_parse(struct cx *cx, str endpoint, str p256dh, str auth, struct push_target *out)
{
	out->endpoint = endpoint;
	if (!bytes_parse(&cx->arena, p256dh, out->point, PUSH_POINT))
		fault_add(cx, S("/keys/p256dh"), "must be %d bytes in base64url", PUSH_POINT);
	else if (!is_on_curve(out->point))
		fault_add(cx, S("/keys/p256dh"), "must be an uncompressed point of the curve P-256");
	if (!bytes_parse(&cx->arena, auth, out->auth, PUSH_AUTH))
		fault_add(cx, S("/keys/auth"), "must be %d bytes in base64url", PUSH_AUTH);
	return fault_check(cx);
}

/* ---- sealing */

/* The secret that both ends can make: ours with the browser's point. */
static bool agree(const struct push_key *once, const unsigned char point[PUSH_POINT], unsigned char out[IKM])
{
	EVP_PKEY *ours = key_load(once->point, once->private), *theirs = key_load(point, NULL);
	EVP_PKEY_CTX *context = ours && theirs ? EVP_PKEY_CTX_new_from_pkey(NULL, ours, NULL) : NULL;
	size_t n = IKM;
	bool made = context && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, theirs) == 1 &&
		    EVP_PKEY_derive(context, out, &n) == 1 && n == IKM;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return made;
}

/* HKDF-SHA-256 (RFC 5869). */
static bool expand(str salt, const unsigned char ikm[IKM], str info, unsigned char *out, size_t n)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	char sha256_name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256_name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.p, salt.n),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)ikm, IKM),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info.p, info.n),
		OSSL_PARAM_construct_end(),
	};
	bool made = context && EVP_KDF_derive(context, out, n, params) == 1;
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return made;
}

static bool encrypt(const unsigned char cek[CEK], const unsigned char nonce[NONCE_BYTES], str plain,
		    unsigned char *out)
{
	static const unsigned char last_record = 2;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n, more, end;
	bool made = context && EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, cek, nonce) == 1 &&
		    EVP_EncryptUpdate(context, out, &n, (const unsigned char *)plain.p, (int)plain.n) == 1 &&
		    EVP_EncryptUpdate(context, out + n, &more, &last_record, 1) == 1 &&
		    EVP_EncryptFinal_ex(context, out + n + more, &end) == 1 &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out + n + more) == 1;
	EVP_CIPHER_CTX_free(context);
	return made;
}

/* The three keys of RFC 8291, section 3.4. */
static bool derive(const struct push_target *to, const struct push_key *once, str salt, unsigned char cek[CEK],
		   unsigned char nonce[NONCE_BYTES])
{
	static const char label[] = "WebPush: info";
	unsigned char shared[IKM], ikm[IKM];
	char info[sizeof label + 2 * PUSH_POINT];
	memcpy(info, label, sizeof label);
	memcpy(info + sizeof label, to->point, PUSH_POINT);
	memcpy(info + sizeof label + PUSH_POINT, once->point, PUSH_POINT);
	bool made =
	    agree(once, to->point, shared) &&
	    expand((str){ (const char *)to->auth, PUSH_AUTH }, shared, (str){ info, sizeof info }, ikm, IKM) &&
	    expand(salt, ikm, S("Content-Encoding: aes128gcm\0"), cek, CEK) &&
	    expand(salt, ikm, S("Content-Encoding: nonce\0"), nonce, NONCE_BYTES);
	explicit_bzero(shared, sizeof shared);
	explicit_bzero(ikm, sizeof ikm);
	return made;
}

enum err push_seal_with(struct cx *cx, const struct push_target *to, str plain, const struct push_key *once,
			const unsigned char salt[PUSH_SALT], str *out)
{
	static const unsigned char record[] = { 0, 0, RECORD >> 8, RECORD & 0xff, PUSH_POINT };
	unsigned char cek[CEK], nonce[NONCE_BYTES];
	if (plain.n > PUSH_PLAIN)
		return FAIL(cx, E_LIMIT, S(""), "a push message has at most %d bytes", PUSH_PLAIN);
	size_t n = HEAD + plain.n + 1 + TAG;
	unsigned char *body = arena_take(&cx->arena, n, 1);
	memcpy(body, salt, PUSH_SALT);
	memcpy(body + PUSH_SALT, record, sizeof record);
	memcpy(body + PUSH_SALT + sizeof record, once->point, PUSH_POINT);
	bool sealed = derive(to, once, (str){ (const char *)salt, PUSH_SALT }, cek, nonce) &&
		      encrypt(cek, nonce, plain, body + HEAD);
	explicit_bzero(cek, sizeof cek);
	*out = (str){ (const char *)body, n };
	return sealed ? OK : broken(cx, "seal a message");
}

enum err push_seal(struct cx *cx, const struct push_target *to, str plain, str *out)
{
	unsigned char seed[PUSH_SEED], salt[PUSH_SALT];
	struct push_key once;
	random_bytes(seed, sizeof seed);
	random_bytes(salt, sizeof salt);
	TRY(push_key_make(cx, seed, &once));
	enum err err = push_seal_with(cx, to, plain, &once, salt, out);
	explicit_bzero(seed, sizeof seed);
	explicit_bzero(&once, sizeof once);
	return err;
}

/* ---- who sends */

/* The signature as JWT has it: both numbers, 32 bytes each, instead of DER. */
static bool signature_write(const unsigned char *der, size_t n, unsigned char out[2 * PUSH_SCALAR])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool written = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, PUSH_SCALAR) == PUSH_SCALAR &&
		       BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + PUSH_SCALAR, PUSH_SCALAR) == PUSH_SCALAR;
	ECDSA_SIG_free(pair);
	return written;
}

static bool sign(const struct push_key *key, str text, unsigned char out[2 * PUSH_SCALAR])
{
	unsigned char der[80]; /* at most 72 */
	size_t n = sizeof der;
	EVP_PKEY *pair = key_load(key->point, key->private);
	EVP_MD_CTX *context = pair ? EVP_MD_CTX_new() : NULL;
	bool made = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair) == 1 &&
		    EVP_DigestSign(context, der, &n, (const unsigned char *)text.p, text.n) == 1 &&
		    signature_write(der, n, out);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
	return made;
}

struct claims {
	str aud, sub;
	int64_t exp;
};

static const struct field CLAIMS[] = {
	FIELD(struct claims, aud, OUT),
	FIELD(struct claims, exp, OUT),
	FIELD(struct claims, sub, OUT),
	FIELD_END,
};

enum err push_token(struct cx *cx, const struct push_key *key, str audience, str contact, instant expires, str *out)
{
	static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
	struct arena *a = &cx->arena;
	struct claims claims = { .aud = audience, .sub = contact, .exp = expires.s };
	unsigned char signature[2 * PUSH_SCALAR];
	str body = field_encode(a, CLAIMS, &claims);
	str text = str_format(a, "%.*s.%.*s", STR_ARG(base64url(a, header, sizeof header - 1)),
			      STR_ARG(base64url(a, body.p, body.n)));
	if (!sign(key, text, signature))
		return broken(cx, "sign");
	*out = str_format(a, "%.*s.%.*s", STR_ARG(text), STR_ARG(base64url(a, signature, sizeof signature)));
	return OK;
}
