-- guest: who else is invited to a meeting.

-- name: guest_insert
-- public: of a booking that the caller may change
INSERT INTO booking_guest (id, booking_id, email, name, role, rsvp, account_id)
VALUES (:id, :booking_id, :email, :name, :role, :rsvp, :account_id);

-- name: guest_remove
-- public: of a booking that the caller may change
DELETE FROM booking_guest WHERE id = :id;

-- name: guest_list
-- public: of a booking that the caller may see
SELECT id, booking_id, email, name, role, rsvp, account_id FROM booking_guest WHERE booking_id = :booking_id ORDER BY email;

-- name: guest_find
-- public: the caller holds the guest's token
SELECT id, booking_id, email, name, role, rsvp, account_id FROM booking_guest WHERE id = :id;

-- name: guest_answer
-- public: the caller holds the guest's token
UPDATE booking_guest SET rsvp = :rsvp WHERE id = :id;

-- name: guest_ask_again
-- public: with the step that moves the booking
UPDATE booking_guest SET rsvp = 'needs_action' WHERE booking_id = :booking_id AND role <> 'co_host';
