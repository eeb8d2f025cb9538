-- The schema.  Runs on SQLite and PostgreSQL: blocks between "-- engine: x" and "-- engine: any" are for one of them.
-- On PostgreSQL, BLOB reads BYTEA and TEXT is compared by its bytes.
-- Ids are UUIDv7, 16 bytes (of jobs UUIDv8); times are BIGINT seconds since 1970 UTC; days are days since 1970-01-01; booleans 0 or 1;
-- JSON is TEXT in the shape that the API shows.  No foreign key crosses the account, scheduling and message areas.

-- ---------------------------------------------------------------- account area

-- account: a person who signs in.  An erased one keeps its row and id, without anything personal.
CREATE TABLE account (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	email         TEXT UNIQUE,               -- lower case; NULL once erased
	username      TEXT UNIQUE,               -- part of the public address; NULL once erased
	username_look TEXT UNIQUE,               -- the same for names that are taken for each other; NULL once erased
	first_name    TEXT NOT NULL,             -- as shown to invitees
	last_name     TEXT,                      -- NULL when not given
	time_zone     TEXT NOT NULL,             -- IANA name: how this person reads times
	language      TEXT NOT NULL,             -- en, de, fr, es: of pages and mails to this person
	password_hash TEXT,                      -- argon2id; NULL: signs in by one-time code only
	role          TEXT NOT NULL,             -- user or admin
	plan          TEXT NOT NULL,             -- free or paid: which limits of the configuration hold
	version       BIGINT NOT NULL,           -- rises by one with every change of this row
	created_at    BIGINT NOT NULL,           -- when the email was proved
	updated_at    BIGINT NOT NULL,           -- last change
	deleted_at    BIGINT                     -- when it was erased; NULL while alive
);

-- preference: which messages an account wants told, and to whom; an account without a row: all as is usual.
CREATE TABLE preference (
	account_id    BLOB PRIMARY KEY,          -- whose
	send_mails    BIGINT NOT NULL,           -- 0: no mails about its bookings to invitees and guests
	reminders     TEXT,                      -- JSON list of minutes before the start; NULL: 1440 and 60
	messages      TEXT NOT NULL,             -- JSON list of {message, to, channel, on}: what was chosen
	version       BIGINT NOT NULL,           -- rises by one with every change
	updated_at    BIGINT NOT NULL            -- last change
);

-- registration: an account that waits for its email to be proved; replaced by a newer one of the same address.
CREATE TABLE registration (
	email         TEXT PRIMARY KEY,          -- lower case
	username      TEXT NOT NULL,             -- reserved until expires_at
	username_look TEXT NOT NULL,             -- what it looks like, reserved too
	first_name    TEXT NOT NULL,             -- becomes account.first_name
	last_name     TEXT,                      -- becomes account.last_name
	time_zone     TEXT NOT NULL,             -- becomes account.time_zone
	language      TEXT NOT NULL,             -- becomes account.language
	password_hash TEXT NOT NULL,             -- argon2id
	expires_at    BIGINT NOT NULL            -- with its one-time code
);
CREATE INDEX registration_username_look ON registration (username_look);

-- otp: the one valid one-time code of an address for a purpose; a new one voids the old.
CREATE TABLE otp (
	id            BLOB PRIMARY KEY,          -- UUIDv7; the id of an email proof
	email         TEXT NOT NULL,             -- lower case
	purpose       TEXT NOT NULL,             -- register, sign_in, proof or reset
	code_hash     BLOB NOT NULL,             -- HMAC-SHA-256 of id and code under the server's key
	tries         BIGINT NOT NULL,           -- wrong guesses so far, at most 5
	sent_count    BIGINT NOT NULL,           -- codes sent to this address for this purpose since sent_since
	sent_since    BIGINT NOT NULL,           -- start of the counted hour
	day_count     BIGINT NOT NULL,           -- codes sent since day_since
	day_since     BIGINT NOT NULL,           -- start of the counted day
	created_at    BIGINT NOT NULL,           -- when this code was made
	expires_at    BIGINT NOT NULL,           -- 10 minutes later
	UNIQUE (email, purpose)
);

