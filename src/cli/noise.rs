//! `noise`: repeated runs of one scenario against each other, and which change they can show.

use serde_json::{Value, json};

use crate::analysis::noise::{CHANGES_ASKED_FOR, MetricNoise, noise_heads, noise_note};
use crate::launch::{NoiseError, RunNoise, SERIES_LABEL, noise_of_kept};
use crate::metrics::RunId;
use crate::store::{Library, RunListing};

use super::{
    LibraryPlace,
    exit::{CliError, Exit},
    history_args::NoiseArgs,
    out::{print, print_json},
    tables::table,
};

/// Says how much repeated runs differ.
pub fn noise(args: &NoiseArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let library = place.open()?;
    let listings = library.runs()?;
    let chosen = match &args.series {
        Some(series) => of_series(&listings, series)?,
        None => of_references(&library, &listings, args)?,
    };
    let noise = noise_of_kept(&library, &chosen, &|| false, &mut |_| {})?;
    let noise = noise.ok_or_else(|| CliError::Fault("the reading of runs was given up".to_owned()))?;
    if args.json {
        print_json(&noise_json(&noise))?
    } else {
        print(&noise_lines(&noise))?
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

impl From<NoiseError> for CliError {
    fn from(error: NoiseError) -> Self {
        match error {
            NoiseError::Damaged(error) => error.into(),
            _ => Self::BadInput(error.to_string()),
        }
    }
}

fn noise_lines(noise: &RunNoise) -> String {
    let n_runs = noise.runs.len();
    let runs: Vec<String> = noise.runs.iter().map(RunId::to_string).collect();
    let mut text = format!("{}: {n_runs} runs against each other ({})\n", noise.scenario, runs.join(", "));
    for sentence in noise.sentences() {
        text += &format!("  {sentence}\n");
    }
    for caution in &noise.cautions {
        text += &format!("  • {caution}\n");
    }
    let rows = noise.metrics.iter().map(|metric| metric.cells().to_vec());
    text += &format!("\n{}\n", table(&noise_heads().each_ref().map(String::as_str), 1..9, rows));
    text += &format!("{}\n", noise_note(n_runs));
    text
}

fn noise_json(noise: &RunNoise) -> Value {
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
        "scenario": noise.scenario,
        "runs": noise.runs,
        "cautions": noise.cautions,
        "metrics": noise.metrics.iter().map(metric).collect::<Vec<_>>(),
    })
}
