-- refusal: how often a host's time was wanted in vain.

-- name: refusal_add
-- public: counted for the host whose time was asked for
INSERT INTO refusal (account_id, day, taken, buffers) VALUES (:account_id, :day, :taken, :buffers)
ON CONFLICT (account_id, day) DO UPDATE SET taken = refusal.taken + excluded.taken,
	buffers = refusal.buffers + excluded.buffers;
