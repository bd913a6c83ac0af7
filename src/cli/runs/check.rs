//! `runs check`: is the library sound, and what can be saved of it.

use serde_json::{Value, json};

use crate::cli::{
    LibraryPlace,
    exit::{CliError, Exit},
    out::{complain, print, print_json},
};
use crate::store::{Checkup, Finding, FindingWeight, Library, Repaired, check_library, repair_library};

use super::list::{runs, sum_up};

/// Exits with 0 where all is well or was made well without a loss.
pub(super) fn check(place: LibraryPlace<'_>, repair: bool, as_json: bool) -> Result<Exit, CliError> {
    let path = place.path()?;
    if !repair {
        let checkup = check_library(&path)?;
        if as_json {
            print_json(&checkup_json(&checkup))?;
        } else {
            print(&checkup_text(&checkup))?;
        }
        return Ok(exit(checkup.is_sound()));
    }
    let repaired = repair_library(&path)?;
    let library = Library::open(&path)?;
    for run_id in &repaired.without_digest {
        if let Err(error) = sum_up(&library, *run_id) {
            complain(&format!("run {run_id} cannot be summed up: {error}"));
        }
    }
    if as_json {
        print_json(&repaired_json(&repaired))?;
    } else {
        print(&repaired_text(&repaired, &path.display().to_string()))?;
    }
    Ok(exit(repaired.losses.is_empty()))
}

fn exit(is_well: bool) -> Exit {
    if is_well { Exit::Pass } else { Exit::Fail }
}

fn checkup_text(checkup: &Checkup) -> String {
    let mut text = findings_text(checkup);
    text += &match checkup.is_sound() {
        true => format!("The library is sound: {} looked through.\n", runs(checkup.n_runs as usize)),
        false => "`stagewright runs check --repair` repairs it; where kept data is damaged, the old file stays beside \
                  the new one.\n"
            .to_owned(),
    };
    text
}

fn findings_text(checkup: &Checkup) -> String {
    let line = |finding: &Finding| {
        let about = finding.run_id.map_or(String::new(), |run_id| format!("run {run_id}: "));
        format!("{:<8} {about}{}\n", weight_word(finding.weight), finding.text)
    };
    checkup.findings.iter().map(line).collect()
}

fn weight_word(weight: FindingWeight) -> &'static str {
    match weight {
        FindingWeight::Note => "note",
        FindingWeight::Derived | FindingWeight::NoDigest => "missing",
        FindingWeight::Damage => "damaged",
    }
}

fn repaired_text(repaired: &Repaired, path: &str) -> String {
    if repaired.checkup.is_sound() {
        return checkup_text(&repaired.checkup);
    }
    let mut text = findings_text(&repaired.checkup);
    for loss in &repaired.losses {
        let about = loss.run_id.map_or(String::new(), |run_id| format!("run {run_id}: "));
        text += &format!("lost     {about}{}\n", loss.text);
    }
    text += &match &repaired.old_file {
        None => "What was missing was made anew; nothing was lost.\n".to_owned(),
        Some(old_file) => {
            let lost = if repaired.losses.is_empty() { "Nothing was lost." } else { "All else was saved." };
            format!(
                "{lost} The old file is kept as {}; the repaired library is {path}.\n",
                old_file.display()
            )
        }
    };
    text
}

fn checkup_json(checkup: &Checkup) -> Value {
    let finding = |finding: &Finding| json!({ "run_id": finding.run_id, "weight": weight_word(finding.weight), "text": finding.text });
    json!({
        "is_sound": checkup.is_sound(),
        "n_runs": checkup.n_runs,
        "findings": checkup.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn repaired_json(repaired: &Repaired) -> Value {
    let losses = repaired.losses.iter().map(|loss| json!({ "run_id": loss.run_id, "text": loss.text }));
    json!({
        "found": checkup_json(&repaired.checkup),
        "losses": losses.collect::<Vec<_>>(),
        "old_file": repaired.old_file,
        "summed_up": repaired.without_digest,
    })
}
