#include "push.h"

enum { TOKEN_HOURS = 12, EXCERPT = 120, RETRY_MOST = DAY_SECONDS };

enum err push_sender_make(struct cx *cx, const unsigned char seed[PUSH_SEED], str email, struct push_sender *out)
{
	out->contact = str_format(&cx->arena, "mailto:%.*s", STR_ARG(email));
	return push_key_make(cx, seed, &out->key);
}

enum err push_check(struct cx *cx, const struct outbound *outbound, str endpoint, str p256dh, str auth,
		    struct push_target *out)
{
	struct outbound_target target;
	TRY(outbound_check(cx, outbound, endpoint, S("/endpoint"), &target));
	return push_target_parse(cx, endpoint, p256dh, auth, out);
}

/* The origin of an endpoint (RFC 6454), which its service takes as the audience. */
static str origin_of(struct arena *a, const struct outbound_target *t)
{
	const char *scheme = t->secure ? "https" : "http";
	if (t->port == (t->secure ? 443 : 80))
		return str_format(a, "%s://%.*s", scheme, STR_ARG(t->host));
	return str_format(a, "%s://%.*s:%lld", scheme, STR_ARG(t->host), (long long)t->port);
}

static enum err judge(struct cx *cx, const struct http_reply *reply, span *wait)
{
	str said = http_reply_excerpt(&cx->arena, reply, EXCERPT);
	if (reply->status >= 200 && reply->status < 300)
		return OK;
	if (reply->status == 404 || reply->status == 410)
		return FAIL(cx, E_NOT_FOUND, S(""), "the subscription is no more: status %d, %.*s", reply->status,
			    STR_ARG(said));
	if (reply->status != 429 && reply->status < 500)
		return FAIL(cx, E_REFUSED, S(""), "the push service refuses it: status %d, %.*s", reply->status,
			    STR_ARG(said));
	wait->s = reply->retry_after < RETRY_MOST ? reply->retry_after : RETRY_MOST;
	return FAIL(cx, E_UNAVAILABLE, S(""), "the push service asks to wait: status %d, %.*s", reply->status,
		    STR_ARG(said));
}

enum err push_send(struct cx *cx, const struct outbound *outbound, const struct push_sender *sender,
		   const struct push_target *to, const struct push_message *message, span *wait)
{
	struct arena *a = &cx->arena;
	struct outbound_target target;
	struct http_reply reply;
	str token, body;
	*wait = (span){ 0 };
	if (outbound_check(cx, outbound, to->endpoint, S("/endpoint"), &target))
		return FAIL(cx, E_NOT_FOUND, S(""), "its address may not be called any more");
	TRY(push_token(cx, &sender->key, origin_of(a, &target), sender->contact,
		       instant_add(cx->now, (span){ TOKEN_HOURS * HOUR_SECONDS }), &token));
	TRY(push_seal(cx, to, message->text, &body));
	const struct pair headers[] = {
		{ S("Authorization"),
		  str_format(a, "vapid t=%.*s, k=%.*s", STR_ARG(token), STR_ARG(push_key_text(a, &sender->key))) },
		{ S("Content-Encoding"), S("aes128gcm") },
		{ S("Content-Type"), S("application/octet-stream") },
		{ S("TTL"), str_format(a, "%lld", (long long)message->ttl.s) },
		{ S("Topic"), message->topic },
		{ S("Urgency"), message->urgent ? S("high") : S("normal") },
	};
	struct http_ask ask = { .url = to->endpoint,
				.headers = headers,
				.header_count = sizeof headers / sizeof *headers,
				.body = body };
	enum err err = http_ask(cx, outbound, &ask, &reply);
	if (err == E_REFUSED) /* only addresses that are not public */
		return FAIL(cx, E_NOT_FOUND, S(""), "%.*s", STR_ARG(cx->fault.message));
	return err ? err : judge(cx, &reply, wait);
}
