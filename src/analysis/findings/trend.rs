//! Latency trend: latency climbs through a long stage whose load stays the same.

use std::time::Duration;

use crate::analysis::stats::{MonotonicTrend, monotonic_trend};
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureUnit, Finding, Grounds, Hold, Rule,
    ScenarioChange, TimeLine,
    grounds::{median, median_blocks},
    weight,
};

/// The shortest hold that is a soak, in seconds; ours.
// Shorter ones are still warming up, or feel one busy period of a queue.
const MIN_SECS: usize = 300;

/// Blocks of ten seconds and more: within one, seconds depend on each other.
const N_BLOCKS: usize = 30;

/// SCIENCE §1: trend × duration > 10 % of median, p < .01.
const MIN_RISE: f64 = 0.10;
const SIGNIFICANCE: f64 = 0.01;

/// The least that the lower bound of the rise has to be, as a share of the median; ours.
const MIN_BOUND: f64 = 0.05;

/// From this share of the rise in one place on it is a jump.
const MOSTLY: f64 = 0.7;

/// The longest soak that an experiment asks for.
const MAX_SOAK: Duration = Duration::from_secs(4 * 3_600);

/// A percentile that climbs through a hold.
struct Climb<'a, 'b> {
    hold: &'b Hold<'a>,
    percentile: &'static str,
    trend: MonotonicTrend,
    /// Medians of the first and last fifth of the hold, in seconds.
    first: f64,
    last: f64,
    middle: f64,
    /// Where most of the rise happened at once.
    jump_at: Option<u32>,
}

impl Climb<'_, '_> {
    /// How much it rises within the hold, in seconds.
    fn rise(&self) -> f64 {
        self.trend.slope * self.hold.n_secs()
    }

    fn ratio(&self) -> f64 {
        self.rise() / self.middle
    }
}

pub fn latency_trend(grounds: &Grounds<'_>) -> Option<Finding> {
    let soaks: Vec<&Hold<'_>> = grounds.holds.iter().filter(|hold| hold.points.len() >= MIN_SECS).collect();
    let percentiles: [(&str, fn(&SecondPoint) -> Option<Duration>); 2] =
        [("p50", |point| point.p50), ("p95", |point| point.p95)];
    let n_looks = (soaks.len() * percentiles.len()) as f64;
    let climbs = soaks.iter().flat_map(|hold| {
        percentiles.iter().filter_map(move |(name, percentile)| climb_of(hold, name, *percentile, n_looks))
    });
    let climb = climbs.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))?;
    let hold = climb.hold;
    let confidence = confidence(&climb);
    let way = match climb.jump_at {
        None => "rose".to_owned(),
        Some(second) => {
            format!("rose, most of it at once near {},", humanize::clock(Duration::from_secs(second.into())))
        }
    };
    let hourly = climb.trend.slope * 3_600.0;
    let claim = format!(
        "Under the same load ({}) {} {way} from {} to {} within {}, which is {} an hour if it goes on.",
        grounds.level_text(hold.level),
        climb.percentile,
        humanize::latency_secs(climb.first),
        humanize::latency_secs(climb.last),
        humanize::span(Duration::from_secs(hold.points.len() as u64)),
        humanize::latency_change(hourly),
    );
    let line = if climb.percentile == "p50" { TimeLine::P50 } else { TimeLine::P95 };
    Some(Finding {
        rule: Rule::LatencyTrend,
        scope: Scope::Run,
        claim,
        evidence: Evidence {
            seconds: hold.seconds.clone(),
            window: Grounds::hold_words(hold),
            figures: figures(&climb),
            chart: EvidenceChart::OverTime {
                seconds: hold.seconds.clone(),
                lines: vec![line, TimeLine::Completed],
                marks: climb.jump_at.map(|second| (second, "most of the rise".to_owned())).into_iter().collect(),
                limit: None,
            },
        },
        weight: weight(Rule::LatencyTrend, &confidence, climb.ratio()),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Something grows with what was sent or stored (data, caches, connections, memory), rather than with time."
                .to_owned(),
            "Something else on the target's machine took more and more of it.".to_owned(),
            "The trend ends by itself once what fills up is full: a longer run would show it.".to_owned(),
        ],
        next_experiment: experiment(grounds, hold),
    })
}

