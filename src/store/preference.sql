-- preference: which messages an account's bookings cause.

-- name: preference_find
-- public: for the server's own work on behalf of that account
SELECT COALESCE(p.send_mails, 1) AS send_mails, p.reminders, COALESCE(p.messages, '[]') AS messages,
	COALESCE(p.version, 0) AS version, p.updated_at,
	CASE WHEN EXISTS (SELECT 1 FROM webhook w WHERE w.account_id = a.id) THEN 1 ELSE 0 END AS has_webhooks,
	CASE WHEN EXISTS (SELECT 1 FROM push_subscription s WHERE s.account_id = a.id) THEN 1 ELSE 0 END AS has_browsers
FROM (SELECT :account_id AS id) a LEFT JOIN preference p ON p.account_id = a.id;

-- name: preference_put
INSERT INTO preference (account_id, send_mails, reminders, messages, version, updated_at)
VALUES (:actor, :send_mails, :reminders, :messages, 1, :now)
ON CONFLICT (account_id) DO UPDATE SET send_mails = excluded.send_mails, reminders = excluded.reminders,
	messages = excluded.messages, version = preference.version + 1, updated_at = excluded.updated_at
RETURNING version, updated_at;
