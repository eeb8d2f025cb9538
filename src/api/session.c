/* Sessions and API keys. */
#include "base/rule.h"
#include "base/token.h"
#include "jobs/mails.h"
#include "routes.h"
#include "sign_in.h"
#include "site.h"
#include "store/audit.h"
#include "store/session.h"

struct password_request {
	str email, password;
};
static const struct field PASSWORD_REQUEST[] = {
	FIELD(struct password_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address"),
	FIELD(struct password_request, password, IN | MUST, .max = PASSWORD_MAX, .doc = "The password"),
	FIELD_END,
};

struct email_request {
	str email;
};
static const struct field EMAIL_REQUEST[] = {
	FIELD(struct email_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address"),
	FIELD_END,
};

struct refresh_request {
	str refresh_token;
};
static const struct field REFRESH_REQUEST[] = {
	FIELD(struct refresh_request, refresh_token, IN | MUST, .max = 100, .doc = "The one got last"),
	FIELD_END,
};

static const struct field PAGE_QUERY[] = { PAGE_FIELDS(struct page_query), FIELD_END };

static enum err password_check(struct call *c)
{
	const struct password_request *r = c->body;
	return password_prepare(c, r->email, r->password);
}

static enum err session_create(struct call *c)
{
	if (!c->prepared)
		return FAIL(c->cx, E_CREDENTIALS, S(""), "that address and password do not belong together");
	return sign_in(c, c->prepared, false);
}

static enum err session_code(struct call *c)
{
	return code_begin(c, OTP_SIGN_IN, ((const struct email_request *)c->body)->email);
}

static enum err session_code_verify(struct call *c)
{
	const struct code_request *r = c->body;
	struct account account;
	bool right;
	TRY(code_end(c, OTP_SIGN_IN, r->email, r->code, &account, &right));
	return right ? sign_in(c, &account, false) : code_wrong(c);
}

static enum err session_renew(struct call *c)
{
	return sign_in_refresh(c, ((const struct refresh_request *)c->body)->refresh_token);
}

static enum err sessions_show(struct call *c)
{
	const struct page_query *page = c->query;
	struct cursor cursor;
	struct list sessions;
	TRY(cursor_parse(c->cx, page->cursor, &cursor));
	TRY(session_list(c->cx, cursor.id, page->limit + 1, &sessions));
	bool more = page_cut(&sessions, page->limit);
	struct session *s = sessions.items;
	for (size_t i = 0; i < sessions.n; i++)
		s[i].current = uuid_same(s[i].id, c->caller.session);
	if (more)
		cursor.id = s[sessions.n - 1].id;
	return reply_list(c, SESSION, sizeof *s, &sessions,
			  more ? cursor_format(&c->cx->arena, &cursor) : (str){ NULL, 0 });
}

static enum err session_end(struct call *c)
{
	return sign_out(c, c->id);
}

static enum err session_end_current(struct call *c)
{
	if (!uuid_is(c->caller.session))
		return FAIL(c->cx, E_NOT_FOUND, S(""), "an API key has no session: remove the key instead");
	return sign_out(c, c->caller.session);
}

static str scopes_all(struct arena *a)
{
	str all = S("");
	for (size_t k = 0; SCOPES[k]; k++)
		all = str_format(a, "%.*s%s%s", STR_ARG(all), k ? ", " : "", SCOPES[k]);
	return all;
}

static enum err scopes_check(struct call *c, const struct list *scopes)
{
	for (size_t i = 0; i < scopes->n; i++) {
		str scope = ((const str *)scopes->items)[i];
		bool known = false, twice = false;
		for (size_t k = 0; SCOPES[k]; k++)
			known = known || str_is(scope, str_of(SCOPES[k]));
		for (size_t k = 0; k < i; k++)
			twice = twice || str_is(scope, ((const str *)scopes->items)[k]);
		if (!known)
			fault_add(c->cx, str_format(&c->cx->arena, "/scopes/%zu", i), "must be one of %.*s",
				  STR_ARG(scopes_all(&c->cx->arena)));
		else if (twice)
			fault_add(c->cx, str_format(&c->cx->arena, "/scopes/%zu", i), "is given twice");
	}
	return fault_check(c->cx);
}

enum { KEY_PREFIX = 9 };

static enum err key_create(struct call *c)
{
	struct api_key *key = c->body;
	struct account a;
	TRY(scopes_check(c, &key->scopes));
	if (instant_is(key->expires_at) && key->expires_at.s <= c->cx->now.s)
		return FAIL(c->cx, E_INVALID, S("/expires_at"), "must be in the future");
	key->key = token_make(c->cx, "nm_");
	key->key_hash = token_hash(key->key);
	key->prefix = str_slice(key->key, 0, KEY_PREFIX);
	TRY(api_key_insert(c->cx, key));
	TRY(audit_add(c->cx, &(struct audit_entry){ .account_id = c->cx->actor,
						    .actor = call_actor(c),
						    .origin = call_origin(c),
						    .action = S("api_key.create"),
						    .entity_id = key->id,
						    .after_text = field_encode(&c->cx->arena, API_KEY, key) }));
	TRY(account_get(c->cx, &a));
	TRY(account_mail_add(c->cx, "key_created", &a, key->name));
	return reply_object(c, API_KEY_MADE, key);
}

static enum err keys_show(struct call *c)
{
	const struct page_query *page = c->query;
	struct cursor cursor;
	struct list keys;
	TRY(cursor_parse(c->cx, page->cursor, &cursor));
	TRY(api_key_list(c->cx, cursor.id, page->limit + 1, &keys));
	bool more = page_cut(&keys, page->limit);
	if (more)
		cursor.id = ((struct api_key *)keys.items)[keys.n - 1].id;
	return reply_list(c, API_KEY, sizeof(struct api_key), &keys,
			  more ? cursor_format(&c->cx->arena, &cursor) : (str){ NULL, 0 });
}

static enum err key_remove(struct call *c)
{
	TRY(api_key_remove(c->cx, c->id));
	return audit_add(c->cx, &(struct audit_entry){ .account_id = c->cx->actor,
						       .actor = call_actor(c),
						       .origin = call_origin(c),
						       .action = S("api_key.delete"),
						       .entity_id = c->id });
}

const struct route SESSION_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/sessions",
	  .prepare = password_check,
	  .run = session_create,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = PASSWORD_REQUEST,
	  .body_size = sizeof(struct password_request),
	  .reply = TOKENS,
	  .name = "signIn",
	  .doc = "Sign in by password" },
	{ .method = "POST",
	  .path = "/v1/sessions/otp",
	  .run = session_code,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .body = EMAIL_REQUEST,
	  .body_size = sizeof(struct email_request),
	  .status = 202,
	  .name = "requestSignInCode",
	  .doc = "Send a one-time code, if the address is known; which stays untold" },
	{ .method = "POST",
	  .path = "/v1/sessions/otp/verify",
	  .run = session_code_verify,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = CODE_REQUEST,
	  .body_size = sizeof(struct code_request),
	  .reply = TOKENS,
	  .name = "signInByCode",
	  .doc = "Sign in by one-time code" },
	{ .method = "POST",
	  .path = "/v1/sessions/refresh",
	  .run = session_renew,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = REFRESH_REQUEST,
	  .body_size = sizeof(struct refresh_request),
	  .reply = TOKENS,
	  .name = "refreshSession",
	  .doc = "Swap the refresh token for a new pair; one used twice ends the session" },
	{ .method = "GET",
	  .path = "/v1/sessions",
	  .run = sessions_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .query = PAGE_QUERY,
	  .query_size = sizeof(struct page_query),
	  .reply = SESSION,
	  .list = true,
	  .name = "listSessions",
	  .doc = "Where one is signed in, oldest first" },
	{ .method = "DELETE",
	  .path = "/v1/sessions/current",
	  .run = session_end_current,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "signOut",
	  .doc = "Sign out" },
	{ .method = "DELETE",
	  .path = "/v1/sessions/{id}",
	  .run = session_end,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "endSession",
	  .doc = "End a session; its tokens stop at once" },
	{ .method = "POST",
	  .path = "/v1/api-keys",
	  .run = key_create,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .body = API_KEY_REQUEST,
	  .body_size = sizeof(struct api_key),
	  .creates = true,
	  .status = 201,
	  .reply = API_KEY_MADE,
	  .name = "createApiKey",
	  .doc = "Make an API key; it is shown this once" },
	{ .method = "GET",
	  .path = "/v1/api-keys",
	  .run = keys_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .query = PAGE_QUERY,
	  .query_size = sizeof(struct page_query),
	  .reply = API_KEY,
	  .list = true,
	  .name = "listApiKeys",
	  .doc = "One's API keys, oldest first" },
	{ .method = "DELETE",
	  .path = "/v1/api-keys/{id}",
	  .run = key_remove,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "deleteApiKey",
	  .doc = "Remove an API key; it stops at once" },
	{ .method = NULL },
};