-- session: one log-in.  Access tokens name it and are worth nothing once it is gone.
CREATE TABLE session (
	id            BLOB PRIMARY KEY,          -- UUIDv7, the `sid` of access tokens
	account_id    BLOB NOT NULL,             -- whose
	refresh_hash  BLOB NOT NULL,             -- SHA-256 of the valid refresh token
	spent_hash    BLOB,                      -- SHA-256 of the one before: shown again, the session ends
	user_agent    TEXT,                      -- as the client named itself, cut at 200 bytes
	created_at    BIGINT NOT NULL,           -- log-in
	last_used_at  BIGINT NOT NULL,           -- last refresh
	expires_at    BIGINT NOT NULL            -- 30 days after the last refresh, 180 after the log-in
);
CREATE INDEX session_account ON session (account_id, id);
CREATE INDEX session_refresh ON session (refresh_hash);
CREATE INDEX session_spent ON session (spent_hash);

-- api_key: a program's way in; the key itself is shown once and stored as a hash.
CREATE TABLE api_key (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	account_id    BLOB NOT NULL,             -- whose
	name          TEXT NOT NULL,             -- what it is for
	prefix        TEXT NOT NULL,             -- its first characters, to recognise it
	key_hash      BLOB NOT NULL UNIQUE,      -- SHA-256 of the whole key
	scopes        TEXT NOT NULL,             -- JSON list of names
	created_at    BIGINT NOT NULL,           -- when it was made
	expires_at    BIGINT                     -- NULL: never
);
CREATE INDEX api_key_account ON api_key (account_id, id);

-- ------------------------------------------------------------- scheduling area

-- bookable: a person, room or thing whose time can be taken.  Its version covers all reservations on it.
CREATE TABLE bookable (
	id            BLOB PRIMARY KEY,          -- UUIDv7; a person's is the account's id
	account_id    BLOB NOT NULL,             -- whose
	kind          TEXT NOT NULL,             -- person
	version       BIGINT NOT NULL            -- rises by one with every reservation made, moved or dropped
);
CREATE INDEX bookable_account ON bookable (account_id);

-- schedule: when somebody is available.  The rules are a document, replaced as a whole.
CREATE TABLE schedule (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	account_id    BLOB NOT NULL,             -- whose
	code          TEXT NOT NULL,             -- short name, unique for the account
	name          TEXT NOT NULL,             -- for people
	time_zone     TEXT NOT NULL,             -- IANA name; every date and time of day in it is of this zone
	weekly        TEXT NOT NULL,             -- JSON list of weekly rules
	overrides     TEXT NOT NULL,             -- JSON list of dates with their intervals
	is_default    BIGINT NOT NULL,           -- 1: new event types use it; one per account
	version       BIGINT NOT NULL,           -- rises by one with every change of this row or its one-offs
	created_at    BIGINT NOT NULL,           -- when it was made
	updated_at    BIGINT NOT NULL,           -- last change
	UNIQUE (account_id, code)
);

-- one_off: extra or blocked time between two instants.
CREATE TABLE one_off (
	schedule_id   BLOB NOT NULL REFERENCES schedule (id) ON DELETE CASCADE, -- of which schedule
	id            BLOB NOT NULL,             -- UUIDv7
	account_id    BLOB NOT NULL,             -- whose
	kind          TEXT NOT NULL,             -- available or busy
	starts_at     BIGINT NOT NULL,           -- whole minute
	ends_at       BIGINT NOT NULL CHECK (ends_at > starts_at), -- whole minute, exclusive
	PRIMARY KEY (schedule_id, id)
);
CREATE INDEX one_off_time ON one_off (schedule_id, ends_at);

