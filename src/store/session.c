#include "session.h"

#include "account.h"
#include "base/rule.h"
#include "base/secret.h"
#include "store/session_sql.h"

const char *const SCOPES[] = {
	"schedules:read", "schedules:write", "event_types:read", "event_types:write", "bookings:read",
	"bookings:write", "webhooks:read",   "webhooks:write",   "account:read",      NULL
};

static const struct field SCOPE[] = { { .name = "", .type = F_STR, .flags = IN | OUT, .min = 1, .max = 40 },
				      FIELD_END };

static const struct field SESSION_ROW[] = {
	FIELD(struct session, id, 0),
	FIELD(struct session, account_id, 0),
	FIELD(struct session, refresh_hash, 0),
	FIELD(struct session, spent_hash, MAYBE),
	FIELD(struct session, user_agent, MAYBE),
	FIELD(struct session, created_at, 0),
	FIELD(struct session, last_used_at, 0),
	FIELD(struct session, expires_at, 0),
	FIELD_END,
};

const struct field SESSION[] = {
	FIELD(struct session, id, OUT, .doc = "The session's id"),
	FIELD(struct session, current, OUT, .doc = "Whether it is the one that asks"),
	FIELD(struct session, created_at, OUT, .doc = "When this log-in was"),
	FIELD(struct session, last_used_at, OUT, .doc = "When its access was last renewed"),
	FIELD(struct session, expires_at, OUT, .doc = "When it ends if it is not used again"),
	FIELD(struct session, user_agent, OUT | MAYBE, .doc = "As the client named itself"),
	FIELD_END,
};

struct key_of_session {
	uuid session_id, id;
	digest key_hash;
	int64_t limit;
};

static const struct field KEY[] = {
	FIELD(struct key_of_session, session_id, 0),
	FIELD(struct key_of_session, id, 0),
	FIELD(struct key_of_session, key_hash, 0),
	FIELD(struct key_of_session, limit, 0),
	FIELD_END,
};

static const struct field IDENTITY[] = {
	FIELD(struct identity, account_id, 0),
	FIELD(struct identity, session_id, 0),
	FIELD(struct identity, role, 0, .choices = ROLES),
	FIELD(struct identity, plan, 0, .choices = PLANS),
	LIST(struct identity, scopes, MAYBE, SCOPE, str),
	FIELD_END,
};

static const struct field API_KEY_ROW[] = {
	FIELD(struct api_key, id, 0),
	FIELD(struct api_key, account_id, 0),
	FIELD(struct api_key, name, 0),
	FIELD(struct api_key, prefix, 0),
	FIELD(struct api_key, key_hash, 0),
	LIST(struct api_key, scopes, 0, SCOPE, str),
	FIELD(struct api_key, created_at, 0),
	FIELD(struct api_key, expires_at, MAYBE),
	FIELD_END,
};

#define API_KEY_SHOWN                                                                           \
	FIELD(struct api_key, id, OUT, .doc = "The key's id"),                                  \
	    FIELD(struct api_key, name, OUT, .doc = "What it is for"),                          \
	    FIELD(struct api_key, prefix, OUT, .doc = "Its first characters, to recognise it"), \
	    LIST(struct api_key, scopes, OUT, SCOPE, str, .doc = "What it may do"),             \
	    FIELD(struct api_key, created_at, OUT, .doc = "When it was made"),                  \
	    FIELD(struct api_key, expires_at, OUT | MAYBE, .doc = "When it stops working; null: never")

const struct field API_KEY[] = { API_KEY_SHOWN, FIELD_END };

const struct field API_KEY_MADE[] = {
	API_KEY_SHOWN,
	FIELD(struct api_key, key, OUT, .doc = "The key itself: shown this once"),
	FIELD_END,
};

const struct field API_KEY_REQUEST[] = {
	FIELD(struct api_key, name, IN | MUST, .rule = &RULE_LINE, .min = 1, .max = 80, .doc = "What it is for"),
	LIST(struct api_key, scopes, IN | MUST, SCOPE, str, .min = 1, .max = 20,
	     .doc = "What it may do: schedules:read, schedules:write, event_types:read, event_types:write, "
		    "bookings:read, bookings:write, webhooks:read, webhooks:write, account:read"),
	FIELD(struct api_key, expires_at, IN | MAYBE, .doc = "When it stops working; null: never"),
	FIELD_END,
};

