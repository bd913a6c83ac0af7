//! `runs export` and `runs import`: one run as one file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{
    LibraryPlace,
    args::RunReference,
    exit::{CliError, Exit},
    out::{complain, print, print_json},
};
use crate::humanize;
use crate::store::{Imported, Library, StoreError};

pub(super) fn export(place: LibraryPlace<'_>, run: &RunReference, output: &Path) -> Result<(), CliError> {
    let (library, run_id) = super::open_run(place, run)?;
    library.export(run_id, output)?;
    let size =
        std::fs::metadata(output).map_or(String::new(), |file| format!(", {}", humanize::bytes(file.len())));
    print(&format!(
        "Run {run_id}: {}{size}. `stagewright runs import` takes it into another library.\n",
        output.display()
    ))
}

/// Takes in what can be taken in; each file is told on its own.
pub(super) fn import(place: LibraryPlace<'_>, files: &[PathBuf], as_json: bool) -> Result<Exit, CliError> {
    let library = Library::open(&place.path()?)?;
    let outcomes: Vec<_> = files.iter().map(|file| (file, library.import(file))).collect();
    let n_refused = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    if as_json {
        print_json(&outcomes.iter().map(|(file, outcome)| outcome_json(file, outcome)).collect())?;
    }
    for (file, outcome) in &outcomes {
        match outcome {
            Ok(_) if as_json => {}
            Ok(imported) => print(&format!("{}\n", imported_words(file, imported)))?,
            Err(error) => complain(&format!("error: {error}")),
        }
    }
    Ok(if n_refused == 0 { Exit::Pass } else { Exit::BadInput })
}

fn imported_words(file: &Path, imported: &Imported) -> String {
    let file = file.display();
    match imported {
        Imported::As { run_id, original_id, scenario_name } if run_id == original_id => {
            format!("{file}: run {run_id}, {scenario_name}.")
        }
        Imported::As { run_id, original_id, scenario_name } => format!(
            "{file}: run {run_id}, {scenario_name}. It was run {original_id} where it was exported, a number that \
             another run of this library has or had."
        ),
        Imported::AlreadyThere { run_id, is_deleted: false } => {
            format!("{file}: this very run is here already, as run {run_id}; nothing was changed.")
        }
        Imported::AlreadyThere { run_id, is_deleted: true } => format!(
            "{file}: this very run is here already, as run {run_id}, and hidden; `stagewright runs restore {run_id}` \
             brings it back. Nothing was changed."
        ),
    }
}

fn outcome_json(file: &Path, outcome: &Result<Imported, StoreError>) -> Value {
    match outcome {
        Ok(Imported::As { run_id, original_id, scenario_name }) => json!({
            "file": file, "outcome": "imported", "run_id": run_id, "original_run_id": original_id,
            "scenario": scenario_name,
        }),
        Ok(Imported::AlreadyThere { run_id, is_deleted }) => json!({
            "file": file, "outcome": "already there", "run_id": run_id, "is_deleted": is_deleted,
        }),
        Err(error) => json!({ "file": file, "outcome": "refused", "reason": error.to_string() }),
    }
}
