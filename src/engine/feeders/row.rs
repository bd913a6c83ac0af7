//! Reads one row of a feeder's file at a time, into buffers that are used again.

use std::io;
use std::sync::Arc;

use csv_core::ReadRecordResult;

use super::json;
use super::source::{Held, Source};
use crate::model::FeedFormat;

/// How much of a file on disk is read at once where rows follow each other.
const READ_AHEAD: u64 = 64 * 1024;

/// Reads rows for one thread.
pub(super) struct RowReader {
    source: Arc<Source>,
    read_ahead: u64,
    block: Vec<u8>,
    /// Where the block stands in the file.
    block_at: u64,
    csv: csv_core::Reader,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

impl RowReader {
    /// A reader of rows that follow each other.
    pub fn sequential(source: Arc<Source>) -> Self {
        Self { read_ahead: READ_AHEAD, ..Self::scattered(source) }
    }

    /// A reader of rows from anywhere.
    pub fn scattered(source: Arc<Source>) -> Self {
        let csv = csv_core::ReaderBuilder::new().delimiter(source.delimiter).build();
        let ends = vec![0; source.columns.len() + 1];
        Self { source, read_ahead: 0, block: Vec::new(), block_at: 0, csv, fields: vec![0; 256], ends }
    }

    /// Hands the fields of a row that `wanted` names, by their columns, to `put`.
    pub fn read(
        &mut self,
        row: u64,
        wanted: impl Fn(usize) -> bool,
        mut put: impl FnMut(usize, &str),
    ) -> Result<(), String> {
        let bytes = read_block(&self.source, row, self.read_ahead, &mut self.block, &mut self.block_at)
            .map_err(|error| format!("row {} cannot be read: {error}", row + 1))?;
        match self.source.format {
            FeedFormat::Csv => {
                let n_fields = split(&mut self.csv, bytes, &mut self.fields, &mut self.ends);
                if n_fields != self.source.columns.len() {
                    return Err(format!("row {} is not what it was when the run began", row + 1));
                }
                let mut start = 0;
                for (column, end) in self.ends[..n_fields].iter().enumerate() {
                    if wanted(column) {
                        let field = std::str::from_utf8(&self.fields[start..*end]);
                        put(column, field.map_err(|_| format!("row {} is not UTF-8", row + 1))?);
                    }
                    start = *end;
                }
                Ok(())
            }
            FeedFormat::JsonLines => {
                let names = &self.source.columns;
                let read = json::read(bytes.trim_ascii(), &mut ByName { names, wanted, put });
                read.map_err(|reason| format!("row {} is no JSON object ({reason})", row + 1))
            }
        }
    }
}

/// The bytes of a row, from memory or from a block that is read where it is not within the last.
fn read_block<'a>(
    source: &'a Source,
    row: u64,
    read_ahead: u64,
    block: &'a mut Vec<u8>,
    block_at: &mut u64,
) -> io::Result<&'a [u8]> {
    let range = source.range(row);
    if let Held::Whole(bytes) = &source.held {
        return Ok(&bytes[range.start as usize..range.end as usize]);
    }
    if range.start < *block_at || *block_at + (block.len() as u64) < range.end {
        let end = range.end.max((range.start + read_ahead).min(source.end));
        block.resize((end - range.start) as usize, 0);
        *block_at = range.start;
        if let Err(error) = source.read_at(range.start, block) {
            block.clear();
            return Err(error);
        }
    }
    let start = (range.start - *block_at) as usize;
    Ok(&block[start..start + (range.end - range.start) as usize])
}

/// Splits a row into fields that stand one after the other; returns how many there are.
fn split(csv: &mut csv_core::Reader, row: &[u8], fields: &mut Vec<u8>, ends: &mut Vec<usize>) -> usize {
    csv.reset();
    let (mut at, mut n_bytes, mut n_fields) = (0, 0, 0);
    loop {
        let (result, n_read, n_written, n_ended) =
            csv.read_record(&row[at..], &mut fields[n_bytes..], &mut ends[n_fields..]);
        at += n_read;
        n_bytes += n_written;
        n_fields += n_ended;
        match result {
            // What is left is empty then, and an empty input ends the record.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => fields.resize(fields.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record | ReadRecordResult::End => return n_fields,
        }
    }
}

/// Whether a row's last field begins with a quote that nothing closes.
pub(super) fn ends_within_quotes(row: &[u8], delimiter: u8) -> bool {
    let mut csv = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut fields, mut ends) = (vec![0; row.len() + 2], vec![0; row.len() + 2]);
    // A line break ends a row everywhere but within quotes.
    let is_ended = |result| matches!(result, ReadRecordResult::Record);
    let (result, ..) = csv.read_record(row, &mut fields, &mut ends);
    !is_ended(result) && !is_ended(csv.read_record(b"\n", &mut fields, &mut ends).0)
}

struct ByName<'a, W, P> {
    names: &'a [String],
    wanted: W,
    put: P,
}

impl<W: Fn(usize) -> bool, P: FnMut(usize, &str)> json::Fields for ByName<'_, W, P> {
    fn wants(&mut self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name).filter(|column| (self.wanted)(*column))
    }

    fn field(&mut self, column: usize, value: &str) {
        (self.put)(column, value);
    }
}
