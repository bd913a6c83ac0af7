//! What a change would bring at a glance, from histograms alone: two bounds, without queue, draws or blocks.
//!
//! Cheap enough to be asked of every step of a run; recommendations stand on it.

use crate::analysis::{Summary, short_interval};
use crate::humanize;
use crate::metrics::LatencyHistogram;
use crate::model::Metric;

use super::points::{Between, Points, quantiles, told};

/// What a fast request takes is work and no waiting: at least that much of each request gets faster.
const FAST: f64 = 0.1;

/// A percentile now, and between what it would lie after a change. A model, not measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuickEffect {
    pub quantile: f64,
    /// As measured, in seconds.
    pub base_secs: f64,
    pub best_secs: f64,
    pub worst_secs: f64,
}

/// What the change of one step brings for itself and for the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepEffect {
    pub of_step: QuickEffect,
    pub of_run: QuickEffect,
}

impl QuickEffect {
    /// `p95 80.0 ms → 52.1–71.0 ms`.
    pub fn text(&self) -> String {
        format!("{} {}", Metric::Quantile(self.quantile), self.change())
    }

    /// `80.0 ms → 52.1–71.0 ms`.
    pub fn change(&self) -> String {
        let (best, worst) = (humanize::latency_secs(self.best_secs), humanize::latency_secs(self.worst_secs));
        let after = if best == worst {
            best
        } else {
            let range = short_interval(Some(self.best_secs), Some(self.worst_secs));
            // A range of one unit leaves it out.
            match worst.rsplit_once(' ') {
                Some((_, unit)) if !range.contains(' ') => format!("{range} {unit}"),
                _ => range,
            }
        };
        format!("{} → {after}", humanize::latency_secs(self.base_secs))
    }

    /// By which share of what was measured the percentile falls, at worst and at best.
    pub fn gain(&self) -> (f64, f64) {
        let gain = |secs: f64| 1.0 - secs / self.base_secs;
        (gain(self.worst_secs), gain(self.best_secs))
    }
}

/// What it would bring if a step took 1/s of its time, where `rest` is all else that is asked about.
// At best its waiting shrinks as its work does; at worst only what a fast request takes gets shorter.
pub fn quick_faster(
    step: &LatencyHistogram,
    rest: &LatencyHistogram,
    speed_up: f64,
    quantile: f64,
) -> Option<QuickEffect> {
    if step.is_empty() || speed_up < 1.0 {
        return None;
    }
    let (step, rest) = (Points::of_histogram(step), Points::of_histogram(rest));
    let saved = 1.0 - 1.0 / speed_up;
    let fast = step.quantile(FAST);
    let best = step.map(|_, secs| secs * (1.0 - saved));
    let worst = step.map(|_, secs| secs - saved * fast.min(secs));
    let together =
        |step: &Points| told(quantiles(&[(step, 1.0), (&rest, 1.0)], &[quantile], Between::Values)[0]);
    Some(QuickEffect {
        quantile,
        base_secs: together(&step),
        best_secs: together(&best),
        worst_secs: together(&worst),
    })
}

/// What a cache answers: which share of requests, and in which time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hits {
    pub ratio: f64,
    pub secs: f64,
}

/// What it would bring if a cache answered a share of a step's requests, where `rest` is all else that is asked about.
// At best hits are as slow as any other now (SCIENCE §7); at worst they are those that are the fastest already.
pub fn quick_cached(
    step: &LatencyHistogram,
    rest: &LatencyHistogram,
    hits: Hits,
    quantile: f64,
) -> Option<QuickEffect> {
    if step.is_empty() || !(0.0..=1.0).contains(&hits.ratio) || hits.secs < 0.0 {
        return None;
    }
    let (step, rest) = (Points::of_histogram(step), Points::of_histogram(rest));
    let served = Points::atom(hits.secs, 1.0);
    let together = |n_hits: f64, misses: &Points, share: f64| {
        let parts = [(&served, n_hits), (misses, share), (&rest, 1.0)];
        told(quantiles(&parts, &[quantile], Between::Values)[0])
    };
    let n_hits = hits.ratio * step.total();
    Some(QuickEffect {
        quantile,
        base_secs: together(0.0, &step, 1.0),
        best_secs: together(n_hits, &step, 1.0 - hits.ratio),
        worst_secs: together(n_hits, &step.slowest_without(hits.ratio), 1.0),
    })
}

