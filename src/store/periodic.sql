-- periodic: which of several processes does what has to be done now and then.

-- name: periodic_claim
-- Held until the commit: who comes meanwhile waits, and then finds it done.
-- public: nobody's data
INSERT INTO periodic (name, ran_at) VALUES (:name, :now)
ON CONFLICT (name) DO UPDATE SET ran_at = excluded.ran_at
WHERE periodic.ran_at <= :before OR periodic.ran_at > excluded.ran_at;
