//! `run`: from a scenario to a kept run, with a live view, a summary and reports.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::analysis::comparison::Comparison;
use crate::launch::{Launch, LiveRun, launch};
use crate::metrics::{RunId, RunLabels};
use crate::model::{Plan, Scenario, Side};
use crate::store::Library;
use crate::{humanize, report};

use super::{
    LibraryPlace,
    args::{ReportFile, ReportFormat, RunArgs},
    calibrate::advise,
    compare::{comparison_lines, headline_only},
    exit::{CliError, Exit},
    interrupt::Interrupts,
    out::print,
    repeat::repeat,
    report::beside,
    scenario_file, summary_text,
    summed_up::{self, SummedUp},
    view::{self, Progress, View},
};

/// A run under way publishes ten times a second; this bounds the wait when it does not.
const LONGEST_NAP: Duration = Duration::from_millis(250);

/// Runs a scenario, keeps the run, and judges it; several times where that is asked for.
pub fn run(args: &RunArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    check_report_places(&args.kept.reports)?;
    let scenario = scenario_file::read_runnable(&args.scenario, &place.own_presets()?, &args.setup)?;
    let baseline = args.baseline.as_ref().map(|reference| baseline_id(place, reference)).transpose()?;
    let library_path = place.path()?;
    let progress = Progress::choose(&args.progress);
    advise(&scenario, args.time_scale.0, place);
    let runner = Runner { args, scenario, baseline, library_path, progress };
    if let Some(n) = args.repeat {
        return repeat(&runner, n);
    }
    let mut interrupts = None;
    let kept = runner.make(RunLabels::new(), &args.kept.reports, &mut interrupts)?;
    let written = kept.write_reports();
    kept.tell(progress)?;
    written?;
    let is_interrupted = interrupts.is_some_and(|interrupts| interrupts.n_interrupts() > 0);
    Ok(if is_interrupted { Exit::Interrupted } else { kept.run.summary.verdict.into() })
}

/// Makes runs of one scenario.
pub struct Runner<'a> {
    pub args: &'a RunArgs,
    scenario: Scenario,
    baseline: Option<RunId>,
    pub library_path: PathBuf,
    pub progress: Progress,
}

impl Runner<'_> {
    /// Makes a run with these labels and those that were asked for, and sums it up.
    pub fn make<'r>(
        &self,
        mut labels: RunLabels,
        reports: &'r [ReportFile],
        interrupts: &mut Option<Interrupts>,
    ) -> Result<Kept<'r>, CliError> {
        labels.extend(self.args.kept.labels());
        let plan = Plan::new(&self.scenario, self.args.time_scale.0);
        let opening = opening_line(&self.scenario, &plan);
        let live_run = self.start(labels)?;
        // Not before: as long as nothing runs, Ctrl-C may end the program as usual.
        let interrupts = match interrupts {
            Some(interrupts) => interrupts,
            None => interrupts.insert(Interrupts::listen(thread::current())?),
        };
        let mut view = view::open(self.progress, live_run.scenario(), &opening);
        watch(&live_run, interrupts, view.as_mut(), &mut |_| {});
        let library = Library::open(&self.library_path)?;
        let run = SummedUp::load(&library, live_run.run_id())?;
        let comparison =
            self.baseline.map(|baseline| beside(&library, run.record.run_id, baseline)).transpose()?;
        let comparison = comparison.map(|beside| beside.comparison);
        Ok(Kept { run, comparison, library_path: self.library_path.clone(), reports })
    }

    fn start(&self, labels: RunLabels) -> Result<LiveRun, CliError> {
        let args = self.args;
        let watcher = thread::current();
        Ok(launch(Launch {
            scenario: self.scenario.clone(),
            files_root: Path::new(&args.scenario).parent().map(Path::to_owned),
            time_scale: args.time_scale.0,
            n_workers: args.workers.map(usize::from),
            labels,
            sandbox: None,
            library: &self.library_path,
            look_back: self.progress.look_back(),
            wake: Box::new(move || watcher.unpark()),
        })?)
    }

    /// Says something to people; programs and those who want quiet are spared.
    pub fn tell(&self, text: &str) -> Result<(), CliError> {
        match self.progress {
            Progress::Plain | Progress::Terminal => print(&format!("{text}\n")),
            Progress::Quiet | Progress::JsonLines => Ok(()),
        }
    }
}

