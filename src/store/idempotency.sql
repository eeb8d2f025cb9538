-- idempotency: answers kept for repeats of a create.

-- name: kept_answer_find
-- public: scope is the caller's account, or nobody's
SELECT scope, idempotency_key, request_hash, status, answer, etag, location, expires_at
FROM idempotency WHERE scope = :scope AND idempotency_key = :idempotency_key AND expires_at > :now AND status > 0;

-- name: kept_answer_claim
-- public: scope is the caller's account, or nobody's
-- engine: postgresql
INSERT INTO idempotency (scope, idempotency_key, request_hash, status, answer, expires_at)
VALUES (:scope, :idempotency_key, :request_hash, 0, '', :expires_at)
ON CONFLICT (scope, idempotency_key) DO NOTHING;

-- name: kept_answer_remove
-- public: scope is the caller's account, or nobody's
DELETE FROM idempotency WHERE scope = :scope AND idempotency_key = :idempotency_key;

-- name: kept_answer_insert
-- public: scope is the caller's account, or nobody's
INSERT INTO idempotency (scope, idempotency_key, request_hash, status, answer, etag, location, expires_at)
VALUES (:scope, :idempotency_key, :request_hash, :status, :answer, :etag, :location, :expires_at)
ON CONFLICT (scope, idempotency_key) DO UPDATE SET request_hash = excluded.request_hash,
	status = excluded.status, answer = excluded.answer, etag = excluded.etag, location = excluded.location,
	expires_at = excluded.expires_at;

-- name: kept_answer_prune
-- public: periodic work
DELETE FROM idempotency WHERE expires_at <= :now;
