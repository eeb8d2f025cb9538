#include "idempotency.h"

#include "store/idempotency_sql.h"

static const struct field KEPT_ANSWER[] = {
	FIELD(struct kept_answer, scope, 0),
	FIELD(struct kept_answer, idempotency_key, 0),
	FIELD(struct kept_answer, request_hash, 0),
	FIELD(struct kept_answer, status, 0),
	FIELD(struct kept_answer, answer, 0),
	FIELD(struct kept_answer, etag, MAYBE),
	FIELD(struct kept_answer, location, MAYBE),
	FIELD(struct kept_answer, expires_at, 0),
	FIELD_END,
};

enum err kept_answer_find(struct cx *cx, uuid scope, str key, struct kept_answer *out, bool *found)
{
	struct kept_answer k = { .scope = scope, .idempotency_key = key };
	return db_find(cx, &KEPT_ANSWER_FIND, KEPT_ANSWER, &k, KEPT_ANSWER, out, found);
}

enum err kept_answer_claim(struct cx *cx, const struct kept_answer *k)
{
	return db_run(cx, &KEPT_ANSWER_CLAIM, KEPT_ANSWER, k, NULL);
}

enum err kept_answer_remove(struct cx *cx, uuid scope, str key)
{
	struct kept_answer k = { .scope = scope, .idempotency_key = key };
	return db_run(cx, &KEPT_ANSWER_REMOVE, KEPT_ANSWER, &k, NULL);
}

enum err kept_answer_insert(struct cx *cx, const struct kept_answer *k)
{
	return db_run(cx, &KEPT_ANSWER_INSERT, KEPT_ANSWER, k, NULL);
}

enum err kept_answer_prune(struct cx *cx)
{
	return db_run(cx, &KEPT_ANSWER_PRUNE, KEPT_ANSWER, &(struct kept_answer){ 0 }, NULL);
}
