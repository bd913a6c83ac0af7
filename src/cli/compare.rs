//! `compare`: two runs beside each other.

use std::path::Path;

use crate::analysis::{self, Change, Comparison, metric_words, scope_words};
use crate::metrics::RunId;
use crate::model::Scope;
use crate::store::write_file;
use crate::{humanize, report};

use super::{
    LibraryPlace,
    args::{CompareArgs, ReportFormat},
    exit::{CliError, Exit},
    out::{print, print_json},
    run::load_summed_up,
    summary_text::quantity,
    tables::table,
};

/// Compares two kept runs.
pub fn compare(args: &CompareArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let format = args.output.as_deref().map(comparison_format).transpose()?;
    let library = place.open()?;
    let load = |reference: &str| load_summed_up(&library, library.resolve(reference)?);
    let (baseline, candidate) = (load(&args.baseline.0)?, load(&args.candidate.0)?);
    let comparison = analysis::compare((&baseline.0, &baseline.1), (&candidate.0, &candidate.1));
    match (&args.output, format) {
        (Some(path), Some(format)) => {
            write_file(path, &comparison_text(&comparison, format))?;
            print(&format!("Comparison: {}\n", path.display()))?;
        }
        _ if args.json => print_json(&report::comparison_json(&comparison))?,
        _ => print(&comparison_lines(&comparison))?,
    }
    Ok(Exit::Pass)
}

/// A comparison for a terminal.
pub fn comparison_lines(comparison: &Comparison) -> String {
    let run = |run_id: RunId| format!("Run {run_id}");
    let mut text = format!("{}\n", comparison.sentence);
    for caution in &comparison.cautions {
        text += &format!("  • {caution}\n");
    }
    let header =
        ["Scope", "Metric", &run(comparison.baseline), &run(comparison.candidate), "Change", "Relative"];
    text += &format!("\n{}\n", table(&header, 2..6, comparison.changes.iter().map(change_row)));
    text += &format!(
        "Windows: {} ({}), {} ({})\n",
        run(comparison.baseline),
        comparison.baseline_window,
        run(comparison.candidate),
        comparison.candidate_window
    );
    if !comparison.setup_differences.is_empty() {
        text += "\nWhat differs in the set-up\n";
        for difference in &comparison.setup_differences {
            text += &format!("  • {difference}\n");
        }
    }
    text
}

/// The comparison's headline numbers alone.
pub fn headline_only(comparison: &Comparison) -> Comparison {
    let mut headline = comparison.clone();
    headline.changes.retain(|change| change.scope == Scope::Run);
    headline
}

/// How a comparison is written to a file.
#[derive(Clone, Copy)]
enum ComparisonFormat {
    Markdown,
    Json,
}

fn comparison_format(path: &Path) -> Result<ComparisonFormat, CliError> {
    match ReportFormat::of(path) {
        Ok(ReportFormat::Md) => Ok(ComparisonFormat::Markdown),
        Ok(ReportFormat::Json) => Ok(ComparisonFormat::Json),
        _ => Err(CliError::BadInput(format!(
            "a comparison is written as .md or .json; name such a file: {}",
            path.display()
        ))),
    }
}

fn comparison_text(comparison: &Comparison, format: ComparisonFormat) -> String {
    match format {
        ComparisonFormat::Markdown => report::comparison_markdown(comparison),
        ComparisonFormat::Json => format!("{:#}\n", report::comparison_json(comparison)),
    }
}

fn change_row(change: &Change) -> Vec<String> {
    vec![
        scope_words(&change.scope),
        metric_words(change.metric),
        quantity(change.metric, change.baseline),
        quantity(change.metric, change.candidate),
        change.absolute_text().unwrap_or_else(|| humanize::MISSING.to_owned()),
        change.relative().map_or_else(|| humanize::MISSING.to_owned(), humanize::change),
    ]
}
