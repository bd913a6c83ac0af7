//! The self-checks one by one: figure, limit, and the sentence when it is exceeded.

mod counts;
mod hiccups;
mod machine;
mod processors;
mod readings;
mod starts;
#[cfg(test)]
mod testing;

use std::time::Duration;

use crate::metrics::{
    Aggregate, Caveat, CaveatKind, GeneratorStats, HistogramError, IntervalLoad, RunRecord, RunTotals, Weight,
};
use crate::model::Scope;

pub(super) use processors::is_loopback;

use super::{QualityRow, Standing, quality::Finding, summary::headline_window};

/// A run as the self-checks see it.
struct Examined<'a> {
    record: &'a RunRecord,
    totals: &'a RunTotals,
    /// The headline window over all steps.
    headline: Aggregate,
    /// The stretches of the headline window.
    spans: Vec<(Duration, Duration)>,
    /// The seconds that begin within them.
    seconds: Vec<&'a IntervalLoad>,
}

/// All self-checks, in the order in which they are read.
pub fn run_all(record: &RunRecord, totals: &RunTotals) -> Result<Vec<Finding>, HistogramError> {
    let run = Examined::new(record, totals);
    Ok(vec![
        starts::start_lag(&run),
        starts::start_lag_growth(&run)?,
        starts::sent_share(&run),
        starts::gaps(&run),
        processors::worker_cpu(&run),
        processors::process_cpu(&run),
        processors::machine_cpu(&run),
        processors::run_queue(&run),
        processors::cpu_pressure(&run),
        hiccups::hiccups(&run)?,
        readings::littles_law(&run),
        readings::floor(&run),
        readings::ceiling(&run),
        machine::ran_out(&run),
        machine::open_files(&run),
        machine::clock_jump(&run),
        machine::clock_grain(&run),
        counts::censored(&run),
        counts::few_samples(&run),
        counts::unfinished(&run),
        counts::seconds_missing(&run),
        counts::count_mismatch(&run),
    ])
}

impl<'a> Examined<'a> {
    fn new(record: &'a RunRecord, totals: &'a RunTotals) -> Self {
        let window = headline_window(totals);
        let spans = totals.plan().window_spans(&window, record.end.load_duration);
        let is_within = |interval: &&IntervalLoad| {
            let start = Duration::from_secs(u64::from(interval.second));
            spans.iter().any(|(from, until)| *from <= start && start < *until)
        };
        Self {
            record,
            totals,
            headline: totals.select(&Scope::Run, &window),
            seconds: record.intervals.iter().filter(is_within).collect(),
            spans,
        }
    }

    /// The mean over the seconds of the headline window that have the figure; none where none has.
    fn mean(&self, figure: impl Fn(&IntervalLoad) -> Option<f64>) -> Option<f64> {
        let figures: Vec<f64> = self.seconds.iter().filter_map(|second| figure(second)).collect();
        (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
    }

    /// How the generator did in each second of the whole run, as far as it was measured.
    fn generator(&self) -> impl Iterator<Item = &'a GeneratorStats> {
        self.record.intervals.iter().filter_map(|interval| interval.load.generator.as_ref())
    }

    /// Median response time of the headline window.
    fn median(&self) -> Option<Duration> {
        self.headline.stats.response_time.quantile(0.5)
    }
}

fn finding(
    kind: CaveatKind,
    (name, measured, limit): (&str, String, String),
    weight_and_text: Option<(Weight, String)>,
) -> Finding {
    let caveat = weight_and_text.map(|(weight, text)| Caveat { kind, weight, text });
    let standing = caveat.as_ref().map_or(Standing::Valid, |caveat| caveat.weight.into());
    Finding { row: Some(QualityRow { name: name.to_owned(), measured, limit, standing }), caveat }
}
