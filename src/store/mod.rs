//! What is kept on disk: the run library (SQLite), settings, edits, scenario files and presets.
//!
//! A second of a run is committed before the next begins; what a killed program leaves behind opens as an
//! interrupted run. What the kept numbers mean is left to others.

mod capsule;
mod check;
mod columns;
mod disk_use;
mod edits;
mod error;
mod file_set;
mod files;
mod filter;
mod header;
mod identity;
mod labels;
mod library;
mod listing;
mod own_presets;
mod own_templates;
mod packs;
mod place;
mod presets;
mod reading;
mod retention;
mod schema;
mod step_matches;
#[cfg(test)]
mod tests;
mod watching;
mod words;
mod writer;

pub use capsule::Imported;
pub use check::{Checkup, Finding, FindingWeight, Loss, Repaired, check_library, repair_library};
pub use disk_use::{DiskUse, Purged};
pub use edits::{EditChange, EditHistory, EditedFile, EditsKept, PackedText};
pub use error::StoreError;
pub use file_set::{is_stream, write_files};
pub use files::{MAX_SCENARIO_BYTES, read_scenario_file, read_scenario_text, read_text_file, write_file};
pub use filter::{RunFilter, SearchText};
pub use library::Library;
pub use listing::RunListing;
pub use own_presets::{OwnPreset, OwnPresets, check_name};
pub use own_templates::{OwnTemplate, OwnTemplates, read_template};
pub use place::default_library_path;
pub use presets::{Preset, preset, presets};
pub use retention::{Prunable, PruneReason, RetentionRule};
pub use watching::WatchWriter;
pub use words::KeptProjection;
pub use writer::RunWriter;
