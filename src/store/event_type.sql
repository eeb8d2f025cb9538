-- event_type: what can be booked.

-- name: event_type_get
SELECT id, account_id, bookable_id, schedule_id, code, title, description, color, durations, interval_minutes,
	buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, booking_window, limits, seats,
	confirmation, confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes, reason_required,
	locations, questions, reminders, reconfirm_minutes, send_mails, metadata, co_hosts,
	active, hidden, version, created_at, updated_at, deleted_at
FROM event_type WHERE id = :id AND account_id = :actor AND deleted_at IS NULL;

-- name: event_type_get_id
-- public: for bookings, whose event type may be deleted by now
SELECT id, account_id, bookable_id, schedule_id, code, title, description, color, durations, interval_minutes,
	buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, booking_window, limits, seats,
	confirmation, confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes, reason_required,
	locations, questions, reminders, reconfirm_minutes, send_mails, metadata, co_hosts,
	active, hidden, version, created_at, updated_at, deleted_at
FROM event_type WHERE id = :id;

-- name: event_type_get_code
-- public: what is active can be booked by anybody who knows its code
SELECT id, account_id, bookable_id, schedule_id, code, title, description, color, durations, interval_minutes,
	buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, booking_window, limits, seats,
	confirmation, confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes, reason_required,
	locations, questions, reminders, reconfirm_minutes, send_mails, metadata, co_hosts,
	active, hidden, version, created_at, updated_at, deleted_at
FROM event_type WHERE account_id = :account_id AND code = :code AND deleted_at IS NULL AND active = 1;

-- name: event_type_page
SELECT id, account_id, bookable_id, schedule_id, code, title, description, color, durations, interval_minutes,
	buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, booking_window, limits, seats,
	confirmation, confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes, reason_required,
	locations, questions, reminders, reconfirm_minutes, send_mails, metadata, co_hosts,
	active, hidden, version, created_at, updated_at, deleted_at
FROM event_type
WHERE account_id = :actor AND deleted_at IS NULL AND id > :after
	AND (:code IS NULL OR code = :code) AND (:changed_since IS NULL OR updated_at >= :changed_since)
	AND (:active = 'any' OR active = CASE WHEN :active = 'true' THEN 1 ELSE 0 END)
ORDER BY id LIMIT :limit;

-- name: event_type_page_public
-- public: a host's page
SELECT id, account_id, bookable_id, schedule_id, code, title, description, color, durations, interval_minutes,
	buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, booking_window, limits, seats,
	confirmation, confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes, reason_required,
	locations, questions, reminders, reconfirm_minutes, send_mails, metadata, co_hosts,
	active, hidden, version, created_at, updated_at, deleted_at
FROM event_type
WHERE account_id = :account_id AND deleted_at IS NULL AND active = 1 AND hidden = 0 AND id > :after
ORDER BY id LIMIT :limit;

-- name: event_type_count
-- public: also for a new account, where nobody is signed in yet
SELECT COUNT(*) AS number, COUNT(CASE WHEN active = 1 THEN 1 END) AS number_active
FROM event_type WHERE account_id = :account_id AND deleted_at IS NULL;

-- name: event_type_insert
-- public: also for a new account, where nobody is signed in yet
INSERT INTO event_type (id, account_id, bookable_id, schedule_id, code, title, description, color, durations,
	interval_minutes, buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days,
	booking_window, limits, seats, confirmation, confirmation_notice_minutes, cancel_notice_minutes,
	reschedule_notice_minutes, reason_required, locations, questions, reminders, reconfirm_minutes, send_mails, metadata,
	co_hosts, active, hidden, version, created_at, updated_at)
VALUES (:id, :account_id, :bookable_id, :schedule_id, :code, :title, :description, :color, :durations,
	:interval_minutes, :buffer_before_minutes, :buffer_after_minutes, :minimum_notice_minutes, :horizon_days,
	:booking_window, :limits, :seats, :confirmation, :confirmation_notice_minutes, :cancel_notice_minutes,
	:reschedule_notice_minutes, :reason_required, :locations, :questions, :reminders, :reconfirm_minutes,
	:send_mails, :metadata, :co_hosts, :active, :hidden, :version, :created_at, :updated_at);

-- name: event_type_update
UPDATE event_type SET schedule_id = :schedule_id, code = :code, title = :title, description = :description,
	color = :color, durations = :durations, interval_minutes = :interval_minutes,
	buffer_before_minutes = :buffer_before_minutes, buffer_after_minutes = :buffer_after_minutes,
	minimum_notice_minutes = :minimum_notice_minutes, horizon_days = :horizon_days,
	booking_window = :booking_window, limits = :limits, seats = :seats, confirmation = :confirmation,
	confirmation_notice_minutes = :confirmation_notice_minutes, cancel_notice_minutes = :cancel_notice_minutes,
	reschedule_notice_minutes = :reschedule_notice_minutes, reason_required = :reason_required, locations = :locations,
	questions = :questions, reminders = :reminders,
	reconfirm_minutes = :reconfirm_minutes, send_mails = :send_mails, metadata = :metadata,
	co_hosts = :co_hosts, active = :active, hidden = :hidden,
	version = version + 1, updated_at = :now
WHERE id = :id AND account_id = :actor AND deleted_at IS NULL
RETURNING version, updated_at;

-- name: event_type_remove
UPDATE event_type SET active = 0, version = version + 1, updated_at = :now, deleted_at = :now
WHERE id = :id AND account_id = :actor AND deleted_at IS NULL;

-- name: event_type_restore
UPDATE event_type SET version = version + 1, updated_at = :now, deleted_at = NULL
WHERE id = :id AND account_id = :actor AND deleted_at IS NOT NULL
RETURNING version, updated_at, deleted_at;

-- name: event_type_list_co_hosted
-- public: those of a host whose agreement with somebody ends
SELECT id, co_hosts FROM event_type WHERE account_id = :account_id AND deleted_at IS NULL AND co_hosts <> '[]';

-- name: event_type_set_co_hosts
-- public: called where an agreement ends, by either side
UPDATE event_type SET co_hosts = :co_hosts, version = version + 1, updated_at = :now WHERE id = :id;
