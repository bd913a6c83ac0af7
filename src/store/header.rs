//! The first hundred bytes of an SQLite file: whose it is, and whether it is whole, before SQLite may touch it.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use super::StoreError;

/// Marks our libraries in the SQLite header: "STGW".
pub(super) const APPLICATION_ID: u32 = 0x5354_4757;

/// What every SQLite file begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// How long the header is.
pub(super) const N_BYTES: usize = 100;

/// What the header of an SQLite file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub has_magic: bool,
    pub application_id: u32,
    page_bytes: u64,
    n_pages: u64,
}

impl Header {
    /// None where the file is too short for one.
    // Layout: https://www.sqlite.org/fileformat.html#the_database_header
    pub fn read(head: &[u8]) -> Option<Self> {
        let head: &[u8; N_BYTES] = head.first_chunk()?;
        let number_at = |at: usize| u32::from_be_bytes(std::array::from_fn(|offset| head[at + offset]));
        let page_bytes = match u16::from_be_bytes([head[16], head[17]]) {
            1 => 65_536,
            bytes => u64::from(bytes),
        };
        Some(Self {
            has_magic: head.starts_with(MAGIC),
            application_id: number_at(68),
            page_bytes,
            n_pages: number_at(28).into(),
        })
    }

    /// How long the whole file is.
    pub fn n_bytes(&self) -> u64 {
        self.n_pages * self.page_bytes
    }
}

/// The beginning of a file, as far as it goes.
pub(super) fn head_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(N_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a file says that it is a run library, whatever else is wrong with it.
pub(super) fn is_a_library(path: &Path) -> bool {
    let header = head_of(path).ok().and_then(|head| Header::read(&head));
    header.is_some_and(|header| header.application_id == APPLICATION_ID)
}

/// Refuses whatever exists and is not a library by its first bytes.
pub(super) fn refuse_other_files(path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::file("open the run library", &error, path);
    let refuse = |why: &str| Err(StoreError::NotALibrary { why: why.to_owned(), path: path.to_path_buf() });
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return refuse("it is a folder"),
        Ok(metadata) if !metadata.is_file() => return refuse("it is no regular file"),
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(failed(error)),
    };
    if length == 0 {
        return Ok(());
    }
    let head = head_of(path).map_err(failed)?;
    let is_sqlite = head.starts_with(MAGIC);
    let Some(header) = Header::read(&head) else {
        return refuse(if is_sqlite { "it was cut off" } else { "it is no SQLite file" });
    };
    match header.application_id {
        APPLICATION_ID if !is_sqlite => refuse(&format!("its first bytes are damaged; {REPAIR}")),
        // Pages still in the write-ahead log may be missing from the file; without one, none may.
        APPLICATION_ID if length < header.n_bytes() && !has_write_ahead_log(path) => {
            refuse(&format!("it was cut off; {REPAIR}"))
        }
        APPLICATION_ID => Ok(()),
        _ if is_sqlite => refuse("it belongs to another program"),
        _ => refuse("it is no SQLite file"),
    }
}

/// What helps a damaged library.
pub(super) const REPAIR: &str = "`stagewright runs check --repair` saves what it still holds";

fn has_write_ahead_log(path: &Path) -> bool {
    let mut log = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).into_os_string();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0)
}