-- event_type: something that can be booked.
CREATE TABLE event_type (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	account_id    BLOB NOT NULL,             -- the host
	bookable_id   BLOB NOT NULL,             -- whose time a booking takes
	schedule_id   BLOB NOT NULL REFERENCES schedule (id), -- when it is offered
	code          TEXT NOT NULL,             -- part of the public address, unique for the account
	title         TEXT NOT NULL,             -- for invitees
	description   TEXT NOT NULL,             -- for invitees, may be empty
	color         TEXT,                      -- #rrggbb
	durations     TEXT NOT NULL,             -- JSON list of {minutes, price}; the first is the default
	interval_minutes BIGINT,                 -- distance of candidates; NULL: the duration
	buffer_before_minutes BIGINT NOT NULL,   -- kept free before
	buffer_after_minutes BIGINT NOT NULL,    -- kept free after
	minimum_notice_minutes BIGINT NOT NULL,  -- not bookable closer than this
	horizon_days  BIGINT,                    -- not bookable further ahead; NULL: any
	booking_window TEXT,                     -- JSON {from, until}: first and last date offered; NULL: any
	limits        TEXT,                      -- JSON {day, week, month}: most meetings; NULL: any
	seats         BIGINT NOT NULL,           -- invitees who may share one meeting
	confirmation  TEXT NOT NULL DEFAULT 'never', -- never, always or short_notice: whether the host must say yes
	confirmation_notice_minutes BIGINT NOT NULL DEFAULT 1440, -- short_notice: asked when it begins sooner than this
	cancel_notice_minutes BIGINT NOT NULL DEFAULT 0, -- an invitee may cancel until then before the start
	reschedule_notice_minutes BIGINT NOT NULL DEFAULT 0, -- an invitee may move it until then before the start
	reason_required BIGINT NOT NULL DEFAULT 0, -- 1: an invitee who cancels or moves must say why
	locations     TEXT NOT NULL,             -- JSON list: where it takes place; the invitee chooses among them
	questions     TEXT NOT NULL,             -- JSON list: what the invitee is asked
	reminders     TEXT,                      -- JSON list of minutes before the start; NULL: those of preference
	reconfirm_minutes BIGINT,                -- so long before the start the invitee is asked whether it stands; NULL: never
	send_mails    BIGINT NOT NULL DEFAULT 1, -- 0: no mails about its bookings to invitees and guests
	metadata      TEXT NOT NULL,             -- JSON object of the embedding product, shown to the host only
	co_hosts      TEXT NOT NULL DEFAULT '[]', -- JSON list of accounts whose time is taken too, all of whom agreed
	active        BIGINT NOT NULL,           -- 0: exists, but is not offered
	hidden        BIGINT NOT NULL,           -- 1: offered by its link only
	version       BIGINT NOT NULL,           -- rises by one with every change of this row
	created_at    BIGINT NOT NULL,           -- when it was made
	updated_at    BIGINT NOT NULL,           -- last change
	deleted_at    BIGINT                     -- deleted types keep their row for their bookings
);
CREATE UNIQUE INDEX event_type_code ON event_type (account_id, code) WHERE deleted_at IS NULL;
CREATE INDEX event_type_schedule ON event_type (schedule_id);

-- message_words: a host's own words for a message about bookings of an event type, to a reader, in a language.
CREATE TABLE message_words (
	event_type_id BLOB NOT NULL REFERENCES event_type (id) ON DELETE CASCADE, -- of which event type
	account_id    BLOB NOT NULL,             -- whose
	message       TEXT NOT NULL,             -- a name of the catalogue
	reader        TEXT NOT NULL,             -- invitee, host or guest
	language      TEXT NOT NULL,             -- en, de, fr, es
	subject       TEXT NOT NULL,             -- with {{names}}
	text          TEXT NOT NULL,             -- the same; stands for the first words of the mail
	updated_at    BIGINT NOT NULL,           -- last change
	PRIMARY KEY (event_type_id, message, reader, language)
);
CREATE INDEX message_words_account ON message_words (account_id);

