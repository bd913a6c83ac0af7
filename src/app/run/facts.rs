//! How the load is being made, in one line: transport, connections, the busiest worker.

use super::{
    figures::Figures,
    sight::{Sight, Source},
};
use crate::humanize;

/// How the load is or was made, as far as known; of what is selected where something is.
pub fn fact_words(sight: &Sight<'_>, selected: Option<&Figures>) -> String {
    let mut parts = Vec::new();
    match sight.source {
        Source::Live(_) => {
            let chosen = sight.scenario.chosen_transport();
            parts.push(format!("Transport {}: {}", chosen.kind.name(), chosen.reason));
            if let Some(last) = sight.points.last() {
                parts.extend(last.n_connections.map(|n| humanize::counted(n.into(), "connection")));
                let busiest = last.busiest_worker_ratio.map(humanize::percent);
                parts.extend(busiest.map(|share| format!("busiest worker {share} of a processor")));
            }
        }
        Source::Kept(run) => {
            let engine = &run.record.start.engine;
            parts.extend((!engine.transport.is_empty()).then(|| format!("Transport {}", engine.transport)));
            let figures = &run.summary.generator;
            // Measured over the whole run.
            let cpu = figures.cpu_per_request.filter(|_| selected.is_none()).map(humanize::fine_time);
            parts.extend(cpu.map(|cpu| format!("{cpu} of CPU per request")));
            let lag = figures.start_lag_p99.filter(|_| selected.is_none()).map(humanize::latency);
            parts.extend(lag.map(|lag| format!("start lag p99 {lag}")));
        }
    }
    let lag = selected.and_then(|figures| figures.start_lag_p99).map(humanize::latency);
    parts.extend(lag.map(|lag| format!("start lag p99 {lag} in the selection")));
    parts.join("  ·  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::sample, app::state::LoadedRun};

    #[test]
    fn a_kept_run_says_what_its_load_cost_as_far_as_that_was_measured() {
        let mut record = sample::record(sample::scenario());
        let words = |record| fact_words(&Sight::kept(&LoadedRun::new(record).unwrap()), None);
        assert_eq!(
            words(record.clone()),
            "Transport reqwest  ·  10.0 µs of CPU per request  ·  start lag p99 400 µs"
        );
        record.intervals.iter_mut().for_each(|interval| interval.load.generator = None);
        assert_eq!(words(record), "Transport reqwest  ·  start lag p99 400 µs");
    }
}
