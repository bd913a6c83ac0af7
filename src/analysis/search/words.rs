//! The sentences of a search, ready for screen, terminal and report.

use std::time::Duration;

use super::{
    judge::ProbeVerdict,
    machine::{Probe, ProbeKind, SearchEnd},
    outcome::SearchOutcome,
    settings::SearchSettings,
};
use crate::analysis::short_interval;
use crate::humanize;
use crate::model::Metric;

/// What the figures of the probes cover.
pub const SEARCH_NOTE: &str = "Figures are of the whole seconds of each hold, settling left out; requests count by their end. \
    In brackets the 95 % interval; «≥»: no upper bound. Achieved: iterations started ÷ due, times requests ended ÷ sent.";

impl Probe {
    /// What it was for, with its number: `Probe 3`, `Confirm 9`.
    pub fn name(&self) -> String {
        match self.plan.kind {
            ProbeKind::Confirm => format!("Confirm {}", self.plan.number),
            _ => format!("Probe {}", self.plan.number),
        }
    }

    /// How long it was held and counted: `1 min`, `2 min (extended)`.
    pub fn held_text(&self) -> String {
        let seconds = &self.figures.seconds;
        let held = humanize::span(Duration::from_secs(u64::from(seconds.end - seconds.start)));
        if self.is_extended { format!("{held} (extended)") } else { held }
    }

    /// What it came to, in a line: `Probe 3 at 400/s passed`.
    pub fn line(&self, settings: &SearchSettings) -> String {
        let level = settings.level_text(self.plan.level);
        let verdict = match self.verdict() {
            ProbeVerdict::Pass => "passed",
            ProbeVerdict::Fail => "failed",
            ProbeVerdict::Undecided => "is undecided",
            ProbeVerdict::GeneratorLimited => "was the generator's end, not the target's",
        };
        format!("{} at {level} {verdict}{}", self.name(), self.because())
    }

    fn because(&self) -> String {
        match self.judgement.reasons.as_slice() {
            [] => String::new(),
            reasons => format!(" ({})", reasons.join("; ")),
        }
    }
}

/// The first target of response time, or p95 where there is none, with its interval: `81.2 ms (76.0–88.4)`.
pub fn latency_text(settings: &SearchSettings, probe: &Probe) -> String {
    let targets = settings.targets.iter().zip(&probe.figures.targets);
    text_of(targets.into_iter().find(|(target, _)| target.is_of_latency()).map(|(_, figures)| figures))
}

/// The first target of errors, with its interval, or else the error share alone.
pub fn errors_text(settings: &SearchSettings, probe: &Probe) -> String {
    let of_errors = |metric| matches!(metric, Metric::ErrorShare | Metric::Availability);
    let mut targets = settings.targets.iter().zip(&probe.figures.targets);
    let Some((target, figures)) = targets.find(|(target, _)| of_errors(target.metric)) else {
        let figures = &probe.figures;
        if figures.n_requests == 0 {
            return humanize::MISSING.to_owned();
        }
        return humanize::percent(figures.n_errors as f64 / figures.n_requests as f64);
    };
    let Some(reading) = figures.reading else { return humanize::MISSING.to_owned() };
    match (figures.low, figures.high) {
        (Some(low), Some(high)) => {
            let low = humanize::percent(low);
            let low = low.trim_end_matches(" %");
            format!("{} ({low}–{})", reading.text(), humanize::percent(high))
        }
        _ if target.limit == reading.value => reading.text(),
        _ => reading.text(),
    }
}

fn text_of(figures: Option<&super::TargetFigures>) -> String {
    let Some(figures) = figures else { return humanize::MISSING.to_owned() };
    let Some(reading) = figures.reading else { return humanize::MISSING.to_owned() };
    if reading.is_censored || (figures.low, figures.high) == (None, None) {
        return reading.text();
    }
    format!("{} ({})", reading.text(), short_interval(figures.low, figures.high))
}

/// What was achieved of what was offered: `199/s of 200/s (99.8 %)`; in the closed model the requests per second.
pub fn load_text(probe: &Probe) -> String {
    let figures = &probe.figures;
    match (figures.offered_per_sec(), figures.achieved_ratio()) {
        (Some(offered), Some(ratio)) => {
            format!(
                "{} of {} ({})",
                humanize::rate(offered * ratio),
                humanize::rate(offered),
                humanize::percent(ratio)
            )
        }
        _ => figures.throughput_per_sec().map_or_else(|| humanize::MISSING.to_owned(), humanize::rate),
    }
}

/// The mean number in flight, and how it moved over the hold: `4.12 (+0.3, p 0.21)`.
pub fn in_flight_text(probe: &Probe) -> String {
    let Some(mean) = probe.figures.mean_in_flight() else { return humanize::MISSING.to_owned() };
    let mean = humanize::number(mean);
    match crate::analysis::stats::slope(&probe.figures.in_flight) {
        Some(slope) => {
            let sign = if slope.over_all() < 0.0 { "−" } else { "+" };
            format!(
                "{mean} ({sign}{}, p {})",
                humanize::number(slope.over_all().abs()),
                humanize::p_value(slope.p_of_rise())
            )
        }
        None => mean,
    }
}

