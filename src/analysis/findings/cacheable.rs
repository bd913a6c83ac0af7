//! Cacheable answers: the same is asked for again and again, and answered the same.

use std::time::Duration;

use crate::analysis::what_if::{Hits, QuickEffect, caching_step};
use crate::humanize;
use crate::metrics::{Repeats, TtlFacts};

use super::traffic::{Audited, audited};
use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    SharePart, weight,
};

/// Requests that a share has to stand on; ours.
const MIN_LOOKUPS: u64 = 50;

/// The least share that a cache has to serve, and the largest share of stale answers among those; ours.
const MIN_SERVED: f64 = 0.5;
const MAX_STALE: f64 = 0.05;

/// A longer time to live has to serve so much more; ours.
const NEARLY_AS_MUCH: f64 = 0.9;

/// Answers that come sooner gain nothing from a cache, in seconds; ours.
const MIN_MEDIAN: f64 = 0.005;

/// What a hit is taken to need, in seconds: a look into a cache on the target's network; ours.
pub(in crate::analysis) const HIT_SECS: f64 = 0.001;

/// A cache for all users has to serve so many times as much as one for each to be told in its place; ours.
const MUCH_MORE: f64 = 1.1;

/// The percentiles that are projected.
const QUANTILES: [f64; 2] = [0.5, 0.95];

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

/// A step whose answers a cache could give.
struct Cacheable<'a> {
    step: Audited<'a>,
    repeats: &'a Repeats,
    /// Whether one cache would answer all users, and not each their own.
    is_for_all: bool,
    /// The shortest time to live that serves nearly as much as any.
    ttl: TtlFacts,
    served: f64,
    stale: f64,
    effects: Vec<QuickEffect>,
}

pub fn cacheable_answers(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<Cacheable<'_>> =
        audited(grounds).into_iter().filter_map(|step| cacheable(grounds, step)).collect();
    let saved = |of: &Cacheable<'_>| {
        let stats = &of.step.row.aggregate.stats;
        of.served
            * stats.response_time.mean().map_or(0.0, |mean| mean.as_secs_f64())
            * stats.response_time.n_samples() as f64
    };
    found.sort_by(|a, b| saved(b).total_cmp(&saved(a)));
    found.iter().take(MAX_STEPS).map(|cacheable| told(grounds, cacheable)).collect()
}

fn cacheable<'a>(grounds: &Grounds<'a>, step: Audited<'a>) -> Option<Cacheable<'a>> {
    let cache = step.traffic.cache.as_ref()?;
    let median = step.row.aggregate.stats.response_time.quantile(0.5)?.as_secs_f64();
    if median < MIN_MEDIAN {
        return None;
    }
    let of_all = cache.shared.as_ref().and_then(|shared| Some((shared, best(shared)?, true)));
    let of_each = best(&cache.own).map(|ttl| (&cache.own, ttl, false));
    let is_more = |(own, of_own, _): &(&Repeats, TtlFacts, bool),
                   (all, of_all, _): &(&Repeats, TtlFacts, bool)| {
        served(all, of_all) >= MUCH_MORE * served(own, of_own)
    };
    let (repeats, ttl, is_for_all) = match (of_each, of_all) {
        (Some(own), Some(all)) if is_more(&own, &all) => all,
        (own, all) => own.or(all)?,
    };
    let hits = Hits { ratio: served(repeats, &ttl), secs: HIT_SECS };
    let effect = |quantile| caching_step(grounds.summary, step.place, hits, quantile);
    let effects = QUANTILES.into_iter().filter_map(effect).map(|effect| effect.of_step).collect();
    Some(Cacheable { served: hits.ratio, stale: stale(&ttl), step, repeats, is_for_all, ttl, effects })
}

/// The shortest time to live that serves nearly as much as any, of those that serve much and little that is stale.
fn best(repeats: &Repeats) -> Option<TtlFacts> {
    if repeats.n_lookups < MIN_LOOKUPS {
        return None;
    }
    let is_good = |ttl: &&TtlFacts| served(repeats, ttl) >= MIN_SERVED && stale(ttl) <= MAX_STALE;
    let most = repeats.by_ttl.iter().filter(is_good).map(|ttl| served(repeats, ttl)).fold(0.0, f64::max);
    let is_nearly_most = |ttl: &&TtlFacts| served(repeats, ttl) >= NEARLY_AS_MUCH * most;
    repeats.by_ttl.iter().filter(is_good).find(is_nearly_most).copied()
}

