//! `compare`: two to eight runs beside each other.

use std::path::Path;

use crate::analysis::comparison::{CompareOptions, Comparison, ComparisonRow, Measured, RowScope};
use crate::analysis::{capitalized, metric_text, metric_words};
use crate::launch::{CompareError, SERIES_LABEL, compare_kept};
use crate::metrics::RunId;
use crate::model::{Metric, StepKey, StepMatches};
use crate::store::{Library, write_file};
use crate::{humanize, report};

use super::{
    LibraryPlace,
    args::{Assignment, ReportFormat},
    compare_args::CompareArgs,
    exit::{CliError, Exit},
    history_args::FailOn,
    out::{print, print_json},
    tables::table,
};

impl From<CompareError> for CliError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Damaged(error) => error.into(),
            _ => Self::BadInput(error.to_string()),
        }
    }
}

/// Compares kept runs with the first of them.
pub fn compare(args: &CompareArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let format = args.output.as_deref().map(comparison_format).transpose()?;
    let library = place.open()?;
    let references = std::iter::once(&args.baseline).chain(&args.candidates);
    let sides = references.map(|side| side_of(&library, &side.0)).collect::<Result<Vec<_>, _>>()?;
    let by_hand = step_matches(&library, &sides, &args.step_matches)?;
    let mut options = CompareOptions {
        alignment: args.align.into(),
        smallest_relevant: args.relevant.0,
        by_hand,
        ..CompareOptions::default()
    };
    if !args.percentiles.is_empty() {
        options.quantiles = args.percentiles.iter().map(|percentile| percentile.0).collect();
    }
    let comparison = compare_kept(&library, &sides, &options, &|| false, &mut |_| {})?
        .ok_or_else(|| CliError::Fault("the comparison was given up".to_owned()))?;
    match (&args.output, format) {
        (Some(path), Some(format)) => {
            write_file(path, &comparison_text(&comparison, format))?;
            print(&format!("Comparison: {}\n", path.display()))?;
        }
        _ if args.json => print_json(&report::comparison_json(&comparison))?,
        _ => print(&comparison_lines(&comparison))?,
    }
    Ok(if args.fail_on == Some(FailOn::Worse) && comparison.has_worse() { Exit::Fail } else { Exit::Pass })
}

/// A run, several with commas between them, or `series:NAME`: all its repetitions.
fn side_of(library: &Library, reference: &str) -> Result<Vec<RunId>, CliError> {
    if let Some(series) = reference.strip_prefix("series:") {
        let runs = library.runs()?;
        let mut of_series: Vec<RunId> = runs
            .iter()
            .filter(|run| run.labels.get(SERIES_LABEL).is_some_and(|label| label == series))
            .map(|run| run.run_id)
            .collect();
        of_series.sort();
        return match of_series.is_empty() {
            true => Err(CliError::BadInput(format!("no run of the library belongs to the series {series}"))),
            false => Ok(of_series),
        };
    }
    reference.split(',').map(|reference| Ok(library.resolve(reference)?)).collect()
}

/// How steps belong together, for each candidate: as remembered, and as was just said, which is remembered.
fn step_matches(
    library: &Library,
    sides: &[Vec<RunId>],
    said: &[Assignment],
) -> Result<Vec<StepMatches>, CliError> {
    let Some((baseline, candidates)) = sides.split_first() else { return Ok(Vec::new()) };
    let scenario = |side: &[RunId]| -> Result<_, CliError> {
        let run_id = side.first().ok_or_else(|| CliError::BadInput("a side without runs".to_owned()))?;
        Ok(library.load(*run_id)?.start.scenario)
    };
    let base = scenario(baseline)?;
    let key = |scenario: &crate::model::Scenario, name: &str| {
        scenario.sent_steps().find(|(_, _, step)| step.name == name).map(|(_, _, step)| StepKey::of(step))
    };
    let mut all = Vec::new();
    let mut n_used = vec![0; said.len()];
    for side in candidates {
        let candidate = scenario(side)?;
        let mut matches = library.step_matches(&base.name, &candidate.name)?;
        for (index, Assignment { name, value }) in said.iter().enumerate() {
            let Some(step) = key(&candidate, name) else { continue };
            let partner = match value.trim() {
                "" => None,
                value => Some(key(&base, value).ok_or_else(|| {
                    CliError::BadInput(format!(
                        "the baseline sends no step named {value}; nothing was compared"
                    ))
                })?),
            };
            matches.insert(step, partner);
            n_used[index] += 1;
        }
        all.push((candidate.name, matches));
    }
    if let Some(unused) = n_used.iter().position(|n| *n == 0) {
        let name = &said[unused].name;
        return Err(CliError::BadInput(format!(
            "no candidate sends a step named {name}; nothing was compared"
        )));
    }
    if !said.is_empty() {
        for (name, matches) in &all {
            library.keep_step_matches(&base.name, name, matches)?;
        }
    }
    Ok(all.into_iter().map(|(_, matches)| matches).collect())
}

