//! `search`: the highest load that meets the targets, found in one kept run.

use std::path::Path;
use std::thread;

use super::{
    LibraryPlace,
    calibrate::advise,
    exit::{CliError, Exit},
    interrupt::Interrupts,
    out::{print, print_json},
    run::{check_report_places, watch, write_reports},
    scenario_file,
    search_args::SearchArgs,
    summed_up::SummedUp,
    tables::table,
    view::{self, Progress, View},
};
use crate::analysis::search::{
    Probe, SearchEnd, SearchOutcome, SearchSettings, errors_text, in_flight_text, latency_text, load_text,
    search_scenario,
};
use crate::launch::{self, Launch, LiveSearch};
use crate::metrics::LookBack;
use crate::model::{Problem, Scenario, validate};
use crate::store::Library;
use crate::{humanize, report};

/// Searches the highest load that meets a scenario's targets.
pub fn search(args: &SearchArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    check_report_places(&args.kept.reports)?;
    let scenario = prepared(args, place)?;
    let library_path = place.path()?;
    let progress = if args.json { Progress::Quiet } else { Progress::choose(&args.progress) };
    advise(&scenario, 1.0, place);
    let settings = refused(SearchSettings::of(&scenario))?;
    let watcher = thread::current();
    let live = launch::search(Launch {
        scenario: scenario.clone(),
        files_root: Path::new(&args.scenario).parent().map(Path::to_owned),
        time_scale: 1.0,
        n_workers: args.workers.map(usize::from),
        labels: args.kept.labels(),
        sandbox: None,
        library: &library_path,
        look_back: LookBack::AllAndRecent,
        wake: Box::new(move || watcher.unpark()),
    })?;
    // Not before: as long as nothing runs, Ctrl-C may end the program as usual.
    let interrupts = Interrupts::listen(thread::current())?;
    let mut view = view::open(progress, live.run().scenario(), &opening_line(&scenario, &settings));
    let mut n_told = 0;
    watch(live.run(), &interrupts, view.as_mut(), &mut |view| {
        tell_probes(&live, progress, &mut n_told, view)
    });
    let library = Library::open(&library_path)?;
    let run = SummedUp::load(&library, live.run().run_id())?;
    let written = write_reports(&run, &args.kept.reports);
    let outcome = run.diagnosis.search.as_ref();
    let outcome =
        outcome.ok_or_else(|| CliError::Fault("the search cannot be read from its run".to_owned()))?;
    tell(args, progress, &run, outcome)?;
    if progress != Progress::JsonLines && progress != Progress::Quiet {
        print(&format!("\nKept as run {} in {}\n", run.record.run_id, library_path.display()))?;
    }
    written?;
    Ok(if interrupts.n_interrupts() > 0 { Exit::Interrupted } else { exit_of(outcome.end) })
}

/// The scenario with what was asked for, checked again: the command line can ask for what no file may.
fn prepared(args: &SearchArgs, place: LibraryPlace<'_>) -> Result<Scenario, CliError> {
    let mut scenario = scenario_file::read_runnable(&args.scenario, &place.own_presets()?, &args.setup)?;
    scenario.search = Some(args.over(scenario.search));
    let problems: Vec<Problem> = validate(&scenario);
    let of_search: Vec<&Problem> =
        problems.iter().filter(|problem| problem.is_error() && problem.field.starts_with("search")).collect();
    if let Some(problem) = of_search.first() {
        let option = problem.field.trim_start_matches("search.").replace('_', "-");
        return Err(CliError::BadInput(format!("--{option}: {}. {}", problem.message, problem.remedy)));
    }
    refused(search_scenario(&scenario))?;
    Ok(scenario)
}

fn refused<T>(made: Result<T, crate::analysis::search::SearchRefusal>) -> Result<T, CliError> {
    made.map_err(|refusal| CliError::BadInput(refusal.0))
}

