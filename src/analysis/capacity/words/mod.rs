//! A capacity in words: the same sentences in the window, the terminal and the report.

mod levels;
mod scaling;

use std::time::Duration;

use super::{
    Capacity, Demand, DemandSource, Headroom, Level, SloCapacity, TargetDoubt, TargetResult, TargetVerdict,
    UsersSupported, queueing::hold_by_measured,
};
use crate::analysis::{Standing, Summary, capitalized, metric_words, words::unfinished_words};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::model::Metric;

pub use levels::CAPACITY_NOTE;

/// How many levels are told one by one in the notes.
const N_LEVELS_TOLD: usize = 5;

impl Capacity {
    /// All that it says, a sentence or two each, the most important first.
    pub fn sentences(&self) -> Vec<String> {
        if self.is_unknown() {
            return Vec::new();
        }
        let mut sentences = vec![self.slo_sentence()];
        sentences.extend(self.headroom_sentence());
        sentences.extend(self.users_sentence());
        if !self.levels.is_empty() {
            sentences.push(self.scaling.usl_sentence());
            sentences.extend(self.scaling.knee_sentence());
        }
        sentences
    }

    /// What rate kept the targets; nothing where nothing was worked out.
    pub fn slo_sentence(&self) -> String {
        let offered = |index: usize| self.levels[index].offered_text(self.is_open);
        match &self.slo {
            SloCapacity::Unknown => String::new(),
            SloCapacity::NoLevels => {
                "No stage held its level after the warm-up, so no capacity can be told. Let stages hold a level: add \
                 one with the same level after each ramp, or use shape = \"step\"."
                    .to_owned()
            }
            SloCapacity::NoTargets => {
                "The scenario sets no limit on latency or errors of the whole run, so no rate can be said to keep \
                 one. Set a must or should threshold of scope run."
                    .to_owned()
            }
            SloCapacity::NoneCounts => {
                let reason = self.levels.iter().find_map(|level| level.not_counted);
                let reason = reason.map(|reason| format!(": {}", reason.words())).unwrap_or_default();
                format!("No level tells of the target{reason}. No capacity can be told.")
            }
            SloCapacity::Undecided => format!(
                "No level decides whether the targets can be kept: {}.",
                self.first_doubt().unwrap_or_else(|| "there is too little data".to_owned())
            ),
            SloCapacity::BelowLowest { missed } => format!(
                "The targets were missed at {} already, the lowest level that decides ({}): the capacity lies below it.",
                offered(*missed),
                self.levels[*missed].missed_words()
            ),
            SloCapacity::NotMonotone { met, missed } => format!(
                "The targets were met at {} and missed at {} ({}): there is no single capacity. Something else than the \
                 load decided one of the two; run it again.",
                offered(*met),
                offered(*missed),
                self.levels[*missed].missed_words()
            ),
            SloCapacity::Reached(_) => self.reached_sentence(),
        }
    }

    fn reached_sentence(&self) -> String {
        let Some(estimate) = self.estimate() else { return String::new() };
        let offered = |index: usize| self.levels[index].offered_text(self.is_open);
        let rate = humanize::rate(estimate.requests_per_sec.value);
        let met = format!("{}, with {rate} of requests", offered(estimate.met));
        let bound = match estimate.requests_per_sec.low {
            Some(low) => format!("{} of requests (95 % lower bound)", humanize::rate(low)),
            None => format!("{rate} of requests (no bounds: run longer)"),
        };
        let place = if estimate.is_at_least() { "above it" } else { "between them" };
        let undecided = match estimate.undecided.len() {
            0 => String::new(),
            1 => format!(" 1 level {place} decides nothing."),
            n => format!(" {} {place} decide nothing.", humanize::counted(n as u64, "level")),
        };
        match estimate.missed {
            None if estimate.undecided.is_empty() => format!(
                "All targets were met at the highest level that was held, {met}. Where the capacity ends was not seen: \
                 it is at least {bound}, the highest tested."
            ),
            None => format!("All targets were met up to {met}. The capacity is at least {bound}.{undecided}"),
            Some(missed) => format!(
                "All targets were met up to {met}, and missed at {} ({}). The capacity lies between these levels; plan \
                 with {bound}.{undecided}",
                offered(missed),
                self.levels[missed].missed_words()
            ),
        }
    }

