-- What failed second by second. A group is told by its place among the error groups of its run, in the order in which
-- they were first kept (their rowid). Runs from before have none of these rows.
CREATE TABLE interval_errors (
    run_id INTEGER NOT NULL,
    second INTEGER NOT NULL,
    error_group INTEGER NOT NULL,
    n_errors INTEGER NOT NULL,
    PRIMARY KEY (run_id, second, error_group),
    FOREIGN KEY (run_id, second) REFERENCES intervals (run_id, second) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
