//! `trend`: where a scenario's level changed over its runs, or that of any series in a file.

use std::path::Path;

use crate::analysis::trend::{Trend, TrendMetric, TrendPoint, TrendVerdict};
use crate::launch::{TrendRuns, trend_targets};
use crate::model::{Metric, parse_scenario};
use crate::report::{self, TrendPaper};
use crate::store::{RunListing, read_scenario_text, write_file};

use super::{
    LibraryPlace,
    args::ReportFormat,
    exit::{CliError, Exit},
    history_args::TrendArgs,
    out::{print, print_json},
    series_csv::read_series,
    tables::table,
};

/// What is looked at where no metric is asked for.
const DEFAULT_METRICS: [Metric; 5] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Throughput,
    Metric::ErrorShare,
];

/// Says where levels changed; exit code 1 where the newest is worse and that was asked for.
pub fn trend(args: &TrendArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let format = args.output.as_deref().map(trend_format).transpose()?;
    let (subject, trends, notes) = match (&args.csv, &args.scenario) {
        (Some(path), _) => of_file(path, args.higher_is_better)?,
        (None, Some(scenario)) => of_runs(args, scenario, place)?,
        (None, None) => return Err(CliError::BadInput("name a scenario, or a file with --csv".to_owned())),
    };
    let paper = TrendPaper { subject: &subject, trends: &trends, notes: &notes };
    match (&args.output, format) {
        (Some(path), Some(format)) => {
            write_file(path, &trend_text(&paper, format))?;
            print(&format!("Trend: {}\n", path.display()))?;
        }
        _ if args.json => print_json(&report::trend_json(&paper))?,
        _ => print(&trend_lines(&paper))?,
    }
    let is_worse = trends.iter().any(|trend| trend.verdict == TrendVerdict::Worse);
    Ok(if args.fail_on.is_some() && is_worse { Exit::Fail } else { Exit::Pass })
}

type Found = (String, Vec<Trend>, Vec<String>);

fn of_file(path: &Path, higher_is_better: bool) -> Result<Found, CliError> {
    let rows = read_series(path)?;
    let points = rows.iter().map(|row| TrendPoint {
        at_unix_millis: row.at_unix_millis,
        value: row.value,
        run_id: None,
    });
    let trend = Trend::new(TrendMetric::Plain { higher_is_better }, points.collect());
    let subject = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((subject, vec![trend], Vec::new()))
}

fn of_runs(args: &TrendArgs, asked_for: &str, place: LibraryPlace<'_>) -> Result<Found, CliError> {
    let library = place.open()?;
    let listings = library.runs()?;
    let scenario = scenario_name(asked_for, &listings, place)?;
    let environment = args.environment.as_deref();
    let runs = TrendRuns::of(&listings, &scenario, environment);
    if runs.runs.is_empty() {
        let place = environment.map(|name| format!(" in environment {name}")).unwrap_or_default();
        let notes = runs.notes().join(" ");
        return Err(CliError::BadInput(format!("no run of {scenario}{place} can be looked at. {notes}")));
    }
    let thresholds = library.start_of(runs.runs[0].run_id)?.scenario.thresholds;
    let metrics: Vec<Metric> = match &args.metrics[..] {
        [] => DEFAULT_METRICS.to_vec(),
        metrics => metrics.iter().map(|metric| metric.0).collect(),
    };
    let trend = |metric: &Metric| {
        let mut trend = Trend::new(TrendMetric::OfRuns(*metric), runs.points(*metric));
        trend.baseline = runs.baseline(*metric).map(|(_, value)| value);
        trend.targets = trend_targets(&thresholds, *metric);
        trend
    };
    let trends = metrics.iter().map(trend).collect();
    Ok((scenario, trends, runs.notes()))
}

/// The scenario's name as runs are kept with: as it is, or out of the file or preset that is named.
fn scenario_name(
    asked_for: &str,
    listings: &[RunListing],
    place: LibraryPlace<'_>,
) -> Result<String, CliError> {
    let has_runs = |name: &str| listings.iter().any(|listing| listing.scenario_name == name);
    if has_runs(asked_for) {
        return Ok(asked_for.to_owned());
    }
    let text = read_scenario_text(asked_for, &place.own_presets()?).ok();
    let named = text.and_then(|text| parse_scenario(&text).ok()).map(|(scenario, _)| scenario.name);
    if let Some(name) = named.filter(|name| has_runs(name)) {
        return Ok(name);
    }
    let mut known: Vec<&str> = Vec::new();
    for listing in listings {
        if !known.contains(&listing.scenario_name.as_str()) {
            known.push(&listing.scenario_name);
        }
    }
    known.truncate(8);
    Err(CliError::BadInput(format!(
        "no run of a scenario of this name is kept; there are runs of: {}. Looked for: {asked_for}",
        known.join(", ")
    )))
}

/// How a trend is written to a file.
#[derive(Clone, Copy)]
enum TrendFormat {
    Markdown,
    Html,
    Json,
}

fn trend_format(path: &Path) -> Result<TrendFormat, CliError> {
    match ReportFormat::of(path) {
        Ok(ReportFormat::Md) => Ok(TrendFormat::Markdown),
        Ok(ReportFormat::Html) => Ok(TrendFormat::Html),
        Ok(ReportFormat::Json) => Ok(TrendFormat::Json),
        _ => Err(CliError::BadInput(format!(
            "a trend is written as .md, .html or .json; name such a file: {}",
            path.display()
        ))),
    }
}

fn trend_text(paper: &TrendPaper<'_>, format: TrendFormat) -> String {
    match format {
        TrendFormat::Markdown => report::trend_markdown(paper),
        TrendFormat::Html => report::trend_html(paper),
        TrendFormat::Json => format!("{:#}\n", report::trend_json(paper)),
    }
}

/// A trend for a terminal.
fn trend_lines(paper: &TrendPaper<'_>) -> String {
    let mut text = format!("Trend of {}\n", paper.subject);
    for sentence in paper.trends.iter().flat_map(Trend::sentences) {
        text += &format!("  • {sentence}\n");
    }
    for note in paper.notes {
        text += &format!("  {note}\n");
    }
    let changes: Vec<Vec<String>> = paper
        .trends
        .iter()
        .flat_map(|trend| {
            trend.change_points.iter().map(|change| report::change_cells(trend, change).to_vec())
        })
        .collect();
    if !changes.is_empty() {
        let header = ["Metric", "Since", "Before", "Since then", "Change", "p", ""];
        text += &format!("\n{}\n", table(&header, 2..6, changes));
    }
    for trend in paper.trends.iter().filter(|trend| !trend.outliers.is_empty()) {
        text += &format!("{}\n", outlier_line(trend));
    }
    text
}

fn outlier_line(trend: &Trend) -> String {
    let outlier = |index: &usize| {
        let value = trend.points[*index].value.map(|value| trend.metric.text(value)).unwrap_or_default();
        format!("{} ({value})", trend.point_name(*index))
    };
    let outliers: Vec<String> = trend.outliers.iter().map(outlier).collect();
    format!("Stand out in {}: {}", trend.metric.words(), outliers.join(", "))
}