fn climb_of<'a, 'b>(
    hold: &'b Hold<'a>,
    percentile: &'static str,
    of: fn(&SecondPoint) -> Option<Duration>,
    n_looks: f64,
) -> Option<Climb<'a, 'b>> {
    let values = hold.values(|point| of(point).map(|latency| latency.as_secs_f64()));
    let blocks = median_blocks(&values, N_BLOCKS);
    let trend = monotonic_trend(&blocks, 1.0 - SIGNIFICANCE)?;
    let only = |values: &[(f64, f64)]| values.iter().map(|(_, y)| *y).collect::<Vec<_>>();
    let fifth = blocks.len() / 5;
    let (first, last) = (median(&only(&blocks[..fifth]))?, median(&only(&blocks[blocks.len() - fifth..]))?);
    let middle = median(&only(&blocks))?;
    let climb = Climb { jump_at: jump(&blocks, last - first), hold, percentile, trend, first, last, middle };
    let is_real = trend.p_value < SIGNIFICANCE / n_looks
        && climb.rise() >= MIN_RISE * middle
        && last - first >= MIN_RISE * middle
        && trend.low * hold.n_secs() >= MIN_BOUND * middle;
    is_real.then_some(climb)
}

/// The second at which most of a rise happened, where it came at once.
fn jump(blocks: &[(f64, f64)], rise: f64) -> Option<u32> {
    // Medians of three blocks to either side: one high block is no jump.
    let level = |blocks: &[(f64, f64)]| median(&blocks.iter().map(|(_, y)| *y).collect::<Vec<_>>());
    let step = |at: usize| Some((at, level(&blocks[at..at + 3])? - level(&blocks[at - 3..at])?));
    let (at, largest) =
        (3..blocks.len().saturating_sub(2)).filter_map(step).max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (largest >= MOSTLY * rise).then(|| f64::midpoint(blocks[at - 1].0, blocks[at].0).round() as u32)
}

fn confidence(climb: &Climb<'_, '_>) -> Confidence {
    if climb.jump_at.is_some() {
        Confidence::medium(
            "the rise is beyond chance, but it came at once, which may have happened only then",
        )
    } else if climb.trend.p_value < SIGNIFICANCE / 100.0 && climb.ratio() >= 2.0 * MIN_RISE {
        Confidence::high("the rise goes through the whole stage and is far beyond chance")
    } else {
        Confidence::medium("the rise is beyond chance, but small for the length of the stage")
    }
}

fn figures(climb: &Climb<'_, '_>) -> Vec<Figure> {
    let per_hour = |slope: f64| slope * 3_600.0;
    let trend = &climb.trend;
    vec![
        Figure::secs(format!("Median of {} by the second, first fifth", climb.percentile), climb.first),
        Figure::secs("The same, last fifth", climb.last),
        Figure::new("Slope per hour, with its 99 % interval", FigureUnit::Seconds, per_hour(trend.slope))
            .told(format!(
                "{} ({} to {})",
                humanize::latency_change(per_hour(trend.slope)),
                humanize::latency_change(per_hour(trend.low)),
                humanize::latency_change(per_hour(trend.high))
            )),
        Figure::share("Rise through the stage, of its median", climb.ratio()),
        Figure::chance("As likely by chance alone", trend.p_value),
    ]
}

fn experiment(grounds: &Grounds<'_>, hold: &Hold<'_>) -> Experiment {
    let length = Duration::from_secs(2 * hold.points.len() as u64).min(MAX_SOAK);
    Experiment {
        name: "half the load, twice as long".to_owned(),
        words: format!(
            "Hold {} for {}: a rise of the same size depends on what was sent, one of twice the size on time, and none \
             on the load.",
            grounds.level_text(hold.level / 2.0),
            humanize::span(length)
        ),
        changes: vec![ScenarioChange::hold(&grounds.scenario().load, hold.level / 2.0, length)],
    }
}