/// A comparison for a terminal.
pub fn comparison_lines(comparison: &Comparison) -> String {
    let mut text = comparison.sentences.iter().map(|sentence| format!("{sentence}\n")).collect::<String>();
    for caution in &comparison.cautions {
        text += &format!("  • {caution}\n");
    }
    for (index, side) in comparison.candidates().iter().enumerate() {
        let header = [
            "Scope",
            "Metric",
            &capitalized(&comparison.baseline().words()),
            &capitalized(&side.words()),
            "Change",
            "95 % interval",
            "Verdict",
        ];
        let rows = comparison.rows.iter().map(|row| change_row(row, index));
        text += &format!("\n{}\n", table(&header, 2..5, rows));
        text += &resource_lines(comparison, index);
    }
    text += &format!(
        "Window: {}. Changes within ±{} do not matter; p below 0.05 after Holm.\n",
        comparison.window,
        humanize::percent(comparison.options.smallest_relevant)
    );
    for (side, differences) in comparison.candidates().iter().zip(&comparison.setup_differences) {
        if !differences.is_empty() {
            text += &format!("\nWhat differs in the set-up of {}\n", side.words());
        }
        for difference in differences {
            text += &format!("  • {difference}\n");
        }
    }
    text
}

/// Rows of resources that a terminal shows: those that tell most.
const MAX_RESOURCES: usize = 24;

/// What monitors read on both sides; empty where nothing was watched.
fn resource_lines(comparison: &Comparison, candidate: usize) -> String {
    let telling: Vec<_> = comparison.resources.iter().filter(|row| row.is_telling).collect();
    if telling.is_empty() {
        return String::new();
    }
    let rows = telling.iter().take(MAX_RESOURCES).map(|row| {
        let change = &row.candidates[candidate];
        vec![
            row.scope.words(),
            row.name(),
            row.statistic.name().to_owned(),
            row.text(row.baseline),
            row.text(change.measured),
            row.change_text(change),
            row.interval_text(change),
        ]
    });
    let header = ["Scope", "Resource", "Statistic", "Baseline", "Candidate", "Change", "95 % interval"];
    let more = match comparison.resources.len() - telling.len().min(MAX_RESOURCES) {
        0 => String::new(),
        n => format!("{} more: --json has all.\n", humanize::counted(n as u64, "row")),
    };
    format!("\n{}\n{more}", table(&header, 3..6, rows))
}

/// The comparison's headline numbers alone.
pub fn headline_only(comparison: &Comparison) -> Comparison {
    let mut headline = comparison.clone();
    headline.rows.retain(|row| row.scope == RowScope::Run);
    headline.resources.retain(|row| row.scope == RowScope::Run);
    headline
}

/// How a comparison is written to a file.
#[derive(Clone, Copy)]
enum ComparisonFormat {
    Markdown,
    Html,
    Json,
}

fn comparison_format(path: &Path) -> Result<ComparisonFormat, CliError> {
    match ReportFormat::of(path) {
        Ok(ReportFormat::Md) => Ok(ComparisonFormat::Markdown),
        Ok(ReportFormat::Html) => Ok(ComparisonFormat::Html),
        Ok(ReportFormat::Json) => Ok(ComparisonFormat::Json),
        _ => Err(CliError::BadInput(format!(
            "a comparison is written as .md, .html or .json; name such a file: {}",
            path.display()
        ))),
    }
}

fn comparison_text(comparison: &Comparison, format: ComparisonFormat) -> String {
    match format {
        ComparisonFormat::Markdown => report::comparison_markdown(comparison),
        ComparisonFormat::Html => report::comparison_html(comparison),
        ComparisonFormat::Json => format!("{:#}\n", report::comparison_json(comparison)),
    }
}

fn change_row(row: &ComparisonRow, candidate: usize) -> Vec<String> {
    let missing = || humanize::MISSING.to_owned();
    let value = |measured: Option<Measured>| {
        measured.map_or_else(missing, |measured| metric_text(row.metric, measured.value))
    };
    let of_candidate = &row.candidates[candidate];
    let text = |text: fn(&crate::analysis::comparison::Change, Metric) -> String| {
        of_candidate.change.map_or_else(missing, |change| text(&change, row.metric))
    };
    vec![
        row.scope.words(),
        metric_words(row.metric),
        value(row.baseline),
        value(of_candidate.measured),
        text(|change, metric| change.text(metric)),
        text(|change, metric| change.interval_text(metric)),
        of_candidate.verdict.name().to_owned(),
    ]
}
