//! `noise`: repeated runs of one scenario against each other, and which change they can show.

use serde_json::{Value, json};

use crate::analysis::noise::{CHANGES_ASKED_FOR, GOOD_N_RUNS, MetricNoise, NOISE_METRICS, RunFigure};
use crate::analysis::{Summary, metric_text, metric_words};
use crate::humanize;
use crate::launch::SERIES_LABEL;
use crate::metrics::{RunId, Standing};
use crate::model::Metric;
use crate::store::{Library, RunListing};

use super::{
    LibraryPlace,
    exit::{CliError, Exit},
    history_args::NoiseArgs,
    out::{print, print_json},
    run::load_summed_up,
    tables::table,
};

/// What repeated runs say of noise.
struct Calibrated {
    scenario: String,
    runs: Vec<RunId>,
    metrics: Vec<MetricNoise>,
    cautions: Vec<String>,
}

/// Says how much repeated runs differ.
pub fn noise(args: &NoiseArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let library = place.open()?;
    let listings = library.runs()?;
    let chosen = match &args.series {
        Some(series) => of_series(&listings, series)?,
        None => of_references(&library, &listings, args)?,
    };
    let calibrated = calibrated(&library, &chosen)?;
    if args.json {
        print_json(&noise_json(&calibrated))?
    } else {
        print(&noise_lines(&calibrated))?
    }
    Ok(Exit::Pass)
}

fn of_series<'a>(listings: &'a [RunListing], series: &str) -> Result<Vec<&'a RunListing>, CliError> {
    let name = |listing: &'a RunListing| listing.labels.get(SERIES_LABEL);
    let chosen: Vec<_> =
        listings.iter().rev().filter(|listing| name(listing).is_some_and(|name| name == series)).collect();
    if chosen.is_empty() {
        let mut known: Vec<&str> = listings.iter().filter_map(name).map(String::as_str).collect();
        known.dedup();
        known.truncate(5);
        let known = if known.is_empty() { "none is kept".to_owned() } else { known.join(", ") };
        return Err(CliError::BadInput(format!(
            "no run is of this series; the newest series: {known}. Looked for: {series}"
        )));
    }
    Ok(chosen)
}

fn of_references<'a>(
    library: &Library,
    listings: &'a [RunListing],
    args: &NoiseArgs,
) -> Result<Vec<&'a RunListing>, CliError> {
    let mut chosen: Vec<&RunListing> = Vec::new();
    for reference in &args.runs {
        let run_id = library.resolve(&reference.0)?;
        let is_chosen = chosen.iter().any(|listing| listing.run_id == run_id);
        if let Some(listing) = listings.iter().find(|listing| listing.run_id == run_id && !is_chosen) {
            chosen.push(listing);
        }
    }
    Ok(chosen)
}

fn calibrated(library: &Library, chosen: &[&RunListing]) -> Result<Calibrated, CliError> {
    let [first, _, ..] = chosen else {
        return Err(CliError::BadInput(
            "noise shows between two runs or more; five or more tell well, as `run --repeat 5` makes them"
                .to_owned(),
        ));
    };
    if let Some(other) = chosen.iter().find(|listing| listing.scenario_name != first.scenario_name) {
        return Err(CliError::BadInput(format!(
            "runs {} and {} are of different scenarios: {} and {}",
            first.run_id, other.run_id, first.scenario_name, other.scenario_name
        )));
    }
    let mut summaries = Vec::new();
    for listing in chosen {
        summaries.push(load_summed_up(library, listing.run_id)?.1);
    }
    let metrics = NOISE_METRICS
        .iter()
        .filter_map(|metric| MetricNoise::of(*metric, &figures(&summaries, *metric)?))
        .collect();
    Ok(Calibrated {
        scenario: first.scenario_name.clone(),
        runs: chosen.iter().map(|listing| listing.run_id).collect(),
        metrics,
        cautions: cautions(chosen, &summaries),
    })
}

