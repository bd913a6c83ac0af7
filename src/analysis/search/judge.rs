//! What a probe comes to: on confidence bounds, and never by what the generator could not do.

use super::{
    measure::{ProbeFigures, TargetFigures},
    settings::{SearchSettings, SearchTarget},
};
use crate::analysis::{
    limits::{PROCESS_CPU, RAN_OUT, START_LAG_FLOOR, START_LAG_SHARE, WORKER_CPU},
    stats::slope,
    words::metric_text,
};
use crate::humanize;
use crate::metrics::Weight;
use crate::model::Metric;

/// The least share of what was offered that a level has to achieve to pass (SCIENCE §6).
const MIN_ACHIEVED: f64 = 0.99;
/// A rise of the requests in flight with less than this is no chance (SCIENCE §6).
const CHANCE: f64 = 0.01;
/// It has to be so much of what is in flight, too, and a request at least: less is no queue that grows.
// A queue that grows without end has doubled or more by the end of its hold: with 5 % beyond capacity it rises by twice
// its median. One that only sways, as all do near capacity, may rise beyond chance for a minute: with a tenth, of
// twenty simulated searches of M/M/4 one found no single number for it, and three stopped a step too low.
const NOTABLE_RISE: f64 = 0.5;
/// From this share of all users that may be there on, it is the target that keeps them.
const ALL_WAITING: f64 = 0.9;

/// What a probe comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeVerdict {
    Pass,
    Fail,
    /// Neither is shown; counts as a fail.
    Undecided,
    /// The generator's end, not the target's: counts as nothing, and is held once more.
    GeneratorLimited,
}

impl ProbeVerdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Fail => "Fail",
            Self::Undecided => "Undecided",
            Self::GeneratorLimited => "Generator's end",
        }
    }
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: ProbeVerdict,
    /// Why, in words that follow a colon; none for a pass.
    pub reasons: Vec<String>,
}

/// How a target stands at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetStanding {
    Met,
    Missed,
    Open,
}

impl TargetFigures {
    /// Met or missed where the whole interval is; else open.
    pub fn standing(&self, target: &SearchTarget) -> TargetStanding {
        // With the better side down, both kinds of limit read alike.
        let (best, worst, limit) = match target.metric.higher_is_better() {
            true => (self.high.map(|high| -high), self.low.map(|low| -low), -target.limit),
            false => (self.low, self.high, target.limit),
        };
        let is_hidden = self.reading.is_some_and(|reading| reading.is_censored);
        // No bound of a share of errors is nothing: none at all has to do.
        let asks_for_none = match target.metric {
            Metric::ErrorShare => target.limit <= 0.0,
            Metric::Availability => target.limit >= 1.0,
            _ => false,
        };
        let has_none =
            self.reading.is_some_and(|reading| reading.value == target.limit) && self.n_requests > 0;
        match (best, worst) {
            _ if asks_for_none && has_none => TargetStanding::Met,
            (_, Some(worst)) if worst <= limit => TargetStanding::Met,
            (Some(best), _) if best > limit || is_hidden && best >= limit => TargetStanding::Missed,
            _ => TargetStanding::Open,
        }
    }
}

/// Judges a probe by what was measured while it was held.
pub(super) fn judge(settings: &SearchSettings, figures: &ProbeFigures) -> Judgement {
    let of = |verdict, reasons| Judgement { verdict, reasons };
    let limited = generator_limits(figures);
    if !limited.is_empty() {
        return of(ProbeVerdict::GeneratorLimited, limited);
    }
    if figures.was_paused {
        return of(ProbeVerdict::Undecided, vec!["the run was paused while it was held".to_owned()]);
    }
    let failures = failures(settings, figures);
    if !failures.is_empty() {
        return of(ProbeVerdict::Fail, failures);
    }
    if let Some(reason) = dropped(settings, figures) {
        return of(ProbeVerdict::GeneratorLimited, vec![reason]);
    }
    let doubts = doubts(settings, figures);
    if doubts.is_empty() { of(ProbeVerdict::Pass, doubts) } else { of(ProbeVerdict::Undecided, doubts) }
}

/// What the generator or its machine could not do, by the limits that make a run invalid.
fn generator_limits(figures: &ProbeFigures) -> Vec<String> {
    let is_invalid = |weight: Option<Weight>| weight == Some(Weight::Invalid);
    let mut limits = Vec::new();
    if let (Some(lag), Some(median)) = (figures.start_lag_p99, figures.median) {
        let (lag, median) = (lag.as_secs_f64(), median.as_secs_f64());
        if is_invalid(START_LAG_SHARE.weight(lag / median).min(START_LAG_FLOOR.weight(lag))) {
            limits.push(format!(
                "1 % of the requests left {} or more after their intended start ({} of the median response time)",
                humanize::latency_secs(lag),
                humanize::percent(lag / median)
            ));
        }
    }
    let busiest = figures.busiest_worker_ratio.filter(|ratio| is_invalid(WORKER_CPU.weight(*ratio)));
    limits.extend(busiest.map(|ratio| {
        format!("the generator's busiest worker used {} of a processor", humanize::percent(ratio))
    }));
    let process = figures.process_cpu_ratio.filter(|ratio| is_invalid(PROCESS_CPU.weight(*ratio)));
    limits.extend(
        process.map(|ratio| {
            format!("the generator used {} of its machine's processors", humanize::percent(ratio))
        }),
    );
    if is_invalid(RAN_OUT.weight(figures.n_ran_out as f64)) {
        limits.push(format!(
            "{} failed for want of descriptors or ports of the generator's machine",
            humanize::counted(figures.n_ran_out, "request")
        ));
    }
    limits
}

