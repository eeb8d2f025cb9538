#include "idempotency.h"

#include "site.h"
#include "store/idempotency.h"

#include <string.h>

enum { KEY_MAX = 255, KEPT_SECONDS = 24 * HOUR_SECONDS };

static digest request_hash(struct call *c)
{
	const struct http_request *r = &c->exchange->request;
	return sha256(
	    str_format(&c->cx->arena, "%.*s %.*s\n%.*s", STR_ARG(r->method), STR_ARG(r->path), STR_ARG(r->body)));
}

/* Whose keys these are: the account's, or, of strangers, those of one network, so that they do not meet each other's. */
static uuid scope(struct call *c)
{
	uuid id = c->caller.account;
	if (uuid_is(id))
		return id;
	str network = http_network(&c->cx->arena, c->exchange->request.address);
	digest d = hmac(c->site->keys.code, str_format(&c->cx->arena, "scope|%.*s", STR_ARG(network)));
	memcpy(id.b, d.b, sizeof id.b);
	return id;
}

static enum err key_check(struct call *c)
{
	str key = c->idempotency_key;
	bool fits = key.n > 0 && key.n <= KEY_MAX;
	for (size_t i = 0; i < key.n; i++)
		fits = fits && key.p[i] > ' ' && key.p[i] < 0x7f;
	return fits ? OK
		    : FAIL(c->cx, E_INVALID, S(""), "Idempotency-Key must be 1 to %d visible ASCII characters",
			   KEY_MAX);
}

/* Two that come at once: the second waits until the first is through, and finds its answer. */
static enum err claim(struct call *c)
{
	struct kept_answer k = {
		.scope = scope(c),
		.idempotency_key = c->idempotency_key,
		.request_hash = request_hash(c),
		.expires_at = instant_add(c->cx->now, (span){ KEPT_SECONDS }),
	};
	return db_is_shared(c->cx) ? kept_answer_claim(c->cx, &k) : OK;
}

enum err idempotency_find(struct call *c, bool *found)
{
	struct kept_answer kept;
	str plain;
	c->idempotency_key =
	    c->route->creates ? http_header(&c->exchange->request, S("idempotency-key")) : (str){ NULL, 0 };
	*found = false;
	if (!c->idempotency_key.p)
		return OK;
	TRY(key_check(c));
	TRY(claim(c));
	TRY(kept_answer_find(c->cx, scope(c), c->idempotency_key, &kept, found));
	if (!*found)
		return OK;
	if (!digest_same(kept.request_hash, request_hash(c)))
		return FAIL(c->cx, E_IDEMPOTENCY, S(""),
			    "this Idempotency-Key came with another request before: use a new one");
	if (!unseal(&c->cx->arena, c->site->keys.seal, kept.answer, &plain))
		return FAIL(c->cx, E_IDEMPOTENCY, S(""),
			    "the answer kept for this Idempotency-Key cannot be read any more");
	buf_add(&c->out, plain);
	c->status = (int)kept.status;
	c->etag = kept.etag;
	c->location = kept.location;
	return OK;
}

enum err idempotency_keep(struct call *c)
{
	if (!c->idempotency_key.p)
		return OK;
	if (c->kept)
		return kept_answer_remove(c->cx, scope(c), c->idempotency_key);
	struct kept_answer k = {
		.scope = scope(c),
		.idempotency_key = c->idempotency_key,
		.request_hash = request_hash(c),
		.status = c->status ? c->status : c->route->status,
		.answer = seal(&c->cx->arena, c->site->keys.seal, buf_str(&c->out)),
		.etag = c->etag,
		.location = c->location,
		.expires_at = instant_add(c->cx->now, (span){ KEPT_SECONDS }),
	};
	return kept_answer_insert(c->cx, &k);
}
