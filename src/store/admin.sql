-- admin: other people's accounts, for admins.

-- name: admin_account_list
-- public: the route lets only admins in
SELECT id, email, username, first_name, last_name, time_zone, language, role, plan, version, created_at, updated_at
FROM account
WHERE id > :after AND deleted_at IS NULL
	AND (:search IS NULL OR email LIKE :search ESCAPE '\' OR username LIKE :search ESCAPE '\')
ORDER BY id LIMIT :limit;

-- name: admin_account_set
-- public: the route lets only admins in
UPDATE account SET role = :role, plan = :plan, version = version + 1, updated_at = :now
WHERE id = :id AND deleted_at IS NULL
RETURNING version, updated_at;
