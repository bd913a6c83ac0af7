//! What changes would bring: plain arithmetic with figures that were measured, and the quick models.

use crate::analysis::{
    Summary,
    findings::Figure,
    what_if::{QuickEffect, halving_step, quick_faster},
};
use crate::humanize;
use crate::metrics::{LatencyHistogram, StepStats};
use crate::model::{Metric, Scope};

use super::ProjectedEffect;

/// What halving takes for granted, after `if`.
const HALVED: &str = "its time is halved: at best its waiting shrinks as its work does, at worst only what a fast request \
                      takes gets shorter";

/// The place of a step among the summary's steps.
pub fn step_index(summary: &Summary, scope: &Scope) -> Option<usize> {
    summary.steps.iter().position(|row| row.scope == *scope)
}

/// What halving a step brings for itself.
pub fn halved_step(summary: &Summary, step: usize, quantile: f64) -> Option<ProjectedEffect> {
    let row = summary.steps.get(step)?;
    let (own, rest) = (&row.aggregate.stats.response_time, LatencyHistogram::default());
    let effect = quick_faster(own, &rest, 2.0, quantile)?;
    Some(quick(effect, &format!("step {}", row.name), HALVED))
}

/// What halving the step with the most time in all brings for the run.
pub fn halved_for_run(summary: &Summary, quantile: f64) -> Option<(ProjectedEffect, usize)> {
    let step = longest(summary)?;
    let effect = halving_step(summary, step, quantile)?.of_run;
    let name = &summary.steps[step].name;
    let assumption =
        format!("the time of step {name} is halved, with its waiting at best and without it at worst");
    Some((quick(effect, "the run", &assumption), step))
}

/// The step on which the most time is spent in all.
pub fn longest(summary: &Summary) -> Option<usize> {
    let time = |stats: &StepStats| {
        let response_time = &stats.response_time;
        response_time.mean().map(|mean| mean.as_secs_f64() * response_time.n_samples() as f64)
    };
    let times = summary
        .steps
        .iter()
        .enumerate()
        .filter_map(|(index, row)| Some((index, time(&row.aggregate.stats)?)));
    times.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
}

/// What a quick model says, of what.
pub fn quick(effect: QuickEffect, of: &str, assumption: &str) -> ProjectedEffect {
    let metric = Metric::Quantile(effect.quantile);
    ProjectedEffect::Model {
        words: format!("{of}: {}", effect.text()),
        assumption: assumption.to_owned(),
        figures: vec![
            Figure::secs(format!("{metric} of {of} as measured"), effect.base_secs),
            Figure::secs(format!("{metric} of {of}, at best"), effect.best_secs),
            Figure::secs(format!("{metric} of {of}, at worst"), effect.worst_secs),
        ],
    }
}

/// A mean that would lose a part of itself.
pub fn shorter_mean(what: &str, mean: f64, saved: f64, assumption: &str) -> ProjectedEffect {
    let after = (mean - saved).max(0.0);
    ProjectedEffect::Model {
        words: format!("{what} {} → {}", humanize::latency_secs(mean), humanize::latency_secs(after)),
        assumption: assumption.to_owned(),
        figures: vec![
            Figure::secs(format!("{what} as measured"), mean),
            Figure::secs(format!("{what} afterwards"), after),
        ],
    }
}

/// A share that would fall.
pub fn smaller_share(what: &str, before: f64, after: f64, assumption: &str) -> ProjectedEffect {
    ProjectedEffect::Model {
        words: format!("{what} {} → {}", humanize::percent(before), humanize::percent(after)),
        assumption: assumption.to_owned(),
        figures: vec![
            Figure::share(format!("{what} as measured"), before),
            Figure::share(format!("{what} afterwards"), after),
        ],
    }
}
