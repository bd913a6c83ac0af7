//! `runs list`: the runs that are kept, or those that are asked for.

use serde_json::{Value, json};

use crate::analysis::summarize_precisely;
use crate::cli::{
    LibraryPlace,
    args::ListArgs,
    exit::CliError,
    out::{complain, print, print_json},
    summary_text::{finish_name, quantity},
    tables::table,
};
use crate::humanize;
use crate::metrics::{Finish, RunDigest, RunId};
use crate::model::Metric;
use crate::store::{Library, RunListing};

pub(super) fn list(place: LibraryPlace<'_>, args: &ListArgs) -> Result<(), CliError> {
    let filter = args.filter.to_filter();
    let library = place.open_existing()?;
    let mut listings = library.as_ref().map_or(Ok(Vec::new()), Library::runs)?;
    if let Some(library) = &library {
        sum_up_missing(library, &mut listings);
    }
    let n_kept = listings.len();
    listings.retain(|listing| filter.matches(listing));
    if args.json {
        return print_json(&listings.iter().map(listing_json).collect());
    }
    if n_kept == 0 {
        return print("No runs are kept yet; `stagewright run quickstart` makes the first.\n");
    }
    if listings.is_empty() {
        return print(&format!("None of the {} that are kept is like that.\n", runs(n_kept)));
    }
    let header = [
        "Run",
        "Started",
        "Scenario",
        "Environment",
        "Verdict",
        "Quality",
        "State",
        "Requests",
        "p95",
        "Throughput",
        "Errors",
        "On disk",
        "Marks",
        "Tags",
        "Note",
    ];
    let table = table(&header, 7..12, listings.iter().map(listing_row));
    let shown = if filter.is_empty() {
        String::new()
    } else {
        format!("{} of {}. ", humanize::count(listings.len() as u64), runs(n_kept))
    };
    print(&format!(
        "{table}\n{shown}Figures cover the steady part of each run, or what `runs show RUN` names.\n"
    ))
}

/// A number of runs in words.
pub(super) fn runs(n_runs: usize) -> String {
    humanize::counted(n_runs as u64, "run")
}

/// Sums up runs that ended before anyone could: those of a killed program, and of programs that told less.
fn sum_up_missing(library: &Library, listings: &mut [RunListing]) {
    for listing in listings.iter_mut().filter(|listing| listing.finish != Finish::Running) {
        if listing.digest.as_ref().is_none_or(|digest| digest.quality.is_none()) {
            match sum_up(library, listing.run_id) {
                Ok(digest) => listing.digest = Some(digest),
                // The list is still worth showing.
                Err(error) => complain(&format!("run {} cannot be summed up: {error}", listing.run_id)),
            }
        }
    }
}

/// Draws up a run's headline numbers and keeps them.
pub(super) fn sum_up(library: &Library, run_id: RunId) -> Result<RunDigest, CliError> {
    let digest = summarize_precisely(&library.open_run(run_id)?)?.digest();
    library.keep_digest(run_id, &digest)?;
    Ok(digest)
}

fn listing_row(listing: &RunListing) -> Vec<String> {
    let digest = listing.digest.as_ref();
    let p95 = digest.and_then(RunDigest::p95_reading).map(|reading| reading.text());
    let throughput = digest.map(|digest| digest.throughput_per_sec);
    let marks = [(listing.is_baseline, "baseline"), (listing.is_starred, "starred")];
    let marks: Vec<&str> = marks.iter().filter(|(is_set, _)| *is_set).map(|(_, word)| *word).collect();
    vec![
        listing.run_id.to_string(),
        humanize::moment(listing.started_at_unix_millis),
        listing.scenario_name.clone(),
        listing.environment.clone().unwrap_or_default(),
        digest.map_or("", |digest| digest.verdict.name()).to_owned(),
        digest.and_then(|digest| digest.quality).map_or("", |quality| quality.name()).to_owned(),
        finish_name(listing.finish).to_owned(),
        digest.map_or(String::new(), |digest| humanize::count(digest.n_requests)),
        p95.unwrap_or_else(|| humanize::MISSING.to_owned()),
        quantity(Metric::Throughput, throughput),
        quantity(Metric::ErrorShare, digest.and_then(|digest| digest.error_ratio)),
        if listing.n_bytes > 0 { humanize::bytes(listing.n_bytes) } else { String::new() },
        marks.join(", "),
        listing.tags.join(", "),
        listing.note.lines().next().unwrap_or_default().to_owned(),
    ]
}

fn listing_json(listing: &RunListing) -> Value {
    let digest = listing.digest.as_ref();
    let millis = |value: fn(&RunDigest) -> Option<std::time::Duration>| {
        digest.and_then(value).map(|time| time.as_micros() as f64 / 1e3)
    };
    json!({
        "run_id": listing.run_id,
        "started_at": humanize::moment(listing.started_at_unix_millis),
        "started_at_unix_millis": listing.started_at_unix_millis,
        "scenario": listing.scenario_name,
        "base_url": listing.base_url,
        "environment": listing.environment,
        "fingerprint": listing.fingerprint,
        "state": listing.finish,
        "n_seconds": listing.n_seconds,
        "n_bytes": listing.n_bytes,
        "verdict": digest.map(|digest| digest.verdict),
        "quality": digest.and_then(|digest| digest.quality),
        "window": digest.map(|digest| &digest.window),
        "n_requests": digest.map(|digest| digest.n_requests),
        "response_time_mean_millis": millis(|digest| digest.mean),
        "response_time_p50_millis": millis(|digest| digest.p50),
        "response_time_p90_millis": millis(|digest| digest.p90),
        "response_time_p95_millis": millis(|digest| digest.p95),
        "response_time_p95_interval_95": digest.and_then(|digest| digest.p95_interval).map(|interval| json!({
            "low_millis": interval.low.map(|low| low.as_micros() as f64 / 1e3),
            "high_millis": interval.high.map(|high| high.as_micros() as f64 / 1e3),
            "n": interval.n_samples,
            "n_effective": interval.n_effective,
        })),
        "response_time_p95_hidden_beyond_millis": millis(|digest| digest.p95_beyond),
        "response_time_p99_millis": millis(|digest| digest.p99),
        "throughput_per_sec": digest.map(|digest| digest.throughput_per_sec),
        "error_ratio": digest.and_then(|digest| digest.error_ratio),
        "tags": listing.tags,
        "labels": listing.labels,
        "note": listing.note,
        "is_baseline": listing.is_baseline,
        "is_starred": listing.is_starred,
    })
}
