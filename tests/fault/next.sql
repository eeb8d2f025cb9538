-- What a next release might change: tests/fault_drill.py upgrades a restored backup by it.

ALTER TABLE booking ADD COLUMN next_note TEXT NOT NULL DEFAULT 'none'; -- as a later version might keep it

-- next_thing: a table that a later version might add.
CREATE TABLE next_thing (
	booking_id BLOB PRIMARY KEY,          -- of which booking
	made_at    BIGINT NOT NULL            -- when it was booked
);
INSERT INTO next_thing (booking_id, made_at) SELECT id, created_at FROM booking;
