//! `runs`: what is kept, and the care for it.

mod check;
mod exchange;
mod list;
mod prune;

use crate::analysis::summarize_precisely;
use crate::humanize;
use crate::metrics::RunId;
use crate::report;
use crate::store::Library;

use super::{
    LibraryPlace,
    args::{Assignment, RunReference, RunsCommand},
    exit::{CliError, Exit},
    out::{print, print_json},
    summary_text::summary_text,
    summed_up::SummedUp,
};

/// Obeys a `runs` command.
pub fn obey(command: &RunsCommand, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    match command {
        RunsCommand::List(args) => list::list(place, args)?,
        RunsCommand::Show { run, json } => show(place, run, *json)?,
        RunsCommand::Tag { run, tags, remove } => tag(place, run, tags, *remove)?,
        RunsCommand::Note { run, text } => note(place, run, text)?,
        RunsCommand::Star { run } => star(place, run, true)?,
        RunsCommand::Unstar { run } => star(place, run, false)?,
        RunsCommand::Label { run, labels, remove } => label(place, run, labels, remove)?,
        RunsCommand::Export { run, output } => exchange::export(place, run, output)?,
        RunsCommand::Import { files, json } => return exchange::import(place, files, *json),
        RunsCommand::Check { repair, json } => return check::check(place, *repair, *json),
        RunsCommand::Prune(args) => prune::prune(place, args)?,
        RunsCommand::Baseline { run, clear } => baseline(place, run, *clear)?,
        RunsCommand::Delete { run } => delete(place, run)?,
        RunsCommand::Restore { run_id } => restore(place, RunId(*run_id))?,
        RunsCommand::Purge => purge(place)?,
    }
    Ok(Exit::Pass)
}

fn show(place: LibraryPlace<'_>, run: &RunReference, as_json: bool) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    if as_json {
        return print_json(&report::json(&SummedUp::load(&library, run_id)?.paper()));
    }
    let run = library.open_run(run_id)?;
    let mut text = summary_text(&run.record, &summarize_precisely(&run)?);
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

fn star(place: LibraryPlace<'_>, run: &RunReference, is_starred: bool) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    library.star(run_id, is_starred)?;
    print(&format!("Run {run_id} is {}starred.\n", if is_starred { "" } else { "no longer " }))
}

fn label(
    place: LibraryPlace<'_>,
    run: &RunReference,
    labels: &[Assignment],
    removed: &[String],
) -> Result<(), CliError> {
    let (library, run_id) = open_run(place, run)?;
    for Assignment { name, value } in labels {
        library.put_label(run_id, name, value)?;
    }
    for name in removed {
        library.remove_label(run_id, name)?;
    }
    let labels = library.load(run_id)?.start.labels;
    let words: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    print(&match words.is_empty() {
        true => format!("Run {run_id} has no labels.\n"),
        false => format!("Run {run_id} is labelled {}.\n", words.join(", ")),
    })
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
    let purged = place.open()?.purge()?;
    print(&match purged.n_runs {
        0 => "No run is hidden.\n".to_owned(),
        n_runs => format!(
            "{} removed for good; the library takes {} less.\n",
            humanize::counted(n_runs, "hidden run"),
            humanize::bytes(purged.n_freed_bytes)
        ),
    })
}

fn open_run(place: LibraryPlace<'_>, run: &RunReference) -> Result<(Library, RunId), CliError> {
    let library = place.open()?;
    let run_id = library.resolve(&run.0)?;
    Ok((library, run_id))
}
