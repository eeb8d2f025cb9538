-- webhook and webhook_delivery: where events are sent, and what became of each.

-- name: webhook_wanted
-- public: by whatever changes a booking
SELECT id FROM webhook WHERE account_id = :account_id LIMIT 1;

-- name: webhook_count
SELECT COUNT(*) AS count FROM webhook WHERE account_id = :actor;

-- name: webhook_insert
INSERT INTO webhook (id, account_id, url, description, events, active, paused, sealed, failures, blocked_until, busy_until,
	version, created_at, updated_at)
VALUES (:id, :actor, :url, :description, :events, 1, 'no', :sealed, 0, 0, 0, 1, :now, :now);

-- name: webhook_list
SELECT id, account_id, url, description, events, active, paused, paused_at, sealed, sealed_before, rotated_until,
	failing_since, failures, blocked_until, due_at, busy_until, version, created_at, updated_at
FROM webhook WHERE account_id = :actor AND id > :id ORDER BY id LIMIT :limit;

-- name: webhook_get
SELECT id, account_id, url, description, events, active, paused, paused_at, sealed, sealed_before, rotated_until,
	failing_since, failures, blocked_until, due_at, busy_until, version, created_at, updated_at
FROM webhook WHERE id = :id AND account_id = :actor;

-- name: webhook_update
UPDATE webhook SET url = :url, description = :description, events = :events, active = :active, paused = :paused,
	paused_at = :paused_at, failing_since = :failing_since, failures = :failures, blocked_until = :blocked_until,
	due_at = :due_at, version = version + 1, updated_at = :now
WHERE id = :id AND account_id = :actor AND version = :version;

-- name: webhook_rotate
UPDATE webhook SET sealed = :sealed, sealed_before = :sealed_before, rotated_until = :rotated_until,
	version = version + 1, updated_at = :now
WHERE id = :id AND account_id = :actor AND version = :version;

-- name: webhook_remove
DELETE FROM webhook WHERE id = :id AND account_id = :actor;

-- name: webhook_enqueue
-- public: an event's own account
-- The names of events have no letter that LIKE would take for another but '_', which fits itself.
INSERT INTO webhook_delivery (webhook_id, event_id, account_id, state, due_at, attempts, tries)
SELECT id, :event_id, account_id, 'waiting', :now, 0, 0 FROM webhook
WHERE account_id = :account_id AND active = 1 AND (events = '[]' OR events LIKE '%"' || :type || '"%');

-- name: webhook_wake
-- What waits longer after failures is not hurried.
-- public: an event's own account
UPDATE webhook SET due_at = CASE WHEN blocked_until > :now THEN
		CASE WHEN due_at < blocked_until THEN due_at ELSE blocked_until END
	WHEN due_at < :now THEN due_at ELSE :now END
WHERE account_id = :account_id AND active = 1 AND (events = '[]' OR events LIKE '%"' || :type || '"%');

-- name: webhook_wake_one
UPDATE webhook SET due_at = :now, blocked_until = 0 WHERE id = :id AND account_id = :actor AND active = 1;

-- name: webhook_delivery_ask
INSERT INTO webhook_delivery (webhook_id, event_id, account_id, state, due_at, attempts, tries)
VALUES (:webhook_id, :event_id, :actor, 'waiting', :now, 0, 0)
ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = 'waiting', due_at = excluded.due_at, tries = 0;

-- name: webhook_replay_count
SELECT COUNT(*) AS count FROM event
WHERE account_id = :actor AND created_at >= :from AND created_at < :until AND type <> 'webhook.test'
	AND (:events = '[]' OR :events LIKE '%"' || type || '"%');

-- name: webhook_replay_events
INSERT INTO webhook_delivery (webhook_id, event_id, account_id, state, due_at, attempts, tries)
SELECT :webhook_id, id, account_id, 'waiting', :now, 0, 0 FROM event
WHERE account_id = :actor AND created_at >= :from AND created_at < :until AND type <> 'webhook.test'
	AND (:events = '[]' OR :events LIKE '%"' || type || '"%')
ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = 'waiting', due_at = excluded.due_at, tries = 0;

