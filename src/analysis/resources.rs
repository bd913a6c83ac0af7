//! What the machine that made the load had in use, stage by stage; the target's machine is another's to watch.

use crate::metrics::{HostSample, RunRecord};
use crate::model::SeriesStatistic;

/// How one figure lay over the seconds in which it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    pub min: f64,
    pub mean: f64,
    /// At most one second of twenty lay above.
    pub p95: f64,
    pub max: f64,
}

/// What was in use in a stretch of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceUse {
    /// The stage; of the whole run it is empty.
    pub stage: String,
    /// Seconds in which the machine could be read.
    pub n_seconds: u64,
    /// Of all processors of the machine, by all programs.
    pub machine_cpu_ratio: Spread,
    /// Of all processors of the machine, by this program.
    pub process_cpu_ratio: Spread,
    /// Of the machine's memory.
    pub memory_used_ratio: Spread,
    /// Resident memory of this program.
    pub process_memory_bytes: Spread,
}

/// What the generator's machine had in use; empty where it could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    pub whole: Option<ResourceUse>,
    /// Stages in which it was read, warm-up left out, with their place in the plan.
    pub stages: Vec<(usize, ResourceUse)>,
}

impl Resources {
    pub fn new(record: &RunRecord) -> Self {
        let plan = record.plan();
        let mut whole = Vec::new();
        let mut of_stages: Vec<Vec<HostSample>> = vec![Vec::new(); plan.stages().len()];
        for interval in &record.intervals {
            let Some(host) = interval.load.host else { continue };
            whole.push(host);
            let middle = std::time::Duration::from_millis(u64::from(interval.second) * 1_000 + 500);
            let segment = plan.segment_at(middle);
            if let Some(samples) = of_stages.get_mut(usize::from(segment.stage)).filter(|_| !segment.warm_up)
            {
                samples.push(host);
            }
        }
        let stages = plan.stages().iter().zip(&of_stages).enumerate();
        let stages =
            stages.filter_map(|(index, (stage, samples))| Some((index, in_use(&stage.name, samples)?)));
        Self { stages: stages.collect(), whole: in_use("", &whole) }
    }
}

fn in_use(stage: &str, samples: &[HostSample]) -> Option<ResourceUse> {
    let spread = |figure: fn(&HostSample) -> f64| Spread::of(samples.iter().map(figure).collect());
    Some(ResourceUse {
        stage: stage.to_owned(),
        n_seconds: samples.len() as u64,
        machine_cpu_ratio: spread(|host| host.machine_cpu_ratio)?,
        process_cpu_ratio: spread(|host| host.process_cpu_ratio)?,
        memory_used_ratio: spread(|host| host.memory_used_ratio)?,
        process_memory_bytes: spread(|host| host.process_memory_bytes as f64)?,
    })
}

impl Spread {
    /// One of its figures.
    pub fn statistic(&self, statistic: SeriesStatistic) -> f64 {
        match statistic {
            SeriesStatistic::Min => self.min,
            SeriesStatistic::Mean => self.mean,
            SeriesStatistic::P95 => self.p95,
            SeriesStatistic::Max => self.max,
        }
    }

    /// None of no values.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let rank = (0.95 * values.len() as f64).ceil() as usize;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Self { min, mean, p95: values[rank.saturating_sub(1)], max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn a_spread_is_that_of_its_values() {
        let spread = Spread::of((1..=20).rev().map(f64::from).collect()).unwrap();
        assert_eq!(spread, Spread { min: 1.0, mean: 10.5, p95: 19.0, max: 20.0 });
        assert_eq!(Spread::of(vec![3.0]).unwrap(), Spread { min: 3.0, mean: 3.0, p95: 3.0, max: 3.0 });
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn each_stage_has_its_own_seconds_and_the_warm_up_is_left_out() {
        let mut record = sample::record(sample::scenario());
        // Within the warm-up, within the ramp after it, within the second stage.
        for (second, ratio) in [(2, 0.9), (7, 0.8), (20, 0.5)] {
            let host = record.intervals[second].load.host.as_mut().unwrap();
            host.machine_cpu_ratio = ratio;
        }
        let resources = Resources::new(&record);
        let facts = |index: usize| {
            let (place, stage) = &resources.stages[index];
            (*place, stage.stage.as_str(), stage.n_seconds, stage.machine_cpu_ratio.max)
        };
        assert_eq!(facts(0), (0, "Ramp-up (50)", 5, 0.8));
        assert_eq!(facts(1), (1, "Sustain (50)", 20, 0.5));
        assert_eq!(facts(2), (2, "Spike (200)", 10, 0.2));
        let whole = resources.whole.unwrap();
        assert_eq!((whole.n_seconds, whole.machine_cpu_ratio.max), (40, 0.9));
        assert_eq!(whole.process_memory_bytes.p95, f64::from(40 << 20));
    }

    #[test]
    fn what_was_not_read_is_not_there() {
        let mut record = sample::record(sample::scenario());
        record.intervals.iter_mut().for_each(|interval| interval.load.host = None);
        assert_eq!(Resources::new(&record), Resources::default());
    }
}
