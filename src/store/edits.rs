//! The edit journal: the undo steps of an open scenario, kept row by row while it is edited.
//!
//! A history belongs to the window that writes it. A window that starts takes the newest over; whoever wrote it
//! before and still lives is told at its next keep, and goes on with a history of its own.

use std::{
    io::{Read as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{Library, StoreError};

/// Histories that are kept: more than one only where several windows edit at the same time.
const MAX_HISTORIES: i64 = 4;

/// The text of one step, deflated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedText(Arc<[u8]>);

/// The undo steps of an open scenario as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditHistory {
    pub history_id: i64,
    /// The position of the step that is open.
    pub present: i64,
    pub file: EditedFile,
    /// By position, the oldest first.
    pub steps: Vec<(i64, PackedText)>,
}

/// The file of an edited scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditedFile {
    pub path: Option<PathBuf>,
    /// The file's text as last opened or saved.
    pub saved_text: Option<String>,
}

/// What changed since a history was last kept.
#[derive(Clone, Debug)]
pub struct EditChange {
    /// None begins a history.
    pub history_id: Option<i64>,
    /// The number of this window.
    pub owner: i64,
    pub present: i64,
    /// Steps outside these positions are gone.
    pub positions: std::ops::RangeInclusive<i64>,
    /// None where it is the same as before.
    pub file: Option<EditedFile>,
    /// New and changed steps.
    pub steps: Vec<(i64, PackedText)>,
}

/// What keeping a change came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditsKept {
    In(i64),
    /// Another window has taken this history over: nothing was written, begin another.
    TakenOver,
}

impl PackedText {
    pub fn pack(text: &str) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        // Writing into memory does not fail.
        let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
        Self(packed.unwrap_or_default().into())
    }

    /// None where it is damaged.
    pub fn unpack(&self) -> Option<String> {
        let mut text = String::new();
        DeflateDecoder::new(&*self.0).read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn checksum(&self) -> i64 {
        let mut crc = Crc::new();
        crc.update(&self.0);
        i64::from(crc.sum())
    }
}

impl Library {
    /// The newest history, which belongs to `owner` from now on; none where nothing was edited yet.
    pub fn take_over_edits(&self, owner: i64) -> Result<Option<EditHistory>, StoreError> {
        let action = "read the edits of the last visit";
        let newest = self.newest_history().map_err(self.failed(action))?;
        if let Some(history) = &newest {
            let sql = "UPDATE edit_histories SET owner = ?2 WHERE history_id = ?1";
            // A library that cannot be written still gives back what it holds; the next keep says what is wrong.
            let _ = self.connection.execute(sql, params![history.history_id, owner]);
        }
        Ok(newest)
    }

    fn newest_history(&self) -> rusqlite::Result<Option<EditHistory>> {
        let view = self.connection.unchecked_transaction()?;
        let sql = "SELECT history_id, present, path, text FROM edit_histories
                   LEFT JOIN edit_texts ON text_id = saved_text_id
                   ORDER BY kept_at_unix_millis DESC, history_id DESC LIMIT 1";
        let head = view.query_row(sql, [], |row| {
            let path: Option<String> = row.get(2)?;
            let saved_text: Option<Vec<u8>> = row.get(3)?;
            let saved_text = saved_text.and_then(|bytes| PackedText(bytes.into()).unpack());
            let file = EditedFile { path: path.map(PathBuf::from), saved_text };
            Ok(EditHistory { history_id: row.get(0)?, present: row.get(1)?, file, steps: Vec::new() })
        });
        let Some(mut history) = head.optional()? else { return Ok(None) };
        let sql = "SELECT position, text FROM edits JOIN edit_texts USING (text_id)
                   WHERE history_id = ?1 ORDER BY position";
        let step = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, PackedText(row.get::<_, Vec<u8>>(1)?.into())));
        history.steps =
            view.prepare(sql)?.query_map([history.history_id], step)?.collect::<rusqlite::Result<_>>()?;
        Ok(Some(history))
    }

    /// Keeps what changed, in one transaction of the changed rows.
    pub fn keep_edits(&self, change: &EditChange) -> Result<EditsKept, StoreError> {
        let keep = || {
            let behavior = TransactionBehavior::Immediate;
            let transaction = Transaction::new_unchecked(&self.connection, behavior)?;
            let Some(history_id) = present_history(&transaction, change)? else {
                return Ok(EditsKept::TakenOver);
            };
            keep_change(&transaction, history_id, change)?;
            transaction.commit()?;
            Ok(EditsKept::In(history_id))
        };
        keep().map_err(self.failed("keep the edits of the open scenario"))
    }
}

