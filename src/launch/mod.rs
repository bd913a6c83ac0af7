//! From press to kept record: sandbox, library, engine in order; the window and the commands start runs here.
//!
//! Nothing is written before the target is there. Once the engine has ended, a thread sums the run up, stops the
//! sandbox and says so; that happens whether or not anybody still holds the [`LiveRun`].

mod calibrate;
mod calibration;
mod comparing;
mod keeping;
mod live_run;
mod noise;
mod once;
mod probing;
mod projections;
mod reading;
mod reporting;
mod search;
mod secrets;
mod series;
mod standing;
mod target;
mod trend_runs;
mod watching;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub use calibrate::{CalibrateError, CalibrateOptions, CalibrationPart, calibrate, calibrated_transport};
pub use calibration::{Advice, KnownCalibration, advice, keep_calibration, known_calibration};
pub use comparing::{CompareError, compare_kept};
pub use live_run::LiveRun;
pub use noise::{NoiseError, RunNoise, noise_of_kept};
pub use once::{SendOnce, send_once};
pub use probing::test_monitor;
pub use projections::{keep_projection, projections_of};
pub use reporting::{BesideRun, FoundTemplates, ReportingError, beside_run, report_texts_of, templates_in};
pub use search::{LiveSearch, SearchStanding, search};
pub use secrets::{MissingSecrets, resolve_secrets};
pub use series::{REPETITION_LABEL, SERIES_LABEL, Series};
pub use trend_runs::{TREND_METRICS, TrendRuns, trend_targets, unfit_for_trends};
pub use watching::monitor_values;

use crate::analysis::{ThresholdWatch, search::SearchRefusal};
use crate::engine::{self, EngineError, OpenFilesShort, RunJob, Surroundings, Watch};
use crate::humanize;
use crate::metrics::{LookBack, RunLabels, RunStart};
use crate::model::Scenario;
use crate::monitor::{self, HostSampler};
use crate::sandbox::SandboxError;
use crate::store::{Library, StoreError};

use keeping::{Keeper, Wake};
use standing::SandboxCount;
use target::Targets;

/// What to run and how.
pub struct Launch<'a> {
    /// Valid; runs as it is in its environment.
    pub scenario: Scenario,
    /// Where relative paths of certificates and keys start: the scenario file's folder, where it has a file.
    pub files_root: Option<PathBuf>,
    pub time_scale: f64,
    /// How many threads make the load; by default as many as scenario and machine suggest.
    pub n_workers: Option<usize>,
    pub labels: RunLabels,
    /// The base URL of a sandbox that stays up between runs; it serves those that ask for a plain `sandbox:`.
    pub sandbox: Option<String>,
    pub library: &'a Path,
    pub look_back: LookBack,
    /// Called after each published snapshot and once the run is kept; must return at once.
    pub wake: Box<dyn Fn() + Send + Sync>,
}

/// Why a run did not start; nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Secrets(#[from] MissingSecrets),
    /// The scenario cannot be searched.
    #[error(transparent)]
    Search(#[from] SearchRefusal),
    /// The target does not answer at all.
    #[error("{0}")]
    Unreachable(String),
    /// The plan needs more connections than this system allows.
    #[error("{0}")]
    OpenFiles(String),
    /// A monitor's description cannot be followed.
    #[error("{0}")]
    Monitor(String),
}

