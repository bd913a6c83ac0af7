//! What an optimisation of the sandbox would bring, projected from the first run: a cache to the steps that the cache
//! manager serves, and few statements in the place of many.

use std::path::Path;

use crate::{
    analysis::what_if::{Base, CallTime, Change, InputRange, Projection, Queue, Subject, project},
    app::state::LoadedRun,
    humanize, launch,
    metrics::{CacheFacts, Repeats, StepTraffic, TtlFacts},
    model::Scope,
    store::Library,
};

use super::step::Optimisation;

/// Steps by name, with what changes for each.
type Changes = Vec<(String, Change)>;

/// The steps of the comprehensive preset whose answers the cache manager keeps.
const CACHED_STEPS: [&str; 4] = ["List courses", "Open course", "Read wallet", "Search jobs"];
/// Nothing but the gateway answers it, whose work a hit has at most.
const GATEWAY_STEP: &str = "Check gateway";
/// Where a run has no audit to tell the share of hits, this much is taken for it, and said.
const ASSUMED_HITS: InputRange = InputRange { low: 0.5, high: 0.95 };
/// The times to live between which the cache manager's classes for these answers lie.
const TTL_SECS: [u32; 2] = [60, 3_600];
/// Answers that are no longer the present ones, of those that a cache for all users would serve, up to which they are
/// taken to be the same for all.
const MAX_STALE: f64 = 0.05;
/// Statements of a request from which the query optimizer is taken to need fewer.
const MIN_STATEMENTS: f64 = 3.0;
/// How the sandbox calls the time in its database in `Server-Timing`.
const DATABASE: &str = "db";
/// The percentile that the card tells.
const TOLD: f64 = 0.5;

/// What was projected and kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionsKept {
    pub n_kept: u32,
    /// The greatest of them, in a sentence.
    pub sentence: String,
}

/// Projects an optimisation for each step that it serves, and keeps what the models do not refuse with the run.
pub fn project_optimisation(
    optimisation: Optimisation,
    run: &LoadedRun,
    library: &Path,
) -> Result<ProjectionsKept, String> {
    let (changes, source) = match optimisation {
        Optimisation::CacheManager => cached(run)?,
        Optimisation::QueryOptimizer => joined(run)?,
        Optimisation::PayloadOptimizer => {
            return Err("between two programs on one machine bytes cost next to no time".to_owned());
        }
    };
    let precise = run.make_precise().map_err(|error| error.to_string())?;
    let kept_run = run.kept();
    let mut projections = Vec::new();
    let mut refusal = None;
    for (step, change) in &changes {
        let subject = Subject::of(Scope::Step(step.clone()));
        match Base::new(&kept_run, &precise.summary, &subject) {
            Ok(base) => {
                let projection = project(&base, change, &Queue::default());
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
        return Err(refusal.unwrap_or_else(|| "the run has none of the steps that it serves".to_owned()));
    };
    let library = Library::open(library).map_err(|error| error.to_string())?;
    for (_, projection) in &projections {
        launch::keep_projection(&library, projection).map_err(|error| error.to_string())?;
    }
    Ok(ProjectionsKept { n_kept: projections.len() as u32, sentence: format!("{sentence}; {source}.") })
}

/// A cache for each step that the cache manager serves, and where its figures are from.
fn cached(run: &LoadedRun) -> Result<(Changes, String), String> {
    let hit_secs = gateway_secs(run).ok_or("the run has no answers of the gateway alone")?;
    let change = |step: &str| {
        let hit_ratio = hits(run, step);
        (step.to_owned(), Change::Cache { hit_ratio, hit_secs, lookup_secs: InputRange::exactly(0.0) })
    };
    let source = match run.record.audit {
        Some(_) => "shares of hits from the run's own traffic".to_owned(),
        None => {
            let [low, high] = [ASSUMED_HITS.low, ASSUMED_HITS.high].map(humanize::percent);
            format!("{low} to {high} hits assumed, as the run has no audit of its traffic")
        }
    };
    Ok((CACHED_STEPS.map(change).to_vec(), source))
}

/// One statement or two in the place of many, for each step whose answers tell that it has so many.
fn joined(run: &LoadedRun) -> Result<(Changes, String), String> {
    let steps = run.summary.steps.iter().filter_map(|row| {
        let timing = traffic(run, &row.name)?.timings.iter().find(|timing| timing.name == DATABASE)?;
        let number = timing.number.filter(|number| *number >= MIN_STATEMENTS)?;
        let mean = row.aggregate.stats.service_time.mean()?.as_secs_f64();
        let ratio = InputRange::exactly((timing.took.as_secs_f64() / mean).min(1.0));
        let speed_up = InputRange::between(number / 2.0, number);
        Some((row.name.clone(), Change::Faster { speed_up, call: CallTime::Share { ratio } }))
    });
    let steps: Changes = steps.collect();
    if steps.is_empty() {
        return Err("no answer of the run says that it took several statements".to_owned());
    }
    Ok((steps, "one or two statements in the place of those that its answers tell".to_owned()))
}

/// What was seen of a step's traffic.
fn traffic<'a>(run: &'a LoadedRun, step: &str) -> Option<&'a StepTraffic> {
    let index = run.record.start.scenario.steps().position(|(_, of_run)| of_run.name == step)?;
    let audit = run.record.audit.as_ref()?;
    audit.steps.iter().find(|traffic| usize::from(traffic.step) == index)
}

