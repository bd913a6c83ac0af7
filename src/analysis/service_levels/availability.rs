//! Availability by requests, with its interval, and by seconds.

use std::time::Duration;

use crate::analysis::{
    Summary,
    alignment::whole_seconds,
    stats::{N_BLOCKS, ShareCount, dispersion, wilson},
};
use crate::metrics::{HistogramError, History, RunRecord};

use super::counting::{Counted, Rule};

/// Availability by requests: good ÷ valid.
#[derive(Clone, Debug, PartialEq)]
pub struct GoodRequests {
    pub n_valid: u64,
    pub n_good: u64,
    /// Requests of excluded steps.
    pub n_excluded: u64,
    /// Client errors that are not bad by the rule: they are good, or do not count.
    pub n_client_errors: u64,
    /// Whether these do not count.
    pub are_client_errors_left_out: bool,
    /// As many independent requests would tell as much; none where the window is too short for blocks.
    // Errors come in bursts: ten in one second tell less than one in each of ten.
    pub n_effective: Option<f64>,
    /// Wilson's 95 % bounds, for as many independent requests.
    pub interval: Option<(f64, f64)>,
}

/// Availability by seconds: those with a small share of bad requests ÷ those with valid requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GoodSeconds {
    pub n_up: u64,
    pub n_down: u64,
    /// Seconds without a valid request, of which nothing is known.
    pub n_unknown: u64,
    /// From which share of bad requests on a second is down.
    pub limit_ratio: f64,
}

impl GoodRequests {
    pub fn n_bad(&self) -> u64 {
        self.n_valid - self.n_good
    }

    /// Requests that do not count.
    pub fn n_left_out(&self) -> u64 {
        self.n_excluded + if self.are_client_errors_left_out { self.n_client_errors } else { 0 }
    }

    pub fn bad_ratio(&self) -> f64 {
        self.n_bad() as f64 / self.n_valid as f64
    }

    // As tables have it, to the last bit: 1 − failed ÷ all.
    pub fn availability(&self) -> f64 {
        1.0 - self.bad_ratio()
    }
}

impl GoodSeconds {
    /// None where no second had a valid request.
    pub fn availability(&self) -> Option<f64> {
        let n_known = self.n_up + self.n_down;
        (n_known > 0).then(|| self.n_up as f64 / n_known as f64)
    }
}

/// What is counted of the headline window.
pub struct Tally {
    all: Counted,
    pub seconds: GoodSeconds,
    leaves_client_errors_out: bool,
    /// Bad among valid requests in equal blocks of each stage.
    blocks: Vec<Vec<ShareCount>>,
}

impl Tally {
    pub fn of(
        record: &RunRecord,
        history: &History,
        summary: &Summary,
        rule: &Rule,
    ) -> Result<Self, HistogramError> {
        let spans = record.plan().window_spans(&summary.headline_window, record.end.load_duration);
        let by_second = BySecond::of(history, rule)?;
        let limit_ratio = record.start.scenario.service_levels.window_error_share;
        let mut tally = Self {
            all: window_count(record, history, summary, (rule, &spans)),
            seconds: GoodSeconds { limit_ratio, ..GoodSeconds::default() },
            leaves_client_errors_out: rule.leaves_client_errors_out(),
            blocks: Vec::new(),
        };
        for span in spans {
            let seconds = whole_seconds(&[span]);
            seconds.iter().for_each(|second| tally.seconds.add(by_second.at(*second)));
            if seconds.len() >= N_BLOCKS {
                tally.blocks.push(blocks(&seconds, &by_second));
            }
        }
        Ok(tally)
    }

    /// None where no request is valid.
    pub fn requests(&self) -> Option<GoodRequests> {
        let Counted { n_valid, n_good, n_excluded, n_client_errors } = self.all;
        if n_valid == 0 {
            return None;
        }
        let n = n_valid as f64;
        let bad_ratio = self.all.n_bad() as f64 / n;
        let dispersion = dispersion(&self.blocks, n_valid, bad_ratio);
        let n_effective = dispersion.map(|dispersion| n / dispersion.phi);
        let interval = n_effective.and_then(|n| wilson((1.0 - bad_ratio) * n, n));
        Some(GoodRequests {
            n_valid,
            n_good,
            n_excluded,
            n_client_errors,
            are_client_errors_left_out: self.leaves_client_errors_out,
            n_effective,
            interval,
        })
    }
}

impl GoodSeconds {
    fn add(&mut self, counted: Counted) {
        let n_bad = counted.n_bad() as f64;
        match counted.n_valid {
            0 => self.n_unknown += 1,
            n_valid if n_bad < self.limit_ratio * n_valid as f64 => self.n_up += 1,
            _ => self.n_down += 1,
        }
    }
}

/// The headline window's requests, by their intended start as in every table; client errors by the second of their end.
fn window_count(
    record: &RunRecord,
    history: &History,
    summary: &Summary,
    (rule, spans): (&Rule, &[(Duration, Duration)]),
) -> Counted {
    let mut n_by_group: Vec<u64> = Vec::new();
    if rule.needs_groups() {
        for span in spans {
            // Neighbouring spans round to the same second.
            let rounded = |at: Duration| (at + Duration::from_millis(500)).as_secs() as u32;
            let end = if span.1 >= record.end.load_duration { history.extent().end } else { rounded(span.1) };
            let more = history.n_by_group(&(rounded(span.0)..end));
            n_by_group.resize(n_by_group.len().max(more.len()), 0);
            n_by_group.iter_mut().zip(more).for_each(|(n, more)| *n += more);
        }
    }
    let mut all = Counted::default();
    for (step, row) in rule.steps_of(summary) {
        all.add(&rule.count(step, &row.aggregate.stats.counters, &n_by_group));
    }
    all
}

/// What each second counts as.
struct BySecond(Vec<(u32, Counted)>);

impl BySecond {
    fn of(history: &History, rule: &Rule) -> Result<Self, HistogramError> {
        let mut seconds = Vec::new();
        history.for_each_second(&history.extent(), |second, steps, n_by_group| {
            let mut counted = Counted::default();
            for (step, counters) in steps.iter().enumerate() {
                counted.add(&rule.count(step, counters, n_by_group));
            }
            seconds.push((second, counted));
        })?;
        Ok(Self(seconds))
    }

    fn at(&self, second: u32) -> Counted {
        let place = self.0.binary_search_by_key(&second, |(second, _)| *second);
        place.map(|place| self.0[place].1).unwrap_or_default()
    }
}

fn blocks(seconds: &[u32], by_second: &BySecond) -> Vec<ShareCount> {
    let block = |number: usize| {
        let within = &seconds[seconds.len() * number / N_BLOCKS..seconds.len() * (number + 1) / N_BLOCKS];
        let mut all = Counted::default();
        within.iter().for_each(|second| all.add(&by_second.at(*second)));
        ShareCount { n_hits: all.n_bad(), n: all.n_valid }
    };
    (0..N_BLOCKS).map(block).filter(|block| block.n > 0).collect()
}