/// Shows the run until it is kept, and lets `each` say what else is new; the first interrupt stops it, the second aborts
/// it.
pub fn watch(
    live_run: &LiveRun,
    interrupts: &Interrupts,
    view: &mut dyn View,
    each: &mut dyn FnMut(&mut dyn View),
) {
    let mut n_obeyed = 0;
    let mut told_trouble = false;
    loop {
        let snapshot = live_run.snapshot();
        view.show(&snapshot);
        each(view);
        if let Some(trouble) = snapshot.journal_trouble.as_ref().filter(|_| !told_trouble) {
            view.say(trouble);
            told_trouble = true;
        }
        if live_run.is_kept() {
            live_run.trouble().iter().for_each(|trouble| view.say(trouble));
            break;
        }
        let n_interrupts = interrupts.n_interrupts();
        if n_obeyed == 0 && n_interrupts > 0 {
            view.say(
                "Stopping: no new iterations, requests in flight may finish. Ctrl-C again gives them up.",
            );
            live_run.stop();
        }
        if n_obeyed < 2 && n_interrupts > 1 {
            view.say("Aborting: requests in flight are given up. What was measured is kept.");
            live_run.abort();
        }
        n_obeyed = n_interrupts;
        thread::park_timeout(LONGEST_NAP);
    }
    view.close();
}

/// A run that has ended, summed up.
pub struct Kept<'a> {
    pub run: SummedUp,
    /// With the baseline, where one was named.
    comparison: Option<Comparison>,
    library_path: PathBuf,
    reports: &'a [ReportFile],
}

impl Kept<'_> {
    pub fn write_reports(&self) -> Result<(), CliError> {
        write_reports(&self.run, self.reports)
    }

    /// Says how the run went.
    pub fn tell(&self, progress: Progress) -> Result<(), CliError> {
        let Self { run: SummedUp { record, summary, .. }, comparison, .. } = self;
        if progress == Progress::JsonLines {
            let mut event = serde_json::json!({
                "event": "summary",
                "run_id": record.run_id,
                "library": self.library_path,
                "reports": self.reports.iter().map(|report| &report.path).collect::<Vec<_>>(),
                "report": report::json(&self.run.paper()),
            });
            if let Some(comparison) = comparison {
                event["comparison"] = report::comparison_json(comparison);
            }
            return print(&format!("{event}\n"));
        }
        let mut text = match progress {
            Progress::Quiet => summary_text::verdict_block(record, summary),
            _ => summary_text::summary_text(record, summary),
        };
        if comparison.is_some() {
            text += "\n";
            text += &self.comparison_text();
        }
        text += &format!("\nKept as run {} in {}\n", record.run_id, self.library_path.display());
        print(&(text + &self.report_lines()))
    }

    /// How its headline compares with the baseline; empty without one.
    pub fn comparison_text(&self) -> String {
        let lines = |comparison| comparison_lines(&headline_only(comparison));
        self.comparison.as_ref().map_or_else(String::new, lines)
    }

    /// A line for each report that was written.
    pub fn report_lines(&self) -> String {
        self.reports.iter().map(|report| format!("Report: {}\n", report.path.display())).collect()
    }
}

/// Writes the reports that were asked for.
pub fn write_reports(run: &SummedUp, reports: &[ReportFile]) -> Result<(), CliError> {
    let outputs: Vec<(&Path, ReportFormat)> =
        reports.iter().map(|ReportFile { path, format }| (path.as_path(), *format)).collect();
    summed_up::write_reports(&run.paper(), &outputs).map_err(|error| {
        CliError::BadInput(format!(
            "{error}. The run is kept: `stagewright report {} -o FILE` writes its report",
            run.record.run_id
        ))
    })
}

/// Settled before the run, as `latest` would be the run itself afterwards.
fn baseline_id(place: LibraryPlace<'_>, reference: &str) -> Result<RunId, CliError> {
    Ok(place.open()?.resolve(reference)?)
}

/// What is about to happen, in one line.
fn opening_line(scenario: &Scenario, plan: &Plan) -> String {
    let candidate = match scenario.interleave {
        Some(_) => format!(" by turns with {}", scenario.side_words(Side::Candidate)),
        None => String::new(),
    };
    format!(
        "{} · {}{candidate} · {} · peak {}",
        scenario.name,
        scenario.side_words(Side::Baseline),
        humanize::span(plan.duration()),
        humanize::level(plan.peak_level(), plan.is_open())
    )
}

/// Refuses reports that could not be written, before anything runs.
pub fn check_report_places(reports: &[ReportFile]) -> Result<(), CliError> {
    for ReportFile { path, .. } in reports {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
            return Err(CliError::BadInput(format!(
                "the report cannot be written there; name a file in a folder that exists: {}",
                path.display()
            )));
        }
    }
    Ok(())
}
