-- session and api_key: who may speak for an account.

-- name: session_identity
-- public: authorises the caller
SELECT s.account_id, s.id AS session_id, a.role, a.plan
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.id = :session_id AND s.expires_at > :now AND a.deleted_at IS NULL;

-- name: session_identity_token
-- public: authorises the caller
SELECT s.account_id, s.id AS session_id, a.role, a.plan
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.refresh_hash = :key_hash AND s.expires_at > :now AND a.deleted_at IS NULL;

-- name: api_key_identity
-- public: authorises the caller
SELECT k.account_id, a.role, a.plan, k.scopes
FROM api_key k JOIN account a ON a.id = k.account_id
WHERE k.key_hash = :key_hash AND (k.expires_at IS NULL OR k.expires_at > :now) AND a.deleted_at IS NULL;

-- name: session_insert
-- public: made when somebody has just proved who they are
INSERT INTO session (id, account_id, refresh_hash, user_agent, created_at, last_used_at, expires_at)
VALUES (:id, :account_id, :refresh_hash, :user_agent, :created_at, :last_used_at, :expires_at);

-- name: session_known_find
-- public: made when somebody has just proved who they are
SELECT id FROM session
WHERE account_id = :account_id AND COALESCE(user_agent, '') = COALESCE(:user_agent, '') ORDER BY id LIMIT 1;

-- name: session_list
SELECT id, account_id, user_agent, created_at, last_used_at, expires_at
FROM session WHERE account_id = :actor AND id > :id AND expires_at > :now ORDER BY id LIMIT :limit;

-- name: session_remove
DELETE FROM session WHERE id = :id AND account_id = :actor;

-- name: session_remove_others
DELETE FROM session WHERE account_id = :actor AND id <> :id;

-- name: session_swap
-- public: the refresh token is the permission
UPDATE session SET spent_hash = refresh_hash, refresh_hash = :spent_hash, last_used_at = :now,
	expires_at = CASE WHEN created_at + 15552000 < :expires_at THEN created_at + 15552000 ELSE :expires_at END
WHERE refresh_hash = :refresh_hash AND expires_at > :now
RETURNING id, account_id, refresh_hash, user_agent, created_at, last_used_at, expires_at;

-- name: session_end_reused
-- public: a spent refresh token was shown again, so one of two holders is a thief
DELETE FROM session WHERE spent_hash = :refresh_hash;

-- name: session_prune
-- public: periodic work
-- scan: once an hour
DELETE FROM session WHERE expires_at <= :now;

-- name: api_key_insert
INSERT INTO api_key (id, account_id, name, prefix, key_hash, scopes, created_at, expires_at)
VALUES (:id, :actor, :name, :prefix, :key_hash, :scopes, :now, :expires_at);

-- name: api_key_list
SELECT id, account_id, name, prefix, scopes, created_at, expires_at
FROM api_key WHERE account_id = :actor AND id > :id ORDER BY id LIMIT :limit;

-- name: api_key_remove_all
DELETE FROM api_key WHERE account_id = :actor;

-- name: api_key_remove
DELETE FROM api_key WHERE id = :id AND account_id = :actor;
