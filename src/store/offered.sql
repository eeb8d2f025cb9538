-- offered: what is booked, by the versions of its rows.

-- name: offered_get
-- Every column of event_type_get_id and of availability_get.
-- public: anybody may book
SELECT e.id, e.id AS event_type_id, e.account_id, e.bookable_id, e.schedule_id, e.code, e.title, e.description, e.color,
	e.durations, e.interval_minutes, e.buffer_before_minutes, e.buffer_after_minutes, e.minimum_notice_minutes,
	e.horizon_days, e.booking_window, e.limits, e.seats, e.confirmation, e.confirmation_notice_minutes,
	e.cancel_notice_minutes, e.reschedule_notice_minutes, e.reason_required, e.locations, e.questions, e.reminders,
	e.reconfirm_minutes, e.send_mails, e.metadata, e.co_hosts, e.active, e.hidden, e.version, e.created_at,
	e.updated_at, e.deleted_at, s.time_zone, s.weekly, s.overrides, b.version AS bookable_version,
	s.version AS schedule_version, e.version AS event_type_version,
	CASE WHEN EXISTS (SELECT 1 FROM one_off o WHERE o.schedule_id = e.schedule_id) THEN 0 ELSE 1 END AS no_one_offs
FROM event_type e JOIN schedule s ON s.id = e.schedule_id JOIN bookable b ON b.id = e.bookable_id
WHERE e.id = :event_type_id AND e.deleted_at IS NULL;

-- name: offered_versions
-- public: anybody may book
SELECT e.version AS event_type, s.version AS schedule, a.version AS host
FROM event_type e JOIN schedule s ON s.id = e.schedule_id JOIN account a ON a.id = e.account_id
WHERE e.id = :event_type_id AND e.deleted_at IS NULL;
