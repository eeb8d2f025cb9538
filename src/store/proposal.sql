-- proposal: other times for a booking, while they wait for an answer.  What it holds is in guard.sql.

-- name: proposal_insert
-- public: the policy says who may
INSERT INTO proposal (id, booking_id, by_party, starts, note, created_at, expires_at)
VALUES (:id, :booking_id, :by, :starts, :note, :now, :expires_at);

-- name: proposal_delete
-- public: the policy says who may
DELETE FROM proposal WHERE id = :id;
