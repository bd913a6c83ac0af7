//! `report --verify`: makes reports again from their runs, and names every place that differs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::humanize;
use crate::launch::report_texts_of;
use crate::metrics::RunId;
use crate::report::{
    NewFile, Paper, Provenance, REPORT_FORMAT, ReportOptions,
    verify::{Difference, MAX_DIFFERENCES, What, differences, provenance_of, remade},
};
use crate::store::{Library, read_text_file};

use super::{
    LibraryPlace,
    exit::{CliError, Exit},
    out::{complain, print, print_json},
    report::{beside, templates},
    report_args::ReportArgs,
    summed_up::{SummedUp, check_templates},
};

/// The largest report that is read.
const MAX_BYTES: u64 = 256 << 20;
/// Differences that are told in words.
const MAX_TOLD: usize = 50;

/// What came of a report.
struct Checked {
    file: PathBuf,
    provenance: Provenance,
    /// What to know before judging the differences.
    notes: Vec<String>,
    differences: Vec<Difference>,
}

/// Verifies the reports that were named.
pub fn verify(args: &ReportArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let library = place.open()?;
    let run_id = args.run.as_ref().map(|run| library.resolve(&run.0)).transpose()?;
    let mut exit = Exit::Pass;
    let mut answers = Vec::new();
    for file in &args.verify {
        match check(file, run_id, &library, args.templates.templates_from.as_deref()) {
            Ok(checked) => {
                if !checked.differences.is_empty() && exit == Exit::Pass {
                    exit = Exit::Fail;
                }
                if args.json { answers.push(checked.json()) } else { print(&checked.words())? }
            }
            Err(error) => {
                exit = error.exit();
                if args.json {
                    answers.push(refusal(file, &error))
                } else {
                    complain(&format!("error: {error}"))
                }
            }
        }
    }
    if args.json {
        print_json(&Value::Array(answers))?;
    }
    Ok(exit)
}

fn check(
    file: &Path,
    run_id: Option<RunId>,
    library: &Library,
    templates_from: Option<&Path>,
) -> Result<Checked, CliError> {
    let given = read_text_file(file, "read the report", MAX_BYTES)?;
    let refused = |why: String| CliError::BadInput(format!("{why}: {}", file.display()));
    let Some(provenance) = provenance_of(&given) else {
        return Err(refused(
            "nothing in this file says what it was made of, as every report of Stagewright does; it cannot be verified"
                .to_owned(),
        ));
    };
    if provenance.report_format > REPORT_FORMAT {
        return Err(refused(format!(
            "this report was written by a newer Stagewright, {} (its format is {}, this program knows up to \
             {REPORT_FORMAT}); verify it with that one",
            provenance.stagewright, provenance.report_format
        )));
    }
    let found = run_of(library, provenance.run, &provenance.identity)?;
    let found = found.ok_or_else(|| {
        refused(format!(
            "the run of this report is not in the library {} (run {}, identity {}); import it with `stagewright runs \
             import`, or name its library with --library",
            library.path().display(),
            provenance.run,
            provenance.identity
        ))
    })?;
    if let Some(run_id) = run_id.filter(|run_id| *run_id != found) {
        return Err(refused(format!("this is a report of run {found}, not of run {run_id}")));
    }
    let mut run = SummedUp::load(library, found)?;
    run.texts = report_texts_of(library, found)?;
    run.templates = templates(library, templates_from)?;
    // The run has another number where it was imported; the report calls it by the one at home.
    run.record.run_id = provenance.run;
    let against = match &provenance.against {
        None => None,
        Some(other) => {
            let found_other = run_of(library, other.run, &other.identity)?.ok_or_else(|| {
                refused(format!(
                    "the run that this report is compared with is not in the library (run {}, identity {}); import it",
                    other.run, other.identity
                ))
            })?;
            Some(beside(library, found, found_other)?)
        }
    };
    let options = ReportOptions::of(provenance.variant);
    let options = match &provenance.sections {
        Some(sections) => options.with(sections),
        None => options,
    };
    let paper = Paper { options, program: &provenance.stagewright, ..run.paper() };
    let paper = match &against {
        Some(against) => paper.beside(&against.comparison, &against.identity),
        None => paper,
    };
    check_templates(&paper)?;
    let made = remade(&paper, &given)?
        .ok_or_else(|| refused("the run gives no file of this name and kind any more".to_owned()))?;
    let notes = notes(&provenance, &Provenance::of(&paper));
    let mut differences = differences(&given, &made.text);
    for (others, must_be_there) in [(&made.shown, true), (&made.beside, false)] {
        for other in others {
            differences.extend(of_neighbour(file, other, must_be_there)?);
        }
    }
    differences.truncate(MAX_DIFFERENCES);
    Ok(Checked { file: file.to_path_buf(), differences, notes, provenance })
}