/// A metric of each run; none where a run has no such figure, or hides it behind its timeout.
fn figures(summaries: &[Summary], metric: Metric) -> Option<Vec<RunFigure>> {
    let figure = |summary: &Summary| {
        let reading = summary.reading(&summary.headline, metric)?;
        let bounds = summary.headline_intervals.at(metric);
        let interval = bounds.and_then(|found| Some((found.low?.as_secs_f64(), found.high?.as_secs_f64())));
        (!reading.is_censored).then_some(RunFigure { value: reading.value, interval })
    };
    summaries.iter().map(figure).collect()
}

fn cautions(chosen: &[&RunListing], summaries: &[Summary]) -> Vec<String> {
    let mut cautions = Vec::new();
    let n_runs = chosen.len();
    if n_runs < GOOD_N_RUNS {
        cautions.push(format!(
            "{n_runs} runs hardly tell how far runs spread: look at the bounds; {GOOD_N_RUNS} or more tell well."
        ));
    }
    if chosen.iter().any(|listing| listing.fingerprint != chosen[0].fingerprint) {
        cautions.push(
            "The runs differ in load, target, machine or version, so that their spread is more than noise."
                .to_owned(),
        );
    }
    let n_invalid = summaries.iter().filter(|summary| summary.quality.standing == Standing::Invalid).count();
    if n_invalid > 0 {
        cautions.push(format!(
            "The measurement of {} is invalid: part of the spread is the generator's.",
            humanize::counted(n_invalid as u64, "run")
        ));
    }
    cautions
}

fn noise_lines(calibrated: &Calibrated) -> String {
    let n_runs = calibrated.runs.len();
    let runs: Vec<String> = calibrated.runs.iter().map(RunId::to_string).collect();
    let mut text =
        format!("{}: {n_runs} runs against each other ({})\n", calibrated.scenario, runs.join(", "));
    for caution in &calibrated.cautions {
        text += &format!("  • {caution}\n");
    }
    let asked = CHANGES_ASKED_FOR.map(|change| format!("Runs for {}", humanize::percent(change)));
    let header = [
        "Metric",
        "Mean",
        "Between runs",
        "95 % bounds",
        "Within a run",
        "Shows from",
        &asked[0],
        &asked[1],
        &asked[2],
    ];
    text += &format!("\n{}\n", table(&header, 1..9, calibrated.metrics.iter().map(row)));
    text += &format!(
        "«Shows from»: the smallest change that a comparison of {n_runs} runs a side finds in 80 % of cases, at 5 % false \
         alarms. «Runs for»: how many runs a side find such a change as surely. Spreads are standard deviations of \
         logarithms.\n"
    );
    text
}

fn row(noise: &MetricNoise) -> Vec<String> {
    let (low, high) = noise.between_bounds;
    let mut cells = vec![
        metric_words(noise.metric),
        metric_text(noise.metric, noise.level.mean),
        spread(noise.between),
        format!("{} to {}", spread(low), spread(high)),
        noise.within.map_or_else(|| humanize::MISSING.to_owned(), spread),
        humanize::change(noise.detectable_change),
    ];
    let n_runs = |n: &Option<usize>| n.map_or_else(|| "> 1,000".to_owned(), |n| humanize::count(n as u64));
    cells.extend(noise.runs_needed.iter().map(n_runs));
    cells
}

/// A spread of logarithms as the percentage that it is about.
fn spread(spread: f64) -> String {
    humanize::percent(spread)
}

fn noise_json(calibrated: &Calibrated) -> Value {
    let metric = |noise: &MetricNoise| {
        let needed = CHANGES_ASKED_FOR.iter().zip(noise.runs_needed);
        json!({
            "metric": noise.metric.to_string(),
            "mean": noise.level.mean,
            "mean_interval_95": [noise.level.low, noise.level.high],
            "spread_between_runs": noise.between,
            "spread_between_runs_interval_95": [noise.between_bounds.0, noise.between_bounds.1],
            "spread_within_runs": noise.within,
            "detectable_change_ratio": noise.detectable_change,
            "runs_needed": needed.map(|(change, n_runs)| json!({
                "change_ratio": change,
                "n_runs_a_side": n_runs,
            })).collect::<Vec<_>>(),
        })
    };
    json!({
        "scenario": calibrated.scenario,
        "runs": calibrated.runs,
        "cautions": calibrated.cautions,
        "metrics": calibrated.metrics.iter().map(metric).collect::<Vec<_>>(),
    })
}
