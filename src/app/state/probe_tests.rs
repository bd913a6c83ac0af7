//! Tests of monitors' connections: the job that reads, and what came of the last one.

use std::{path::PathBuf, time::Duration};

use super::{Jobs, Outcome, Slot};
use crate::{
    launch::test_monitor,
    model::{Monitor, Probe, Scenario},
    monitor::{ConnectionTest, FoundMetric},
};

/// How long a test may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a test came to; an error says what happened and what to do.
pub type ProbeTestEnd = Result<Box<ConnectionTest>, String>;

/// The connection that was tested last, and the one that is being tested.
#[derive(Debug, Default)]
pub struct ProbeTests {
    /// What was asked for last, with its end once it has come.
    last: Option<(Probe, Option<ProbeTestEnd>)>,
}

impl ProbeTests {
    /// Tests a monitor of a scenario on a thread of its own; what was being tested before is forgotten.
    pub fn begin(&mut self, jobs: &mut Jobs, scenario: &Scenario, index: usize, files_root: Option<PathBuf>) {
        let Some(monitor) = scenario.monitors.get(index) else { return };
        let (scenario, probe) = (scenario.clone(), monitor.probe.clone());
        self.ask(probe.clone());
        jobs.spawn(Slot::ProbeTest, move || {
            let end = test_monitor(&scenario, index, files_root.as_deref(), PATIENCE);
            Outcome::ProbeTested(Box::new(probe), end.map(Box::new))
        });
    }

    /// Waits for what comes of a test.
    pub fn ask(&mut self, probe: Probe) {
        self.last = Some((probe, None));
    }

    /// Takes an end, unless something else was asked for meanwhile.
    pub fn take(&mut self, probe: &Probe, end: ProbeTestEnd) {
        if let Some((asked, kept)) = &mut self.last
            && asked == probe
        {
            *kept = Some(end);
        }
    }

    /// Forgets what belonged to another scenario.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether this monitor, as it is now, is being tested.
    pub fn is_under_way(&self, monitor: &Monitor) -> bool {
        matches!(&self.last, Some((probe, None)) if is_same_source(probe, &monitor.probe))
    }

    /// What came of testing this monitor; none where its source was changed since.
    pub fn end_of(&self, monitor: &Monitor) -> Option<&ProbeTestEnd> {
        let (probe, end) = self.last.as_ref()?;
        end.as_ref().filter(|_| is_same_source(probe, &monitor.probe))
    }

    /// What the page of this monitor offers, as far as it was read.
    pub fn found(&self, monitor: &Monitor) -> &[FoundMetric] {
        match self.end_of(monitor) {
            Some(Ok(test)) => &test.found,
            _ => &[],
        }
    }
}

/// Whether two probes read from the same place, whatever they make of it.
fn is_same_source(a: &Probe, b: &Probe) -> bool {
    match (a, b) {
        (Probe::Metrics(a), Probe::Metrics(b)) => (&a.url, &a.access) == (&b.url, &b.access),
        (Probe::Prometheus(a), Probe::Prometheus(b)) => (&a.url, &a.access) == (&b.url, &b.access),
        _ => a == b,
    }
}

/// A test of a page that answered at once.
#[cfg(test)]
pub fn sample_test(
    values: Vec<(crate::model::SeriesDescription, Option<f64>)>,
    found: &[&str],
) -> ConnectionTest {
    let found = found.iter().map(|name| FoundMetric {
        name: (*name).to_owned(),
        kind: "counter".to_owned(),
        n_samples: 1,
        ..FoundMetric::default()
    });
    ConnectionTest {
        took: Duration::from_millis(12),
        version: "node_exporter 1.9".to_owned(),
        clock: None,
        notes: Vec::new(),
        values,
        found: found.collect(),
    }
}