/// Starts a run and returns while it goes on; may take some seconds when the target does not answer.
pub fn launch(mut launch: Launch<'_>) -> Result<LiveRun, LaunchError> {
    // What is run and kept is the scenario as its environment makes it, on both sides where there are two.
    launch.scenario = launch.scenario.resolved().interleaved();
    // Told before anything is started or written; the engine would refuse it too.
    if let Some(short) = engine::open_files_short(&launch.scenario) {
        return Err(LaunchError::OpenFiles(too_many_users(short)));
    }
    let secrets = resolve_secrets(&launch.scenario)?;
    let wake: Wake = Arc::from(launch.wake);
    let targets = Targets::ready(&launch.scenario, launch.sandbox.as_deref())?;
    launch.labels.extend(targets.labels());
    let base_url = targets.baseline.base_url().to_owned();
    let watch = watch(&launch.scenario, launch.time_scale);
    let surroundings = surroundings(&targets, watch, launch.look_back, wake.clone());

    let monitors = watching::ready(&launch.scenario, &base_url, &secrets, launch.files_root.clone())
        .map_err(LaunchError::Monitor)?;
    let facts = engine::facts(&launch.scenario, launch.n_workers);
    // What is missing is told before anything is written.
    let ready = engine::prepare(RunJob {
        scenario: launch.scenario.clone(),
        time_scale: launch.time_scale,
        base_url: base_url.clone(),
        candidate_base_url: targets.candidate.as_ref().map(|target| target.base_url().to_owned()),
        files_root: launch.files_root,
        secrets,
        n_workers: launch.n_workers,
    })?;
    let library = Library::open(launch.library)?;
    // The keeper's thread comes first: once a run has begun, nothing may stand between it and its keeper.
    let keeper =
        Keeper::start(library.path().to_owned(), targets, Arc::clone(&wake)).map_err(EngineError::Thread)?;
    let start = RunStart {
        started_at_unix_millis: unix_millis(SystemTime::now()),
        scenario: launch.scenario,
        time_scale: launch.time_scale,
        base_url,
        labels: launch.labels,
        environment: monitor::environment(),
        calibration: known_calibration(&library, &facts.transport)?.current(),
        engine: facts,
    };
    let unix_start = Duration::from_millis(start.started_at_unix_millis.max(0).cast_unsigned());
    let writer = library.begin_run(&start)?;
    let run_id = writer.run_id();
    match engine::start(ready, Box::new(writer), surroundings) {
        Ok(handle) => {
            let started_at = handle.started_at();
            let watch = monitors.and_then(|ready| {
                watching::start(ready, &library, run_id, unix_start, started_at, Arc::clone(&wake))
            });
            let keeping = keeper.take_charge(run_id, handle.clone(), watch.clone());
            Ok(LiveRun::new(run_id, start, handle, keeping, watch))
        }
        Err(error) => {
            // Best effort: an empty run that stays in the list does less harm than hiding the first error.
            let _ = library.delete(run_id);
            Err(error.into())
        }
    }
}

/// The watch over a run's thresholds. Those of a search are put to each probe: over all of them they mean nothing.
fn watch(scenario: &Scenario, time_scale: f64) -> ThresholdWatch {
    if scenario.is_search() {
        let unwatched = Scenario { thresholds: Vec::new(), ..scenario.clone() };
        return ThresholdWatch::new(&unwatched, time_scale);
    }
    ThresholdWatch::new(scenario, time_scale)
}

fn surroundings(
    targets: &Targets,
    mut thresholds: ThresholdWatch,
    look_back: LookBack,
    wake: Wake,
) -> Surroundings {
    let mut sampler = HostSampler::new();
    // Sets the sampler's clock, so that the first second of the run has a sample.
    let _ = sampler.sample();
    let counts = targets.counts();
    Surroundings {
        sample_host: Box::new(move || sampler.sample()),
        wake: Box::new(move || wake()),
        count_at_target: Box::new(move || counts?.iter().map(SandboxCount::received).sum()),
        watch: thresholds
            .is_needed()
            .then(|| -> Watch { Box::new(move |totals, at| thresholds.second(totals, at)) }),
        look_back,
    }
}

fn too_many_users(short: OpenFilesShort) -> String {
    let remedy = if cfg!(target_os = "macos") {
        "raise it with `ulimit -n` or `sudo launchctl limit maxfiles`"
    } else {
        "raise it with `ulimit -n`, or for good in /etc/security/limits.conf"
    };
    format!(
        "the plan needs about {} open files ({} with a connection each), and this system allows {}; {remedy}, or \
         use fewer users (max_users, where the load is arrivals per second)",
        humanize::count(short.n_needed),
        humanize::counted(u64::from(short.n_users), "user"),
        humanize::count(short.n_allowed)
    )
}

/// Negative before 1970, as a wrong clock may say.
fn unix_millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_millis() as i64,
        Err(before) => -(before.duration().as_millis() as i64),
    }
}
