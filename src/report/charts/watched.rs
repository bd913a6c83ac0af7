//! What monitors read over time, a picture for each group of series; what could not be read is a gap in its line.

use super::{LinesChart, NamedLine, event_marks, length_secs, stage_bands, when};
use crate::analysis::SeriesUse;
use crate::model::{SeriesGroup, SeriesStatistic, SeriesUnit};
use crate::report::{
    Paper,
    chart::{Axis, Chart, Quantity, Target},
};

/// Lines of a picture: more are not told apart.
const MAX_LINES: usize = 6;

/// The series of a group that tell most and share a unit; none where nothing of the group was read.
pub fn watched(paper: &Paper<'_>, group: SeriesGroup) -> Option<Chart> {
    let watched = &paper.summary.watched;
    let of_group = |series: &&SeriesUse| series.info.group == group && series.whole.n_read > 0;
    let mut series: Vec<&SeriesUse> = watched.series.iter().filter(of_group).collect();
    series.sort_by_key(|series| (series.limit.is_none(), !series.is_telling()));
    let unit = series.first()?.info.unit;
    let n_of_group = series.len();
    series.retain(|series| series.info.unit == unit);
    series.truncate(MAX_LINES);
    let left_out = n_of_group - series.len();
    let line = |series: &&SeriesUse| {
        let found = paper.record.watched.series(&series.info.monitor, &series.info.name)?;
        let seconds = 0..series.whole.n_seconds as u32;
        Some(NamedLine {
            name: series.name(),
            points: seconds.map(|second| (second, found.at(second))).collect(),
        })
    };
    let lines: Vec<NamedLine> = series.iter().filter_map(line).collect();
    let is_shown = |monitor: &str, name: &str| {
        series.iter().any(|series| series.info.monitor == monitor && series.info.name == name)
    };
    let limits = watched.results.iter().filter(|result| is_shown(&result.monitor, &result.limit.series));
    let target = |result: &crate::analysis::SeriesResult| Target {
        value: result.limit.bound.value(),
        label: format!("{} {}", result.limit.series, result.limit_words()),
    };
    let more = match left_out {
        0 => String::new(),
        n => format!(" {n} more of the group are in the table."),
    };
    let id = format!("watched-{}", group.name());
    let note = format!("One point a second, whole run; a gap is a second that could not be read.{more}");
    let chart = LinesChart {
        id: &id,
        title: title(group),
        note: &note,
        words: &words(paper, series[0]),
        y: axis(unit, &series),
        length_secs: length_secs(paper.record),
        lines,
        bands: stage_bands(paper.record),
        marks: event_marks(paper.record),
        targets: limits.map(target).collect(),
    };
    Some(chart.chart())
}

fn title(group: SeriesGroup) -> &'static str {
    match group {
        SeriesGroup::Processor => "Processors over time",
        SeriesGroup::Memory => "Memory over time",
        SeriesGroup::Disk => "Disks over time",
        SeriesGroup::Network => "Network over time",
        SeriesGroup::Database => "Database over time",
        SeriesGroup::Cache => "Cache over time",
        SeriesGroup::Other => "Other series over time",
    }
}

fn axis(unit: SeriesUnit, series: &[&SeriesUse]) -> Axis {
    let (title, quantity) = match unit {
        SeriesUnit::Ratio => ("Share", Quantity::Ratio),
        SeriesUnit::Bytes => ("Bytes", Quantity::Bytes),
        SeriesUnit::BytesPerSec => ("Bytes a second", Quantity::Bytes),
        SeriesUnit::PerSec => ("Per second", Quantity::Rate),
        SeriesUnit::Seconds => ("Time", Quantity::Latency),
        SeriesUnit::Number => ("Number", Quantity::Number),
    };
    let axis = Axis::of(title, quantity);
    let highest = series.iter().filter_map(|series| series.whole.statistic(SeriesStatistic::Max));
    let is_share_of_all = unit == SeriesUnit::Ratio && highest.fold(0.0, f64::max) <= 1.0;
    if is_share_of_all { axis.to(1.0) } else { axis }
}

/// When the first of the series was highest.
fn words(paper: &Paper<'_>, series: &SeriesUse) -> String {
    let values = paper.record.watched.series(&series.info.monitor, &series.info.name);
    let known = values.into_iter().flat_map(|found| {
        (0..series.whole.n_seconds as u32).filter_map(|second| Some((found.at(second)?, second)))
    });
    let highest = known.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    match highest {
        None => format!("{} was not read.", series.name()),
        // A moment among equal ones says nothing.
        Some((0.0, _)) => format!("{} was never above {}.", series.name(), series.text(0.0)),
        Some((value, second)) => {
            let at = std::time::Duration::from_secs(second.into());
            format!("{} was highest {}: {}.", series.name(), when(paper.record, at), series.text(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::report::chart::Shape;
    use crate::report::charts::tests::Known;

    #[test]
    fn a_gap_breaks_the_line_and_the_limit_is_a_target() {
        let known = Known::of(sample::watched());
        let paper = known.paper();
        let cache = watched(&paper, SeriesGroup::Cache).unwrap();
        let Shape::Line(pieces) = &cache.series[0].shape else { panic!("{cache:?}") };
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [20, 15]);
        assert_eq!((cache.series[0].name.as_str(), cache.series.len()), ("hit share (cache)", 1));
        assert!(cache.note.contains("2 more of the group"), "{}", cache.note);
        let processor = watched(&paper, SeriesGroup::Processor).unwrap();
        assert_eq!((processor.targets.len(), processor.targets[0].value), (1, 0.7));
        assert_eq!(processor.words, "CPU (machine) was highest at 0:30, in stage Spike (200): 90 %.");
        assert_eq!(watched(&paper, SeriesGroup::Disk), None);
    }
}
