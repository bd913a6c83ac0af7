//! One source and what is known of it: whether it is reached, what went wrong, and what it cost.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::timeout;

use super::together::Done;
use crate::metrics::{MonitorFacts, ProbeCost, ProbeTrouble, SeriesInfo};
use crate::model::Monitor;
use crate::monitor::mask::Mask;
use crate::monitor::source::{Begun, Ended, ProbeError, RunStretch, Source};

/// How long a reading may take: the next one has to be on time.
pub(super) const READ_PATIENCE: Duration = Duration::from_millis(900);

/// How long a source may take to say what the run came to.
const END_PATIENCE: Duration = Duration::from_secs(20);

const MAX_TROUBLES: usize = 50;
const MAX_NOTES: usize = 50;

/// The values of one reading; none where there was nothing to read or it failed.
pub(super) type Values = Option<Vec<f64>>;

pub(super) struct Slot<S> {
    source: S,
    series: Vec<SeriesInfo>,
    facts: MonitorFacts,
    is_begun: bool,
    /// What is wrong just now.
    trouble: Option<String>,
    n_unlisted_troubles: u64,
    cpu: Option<Duration>,
    /// In microseconds.
    took: Histogram<u32>,
    /// Seconds of the readings, in their order.
    read_in: Vec<u32>,
    mask: Arc<Mask>,
}

impl<S: Source> Slot<S> {
    pub fn new(monitor: &Monitor, source: S, mask: Arc<Mask>) -> Self {
        let info = |series: crate::model::SeriesDescription| SeriesInfo {
            monitor: monitor.name.clone(),
            name: series.name,
            unit: series.unit,
            group: series.group,
            aspect: series.aspect,
            meaning: series.meaning,
        };
        let mut facts = MonitorFacts {
            name: monitor.name.clone(),
            kind: monitor.probe.kind().to_owned(),
            address: monitor.probe.url().to_owned(),
            ..MonitorFacts::default()
        };
        mask.hide_in_facts(&mut facts);
        Self {
            source,
            series: monitor.series().into_iter().map(info).collect(),
            facts,
            is_begun: false,
            trouble: None,
            n_unlisted_troubles: 0,
            cpu: Some(Duration::ZERO),
            // Cannot fail: two digits up to a minute.
            took: Histogram::new_with_max(60_000_000, 2).expect("the bounds are in order"),
            read_in: Vec::new(),
            mask,
        }
    }

    pub fn series(&self) -> &[SeriesInfo] {
        &self.series
    }

    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Tries to reach the source, unless it is reached.
    pub async fn begin(&mut self, patience: Duration) {
        if !self.is_begun {
            match bounded(patience, self.source.begin()).await {
                Ok(begun) => self.has_begun(begun),
                Err(error) => self.failed(&error),
            }
        }
    }

    /// What rates are counted from; values are not kept.
    pub async fn prime(&mut self) {
        match self.is_begun {
            true => _ = self.read().await,
            false => self.begin(READ_PATIENCE).await,
        }
    }

    /// Reads the source, or tries to reach it again.
    pub async fn read(&mut self) -> Values {
        if !self.is_begun {
            self.begin(READ_PATIENCE).await;
            return None;
        }
        if self.source.is_read_afterwards() {
            return None;
        }
        match bounded(READ_PATIENCE, self.source.read()).await {
            Ok(mut values) => {
                values.resize(self.series.len(), f64::NAN);
                self.trouble = None;
                Some(values)
            }
            Err(error) => {
                self.is_begun = false;
                self.failed(&error);
                None
            }
        }
    }

    /// What the run as a whole came to.
    pub async fn end(&mut self, stretch: RunStretch) -> Ended {
        match bounded(END_PATIENCE, self.source.end(stretch)).await {
            Ok(ended) => {
                if self.source.is_read_afterwards() {
                    // Nothing is missing for having been out of reach before.
                    self.facts.troubles.clear();
                    self.trouble = None;
                }
                ended
            }
            Err(error) => {
                let last = last_second(stretch.length);
                let first = if self.source.is_read_afterwards() { 0 } else { last };
                self.failed(&error);
                if let Some(text) = self.trouble.clone() {
                    self.tell(first, last, &text);
                }
                Ended::default()
            }
        }
    }

    /// Adds what a call cost.
    pub fn add_cost<T>(&mut self, done: &Done<T>) {
        self.cpu = self.cpu.zip(done.cpu).map(|(sum, cpu)| sum + cpu);
    }

