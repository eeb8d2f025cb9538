-- otp: one-time codes.

-- name: otp_put
-- public: nobody is signed in yet
INSERT INTO otp (id, email, purpose, code_hash, tries, sent_count, sent_since, day_count, day_since, created_at,
	expires_at)
VALUES (:id, :email, :purpose, :code_hash, 0, :sent_count, :sent_since, :day_count, :day_since, :now, :expires_at)
ON CONFLICT (email, purpose) DO UPDATE SET id = excluded.id, code_hash = excluded.code_hash, tries = 0,
	sent_count = excluded.sent_count, sent_since = excluded.sent_since, day_count = excluded.day_count,
	day_since = excluded.day_since, created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: otp_find
-- public: nobody is signed in yet
SELECT id, email, purpose, code_hash, tries, sent_count, sent_since, day_count, day_since, created_at, expires_at
FROM otp WHERE email = :email AND purpose = :purpose;

-- name: otp_find_id
-- public: nobody is signed in yet
SELECT id, email, purpose, code_hash, tries, sent_count, sent_since, day_count, day_since, created_at, expires_at
FROM otp WHERE id = :id AND purpose = :purpose;

-- name: otp_stands
-- public: for workers
SELECT id FROM otp WHERE id = :id AND expires_at > :now;

-- name: otp_try
-- public: nobody is signed in yet
UPDATE otp SET tries = tries + 1 WHERE id = :id AND tries < 5 AND expires_at > :now;

-- name: otp_spend
-- public: nobody is signed in yet
UPDATE otp SET expires_at = :now WHERE id = :id;

-- name: otp_prune
-- public: periodic work
-- scan: a few rows, once in a while
DELETE FROM otp WHERE expires_at < :expires_at;
