//! One pass through a feeder's file: its columns, where its rows begin, and what is wrong with it.
//!
//! Only what begins at a place of its own is kept, eight bytes a row.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Read};

use super::{FeederProblem, json};
use crate::model::FeedFormat;

/// A longer row is a quote that was never closed.
const MAX_ROW: u64 = 16 * 1024 * 1024;
const MAX_COLUMNS: usize = 1_000;
/// More would only say the same again.
const MAX_PROBLEMS: usize = 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What a file holds, as far as it was looked through.
#[derive(Default)]
pub(super) struct Scan {
    pub columns: Vec<String>,
    /// How many rows from the first on have each column; all where the format makes sure of that.
    pub n_leading: Vec<u64>,
    pub delimiter: u8,
    /// Where each row begins, in bytes.
    pub starts: Vec<u64>,
    /// Where the last row ends.
    pub end: u64,
    /// Whether the end of the file was reached.
    pub is_whole: bool,
    pub flaws: Vec<Flaw>,
}

/// Something wrong with the file, and with which byte of it.
pub(super) struct Flaw {
    pub at: Option<u64>,
    pub message: String,
    pub remedy: &'static str,
}

/// Looks through a file's bytes, up to `most_rows` rows.
pub(super) fn scan(bytes: impl Read, format: FeedFormat, most_rows: usize) -> io::Result<Scan> {
    let mut bytes = BufReader::with_capacity(64 * 1024, bytes);
    let beginning = bytes.fill_buf()?;
    let mut scan = Scan { delimiter: delimiter(beginning), ..Scan::default() };
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        scan.flaw(None, "it is written in UTF-16", SAVE_AS_UTF8);
        return Ok(scan);
    }
    match format {
        FeedFormat::Csv => scan.csv(bytes, most_rows)?,
        FeedFormat::JsonLines => scan.json_lines(bytes, most_rows)?,
    }
    if scan.starts.is_empty() && scan.flaws.is_empty() {
        let message = match (format, scan.columns.is_empty()) {
            (FeedFormat::Csv, false) => "it has a header, but no row below it",
            _ => "it is empty",
        };
        scan.flaw(None, message, "Fill in at least one row, or name another file.");
    }
    Ok(scan)
}

const SAVE_AS_UTF8: &str = "Save the file as UTF-8.";

/// A comma; a semicolon or a tab where the header has one of those and no comma.
fn delimiter(beginning: &[u8]) -> u8 {
    let header = beginning.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|delimiter| header.contains(delimiter)).unwrap_or(b',')
}

impl Scan {
    fn flaw(&mut self, at: Option<u64>, message: impl Into<String>, remedy: &'static str) {
        if self.flaws.len() < MAX_PROBLEMS {
            self.flaws.push(Flaw { at, message: message.into(), remedy });
        }
    }

