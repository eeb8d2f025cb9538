/* The cryptography of Web Push against the vectors of RFC 8291, and what is refused of a subscription. */
#include "links/push_seal.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* RFC 8291, appendix A */
static const char AS_PRIVATE[] = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
static const char AS_PUBLIC[] =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
static const char UA_PUBLIC[] =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
static const char AUTH[] = "BTBZMqHH6r4Tts7J_aSIgg", SALT[] = "DGv6ra1nlYgDCS1FRnbzlw";
static const char PLAIN[] = "When I grow up, I want to be a watermelon";
static const char BODY[] =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxs"
    "j_Qulcy4a-fN";

/* Signed by another implementation with AS_PRIVATE. */
static const char TOKEN[] = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."
			    "eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE3Nzc5MjEyMDAsInN1YiI6"
			    "Im1haWx0bzpvcHNAYXBwLnRlc3QifQ.epmhGEh9JsoGZlXl-FU62faJezp7-KeRgoHSZIfd-"
			    "7W6191bSST2xg0V60hOVZ8UNoD574dv6eQWq-Vm4ks"
			    "Plw";

static struct cx cx = { .now = { 1777878000 } };

static int set_up(void **state)
{
	(void)state;
	return secret_open() ? 0 : 1;
}

static int done(void **state)
{
	(void)state;
	fault_clear(&cx);
	arena_close(&cx.arena);
	return 0;
}

static str bytes_of(const char *text)
{
	str bytes;
	assert_true(base64url_parse(&cx.arena, str_of(text), &bytes));
	return bytes;
}

static struct push_key key_of_vector(void)
{
	struct push_key key;
	memcpy(key.private, bytes_of(AS_PRIVATE).p, PUSH_SCALAR);
	memcpy(key.point, bytes_of(AS_PUBLIC).p, PUSH_POINT);
	return key;
}

static struct push_target target_of(const char *point, const char *auth)
{
	struct push_target target;
	assert_int_equal(
	    push_target_parse(&cx, S("https://push.example.net/x"), str_of(point), str_of(auth), &target), OK);
	return target;
}

static void test_vector(void **state)
{
	(void)state;
	struct push_target to = target_of(UA_PUBLIC, AUTH);
	struct push_key once = key_of_vector();
	str body;
	assert_int_equal(
	    push_seal_with(&cx, &to, str_of(PLAIN), &once, (const unsigned char *)bytes_of(SALT).p, &body), OK);
	assert_int_equal(body.n, 144);
	assert_string_equal(str_to_c(&cx.arena, base64url(&cx.arena, body.p, body.n)), BODY);
}

static void test_fresh(void **state)
{
	(void)state;
	struct push_target to = target_of(UA_PUBLIC, AUTH);
	char text[PUSH_PLAIN + 1] = { 0 };
	str one, two;
	assert_int_equal(push_seal(&cx, &to, str_of(PLAIN), &one), OK);
	assert_int_equal(push_seal(&cx, &to, str_of(PLAIN), &two), OK);
	assert_int_equal(one.n, 144);
	assert_memory_not_equal(one.p, two.p, PUSH_SALT);
	assert_memory_not_equal(one.p + 21, two.p + 21, PUSH_POINT);
	assert_memory_not_equal(one.p + 86, two.p + 86, 58);
	assert_int_equal(push_seal(&cx, &to, (str){ text, PUSH_PLAIN }, &one), OK);
	assert_true(one.n <= 4096);
	assert_int_equal(push_seal(&cx, &to, (str){ text, PUSH_PLAIN + 1 }, &one), E_LIMIT);
}

/* OpenSSL's own verifying of an ES256 token: true when it was made by the key of that point. */
static bool is_signed(str token, const unsigned char point[PUSH_POINT])
{
	str rest = token, head = str_cut(&rest, '.'), claims = str_cut(&rest, '.');
	str text = { token.p, head.n + 1 + claims.n }, raw;
	unsigned char der[80], *end = der;
	if (!base64url_parse(&cx.arena, rest, &raw) || raw.n != 64)
		return false;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	ECDSA_SIG_set0(pair, BN_bin2bn((const unsigned char *)raw.p, 32, NULL),
		       BN_bin2bn((const unsigned char *)raw.p + 32, 32, NULL));
	int n = i2d_ECDSA_SIG(pair, &end);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){ "prime256v1" }, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, PUSH_POINT),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key), 1);
	bool is = EVP_DigestVerify(md, der, (size_t)n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(context);
	ECDSA_SIG_free(pair);
	return is;
}

