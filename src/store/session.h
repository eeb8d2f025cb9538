/* session - log-ins, and API keys: who may speak for an account. */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H
#include "db.h"

enum { SESSION_IDLE_DAYS = 30, SESSION_DAYS = 180, ACCESS_SECONDS = 900 };

struct session {
	uuid id, account_id;
	digest refresh_hash, spent_hash;
	str user_agent;
	instant created_at, last_used_at, expires_at;
	bool current; /* not a column: the one that asks */
};
extern const struct field SESSION[]; /* as its owner sees it */

/* identity - what authorising needs to know of a session or key. */
struct identity {
	uuid account_id, session_id;
	unsigned role, plan;
	struct list scopes; /* str; items NULL for a session */
};

struct api_key {
	uuid id, account_id;
	str name, prefix;
	digest key_hash;
	struct list scopes; /* str */
	instant created_at, expires_at;
	str key; /* shown once, never stored */
};
extern const struct field API_KEY[], API_KEY_MADE[], API_KEY_REQUEST[];
extern const char *const SCOPES[];

/* session_identity - who a living session speaks for; api_key_identity - a key, by its hash. */
enum err session_identity(struct cx *, uuid session, struct identity *out, bool *found);
enum err api_key_identity(struct cx *, digest key_hash, struct identity *out, bool *found);

/* session_identity_token - the living session whose token (a cookie) has this hash. */
enum err session_identity_token(struct cx *, digest token_hash, struct identity *out, bool *found);

/* session_known - whether an account has a session of a program that names itself so (absent: not at all). */
enum err session_known(struct cx *, uuid account_id, str user_agent, bool *known);

enum err session_insert(struct cx *, struct session *);                          /* sets id and times */
enum err session_list(struct cx *, uuid after, int64_t limit, struct list *out); /* of cx->actor, by id */
enum err session_remove(struct cx *, uuid id);                                   /* of cx->actor; E_NOT_FOUND */
enum err session_remove_others(struct cx *, uuid keep);                          /* of cx->actor */

/* session_refresh - swap the refresh token.  *found: it was valid.  One that was spent before ends its session. */
enum err session_refresh(struct cx *, digest old, digest fresh, struct session *out, bool *found);

enum err api_key_insert(struct cx *, struct api_key *); /* sets id and created_at; of cx->actor */
enum err api_key_list(struct cx *, uuid after, int64_t limit, struct list *out);
enum err api_key_remove(struct cx *, uuid id); /* E_NOT_FOUND */
enum err api_key_remove_all(struct cx *);      /* of cx->actor */
enum err session_prune(struct cx *);           /* those that expired */
#endif
