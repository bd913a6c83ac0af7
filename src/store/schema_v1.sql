-- Durations are nanoseconds in whole numbers; words (finish, outcome, kind, weight) are the ones of the program.
CREATE TABLE runs (
    -- Numbers are never given twice, so that a number in an old note cannot come to mean another run.
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at_unix_millis INTEGER NOT NULL,
    scenario_name TEXT NOT NULL,
    -- As the scenario says it: `sandbox:` stays one target however its port changes.
    scenario_base_url TEXT NOT NULL,
    base_url TEXT NOT NULL,
    time_scale REAL NOT NULL,
    planned_nanos INTEGER NOT NULL,
    profile TEXT NOT NULL,
    labels TEXT NOT NULL,
    environment TEXT NOT NULL,
    engine TEXT NOT NULL,
    finish TEXT NOT NULL DEFAULT 'running',
    -- Known once the run has ended.
    load_nanos INTEGER,
    n_seconds INTEGER,
    n_abandoned INTEGER NOT NULL DEFAULT 0,
    n_counted_by_target INTEGER,
    note TEXT NOT NULL DEFAULT '',
    is_baseline INTEGER NOT NULL DEFAULT 0 CHECK (is_baseline IN (0, 1)),
    deleted_at_unix_millis INTEGER,
    digest TEXT
) STRICT;

CREATE INDEX runs_by_start ON runs (started_at_unix_millis, run_id);
CREATE INDEX running_runs ON runs (run_id) WHERE finish = 'running';
CREATE UNIQUE INDEX one_baseline ON runs (scenario_name, scenario_base_url) WHERE is_baseline = 1;

-- Apart from `runs`, so that a list of runs does not read past the texts.
CREATE TABLE scenarios (
    run_id INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    toml TEXT NOT NULL
) STRICT;

-- Rows of a kilobyte or more: these two keep their rowid, because keyed tables spill long rows to pages of their own.
CREATE TABLE intervals (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    second INTEGER NOT NULL,
    span_nanos INTEGER NOT NULL,
    asked_level REAL NOT NULL,
    n_due INTEGER NOT NULL,
    n_started INTEGER NOT NULL,
    n_dropped INTEGER NOT NULL,
    n_completed INTEGER NOT NULL,
    n_sent INTEGER NOT NULL,
    n_users INTEGER NOT NULL,
    n_in_flight INTEGER NOT NULL,
    start_lag BLOB NOT NULL,
    process_cpu_ratio REAL,
    machine_cpu_ratio REAL,
    memory_used_ratio REAL,
    -- Null where the machine could not be read.
    process_memory_bytes INTEGER,
    PRIMARY KEY (run_id, second)
) STRICT;

CREATE TABLE interval_rows (
    run_id INTEGER NOT NULL,
    second INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    warm_up INTEGER NOT NULL,
    step INTEGER NOT NULL,
    n_ok INTEGER NOT NULL,
    n_connect INTEGER NOT NULL,
    n_tls INTEGER NOT NULL,
    n_timeout INTEGER NOT NULL,
    n_protocol INTEGER NOT NULL,
    n_status INTEGER NOT NULL,
    n_check INTEGER NOT NULL,
    n_no_answer INTEGER NOT NULL,
    n_1xx INTEGER NOT NULL,
    n_2xx INTEGER NOT NULL,
    n_3xx INTEGER NOT NULL,
    n_4xx INTEGER NOT NULL,
    n_5xx INTEGER NOT NULL,
    bytes_sent INTEGER NOT NULL,
    bytes_received INTEGER NOT NULL,
    -- HdrHistogram V2, compressed, in microseconds; empty for no samples.
    response_time BLOB NOT NULL,
    service_time BLOB NOT NULL,
    error_time BLOB NOT NULL,
    PRIMARY KEY (run_id, second, stage, warm_up, step),
    FOREIGN KEY (run_id, second) REFERENCES intervals (run_id, second) ON DELETE CASCADE
) STRICT;

CREATE TABLE error_groups (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    signature TEXT NOT NULL,
    n_errors INTEGER NOT NULL,
    first_seen_nanos INTEGER NOT NULL,
    last_seen_nanos INTEGER NOT NULL,
    exemplars TEXT NOT NULL,
    PRIMARY KEY (run_id, step, outcome, signature)
) STRICT;

CREATE TABLE annotations (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at_nanos INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE caveats (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    weight TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (run_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