-- co_host: who was asked to host with whom.  Only who accepted can have time taken by the other's event types.
CREATE TABLE co_host (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	host_id       BLOB NOT NULL,             -- the account that asks
	co_host_id    BLOB NOT NULL,             -- the account that is asked
	accepted      BIGINT NOT NULL,           -- 1 once it agreed
	created_at    BIGINT NOT NULL,           -- when it was asked
	UNIQUE (host_id, co_host_id)
);
CREATE INDEX co_host_asked ON co_host (co_host_id);

-- refusal: how often a host's time was wanted in vain.
CREATE TABLE refusal (
	account_id    BLOB NOT NULL,             -- the host
	day           BIGINT NOT NULL,           -- in UTC
	taken         BIGINT NOT NULL,           -- somebody had it
	buffers       BIGINT NOT NULL,           -- only the time kept free around a meeting was in the way
	PRIMARY KEY (account_id, day)
);

-- reservation: what occupies a bookable's time.  The rows of one bookable never overlap: see reservation_guard.
CREATE TABLE reservation (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	bookable_id   BLOB NOT NULL,             -- whose time
	event_type_id BLOB NOT NULL,             -- for what
	starts_at     BIGINT NOT NULL,           -- core of the meeting, without buffers
	ends_at       BIGINT NOT NULL CHECK (ends_at > starts_at), -- exclusive
	buffer_before_minutes BIGINT NOT NULL,   -- the event type's when it was made
	buffer_after_minutes BIGINT NOT NULL,    -- the same
	seats         BIGINT NOT NULL,           -- how many may share it
	with_id       BLOB REFERENCES reservation (id) ON DELETE CASCADE, -- a co-host's: the host's, with which it goes
	expires_at    BIGINT                     -- while only holds stand on it: when the last ends; NULL: a booking does
);
CREATE INDEX reservation_time ON reservation (bookable_id, ends_at);
CREATE INDEX reservation_with ON reservation (with_id) WHERE with_id IS NOT NULL;
CREATE INDEX reservation_expires ON reservation (bookable_id, expires_at) WHERE expires_at IS NOT NULL;

-- engine: sqlite
-- The guard: two reservations of one bookable that overlap are refused by the database itself.  As stored rows never
-- overlap, the first that ends after the new one begins is the only one that can touch it.
CREATE TRIGGER reservation_guard_insert BEFORE INSERT ON reservation
WHEN (SELECT starts_at FROM reservation WHERE bookable_id = NEW.bookable_id AND ends_at > NEW.starts_at
      ORDER BY ends_at LIMIT 1) < NEW.ends_at
BEGIN
	SELECT RAISE(ABORT, 'reservation_overlap');
END;
CREATE TRIGGER reservation_guard_update BEFORE UPDATE OF bookable_id, starts_at, ends_at ON reservation
WHEN (SELECT starts_at FROM reservation WHERE bookable_id = NEW.bookable_id AND ends_at > NEW.starts_at
      AND id <> OLD.id ORDER BY ends_at LIMIT 1) < NEW.ends_at
BEGIN
	SELECT RAISE(ABORT, 'reservation_overlap');
END;
-- engine: exclusion
-- The same for PostgreSQL; left out by NOONMARK_EXCLUSION=off.
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE reservation ADD CONSTRAINT reservation_overlap
	EXCLUDE USING gist (bookable_id WITH =, int8range(starts_at, ends_at) WITH &&);
-- engine: any

