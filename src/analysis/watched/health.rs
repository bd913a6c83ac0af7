//! Whether what monitors read shows the target's resources to be healthy.

use crate::humanize;
use crate::metrics::RunRecord;
use crate::model::{Aspect, Probe, SeriesStatistic, SeriesUnit};

use super::super::{ItemState, ThresholdVerdict, is_loopback};
use super::{SeriesUse, WatchedUse};

/// By the limits on what monitors read, and by what was used up or waited for; none where the target was not watched.
pub fn health(record: &RunRecord, watched: &WatchedUse) -> Option<(ItemState, String)> {
    let of = |verdict| watched.results.iter().filter(move |result| result.verdict == verdict);
    let told = |state, verdict| {
        let first = of(verdict).next()?.sentence();
        let n_more = of(verdict).count() as u64 - 1;
        let more = if n_more == 0 {
            String::new()
        } else {
            format!(" So it is with {}.", humanize::counted(n_more, "more limit"))
        };
        Some((state, first + &more))
    };
    let decided = told(ItemState::No, ThresholdVerdict::Fail)
        .or_else(|| told(ItemState::NotShown, ThresholdVerdict::NotEnoughData));
    if decided.is_some() {
        return decided;
    }
    let of_target: Vec<&SeriesUse> =
        watched.series.iter().filter(|series| is_of_target(record, series)).collect();
    if let Some((series, p95)) = highest(&of_target, Aspect::Utilisation, NEARLY_USED_UP) {
        let text = format!("{} was at least {} in one of 20 seconds.", series.name(), humanize::percent(p95));
        return Some((ItemState::NotShown, format!("Something was nearly used up: {text}")));
    }
    if let Some((series, p95)) = highest(&of_target, Aspect::Saturation, WAITED) {
        let text = format!("{} was at least {} in one of 20 seconds.", series.name(), humanize::percent(p95));
        return Some((ItemState::NotShown, format!("Something was waited for: {text}")));
    }
    let n_limits = watched.results.len() as u64;
    let limits = match n_limits {
        0 => String::new(),
        1 => "The limit on what monitors read holds. ".to_owned(),
        n => format!("All {} on what monitors read hold. ", humanize::counted(n, "limit")),
    };
    let highest = highest(&of_target, Aspect::Utilisation, 0.0);
    if n_limits == 0 && highest.is_none() {
        return None;
    }
    let most = highest.map(|(series, p95)| {
        format!(
            "Nothing that was watched was used up: the most was {}, at {} in 19 of 20 seconds.",
            series.name(),
            humanize::percent(p95)
        )
    });
    Some((ItemState::Yes, format!("{limits}{}", most.unwrap_or_default()).trim_end().to_owned()))
}

/// From here on a share that is in use in one of twenty seconds is nearly used up.
const NEARLY_USED_UP: f64 = 0.9;
/// From here on a share of time in which something was waited for is worth a look.
const WAITED: f64 = 0.1;

/// Whether a series tells of the target: this machine's own do only where the target is upon it.
fn is_of_target(record: &RunRecord, series: &SeriesUse) -> bool {
    let monitor = record.start.scenario.monitors.iter().find(|monitor| monitor.name == series.info.monitor);
    let is_local = monitor.is_some_and(|one| matches!(one.probe, Probe::Machine | Probe::Processes(_)));
    !is_local || is_loopback(&record.start.base_url)
}

/// The series of an aspect whose share was highest in 19 of 20 seconds, where that is so much.
fn highest<'a>(series: &[&'a SeriesUse], aspect: Aspect, at_least: f64) -> Option<(&'a SeriesUse, f64)> {
    let shares = series.iter().filter(|one| one.info.aspect == aspect && one.info.unit == SeriesUnit::Ratio);
    let known = shares.filter_map(|one| Some((*one, one.steady.statistic(SeriesStatistic::P95)?)));
    known.filter(|(_, p95)| *p95 >= at_least).max_by(|a, b| a.1.total_cmp(&b.1))
}
