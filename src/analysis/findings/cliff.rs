//! Error cliff: from some moment on a good part of the requests fails, and before it hardly any did.

use std::{ops::Range, time::Duration};

use crate::humanize;
use crate::metrics::{ErrorGroup, Outcome, SecondPoint};
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, Finding, Grounds, Rule,
    ScenarioChange, TimeLine, limiting::is_rate_limit, weight,
};

/// Error shares that are told apart: below the first a run is sound, at the second it is not; ours.
const SOUND: f64 = 0.01;
const BROKEN: f64 = 0.10;

/// By how much the second has to be likelier, as a natural logarithm; ours.
// One to three million: a cliff can begin at any of thousands of seconds.
const MIN_EVIDENCE: f64 = 15.0;

/// The least that counts as a cliff; ours.
const MIN_SHARE: f64 = 0.05;
const MIN_ERRORS: u64 = 20;
const MIN_SECS: usize = 5;
/// Times the share before it.
const MIN_JUMP: f64 = 5.0;
/// Seconds within it that have errors, of those that have requests: one bad second makes none.
const MIN_SPREAD: f64 = 0.6;

/// What has to be known of the time before.
const MIN_SECS_BEFORE: usize = 10;
const MIN_REQUESTS_BEFORE: u64 = 50;

/// The share of one kind of error from which the cliff is told elsewhere.
const MOSTLY: f64 = 0.8;

/// Seconds at the beginning whose errors are its first.
const FIRST_SECS: u32 = 5;

/// A stretch in which requests failed, with what was before it.
struct Cliff {
    seconds: Range<u32>,
    n_requests: u64,
    n_errors: u64,
    n_requests_before: u64,
    n_errors_before: u64,
}

pub fn error_cliff(grounds: &Grounds<'_>) -> Option<Finding> {
    let cliff = cliff_of(grounds.points())?;
    let kinds = kinds(grounds, &cliff.seconds);
    let n_limited: u64 = kinds.iter().filter(|(kind, _)| is_rate_limit(kind)).map(|(_, n)| n).sum();
    if n_limited as f64 >= MOSTLY * cliff.n_errors as f64 {
        return None;
    }
    let first = first_kind(grounds, &cliff);
    let level = grounds.plan.level_at(Duration::from_secs(cliff.seconds.start.into()));
    let rising = is_rising(grounds, cliff.seconds.start, level);
    let share = cliff.n_errors as f64 / cliff.n_requests as f64;
    let before = cliff.n_errors_before as f64 / cliff.n_requests_before as f64;
    let at = humanize::clock(Duration::from_secs(cliff.seconds.start.into()));
    let what = first.as_ref().map_or(String::new(), |first| format!(", the first of them {first}"));
    let circumstance = if rising {
        format!("when the load came to {}", grounds.level_text(level))
    } else {
        format!("while the load was no higher than before ({})", grounds.level_text(level))
    };
    let confidence = if rising {
        Confidence::high("errors set in with a level that had not been asked for before, and stayed")
    } else {
        Confidence::medium(
            "errors set in and stayed, but nothing that was asked for changed: the trigger is not known",
        )
    };
    Some(Finding {
        rule: Rule::ErrorCliff,
        scope: Scope::Run,
        claim: format!(
            "From {at} on, {circumstance}, {} of the requests failed{what}; before it was {}.",
            humanize::percent(share),
            humanize::percent(before)
        ),
        evidence: Evidence {
            window: Grounds::stretch_words(&cliff.seconds),
            figures: figures(grounds, &cliff, first, &kinds),
            chart: EvidenceChart::OverTime {
                seconds: grounds.whole_run(),
                lines: vec![TimeLine::Errors, TimeLine::Completed, TimeLine::Asked],
                marks: vec![(cliff.seconds.start, "errors set in".to_owned())],
                limit: None,
            },
            seconds: cliff.seconds.clone(),
        },
        weight: weight(Rule::ErrorCliff, &confidence, share),
        confidence,
        rests_on: None,
        other_explanations: other_explanations(rising),
        next_experiment: experiment(grounds, level, rising, cliff.seconds.start),
    })
}

/// The stretch of seconds that is likeliest to be broken rather than sound.
// Each second speaks for one or the other by the logarithm of their likelihoods' ratio; the stretch with the greatest
// sum is found in one pass (Kadane).
fn cliff_of(points: &[SecondPoint]) -> Option<Cliff> {
    let of_error = (BROKEN / SOUND).ln();
    let of_success = ((1.0 - BROKEN) / (1.0 - SOUND)).ln();
    let (mut best, mut best_range, mut sum, mut from) = (0.0, 0..0, 0.0, 0);
    for (index, point) in points.iter().enumerate() {
        let (n_requests, n_errors) = counts(point);
        sum += n_errors as f64 * of_error + (n_requests - n_errors) as f64 * of_success;
        if sum <= 0.0 {
            (sum, from) = (0.0, index + 1);
        } else if sum > best {
            (best, best_range) = (sum, from..index + 1);
        }
    }
    let (within, before) = (points.get(best_range.clone())?, &points[..best_range.start]);
    let total = |points: &[SecondPoint]| {
        points.iter().map(counts).fold((0, 0), |(n, errors), (m, more)| (n + m, errors + more))
    };
    let ((n_requests, n_errors), (n_requests_before, n_errors_before)) = (total(within), total(before));
    let n_loaded = within.iter().filter(|point| counts(point).0 > 0).count();
    let n_failing = within.iter().filter(|point| counts(point).1 > 0).count();
    let is_known_before = before.len() >= MIN_SECS_BEFORE && n_requests_before >= MIN_REQUESTS_BEFORE;
    if best < MIN_EVIDENCE || !is_known_before || within.len() < MIN_SECS || n_errors < MIN_ERRORS {
        return None;
    }
    let share = n_errors as f64 / n_requests as f64;
    let share_before = n_errors_before as f64 / n_requests_before as f64;
    let is_cliff = share >= MIN_SHARE
        && share >= MIN_JUMP * share_before
        && n_failing as f64 >= MIN_SPREAD * n_loaded as f64;
    let seconds = within.first()?.second..within.last()?.second + 1;
    is_cliff.then_some(Cliff { seconds, n_requests, n_errors, n_requests_before, n_errors_before })
}