-- hold: keeps a seat of a reservation for somebody who is filling in the form, or a time that was proposed.
CREATE TABLE hold (
	id            BLOB PRIMARY KEY,          -- UUIDv7, known to its holder only; a proposal's to nobody
	reservation_id BLOB NOT NULL REFERENCES reservation (id) ON DELETE CASCADE, -- what it holds
	client        BLOB,                      -- keyed hash of the client's address: holds are capped for each; NULL: a proposal's
	proposal_id   BLOB,                      -- for whose times it is; NULL: somebody's who fills in the form
	expires_at    BIGINT NOT NULL            -- 10 minutes after it was made, or with the proposal
);
CREATE INDEX hold_reservation ON hold (reservation_id);
CREATE INDEX hold_client ON hold (client, expires_at);
CREATE INDEX hold_proposal ON hold (proposal_id);

-- booking: a meeting of a host with an invitee.
CREATE TABLE booking (
	id            BLOB PRIMARY KEY,          -- UUIDv7; the UID of calendar messages is made of it
	account_id    BLOB NOT NULL,             -- the host
	event_type_id BLOB NOT NULL,             -- what was booked
	reservation_id BLOB,                     -- the time it occupies; NULL once rejected, cancelled or expired
	status        TEXT NOT NULL,             -- pending, confirmed, rejected, cancelled, expired, completed or no_show
	pending_until BIGINT,                    -- while pending: when it expires unanswered
	starts_at     BIGINT NOT NULL,           -- start
	ends_at       BIGINT NOT NULL,           -- end, exclusive
	time_zone     TEXT NOT NULL,             -- the invitee's
	language      TEXT NOT NULL,             -- the invitee's: en, de, fr, es
	invitee_name  TEXT NOT NULL,             -- as given
	invitee_email TEXT NOT NULL,             -- as proved, lower case
	title         TEXT NOT NULL,             -- what the meeting is called
	notes         TEXT NOT NULL,             -- the invitee's, for the host
	description   TEXT NOT NULL DEFAULT '',  -- the host's, for everybody
	private_notes TEXT NOT NULL DEFAULT '',  -- the host's, for nobody else
	location      TEXT,                      -- JSON: the place chosen
	price         TEXT,                      -- JSON {amount, currency} of the duration when it was booked
	metadata      TEXT NOT NULL,             -- JSON object of the embedding product
	send_mails    BIGINT NOT NULL DEFAULT 1, -- 0: no mails about it to invitee and guests
	sequence      BIGINT NOT NULL,           -- of RFC 5545: rises with every change of time or state
	cancelled_by  TEXT,                      -- host or invitee; also who rejected
	cancel_reason TEXT,                      -- in their words
	asked_at      BIGINT,                    -- when the host asked the invitee to choose another time; NULL: not since it changed
	asked_reason  TEXT,                      -- why, in the host's words
	version       BIGINT NOT NULL,           -- rises by one with every change of this row or its proposal
	created_at    BIGINT NOT NULL,           -- when it was booked
	updated_at    BIGINT NOT NULL            -- last change
);
CREATE INDEX booking_host ON booking (account_id, starts_at, id);
CREATE INDEX booking_ends ON booking (ends_at) WHERE status = 'confirmed';
CREATE INDEX booking_pending ON booking (pending_until) WHERE status = 'pending';
CREATE INDEX booking_waiting ON booking (account_id, pending_until, id) WHERE status = 'pending';
CREATE INDEX booking_reservation ON booking (reservation_id);
CREATE INDEX booking_email ON booking (invitee_email, starts_at);

-- proposal: other times for a booking, which one side offers and the other answers.  There while it is open; its times
-- are held.
CREATE TABLE proposal (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	booking_id    BLOB NOT NULL UNIQUE REFERENCES booking (id) ON DELETE CASCADE, -- for what: one at a time
	by_party      TEXT NOT NULL,             -- host or invitee
	starts        TEXT NOT NULL,             -- JSON list of instants, ascending
	note          TEXT,                      -- in their words
	created_at    BIGINT NOT NULL,           -- when it was made: what it promised is judged as of then
	expires_at    BIGINT NOT NULL            -- until when its times are held
);

