//! The run library as the window sees it: the list of runs, and the few runs that are open.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{Jobs, Outcome, Slot};
use crate::{
    analysis::{Diagnosis, Summary, summarize_kept},
    metrics::{HistogramError, History, KeptRun, RunDigest, RunId, RunRecord, SecondPoint},
    model::{Plan, Threshold},
    report::Paper,
    store::{DiskUse, Library, RunListing, SearchText},
};

/// Open runs kept in memory; the ones opened longest ago go first.
const MAX_LOADED: usize = 12;

/// What open runs may take in memory. A run of two hours with 50 steps takes a good 100 MB of it.
const MAX_LOADED_BYTES: usize = 128 << 20;

/// Runs that stay open however large they are: the one on the screen and its ghost.
const MIN_LOADED: usize = 2;

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
    pub points: Arc<Vec<SecondPoint>>,
    /// The same seconds with their histograms.
    pub history: Arc<History>,
    /// What takes longer than a run may take to open; worked out once, a moment later.
    precise: OnceLock<Precise>,
    /// Whether what failed is known second by second by error group; runs of earlier versions did not keep it.
    pub tells_errors_by_second: bool,
}

/// How sure a run's numbers are, and what they mean.
#[derive(Debug)]
pub struct Precise {
    /// With intervals beside its percentiles.
    pub summary: Summary,
    pub diagnosis: Diagnosis,
}

/// The run library as the window sees it.
pub struct Shelf {
    path: PathBuf,
    is_usable: bool,
    /// None until the list was read once.
    listings: Option<Vec<RunListing>>,
    /// Changes with the list.
    revision: u64,
    /// Where each run stands in the list.
    places: HashMap<RunId, usize>,
    /// Those that kept runs were judged by, as far as they were asked for.
    thresholds: HashMap<RunId, Vec<Threshold>>,
    /// What the library takes on disk, and the revision of the list that it was measured at.
    disk_use: Option<(u64, Option<DiskUse>)>,
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
            revision: 0,
            places: HashMap::new(),
            thresholds: HashMap::new(),
            disk_use: None,
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

    /// Changes whenever the list does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn listing(&self, run_id: RunId) -> Option<&RunListing> {
        self.listings().get(*self.places.get(&run_id)?)
    }

    /// Shows a change of a run at once; the list is read anew when it is kept.
    pub fn foresee(&mut self, run_id: RunId, change: impl FnOnce(&mut RunListing)) {
        let Some(place) = self.places.get(&run_id) else { return };
        if let Some(listing) = self.listings.as_mut().and_then(|listings| listings.get_mut(*place)) {
            change(listing);
            listing.search_text = SearchText::default();
            self.revision += 1;
        }
    }

    /// The thresholds that a kept run was judged by; none until they are read.
    pub fn thresholds(&self, run_id: RunId) -> Option<&[Threshold]> {
        self.thresholds.get(&run_id).map(Vec::as_slice)
    }

    /// Reads the thresholds that a run was judged by, unless that is done or under way.
    pub fn read_thresholds(&self, jobs: &mut Jobs, run_id: RunId) {
        let slot = Slot::Thresholds(run_id);
        if self.thresholds.contains_key(&run_id) || jobs.is_under_way(&slot) {
            return;
        }
        jobs.on_library(slot, move |library| {
            // A run that cannot be read says so when it is opened; here it only has no targets.
            let thresholds = library.start_of(run_id).map(|start| start.scenario.thresholds);
            Outcome::ThresholdsRead(run_id, thresholds.unwrap_or_default())
        });
    }

    pub fn take_thresholds(&mut self, run_id: RunId, thresholds: Vec<Threshold>) {
        self.thresholds.insert(run_id, thresholds);
    }

    /// What the library takes on disk; none until it is measured, or where it cannot be.
    pub fn disk_use(&self) -> Option<DiskUse> {
        self.disk_use.and_then(|(_, disk_use)| disk_use)
    }

    /// Whether the list has changed since the library was measured.
    pub fn is_to_be_measured(&self) -> bool {
        self.is_usable && self.disk_use.is_none_or(|(revision, _)| revision != self.revision)
    }

    /// Measures what the library takes on disk, unless that is under way.
    pub fn measure(&self, jobs: &mut Jobs) {
        if jobs.is_under_way(&Slot::DiskUse) {
            return;
        }
        let revision = self.revision;
        jobs.on_library(Slot::DiskUse, move |library| {
            Outcome::Measured(revision, library.disk_use().map_err(|error| error.to_string()))
        });
    }

    pub fn take_measured(&mut self, revision: u64, disk_use: Option<DiskUse>) {
        self.disk_use = Some((revision, disk_use));
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
        self.places = listings.iter().enumerate().map(|(place, listing)| (listing.run_id, place)).collect();
        self.listings = Some(listings);
        self.revision += 1;
    }

    pub fn take_loaded(&mut self, run_id: RunId, outcome: Result<Arc<LoadedRun>, String>) {
        match outcome {
            Ok(run) => {
                self.loaded.insert(run_id, run);
                self.order.retain(|other| *other != run_id);
                self.order.push(run_id);
                self.shed();
            }
            Err(trouble) => {
                self.troubles.insert(run_id, trouble);
            }
        }
    }
}

