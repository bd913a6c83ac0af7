//! `report`: the documents of a kept run, the analyst's words in them, and their verification.

use std::path::{Path, PathBuf};

use crate::launch::{BesideRun, beside_run, report_texts_of, templates_in};
use crate::metrics::RunId;
use crate::report::{Paper, ReportOptions, TemplateName, Templates, Variant, by_template};
use crate::store::{Library, OwnTemplates, read_template, write_file};

use super::{
    LibraryPlace,
    args::{ReportFormat, RunReference},
    exit::{CliError, Exit},
    out::{complain, print},
    report_args::{ContentArgs, ReportArgs},
    report_texts,
    summed_up::{SummedUp, report_text, write_reports},
    verify,
};

/// Writes the report of a run to standard output or files; keeps words with the run; verifies reports.
pub fn report(args: &ReportArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    if let Some(folder) = &args.templates.write_to {
        return write_templates(folder);
    }
    if !args.verify.is_empty() {
        return verify::verify(args, place);
    }
    let Some(reference) = &args.run else {
        return Err(CliError::BadInput(
            "name the run: a number, `latest` or `baseline`, as in `stagewright report latest`; or a report, as in \
             `stagewright report --verify report.md`"
                .to_owned(),
        ));
    };
    let formats = formats(args)?;
    let library = place.open()?;
    let run_id = library.resolve(&reference.0)?;
    let mut run = SummedUp::load(&library, run_id)?;
    run.templates = templates(&library, args.templates.templates_from.as_deref())?;
    let texts = report_texts_of(&library, run_id)?;
    let (changed, names) = report_texts::changed(&texts, &args.words)?;
    let is_changed = !args.words.is_empty();
    run.texts =
        if is_changed { report_texts::keep(&library, changed, &names, &run.paper())? } else { changed };
    if let Some(path) = &args.words.write_texts {
        report_texts::write(path, &run.texts)?;
        print(&format!("Texts: {}\n", path.display()))?;
        if args.outputs.is_empty() && args.templates.template.is_none() {
            return Ok(Exit::Pass);
        }
    }
    let against = args.contents.against.as_ref().map(|other| against(&library, run_id, other)).transpose()?;
    let paper = Paper { options: options(&args.contents, &run), ..run.paper() };
    let paper = match &against {
        Some(against) => paper.beside(&against.comparison, &against.identity),
        None => paper,
    };
    match &args.templates.template {
        Some(template) => write_by_template(template, &paper, &args.outputs)?,
        None => write_all(&paper, &formats, &args.outputs)?,
    }
    Ok(Exit::Pass)
}

/// Another run, beside which a report puts its own.
fn against(library: &Library, run_id: RunId, other: &RunReference) -> Result<BesideRun, CliError> {
    let other = library.resolve(&other.0)?;
    if other == run_id {
        return Err(CliError::BadInput(format!("run {run_id} cannot be compared with itself; name another")));
    }
    beside(library, run_id, other)
}

/// A run beside another.
pub fn beside(library: &Library, run_id: RunId, other: RunId) -> Result<BesideRun, CliError> {
    let beside = beside_run(library, run_id, other, &|| false, &mut |_| {})?;
    beside.ok_or_else(|| CliError::Fault("the comparison was given up".to_owned()))
}

/// What is asked for: by the command line, else as it was kept with the run.
fn options(args: &ContentArgs, run: &SummedUp) -> ReportOptions {
    let options = match args.variant {
        Some(variant) => ReportOptions::of(variant),
        None => run.texts.options(),
    };
    match (args.sections.is_empty(), args.without.is_empty()) {
        (false, _) => options.with(&args.sections),
        (true, false) => options.without(&args.without),
        (true, true) => options,
    }
}

/// The format of each output: the one asked for, else that of its ending; of standard output Markdown.
fn formats(args: &ReportArgs) -> Result<Vec<ReportFormat>, CliError> {
    let asked_for = args.format.or(args.json.then_some(ReportFormat::Json));
    let formats = match (asked_for, args.outputs.as_slice()) {
        _ if args.templates.template.is_some() => Vec::new(),
        (Some(format), []) => vec![format],
        (None, []) => vec![ReportFormat::Md],
        (Some(format), [_]) => vec![format],
        (Some(_), _) => {
            return Err(CliError::BadInput(
                "one format for several files: leave the format out, so that each file's ending chooses it"
                    .to_owned(),
            ));
        }
        (None, outputs) => outputs
            .iter()
            .map(|path| ReportFormat::of(path))
            .collect::<Result<_, _>>()
            .map_err(CliError::BadInput)?,
    };
    if args.contents.variant == Some(Variant::PullRequest)
        && formats.iter().any(|format| *format != ReportFormat::Md)
    {
        return Err(CliError::BadInput(
            "a pull-request comment is Markdown: write it to standard output or to a file that ends in .md"
                .to_owned(),
        ));
    }
    Ok(formats)
}

fn write_all(paper: &Paper<'_>, formats: &[ReportFormat], outputs: &[PathBuf]) -> Result<(), CliError> {
    if outputs.is_empty() {
        return formats.iter().try_for_each(|format| print(&report_text(paper, *format)?));
    }
    let placed: Vec<(&Path, ReportFormat)> =
        outputs.iter().map(PathBuf::as_path).zip(formats.iter().copied()).collect();
    write_reports(paper, &placed)?;
    outputs.iter().try_for_each(|path| print(&format!("Report: {}\n", path.display())))
}

fn write_by_template(template: &Path, paper: &Paper<'_>, outputs: &[PathBuf]) -> Result<(), CliError> {
    let source = read_template(template)?;
    let text = by_template(&template.display().to_string(), &source, paper)
        .map_err(|error| CliError::BadInput(error.to_string()))?;
    match outputs {
        [] => print(&text),
        [path] => {
            write_file(path, &text)?;
            print(&format!("Report: {}\n", path.display()))
        }
        _ => Err(CliError::BadInput("a template writes one text: name one file".to_owned())),
    }
}

/// The templates of a folder, which has to be there; else those beside the library, if there are any.
pub fn templates(library: &Library, folder: Option<&Path>) -> Result<Option<Templates>, CliError> {
    let own = match folder {
        Some(folder) => OwnTemplates::at(folder),
        None => OwnTemplates::beside(library.path()),
    };
    if let Some(folder) = folder.filter(|_| !own.exists()) {
        return Err(CliError::BadInput(format!(
            "there is no such folder of templates; `stagewright report --templates FOLDER` makes one: {}",
            folder.display()
        )));
    }
    let found = templates_in(&own)?;
    found.notes.iter().for_each(|note| complain(&format!("Note: {note}")));
    Ok(found.templates)
}

fn write_templates(folder: &Path) -> Result<Exit, CliError> {
    let templates = TemplateName::ALL.map(|name| (name.file_name(), name.built_in()));
    for path in OwnTemplates::at(folder).write(&templates)? {
        print(&format!("Template: {}\n", path.display()))?;
    }
    print(
        "Edit them, then use them with --templates-from, or put the folder beside the library under the name \
         report-templates.\n",
    )?;
    Ok(Exit::Pass)
}