    /// Notes the reading of a second: `first` is the first second since the one before.
    pub fn noted(&mut self, first: u32, second: u32, done: &Done<Values>) {
        self.add_cost(done);
        self.facts.n_asked = u64::from(second) + 1;
        if done.output.is_some() {
            self.facts.n_read += 1;
            self.read_in.push(second);
            self.took.saturating_record(done.took.as_micros().max(1) as u64);
        } else if let Some(text) = self.trouble.clone() {
            self.tell(first, second, &text);
        } else if !self.source.is_read_afterwards()
            && let Some(last) = self.facts.troubles.last_mut()
            && last.to + 1 == first
        {
            // It was reached again in this second, and had nothing to hold a reading against.
            last.to = second;
        }
    }

    /// Takes over what the source said at the end, but for late values.
    pub fn take_over(&mut self, ended: &mut Ended, length: Duration) {
        // Requests that were still out may have gone on longer than the load.
        let last = last_second(length);
        self.facts.n_asked = u64::from(last) + 1;
        self.facts.n_read = self.read_in.iter().filter(|second| **second <= last).count() as u64;
        if self.source.is_read_afterwards() {
            let seconds: std::collections::BTreeSet<u32> = ended.late.iter().map(|late| late.1).collect();
            self.facts.n_read = seconds.len() as u64;
        }
        self.facts.statements = std::mem::take(&mut ended.statements);
        self.facts.commands = std::mem::take(&mut ended.commands);
        self.facts.totals = std::mem::take(&mut ended.totals);
        self.add_notes(std::mem::take(&mut ended.notes));
        let mask = Arc::clone(&self.mask);
        mask.hide_in_facts(&mut self.facts);
    }

    /// All that is known by now.
    pub fn facts(&mut self) -> MonitorFacts {
        self.facts.clock = self.source.clock().or(self.facts.clock);
        let micros = |value: u64| Duration::from_micros(value);
        let is_empty = self.took.is_empty();
        self.facts.cost = ProbeCost {
            cpu: self.cpu,
            median_reading: micros(if is_empty { 0 } else { self.took.value_at_quantile(0.5) }),
            longest_reading: micros(if is_empty { 0 } else { self.took.max() }),
            bytes_read: self.source.bytes_read(),
        };
        let mut facts = self.facts.clone();
        // Those of the moment: what was missing at first may have come since.
        for mut note in self.source.notes() {
            self.mask.hide_in(&mut note);
            if !facts.notes.contains(&note) && facts.notes.len() < MAX_NOTES {
                facts.notes.push(note);
            }
        }
        if self.n_unlisted_troubles > 0 {
            facts
                .notes
                .push(format!("{} more seconds with troubles are not listed.", self.n_unlisted_troubles));
        }
        facts
    }

    fn has_begun(&mut self, begun: Begun) {
        self.is_begun = true;
        self.trouble = None;
        self.facts.version = self.mask.masked(&begun.version).into_owned();
        self.facts.clock = begun.clock.or(self.facts.clock);
        self.add_notes(begun.notes);
    }

    fn failed(&mut self, error: &ProbeError) {
        self.trouble = Some(self.mask.masked(&error.0).into_owned());
    }

    fn add_notes(&mut self, notes: Vec<String>) {
        for mut note in notes {
            self.mask.hide_in(&mut note);
            if !self.facts.notes.contains(&note) && self.facts.notes.len() < MAX_NOTES {
                self.facts.notes.push(note);
            }
        }
    }

    /// Tells a trouble of seconds; those of one text that follow each other are one.
    fn tell(&mut self, from: u32, to: u32, text: &str) {
        let troubles = &mut self.facts.troubles;
        let n_troubles = troubles.len();
        match troubles.last_mut() {
            Some(last) if last.text == text && last.to + 1 >= from => last.to = to.max(last.to),
            _ if n_troubles < MAX_TROUBLES => {
                troubles.push(ProbeTrouble { from, to, text: text.to_owned() });
            }
            _ => self.n_unlisted_troubles += u64::from(to - from) + 1,
        }
    }
}

/// The last second that a run of this length has a part of.
pub(super) fn last_second(length: Duration) -> u32 {
    u32::try_from(length.as_nanos().div_ceil(1_000_000_000).saturating_sub(1)).unwrap_or(u32::MAX)
}

async fn bounded<T>(
    patience: Duration,
    call: impl Future<Output = Result<T, ProbeError>>,
) -> Result<T, ProbeError> {
    timeout(patience, call).await.unwrap_or_else(|_| {
        let secs = patience.as_secs_f64();
        Err(ProbeError(format!(
            "there was no complete answer within {secs} s; it is overloaded or cannot be reached, or there is too much to read"
        )))
    })
}
