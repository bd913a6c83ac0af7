//! `runs`: what is kept, and the care for it.

use serde_json::{Value, json};

use crate::analysis::summarize;
use crate::metrics::{Finish, RunDigest, RunId};
use crate::model::Metric;
use crate::store::{Library, RunListing};
use crate::{humanize, report};

use super::{
    LibraryPlace,
    args::{RunReference, RunsCommand},
    exit::{CliError, Exit},
    out::{complain, print, print_json},
    run::load_summed_up,
    summary_text::{finish_name, quantity, summary_text},
    tables::table,
};

/// Obeys a `runs` command.
pub fn obey(command: &RunsCommand, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    match command {
        RunsCommand::List { json } => list(place, *json)?,
        RunsCommand::Show { run, json } => show(place, run, *json)?,
        RunsCommand::Tag { run, tags, remove } => tag(place, run, tags, *remove)?,
        RunsCommand::Note { run, text } => note(place, run, text)?,
        RunsCommand::Baseline { run, clear } => baseline(place, run, *clear)?,
        RunsCommand::Delete { run } => delete(place, run)?,
        RunsCommand::Restore { run_id } => restore(place, RunId(*run_id))?,
        RunsCommand::Purge => purge(place)?,
    }
    Ok(Exit::Pass)
}

fn list(place: LibraryPlace<'_>, as_json: bool) -> Result<(), CliError> {
    let library = place.open_existing()?;
    let mut listings = library.as_ref().map_or(Ok(Vec::new()), Library::runs)?;
    if let Some(library) = &library {
        sum_up_missing(library, &mut listings);
    }
    if as_json {
        return print_json(&listings.iter().map(listing_json).collect());
    }
    if listings.is_empty() {
        return print("No runs are kept yet; `stagewright run quickstart` makes the first.\n");
    }
    let header = [
        "Run",
        "Started",
        "Scenario",
        "Verdict",
        "State",
        "Requests",
        "p95",
        "Throughput",
        "Errors",
        "Baseline",
        "Tags",
        "Note",
    ];
    let table = table(&header, 5..9, listings.iter().map(listing_row));
    print(&format!("{table}\nFigures cover the steady part of each run, or what `runs show RUN` names.\n"))
}

/// Sums up runs that ended before anyone could: those of a killed program.
fn sum_up_missing(library: &Library, listings: &mut [RunListing]) {
    for listing in listings.iter_mut().filter(|listing| listing.finish != Finish::Running) {
        // Digests of before tell less.
        if listing.digest.as_ref().is_none_or(|digest| digest.quality.is_none()) {
            match sum_up(library, listing.run_id) {
                Ok(digest) => listing.digest = Some(digest),
                // The list is still worth showing.
                Err(error) => complain(&format!("run {} cannot be summed up: {error}", listing.run_id)),
            }
        }
    }
}

fn sum_up(library: &Library, run_id: RunId) -> Result<RunDigest, CliError> {
    let digest = summarize(&library.load(run_id)?)?.digest();
    library.keep_digest(run_id, &digest)?;
    Ok(digest)
}

fn listing_row(listing: &RunListing) -> Vec<String> {
    let digest = listing.digest.as_ref();
    let seconds = digest.and_then(|digest| digest.p95).map(|p95| p95.as_secs_f64());
    let throughput = digest.map(|digest| digest.throughput_per_sec);
    vec![
        listing.run_id.to_string(),
        humanize::moment(listing.started_at_unix_millis),
        listing.scenario_name.clone(),
        digest.map_or("", |digest| digest.verdict.name()).to_owned(),
        finish_name(listing.finish).to_owned(),
        digest.map_or(String::new(), |digest| humanize::count(digest.n_requests)),
        quantity(Metric::Quantile(0.95), seconds),
        quantity(Metric::Throughput, throughput),
        quantity(Metric::ErrorShare, digest.and_then(|digest| digest.error_ratio)),
        if listing.is_baseline { "baseline" } else { "" }.to_owned(),
        listing.tags.join(", "),
        listing.note.lines().next().unwrap_or_default().to_owned(),
    ]
}

fn listing_json(listing: &RunListing) -> Value {
    let digest = listing.digest.as_ref();
    let p95 = digest.and_then(|digest| digest.p95);
    json!({
        "run_id": listing.run_id,
        "started_at": humanize::moment(listing.started_at_unix_millis),
        "started_at_unix_millis": listing.started_at_unix_millis,
        "scenario": listing.scenario_name,
        "base_url": listing.base_url,
        "state": listing.finish,
        "n_seconds": listing.n_seconds,
        "verdict": digest.map(|digest| digest.verdict),
        "window": digest.map(|digest| &digest.window),
        "n_requests": digest.map(|digest| digest.n_requests),
        "response_time_p95_millis": p95.map(|p95| p95.as_micros() as f64 / 1e3),
        "throughput_per_sec": digest.map(|digest| digest.throughput_per_sec),
        "error_ratio": digest.and_then(|digest| digest.error_ratio),
        "tags": listing.tags,
        "labels": listing.labels,
        "note": listing.note,
        "is_baseline": listing.is_baseline,
    })
}

fn show(place: LibraryPlace<'_>, run: &RunReference, as_json: bool) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    let (record, summary) = load_summed_up(&library, run_id)?;
    if as_json {
        return print_json(&report::json(&record, &summary));
    }
    let mut text = summary_text(&record, &summary);
    text += &format!("\nKept as run {run_id} in {}\n", library.path().display());
    print(&text)
}

fn tag(place: LibraryPlace<'_>, run: &RunReference, tags: &[String], remove: bool) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    for tag in tags {
        if remove {
            library.remove_tag(run_id, tag)?;
        } else {
            library.add_tag(run_id, tag)?;
        }
    }
    let tags = tags.join(", ");
    print(&if remove {
        format!("Run {run_id} is no longer tagged {tags}.\n")
    } else {
        format!("Run {run_id} is tagged {tags}.\n")
    })
}

fn note(place: LibraryPlace<'_>, run: &RunReference, text: &str) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    library.replace_note(run_id, text)?;
    print(&format!("The note of run {run_id} is {}.\n", if text.is_empty() { "removed" } else { "kept" }))
}

fn baseline(place: LibraryPlace<'_>, run: &RunReference, clear: bool) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    library.mark_baseline(run_id, !clear)?;
    print(&if clear {
        format!("Run {run_id} is no longer a baseline.\n")
    } else {
        format!("Run {run_id} is now the baseline of its scenario and base URL.\n")
    })
}

fn delete(place: LibraryPlace<'_>, run: &RunReference) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    library.delete(run_id)?;
    print(&format!(
        "Run {run_id} is hidden. `stagewright runs restore {run_id}` brings it back; \
         `stagewright runs purge` removes hidden runs for good.\n"
    ))
}

fn restore(place: LibraryPlace<'_>, run_id: RunId) -> Result<(), CliError> {
    place.open()?.restore(run_id)?;
    print(&format!("Run {run_id} is back.\n"))
}

fn purge(place: LibraryPlace<'_>) -> Result<(), CliError> {
    place.open()?.purge()?;
    print("Hidden runs are removed for good.\n")
}

fn open_run(place: LibraryPlace<'_>, run: &RunReference) -> Result<(Library, RunId), CliError> {
    let library = place.open()?;
    let run_id = library.resolve(&run.0)?;
    Ok((library, run_id))
}
