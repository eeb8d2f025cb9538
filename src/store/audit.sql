-- audit: the chained log of changes.  Only ever inserted into.

-- name: audit_last
-- public: called by store functions with the account whose row they change
SELECT number, hash FROM audit WHERE account_id = :account_id ORDER BY number DESC LIMIT 1;

-- name: audit_insert
-- public: called by store functions with the account whose row they change
INSERT INTO audit (account_id, number, at, actor, origin, action, entity_id, before_text, after_text,
	before_hash, after_hash, hash)
VALUES (:account_id, :number, :at, :actor, :origin, :action, :entity_id, :before_text, :after_text,
	:before_hash, :after_hash, :hash);

-- name: audit_of_entity
-- From the newest on, and read the other way round: guests may answer as often as they like.
-- public: account_id is the asking one's own; the column "actor" is who acted
SELECT account_id, entity_id, number, at, actor, origin, action, before_text AS before, after_text AS after FROM audit
WHERE entity_id = :entity_id AND account_id = :account_id ORDER BY number DESC LIMIT 1000;

-- name: audit_chain
-- public: for the verifier, which reads all of an account
SELECT account_id, number, at, actor, origin, action, entity_id, before_text, after_text,
	before_hash, after_hash, hash
FROM audit WHERE account_id = :account_id ORDER BY number;
