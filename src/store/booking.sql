-- booking: meetings, their guests and answers.

-- name: booking_insert
-- public: anybody may book; the guard has judged
INSERT INTO booking (id, account_id, event_type_id, reservation_id, status, starts_at, ends_at, time_zone, language,
	invitee_name, invitee_email, title, notes, description, private_notes, location, price, metadata, send_mails,
	sequence, version, created_at, updated_at, pending_until)
VALUES (:id, :account_id, :event_type_id, :reservation_id, :status, :start, :end, :time_zone, :language,
	:invitee_name, :invitee_email, :title, :notes, '', '', :location, :price, :metadata, :send_mails,
	0, 1, :now, :now, :pending_until);

-- name: booking_get
-- public: the caller holds the booking's token, or checks whose it is
SELECT b.id, b.account_id, b.event_type_id, b.reservation_id, b.status, b.starts_at AS start, b.ends_at AS "end",
	b.time_zone, b.language, b.invitee_name, b.invitee_email, b.title, b.notes, b.description, b.private_notes, b.location, b.price, b.metadata,
	b.send_mails, b.sequence, b.version, b.pending_until, b.cancelled_by, b.cancel_reason, b.created_at, b.updated_at,
	b.asked_at, b.asked_reason, p.id AS proposal_id, COALESCE(p.by_party, 'host') AS proposal_by,
	p.starts AS proposal_starts, p.note AS proposal_note, p.created_at AS proposal_created_at,
	p.expires_at AS proposal_expires_at,
	e.cancel_notice_minutes, e.reschedule_notice_minutes, e.reason_required, e.send_mails AS event_send_mails,
	e.code AS event_code, e.title AS event_title, e.color AS event_color, a.username AS host_username,
	a.first_name AS host_first_name, a.last_name AS host_last_name, a.time_zone AS host_time_zone,
	a.email AS host_email, a.language AS host_language
FROM booking b JOIN event_type e ON e.id = b.event_type_id JOIN account a ON a.id = b.account_id
	LEFT JOIN proposal p ON p.booking_id = b.id
WHERE b.id = :id;

-- name: booking_list
SELECT b.id, b.account_id, b.event_type_id, b.reservation_id, b.status, b.starts_at AS start, b.ends_at AS "end",
	b.time_zone, b.language, b.invitee_name, b.invitee_email, b.title, b.notes, b.description, b.private_notes, b.location, b.price, b.metadata,
	b.send_mails, b.sequence, b.version, b.pending_until, b.cancelled_by, b.cancel_reason, b.created_at, b.updated_at,
	b.asked_at, b.asked_reason, p.id AS proposal_id, COALESCE(p.by_party, 'host') AS proposal_by,
	p.starts AS proposal_starts, p.note AS proposal_note, p.created_at AS proposal_created_at,
	p.expires_at AS proposal_expires_at,
	e.cancel_notice_minutes, e.reschedule_notice_minutes, e.reason_required, e.send_mails AS event_send_mails,
	e.code AS event_code, e.title AS event_title, e.color AS event_color, a.username AS host_username,
	a.first_name AS host_first_name, a.last_name AS host_last_name, a.time_zone AS host_time_zone,
	a.email AS host_email, a.language AS host_language
FROM booking b JOIN event_type e ON e.id = b.event_type_id JOIN account a ON a.id = b.account_id
	LEFT JOIN proposal p ON p.booking_id = b.id