/// Where a file that lies beside a report differs from the one that the run gives.
fn of_neighbour(report: &Path, made: &NewFile, must_be_there: bool) -> Result<Vec<Difference>, CliError> {
    let path = neighbour_path(report, &made.path);
    if !path.exists() {
        let missing =
            || Difference { place: made.path.clone(), what: What::Missing { gives: "this file".to_owned() } };
        return Ok(must_be_there.then(missing).into_iter().collect());
    }
    let given = read_text_file(&path, "read what lies beside the report", MAX_BYTES)?;
    let mut found = differences(&given, &String::from_utf8_lossy(&made.bytes));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    found.iter_mut().for_each(|difference| difference.place = format!("{name}, {}", difference.place));
    Ok(found)
}

/// Where a file lies that was written as `made` beside a report: tables are named after it, charts stand in the text.
fn neighbour_path(report: &Path, made: &str) -> PathBuf {
    let stem = report.file_stem().unwrap_or_default().to_string_lossy();
    let name = made.strip_prefix("report-").filter(|_| made.ends_with(".csv"));
    report.with_file_name(name.map_or_else(|| made.to_owned(), |name| format!("{stem}-{name}")))
}

/// The run that a report names: by its identity, or by its number where it has none.
fn run_of(library: &Library, run_id: RunId, identity: &str) -> Result<Option<RunId>, CliError> {
    if identity.is_empty() {
        return Ok(library.resolve(&run_id.to_string()).ok());
    }
    Ok(library.run_of_identity(identity)?)
}

/// Why a report may differ though nobody changed it.
fn notes(said: &Provenance, made: &Provenance) -> Vec<String> {
    let mut notes = Vec::new();
    let this = env!("CARGO_PKG_VERSION");
    if said.stagewright != this {
        notes.push(format!(
            "It was written by Stagewright {}, and this is {this}: the two may write the same run differently.",
            said.stagewright
        ));
    }
    if said.texts != made.texts {
        notes.push(
            "The analyst's words that are kept with the run have changed since it was written: differences in them are \
             no wrong figures."
                .to_owned(),
        );
    }
    if said.projections != made.projections {
        notes.push(
            "The projections that are kept with this run, or with earlier ones, are not those of then: differences in \
             them are no wrong figures."
                .to_owned(),
        );
    }
    if said.templates != made.templates {
        notes.push(
            "It was written with other templates; name theirs with --templates-from, or their sentences differ."
                .to_owned(),
        );
    }
    notes
}

impl Checked {
    fn words(&self) -> String {
        let Self { file, provenance, notes, differences } = self;
        let mut text: String = notes.iter().map(|note| format!("{}: {note}\n", file.display())).collect();
        let run = provenance.run;
        if differences.is_empty() {
            return text + &format!("{}: everything in it is as run {run} gives it.\n", file.display());
        }
        let places = match differences.len() {
            1 => "1 place does".to_owned(),
            MAX_DIFFERENCES => format!("at least {} places do", humanize::count(MAX_DIFFERENCES as u64)),
            n => format!("{} places do", humanize::count(n as u64)),
        };
        text += &format!("{}: {places} not say what run {run} gives.\n", file.display());
        for difference in differences.iter().take(MAX_TOLD) {
            text += &format!("  {}\n", difference.words());
        }
        if differences.len() > MAX_TOLD {
            text += &format!("  and {} more\n", humanize::count((differences.len() - MAX_TOLD) as u64));
        }
        text
    }

    fn json(&self) -> Value {
        let difference = |difference: &Difference| {
            let (says, gives) = match &difference.what {
                What::Changed { says, gives } => (Some(says), Some(gives)),
                What::Missing { gives } => (None, Some(gives)),
                What::Added { says } => (Some(says), None),
            };
            json!({ "place": difference.place, "says": says, "run_gives": gives, "text": difference.words() })
        };
        json!({
            "file": self.file,
            "is_as_the_run_gives_it": self.differences.is_empty(),
            "made_of": self.provenance,
            "notes": self.notes,
            "n_differences": self.differences.len(),
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    }
}

fn refusal(file: &Path, error: &CliError) -> Value {
    json!({ "file": file, "is_as_the_run_gives_it": null, "error": error.to_string() })
}
