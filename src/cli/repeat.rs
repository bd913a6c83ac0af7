//! `run --repeat`: one run after the other, a line for each, and all of them beside each other at the end.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    args::{ReportFile, RunArgs},
    exit::{CliError, Exit},
    interrupt::Interrupts,
    out::print,
    run::{Kept, Runner},
    tables::table,
    view::Progress,
};
use crate::analysis::Summary;
use crate::humanize;
use crate::launch::Series;
use crate::metrics::{RunId, Verdict};
use crate::model::Metric;

/// What is kept in mind of a repetition.
struct Made {
    repetition: u32,
    run_id: RunId,
    verdict: Verdict,
    figures: [String; 3],
}

impl Made {
    fn of(repetition: u32, kept: &Kept<'_>) -> Self {
        Self {
            repetition,
            run_id: kept.run.record.run_id,
            verdict: kept.run.summary.verdict,
            figures: figures(&kept.run.summary),
        }
    }
}

/// p95, throughput and error share of the headline window.
fn figures(summary: &Summary) -> [String; 3] {
    [Metric::Quantile(0.95), Metric::Throughput, Metric::ErrorShare].map(|metric| {
        let reading = summary.reading(&summary.headline, metric);
        reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| reading.text())
    })
}

/// Makes `n` runs, each kept on its own; the exit code is that of the worst.
pub fn repeat(runner: &Runner<'_>, n: u32) -> Result<Exit, CliError> {
    let series = Series::new(n);
    let mut made: Vec<Made> = Vec::new();
    let mut interrupts = None;
    let mut result = Ok(());
    for repetition in 1..=n {
        let reports = numbered(&runner.args.kept.reports, repetition);
        if repetition > 1 {
            runner.tell(&format!(
                "Repetition {repetition} of {n} starts in {}",
                humanize::span(runner.args.pause())
            ))?;
            wait(runner.args.pause(), interrupts.as_ref());
        }
        if interrupts.as_ref().is_some_and(|interrupts: &Interrupts| interrupts.n_interrupts() > 0) {
            break;
        }
        let kept = match runner.make(series.labels(repetition), &reports, &mut interrupts) {
            Ok(kept) => kept,
            Err(error) => {
                result = Err(error);
                break;
            }
        };
        let written = kept.write_reports();
        made.push(Made::of(repetition, &kept));
        tell(runner, &kept, n, &made)?;
        if written.is_err() {
            result = written;
            break;
        }
    }
    tell_all(runner, &series, &made)?;
    result?;
    if interrupts.is_some_and(|interrupts| interrupts.n_interrupts() > 0) {
        return Ok(Exit::Interrupted);
    }
    Ok(made
        .iter()
        .map(|made| made.verdict)
        .max_by_key(|verdict| badness(*verdict))
        .map_or(Exit::Fault, Exit::from))
}

/// A run that fails says more than one that cannot tell.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Inconclusive => 1,
        Verdict::Fail => 2,
    }
}

/// The files of one repetition: `report.md` becomes `report-2.md`.
fn numbered(reports: &[ReportFile], repetition: u32) -> Vec<ReportFile> {
    let numbered = |report: &ReportFile| ReportFile {
        path: numbered_path(&report.path, repetition),
        format: report.format,
    };
    reports.iter().map(numbered).collect()
}

fn numbered_path(path: &Path, repetition: u32) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}-{repetition}.{}", part(path.file_stem()), part(path.extension())))
}

/// Waits out the pause between two runs, unless the user ends it.
fn wait(pause: Duration, interrupts: Option<&Interrupts>) {
    let until = Instant::now() + pause;
    while interrupts.is_none_or(|interrupts| interrupts.n_interrupts() == 0) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

/// One line for a run, or its JSON.
fn tell(runner: &Runner<'_>, kept: &Kept<'_>, n: u32, made: &[Made]) -> Result<(), CliError> {
    if runner.progress == Progress::JsonLines {
        return kept.tell(runner.progress);
    }
    let (Some(last), true) = (made.last(), runner.progress != Progress::Quiet) else { return Ok(()) };
    let [p95, throughput, errors] = &last.figures;
    print(&format!(
        "Run {} ({} of {n}): {} · p95 {p95} · {throughput} · errors {errors} ({})\n{}{}",
        last.run_id,
        last.repetition,
        last.verdict.name(),
        kept.run.summary.headline_words,
        kept.comparison_text(),
        kept.report_lines(),
    ))
}

/// All of them beside each other.
fn tell_all(runner: &Runner<'_>, series: &Series, made: &[Made]) -> Result<(), CliError> {
    if runner.progress == Progress::JsonLines {
        let runs: Vec<_> = made
            .iter()
            .map(|made| {
                serde_json::json!({
                    "run_id": made.run_id,
                    "repetition": made.repetition,
                    "verdict": made.verdict.name(),
                })
            })
            .collect();
        let event = serde_json::json!({
            "event": "series",
            "series": series.series_id,
            "n_repetitions": series.n_repetitions,
            "runs": runs,
        });
        return print(&format!("{event}\n"));
    }
    if made.is_empty() {
        return Ok(());
    }
    let rows = made.iter().map(|made| {
        let mut row = vec![made.run_id.to_string(), made.verdict.name().to_owned()];
        row.extend(made.figures.iter().cloned());
        row
    });
    let table = table(&["Run", "Verdict", "p95", "Throughput", "Errors"], 2..5, rows);
    print(&format!(
        "\n{table}\nSeries {}: {} of {} runs, kept in {}\n",
        series.series_id,
        made.len(),
        series.n_repetitions,
        runner.library_path.display()
    ))
}

impl RunArgs {
    /// The pause between two repetitions.
    fn pause(&self) -> Duration {
        self.pause.map_or(DEFAULT_PAUSE, |pause| pause.0)
    }
}

/// Long enough for connections and caches of most targets to come to rest.
const DEFAULT_PAUSE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repetition_has_report_files_of_its_own() {
        assert_eq!(numbered_path(Path::new("out/report.md"), 2), Path::new("out/report-2.md"));
        assert_eq!(numbered_path(Path::new("a.b.json"), 10), Path::new("a.b-10.json"));
    }

    #[test]
    fn the_worst_of_several_verdicts_is_a_failure() {
        let mut verdicts = [Verdict::Inconclusive, Verdict::Fail, Verdict::Pass];
        verdicts.sort_by_key(|verdict| badness(*verdict));
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail]);
    }
}
