//! What one reading of a page holds of the chosen series; all else is forgotten as it is read.

use std::collections::HashMap;

use tokio::time::Instant;

use super::line::{Line, Sample};
use crate::model::{MetricReading, MetricSeries};

/// Samples that one series is made of at most.
const MAX_SAMPLES: usize = 10_000;

/// The page's own clock, as node_exporter has it.
const SERVER_TIME: &str = "node_time_seconds";

/// Which samples are wanted of each page.
pub(super) struct Wanted {
    selectors: Vec<Selector>,
    by_name: HashMap<String, Vec<usize>>,
}

/// Samples of one name that have certain labels.
struct Selector {
    metric: String,
    labels: Vec<(String, String)>,
}

/// One reading of a page.
pub(super) struct Page {
    /// When it began to come.
    pub at: Instant,
    /// By selector: the series at their places, then what some of them are divided by.
    pub found: Vec<Found>,
    pub n_samples: u64,
    /// What the page says the time is.
    pub server_time: Option<f64>,
    /// What answered, by its build information.
    pub version: Option<String>,
    seconds_per_stamp: f64,
}

/// The samples that a selector found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Whether the page declares them to be counters.
    pub is_counter: bool,
    /// By their labels.
    pub values: HashMap<String, Stamped>,
    pub has_too_many: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamped {
    pub value: f64,
    /// Seconds since 1970.
    pub timestamp: Option<f64>,
}

impl Wanted {
    pub fn new(series: &[MetricSeries]) -> Self {
        let of = |series: &MetricSeries, metric: &str| Selector {
            metric: metric.to_owned(),
            labels: series.labels.clone(),
        };
        let own = series.iter().map(|series| of(series, &series.metric));
        let others = series.iter().filter_map(|series| Some(of(series, divisor(series)?)));
        let selectors: Vec<Selector> = own.chain(others).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, selector) in selectors.iter().enumerate() {
            by_name.entry(selector.metric.clone()).or_default().push(place);
        }
        Self { selectors, by_name }
    }

    /// A page that nothing has come of yet.
    pub fn page(&self, at: Instant, is_open_metrics: bool) -> Page {
        Page {
            at,
            found: vec![Found::default(); self.selectors.len()],
            n_samples: 0,
            server_time: None,
            version: None,
            seconds_per_stamp: if is_open_metrics { 1.0 } else { 1e-3 },
        }
    }

    /// Takes what a line says, if it concerns a chosen series.
    pub fn take(&self, line: Line<'_>, page: &mut Page) {
        match line {
            Line::Type { name, kind } => self.declared(&name, kind, page),
            Line::Sample(sample) => self.take_sample(&sample, page),
            Line::Help { .. } | Line::Nothing | Line::End => {}
        }
    }

    fn take_sample(&self, sample: &Sample<'_>, page: &mut Page) {
        page.n_samples += 1;
        if sample.name == SERVER_TIME {
            page.server_time = Some(sample.value);
        }
        if page.version.is_none() {
            page.version = version_of(sample);
        }
        let Some(places) = self.by_name.get(&*sample.name) else { return };
        for &place in places {
            let selector = &self.selectors[place];
            if selector.labels.iter().all(|(name, value)| sample.label(name) == value.as_str()) {
                let found = &mut page.found[place];
                if found.values.len() >= MAX_SAMPLES {
                    found.has_too_many = true;
                    continue;
                }
                let timestamp = sample.timestamp.map(|stamp| stamp * page.seconds_per_stamp);
                found.values.insert(key_of(sample), Stamped { value: sample.value, timestamp });
            }
        }
    }

    // Samples of one declared name may have endings of their own.
    fn declared(&self, name: &str, kind: &str, page: &mut Page) {
        let counters: &[&str] = match kind {
            "counter" => &["", "_total"],
            "histogram" | "summary" => &["_bucket", "_count", "_sum"],
            _ => return,
        };
        for (selector, found) in self.selectors.iter().zip(&mut page.found) {
            if let Some(ending) = selector.metric.strip_prefix(name) {
                found.is_counter |= counters.contains(&ending);
            }
        }
    }
}

/// What a series' samples are divided by, where they are.
pub(super) fn divisor(series: &MetricSeries) -> Option<&str> {
    match &series.reading {
        MetricReading::PerGrowthOf(metric) | MetricReading::PerValueOf(metric) => Some(metric),
        MetricReading::Declared | MetricReading::Value | MetricReading::Rate | MetricReading::Complement => {
            None
        }
    }
}

/// The labels in an order of their own: pages need not keep theirs.
fn key_of(sample: &Sample<'_>) -> String {
    let mut labels: Vec<_> = sample.labels().collect();
    labels.sort_unstable();
    let mut key = String::new();
    for (name, value) in labels {
        key.extend([&*name, "\u{1}", &*value, "\u{2}"]);
    }
    key
}

fn version_of(sample: &Sample<'_>) -> Option<String> {
    let program = sample.name.strip_suffix("_build_info").filter(|program| *program != "go")?;
    let version = sample.label("version");
    (!version.is_empty()).then(|| format!("{program} {version}"))
}
