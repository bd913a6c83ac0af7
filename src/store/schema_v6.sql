-- Thousands of runs are listed at once: what a list shows stands in short rows, so the sampled starts move out of `runs`.
CREATE TABLE run_starts (
    run_id INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    starts TEXT NOT NULL
) STRICT;
INSERT INTO run_starts SELECT run_id, starts FROM runs WHERE starts IS NOT NULL;
ALTER TABLE runs DROP COLUMN starts;

ALTER TABLE runs ADD COLUMN is_starred INTEGER NOT NULL DEFAULT 0 CHECK (is_starred IN (0, 1));
-- The name of the scenario's environment in force, which its text holds too.
ALTER TABLE runs ADD COLUMN scenario_environment TEXT;
-- Equal for runs that may stand in one trend.
ALTER TABLE runs ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
-- Names the run in whichever library it lies. Runs of before get one from what they hold.
ALTER TABLE runs ADD COLUMN identity TEXT NOT NULL DEFAULT '';
-- Null until the run has ended.
ALTER TABLE runs ADD COLUMN n_bytes INTEGER;
CREATE INDEX runs_by_identity ON runs (identity);

-- Whose numbers those of removed runs were: imported again, a run has its number back, and no other gets it.
CREATE TABLE removed_runs (
    run_id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL
) STRICT;