    fn csv(&mut self, bytes: impl Read, most_rows: usize) -> io::Result<()> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(Capped { inner: bytes, allowance: MAX_ROW, is_spent: false });
        let mut row = csv::ByteRecord::new();
        let mut has_header = false;
        loop {
            let at = reader.position().byte();
            reader.get_mut().allowance = MAX_ROW;
            match reader.read_byte_record(&mut row) {
                Ok(true) if !has_header => {
                    self.header(&row);
                    has_header = true;
                }
                Ok(true) => {
                    self.csv_row(at, &row);
                    if self.starts.len() == most_rows {
                        break;
                    }
                }
                Ok(false) => {
                    self.is_whole = true;
                    break;
                }
                Err(_) if reader.get_ref().is_spent => {
                    self.flaw(Some(at), "it begins a row of more than 16 MB", "Close its quote.");
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.end = reader.position().byte();
        self.n_leading = vec![self.starts.len() as u64; self.columns.len()];
        Ok(())
    }

    fn header(&mut self, header: &csv::ByteRecord) {
        let mut seen = HashSet::new();
        for name in header {
            let Ok(name) = std::str::from_utf8(name) else {
                self.flaw(Some(0), "its header is not UTF-8", SAVE_AS_UTF8);
                return;
            };
            let name = name.trim();
            if !name.is_empty() && !seen.insert(name.to_owned()) {
                self.flaw(Some(0), format!("its header names `{name}` twice"), "Rename one of them.");
            }
            self.columns.push(name.to_owned());
        }
        if seen.is_empty() || self.columns.len() > MAX_COLUMNS {
            let message = if seen.is_empty() { "its header names no column" } else { TOO_MANY_COLUMNS };
            self.flaw(Some(0), message, "Name the columns in the first line, such as `user,password`.");
        }
    }

    fn csv_row(&mut self, at: u64, row: &csv::ByteRecord) {
        self.starts.push(at);
        if row.len() != self.columns.len() {
            let message =
                format!("it has {}, and the header names {}", fields(row.len()), self.columns.len());
            self.flaw(Some(at), message, "Give each row a field for each column, in quotes where needed.");
        } else if std::str::from_utf8(row.as_slice()).is_err() {
            self.flaw(Some(at), "it is not UTF-8", SAVE_AS_UTF8);
        }
    }

    fn json_lines(&mut self, mut bytes: impl BufRead, most_rows: usize) -> io::Result<()> {
        let mut columns = json::Columns::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            let n_read = bytes.by_ref().take(MAX_ROW + 1).read_until(b'\n', &mut line)? as u64;
            let at = self.end;
            if n_read == 0 {
                self.is_whole = true;
                break;
            }
            if n_read > MAX_ROW {
                self.flaw(Some(at), "it is longer than 16 MB", ONE_OBJECT);
                break;
            }
            self.end += n_read;
            let bom = if at == 0 && line.starts_with(BOM) { BOM.len() } else { 0 };
            let row = line[bom..].trim_ascii();
            if row.is_empty() {
                continue;
            }
            self.starts.push(at + bom as u64);
            let n_rows = self.starts.len() as u64;
            match std::str::from_utf8(row) {
                Err(_) => self.flaw(Some(at), "it is not UTF-8", SAVE_AS_UTF8),
                Ok(text) => {
                    if let Err(reason) = columns.note(text, n_rows - 1) {
                        self.flaw(Some(at), format!("it is no JSON object ({reason})"), ONE_OBJECT);
                    }
                }
            }
            if columns.names.len() > MAX_COLUMNS {
                self.flaw(Some(at), TOO_MANY_COLUMNS, "Use the same names in all rows.");
                break;
            }
            if self.starts.len() == most_rows {
                break;
            }
        }
        (self.columns, self.n_leading) = (columns.names, columns.n_leading);
        Ok(())
    }
}

const TOO_MANY_COLUMNS: &str = "it has more than 1,000 columns";
const ONE_OBJECT: &str = "Write one JSON object a line, such as {\"user\": \"ada\"}.";

fn fields(n_fields: usize) -> String {
    if n_fields == 1 { "1 field".to_owned() } else { format!("{n_fields} fields") }
}

/// Stops where one row takes all of its allowance.
struct Capped<R> {
    inner: R,
    allowance: u64,
    is_spent: bool,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance == 0 {
            self.is_spent = true;
            return Err(io::ErrorKind::InvalidData.into());
        }
        let n_read = self.inner.read(buffer)?;
        self.allowance = self.allowance.saturating_sub(n_read as u64);
        Ok(n_read)
    }
}

/// Flaws as problems with lines, found by going through the bytes again.
pub(super) fn problems(flaws: Vec<Flaw>, bytes: impl Read) -> io::Result<Vec<FeederProblem>> {
    let lines = lines_of(flaws.iter().filter_map(|flaw| flaw.at).collect(), bytes)?;
    let with_line = |flaw: Flaw| FeederProblem {
        line: flaw.at.and_then(|at| lines.get(&at).copied()),
        message: flaw.message,
        remedy: flaw.remedy.to_owned(),
    };
    Ok(flaws.into_iter().map(with_line).collect())
}

/// The line of each place, or of the text after the line breaks that stand there.
fn lines_of(mut places: Vec<u64>, bytes: impl Read) -> io::Result<HashMap<u64, u64>> {
    places.sort_unstable();
    let mut waiting = places.into_iter().peekable();
    let mut lines = HashMap::new();
    let (mut line, mut at) = (1, 0);
    let mut bytes = BufReader::with_capacity(64 * 1024, bytes);
    loop {
        let block = bytes.fill_buf()?;
        if block.is_empty() || waiting.peek().is_none() {
            return Ok(lines);
        }
        for byte in block {
            if !matches!(byte, b'\n' | b'\r') {
                while let Some(place) = waiting.next_if(|place| *place <= at) {
                    lines.insert(place, line);
                }
            }
            line += u64::from(*byte == b'\n');
            at += 1;
        }
        let n_read = block.len();
        bytes.consume(n_read);
    }
}
