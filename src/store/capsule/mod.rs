//! Capsules: one run as one file, from library to library.
//!
//! A capsule is an SQLite file with the library's own tables and one run in them, so that whatever brings an old library
//! up to date does the same for an old capsule; and a checksum over all of its rows. It is no signature: it tells damage
//! and edits, not forgery.

mod checksum;
mod export;
mod import;
mod verify;

pub use import::Imported;

/// Marks capsules in the SQLite header: "STGC".
pub(super) const APPLICATION_ID: u32 = 0x5354_4743;

/// The format of libraries in which capsules began.
const FIRST_FORMAT: u32 = 6;

/// Far more than a run of a day takes; a file beyond it was not made by an export.
const MAX_BYTES: u64 = 8 << 30;

/// What is added to the library's tables.
const OWN_TABLE: &str = "
    CREATE TABLE capsule (
        -- The version of the program that wrote it.
        written_by TEXT NOT NULL,
        -- SHA-256 over all rows but this one.
        checksum TEXT NOT NULL
    ) STRICT;";

/// The tables that hold a run, parents first; each row begins with the run's number.
///
/// What is derived, the packs, is left out: it is made anew.
const RUN_TABLES: [&str; 17] = [
    "runs",
    "scenarios",
    "run_starts",
    "intervals",
    "interval_rows",
    "interval_errors",
    "error_groups",
    "annotations",
    "caveats",
    "plan_changes",
    "tags",
    "report_texts",
    "projections",
    "watched_series",
    "watched_points",
    "monitors",
    "traffic_audits",
];
