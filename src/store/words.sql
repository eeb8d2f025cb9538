-- words: a host's own words for the messages of an event type.

-- name: words_find
-- public: for the mails about bookings of that event type
SELECT subject, text, updated_at FROM message_words
WHERE event_type_id = :event_type_id AND message = :message AND reader = :to AND language = :language;

-- name: words_list
SELECT event_type_id, account_id, message, reader AS "to", language, subject, text, updated_at FROM message_words
WHERE event_type_id = :event_type_id AND account_id = :actor ORDER BY message, reader, language;

-- name: words_put
INSERT INTO message_words (event_type_id, account_id, message, reader, language, subject, text, updated_at)
VALUES (:event_type_id, :actor, :message, :to, :language, :subject, :text, :now)
ON CONFLICT (event_type_id, message, reader, language) DO UPDATE SET subject = excluded.subject,
	text = excluded.text, updated_at = excluded.updated_at;

-- name: words_remove
DELETE FROM message_words WHERE event_type_id = :event_type_id AND account_id = :actor AND message = :message
	AND reader = :to AND language = :language;