/// What was found.
pub(super) fn sentence(outcome: &SearchOutcome) -> String {
    let settings = &outcome.settings;
    let level = |level: f64| settings.level_text(level);
    let so_far = so_far(outcome);
    match outcome.end {
        SearchEnd::Confirmed => confirmed(outcome),
        SearchEnd::LowestFails => format!(
            "The lowest level that was tried, {}, fails already{}. Start lower to find what the target can bear.",
            level(settings.start),
            outcome.probes.last().map_or_else(String::new, Probe::because)
        ),
        SearchEnd::LowestUndecided => format!(
            "At the lowest level that was tried, {}, nothing could be decided{}. Hold longer, or start lower.",
            level(settings.start),
            outcome.probes.last().map_or_else(String::new, Probe::because)
        ),
        SearchEnd::NotConfirmed => {
            let lowest = outcome.probes.last().map_or(settings.start, |probe| probe.plan.level);
            format!(
                "No capacity was confirmed: {} passed, but the longer hold did not pass at that level, nor down to {}.{}",
                outcome.highest_pass.map_or_else(|| "a level".to_owned(), level),
                level(lowest),
                " Search again when the target is steady, or hold longer."
            )
        }
        SearchEnd::NotMonotone { failed, passed } => {
            let of = |number| {
                outcome.probe(number).map_or_else(String::new, |probe| {
                    format!("{} at {}", probe.name(), level(probe.plan.level))
                })
            };
            format!(
                "There is no single number: {} failed, and later {} passed. What the target can bear changed meanwhile, or \
                 does not fall with the load.",
                of(failed),
                of(passed)
            )
        }
        SearchEnd::GeneratorLimited => format!(
            "The search ended at the generator's end, not the target's{}.{so_far}",
            outcome.probes.last().map_or_else(String::new, |probe| {
                format!(": at {} {}", level(probe.plan.level), probe.judgement.reasons.join("; "))
            })
        ),
        SearchEnd::NeverDrained => format!(
            "The search ended because requests stayed in flight for {} after nothing more was sent.{so_far}",
            humanize::span(settings.longest_drain())
        ),
        SearchEnd::Interrupted => format!("The search was ended before it had an answer.{so_far}"),
    }
}

fn confirmed(outcome: &SearchOutcome) -> String {
    let Some(found) = outcome.capacity else { return String::new() };
    let settings = &outcome.settings;
    let level = settings.level_text(found.level);
    let held = humanize::span(Duration::from_secs(found.held_secs.into()));
    let targets = settings.target_words();
    match found.stops_at {
        Some(stop) => format!(
            "Capacity: {level}. It met {targets} over a confirming hold of {held}; {} did not.",
            settings.level_text(stop)
        ),
        None => format!(
            "Capacity: at least {level}, the highest level that was allowed. It met {targets} over a confirming hold of {held}."
        ),
    }
}

/// What is known though the search has no answer.
fn so_far(outcome: &SearchOutcome) -> String {
    let level = |level: f64| outcome.settings.level_text(level);
    match (outcome.highest_pass, outcome.lowest_stop) {
        (Some(passed), Some(stopped)) => {
            format!(" So far {} passed and {} did not.", level(passed), level(stopped))
        }
        (Some(passed), None) => format!(" So far {} passed, and nothing failed.", level(passed)),
        (None, Some(stopped)) => format!(" So far {} did not pass, and nothing did.", level(stopped)),
        (None, None) if outcome.probes.is_empty() => " No probe was judged.".to_owned(),
        (None, None) => " No probe tells of the target.".to_owned(),
    }
}

/// What to know beside the answer.
pub(super) fn notes(outcome: &SearchOutcome) -> Vec<String> {
    let mut notes = Vec::new();
    let is_above = |probe: &Probe| outcome.capacity.is_none_or(|found| probe.plan.level > found.level);
    if let Some(levels) = levels(outcome, ProbeVerdict::Undecided, is_above) {
        notes.push(format!(
            "Undecided, however long it was held, and so counted as not passed: {levels}. The capacity may lie a little \
             higher."
        ));
    }
    let is_held_again = |probe: &Probe| outcome.probe(probe.plan.number + 1).is_some();
    if let Some(levels) = levels(outcome, ProbeVerdict::GeneratorLimited, is_held_again) {
        notes.push(format!(
            "Held once more, because the generator or its machine did not keep up the first time: {levels}."
        ));
    }
    let Some(found) = outcome.capacity else { return notes };
    if let Some(passed) = outcome.highest_pass.filter(|passed| *passed > found.level) {
        notes.push(format!(
            "{} passed a shorter hold, but not the confirming one.",
            outcome.settings.level_text(passed)
        ));
    }
    if let Some(stop) = found.stops_at
        && stop / found.level > outcome.settings.resolution * 1.001
    {
        notes.push(format!(
            "The bounds are {} apart: the search ended before they were closer.",
            humanize::change(stop / found.level - 1.0)
        ));
    }
    if !outcome.is_open() {
        notes.push(
            "Users of the closed model wait for their answers; the rate they make falls as the target slows."
                .to_owned(),
        );
    }
    notes
}

/// The levels of the probes that came to a verdict, those meant alone; none where there is none.
fn levels(
    outcome: &SearchOutcome,
    verdict: ProbeVerdict,
    is_meant: impl Fn(&Probe) -> bool,
) -> Option<String> {
    let probes = outcome.probes.iter().filter(|probe| probe.verdict() == verdict && is_meant(probe));
    let levels: Vec<String> = probes.map(|probe| outcome.settings.level_text(probe.plan.level)).collect();
    (!levels.is_empty()).then(|| crate::analysis::words::listed(&levels))
}