WHERE b.account_id = :actor AND b.starts_at >= :from AND b.starts_at < :to
	AND (b.starts_at > :after_start OR (b.starts_at = :after_start AND b.id > :after_id))
	AND (:status IS NULL OR b.status = :status)
	AND (:proposed_by IS NULL OR (p.by_party = :proposed_by AND p.expires_at > :now))
	AND (:event_type_id IS NULL OR b.event_type_id = :event_type_id)
	AND (:updated_since IS NULL OR b.updated_at >= :updated_since)
	AND (:search IS NULL OR LOWER(b.invitee_name) LIKE :search ESCAPE '\' OR b.invitee_email LIKE :search ESCAPE '\'
		OR LOWER(b.title) LIKE :search ESCAPE '\')
ORDER BY b.starts_at, b.id LIMIT :limit;

-- name: booking_list_pending
SELECT b.id, b.account_id, b.event_type_id, b.reservation_id, b.status, b.starts_at AS start, b.ends_at AS "end",
	b.time_zone, b.language, b.invitee_name, b.invitee_email, b.title, b.notes, b.description, b.private_notes, b.location, b.price, b.metadata,
	b.send_mails, b.sequence, b.version, b.pending_until, b.cancelled_by, b.cancel_reason, b.created_at, b.updated_at,
	b.asked_at, b.asked_reason, p.id AS proposal_id, COALESCE(p.by_party, 'host') AS proposal_by,
	p.starts AS proposal_starts, p.note AS proposal_note, p.created_at AS proposal_created_at,
	p.expires_at AS proposal_expires_at,
	e.cancel_notice_minutes, e.reschedule_notice_minutes, e.reason_required, e.send_mails AS event_send_mails,
	e.code AS event_code, e.title AS event_title, e.color AS event_color, a.username AS host_username,
	a.first_name AS host_first_name, a.last_name AS host_last_name, a.time_zone AS host_time_zone,
	a.email AS host_email, a.language AS host_language
FROM booking b JOIN event_type e ON e.id = b.event_type_id JOIN account a ON a.id = b.account_id
	LEFT JOIN proposal p ON p.booking_id = b.id
WHERE b.account_id = :actor AND b.status = 'pending' AND b.starts_at >= :from AND b.starts_at < :to
	AND (b.pending_until > :after_start OR (b.pending_until = :after_start AND b.id > :after_id))
	AND (:proposed_by IS NULL OR (p.by_party = :proposed_by AND p.expires_at > :now))
	AND (:event_type_id IS NULL OR b.event_type_id = :event_type_id)
	AND (:updated_since IS NULL OR b.updated_at >= :updated_since)
	AND (:search IS NULL OR LOWER(b.invitee_name) LIKE :search ESCAPE '\' OR b.invitee_email LIKE :search ESCAPE '\'
		OR LOWER(b.title) LIKE :search ESCAPE '\')
ORDER BY b.pending_until, b.id LIMIT :limit;

-- name: booking_step
-- public: the policy says who may
UPDATE booking SET status = :status, pending_until = :pending_until, reservation_id = :reservation_id,
	starts_at = :start, ends_at = :end, cancelled_by = :cancelled_by, cancel_reason = :cancel_reason,
	asked_at = NULL, asked_reason = NULL, sequence = sequence + 1, version = version + 1, updated_at = :now
WHERE id = :id AND version = :version;

-- name: booking_talk
-- public: the policy says who may
UPDATE booking SET asked_at = :asked_at, asked_reason = :asked_reason, version = version + 1, updated_at = :now
WHERE id = :id AND version = :version;

-- name: booking_touch
-- public: the policy says who may
UPDATE booking SET version = version + 1, updated_at = :now WHERE id = :id AND version = :version;

-- name: booking_revise
-- public: the policy says who may
UPDATE booking SET title = :title, description = :description, private_notes = :private_notes, metadata = :metadata,
	location = :location, sequence = :sequence, version = version + 1, updated_at = :now
WHERE id = :id AND version = :version;

-- name: booking_complete
-- public: periodic work
UPDATE booking SET status = 'completed', version = version + 1, updated_at = :now WHERE id IN
	(SELECT id FROM booking WHERE status = 'confirmed' AND ends_at <= :now ORDER BY ends_at LIMIT 1000)
	AND status = 'confirmed'
RETURNING id, account_id, status, starts_at AS start, ends_at AS "end", sequence;

-- name: booking_unreserve
-- public: between releasing the old time and taking the new, in one transaction
UPDATE booking SET reservation_id = NULL WHERE id = :id;

-- name: booking_count_invitee
-- public: a cap on how much one address holds
SELECT COUNT(*) AS count FROM booking
WHERE invitee_email = :invitee_email AND starts_at > :now AND status IN ('pending', 'confirmed');

-- name: booking_list_invitee
-- public: goes to that address only
SELECT b.id, b.title, b.starts_at AS start, b.ends_at AS "end", b.time_zone, a.first_name AS host_first_name,
	a.last_name AS host_last_name
FROM booking b JOIN account a ON a.id = b.account_id
WHERE b.invitee_email = :invitee_email AND b.starts_at > :now AND b.status IN ('pending', 'confirmed')
ORDER BY b.starts_at LIMIT 50;

-- name: booking_upcoming
SELECT id FROM booking WHERE account_id = :actor AND starts_at > :now AND status IN ('pending', 'confirmed')
ORDER BY starts_at, id LIMIT :limit;

-- name: answer_insert
-- public: with its booking
INSERT INTO booking_answer (booking_id, question_id, label, value)
VALUES (:booking_id, :question_id, :label, :value);

-- name: answer_list
-- public: of a booking that the caller may see
SELECT booking_id, question_id, label, value FROM booking_answer WHERE booking_id = :id ORDER BY question_id;