-- name: webhook_delivery_list
SELECT d.webhook_id, d.event_id AS id, d.account_id, e.type, e.created_at, d.state, d.due_at, d.attempts, d.tries, d.tried_at,
	d.status, d.milliseconds, d.error, d.response
FROM webhook_delivery d JOIN event e ON e.account_id = d.account_id AND e.id = d.event_id
WHERE d.webhook_id = :webhook_id AND d.account_id = :actor AND (:id IS NULL OR d.event_id < :id)
	AND (:state IS NULL OR d.state = :state)
ORDER BY d.event_id DESC LIMIT :limit;

-- name: webhook_delivery_get
SELECT d.webhook_id, d.event_id AS id, d.account_id, e.type, e.created_at, e.payload, d.state, d.due_at, d.attempts, d.tries,
	d.tried_at, d.status, d.milliseconds, d.error, d.response
FROM webhook_delivery d JOIN event e ON e.account_id = d.account_id AND e.id = d.event_id
WHERE d.webhook_id = :webhook_id AND d.event_id = :id AND d.account_id = :actor;

-- name: webhook_take
-- At most two of an account are under way, so that one with many slow peers leaves senders to others.
-- public: for senders
UPDATE webhook SET busy_until = :busy_until
WHERE busy_until <= :now AND id =
	(SELECT w.id FROM webhook w WHERE w.due_at <= :now AND w.busy_until <= :now
		AND (SELECT COUNT(*) FROM webhook o WHERE o.account_id = w.account_id AND o.busy_until > :now) < 2
	 ORDER BY w.due_at LIMIT 1)
RETURNING id, account_id, url, description, events, active, paused, paused_at, sealed, sealed_before, rotated_until,
	failing_since, failures, blocked_until, due_at, busy_until, version, created_at, updated_at;

-- name: webhook_delivery_take
-- public: for senders
UPDATE webhook_delivery SET attempts = attempts + 1, tries = tries + 1
WHERE webhook_id = :webhook_id AND event_id =
	(SELECT event_id FROM webhook_delivery WHERE webhook_id = :webhook_id AND state = 'waiting' AND due_at <= :now
	 ORDER BY due_at, event_id LIMIT 1)
RETURNING webhook_id, event_id AS id, account_id, state, due_at, attempts, tries;

-- name: webhook_event
-- public: for senders
SELECT account_id, id, type, booking_id, payload, created_at FROM event WHERE account_id = :account_id AND id = :id;

-- name: webhook_delivery_first
-- public: for senders
SELECT due_at FROM webhook_delivery WHERE webhook_id = :webhook_id AND state = 'waiting' ORDER BY due_at LIMIT 1;

-- name: webhook_next
-- The index holds only webhooks with something to send.
-- public: for senders
SELECT MIN(CASE WHEN busy_until > due_at THEN busy_until ELSE due_at END) AS due_at FROM webhook WHERE due_at IS NOT NULL;

-- name: webhook_delivery_end
-- public: for senders
UPDATE webhook_delivery SET state = :state, due_at = :due_at, tried_at = :tried_at, status = :status,
	milliseconds = :milliseconds, error = :error, response = :response
WHERE webhook_id = :webhook_id AND event_id = :id AND attempts = :attempts AND state = 'waiting';

-- name: webhook_end
-- What its owner has paused meanwhile stays so.
-- public: for senders
UPDATE webhook SET busy_until = 0, failures = :failures, failing_since = :failing_since, blocked_until = :blocked_until,
	paused = CASE WHEN active = 1 THEN :paused ELSE paused END,
	paused_at = CASE WHEN active = 1 THEN :paused_at ELSE paused_at END,
	due_at = CASE WHEN active = 1 THEN :due_at ELSE NULL END,
	active = CASE WHEN active = 1 THEN :active ELSE 0 END
WHERE id = :id AND busy_until = :busy_until;
