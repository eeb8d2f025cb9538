-- mail_quota: mails of a day to one address.

-- name: mail_quota_take
-- public: a cap for whoever is written to
INSERT INTO mail_quota (address, date, sent) VALUES (:address, :date, 1)
ON CONFLICT (address) DO UPDATE SET date = excluded.date,
	sent = CASE WHEN mail_quota.date = excluded.date THEN mail_quota.sent + 1 ELSE 1 END
RETURNING sent;

-- name: mail_quota_prune
-- public: periodic work
-- scan: a few rows, once in a while
DELETE FROM mail_quota WHERE date < :date;