fn served(repeats: &Repeats, ttl: &TtlFacts) -> f64 {
    ttl.n_served as f64 / repeats.n_lookups as f64
}

fn stale(ttl: &TtlFacts) -> f64 {
    ttl.n_stale as f64 / ttl.n_served.max(1) as f64
}

fn told(grounds: &Grounds<'_>, cacheable: &Cacheable<'_>) -> Finding {
    let Cacheable { step, repeats, is_for_all, ttl, served, stale, .. } = cacheable;
    let name = &step.row.name;
    let span = humanize::span(Duration::from_secs(ttl.ttl_secs.into()));
    let confidence = if repeats.n_keys > 1 {
        Confidence::medium(
            "repeated requests and answers were compared; whether real users repeat theirs as often is not measured",
        )
    } else {
        Confidence::low("the scenario asks for one thing only, again and again; real users may ask for many")
    };
    let part = |ttl: &TtlFacts| SharePart {
        name: humanize::span(Duration::from_secs(ttl.ttl_secs.into())),
        value: self::served(repeats, ttl),
    };
    Finding {
        rule: Rule::CacheableAnswers,
        scope: step.row.scope.clone(),
        claim: format!(
            "A cache {}that keeps answers of step {name} for {span} would have served {} of its requests, {} of those with an \
             answer that was no longer the present one.",
            if *is_for_all { "for all users together " } else { "" },
            humanize::percent_at_least(*served, 100.0),
            if *stale > 0.0 { humanize::percent(*stale) } else { "none".to_owned() }
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!(
                "the whole run, {} for {}",
                humanize::counted(repeats.n_lookups, "request"),
                humanize::counted(repeats.n_keys, "different thing")
            ),
            figures: figures(cacheable),
            chart: EvidenceChart::Shares {
                what: format!("Requests of step {name} that a cache would serve, by time to live"),
                unit: FigureUnit::Ratio,
                parts: std::iter::once(ttl)
                    .chain(repeats.by_ttl.iter().filter(|other| *other != ttl))
                    .map(part)
                    .collect(),
            },
        },
        weight: weight(Rule::CacheableAnswers, &confidence, *served),
        confidence,
        rests_on: None,
        other_explanations: is_for_all
            .then(|| {
                "The users of the run got the same answers; if others would get answers of their own, none of these may be \
                 kept for all."
                    .to_owned()
            })
            .into_iter()
            .chain([
            "The scenario may ask for fewer different things than real users do: then a cache serves less."
                .to_owned(),
            "Answers may have to be the newest, whatever a cache would save.".to_owned(),
            "The target may have a cache already: then these are its hits.".to_owned(),
        ]).collect(),
        next_experiment: Experiment::again(
            "with a cache",
            format!(
                "Let the target keep these answers for {span}, run the same again and compare: the projection stands beside \
                 what is measured then."
            ),
        ),
    }
}

fn figures(cacheable: &Cacheable<'_>) -> Vec<Figure> {
    let Cacheable { repeats, served, .. } = cacheable;
    let mut figures =
        vec![Figure::share("Share served with that time to live", *served).keyed(FigureKey::ServedRatio)];
    figures.extend(repeats.by_ttl.iter().map(|ttl| {
        let span = humanize::span(Duration::from_secs(ttl.ttl_secs.into()));
        let served = self::served(repeats, ttl);
        let stale = ttl.n_stale as f64 / repeats.n_lookups as f64;
        Figure::share(format!("Served by a cache of {span}"), served).told(format!(
            "{}, stale {}",
            humanize::percent(served),
            humanize::percent(stale)
        ))
    }));
    figures.push(Figure::count("Requests whose answer was the same as before", repeats.n_same));
    figures.push(Figure::count("Requests whose answer had changed", repeats.n_changed));
    figures.push(Figure::count("Requests followed", repeats.n_lookups));
    figures.push(Figure::count("Different things asked for", repeats.n_keys));
    figures.extend(cacheable.effects.iter().map(|effect| {
        let what = format!(
            "{} with such a cache, by the what-if's model, if a hit takes {}",
            crate::model::Metric::Quantile(effect.quantile),
            humanize::latency_secs(HIT_SECS)
        );
        Figure::secs(what, effect.worst_secs).told(effect.change())
    }));
    figures
}
