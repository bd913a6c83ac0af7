//! The analyst's words on the command line: read, checked as a whole, kept with the run, and said so.

use std::path::Path;

use crate::analysis::listed;
use crate::model::Problem;
use crate::report::{Paper, ReportTexts, read_texts, write_texts};
use crate::store::{Library, read_text_file, write_file};

use super::{
    exit::CliError,
    out::complain,
    report_args::{WordArgs, Words},
};

/// The largest file of words.
const MAX_BYTES: u64 = 1 << 20;

/// The texts with what the command line says, and the names of what it says.
pub fn changed(texts: &ReportTexts, args: &WordArgs) -> Result<(ReportTexts, Vec<String>), CliError> {
    let mut changed = texts.clone();
    let mut names = Vec::new();
    if let Some(path) = &args.texts {
        // Numbers that were followed stay so, as far as their sentences stand.
        let marks = std::mem::replace(&mut changed, read_file(path)?).marks;
        changed.marks = marks;
        names.push(format!("the texts of {}", path.display()));
    }
    let fields = [
        ("title", &args.title, &mut changed.title),
        ("author", &args.author, &mut changed.author),
        ("audience", &args.audience, &mut changed.audience),
        ("summary", &args.summary, &mut changed.summary),
        ("notes", &args.notes, &mut changed.notes),
        ("approval", &args.approval, &mut changed.approval),
    ];
    for (name, words, field) in fields {
        if let Some(words) = words {
            *field = words.read()?;
            names.push(name.to_owned());
        }
    }
    Ok((changed, names))
}

/// Keeps texts with their run, unless anything is wrong with them; says what was kept and which numbers are no figures.
pub fn keep(
    library: &Library,
    texts: ReportTexts,
    names: &[String],
    paper: &Paper<'_>,
) -> Result<ReportTexts, CliError> {
    let problems = texts.problems(paper);
    if !problems.is_empty() {
        return Err(refused("the words were not kept", &problems));
    }
    let texts = texts.kept_with(paper);
    let run_id = paper.record.run_id;
    library.keep_report_texts(run_id, &texts.to_json())?;
    complain(&format!("Kept with run {run_id}: {}.", listed(names)));
    for (place, stranger) in texts.strangers() {
        complain(&format!("Note on {}: {}", place.field(), stranger.words()));
    }
    Ok(texts)
}

/// Writes texts into a new file.
pub fn write(path: &Path, texts: &ReportTexts) -> Result<(), CliError> {
    if path.exists() {
        return Err(CliError::BadInput(format!(
            "the texts were not written, as the file is there already; name another: {}",
            path.display()
        )));
    }
    Ok(write_file(path, &write_texts(texts))?)
}

fn read_file(path: &Path) -> Result<ReportTexts, CliError> {
    let text = read_text_file(path, "read the texts", MAX_BYTES)?;
    read_texts(&text).map_err(|problems| refused(&path.display().to_string(), &problems))
}

fn refused(what: &str, problems: &[Problem]) -> CliError {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    CliError::BadInput(format!("{what}:\n{}", lines.join("\n")))
}

impl Words {
    fn read(&self) -> Result<String, CliError> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::File(path) => read_text_file(path, "read the words", MAX_BYTES)?,
        };
        Ok(text.replace("\r\n", "\n").trim().to_owned())
    }
}
