-- delivery: messages about bookings, and what became of them.

-- name: delivery_insert
-- Where the job was there already, by its dedupe_key, this one has another id, and adds nothing.
-- public: in the transaction that causes it
INSERT INTO delivery (id, booking_id, channel, message, reader, recipient, state, tries, queued_at)
SELECT :id, :booking_id, :channel, :message, :reader, :recipient, 'waiting', 0, :now
WHERE EXISTS (SELECT 1 FROM job WHERE id = :id);

-- name: delivery_queue
-- The job and this in one: a message less to the database for everybody who is told.
-- public: in the transaction that causes it
-- engine: postgresql
WITH queued AS (INSERT INTO job (id, account_id, kind, lane, dedupe_key, payload, state, due_at, tries, created_at)
	VALUES (:id, :account_id, :kind, :lane, :dedupe_key, :payload, 'waiting', :due_at, 0, :now)
	ON CONFLICT (dedupe_key) DO NOTHING RETURNING id)
INSERT INTO delivery (id, booking_id, channel, message, reader, recipient, state, tries, queued_at)
SELECT id, :booking_id, :channel, :message, :reader, :recipient, 'waiting', 0, :now FROM queued;

-- name: delivery_end
-- public: for workers
UPDATE delivery SET state = :state, last_error = :last_error, tries = :tries, ended_at = :ended_at WHERE id = :id;

-- name: delivery_list
-- public: of a booking that the caller may see
SELECT id, booking_id, channel, message, reader, recipient, state, last_error, tries, queued_at, ended_at
FROM delivery WHERE booking_id = :booking_id ORDER BY id DESC LIMIT 1000;
