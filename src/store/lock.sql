-- lock: who may write for an account now.

-- name: account_lock
-- public: nothing is told
-- engine: postgresql
SELECT FROM bookable WHERE id = :id FOR NO KEY UPDATE;

-- name: booking_lock
-- public: nothing is told
-- engine: postgresql
SELECT FROM bookable WHERE id = (SELECT account_id FROM booking WHERE id = :id) FOR NO KEY UPDATE;

-- name: event_type_lock
-- public: nothing is told
-- engine: postgresql
SELECT FROM bookable WHERE id = (SELECT bookable_id FROM event_type WHERE id = :id) FOR NO KEY UPDATE;
