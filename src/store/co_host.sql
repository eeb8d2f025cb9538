-- co_host: who agreed to host with whom.

-- name: co_host_list
SELECT c.id, c.host_id, c.co_host_id, c.accepted, c.created_at, a.id AS other_id, a.username, a.first_name,
	a.last_name, CASE WHEN c.co_host_id = :actor THEN 1 ELSE 0 END AS asks
FROM co_host c JOIN account a ON a.id = CASE WHEN c.host_id = :actor THEN c.co_host_id ELSE c.host_id END
WHERE c.host_id = :actor OR c.co_host_id = :actor ORDER BY c.id;

-- name: co_host_find
SELECT c.id, c.host_id, c.co_host_id, c.accepted, c.created_at, a.id AS other_id, a.username, a.first_name,
	a.last_name, CASE WHEN c.co_host_id = :actor THEN 1 ELSE 0 END AS asks
FROM co_host c JOIN account a ON a.id = CASE WHEN c.host_id = :actor THEN c.co_host_id ELSE c.host_id END
WHERE c.id = :id AND (c.host_id = :actor OR c.co_host_id = :actor);

-- name: co_host_find_pair
-- public: asked for a host whose event type or booking is at hand
SELECT id, accepted FROM co_host WHERE host_id = :host_id AND co_host_id = :co_host_id;

-- name: co_host_count
SELECT COUNT(*) AS number FROM co_host WHERE host_id = :actor;

-- name: co_host_insert
INSERT INTO co_host (id, host_id, co_host_id, accepted, created_at) VALUES (:id, :actor, :co_host_id, 0, :now);

-- name: co_host_accept
UPDATE co_host SET accepted = 1 WHERE id = :id AND co_host_id = :actor;

-- name: co_host_remove
DELETE FROM co_host WHERE id = :id AND (host_id = :actor OR co_host_id = :actor);
