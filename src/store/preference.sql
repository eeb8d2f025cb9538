-- preference: which messages an account's bookings cause.

-- name: preference_find
-- public: for the server's own work on behalf of that account
SELECT account_id, send_mails, reminders, messages, version, updated_at FROM preference WHERE account_id = :account_id;

-- name: preference_put
INSERT INTO preference (account_id, send_mails, reminders, messages, version, updated_at)
VALUES (:actor, :send_mails, :reminders, :messages, 1, :now)
ON CONFLICT (account_id) DO UPDATE SET send_mails = excluded.send_mails, reminders = excluded.reminders,
	messages = excluded.messages, version = preference.version + 1, updated_at = excluded.updated_at
RETURNING version, updated_at;