fn opening_line(scenario: &Scenario, settings: &SearchSettings) -> String {
    format!(
        "{} · {} · search for the highest load with {} · from {}, each held for {} or longer",
        scenario.name,
        scenario.base_url,
        settings.target_words(),
        settings.level_text(settings.start),
        humanize::span(settings.hold),
    )
}

/// Tells probes as they are judged; plain lines have them among the run's notes.
fn tell_probes(live: &LiveSearch, progress: Progress, n_told: &mut usize, view: &mut dyn View) {
    let standing = live.standing();
    for probe in standing.probes.iter().skip(*n_told) {
        match progress {
            Progress::Terminal => view.say(&probe.line(live.settings())),
            Progress::JsonLines => {
                let mut event = report::search_probe_json(live.settings(), probe);
                event["event"] = "probe".into();
                // The run goes on even where nobody reads.
                let _ = print(&format!("{event}\n"));
            }
            Progress::Plain | Progress::Quiet => {}
        }
    }
    *n_told = standing.probes.len().max(*n_told);
}

fn tell(
    args: &SearchArgs,
    progress: Progress,
    run: &SummedUp,
    outcome: &SearchOutcome,
) -> Result<(), CliError> {
    let mut value = report::search_json(outcome);
    value["run_id"] = run.record.run_id.0.into();
    if args.json {
        return print_json(&value);
    }
    if progress == Progress::JsonLines {
        value["event"] = "search".into();
        return print(&format!("{value}\n"));
    }
    let mut text = String::new();
    if progress != Progress::Quiet {
        text += &format!("\n{}\n", probe_table(outcome));
    }
    text += &format!("\n{}\n", outcome.sentence);
    for note in &outcome.notes {
        text += &format!("  • {note}\n");
    }
    for report in &args.kept.reports {
        text += &format!("Report: {}\n", report.path.display());
    }
    print(&text)
}

fn probe_table(outcome: &SearchOutcome) -> comfy_table::Table {
    let settings = &outcome.settings;
    let first = settings.targets.iter().find(|target| target.is_of_latency());
    let latency = first.map_or_else(|| "Response time".to_owned(), |target| target.metric.to_string());
    let load = if settings.is_open { "Achieved of offered" } else { "Requests" };
    let titles = ["Probe", "Level", "Held", &latency, "Errors", load, "In flight (trend)", "Verdict", "Why"];
    let row = |probe: &Probe| {
        vec![
            probe.name(),
            settings.level_text(probe.plan.level),
            probe.held_text(),
            latency_text(settings, probe),
            errors_text(settings, probe),
            load_text(probe),
            in_flight_text(probe),
            probe.verdict().name().to_owned(),
            probe.judgement.reasons.join("; "),
        ]
    };
    table(&titles, 1..7, outcome.probes.iter().map(row))
}

fn exit_of(end: SearchEnd) -> Exit {
    match end {
        SearchEnd::Confirmed => Exit::Pass,
        SearchEnd::LowestFails => Exit::Fail,
        SearchEnd::LowestUndecided
        | SearchEnd::NotConfirmed
        | SearchEnd::NotMonotone { .. }
        | SearchEnd::GeneratorLimited
        | SearchEnd::NeverDrained
        | SearchEnd::Interrupted => Exit::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_confirmed_answer_is_a_success() {
        assert_eq!(exit_of(SearchEnd::Confirmed), Exit::Pass);
        assert_eq!(exit_of(SearchEnd::LowestFails), Exit::Fail);
        for end in [
            SearchEnd::LowestUndecided,
            SearchEnd::NotConfirmed,
            SearchEnd::NotMonotone { failed: 2, passed: 5 },
            SearchEnd::GeneratorLimited,
            SearchEnd::NeverDrained,
            SearchEnd::Interrupted,
        ] {
            assert_eq!(exit_of(end), Exit::Inconclusive, "{end:?}");
        }
    }
}