/// The share of a step's requests that a cache would have served, by what was seen of its traffic.
fn hits(run: &LoadedRun, step: &str) -> InputRange {
    let facts = traffic(run, step).and_then(|traffic| traffic.cache.as_ref());
    facts.and_then(hits_seen).unwrap_or(ASSUMED_HITS)
}

// The cache manager keeps one answer for all users, which is right where all of them get the same, and throws it away when
// something is written: at worst nothing but what was answered the same as before is a hit.
fn hits_seen(facts: &CacheFacts) -> Option<InputRange> {
    let is_same_for_all = |shared: &&Repeats| {
        let stale = |ttl: &TtlFacts| ttl.n_stale as f64 <= MAX_STALE * ttl.n_served as f64;
        in_sandbox(shared).all(stale)
    };
    let repeats = facts.shared.as_ref().filter(is_same_for_all).unwrap_or(&facts.own);
    let n_served = in_sandbox(repeats).map(|ttl| ttl.n_served).chain([repeats.n_same]);
    let mut shares = n_served.map(|n| n as f64 / repeats.n_lookups as f64).filter(|share| share.is_finite());
    let first = shares.next()?;
    let (low, high) = shares.fold((first, first), |(low, high), share| (low.min(share), high.max(share)));
    Some(InputRange::between(low, high))
}

/// What caches of the sandbox's times to live would have served.
fn in_sandbox(repeats: &Repeats) -> impl Iterator<Item = &TtlFacts> {
    repeats.by_ttl.iter().filter(|ttl| (TTL_SECS[0]..=TTL_SECS[1]).contains(&ttl.ttl_secs))
}

/// What a hit takes: at least what the fastest answer of the gateway took, and at most its median, as its own work is more
/// than finding an answer that is kept.
fn gateway_secs(run: &LoadedRun) -> Option<InputRange> {
    let row = run.summary.steps.iter().find(|row| row.name == GATEWAY_STEP)?;
    let times = &row.aggregate.stats.response_time;
    let secs = |quantile| times.quantile(quantile).map(|time| time.as_secs_f64());
    Some(InputRange::between(secs(0.0)?, secs(0.5)?))
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
    use crate::{model::parse_scenario, store};

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
        let by_ttl = vec![ttl(10, 40), ttl(60, 70), ttl(600, 80), ttl(3_600, 90)];
        let own = Repeats { n_lookups: 100, n_same: 80, by_ttl, ..Repeats::default() };
        let of_each = CacheFacts { own, ..CacheFacts::default() };
        assert_eq!(hits_seen(&of_each), Some(InputRange { low: 0.7, high: 0.9 }));
        let mut written = of_each.clone();
        written.own.n_same = 40;
        assert_eq!(hits_seen(&written), Some(InputRange { low: 0.4, high: 0.9 }), "answers changed");
        assert_eq!(hits_seen(&CacheFacts::default()), None);
        let mut nothing = of_each.clone();
        nothing.own.n_lookups = 0;
        assert_eq!(hits_seen(&nothing), None, "nothing was looked up");
        let by_ttl = vec![ttl(60, 94), ttl(600, 96)];
        let shared = Repeats { n_lookups: 100, n_same: 96, by_ttl, ..Repeats::default() };
        let mut of_all = CacheFacts { shared: Some(shared), ..of_each };
        assert_eq!(hits_seen(&of_all), Some(InputRange { low: 0.94, high: 0.96 }));
        of_all.shared.as_mut().unwrap().by_ttl[1].n_stale = 50;
        assert_eq!(hits_seen(&of_all), Some(InputRange { low: 0.7, high: 0.9 }), "not the same for all");
    }
}
