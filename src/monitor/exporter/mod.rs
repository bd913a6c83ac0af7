//! Exporters: reads a page in the text format of Prometheus or OpenMetrics, of which only chosen series are kept.

mod found;
mod line;
mod lines;
mod page;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

use self::found::Finds;
pub use self::found::FoundMetric;
use self::line::Line;
use self::lines::{Faults, Lines};
use self::page::{Page, Wanted};
use super::http::{Answer, Endpoint};
use super::mask::Mask;
use super::source::{Begun, Ended, ProbeError, RunStretch, Source};
use super::test_connection::{Trial, in_time};
use crate::metrics::ClockOffset;
use crate::model::{MetricSeries, MetricsProbe, Monitor, Probe};

const ACCEPT: &str =
    "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// Reads an exporter's page.
pub(super) struct ExporterSource {
    endpoint: Endpoint,
    series: Vec<MetricSeries>,
    wanted: Wanted,
    /// The page that rates are held against.
    before: Option<Page>,
    clock: Option<ClockOffset>,
    notes: Vec<String>,
    /// In the order of the series; empty before the first page.
    seen: Vec<Seen>,
}

/// What the pages until now had of a series.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    any: bool,
    too_many: bool,
}

/// What can be chosen from an exporter's page, by name; the probe's gaps are filled. Blocks within its patience.
pub fn series_on_page(probe: &MetricsProbe, trial: &Trial<'_>) -> Result<Vec<FoundMetric>, ProbeError> {
    let mask = Mask::new(trial.secrets, &[Monitor::new("", Probe::Metrics(probe.clone()))]);
    let found = in_time(trial.patience, async {
        let mut endpoint = Endpoint::new(&probe.url, &probe.access, trial.files_root)?;
        found_on_page(&mut endpoint).await
    });
    found.map_err(|error| ProbeError(mask.masked(&error.0).into_owned()))
}

async fn found_on_page(endpoint: &mut Endpoint) -> Result<Vec<FoundMetric>, ProbeError> {
    let answer = endpoint.ask(ACCEPT).await?;
    let mut finds = Finds::default();
    read_lines(endpoint, answer, &mut |line| finds.take(line)).await?;
    Ok(finds.metrics())
}

impl ExporterSource {
    pub fn new(probe: &MetricsProbe, files_root: Option<&Path>) -> Result<Self, ProbeError> {
        Ok(Self {
            endpoint: Endpoint::new(&probe.url, &probe.access, files_root)?,
            wanted: Wanted::new(&probe.series),
            series: probe.series.clone(),
            before: None,
            clock: None,
            notes: Vec::new(),
            seen: Vec::new(),
        })
    }

    /// What can be chosen from the page.
    pub async fn found(&mut self) -> Result<Vec<FoundMetric>, ProbeError> {
        found_on_page(&mut self.endpoint).await
    }

    async fn page(&mut self) -> Result<Page, ProbeError> {
        let answer = self.endpoint.ask(ACCEPT).await?;
        let exchange = answer.exchange;
        let by_date = answer.clock();
        let is_open_metrics = answer.content_type().contains("openmetrics");
        let mut page = self.wanted.page(answer.at, is_open_metrics);
        let wanted = &self.wanted;
        let faults = read_lines(&mut self.endpoint, answer, &mut |line| wanted.take(line, &mut page)).await?;
        self.note_faults(&faults);
        self.clock = match page.server_time {
            Some(time) => surer(self.clock, exchange.offset(time, 0.0)),
            None => by_date.map_or(self.clock, |clock| Some(narrowed(self.clock, clock))),
        };
        Ok(page)
    }

    fn note_faults(&mut self, faults: &Faults) {
        if let Some((number, reason)) = faults.first {
            let kind = "lines that are no samples were skipped";
            // Told of one page: others mostly have the same.
            if !self.notes.iter().any(|note| note.contains(kind)) {
                self.notes.push(format!("{} {kind}; the first, line {number}: {reason}.", faults.n_lines));
            }
        }
    }