/// The history to write into, begun if it must be; none where another window took it over.
fn present_history(transaction: &Transaction<'_>, change: &EditChange) -> rusqlite::Result<Option<i64>> {
    let Some(history_id) = change.history_id else {
        transaction.execute(
            "INSERT INTO edit_histories (owner, kept_at_unix_millis, present) VALUES (?1, 0, ?2)",
            [change.owner, change.present],
        )?;
        return Ok(Some(transaction.last_insert_rowid()));
    };
    let sql = "SELECT history_id FROM edit_histories WHERE history_id = ?1 AND owner = ?2";
    transaction.query_row(sql, [history_id, change.owner], |row| row.get(0)).optional()
}

fn keep_change(transaction: &Transaction<'_>, history_id: i64, change: &EditChange) -> rusqlite::Result<()> {
    let (first, last) = (change.positions.start(), change.positions.end());
    let sql = "DELETE FROM edits WHERE history_id = ?1 AND (position < ?2 OR position > ?3)";
    let mut n_freed = transaction.execute(sql, [history_id, *first, *last])?;
    for (position, text) in &change.steps {
        let text_id = text_id(transaction, text)?;
        n_freed += transaction.execute(
            "INSERT INTO edits VALUES (?1, ?2, ?3)
             ON CONFLICT (history_id, position) DO UPDATE SET text_id = excluded.text_id",
            [history_id, *position, text_id],
        )?;
    }
    if let Some(file) = &change.file {
        let saved = file.saved_text.as_deref().map(|text| text_id(transaction, &PackedText::pack(text)));
        // A path that is no text cannot be kept: the scenario then comes back without its file.
        let path = file.path.as_deref().and_then(|path| path.to_str());
        transaction.execute(
            "UPDATE edit_histories SET path = ?2, saved_text_id = ?3 WHERE history_id = ?1",
            params![history_id, path, saved.transpose()?],
        )?;
    }
    // Later than every other one, whatever the clock does.
    transaction.execute(
        "UPDATE edit_histories SET present = ?2, kept_at_unix_millis = max(
             CAST(unixepoch('subsec') * 1000 AS INTEGER),
             (SELECT coalesce(max(kept_at_unix_millis), 0) + 1 FROM edit_histories WHERE history_id <> ?1))
         WHERE history_id = ?1",
        [history_id, change.present],
    )?;
    if change.history_id.is_none() {
        n_freed += transaction.execute(
            "DELETE FROM edit_histories WHERE history_id NOT IN (
                 SELECT history_id FROM edit_histories
                 ORDER BY kept_at_unix_millis DESC, history_id DESC LIMIT ?1)",
            [MAX_HISTORIES],
        )?;
    }
    if n_freed > 0 || change.file.is_some() {
        forget_texts(transaction)?;
    }
    Ok(())
}

/// The text's row, written if no equal one is there.
fn text_id(transaction: &Transaction<'_>, text: &PackedText) -> rusqlite::Result<i64> {
    let values = params![text.checksum(), &*text.0];
    let sql = "SELECT text_id FROM edit_texts WHERE checksum = ?1 AND text = ?2";
    if let Some(text_id) = transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()? {
        return Ok(text_id);
    }
    let sql = "INSERT INTO edit_texts (checksum, text) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute(values)?;
    Ok(transaction.last_insert_rowid())
}

fn forget_texts(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute(
        "DELETE FROM edit_texts
         WHERE NOT EXISTS (SELECT 1 FROM edits WHERE edits.text_id = edit_texts.text_id)
             AND text_id NOT IN (SELECT saved_text_id FROM edit_histories WHERE saved_text_id IS NOT NULL)",
        [],
    )?;
    Ok(())
}