    fn first_doubt(&self) -> Option<String> {
        let levels = self.levels.iter().filter(|level| level.counts());
        levels.flat_map(|level| &level.targets).find_map(|target| {
            let doubt = target.doubt()?;
            Some(format!(
                "{} against its limit of {}, {}",
                metric_words(target.metric),
                target.limit_text(),
                doubt.words()
            ))
        })
    }

    /// How much of the capacity a demand leaves; none where no capacity is known.
    pub fn headroom_sentence(&self) -> Option<String> {
        let estimate = self.estimate()?;
        let Some(headroom) = self.headroom else {
            return Some(match (self.demand, estimate.requests_per_sec.low) {
                (Some(_), None) => {
                    "The capacity has no lower bound, so no headroom can be told: run longer.".to_owned()
                }
                _ => {
                    "No demand is stated, so no headroom can be told: set a threshold on throughput, or state the rate \
                     that is needed."
                        .to_owned()
                }
            });
        };
        Some(headroom.sentence())
    }

    /// What the capacity is in iterations and users, with its derivation.
    pub fn users_sentence(&self) -> Option<String> {
        self.users.as_ref().map(UsersSupported::sentence)
    }
}

impl Demand {
    /// The demand and who says so: `1,000/s (throughput threshold)`.
    pub fn text(&self) -> String {
        let source = match self.source {
            DemandSource::Threshold => "throughput threshold",
            DemandSource::Stated => "as stated",
        };
        format!("{} ({source})", humanize::level(self.requests_per_sec, true))
    }
}

impl Headroom {
    /// The share that is left, with the bound that it is: `≥ 19 %`.
    pub fn text(&self) -> String {
        let bound = if self.is_at_least && self.ratio >= 0.0 { "≥ " } else { "" };
        format!("{bound}{}", humanize::percent_at_least(self.ratio, 1_000.0))
    }

    fn sentence(&self) -> String {
        let demand = self.demand.text();
        let capacity = humanize::rate(self.capacity_per_sec);
        if self.ratio < 0.0 {
            let seen = if self.is_at_least { ", the highest tested" } else { "" };
            return format!(
                "The demand of {demand} is {} more than the capacity that was shown, {capacity}{seen}: there is no \
                 headroom.",
                humanize::percent(self.demand.requests_per_sec / self.capacity_per_sec - 1.0)
            );
        }
        let at_least = if self.is_at_least { "at least " } else { "" };
        format!(
            "Against a demand of {demand} the headroom is {at_least}{}: 1 − demand ÷ capacity, by the capacity's lower \
             bound of {capacity}.",
            humanize::percent_at_least(self.ratio, 1_000.0)
        )
    }
}

impl UsersSupported {
    /// How many users the capacity can be planned with: whole ones, by the lower bound where there is one.
    pub fn n_users(&self) -> u64 {
        let users = self.users();
        users.low.unwrap_or(users.value).max(0.0).floor() as u64
    }

    /// The derivation and what it takes for granted.
    pub fn sentence(&self) -> String {
        let assumption = "It holds for users who start again when they are done, pause as the scenario says, and get \
                          answers as fast as there.";
        let users = humanize::count(self.n_users());
        let derived = number(self.derived_users.value);
        match self.agrees() {
            None => format!(
                "Users it supports: {users}. {}, and rate × time is the number of users (Little's law). {assumption}",
                self.derivation(false)
            ),
            Some(true) => format!(
                "Users it supports: {users}, as tested. {}, and rate × time comes to {derived} users, which agrees \
                 (Little's law). {assumption}",
                self.derivation(true)
            ),
            Some(false) => format!(
                "Users it supports: {users}, as tested. {}, but rate × time comes to {derived} users (Little's law): \
                 failed requests, and iterations that they ended, are not in it. {assumption}",
                self.derivation(true)
            ),
        }
    }

