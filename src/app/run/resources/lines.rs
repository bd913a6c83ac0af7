//! From what monitors read to small charts: one for each group and unit, with its limits.

use std::sync::LazyLock;

use crate::analysis::capitalized;
use crate::app::{
    charts::{ChartUnit, Dash, Series, TargetLine, TimePoint},
    design::group_words,
};
use crate::metrics::{ResourceSeries, SeriesInfo, Watched};
use crate::model::{Bound, Monitor, SeriesGroup, SeriesUnit};

/// Lines that one chart can keep apart.
const MAX_LINES: usize = 6;
/// Charts of one group and unit; what is beyond stands in the table alone.
const MAX_PARTS: usize = 8;
const DASHES: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Long, Dash::Dotted];

/// One small chart.
pub struct Panel {
    pub id: &'static str,
    pub title: String,
    pub unit: ChartUnit,
    pub series: Vec<Series>,
    pub limits: Vec<TargetLine>,
}

/// The charts of all series that were read at least once.
pub fn panels(watched: &Watched, monitors: &[Monitor]) -> Vec<Panel> {
    let has_values = |series: &&ResourceSeries| series.values.iter().any(|value| value.is_finite());
    let mut panels = Vec::new();
    for (group_place, group) in SeriesGroup::ALL.into_iter().enumerate() {
        for (unit_place, unit) in SeriesUnit::ALL.into_iter().enumerate() {
            let is_mine = |series: &&ResourceSeries| series.info.group == group && series.info.unit == unit;
            let mine: Vec<&ResourceSeries> =
                watched.series.iter().filter(is_mine).filter(has_values).collect();
            for (part, series) in mine.chunks(MAX_LINES).take(MAX_PARTS).enumerate() {
                let id = &IDS[(group_place * SeriesUnit::ALL.len() + unit_place) * MAX_PARTS + part];
                panels.push(panel(id, watched, (group, unit), series, monitors));
            }
        }
    }
    panels
}

/// Charts are known by names that live as long as the program.
static IDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let groups = SeriesGroup::ALL.into_iter();
    let units = groups.flat_map(|group| SeriesUnit::ALL.into_iter().map(move |unit| (group, unit)));
    let ids = units.flat_map(|(group, unit)| {
        (0..MAX_PARTS).map(move |part| format!("resources {} {} {part}", group.name(), unit.name()))
    });
    ids.collect()
});

fn panel(
    id: &'static str,
    watched: &Watched,
    (group, unit): (SeriesGroup, SeriesUnit),
    series: &[&ResourceSeries],
    monitors: &[Monitor],
) -> Panel {
    let name = |series: &ResourceSeries| short_name(watched, &series.info);
    let title = match series {
        [only] => capitalized(&name(only)),
        _ => format!("{}: {}", group_words(group), unit_title(unit)),
    };
    let line = |(place, series): (usize, &&ResourceSeries)| {
        Series::new(name(series), place, points(&series.values)).drawn(DASHES[place % DASHES.len()])
    };
    let mut limits: Vec<TargetLine> = Vec::new();
    for limit in series.iter().flat_map(|series| limits_of(monitors, &series.info)) {
        if !limits.contains(&limit) {
            limits.push(limit);
        }
    }
    Panel {
        id,
        title,
        unit: ChartUnit::of_series(unit),
        series: series.iter().enumerate().map(line).collect(),
        limits,
    }
}

/// A value was read at the end of its second; what was not read is a gap.
pub fn points(values: &[f64]) -> Vec<TimePoint> {
    let point = |(second, value): (usize, &f64)| TimePoint {
        at_secs: second as f64 + 1.0,
        value: Some(*value).filter(|value| value.is_finite()),
    };
    values.iter().enumerate().map(point).collect()
}

/// A series with its monitor where there are several.
fn short_name(watched: &Watched, info: &SeriesInfo) -> String {
    let has_several = watched.series.iter().any(|other| other.info.monitor != info.monitor);
    if has_several { long_name(info) } else { info.name.clone() }
}

/// `CPU (machine)`.
pub fn long_name(info: &SeriesInfo) -> String {
    format!("{} ({})", info.name, info.monitor)
}

fn limits_of<'a>(monitors: &'a [Monitor], info: &'a SeriesInfo) -> impl Iterator<Item = TargetLine> + 'a {
    let mine = monitors.iter().filter(move |monitor| monitor.name == info.monitor);
    let limits = mine.flat_map(|monitor| &monitor.limits).filter(move |limit| limit.series == info.name);
    limits.map(|limit| {
        let side = if matches!(limit.bound, Bound::AtMost(_)) { '≤' } else { '≥' };
        TargetLine { name: format!("{} {side}", limit.statistic.name()), value: limit.bound.value() }
    })
}

fn unit_title(unit: SeriesUnit) -> &'static str {
    match unit {
        SeriesUnit::Ratio => "shares",
        SeriesUnit::Bytes => "bytes",
        SeriesUnit::BytesPerSec => "bytes per second",
        SeriesUnit::PerSec => "per second",
        SeriesUnit::Seconds => "times",
        SeriesUnit::Number => "numbers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn series_of_one_group_and_unit_share_a_chart_with_their_limits_and_keep_their_gaps() {
        let record = sample::watched();
        let panels = panels(&record.watched, &record.start.scenario.monitors);
        let titles: Vec<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
        assert_eq!(titles[0], "CPU (machine)");
        let cpu = &panels[0];
        assert_eq!(cpu.series[0].points[0], TimePoint { at_secs: 1.0, value: None }, "not read in it");
        assert_eq!(cpu.series[0].points[1], TimePoint { at_secs: 2.0, value: Some(0.3) });
        assert_eq!(cpu.limits, [TargetLine { name: "p95 ≤".to_owned(), value: 0.7 }]);
        let hits = panels.iter().find(|panel| panel.title == "Hit share (cache)").unwrap();
        assert_eq!(hits.limits[0].name, "mean ≥");
        assert_eq!(hits.series[0].points[22].value, None);
        let ids: std::collections::BTreeSet<&str> = panels.iter().map(|panel| panel.id).collect();
        assert_eq!(ids.len(), panels.len());
    }

    #[test]
    fn many_series_stand_in_several_charts_and_one_that_was_never_read_in_none() {
        let record = sample::watched();
        let mut watched = Watched::clone(&record.watched);
        let cpu = watched.series[0].clone();
        for number in 0..MAX_LINES {
            let mut more = cpu.clone();
            more.info.name = format!("more {number}");
            watched.series.push(more);
        }
        watched.series[1].values.fill(f64::NAN);
        let panels = panels(&watched, &[]);
        let of_cpu: Vec<usize> = panels.iter().take(2).map(|panel| panel.series.len()).collect();
        assert_eq!(of_cpu, [MAX_LINES, 1]);
        assert!(panels.iter().all(|panel| panel.title != "Memory (machine)"));
    }
}
