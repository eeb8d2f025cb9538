-- migration: what of sql/ has been applied.  The one table that is not made by a migration.

-- name: migration_table
-- public: nobody's data
CREATE TABLE IF NOT EXISTS migration (
	number     BIGINT PRIMARY KEY,
	name       TEXT NOT NULL,
	sha256     TEXT NOT NULL,
	applied_at BIGINT NOT NULL
);

-- name: migration_lock
-- public: nobody's data
-- engine: postgresql
LOCK TABLE migration IN ACCESS EXCLUSIVE MODE;

-- name: migration_list
-- public: nobody's data
-- scan: a row for each file of sql/
SELECT number, name, sha256 FROM migration ORDER BY number;

-- name: migration_insert
-- public: nobody's data
INSERT INTO migration (number, name, sha256, applied_at) VALUES (:number, :name, :sha256, :now);