-- booking_guest: who else is invited.
CREATE TABLE booking_guest (
	id            BLOB PRIMARY KEY,          -- UUIDv7; the guest's own link is made of it
	booking_id    BLOB NOT NULL REFERENCES booking (id) ON DELETE CASCADE, -- to what
	email         TEXT NOT NULL,             -- lower case
	name          TEXT,                      -- as who invited gave it
	role          TEXT NOT NULL,             -- active, passive or co_host
	rsvp          TEXT NOT NULL,             -- needs_action, accepted, declined or tentative
	account_id    BLOB,                      -- a co-host's who agreed and whose time is taken; NULL: nobody's
	UNIQUE (booking_id, email)
);
CREATE INDEX booking_guest_account ON booking_guest (account_id) WHERE account_id IS NOT NULL;

-- booking_answer: what the invitee answered.
CREATE TABLE booking_answer (
	booking_id    BLOB NOT NULL REFERENCES booking (id) ON DELETE CASCADE, -- in which booking
	question_id   BLOB NOT NULL,             -- of event_type.questions
	label         TEXT NOT NULL,             -- the question as it was asked
	value         TEXT NOT NULL,             -- the answer
	PRIMARY KEY (booking_id, question_id)
);

-- --------------------------------------------------------------- message area

-- mail_quota: how many mails about bookings an address got on a day, from all hosts together.
CREATE TABLE mail_quota (
	address       BLOB PRIMARY KEY,          -- keyed hash of it
	date          BIGINT NOT NULL,           -- UTC
	sent          BIGINT NOT NULL            -- so far on that date
);

-- job: something to do after a commit, inserted by the transaction that caused it.
CREATE TABLE job (
	id            BLOB PRIMARY KEY,          -- UUIDv8 made of dedupe_key
	account_id    BLOB,                      -- on whose behalf; NULL before there is an account
	booking_id    BLOB,                      -- of a message about one; else NULL
	kind          TEXT NOT NULL,             -- a name of the kinds table
	lane          TEXT NOT NULL,             -- mail, prompt, own or http: which workers take it
	dedupe_key    TEXT NOT NULL,             -- one job for one effect, however often its cause is repeated
	payload       TEXT NOT NULL,             -- JSON, as the kind reads it; {} once done
	state         TEXT NOT NULL,             -- waiting, done or dead
	due_at        BIGINT NOT NULL,           -- not before; while it runs, when its lease ends
	tries         BIGINT NOT NULL,           -- how often it was begun: also the fence of a stale worker's write
	forgiven      BIGINT NOT NULL DEFAULT 0, -- tries before an operator asked for it again: they count no more
	last_error    TEXT,                      -- why the last try failed
	created_at    BIGINT NOT NULL,           -- when it was caused
	done_at       BIGINT                     -- when it ended, well or dead
);
CREATE INDEX job_due ON job (lane, due_at) WHERE state = 'waiting';
CREATE INDEX job_done ON job (done_at) WHERE state <> 'waiting';
CREATE INDEX job_dead ON job (done_at, id) WHERE state = 'dead';

-- push_subscription: a browser that is told by Web Push.  It ends with the log-in that made it.
CREATE TABLE push_subscription (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	account_id    BLOB NOT NULL,             -- whose
	session_id    BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE, -- which log-in made it
	endpoint_hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the address: one row for each browser
	sealed        TEXT NOT NULL,             -- address and keys, sealed with the server's key, base64url
	user_agent    TEXT,                      -- as the browser named itself, cut at 200 bytes
	created_at    BIGINT NOT NULL,           -- when it was made
	sent_at       BIGINT                     -- when its service last took a message
);
CREATE INDEX push_subscription_account ON push_subscription (account_id, id);
CREATE INDEX push_subscription_session ON push_subscription (session_id);

