//! The beginning of a feeder's file, as a run would read it.

use std::path::Path;
use std::sync::Arc;

use super::row::RowReader;
use super::source::{HELD_WHOLE, Opened, Source};
use super::{FeederProblem, path_of, unreadable};
use crate::model::Feeder;

/// Of a large file this many rows are looked at.
const N_LOOKED_AT: usize = 1_000;

/// The beginning of a feeder's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeederPreview {
    pub columns: Vec<String>,
    /// The first rows, each with a field for each column.
    pub rows: Vec<Vec<String>>,
    /// None for a large file, of which only the beginning was looked at.
    pub n_rows: Option<u64>,
    /// What keeps a run from starting, in the order of the file; the first few only.
    pub problems: Vec<FeederProblem>,
}

/// Reads the first `n_rows` rows of a feeder's file; a relative path starts at `files_root`.
// Of files up to 32 MB all is looked at, which takes up to a second: not for the thread that draws.
pub fn feeder_preview(files_root: Option<&Path>, feeder: &Feeder, n_rows: usize) -> FeederPreview {
    let path = path_of(files_root, feeder);
    let Opened { source, is_whole, mut problems } =
        match Source::open(&path, feeder, HELD_WHOLE, N_LOOKED_AT.max(n_rows)) {
            Ok(opened) => opened,
            Err(error) => {
                return FeederPreview { problems: vec![unreadable(&error)], ..FeederPreview::default() };
            }
        };
    let source = Arc::new(source);
    let mut reader = RowReader::sequential(Arc::clone(&source));
    let mut rows = Vec::new();
    for row in 0..source.n_rows().min(n_rows as u64) {
        let mut fields = vec![String::new(); source.columns.len()];
        match reader.read(row, |_| true, |column, field| fields[column].push_str(field)) {
            Ok(()) => rows.push(fields),
            // What the row has was found wrong before.
            Err(_) if !problems.is_empty() => {}
            Err(message) => problems.push(FeederProblem { line: None, message, remedy: String::new() }),
        }
    }
    let n_rows = is_whole.then_some(source.n_rows());
    FeederPreview { columns: source.columns.clone(), rows, n_rows, problems }
}
