-- push: subscriptions to Web Push.

-- name: push_count
SELECT COUNT(*) AS n FROM push_subscription WHERE account_id = :actor AND endpoint_hash <> :endpoint_hash;

-- name: push_put
-- public: who knows an endpoint is the browser it belongs to
INSERT INTO push_subscription (id, account_id, session_id, endpoint_hash, sealed, user_agent, created_at)
VALUES (:id, :account_id, :session_id, :endpoint_hash, :sealed, :user_agent, :now)
ON CONFLICT (endpoint_hash) DO UPDATE SET account_id = excluded.account_id, session_id = excluded.session_id,
	sealed = excluded.sealed, user_agent = excluded.user_agent
RETURNING id, created_at, sent_at;

-- name: push_list
SELECT id, session_id, user_agent, created_at, sent_at FROM push_subscription WHERE account_id = :actor ORDER BY id;

-- name: push_remove
DELETE FROM push_subscription WHERE id = :id AND account_id = :actor;

-- name: push_list_account
-- public: for what that account is to be told
SELECT id, user_agent FROM push_subscription WHERE account_id = :account_id ORDER BY id;

-- name: push_find
-- public: for workers
SELECT sealed FROM push_subscription WHERE id = :id;

-- name: push_sent
-- public: for workers
UPDATE push_subscription SET sent_at = :now WHERE id = :id;

-- name: push_gone
-- public: for workers
DELETE FROM push_subscription WHERE id = :id;
