-- What monitors saw beside the load, and what the audit of the run's own traffic found.
CREATE TABLE watched_series (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    info TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- A second in which nothing was read has no row: a gap.
CREATE TABLE watched_points (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    series INTEGER NOT NULL,
    second INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run_id, series, second)
) STRICT, WITHOUT ROWID;

CREATE TABLE monitors (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic_audits (
    run_id INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    audit TEXT NOT NULL
) STRICT;