fn failures(settings: &SearchSettings, figures: &ProbeFigures) -> Vec<String> {
    let targets = settings.targets.iter().zip(&figures.targets);
    let missed = targets.filter(|(target, figures)| figures.standing(target) == TargetStanding::Missed);
    let mut failures: Vec<String> = missed.map(|(target, figures)| missed_words(target, figures)).collect();
    failures.extend(growth(figures));
    let has_latency = settings.targets.iter().any(SearchTarget::is_of_latency);
    let all_wait = settings
        .max_users
        .zip(figures.mean_in_flight())
        .is_some_and(|(most, in_flight)| in_flight >= ALL_WAITING * f64::from(most));
    // Without a limit of response time nothing else says that the target takes no more.
    if failures.is_empty() && !has_latency && all_wait && is_dropping(figures) {
        failures.push(
            "all users that may be there waited for the target, so that iterations were dropped".to_owned(),
        );
    }
    failures
}

fn missed_words(target: &SearchTarget, figures: &TargetFigures) -> String {
    let reading = figures.reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| reading.text());
    let bound = if target.metric.higher_is_better() { figures.high } else { figures.low };
    let bound = bound.map_or_else(String::new, |bound| {
        let side = if target.metric.higher_is_better() { "at most" } else { "at least" };
        format!(", {side} {}", metric_text(target.metric, bound))
    });
    match figures.reading {
        Some(reading_of) if reading_of.is_censored => format!("{}: it was {reading}", target.words()),
        _ => format!("{}: it was {reading}{bound}", target.words()),
    }
}

/// Requests in flight that rise beyond chance, and notably.
fn growth(figures: &ProbeFigures) -> Option<String> {
    let slope = slope(&figures.in_flight)?;
    let mut sorted = figures.in_flight.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let rise = slope.over_all();
    let grows = slope.p_of_rise() < CHANCE && rise >= (NOTABLE_RISE * median).max(1.0);
    grows.then(|| {
        format!(
            "requests in flight grew by {} over the hold, {} of them in the middle (p {})",
            humanize::number(rise),
            humanize::number(median),
            humanize::p_value(slope.p_of_rise())
        )
    })
}

fn is_dropping(figures: &ProbeFigures) -> bool {
    figures.n_due > 0 && (figures.n_started as f64) < MIN_ACHIEVED * figures.n_due as f64
}

/// Iterations that did not start though nothing says that the target was the reason.
fn dropped(settings: &SearchSettings, figures: &ProbeFigures) -> Option<String> {
    is_dropping(figures).then(|| {
        let most = settings.max_users.map_or_else(String::new, |most| format!(" ({})", humanize::count(u64::from(most))));
        format!(
            "{} of {} were not started, because all virtual users that may be there{most} were busy; raise max_users",
            humanize::count(figures.n_due - figures.n_started),
            humanize::counted(figures.n_due, "iteration")
        )
    })
}

/// What keeps a probe that does not fail from passing.
fn doubts(settings: &SearchSettings, figures: &ProbeFigures) -> Vec<String> {
    let mut doubts = Vec::new();
    if figures.targets.len() < settings.targets.len() {
        doubts.push("nothing was measured".to_owned());
    }
    for (target, figures) in settings.targets.iter().zip(&figures.targets) {
        if figures.standing(target) == TargetStanding::Open {
            doubts.push(open_words(target, figures));
        }
    }
    if is_short(figures) {
        let share = figures.n_requests as f64 / figures.n_sent.max(1) as f64;
        doubts
            .push(format!("only {} of the requests sent were answered meanwhile", humanize::percent(share)));
    }
    doubts
}

/// Whether fewer requests ended than were sent, beyond 1 % and what is in flight at either end of the hold.
fn is_short(figures: &ProbeFigures) -> bool {
    // The number in flight sways by its root where requests are independent: two ends, two deviations.
    let sway = 2.0 * (2.0 * figures.mean_in_flight().unwrap_or(0.0)).sqrt();
    (figures.n_requests as f64) + sway < MIN_ACHIEVED * figures.n_sent as f64
}

fn open_words(target: &SearchTarget, figures: &TargetFigures) -> String {
    let Some(reading) = figures.reading else { return format!("{}: nothing was measured", target.words()) };
    let worst = if target.metric.higher_is_better() { figures.low } else { figures.high };
    let bound = match worst {
        Some(worst) => {
            let side =
                if target.metric.higher_is_better() { "it may be as low as" } else { "it may be as high as" };
            format!("{side} {}", metric_text(target.metric, worst))
        }
        None if reading.is_censored => "timeouts hide how long".to_owned(),
        None => "nothing bounds it from above, as too few requests lie beyond".to_owned(),
    };
    format!("{}: it was {}, {bound}", target.words(), reading.text())
}
