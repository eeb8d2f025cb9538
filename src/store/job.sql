-- job: the outbox and its queue.  One that waits is found by its id and by done_at, not by its state: whatever is
-- known of the tables, no plan then goes through the whole queue instead.

-- name: job_insert
-- public: inserted by the transaction that causes it
INSERT INTO job (id, account_id, booking_id, kind, lane, dedupe_key, payload, state, due_at, tries, created_at)
VALUES (:id, :account_id, :booking_id, :kind, :lane, :dedupe_key, :payload, 'waiting', :due_at, 0, :now)
ON CONFLICT (id) DO NOTHING;

-- name: job_due
-- public: for workers
SELECT id, kind, tries, due_at FROM job WHERE state = 'waiting' AND lane = :lane AND due_at <= :now ORDER BY due_at LIMIT 1;
-- engine: postgresql
SELECT id, kind, tries, due_at FROM job WHERE state = 'waiting' AND lane = :lane AND due_at <= :now ORDER BY due_at LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED;

-- name: job_take
-- public: for workers
UPDATE job SET tries = tries + 1, due_at = :due_at WHERE id = :id AND tries = :tries AND done_at IS NULL
RETURNING id, account_id, booking_id, kind, lane, dedupe_key, payload, state, due_at, tries, forgiven, last_error, created_at,
	done_at;

-- name: job_renew
-- public: for workers
UPDATE job SET due_at = :due_at WHERE id = :id AND tries = :tries AND done_at IS NULL;

-- name: job_next
-- public: for workers
SELECT due_at FROM job WHERE state = 'waiting' AND lane = :lane ORDER BY due_at LIMIT 1;

-- name: job_end
-- What a job that is done carried is nobody's business any more: names, addresses, sealed codes.
-- public: for workers
UPDATE job SET state = :state, due_at = :due_at, last_error = :last_error, done_at = :done_at,
	payload = CASE WHEN :state = 'done' THEN '{}' ELSE payload END
WHERE id = :id AND tries = :tries AND done_at IS NULL;

-- name: job_prune
-- public: for workers
DELETE FROM job WHERE id IN
	(SELECT id FROM job WHERE state <> 'waiting' AND done_at < :done_at ORDER BY done_at LIMIT 1000);
