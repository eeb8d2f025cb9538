-- account: who signs in.

-- name: account_get
SELECT id, email, username, first_name, last_name, time_zone, language, password_hash, role, plan, version,
	created_at, updated_at, deleted_at
FROM account WHERE id = :actor AND deleted_at IS NULL;

-- name: account_get_id
-- public: for the server's own work on behalf of that account
SELECT id, email, username, first_name, last_name, time_zone, language, password_hash, role, plan, version,
	created_at, updated_at, deleted_at
FROM account WHERE id = :id;

-- name: account_find_email
-- public: for signing in, where nobody is known yet
SELECT id, email, username, first_name, last_name, time_zone, language, password_hash, role, plan, version,
	created_at, updated_at, deleted_at
FROM account WHERE email = :email;

-- name: account_find_username
-- public: profiles are
SELECT id, email, username, first_name, last_name, time_zone, language, password_hash, role, plan, version,
	created_at, updated_at, deleted_at
FROM account WHERE username = :username;

-- name: account_find_look
-- public: whether a username is free
SELECT id FROM account WHERE username_look = :username_look;

-- name: account_insert
-- public: nobody is signed in before there is an account
INSERT INTO account (id, email, username, username_look, first_name, last_name, time_zone, language, password_hash,
	role, plan, version, created_at, updated_at)
VALUES (:id, :email, :username, :username_look, :first_name, :last_name, :time_zone, :language, :password_hash,
	:role, :plan, 1, :now, :now);

-- name: account_bookable_insert
-- public: a person's own bookable, made with the account
INSERT INTO bookable (id, account_id, kind, version) VALUES (:id, :id, 'person', 1);

-- name: account_update
UPDATE account SET email = :email, username = :username, username_look = :username_look,
	first_name = :first_name, last_name = :last_name, time_zone = :time_zone, language = :language, password_hash = :password_hash,
	version = version + 1, updated_at = :now
WHERE id = :actor AND deleted_at IS NULL;

-- name: account_erase_codes
DELETE FROM otp WHERE email = (SELECT email FROM account WHERE id = :actor);

-- name: account_erase_registration
DELETE FROM registration WHERE email = (SELECT email FROM account WHERE id = :actor);

-- name: account_erase
UPDATE account SET email = NULL, username = NULL, username_look = NULL, first_name = '', last_name = NULL,
	password_hash = NULL, version = version + 1, updated_at = :now, deleted_at = :now
WHERE id = :actor;

-- name: account_erase_schedules
DELETE FROM schedule WHERE account_id = :actor AND NOT EXISTS
	(SELECT 1 FROM event_type e WHERE e.schedule_id = schedule.id);

-- name: account_erase_event_types
UPDATE event_type SET active = 0, deleted_at = :now, version = version + 1
WHERE account_id = :actor AND deleted_at IS NULL;

-- name: account_erase_api_keys
DELETE FROM api_key WHERE account_id = :actor;

-- name: account_erase_words
DELETE FROM message_words WHERE account_id = :actor;

-- name: account_erase_preference
DELETE FROM preference WHERE account_id = :actor;

-- name: account_erase_sessions
DELETE FROM session WHERE account_id = :actor;

-- name: account_erase_co_hosted
-- What others host with who goes: their time, and their name and address.
DELETE FROM reservation WHERE bookable_id = :actor AND with_id IS NOT NULL;

-- name: account_erase_heard
-- What the logs of others' bookings told of it as a co-host: while its address is known.
DELETE FROM delivery WHERE recipient = (SELECT email FROM account WHERE id = :actor)
	AND booking_id IN (SELECT booking_id FROM booking_guest WHERE account_id = :actor);

-- name: account_erase_guests
DELETE FROM booking_guest WHERE account_id = :actor;

-- name: account_erase_refusals
DELETE FROM refusal WHERE account_id = :actor;

-- name: account_erase_deliveries
-- What the log of its bookings told: whose it was cannot read it any more.
DELETE FROM delivery WHERE booking_id IN (SELECT id FROM booking WHERE account_id = :actor);

-- name: account_erase_notes
-- What nobody else may read.
UPDATE booking SET private_notes = '' WHERE account_id = :actor AND private_notes <> '';

-- name: account_erase_jobs
-- What failed for good still carries names and addresses.
-- scan: an index that holds dead jobs only
DELETE FROM job WHERE state = 'dead' AND account_id = :actor;

-- name: account_erase_webhooks
DELETE FROM webhook WHERE account_id = :actor;

-- name: account_erase_events
DELETE FROM event WHERE account_id = :actor;

-- name: account_erase_audit
UPDATE audit SET before_text = NULL, after_text = NULL WHERE account_id = :actor;

-- name: registration_conflict
-- public: whether a username waits for another address
SELECT email FROM registration WHERE username_look = :username_look AND email <> :email AND expires_at > :now;

-- name: registration_put
-- public: nobody is signed in before there is an account
INSERT INTO registration (email, username, username_look, first_name, last_name, time_zone, language, password_hash,
	expires_at)
VALUES (:email, :username, :username_look, :first_name, :last_name, :time_zone, :language, :password_hash, :expires_at)
ON CONFLICT (email) DO UPDATE SET username = excluded.username, username_look = excluded.username_look,
	first_name = excluded.first_name, last_name = excluded.last_name, time_zone = excluded.time_zone, language = excluded.language,
	password_hash = excluded.password_hash, expires_at = excluded.expires_at;

-- name: registration_take
-- public: the one-time code was right
DELETE FROM registration WHERE email = :email
RETURNING email, username, first_name, last_name, time_zone, language, password_hash, expires_at;
