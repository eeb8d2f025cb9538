-- event: what happened to bookings, for webhooks.

-- name: event_insert
-- public: by whatever changes the booking
INSERT INTO event (account_id, id, type, booking_id, payload, created_at)
VALUES (:account_id, :id, :type, :booking_id, :payload, :created_at);

-- name: event_prune
-- public: periodic work
DELETE FROM event WHERE (account_id, id) IN
	(SELECT account_id, id FROM event WHERE created_at < :created_at ORDER BY created_at LIMIT 1000);
