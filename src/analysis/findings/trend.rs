//! Latency trend: latency climbs through a long stage whose load stays the same.

use std::time::Duration;

use crate::analysis::stats::{median, slope, welch};
use crate::analysis::{StageSteadiness, SteadinessClass};
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Hold,
    Rule, ScenarioChange, TimeLine, grounds::median_blocks, weight,
};

/// The shortest hold in which a slow climb is looked for, in seconds; ours.
// Shorter ones are still warming up, or feel one busy period of a queue.
const MIN_SECS: usize = 300;

/// Blocks of ten seconds and more: within one, seconds depend on each other.
const N_BLOCKS: usize = 30;

/// SCIENCE §1: trend × duration > 10 % of median, p < .01.
const MIN_RISE: f64 = 0.10;
const SIGNIFICANCE: f64 = 0.01;

/// The least that the lower bound of the rise has to be, as a share of the median; ours.
const MIN_BOUND: f64 = 0.05;

/// The shortest hold in which a jump is looked for, and the least that it has to be, as a share; ours.
const MIN_JUMP_SECS: usize = 120;
const MIN_JUMP: f64 = 0.25;

/// How likely a jump may be by chance, as it may be anywhere.
const JUMP_SIGNIFICANCE: f64 = 0.001;

/// Seconds of the blocks that are held against each other before and after a jump.
const JUMP_BLOCK_SECS: usize = 10;

/// From this share of a climb in one place on it is a jump.
const MOSTLY: f64 = 0.7;

/// The longest soak that an experiment asks for.
const MAX_SOAK: Duration = Duration::from_secs(4 * 3_600);

/// A percentile that climbs through a hold, or jumps within it.
struct Climb<'a, 'b> {
    hold: &'b Hold<'a>,
    percentile: &'static str,
    /// Levels before and after, in seconds: of the first and last fifth, or of either side of the jump.
    first: f64,
    last: f64,
    middle: f64,
    /// Slope with its 95 % bounds, in seconds per second; none where it is a jump only.
    slope: Option<(f64, f64, f64)>,
    p_value: f64,
    /// Where most of the rise happened at once.
    jump_at: Option<u32>,
}

impl Climb<'_, '_> {
    /// How much it rises, as a share of what is in the middle.
    fn ratio(&self) -> f64 {
        (self.last - self.first) / self.middle
    }
}

pub fn latency_trend(grounds: &Grounds<'_>) -> Option<Finding> {
    let soaks: Vec<&Hold<'_>> = grounds.holds.iter().filter(|hold| hold.points.len() >= MIN_SECS).collect();
    type Percentile = fn(&SecondPoint) -> Option<Duration>;
    let percentiles: [(&str, Percentile); 2] = [("p50", |point| point.p50), ("p95", |point| point.p95)];
    let n_looks = (soaks.len() * percentiles.len()) as f64;
    let slow = soaks.iter().flat_map(|hold| {
        percentiles.iter().filter_map(move |(name, percentile)| climb_of(hold, name, *percentile, n_looks))
    });
    let slow = slow.max_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let climb = slow.or_else(|| {
        let jumps = grounds.holds.iter().filter_map(|hold| jump_of(grounds, hold));
        jumps.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))
    })?;
    let hold = climb.hold;
    let confidence = confidence(&climb);
    let way = match climb.jump_at {
        None => "rose".to_owned(),
        Some(second) => {
            format!("rose, most of it at once near {},", humanize::clock(Duration::from_secs(second.into())))
        }
    };
    let outlook = match (climb.slope, climb.jump_at) {
        (Some((slope, _, _)), None) => {
            format!(", which is {} an hour if it goes on", humanize::latency_change(slope * 3_600.0))
        }
        _ => String::new(),
    };
    let claim = format!(
        "Under the same load ({}) {} {way} from {} to {} within {}{outlook}.",
        grounds.level_text(hold.level),
        climb.percentile,
        humanize::latency_secs(climb.first),
        humanize::latency_secs(climb.last),
        humanize::span(Duration::from_secs(hold.points.len() as u64)),
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
    let levels: Vec<f64> = blocks.iter().map(|(_, level)| *level).collect();
    let trend = slope(&levels)?;
    let secs = hold.n_secs();
    let per_sec = |per_block: f64| per_block * levels.len() as f64 / secs;
    let fifth = levels.len() / 5;
    let (first, last) = (median(&levels[..fifth])?, median(&levels[levels.len() - fifth..])?);
    let middle = median(&levels)?;
    let is_real = trend.p_value < SIGNIFICANCE / n_looks
        && trend.over_all() >= MIN_RISE * middle
        && last - first >= MIN_RISE * middle
        && per_sec(trend.low) * secs >= MIN_BOUND * middle;
    is_real.then(|| Climb {
        hold,
        percentile,
        first,
        last,
        middle,
        slope: Some((per_sec(trend.per_step), per_sec(trend.low), per_sec(trend.high))),
        p_value: trend.p_value,
        jump_at: jump(&blocks, last - first),
    })
}

