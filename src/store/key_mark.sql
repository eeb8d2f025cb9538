-- key_mark: which master key the database belongs to.

-- name: key_mark_insert
-- public: nobody's data
INSERT INTO key_mark (id, mark, made_at) VALUES (1, :mark, :now) ON CONFLICT (id) DO NOTHING;

-- name: key_mark_get
-- public: nobody's data
SELECT mark FROM key_mark WHERE id = 1;