fn counts(point: &SecondPoint) -> (u64, u64) {
    let n_requests: u64 = point.n_by_outcome.iter().sum();
    (n_requests, n_requests - point.n_by_outcome[Outcome::Ok as usize])
}

/// Kinds of error within a stretch with their counts, the most frequent first.
fn kinds<'a>(grounds: &Grounds<'a>, seconds: &Range<u32>) -> Vec<(&'a str, u64)> {
    let mut kinds: Vec<(&str, u64)> = Vec::new();
    let n_by_group = grounds.history.n_by_group(seconds);
    for (group, n) in grounds.record.error_groups.iter().zip(n_by_group).filter(|(_, n)| *n > 0) {
        match kinds.iter_mut().find(|(kind, _)| *kind == group.signature) {
            Some((_, sum)) => *sum += n,
            None => kinds.push((&group.signature, n)),
        }
    }
    kinds.sort_by_key(|(kind, n)| (std::cmp::Reverse(*n), *kind));
    kinds
}

/// The most frequent kind of error of the cliff's first seconds.
fn first_kind(grounds: &Grounds<'_>, cliff: &Cliff) -> Option<String> {
    let start = cliff.seconds.start;
    let of_time = kinds(grounds, &(start..start + FIRST_SECS)).first().map(|(kind, _)| (*kind).to_owned());
    // Runs from before errors were kept by the second know when a group was first seen.
    of_time.or_else(|| {
        let near = |group: &&ErrorGroup| group.first_seen.as_secs() + 1 >= u64::from(start);
        let earliest = grounds.record.error_groups.iter().filter(near).min_by_key(|group| group.first_seen);
        earliest.map(|group| group.signature.clone())
    })
}

/// Whether the load had never been as high before; small steps of a ramp count.
fn is_rising(grounds: &Grounds<'_>, second: u32, level: f64) -> bool {
    // An answer fails some seconds after it was asked for.
    let settled = grounds.points_of(&(0..second.saturating_sub(MIN_SECS_BEFORE as u32)));
    let highest = settled.iter().map(|point| point.asked_level).fold(0.0, f64::max);
    level > 1.02 * highest
}

fn figures(
    grounds: &Grounds<'_>,
    cliff: &Cliff,
    first: Option<String>,
    kinds: &[(&str, u64)],
) -> Vec<Figure> {
    let share = |n: u64, of: u64| n as f64 / of as f64;
    let mut figures = vec![
        Figure::moment("Errors set in at", cliff.seconds.start),
        Figure::level(
            "Load at that time",
            grounds.plan.level_at(Duration::from_secs(cliff.seconds.start.into())),
            grounds.is_open(),
        ),
        Figure::share("Error share from then on", share(cliff.n_errors, cliff.n_requests)),
        Figure::share("Error share before", share(cliff.n_errors_before, cliff.n_requests_before)),
        Figure::count("Requests failed", cliff.n_errors).keyed(FigureKey::Failed),
    ];
    if let Some(first) = first {
        figures.push(
            Figure { value: None, ..Figure::count("First kind of error", 0) }
                .told(first)
                .keyed(FigureKey::FirstError),
        );
    }
    for (kind, n) in kinds.iter().take(3) {
        figures.push(Figure::count(format!("of them {kind}"), *n));
    }
    figures
}

fn other_explanations(rising: bool) -> Vec<String> {
    if rising {
        vec![
            "Something else failed at the same moment: repeat the run, and see whether errors set in at the same load."
                .to_owned(),
            "A limit that was set on purpose, such as on connections or rate, was reached.".to_owned(),
        ]
    } else {
        vec![
            "Something that fills up with time (connections, memory, a disk, a quota) was full.".to_owned(),
            "A deployment, a restart or a dependency of the target failed at that moment.".to_owned(),
            "Data ran out or became invalid, such as tokens that expire.".to_owned(),
        ]
    }
}

fn experiment(grounds: &Grounds<'_>, level: f64, rising: bool, second: u32) -> Experiment {
    let load = &grounds.scenario().load;
    if rising {
        let hold = Duration::from_secs(120);
        let levels = [0.6, 0.75, 0.9, 1.0].map(|share| share * level);
        return Experiment {
            name: "levels below the errors".to_owned(),
            words: format!(
                "Hold levels up to {} for {} each: errors that set in at the same level again depend on load, others on \
                 time.",
                grounds.level_text(level),
                humanize::span(hold)
            ),
            changes: vec![ScenarioChange::staircase(load, &levels, hold)],
        };
    }
    // Twice as long as it went well, within reason.
    let hold = Duration::from_secs((2 * u64::from(second)).clamp(300, 4 * 3_600));
    Experiment {
        name: "half the load, twice as long".to_owned(),
        words: format!(
            "Hold half the load for {}: errors after the same time depend on time, errors after twice the time on what \
             was sent until then, and none on load.",
            humanize::span(hold)
        ),
        changes: vec![ScenarioChange::hold(load, level / 2.0, hold)],
    }
}