enum err session_identity(struct cx *cx, uuid session, struct identity *out, bool *found)
{
	struct key_of_session key = { .session_id = session };
	*out = (struct identity){ 0 };
	return db_find(cx, &SESSION_IDENTITY, KEY, &key, IDENTITY, out, found);
}

enum err session_identity_token(struct cx *cx, digest token_hash, struct identity *out, bool *found)
{
	struct key_of_session key = { .key_hash = token_hash };
	*out = (struct identity){ 0 };
	return db_find(cx, &SESSION_IDENTITY_TOKEN, KEY, &key, IDENTITY, out, found);
}

enum err api_key_identity(struct cx *cx, digest key_hash, struct identity *out, bool *found)
{
	struct key_of_session key = { .key_hash = key_hash };
	*out = (struct identity){ 0 };
	return db_find(cx, &API_KEY_IDENTITY, KEY, &key, IDENTITY, out, found);
}

enum err session_known(struct cx *cx, uuid account_id, str user_agent, bool *known)
{
	struct session key = { .account_id = account_id, .user_agent = user_agent }, found;
	return db_find(cx, &SESSION_KNOWN_FIND, SESSION_ROW, &key, SESSION_ROW, &found, known);
}

enum err session_insert(struct cx *cx, struct session *s)
{
	s->id = uuid_make(cx->now);
	s->created_at = s->last_used_at = cx->now;
	s->expires_at = instant_add(cx->now, span_days(SESSION_IDLE_DAYS));
	return db_run(cx, &SESSION_INSERT, SESSION_ROW, s, NULL);
}

enum err session_list(struct cx *cx, uuid after, int64_t limit, struct list *out)
{
	struct key_of_session key = { .id = after, .limit = limit };
	return db_list(cx, &SESSION_LIST, KEY, &key, SESSION_ROW, sizeof(struct session), out);
}

static enum err remove_one(struct cx *cx, const struct stmt *stmt, uuid id)
{
	struct key_of_session key = { .id = id };
	int64_t changed;
	TRY(db_run(cx, stmt, KEY, &key, &changed));
	return changed ? OK : FAIL(cx, E_NOT_FOUND, S(""), "there is no such id among yours");
}

enum err session_remove(struct cx *cx, uuid id)
{
	return remove_one(cx, &SESSION_REMOVE, id);
}

enum err session_remove_others(struct cx *cx, uuid keep)
{
	struct key_of_session key = { .id = keep };
	return db_run(cx, &SESSION_REMOVE_OTHERS, KEY, &key, NULL);
}

enum err session_refresh(struct cx *cx, digest old, digest fresh, struct session *out, bool *found)
{
	struct session key = { .refresh_hash = old,
			       .spent_hash = fresh,
			       .expires_at = instant_add(cx->now, span_days(SESSION_IDLE_DAYS)) };
	TRY(db_find(cx, &SESSION_SWAP, SESSION_ROW, &key, SESSION_ROW, out, found));
	return *found ? OK : db_run(cx, &SESSION_END_REUSED, SESSION_ROW, &key, NULL);
}

enum err session_prune(struct cx *cx)
{
	return db_run(cx, &SESSION_PRUNE, KEY, &(struct key_of_session){ 0 }, NULL);
}

enum err api_key_insert(struct cx *cx, struct api_key *key)
{
	key->id = uuid_make(cx->now);
	key->created_at = cx->now;
	return db_run(cx, &API_KEY_INSERT, API_KEY_ROW, key, NULL);
}

enum err api_key_list(struct cx *cx, uuid after, int64_t limit, struct list *out)
{
	struct key_of_session key = { .id = after, .limit = limit };
	return db_list(cx, &API_KEY_LIST, KEY, &key, API_KEY_ROW, sizeof(struct api_key), out);
}

enum err api_key_remove_all(struct cx *cx)
{
	return db_run(cx, &API_KEY_REMOVE_ALL, KEY, &(struct key_of_session){ 0 }, NULL);
}

enum err api_key_remove(struct cx *cx, uuid id)
{
	return remove_one(cx, &API_KEY_REMOVE, id);
}
