//! What secrets and files of rows are here, looked at off the frame; values of secrets are never taken along.

use std::path::{Path, PathBuf};

use crate::{
    app::design::templated::Columns,
    engine::{FeederPreview, feeder_preview},
    model::{Feeder, Scenario, SecretSource},
};

/// Rows of a file that are shown.
const N_ROWS: usize = 8;

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    root: Option<PathBuf>,
    secrets: Vec<SecretSource>,
    feeders: Vec<Feeder>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct DataSeen {
    secrets: Vec<(SecretSource, Secrecy)>,
    feeders: Vec<(Feeder, FeederPreview)>,
}

/// Whether a secret has a value on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    Set,
    NotSet,
    /// The keyring may ask for a password, so it is opened only when a run starts.
    AtStart,
}

impl Wanted {
    pub fn of(scenario: &Scenario, root: Option<&Path>) -> Self {
        Self {
            root: root.map(Path::to_owned),
            secrets: scenario.secrets.values().cloned().collect(),
            feeders: scenario.feeders.clone(),
        }
    }

    /// Whether nothing has changed since.
    pub fn is_for(&self, scenario: &Scenario, root: Option<&Path>) -> bool {
        self.root.as_deref() == root
            && self.secrets.iter().eq(scenario.secrets.values())
            && self.feeders == scenario.feeders
    }

    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.feeders.is_empty()
    }
}

impl DataSeen {
    /// Looks; takes a while where files are large.
    pub fn look(scenario: &Scenario, root: Option<&Path>) -> Self {
        let wanted = Wanted::of(scenario, root);
        let secrets = wanted.secrets.into_iter().map(|source| {
            let secrecy = match &source {
                SecretSource::Env(name) if name.is_empty() => Secrecy::NotSet,
                SecretSource::Env(name) if std::env::var_os(name).is_some() => Secrecy::Set,
                SecretSource::Env(_) => Secrecy::NotSet,
                SecretSource::Keyring { .. } => Secrecy::AtStart,
            };
            (source, secrecy)
        });
        let feeders = wanted.feeders.into_iter().map(|feeder| {
            let preview = feeder_preview(root, &feeder, N_ROWS);
            (feeder, preview)
        });
        Self { secrets: secrets.collect(), feeders: feeders.collect() }
    }

    /// None until it was looked at.
    pub fn secrecy(&self, source: &SecretSource) -> Option<Secrecy> {
        self.secrets.iter().find(|(known, _)| known == source).map(|(_, secrecy)| *secrecy)
    }

    /// None until the file was looked at; the feeder's name and order make no difference to it.
    pub fn preview(&self, feeder: &Feeder) -> Option<&FeederPreview> {
        let is_same = |known: &Feeder| known.file == feeder.file && known.format == feeder.format;
        self.feeders.iter().find(|(known, _)| is_same(known)).map(|(_, preview)| preview)
    }

    pub fn columns(&self) -> Columns {
        self.feeders.iter().map(|(feeder, preview)| (feeder.name.clone(), preview.columns.clone())).collect()
    }
}