static void test_token(void **state)
{
	(void)state;
	struct push_key key = key_of_vector();
	str token, body;
	assert_true(is_signed(str_of(TOKEN), key.point));
	assert_int_equal(push_token(&cx, &key, S("https://push.example.net"), S("mailto:ops@app.test"),
				    (instant){ 1777921200 }, &token),
			 OK);
	assert_true(is_signed(token, key.point));
	str rest = token, head = str_cut(&rest, '.');
	assert_true(str_is(head, S("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9")));
	assert_true(base64url_parse(&cx.arena, str_cut(&rest, '.'), &body));
	assert_string_equal(
	    str_to_c(&cx.arena, body),
	    "{\"aud\":\"https://push.example.net\",\"exp\":1777921200,\"sub\":\"mailto:ops@app.test\"}");
	char *changed = str_to_c(&cx.arena, token);
	changed[50] = changed[50] == 'A' ? 'B' : 'A';
	assert_false(is_signed(str_of(changed), key.point));
}

static void test_key_of_seed(void **state)
{
	(void)state;
	unsigned char seeds[3][PUSH_SEED] = { { 0 }, { 1, 2, 3 } };
	struct push_key key, again;
	str token;
	memset(seeds[2], 0xff, PUSH_SEED);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(push_key_make(&cx, seeds[i], &key), OK);
		assert_int_equal(push_key_make(&cx, seeds[i], &again), OK);
		assert_memory_equal(&key, &again, sizeof key);
		assert_int_equal(push_token(&cx, &key, S("https://a.b"), S("mailto:a@b.c"), cx.now, &token), OK);
		assert_true(is_signed(token, key.point)); /* both halves belong together */
	}
	assert_int_equal(push_key_text(&cx.arena, &key).n, 87);
	/* of nothing the number is one, and its point the curve's generator (SEC 2, 2.4.2) */
	assert_int_equal(push_key_make(&cx, seeds[0], &key), OK);
	assert_memory_equal(key.point, "\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47", 9);
}

static enum err parse(const char *point, const char *auth)
{
	struct push_target target;
	fault_clear(&cx);
	return push_target_parse(&cx, S("https://push.example.net/x"), str_of(point), str_of(auth), &target);
}

static void test_subscriptions(void **state)
{
	(void)state;
	static const char *const points[] = {
		"",
		"B",
		"BA",
		UA_PUBLIC + 1,
		AUTH,
		"!CVxsr7N_eNgVRqvHtD0zTZsEc6", /* sizes and signs */
		/* not on the curve: the last bit is another */
		"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8",
		/* a compressed form's first byte, and all zero */
		"AyVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
		"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		assert_int_equal(parse(points[i], AUTH), E_INVALID);
		assert_true(str_is(cx.fault.problems->field, S("/keys/p256dh")));
		assert_null(cx.fault.problems->next);
	}
	assert_int_equal(parse(UA_PUBLIC, "BTBZMqHH6r4Tts7J_aSI"), E_INVALID);
	assert_true(str_is(cx.fault.problems->field, S("/keys/auth")));
	assert_int_equal(parse("", ""), E_INVALID);
	assert_int_equal(cx.fault.count, 2);
	/* old clients pad, or use the other alphabet */
	assert_int_equal(parse(UA_PUBLIC, "BTBZMqHH6r4Tts7J/aSIgg=="), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_vector, done),
		cmocka_unit_test_teardown(test_fresh, done),
		cmocka_unit_test_teardown(test_token, done),
		cmocka_unit_test_teardown(test_key_of_seed, done),
		cmocka_unit_test_teardown(test_subscriptions, done),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
