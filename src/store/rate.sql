-- rate: limits that hold over all processes.

-- name: rate_take
-- Whoever has it keeps it until the commit.
-- public: nobody is signed in yet
INSERT INTO rate (bucket, owed_us, at) VALUES (:bucket, 0, 0)
ON CONFLICT (bucket) DO UPDATE SET at = rate.at
RETURNING bucket, owed_us, at;

-- name: rate_put
-- public: nobody is signed in yet
UPDATE rate SET owed_us = :owed_us, at = :at WHERE bucket = :bucket;

-- name: rate_prune
-- public: periodic work
-- scan: once in a while
DELETE FROM rate WHERE at < :at;