-- delivery: one message about a booking to one person on one channel, and what became of it.  Jobs do the work and are
-- forgotten; this is what the host reads.
CREATE TABLE delivery (
	booking_id    BLOB NOT NULL,             -- about what
	id            BLOB NOT NULL,             -- the id of the job that does it
	channel       TEXT NOT NULL,             -- email or push
	message       TEXT NOT NULL,             -- its name in the catalogue
	reader        TEXT NOT NULL,             -- who is written to: invitee, host, guest
	recipient     TEXT NOT NULL,             -- the address, or what the device is called
	state         TEXT NOT NULL,             -- waiting, sent, skipped or failed
	last_error    TEXT,                      -- why not, or not yet
	tries         BIGINT NOT NULL,           -- how often it was tried
	queued_at     BIGINT NOT NULL,           -- when it was caused
	ended_at      BIGINT,                    -- when it was sent or given up; NULL while it waits
	PRIMARY KEY (booking_id, id)
);

-- copy_progress: how far a copy into this database has come; no rows but while it goes on.
CREATE TABLE copy_progress (
	table_name    TEXT PRIMARY KEY,          -- of which table
	last_key      TEXT NOT NULL,             -- the primary key of the last row written; empty: none yet
	row_count     BIGINT NOT NULL,           -- rows written
	done          BIGINT NOT NULL            -- 1: all of this table
);

-- event: what happened to a booking, told to webhooks; of accounts that have one.  Kept for 30 days.
CREATE TABLE event (
	account_id    BLOB NOT NULL,             -- whose booking
	id            BLOB NOT NULL,             -- UUIDv7, also the webhook-id of its deliveries
	type          TEXT NOT NULL,             -- booking.created, ... or webhook.test
	booking_id    BLOB,                      -- which; NULL for a test
	payload       TEXT NOT NULL,             -- JSON: the booking in the shape of the API, at that moment
	created_at    BIGINT NOT NULL,           -- when it happened
	PRIMARY KEY (account_id, id)
);
CREATE INDEX event_time ON event (account_id, created_at);
CREATE INDEX event_created ON event (created_at);

-- webhook: where the events of an account are sent.
CREATE TABLE webhook (
	id            BLOB PRIMARY KEY,          -- UUIDv7
	account_id    BLOB NOT NULL,             -- whose
	url           TEXT NOT NULL,             -- as given
	description   TEXT NOT NULL,             -- what it is for, may be empty
	events        TEXT NOT NULL,             -- JSON list of types; empty: all
	active        BIGINT NOT NULL,           -- 0: paused
	paused        TEXT NOT NULL,             -- why: no (it is not), by_owner, failing or gone
	paused_at     BIGINT,                    -- since when; NULL: it is not
	sealed        TEXT NOT NULL,             -- its secret, 32 random bytes, sealed with the server's key, base64url
	sealed_before TEXT,                      -- the secret before the last rotation, the same way
	rotated_until BIGINT,                    -- until when that one signs as well
	failing_since BIGINT,                    -- since when every try has failed; NULL: the last went well
	failures      BIGINT NOT NULL,           -- in a row
	blocked_until BIGINT NOT NULL,           -- nothing is sent before, after failures
	due_at        BIGINT,                    -- when something is to be sent next; NULL: nothing waits
	busy_until    BIGINT NOT NULL,           -- while something is being sent: when its lease ends
	version       BIGINT NOT NULL,           -- rises by one with every change that its owner makes
	created_at    BIGINT NOT NULL,           -- when it was made
	updated_at    BIGINT NOT NULL            -- last change that its owner made
);
CREATE INDEX webhook_account ON webhook (account_id, id);
CREATE INDEX webhook_due ON webhook (due_at) WHERE due_at IS NOT NULL;

