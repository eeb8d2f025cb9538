-- guard: reservations and holds.

-- name: bookable_lock
-- public: taking time is open to whoever may book
UPDATE bookable SET version = version + 1 WHERE id = :bookable_id;

-- name: bookable_lock_event_type
-- public: taking time is open to whoever may book
UPDATE bookable SET version = version + 1 WHERE id = (SELECT bookable_id FROM event_type WHERE id = :event_type_id);

-- name: reservation_drop_expired
-- public: taking time is open to whoever may book
DELETE FROM reservation WHERE bookable_id = :bookable_id AND expires_at <= :now;

-- name: reservation_find_same
-- public: taking time is open to whoever may book
SELECT id FROM reservation
WHERE bookable_id = :bookable_id AND ends_at = :end AND starts_at = :start AND event_type_id = :event_type_id;

-- name: reservation_insert
-- public: taking time is open to whoever may book
INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes,
	buffer_after_minutes, seats, with_id, expires_at)
VALUES (:id, :bookable_id, :event_type_id, :start, :end, :buffer_before_minutes, :buffer_after_minutes, :seats,
	:with_id, :expires_at);

-- name: reservation_get
-- public: of a booking that the caller may change
SELECT id, bookable_id, event_type_id, starts_at AS start, ends_at AS "end", expires_at, buffer_before_minutes,
	buffer_after_minutes, seats, with_id
FROM reservation WHERE id = :id;

-- name: reservation_find_overlap
-- public: of a co-host who agreed
SELECT id, with_id FROM reservation
WHERE bookable_id = :bookable_id AND ends_at > :start AND starts_at < :end ORDER BY ends_at LIMIT 1;

-- name: reservation_leave
-- public: of a co-host who leaves, or whom the host removes; where seats are shared, one may still host for others
DELETE FROM reservation WHERE with_id = :with_id AND bookable_id = :bookable_id AND NOT EXISTS
	(SELECT 1 FROM booking k JOIN booking_guest g ON g.booking_id = k.id
	 WHERE k.reservation_id = :with_id AND g.account_id = :bookable_id AND g.rsvp <> 'declined');

-- name: reservation_extend
-- public: joining a meeting: it lasts as long as the longest hold, or for good
UPDATE reservation SET expires_at = CASE WHEN :expires_at IS NULL OR expires_at IS NULL THEN NULL
	WHEN expires_at < :expires_at THEN :expires_at ELSE expires_at END
WHERE id = :id OR with_id = :id;

-- name: reservation_keep
-- public: a request is confirmed
UPDATE reservation SET expires_at = NULL WHERE (id = :id OR with_id = :id) AND (expires_at IS NULL OR expires_at > :now);

-- name: reservation_settle
-- public: after a booking or hold left: what remains decides how long it stays
UPDATE reservation SET expires_at = (SELECT MAX(expires_at) FROM hold WHERE reservation_id = :id)
WHERE (id = :id OR with_id = :id) AND NOT EXISTS (SELECT 1 FROM booking WHERE reservation_id = :id);

-- name: reservation_release
-- public: after a booking or hold left
DELETE FROM reservation WHERE id = :id AND NOT EXISTS (SELECT 1 FROM booking WHERE reservation_id = :id)
	AND NOT EXISTS (SELECT 1 FROM hold WHERE reservation_id = :id AND expires_at > :now);

-- name: bookable_touch
-- public: a reservation on it changed
UPDATE bookable SET version = version + 1
WHERE id IN (SELECT bookable_id FROM reservation WHERE id = :id OR with_id = :id);

-- name: hold_insert
-- public: a hold's id is the permission for it
INSERT INTO hold (id, reservation_id, client, proposal_id, expires_at)
VALUES (:id, :reservation_id, :client, :proposal_id, :expires_at);

-- name: hold_find
-- public: a hold's id is the permission for it
SELECT h.id, h.reservation_id, h.client, h.expires_at, r.event_type_id, r.starts_at AS start, r.ends_at AS "end"
FROM hold h JOIN reservation r ON r.id = h.reservation_id
WHERE h.id = :id AND h.expires_at > :now AND h.proposal_id IS NULL;

-- name: hold_of_proposal
-- public: whoever ends a proposal may change its booking
SELECT id, reservation_id, expires_at FROM hold WHERE proposal_id = :proposal_id;

-- name: hold_count
-- public: holds are capped for each client
SELECT COUNT(*) AS count, MIN(expires_at) AS first_ends FROM hold WHERE client = :client AND expires_at > :now;

-- name: hold_remove
-- public: a hold's id is the permission for it
DELETE FROM hold WHERE id = :id;

-- name: hold_prune_reservations
-- public: periodic work
-- scan: a bounded piece, once in a while
DELETE FROM reservation WHERE id IN
	(SELECT reservation_id FROM hold WHERE expires_at <= :expires_at LIMIT 1000) AND expires_at <= :expires_at;

-- name: hold_prune
-- Not those whose reservation waits to be removed: they are what it is found by, and go with it.
-- public: periodic work
-- scan: a bounded piece, once in a while
DELETE FROM hold WHERE id IN (SELECT id FROM hold WHERE expires_at <= :expires_at AND NOT EXISTS
	(SELECT 1 FROM reservation r WHERE r.id = hold.reservation_id AND r.expires_at <= :expires_at) LIMIT 1000);
