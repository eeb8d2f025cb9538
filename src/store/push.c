#include "push.h"

#include "store/push_sql.h"

static const struct field ROW[] = {
	FIELD(struct push_subscription, id, 0),
	FIELD(struct push_subscription, account_id, 0),
	FIELD(struct push_subscription, session_id, 0),
	FIELD(struct push_subscription, endpoint_hash, 0),
	FIELD(struct push_subscription, sealed, 0),
	FIELD(struct push_subscription, user_agent, MAYBE),
	FIELD(struct push_subscription, created_at, 0),
	FIELD(struct push_subscription, sent_at, MAYBE),
	FIELD_END,
};

const struct field PUSH_SUBSCRIPTION[] = {
	FIELD(struct push_subscription, id, OUT, .doc = "The subscription's id"),
	FIELD(struct push_subscription, current, OUT, .doc = "Whether this log-in made it"),
	FIELD(struct push_subscription, user_agent, OUT | MAYBE, .doc = "As the browser named itself"),
	FIELD(struct push_subscription, created_at, OUT, .doc = "When it was made"),
	FIELD(struct push_subscription, sent_at, OUT | MAYBE,
	      .doc = "When its push service last took a message; null: never"),
	FIELD_END,
};

static const struct field ADDRESS[] = {
	FIELD(struct push_address, endpoint, IN | OUT | MUST, .max = PUSH_ENDPOINT),
	FIELD(struct push_address, p256dh, IN | OUT | MUST),
	FIELD(struct push_address, auth, IN | OUT | MUST),
	FIELD_END,
};

struct count {
	int64_t n;
};
static const struct field COUNT[] = { FIELD(struct count, n, 0), FIELD_END };

enum err push_put(struct cx *cx, const struct keys *keys, const struct push_address *address,
		  struct push_subscription *s)
{
	struct count others;
	bool found;
	s->id = uuid_make(cx->now);
	s->account_id = cx->actor;
	s->endpoint_hash = sha256(address->endpoint);
	s->sealed = seal(&cx->arena, keys->seal, field_encode(&cx->arena, ADDRESS, address));
	TRY(db_find(cx, &PUSH_COUNT, ROW, s, COUNT, &others, &found));
	if (others.n >= PUSH_SUBSCRIPTIONS)
		return FAIL(cx, E_REFUSED, S(""), "at most %d browsers are told: take one out first",
			    PUSH_SUBSCRIPTIONS);
	return db_get(cx, &PUSH_PUT, ROW, s, ROW, s);
}

enum err push_list(struct cx *cx, struct list *out)
{
	const struct push_subscription key = { 0 };
	return db_list(cx, &PUSH_LIST, ROW, &key, ROW, sizeof key, out);
}

enum err push_remove(struct cx *cx, uuid id)
{
	const struct push_subscription key = { .id = id };
	int64_t changed;
	TRY(db_run(cx, &PUSH_REMOVE, ROW, &key, &changed));
	return changed ? OK : FAIL(cx, E_NOT_FOUND, S(""), "there is no such id among yours");
}

enum err push_list_account(struct cx *cx, uuid account_id, struct list *out)
{
	const struct push_subscription key = { .account_id = account_id };
	return db_list(cx, &PUSH_LIST_ACCOUNT, ROW, &key, ROW, sizeof key, out);
}

enum err push_find(struct cx *cx, const struct keys *keys, uuid id, struct push_address *out, bool *found)
{
	struct push_subscription s = { .id = id };
	str plain;
	TRY(db_find(cx, &PUSH_FIND, ROW, &s, ROW, &s, found));
	if (!*found)
		return OK;
	if (!unseal(&cx->arena, keys->seal, s.sealed, &plain))
		return FAIL(cx, E_INTERNAL, S(""), "the subscription cannot be unsealed: was the key changed?");
	return field_decode(cx, ADDRESS, out, plain, FIELD_NEW);
}

enum err push_sent(struct cx *cx, uuid id)
{
	return db_run(cx, &PUSH_SENT, ROW, &(struct push_subscription){ .id = id }, NULL);
}

enum err push_gone(struct cx *cx, uuid id)
{
	return db_run(cx, &PUSH_GONE, ROW, &(struct push_subscription){ .id = id }, NULL);
}