-- webhook_delivery: one event for one webhook, and what became of it.
CREATE TABLE webhook_delivery (
	webhook_id    BLOB NOT NULL REFERENCES webhook (id) ON DELETE CASCADE, -- where to
	event_id      BLOB NOT NULL,             -- what
	account_id    BLOB NOT NULL,             -- whose
	state         TEXT NOT NULL,             -- waiting, delivered or failed
	due_at        BIGINT NOT NULL,           -- while it waits: the next try
	attempts      BIGINT NOT NULL,           -- tries in all; also the fence of a stale sender's write
	tries         BIGINT NOT NULL,           -- tries since it was last asked for
	tried_at      BIGINT,                    -- the last try
	status        BIGINT,                    -- of the last answer; NULL: none came
	milliseconds  BIGINT,                    -- how long the last try took
	error         TEXT,                      -- why the last try failed
	response      TEXT,                      -- the beginning of the last answer, as one line
	PRIMARY KEY (webhook_id, event_id),
	FOREIGN KEY (account_id, event_id) REFERENCES event (account_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_event ON webhook_delivery (account_id, event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at) WHERE state = 'waiting';

-- key_mark: which master.key what is sealed, signed and keyed in this database belongs to; one row.
CREATE TABLE key_mark (
	id            BIGINT PRIMARY KEY,        -- always 1
	mark          BLOB NOT NULL,             -- derived from that key, which cannot be found from it
	made_at       BIGINT NOT NULL            -- when a server first used the database with it
);

-- periodic: when work that is done now and then was last begun, where several processes share it (PostgreSQL).
CREATE TABLE periodic (
	name          TEXT PRIMARY KEY,          -- of what
	ran_at        BIGINT NOT NULL            -- when
);

-- rate: how much of a rate limit is spent, as several processes tell each other (PostgreSQL).
CREATE TABLE rate (
	bucket        BLOB PRIMARY KEY,          -- keyed hash of a network and a kind of call
	owed_us       BIGINT NOT NULL,           -- microseconds of refill still owed, as of `at`
	at            BIGINT NOT NULL            -- the last call
);

-- idempotency: the answers to creates that carried an Idempotency-Key, for 24 hours.
CREATE TABLE idempotency (
	scope         BLOB NOT NULL,             -- the account, or a keyed hash of a stranger's network
	idempotency_key TEXT NOT NULL,           -- as sent
	request_hash  BLOB NOT NULL,             -- SHA-256 of method, path and body
	status        BIGINT NOT NULL,           -- of the answer
	answer        TEXT NOT NULL,             -- the answer's body, sealed with the server's key, base64url
	etag          TEXT,                      -- the answer's ETag, NULL when it has none
	location      TEXT,                      -- its Location, NULL when it has none
	expires_at    BIGINT NOT NULL,           -- 24 hours after the first
	PRIMARY KEY (scope, idempotency_key)
);
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- audit: every change of a row that a person can see.  Append-only; each row's hash covers the one before it, so that
-- an edited, dropped or reordered row is found.  The hash covers digests of before and after, so that erasing a
-- person's words keeps the chain whole.
CREATE TABLE audit (
	account_id    BLOB NOT NULL,             -- whose data: one chain each
	number        BIGINT NOT NULL,           -- 1, 2, 3 … within the chain
	at            BIGINT NOT NULL,           -- when
	actor         TEXT NOT NULL,             -- an account's id, "invitee" or "system"
	origin        TEXT NOT NULL,             -- the request's id, or the job's
	action        TEXT NOT NULL,             -- booking.create, schedule.update, …
	entity_id     BLOB NOT NULL,             -- of the row
	before_text   TEXT,                      -- JSON before; NULL when created or erased since
	after_text    TEXT,                      -- JSON after; NULL when deleted or erased since
	before_hash   BLOB NOT NULL,             -- SHA-256 of before_text, all zero when none
	after_hash    BLOB NOT NULL,             -- SHA-256 of after_text, all zero when none
	hash          BLOB NOT NULL,             -- SHA-256 over the hash before, and all columns but the texts
	PRIMARY KEY (account_id, number)
);
CREATE INDEX audit_entity ON audit (entity_id, number);
