//! `compare`: two runs beside each other.

use crate::analysis::{self, Change, Comparison};
use crate::model::Scope;
use crate::store::write_file;
use crate::{humanize, report};

use super::{
    LibraryPlace,
    args::{CompareArgs, ReportFormat},
    exit::{CliError, Exit},
    out::{print, print_json},
    run::load_summed_up,
    summary_text::{quantity, table},
};

/// Compares two kept runs.
pub fn compare(args: &CompareArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let format = args.output.as_deref().map(ReportFormat::of).transpose().map_err(CliError::BadInput)?;
    let library = place.open()?;
    let load = |reference: &str| load_summed_up(&library, library.resolve(reference)?);
    let (baseline, candidate) = (load(&args.baseline.0)?, load(&args.candidate.0)?);
    let comparison = analysis::compare((&baseline.0, &baseline.1), (&candidate.0, &candidate.1));
    match (&args.output, format) {
        (Some(path), Some(format)) => {
            write_file(
                path,
                &comparison_text(&comparison, if args.json { ReportFormat::Json } else { format }),
            )?;
            print(&format!("Comparison: {}\n", path.display()))?;
        }
        _ if args.json => print_json(&report::comparison_json(&comparison))?,
        _ => print(&comparison_lines(&comparison))?,
    }
    Ok(Exit::Pass)
}

/// A comparison for a terminal.
pub fn comparison_lines(comparison: &Comparison) -> String {
    let mut text = format!("{}\n", comparison.sentence);
    for caution in &comparison.cautions {
        text += &format!("  • {caution}\n");
    }
    let rows = comparison.changes.iter().map(change_row);
    let (base, candidate) = (format!("Run {}", comparison.baseline), format!("Run {}", comparison.candidate));
    text += &format!("\n{}\n", table(&["Scope", "Metric", &base, &candidate, "Change"], 2..5, rows));
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

fn comparison_text(comparison: &Comparison, format: ReportFormat) -> String {
    match format {
        ReportFormat::Md => report::comparison_markdown(comparison),
        ReportFormat::Json => format!("{:#}\n", report::comparison_json(comparison)),
    }
}

fn change_row(change: &Change) -> Vec<String> {
    vec![
        change.scope.to_string(),
        change.metric.to_string(),
        quantity(change.metric, change.baseline),
        quantity(change.metric, change.candidate),
        change.relative().map_or_else(|| humanize::MISSING.to_owned(), humanize::change),
    ]
}
