-- Phases and connections of requests, the generator's own figures, changes of the plan, the machine's calibration.
ALTER TABLE runs ADD COLUMN calibration TEXT;
-- Real starts of consecutive iterations, and the number of the first of them.
ALTER TABLE runs ADD COLUMN starts TEXT;

-- Null in runs of versions that did not measure it.
ALTER TABLE intervals ADD COLUMN generator TEXT;
ALTER TABLE intervals ADD COLUMN hiccups BLOB NOT NULL DEFAULT x'';

ALTER TABLE interval_rows ADD COLUMN n_connections INTEGER NOT NULL DEFAULT 0;
ALTER TABLE interval_rows ADD COLUMN n_reconnects INTEGER NOT NULL DEFAULT 0;
ALTER TABLE interval_rows ADD COLUMN dns BLOB NOT NULL DEFAULT x'';
ALTER TABLE interval_rows ADD COLUMN connect BLOB NOT NULL DEFAULT x'';
ALTER TABLE interval_rows ADD COLUMN tls BLOB NOT NULL DEFAULT x'';
ALTER TABLE interval_rows ADD COLUMN send BLOB NOT NULL DEFAULT x'';
ALTER TABLE interval_rows ADD COLUMN wait BLOB NOT NULL DEFAULT x'';
ALTER TABLE interval_rows ADD COLUMN receive BLOB NOT NULL DEFAULT x'';

CREATE TABLE plan_changes (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