/// What a cache before a step would bring at a percentile, by its place in the summary's table of steps.
pub fn caching_step(summary: &Summary, step: usize, hits: Hits, quantile: f64) -> Option<StepEffect> {
    effect(summary, step, |step, rest| quick_cached(step, rest, hits, quantile))
}

/// What halving a step's time would bring at a percentile, by its place in the summary's table of steps.
pub fn halving_step(summary: &Summary, step: usize, quantile: f64) -> Option<StepEffect> {
    effect(summary, step, |step, rest| quick_faster(step, rest, 2.0, quantile))
}

fn effect(
    summary: &Summary,
    step: usize,
    of: impl Fn(&LatencyHistogram, &LatencyHistogram) -> Option<QuickEffect>,
) -> Option<StepEffect> {
    let response_time = |row: &'_ crate::analysis::ScopeRow| row.aggregate.stats.response_time.clone();
    let own = response_time(summary.steps.get(step)?);
    let mut rest = LatencyHistogram::default();
    let others = summary.steps.iter().enumerate().filter(|(index, _)| *index != step);
    others.for_each(|(_, row)| rest.merge(&row.aggregate.stats.response_time));
    Some(StepEffect { of_step: of(&own, &LatencyHistogram::default())?, of_run: of(&own, &rest)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};

    fn summary() -> Summary {
        summarize(&sample::record(sample::scenario())).unwrap()
    }

    #[test]
    fn halving_a_step_halves_its_percentiles_at_best() {
        // 40 to 78 ms in steps of two: p95 is 76, p10 is 42.
        let StepEffect { of_step, of_run } = halving_step(&summary(), 1, 0.95).unwrap();
        let millis = |secs: f64| (secs * 1e3).round();
        assert_eq!(
            [of_step.base_secs, of_step.best_secs, of_step.worst_secs].map(millis),
            [76.0, 38.0, 55.0]
        );
        assert!(of_run.base_secs < of_step.base_secs && of_run.best_secs >= of_step.best_secs);
        assert_eq!(of_step.text(), "p95 76.0 ms → 38.0–55.0 ms");
        let (least, most) = of_step.gain();
        assert!((least - 0.276).abs() < 0.005 && (most - 0.5).abs() < 0.005, "{least} {most}");
    }

    #[test]
    fn a_cache_turns_a_percentile_into_a_lower_one_at_best() {
        // SCIENCE §7: six hits of ten turn p95 into p87.5 of 40 to 78 ms in steps of two, and the median into a hit.
        let hits = Hits { ratio: 0.6, secs: 0.001 };
        let at = |quantile| caching_step(&summary(), 1, hits, quantile).unwrap().of_step;
        let millis = |secs: f64| (secs * 1e3).round();
        let tail = at(0.95);
        assert_eq!([tail.base_secs, tail.best_secs, tail.worst_secs].map(millis), [76.0, 74.0, 76.0]);
        let middle = at(0.5);
        assert_eq!([middle.best_secs, middle.worst_secs].map(millis), [1.0, 1.0]);
        assert_eq!(caching_step(&summary(), 1, Hits { ratio: 1.5, secs: 0.0 }, 0.5), None);
    }

    #[test]
    fn nothing_is_told_of_a_step_that_is_not_there_or_has_no_times() {
        let nothing = LatencyHistogram::default();
        assert_eq!(halving_step(&summary(), 7, 0.95), None);
        assert_eq!(quick_faster(&nothing, &nothing, 2.0, 0.95), None);
    }
}
