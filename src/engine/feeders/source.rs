//! A feeder's file, open: small ones are held in memory, of large ones only where their rows begin.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::ops::Range;
use std::path::Path;

use super::scan::{Flaw, Scan, problems, scan};
use super::{FeederProblem, row};
use crate::model::{FeedFormat, Feeder};

/// Files up to this size are held in memory.
pub(super) const HELD_WHOLE: u64 = 32 * 1024 * 1024;

/// A feeder's file, ready to be read from anywhere.
pub(super) struct Source {
    pub columns: Vec<String>,
    /// How many rows from the first on have each column.
    pub n_leading: Vec<u64>,
    pub format: FeedFormat,
    pub delimiter: u8,
    starts: Vec<u64>,
    /// Where the last row ends.
    pub end: u64,
    pub held: Held,
}

/// Where the bytes are.
pub(super) enum Held {
    Whole(Vec<u8>),
    OnDisk(File),
}

/// A file, and what was found in it.
pub(super) struct Opened {
    pub source: Source,
    /// Whether the end of the file was reached.
    pub is_whole: bool,
    pub problems: Vec<FeederProblem>,
}

impl Source {
    /// Opens a file and looks all of it through, or only `most_rows` of one that is larger than `held_whole`.
    pub fn open(path: &Path, feeder: &Feeder, held_whole: u64, most_rows: usize) -> io::Result<Opened> {
        // Opening a pipe would wait for its writer.
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        let mut file = File::open(path)?;
        let format = feeder.format();
        if metadata.len() > held_whole {
            let mut found = scan(&file, format, most_rows)?;
            let flaws = std::mem::take(&mut found.flaws);
            file.rewind()?;
            let problems = problems(flaws, &file)?;
            return Self::checked(found, problems, format, Held::OnDisk(file));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        file.read_to_end(&mut bytes)?;
        let mut found = scan(bytes.as_slice(), format, usize::MAX)?;
        let problems = problems(std::mem::take(&mut found.flaws), bytes.as_slice())?;
        Self::checked(found, problems, format, Held::Whole(bytes))
    }

    fn checked(
        found: Scan,
        mut problems: Vec<FeederProblem>,
        format: FeedFormat,
        held: Held,
    ) -> io::Result<Opened> {
        let Scan { columns, n_leading, delimiter, starts, end, is_whole, .. } = found;
        let source = Self { columns, n_leading, format, delimiter, starts, end, held };
        if problems.is_empty() && is_whole && source.ends_within_quotes()? {
            let last = source.n_rows() - 1;
            problems.push(source.problem_of(last, "its quote is never closed", "Close it.")?);
        }
        Ok(Opened { source, is_whole, problems })
    }

    pub fn n_rows(&self) -> u64 {
        self.starts.len() as u64
    }

    /// Where a row's bytes are, the line breaks around it included.
    pub fn range(&self, row: u64) -> Range<u64> {
        let end = self.starts.get(row as usize + 1).copied().unwrap_or(self.end);
        self.starts[row as usize]..end
    }

    fn ends_within_quotes(&self) -> io::Result<bool> {
        if self.format != FeedFormat::Csv {
            return Ok(false);
        }
        let range = self.range(self.n_rows() - 1);
        let mut last = vec![0; (range.end - range.start) as usize];
        self.read_at(range.start, &mut last)?;
        Ok(row::ends_within_quotes(&last, self.delimiter))
    }

    /// A problem of one row, with its line.
    pub fn problem_of(
        &self,
        row: u64,
        message: impl Into<String>,
        remedy: &'static str,
    ) -> io::Result<FeederProblem> {
        let flaw = Flaw { at: Some(self.range(row).start), message: message.into(), remedy };
        let mut found = match &self.held {
            Held::Whole(bytes) => problems(vec![flaw], bytes.as_slice())?,
            Held::OnDisk(file) => problems(vec![flaw], FromStart { file, at: 0 })?,
        };
        Ok(found.remove(0))
    }

    /// Fills `buffer` with the bytes from `at` on.
    pub fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        match &self.held {
            Held::Whole(bytes) => {
                let at = at as usize;
                let wanted = bytes.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                buffer.copy_from_slice(wanted);
                Ok(())
            }
            Held::OnDisk(file) => read_exact_at(file, at, buffer),
        }
    }
}

/// Reads a file from its start without its cursor, which all who share it move.
struct FromStart<'a> {
    file: &'a File,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = read_at(self.file, self.at, buffer)?;
        self.at += n_read as u64;
        Ok(n_read)
    }
}

fn read_exact_at(file: &File, mut at: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, at, buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n_read) => {
                at += n_read as u64;
                buffer = &mut buffer[n_read..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
