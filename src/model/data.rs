//! What fills the gaps of requests beside constants: environments, secrets and feeders.

use std::collections::BTreeMap;

/// A place to run against, with what is different there.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    pub name: String,
    /// In place of the scenario's.
    pub base_url: Option<String>,
    /// Beside and in place of the scenario's.
    pub variables: BTreeMap<String, String>,
}

/// Where a secret's value is looked up; the value itself stands in no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The name of an environment variable of the process.
    Env(String),
    /// An entry of the operating system's keyring.
    Keyring { service: String, user: String },
}

/// A file of rows; each iteration that uses it gets one row, and `{{name.column}}` its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Feeder {
    pub name: String,
    /// A relative path starts at the scenario file's folder.
    pub file: String,
    /// None goes by the file's extension.
    pub format: Option<FeedFormat>,
    pub order: FeedOrder,
    pub at_end: AtEnd,
}

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFormat {
    /// With a header line that names the columns.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// Which row an iteration gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedOrder {
    /// The next one of the file, counted over all virtual users.
    Sequential,
    /// As sequential, in an order drawn anew for each pass through the file.
    Shuffled,
    /// Any one, independently of all others.
    Random,
    /// Each virtual user gets a row of its own and keeps it for the whole run.
    Unique,
}

/// What happens when all rows have been given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// The load ends as if the plan were over.
    Stop,
    /// The rows begin again.
    Wrap,
    /// An iteration without a row is an error of its first step, and is not sent.
    Error,
}

impl Feeder {
    /// The format, by the file's extension where the feeder does not say.
    pub fn format(&self) -> FeedFormat {
        let is_json = || {
            let lower = self.file.to_lowercase();
            [".jsonl", ".ndjson", ".json"].iter().any(|extension| lower.ends_with(extension))
        };
        self.format.unwrap_or_else(|| if is_json() { FeedFormat::JsonLines } else { FeedFormat::Csv })
    }
}

impl FeedOrder {
    /// What happens at the end of the data where the scenario does not say.
    pub fn default_end(self) -> AtEnd {
        match self {
            Self::Sequential | Self::Shuffled | Self::Random => AtEnd::Wrap,
            Self::Unique => AtEnd::Stop,
        }
    }
}
