-- offered: what is booked, by the versions of its rows.

-- name: offered_versions
-- public: anybody may book
SELECT e.version AS event_type, s.version AS schedule, a.version AS host
FROM event_type e JOIN schedule s ON s.id = e.schedule_id JOIN account a ON a.id = e.account_id
WHERE e.id = :event_type_id AND e.deleted_at IS NULL;