    /// Notes which series were there; many an exporter shows a counter only once it has counted.
    fn note_seen(&mut self, page: &Page) {
        self.seen.resize(self.series.len(), Seen::default());
        for (seen, found) in self.seen.iter_mut().zip(&page.found) {
            seen.any |= !found.values.is_empty();
            seen.too_many |= found.has_too_many;
        }
    }
}

impl Source for ExporterSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        self.before = None;
        let page = self.page().await?;
        self.note_seen(&page);
        let version = page.version.clone().unwrap_or_default();
        self.before = Some(page);
        Ok(Begun { version, clock: self.clock, notes: Vec::new() })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        let page = self.page().await?;
        self.note_seen(&page);
        let values = values::values(&self.series, self.before.as_ref(), &page);
        self.before = Some(page);
        Ok(values)
    }

    async fn end(&mut self, _: RunStretch) -> Result<Ended, ProbeError> {
        Ok(Ended::default())
    }

    fn bytes_read(&self) -> u64 {
        self.endpoint.bytes_read()
    }

    fn clock(&self) -> Option<ClockOffset> {
        self.clock
    }

    fn notes(&self) -> Vec<String> {
        let of_series =
            self.series.iter().zip(&self.seen).filter_map(|(series, seen)| match (seen.any, seen.too_many) {
                (false, _) => {
                    Some(format!("{}: there is no sample {} on the page.", series.name, selector(series)))
                }
                (_, true) => {
                    Some(format!("{}: only the first samples are counted; choose labels.", series.name))
                }
                _ => None,
            });
        self.notes.iter().cloned().chain(of_series).collect()
    }
}

/// Gives each line of an answer to `each`; an answer that is no page of metrics is refused.
async fn read_lines(
    endpoint: &mut Endpoint,
    mut answer: Answer,
    each: &mut impl FnMut(Line<'_>),
) -> Result<Faults, ProbeError> {
    const REMEDY: &str = "exporters mostly answer at /metrics";
    let mut is_html = answer.content_type().contains("text/html");
    let mut lines = Lines::default();
    let mut n_read = 0_u64;
    let mut each = |line: Line<'_>| {
        n_read += 1;
        each(line);
    };
    let mut is_first = true;
    while let Some(chunk) = answer.chunk(endpoint).await? {
        if std::mem::take(&mut is_first) {
            is_html |= chunk.trim_ascii_start().starts_with(b"<");
        }
        if is_html {
            let text =
                format!("it answers with a web page, not with metrics; {REMEDY} ({})", endpoint.shown());
            return Err(ProbeError(text));
        }
        lines.feed(&chunk, &mut each);
        // A long page comes as fast as it is read; the other sources want their turn.
        tokio::task::yield_now().await;
    }
    lines.finish(&mut each);
    match lines.faults.first {
        Some((number, reason)) if n_read == 0 => Err(ProbeError(format!(
            "it answers with something else than metrics; line {number}: {reason}; {REMEDY} ({})",
            endpoint.shown()
        ))),
        _ => Ok(lines.faults),
    }
}

/// As Prometheus writes it.
fn selector(series: &MetricSeries) -> String {
    let labels: Vec<String> = series.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    if labels.is_empty() {
        series.metric.clone()
    } else {
        format!("{}{{{}}}", series.metric, labels.join(","))
    }
}

/// Of two looks at one clock the surer one.
fn surer(known: Option<ClockOffset>, new: ClockOffset) -> Option<ClockOffset> {
    Some(known.filter(|known| known.uncertainty_secs < new.uncertainty_secs).unwrap_or(new))
}

/// What two looks at one clock leave: each bounds where it may stand. A clock that was set between them counts anew.
fn narrowed(known: Option<ClockOffset>, new: ClockOffset) -> ClockOffset {
    let Some(known) = known else { return new };
    let bounds = |clock: ClockOffset| {
        (clock.ahead_secs - clock.uncertainty_secs, clock.ahead_secs + clock.uncertainty_secs)
    };
    let ((a, b), (c, d)) = (bounds(known), bounds(new));
    let (low, high) = (a.max(c), b.min(d));
    if low > high {
        return new;
    }
    ClockOffset { ahead_secs: (low + high) / 2.0, uncertainty_secs: (high - low) / 2.0 }
}
