-- copy: how far a copy into this database has come.

-- name: copy_progress_list
-- public: operators only
-- scan: a row for each table, while a copy goes on; else none
SELECT table_name, last_key, row_count, done FROM copy_progress ORDER BY table_name;

-- name: copy_progress_set
-- public: operators only
INSERT INTO copy_progress (table_name, last_key, row_count, done) VALUES (:table_name, :last_key, :row_count, :done)
ON CONFLICT (table_name) DO UPDATE SET last_key = excluded.last_key, row_count = excluded.row_count, done = excluded.done;

-- name: copy_progress_clear
-- public: operators only
DELETE FROM copy_progress;
