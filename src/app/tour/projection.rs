//! What a cache would bring to the steps that the sandbox's cache manager serves, projected from the first run.

use std::path::Path;

use crate::{
    analysis::what_if::{Base, Change, InputRange, Projection, Queue, Subject, project},
    app::state::LoadedRun,
    humanize, launch,
    metrics::CacheFacts,
    model::Scope,
    store::Library,
};

/// The steps of the comprehensive preset whose answers the cache manager keeps.
const CACHED_STEPS: [&str; 4] = ["List courses", "Open course", "Read wallet", "Search jobs"];
/// Nothing but the gateway answers it, as nothing but the gateway answers a hit.
const GATEWAY_STEP: &str = "Check gateway";
/// Where a run has no audit to tell the share of hits, this much is taken for it, and said.
const ASSUMED_HITS: InputRange = InputRange { low: 0.5, high: 0.95 };
/// The times to live between which the cache manager's classes for these answers lie.
const TTL_SECS: [u32; 2] = [10, 600];
/// The percentile that the card tells.
const TOLD: f64 = 0.5;

/// What was projected and kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionsKept {
    pub n_kept: u32,
    /// The greatest of them, in a sentence.
    pub sentence: String,
}

/// Projects the cache for each step that it serves, and keeps what the models do not refuse with the run.
pub fn project_cache(run: &LoadedRun, library: &Path) -> Result<ProjectionsKept, String> {
    let precise = run.make_precise().map_err(|error| error.to_string())?;
    let kept_run = run.kept();
    let hit_secs = gateway_secs(run).ok_or("the run has no answers of the gateway alone")?;
    let mut projections = Vec::new();
    let mut refusal = None;
    for step in CACHED_STEPS {
        let subject = Subject::of(Scope::Step(step.to_owned()));
        let change =
            Change::Cache { hit_ratio: hits(run, step), hit_secs, lookup_secs: InputRange::exactly(0.0) };
        match Base::new(&kept_run, &precise.summary, &subject) {
            Ok(base) => {
                let projection = project(&base, &change, &Queue::default());
                match projection.refusals.first() {
                    Some(first) if projection.is_refused() => refusal = Some(first.text.clone()),
                    _ => projections.push((step, projection)),
                }
            }
            Err(error) => refusal = Some(error.to_string()),
        }
    }
    let sentence = projections
        .iter()
        .filter_map(|(step, projection)| told(step, projection))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, sentence)| sentence);
    let Some(sentence) = sentence else {
        return Err(
            refusal.unwrap_or_else(|| "the run has none of the steps that the cache serves".to_owned())
        );
    };
    let library = Library::open(library).map_err(|error| error.to_string())?;
    for (_, projection) in &projections {
        launch::keep_projection(&library, projection).map_err(|error| error.to_string())?;
    }
    let source = match run.record.audit {
        Some(_) => "shares of hits from the run's own traffic".to_owned(),
        None => {
            let [low, high] = [ASSUMED_HITS.low, ASSUMED_HITS.high].map(humanize::percent);
            format!("{low} to {high} hits assumed, as the run has no audit of its traffic")
        }
    };
    Ok(ProjectionsKept { n_kept: projections.len() as u32, sentence: format!("{sentence}; {source}.") })
}

/// The share of a step's requests that a cache would have served, by what was seen of its traffic.
fn hits(run: &LoadedRun, step: &str) -> InputRange {
    let index = run.record.start.scenario.steps().position(|(_, of_run)| of_run.name == step);
    let audit = run.record.audit.as_ref();
    let traffic = audit
        .zip(index)
        .and_then(|(audit, index)| audit.steps.iter().find(|traffic| usize::from(traffic.step) == index));
    traffic.and_then(|traffic| traffic.cache.as_ref()).and_then(hits_seen).unwrap_or(ASSUMED_HITS)
}

fn hits_seen(facts: &CacheFacts) -> Option<InputRange> {
    let mut shares = facts
        .by_ttl
        .iter()
        .filter(|ttl| (TTL_SECS[0]..=TTL_SECS[1]).contains(&ttl.ttl_secs))
        .map(|ttl| ttl.n_served as f64 / facts.n_lookups as f64)
        .filter(|share| share.is_finite());
    let first = shares.next()?;
    let (low, high) = shares.fold((first, first), |(low, high), share| (low.min(share), high.max(share)));
    Some(InputRange::between(low, high))
}

/// What an answer of the gateway alone takes, as measured: from the median to p95.
fn gateway_secs(run: &LoadedRun) -> Option<InputRange> {
    let row = run.summary.steps.iter().find(|row| row.name == GATEWAY_STEP)?;
    let times = &row.aggregate.stats.response_time;
    let secs = |quantile| times.quantile(quantile).map(|time| time.as_secs_f64());
    Some(InputRange::between(secs(0.5)?, secs(0.95)?))
}

/// How many times as fast a step would be, and the words for it.
fn told(step: &str, projection: &Projection) -> Option<(f64, String)> {
    let row = projection.percentiles.iter().find(|row| row.quantile == TOLD)?;
    let projected = row.unchanged?;
    let words = format!(
        "{step}: p50 measured {}, projected {} to {}",
        humanize::latency_secs(row.base_secs),
        humanize::latency_secs(projected.low_secs),
        humanize::latency_secs(projected.high_secs)
    );
    Some((row.base_secs / projected.secs.max(1e-9), words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{metrics::TtlFacts, model::parse_scenario, store};

    #[test]
    fn the_preset_has_the_steps_that_the_cache_serves() {
        let preset = store::preset("comprehensive").unwrap();
        let (scenario, _) = parse_scenario(preset.text).unwrap();
        let names: Vec<&str> = scenario.steps().map(|(_, step)| step.name.as_str()).collect();
        for step in CACHED_STEPS.iter().chain([&GATEWAY_STEP]) {
            assert!(names.contains(step), "{step}");
        }
    }

    #[test]
    fn the_share_of_hits_is_that_of_the_times_to_live_that_the_cache_has() {
        let ttl = |ttl_secs, n_served| TtlFacts { ttl_secs, n_served, n_stale: 0 };
        let by_ttl = vec![ttl(10, 40), ttl(60, 70), ttl(600, 80), ttl(3_600, 99)];
        let facts = CacheFacts { n_lookups: 100, by_ttl, ..CacheFacts::default() };
        assert_eq!(hits_seen(&facts), Some(InputRange { low: 0.4, high: 0.8 }));
        assert_eq!(hits_seen(&CacheFacts::default()), None);
        let nothing = CacheFacts { by_ttl: facts.by_ttl, ..CacheFacts::default() };
        assert_eq!(hits_seen(&nothing), None, "nothing was looked up");
    }
}
