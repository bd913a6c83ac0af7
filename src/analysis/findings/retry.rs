//! Retry storm: failing makes users send more, which is what keeps the target failing.
//!
//! What is measured: users of the closed model start again as soon as they have an answer. Where failures come back
//! faster than successes, the same users send more while they fail. That is how clients that retry at once behave,
//! so that the run shows what they would do to the target; whether real clients retry, no run can tell. The open
//! model sends by its timetable whatever fails, and shows nothing of it.

use crate::analysis::stats::welch;
use crate::humanize;
use crate::metrics::{Outcome, SecondPoint};
use crate::model::{LoadModel, Scope};

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Hold, Rule, ScenarioChange,
    TimeLine, weight,
};

/// Seconds whose rates count together: a user is back within a few seconds at most.
const BLOCK_SECS: usize = 5;

/// The error share of a block that fails, and the most of one that does not; ours.
const FAILING: f64 = 0.10;
const SOUND: f64 = 0.02;

/// Blocks that are needed of either kind.
const MIN_BLOCKS: usize = 3;

/// Times as much as is sent in sound blocks; ours.
// Rates of the closed model sway by some percent with the answers' length.
const MIN_RISE: f64 = 1.3;

const SIGNIFICANCE: f64 = 0.01;

/// Rates sent in sound and in failing blocks of a stage.
struct Storm<'a, 'b> {
    hold: &'b Hold<'a>,
    sound: Vec<f64>,
    failing: Vec<f64>,
    error_ratio: f64,
    p_value: f64,
}

impl Storm<'_, '_> {
    fn rise(&self) -> f64 {
        mean(&self.failing) / mean(&self.sound)
    }
}

pub fn retry_storm(grounds: &Grounds<'_>) -> Option<Finding> {
    if grounds.is_open() || grounds.is_interleaved() {
        return None;
    }
    let n_looks = grounds.holds.len() as f64;
    let storms = grounds.holds.iter().filter_map(storm_of);
    let storm = storms
        .filter(|storm| storm.rise() >= MIN_RISE && storm.p_value < SIGNIFICANCE / n_looks)
        .max_by(|a, b| a.rise().total_cmp(&b.rise()))?;
    let stats = &grounds.summary.stages[storm.hold.stage].aggregate.stats;
    let times = stats.error_time.quantile(0.5).zip(stats.response_time.quantile(0.5));
    // A failure that takes longer than a success cannot bring users back sooner.
    let (failed, answered) = times.filter(|(failed, answered)| failed < answered)?;
    let confidence = Confidence::medium(
        "sent and failed requests rise together beyond chance and failures come back sooner; whether real clients \
         retry is not measured",
    );
    Some(Finding {
        rule: Rule::RetryStorm,
        scope: Scope::Run,
        claim: format!(
            "While requests failed, the same users sent {} times as many: a failure came back after {} at the median, a \
             success after {}, so that failing raised the load that made it fail.",
            humanize::number(storm.rise()),
            humanize::latency(failed),
            humanize::latency(answered)
        ),
        evidence: Evidence {
            seconds: storm.hold.seconds.clone(),
            window: Grounds::hold_words(storm.hold),
            figures: vec![
                Figure::rate("Requests sent per second while they succeed, mean", mean(&storm.sound)),
                Figure::rate("Requests sent per second while they fail, mean", mean(&storm.failing)),
                Figure::share("Error share of the seconds that fail", storm.error_ratio),
                Figure::latency("Failed requests took, at the median", failed),
                Figure::latency("Successful requests took, at the median", answered),
                Figure::chance("As likely by chance alone", storm.p_value),
            ],
            chart: EvidenceChart::OverTime {
                seconds: storm.hold.seconds.clone(),
                lines: vec![TimeLine::Sent, TimeLine::Errors],
                marks: Vec::new(),
                limit: None,
            },
        },
        weight: weight(Rule::RetryStorm, &confidence, storm.error_ratio),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Only this tool's users come back at once: real users may give up or wait after a failure."
                .to_owned(),
            "Errors and rate follow a third thing, such as a target that restarts.".to_owned(),
        ],
        next_experiment: experiment(grounds, &storm),
    })
}

fn storm_of<'a, 'b>(hold: &'b Hold<'a>) -> Option<Storm<'a, 'b>> {
    let (mut sound, mut failing, mut n_failed, mut n_failing) = (Vec::new(), Vec::new(), 0, 0);
    for block in hold.points.chunks_exact(BLOCK_SECS) {
        let n_requests: u64 = block.iter().flat_map(|point| point.n_by_outcome).sum();
        let n_ok: u64 = block.iter().map(|point| point.n_by_outcome[Outcome::Ok as usize]).sum();
        if n_requests == 0 {
            continue;
        }
        let ratio = (n_requests - n_ok) as f64 / n_requests as f64;
        let sent = mean(&block.iter().map(|point: &&SecondPoint| point.sent_per_sec).collect::<Vec<_>>());
        if ratio >= FAILING {
            failing.push(sent);
            (n_failed, n_failing) = (n_failed + n_requests - n_ok, n_failing + n_requests);
        } else if ratio <= SOUND {
            sound.push(sent);
        }
    }
    if sound.len() < MIN_BLOCKS || failing.len() < MIN_BLOCKS || mean(&sound) <= 0.0 {
        return None;
    }
    let p_value = welch(&sound, &failing)?.p_value;
    let error_ratio = n_failed as f64 / n_failing as f64;
    Some(Storm { hold, sound, failing, error_ratio, p_value })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The same work by a timetable: failures then cannot raise it.
fn experiment(grounds: &Grounds<'_>, storm: &Storm<'_, '_>) -> Experiment {
    let load = &grounds.scenario().load;
    let per_iteration = crate::analysis::MeanIteration::of(grounds.scenario(), std::time::Duration::ZERO)
        .map_or(1.0, |iteration| iteration.n_requests.max(1.0));
    let rate = mean(&storm.sound) / per_iteration;
    let hold = std::time::Duration::from_secs(storm.hold.seconds.len().max(120) as u64);
    let open = crate::model::LoadProfile { model: LoadModel::open(), ..load.clone() };
    Experiment {
        name: "by a timetable".to_owned(),
        words: format!(
            "Send the sound rate by a timetable (open model, {} iterations started): if the target then recovers by \
             itself, clients that wait before they retry protect it.",
            humanize::rate(rate)
        ),
        changes: vec![ScenarioChange::hold(&open, rate, hold)],
    }
}
