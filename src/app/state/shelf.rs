//! The run library as the window sees it: the list of runs, and the few runs that are open.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Jobs, Outcome, Slot};
use crate::{
    analysis::{Summary, summarize},
    metrics::{HistogramError, History, RunDigest, RunId, RunRecord, SecondPoint},
    model::Plan,
    report,
    store::{Library, RunListing},
};

/// Open runs kept in memory; the ones opened longest ago go first.
const MAX_LOADED: usize = 12;

/// A kept run, read and summed up.
#[derive(Debug)]
pub struct LoadedRun {
    pub record: RunRecord,
    pub summary: Summary,
    pub digest: RunDigest,
    /// As it was at the start.
    pub planned: Plan,
    /// With its changes; as if resumed at the end where the run ended during a pause.
    pub plan: Plan,
    /// One point per kept second, for charts.
    pub points: Vec<SecondPoint>,
    /// The same seconds with their histograms.
    pub history: Arc<History>,
    /// The report as Markdown.
    pub markdown: String,
}

/// The run library as the window sees it.
pub struct Shelf {
    path: PathBuf,
    is_usable: bool,
    /// None until the list was read once.
    listings: Option<Vec<RunListing>>,
    loaded: HashMap<RunId, Arc<LoadedRun>>,
    order: Vec<RunId>,
    /// Why a run could not be opened.
    troubles: HashMap<RunId, String>,
}

impl Shelf {
    pub fn new(path: PathBuf, is_usable: bool) -> Self {
        Self {
            path,
            is_usable,
            listings: None,
            loaded: HashMap::new(),
            order: Vec::new(),
            troubles: HashMap::new(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the library could be opened.
    pub fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// All runs, newest first; empty until they are read.
    pub fn listings(&self) -> &[RunListing] {
        self.listings.as_deref().unwrap_or_default()
    }

    /// Whether the list of runs was read.
    pub fn is_listed(&self) -> bool {
        self.listings.is_some()
    }

    pub fn listing(&self, run_id: RunId) -> Option<&RunListing> {
        self.listings().iter().find(|listing| listing.run_id == run_id)
    }

    /// A run that is read and summed up.
    pub fn loaded(&self, run_id: RunId) -> Option<&Arc<LoadedRun>> {
        self.loaded.get(&run_id)
    }

    /// Why a run could not be opened.
    pub fn trouble(&self, run_id: RunId) -> Option<&str> {
        self.troubles.get(&run_id).map(String::as_str)
    }

    /// Reads the list of runs anew.
    pub fn refresh(&mut self, jobs: &mut Jobs) {
        jobs.on_library(Slot::Listings, |library| {
            Outcome::Listings(library.runs().map_err(|error| error.to_string()))
        });
    }

    /// Reads a run and sums it up, unless that is done or under way.
    pub fn load(&mut self, jobs: &mut Jobs, run_id: RunId) {
        if self.loaded.contains_key(&run_id) || jobs.is_under_way(&Slot::Run(run_id)) {
            return;
        }
        self.troubles.remove(&run_id);
        jobs.on_library(Slot::Run(run_id), move |library| Outcome::Loaded(run_id, read(library, run_id)));
    }

    /// Forgets what was read of a run, as it has changed.
    pub fn forget(&mut self, run_id: RunId) {
        self.loaded.remove(&run_id);
        self.order.retain(|other| *other != run_id);
    }

    pub fn take_listings(&mut self, listings: Vec<RunListing>) {
        self.listings = Some(listings);
    }

    pub fn take_loaded(&mut self, run_id: RunId, outcome: Result<Arc<LoadedRun>, String>) {
        match outcome {
            Ok(run) => {
                self.loaded.insert(run_id, run);
                self.order.retain(|other| *other != run_id);
                self.order.push(run_id);
                if self.order.len() > MAX_LOADED {
                    let oldest = self.order.remove(0);
                    self.loaded.remove(&oldest);
                }
            }
            Err(trouble) => {
                self.troubles.insert(run_id, trouble);
            }
        }
    }
}

fn read(library: &Library, run_id: RunId) -> Result<Arc<LoadedRun>, String> {
    let record = library.load(run_id).map_err(|error| error.to_string())?;
    let run = LoadedRun::new(record).map_err(|error| {
        format!("Run {run_id} is damaged in the library and cannot be summed up: {error}")
    })?;
    Ok(Arc::new(run))
}

impl LoadedRun {
    /// Works out once what screens show of a run.
    pub fn new(record: RunRecord) -> Result<Self, HistogramError> {
        let summary = summarize(&record)?;
        let points = record.intervals.iter().map(SecondPoint::from_interval).collect::<Result<_, _>>()?;
        let history = Arc::new(History::of(record.start.scenario.n_steps(), &record.intervals)?);
        let markdown = report::markdown(&record, &summary);
        let plan = record.plan().resumed_at(record.end.load_duration);
        let planned = Plan::new(&record.start.scenario, record.start.time_scale);
        Ok(Self { digest: summary.digest(), planned, plan, points, history, markdown, record, summary })
    }
}