    /// How many iterations the requests are, and how long one takes; by the lower bounds unless by what was measured.
    fn derivation(&self, as_measured: bool) -> String {
        let rate = |rate: crate::analysis::stats::Estimate| {
            humanize::rate(rate.low.filter(|_| !as_measured).unwrap_or(rate.value))
        };
        let iteration = &self.iteration;
        let think_time = humanize::latency(iteration.think_time);
        let pauses = match (iteration.think_time.is_zero(), self.is_paced) {
            (true, false) => "no pauses".to_owned(),
            (false, false) => format!("{think_time} of think time"),
            (true, true) => "no think time, and pacing".to_owned(),
            (false, true) => format!("{think_time} of think time, and pacing"),
        };
        format!(
            "{} of requests are {} of iterations of {} on average; an iteration takes {} ({} an answer, {pauses})",
            rate(self.requests_per_sec),
            rate(self.iterations_per_sec),
            requests_words(iteration.n_requests),
            humanize::latency(iteration.duration),
            humanize::latency(self.mean_response),
        )
    }
}

fn requests_words(n_requests: f64) -> String {
    if n_requests == 1.0 { "1 request".to_owned() } else { format!("{} requests", number(n_requests)) }
}

/// A figure without zeros that tell nothing: `3`, `3.02`.
fn number(value: f64) -> String {
    let text = humanize::number(value);
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => text,
    }
}

/// What weakens the figures, or has to be known of them.
pub(super) fn notes(record: &RunRecord, summary: &Summary, levels: &[Level]) -> Vec<String> {
    let is_open = record.start.scenario.load.model.is_open();
    let mut notes = Vec::new();
    if record.start.scenario.interleave.is_some() && !levels.is_empty() {
        notes.push(
            "Baseline and candidate took turns at each level: the figures cover both sides together, and are the \
             capacity of neither."
                .to_owned(),
        );
    }
    if let Some(words) = unfinished_words(record.end.finish).filter(|_| !levels.is_empty()) {
        notes.push(format!("{words} Levels count as far as they were held."));
    }
    if summary.quality.standing == Standing::Weak && !levels.is_empty() {
        notes.push("The measurement is weak: read its caveats before the capacity.".to_owned());
    }
    let left_out: Vec<&Level> = levels.iter().filter(|level| !level.counts()).collect();
    for level in left_out.iter().take(N_LEVELS_TOLD) {
        let reason = level.not_counted.map(|reason| reason.words()).unwrap_or_default();
        notes.push(format!("{} ({}) does not count: {reason}.", level.name, level.offered_text(is_open)));
    }
    if let Some(n_more @ 1..) = left_out.len().checked_sub(N_LEVELS_TOLD) {
        notes.push(format!(
            "{} more do not count either.",
            capitalized(&humanize::counted(n_more as u64, "level"))
        ));
    }
    notes.extend(hold_note(levels));
    notes
}

/// How long the level with the most to gain should be held, by how far its requests depend on each other.
fn hold_note(levels: &[Level]) -> Option<String> {
    let needed = |level: &Level, target: &TargetResult| -> Option<Duration> {
        let Metric::Quantile(quantile) = target.metric else { return None };
        if target.verdict != TargetVerdict::Undecided(TargetDoubt::NoUpperBound) {
            return None;
        }
        hold_by_measured(quantile, level.duration, level.n_effective(quantile)?)
    };
    let counted = levels.iter().filter(|level| level.counts());
    let longest = counted
        .flat_map(|level| {
            level.targets.iter().filter_map(move |target| Some((level, target, needed(level, target)?)))
        })
        .max_by_key(|(_, _, hold)| *hold)?;
    let (level, target, hold) = longest;
    Some(format!(
        "Requests wait in the same queues and so depend on each other: to bound {} of {}, hold it for about {} instead \
         of {}.",
        metric_words(target.metric),
        level.name,
        humanize::span(rounded_up(hold)),
        humanize::span(level.duration)
    ))
}

/// To whole tens of seconds, and minutes from ten on: more would look exact.
fn rounded_up(hold: Duration) -> Duration {
    let step = if hold < Duration::from_secs(600) { 10 } else { 60 };
    Duration::from_secs(hold.as_secs().div_ceil(step).max(1) * step)
}
