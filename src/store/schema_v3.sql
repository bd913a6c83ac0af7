-- The undo steps of the open scenario, so that a killed window costs no edit: one row per step, changed rows only.
CREATE TABLE edit_histories (
    history_id INTEGER PRIMARY KEY,
    -- A number of the window that writes it; another window that takes it over writes its own.
    owner INTEGER NOT NULL,
    kept_at_unix_millis INTEGER NOT NULL,
    -- The step that is open.
    present INTEGER NOT NULL,
    -- The scenario's file, and its text as last opened or saved.
    path TEXT,
    saved_text_id INTEGER REFERENCES edit_texts (text_id)
) STRICT;

-- Equal texts are kept once.
CREATE TABLE edit_texts (
    text_id INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    -- Deflated.
    text BLOB NOT NULL
) STRICT;
CREATE INDEX edit_texts_by_checksum ON edit_texts (checksum);

CREATE TABLE edits (
    history_id INTEGER NOT NULL REFERENCES edit_histories ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text_id INTEGER NOT NULL REFERENCES edit_texts (text_id),
    PRIMARY KEY (history_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX edits_by_text ON edits (text_id);
