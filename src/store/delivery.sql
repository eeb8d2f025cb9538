-- delivery: messages about bookings, and what became of them.

-- name: delivery_insert
-- Of a job that was there already nothing is added: this has its id.
-- public: in the transaction that causes it
INSERT INTO delivery (booking_id, id, channel, message, reader, recipient, state, tries, queued_at)
VALUES (:booking_id, :id, :channel, :message, :reader, :recipient, 'waiting', 0, :now)
ON CONFLICT (booking_id, id) DO NOTHING;

-- name: delivery_end
-- public: for workers
UPDATE delivery SET state = :state, last_error = :last_error, tries = :tries, ended_at = :ended_at
WHERE booking_id = :booking_id AND id = :id;

-- name: delivery_list
-- From the newest on, and read the other way round: what was caused at once is in the order of invitee, host, guests.
-- public: of a booking that the caller may see
SELECT id, booking_id, channel, message, reader, recipient, state, last_error, tries, queued_at, ended_at
FROM delivery WHERE booking_id = :booking_id ORDER BY queued_at DESC, reader, recipient DESC, id LIMIT 1000;
