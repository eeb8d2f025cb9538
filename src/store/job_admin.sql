-- job_admin: the queue as operators see it.

-- name: job_list_dead
-- public: the route lets only admins in
-- scan: an index that holds dead jobs only
SELECT j.id, j.account_id, j.kind, j.state, a.username, j.tries, j.last_error, j.created_at, j.due_at, j.done_at
FROM job j LEFT JOIN account a ON a.id = j.account_id
WHERE j.state = 'dead' AND (:kind IS NULL OR j.kind = :kind)
	AND (:at IS NULL OR j.done_at < :at OR (j.done_at = :at AND j.id < :after))
ORDER BY j.done_at DESC, j.id DESC LIMIT :limit;

-- name: job_list_tried
-- What was never tried is not among it: reminders of months to come.
-- public: the route lets only admins in
SELECT j.id, j.account_id, j.kind, j.state, a.username, j.tries, j.last_error, j.created_at, j.due_at, j.done_at
FROM job j LEFT JOIN account a ON a.id = j.account_id
WHERE j.state = 'waiting' AND j.lane IN ('mail', 'prompt', 'own', 'http') AND j.tries > 0 AND (:kind IS NULL OR j.kind = :kind)
	AND (:at IS NULL OR j.due_at > :at OR (j.due_at = :at AND j.id > :after))
ORDER BY j.due_at, j.id LIMIT :limit;

-- name: job_kind_list
-- public: the route lets only admins in
-- scan: an index that holds dead jobs only
SELECT kind, COUNT(*) AS dead, MIN(done_at) AS oldest_at FROM job WHERE state = 'dead' GROUP BY kind ORDER BY kind;

-- name: job_retry
-- public: the route lets only admins in
UPDATE job SET state = 'waiting', forgiven = tries, due_at = :now, done_at = NULL WHERE id = :id AND state = 'dead';

-- name: job_discard
-- public: the route lets only admins in
UPDATE job SET state = 'done', payload = '{}', done_at = :now WHERE id = :id AND state = 'dead';

-- name: job_state
-- public: the route lets only admins in
SELECT state FROM job WHERE id = :id;

-- name: job_retry_kind
-- public: the route lets only admins in
-- scan: an index that holds dead jobs only
UPDATE job SET state = 'waiting', forgiven = tries, due_at = :now, done_at = NULL
WHERE id IN (SELECT id FROM job WHERE state = 'dead' AND kind = :kind ORDER BY done_at LIMIT :limit);

-- name: job_lane_figures
-- What is due, and not what is planned: of that there may be one for each booking to come.
-- public: for metrics
SELECT COUNT(*) AS due, MIN(due_at) AS due_at FROM job WHERE state = 'waiting' AND lane = :lane AND due_at <= :now;

-- name: job_dead_figures
-- public: for metrics
-- scan: an index that holds dead jobs only
SELECT COUNT(*) AS dead FROM job WHERE state = 'dead';
