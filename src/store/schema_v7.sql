-- What the analyst wrote for a run's report, and what a model said beforehand; both as the room that made them writes them.
CREATE TABLE report_texts (
    run_id INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    texts TEXT NOT NULL
) STRICT;

CREATE TABLE projections (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    number INTEGER NOT NULL,
    projection TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