impl Shelf {
    /// Forgets the runs opened longest ago until there is room.
    fn shed(&mut self) {
        let bytes = |shelf: &Self| shelf.loaded.values().map(|run| run.heap_bytes()).sum::<usize>();
        while self.order.len() > MIN_LOADED
            && (self.order.len() > MAX_LOADED || bytes(self) > MAX_LOADED_BYTES)
        {
            let oldest = self.order.remove(0);
            self.loaded.remove(&oldest);
        }
    }
}

fn read(library: &Library, run_id: RunId) -> Result<Arc<LoadedRun>, String> {
    let run = library.open_run(run_id).map_err(|error| error.to_string())?;
    let run = LoadedRun::new(run).map_err(|error| {
        format!("Run {run_id} is damaged in the library and cannot be summed up: {error}")
    })?;
    Ok(Arc::new(run))
}

impl LoadedRun {
    /// Works out once what screens show of a run.
    pub fn new(run: impl Into<KeptRun>) -> Result<Self, HistogramError> {
        let run = run.into();
        let summary = summarize_kept(&run)?;
        let KeptRun { record, history } = run;
        let (points, history) = (Arc::clone(&record.points), Arc::new(history));
        let plan = record.plan().resumed_at(record.end.load_duration);
        let planned = Plan::new(&record.start.scenario, record.start.time_scale);
        let n_told: u64 = history.n_by_group(&history.extent()).iter().sum();
        let n_errors: u64 = record.error_groups.iter().map(|group| group.n_errors).sum();
        Ok(Self {
            digest: summary.digest(),
            planned,
            plan,
            points,
            history,
            precise: OnceLock::new(),
            record,
            summary,
            tells_errors_by_second: n_told == n_errors,
        })
    }

    /// The summary with intervals and the report, once they are worked out.
    pub fn precise(&self) -> Option<&Precise> {
        self.precise.get()
    }

    /// The run as it is kept, for what works on both its record and its seconds.
    pub fn kept(&self) -> KeptRun {
        KeptRun { record: self.record.clone(), history: (*self.history).clone() }
    }

    /// What a report of it is made of.
    pub fn paper<'a>(&'a self, precise: &'a Precise) -> Paper<'a> {
        Paper::new(&self.record, &precise.summary, &precise.diagnosis)
    }

    /// Works them out, unless that was done.
    pub fn make_precise(&self) -> Result<&Precise, HistogramError> {
        if let Some(precise) = self.precise.get() {
            return Ok(precise);
        }
        let summary = self.summary.clone().with_intervals(&self.record, &self.history)?;
        let diagnosis = Diagnosis::new(&self.record, &self.history, &summary)?;
        Ok(self.precise.get_or_init(|| Precise { summary, diagnosis }))
    }

    /// About what it takes in memory: what grows with the run's length and its steps.
    fn heap_bytes(&self) -> usize {
        let Summary { headline, whole, stages, steps, services, .. } = &self.summary;
        let aggregates = [headline, whole].into_iter().chain(stages.iter().map(|row| &row.aggregate));
        let scopes = steps.iter().chain(services).map(|row| &row.aggregate);
        let summed: usize = aggregates.chain(scopes).map(|aggregate| aggregate.stats.heap_bytes()).sum();
        self.history.heap_bytes() + summed + self.record.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn take(shelf: &mut Shelf, run_id: i64) {
        let mut record = sample::record(sample::scenario());
        record.run_id = RunId(run_id);
        shelf.take_loaded(RunId(run_id), Ok(Arc::new(LoadedRun::new(record).unwrap())));
    }

    #[test]
    fn runs_opened_longest_ago_make_room() {
        let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
        (1..=MAX_LOADED as i64 + 3).for_each(|run_id| take(&mut shelf, run_id));
        assert_eq!(shelf.loaded.len(), MAX_LOADED);
        assert!(shelf.loaded(RunId(3)).is_none() && shelf.loaded(RunId(4)).is_some());
    }
}