/// A hold that was slower from some second on, and stayed so: what its change points say, held against blocks of
/// seconds on either side.
fn jump_of<'a, 'b>(grounds: &Grounds<'a>, hold: &'b Hold<'a>) -> Option<Climb<'a, 'b>> {
    let is_it =
        |stage: &&StageSteadiness| stage.stage == hold.stage && stage.class == SteadinessClass::Slowdown;
    let from = grounds.steadiness.stages.iter().find(is_it)?.steady_from?;
    let values = hold.values(|point| point.p50.map(|latency| latency.as_secs_f64()));
    let side = |is_after: bool| -> Vec<f64> {
        let within: Vec<(f64, f64)> =
            values.iter().copied().filter(|(second, _)| (*second >= f64::from(from)) == is_after).collect();
        let blocks = median_blocks(&within, within.len() / JUMP_BLOCK_SECS);
        blocks.into_iter().map(|(_, level)| level).collect()
    };
    let (before, after) = (side(false), side(true));
    let p_value = welch(&before, &after)?.p_value;
    let (first, last) = (median(&before)?, median(&after)?);
    let is_real = hold.points.len() >= MIN_JUMP_SECS
        && before.len().min(after.len()) >= 3
        && p_value < JUMP_SIGNIFICANCE
        && last >= (1.0 + MIN_JUMP) * first;
    is_real.then_some(Climb {
        hold,
        percentile: "p50",
        first,
        last,
        middle: first,
        slope: None,
        p_value,
        jump_at: Some(from),
    })
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
    } else if climb.p_value < SIGNIFICANCE / 100.0 && climb.ratio() >= 2.0 * MIN_RISE {
        Confidence::high("the rise goes through the whole stage and is far beyond chance")
    } else {
        Confidence::medium("the rise is beyond chance, but small for the length of the stage")
    }
}

fn figures(climb: &Climb<'_, '_>) -> Vec<Figure> {
    let (before, after) = match climb.slope {
        Some(_) => ("first fifth", "last fifth"),
        None => ("before the jump", "after it"),
    };
    let mut figures = vec![
        Figure::secs(format!("Median of {} by the second, {before}", climb.percentile), climb.first),
        Figure::secs(format!("Median of {} by the second, {after}", climb.percentile), climb.last)
            .keyed(FigureKey::LastLevel),
        Figure::share("Rise through the stage", climb.ratio()),
    ];
    if let Some((slope, low, high)) = climb.slope {
        let [per_hour, low, high] = [slope, low, high].map(|per_sec| per_sec * 3_600.0);
        let text = format!(
            "{} ({} to {})",
            humanize::latency_change(per_hour),
            humanize::latency_change(low),
            humanize::latency_change(high)
        );
        let slope = Figure::new("Slope per hour, with its 95 % interval", FigureUnit::Seconds, per_hour);
        figures.push(slope.told(text).keyed(FigureKey::SlopePerHour));
    }
    figures.extend(climb.jump_at.map(|second| Figure::moment("Most of the rise at", second)));
    figures.push(Figure::chance("As likely by chance alone", climb.p_value));
    figures
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
