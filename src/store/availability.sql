-- availability: what decides about slots, read from the rows of event types, schedules and reservations.

-- name: availability_get
-- public: slots are; who lists them hides what is not active
SELECT e.id AS event_type_id, e.account_id, e.bookable_id, e.schedule_id, e.active, e.durations, e.co_hosts, e.interval_minutes,
	e.buffer_before_minutes, e.buffer_after_minutes, e.minimum_notice_minutes, e.horizon_days, e.booking_window,
	e.limits, e.seats, s.time_zone, s.weekly, s.overrides, b.version AS bookable_version,
	s.version AS schedule_version, e.version AS event_type_version,
	CASE WHEN EXISTS (SELECT 1 FROM one_off o WHERE o.schedule_id = e.schedule_id) THEN 0 ELSE 1 END AS no_one_offs
FROM event_type e JOIN schedule s ON s.id = e.schedule_id JOIN bookable b ON b.id = e.bookable_id
WHERE e.id = :event_type_id AND e.deleted_at IS NULL;

-- name: availability_versions
-- public: slots are
SELECT b.version AS bookable_version, s.version AS schedule_version, e.version AS event_type_version, e.co_hosts
FROM event_type e JOIN schedule s ON s.id = e.schedule_id JOIN bookable b ON b.id = e.bookable_id
WHERE e.id = :event_type_id AND e.deleted_at IS NULL AND e.active = 1;

-- name: bookable_version
-- public: slots are
SELECT version AS bookable_version FROM bookable WHERE id = :bookable_id;

-- name: availability_meetings
-- Rows of one bookable never overlap, so by end is by start too, and the first that ends at or after the range's end
-- is the last that can begin before it: the index is read no further.  What has expired is told as such: it is no meeting,
-- but is in the way of a new row.
-- public: slots are
SELECT r.id, r.starts_at, r.ends_at, r.buffer_before_minutes, r.buffer_after_minutes,
	CASE WHEN r.expires_at <= :now THEN 1 ELSE 0 END AS expired,
	CASE WHEN r.event_type_id = :event_type_id THEN 1 ELSE 0 END AS same_event,
	CASE WHEN r.seats > 1 THEN (SELECT COUNT(*) FROM booking k WHERE k.reservation_id = r.id)
		+ (SELECT COUNT(*) FROM hold h
		   WHERE h.reservation_id = r.id AND h.expires_at > :now AND h.id <> :except_hold)
	ELSE 1 END AS seats_taken,
	CASE WHEN r.seats > 1 THEN (SELECT MIN(h.expires_at) FROM hold h
		WHERE h.reservation_id = r.id AND h.expires_at > :now)
	ELSE r.expires_at END AS expires_at
FROM reservation r
WHERE r.bookable_id = :bookable_id AND r.ends_at > :range_from AND r.starts_at < :range_to
	AND r.ends_at <= COALESCE((SELECT x.ends_at FROM reservation x
		WHERE x.bookable_id = :bookable_id AND x.ends_at >= :range_to ORDER BY x.ends_at LIMIT 1), :range_to)
	AND r.id <> :except_reservation AND (r.with_id IS NULL OR r.with_id <> :except_reservation)
ORDER BY r.ends_at;

-- name: availability_host
-- public: when somebody is busy is public, not why
SELECT s.id AS schedule_id, s.time_zone, s.weekly, s.overrides FROM schedule s
WHERE s.account_id = :account_id AND s.is_default = 1;

-- name: availability_host_schedule
-- public: called for the account's own calendar
SELECT s.id AS schedule_id, s.time_zone, s.weekly, s.overrides FROM schedule s
WHERE s.id = :schedule_id AND s.account_id = :account_id;

-- name: availability_taken
-- public: when somebody is busy is public, not why
SELECT r.starts_at, r.ends_at FROM reservation r
WHERE r.bookable_id = :bookable_id AND r.ends_at > :range_from AND r.starts_at < :range_to
	AND r.ends_at <= COALESCE((SELECT x.ends_at FROM reservation x
		WHERE x.bookable_id = :bookable_id AND x.ends_at >= :range_to ORDER BY x.ends_at LIMIT 1), :range_to)
	AND (r.expires_at IS NULL OR r.expires_at > :now)
ORDER BY r.ends_at;

-- name: calendar_meetings
-- A meeting is at most a day long, so those that reach into the range begin a day before it at the earliest.
SELECT id, event_type_id, title, status, invitee_name, starts_at AS start, ends_at AS "end",
	(SELECT color FROM event_type WHERE event_type.id = booking.event_type_id) AS color
FROM booking
WHERE account_id = :actor AND starts_at > :range_from - 86400 AND starts_at < :range_to AND ends_at > :range_from
	AND status NOT IN ('cancelled', 'rejected', 'expired')
ORDER BY starts_at, id;
