-- schedule, one_off: when hosts are available.

-- name: schedule_get
SELECT id, account_id, code, name, time_zone, weekly, overrides, is_default, version, created_at, updated_at
FROM schedule WHERE id = :id AND account_id = :actor;

-- name: schedule_default
SELECT id, account_id, code, name, time_zone, weekly, overrides, is_default, version, created_at, updated_at
FROM schedule WHERE account_id = :actor AND is_default = 1;

-- name: schedule_owned
SELECT id FROM schedule WHERE id = :id AND account_id = :actor;

-- name: schedule_owned_default
SELECT id FROM schedule WHERE account_id = :actor AND is_default = 1;

-- name: schedule_page
SELECT id, account_id, code, name, time_zone, weekly, overrides, is_default, version, created_at, updated_at
FROM schedule
WHERE account_id = :actor AND id > :after
	AND (:code IS NULL OR code = :code) AND (:changed_since IS NULL OR updated_at >= :changed_since)
ORDER BY id LIMIT :limit;

-- name: schedule_count
-- public: also for a new account, where nobody is signed in yet
SELECT COUNT(*) AS number FROM schedule WHERE account_id = :account_id;

-- name: schedule_insert
-- public: also for a new account, where nobody is signed in yet
INSERT INTO schedule (id, account_id, code, name, time_zone, weekly, overrides, is_default, version, created_at,
	updated_at)
VALUES (:id, :account_id, :code, :name, :time_zone, :weekly, :overrides, :is_default, :version, :created_at,
	:updated_at);

-- name: schedule_undefault
-- public: follows one that has just been inserted or saved for its owner
UPDATE schedule SET is_default = 0, version = version + 1, updated_at = :now
WHERE account_id = :account_id AND is_default = 1 AND id <> :id;

-- name: schedule_update
UPDATE schedule SET code = :code, name = :name, time_zone = :time_zone, weekly = :weekly, overrides = :overrides,
	is_default = :is_default, version = version + 1, updated_at = :now
WHERE id = :id AND account_id = :actor
RETURNING version, updated_at;

-- name: schedule_touch
UPDATE schedule SET version = version + 1, updated_at = :now WHERE id = :id AND account_id = :actor
RETURNING version, updated_at;

-- name: schedule_users
SELECT code FROM event_type
WHERE schedule_id = :id AND account_id = :actor AND deleted_at IS NULL ORDER BY code LIMIT 6;

-- name: schedule_release
-- Deleted event types keep their row, which must name a schedule.
UPDATE event_type SET schedule_id = (SELECT id FROM schedule WHERE account_id = :actor AND is_default = 1)
WHERE schedule_id = :id AND account_id = :actor AND deleted_at IS NOT NULL;

-- name: schedule_delete
DELETE FROM schedule WHERE id = :id AND account_id = :actor AND is_default = 0;

-- name: one_off_all
SELECT id, kind, starts_at, ends_at FROM one_off
WHERE schedule_id = :schedule_id AND account_id = :actor ORDER BY starts_at, id;

-- name: one_off_near
-- public: slots are
SELECT id, kind, starts_at, ends_at FROM one_off
WHERE schedule_id = :schedule_id AND ends_at > :range_from AND starts_at < :range_to ORDER BY ends_at;

-- name: one_off_page
SELECT id, kind, starts_at, ends_at FROM one_off
WHERE schedule_id = :schedule_id AND account_id = :actor AND id > :id ORDER BY id LIMIT :number;

-- name: one_off_get
SELECT id, kind, starts_at, ends_at FROM one_off
WHERE schedule_id = :schedule_id AND id = :id AND account_id = :actor;

-- name: one_off_count
SELECT COUNT(*) AS number FROM one_off WHERE schedule_id = :schedule_id AND account_id = :actor;

-- name: one_off_insert
-- public: follows the insert or a read of its schedule, which was its owner's
INSERT INTO one_off (schedule_id, id, account_id, kind, starts_at, ends_at)
VALUES (:schedule_id, :id, :account_id, :kind, :starts_at, :ends_at);

-- name: one_off_delete
DELETE FROM one_off WHERE schedule_id = :schedule_id AND id = :id AND account_id = :actor;

-- name: one_off_clear
DELETE FROM one_off WHERE schedule_id = :schedule_id AND account_id = :actor;
