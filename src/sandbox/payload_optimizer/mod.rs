//! Makes answers smaller: fewer fields, no nulls, short strings, pages instead of whole lists, and compression.
//!
//! Pure over JSON values, but for [`respond`] and [`respond_with`], which make answers of them. Knows neither routes nor data.

mod analysis;
mod compression;
mod encoding;
mod fields;
mod kept;
mod options;
mod paging;
mod respond;
mod shorten;

pub use analysis::{FieldSize, Measure, Saving, SizeAnalysis, analyse};
pub use compression::{MIN_COMPRESSED_BYTES, compress, is_compressible};
pub use encoding::Encoding;
pub use fields::FieldSelection;
pub use options::PayloadOptions;
pub use paging::{Page, PageOfItems, paginate};
pub use respond::{OptimizedPayload, PayloadSizes, optimize, optimize_response, respond, respond_with};
pub use shorten::{remove_nulls, truncate_strings};

use std::io;

use serde_json::Value;

/// How many bytes a value takes as JSON, without writing it anywhere.
fn json_size(value: &Value) -> usize {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Neither the counter nor a value can fail: its keys are texts.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// A value as JSON.
fn json_bytes(value: &Value) -> Vec<u8> {
    // A value's keys are texts, so it can always be written.
    serde_json::to_vec(value).unwrap_or_default()
}
