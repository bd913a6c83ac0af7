-- What opening a run takes, drawn up from its rows: derived data, made anew where it is missing, damaged or of another
-- version, and never the only place of a number.
CREATE TABLE run_packs (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    -- 0 is the overview, kept last; the chunks of the run's history follow in order.
    part INTEGER NOT NULL,
    version INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (run_id, part)
) STRICT;
