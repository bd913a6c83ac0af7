//! Periodic spikes: latency spikes that come in a rhythm rather than at random.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::analysis::stats::median;
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, Finding, Grounds, Hold, Rule,
    ScenarioChange, TimeLine, weight,
};

/// The shortest hold that is looked at, in seconds.
const MIN_SECS: usize = 60;

/// A spike is so many times the median, and so many deviations beyond it; ours.
// The deviation is that of the median distance from the median, scaled to a normal one: spikes do not raise it.
const MIN_HEIGHT: f64 = 1.5;
const MIN_DEVIATIONS: f64 = 4.0;
const MAD_TO_DEVIATION: f64 = 1.4826;

/// The fewest spikes that can make a rhythm: five gaps between six.
const MIN_SPIKES: usize = 6;

/// More spikes than this tell no more, and their rhythm would take long to work out.
const MAX_SPIKES: usize = 40;

/// Spikes from which on a rhythm is tried: most of them keep it, if there is one.
const N_ANCHORS: usize = 6;

/// How far a spike may be from its beat: seconds round by one, and jobs sway by a tenth of their period; ours.
const TOLERANCE_SECS: f64 = 1.0;
const TOLERANCE_SHARE: f64 = 0.1;

/// The shortest rhythm, in seconds, that figures by the second can show.
const MIN_PERIOD: f64 = 5.0;

/// Beats that have a spike ÷ beats and spikes beside them, at least; ours.
const MIN_FIT: f64 = 0.7;

/// The share of the hold that the rhythm has to go through.
const MIN_REACH: f64 = 0.6;

/// How likely as even a rhythm may be among as many spikes at random.
const SIGNIFICANCE: f64 = 0.001;

/// Random arrangements that a rhythm is held against.
const N_ARRANGEMENTS: u32 = 1_999;
const SEED: u64 = 20_261_126;
/// Arrangements that do as well, after which no more are drawn.
const ENOUGH: u32 = 10;

/// The share of a spike's height that the generator's own lateness may be.
const MAX_OWN: f64 = 0.25;

/// Spikes of a hold and how evenly they come.
struct Rhythm<'a, 'b> {
    hold: &'b Hold<'a>,
    looked_at: std::ops::Range<u32>,
    what: &'static str,
    line: TimeLine,
    /// The second of each spike and its height in seconds.
    spikes: Vec<(u32, f64)>,
    median: f64,
    beat: Beat,
    p_value: f64,
}

/// The period of a series of moments, and how well they keep it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Beat {
    period: f64,
    /// Beats with a spike.
    n_kept: usize,
    /// All beats from the first that was kept to the last.
    n_beats: usize,
    /// Spikes beside the beats.
    n_beside: usize,
}

impl Beat {
    fn fit(&self) -> f64 {
        self.n_kept as f64 / (self.n_beats + self.n_beside) as f64
    }
}

pub fn periodic_spikes(grounds: &Grounds<'_>) -> Option<Finding> {
    // Sides that take turns have a rhythm of their own.
    if grounds.is_interleaved() {
        return None;
    }
    let holds: Vec<&Hold<'_>> = grounds.holds.iter().filter(|hold| hold.points.len() >= MIN_SECS).collect();
    type Percentile = fn(&SecondPoint) -> Option<Duration>;
    let series: [(&str, TimeLine, Percentile); 2] =
        [("p99", TimeLine::P99, |point| point.p99), ("longest", TimeLine::Longest, |point| point.max)];
    let n_looks = (holds.len() * series.len()) as f64;
    let rhythm = holds.iter().find_map(|hold| {
        series.iter().find_map(|(what, line, of)| rhythm_of(hold, (what, *line), *of, n_looks))
    })?;
    let period = humanize::span(Duration::from_secs_f64(rhythm.beat.period.round()));
    let heights: Vec<f64> = rhythm.spikes.iter().map(|(_, height)| *height).collect();
    let height = median(&heights)?;
    let beat = rhythm.beat;
    let reason = format!(
        "{} of {} beats have their spike, which chance hardly ever makes",
        beat.n_kept,
        humanize::count(beat.n_beats as u64)
    );
    let confidence = if beat.n_kept >= 10 && beat.fit() >= 0.9 {
        Confidence::high(reason)
    } else {
        Confidence::medium(reason)
    };
    let hold = rhythm.hold;
    Some(Finding {
        rule: Rule::PeriodicSpikes,
        scope: Scope::Run,
        claim: format!(
            "Every {period} latency spikes: {} of a second is then {} at the median, and {} in between.",
            if rhythm.what == "p99" { "p99" } else { "the longest response time" },
            humanize::latency_secs(height),
            humanize::latency_secs(rhythm.median)
        ),
        evidence: Evidence {
            seconds: rhythm.looked_at.clone(),
            window: format!("stage {}, {}", hold.name, Grounds::stretch_words(&rhythm.looked_at)),
            figures: vec![
                Figure::span("Period", rhythm.beat.period.round()).keyed(FigureKey::Period),
                Figure::count("Beats of the rhythm", beat.n_beats as u64),
                Figure::count("Beats with a spike", beat.n_kept as u64),
                Figure::count("Spikes beside the beats", beat.n_beside as u64),
                Figure::secs("Height of a spike, median", height),
                Figure::secs("Usual value, median", rhythm.median),
                Figure::chance("As even by chance alone", rhythm.p_value),
            ],
            chart: EvidenceChart::OverTime {
                seconds: rhythm.looked_at.clone(),
                lines: vec![rhythm.line, TimeLine::P50],
                marks: Vec::new(),
                limit: None,
            },
        },
        weight: weight(Rule::PeriodicSpikes, &confidence, (height / rhythm.median - 1.0) / 10.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "A job that runs by the clock on the target or beside it: collection of garbage, checkpoints, backups, metrics."
                .to_owned(),
            "Something that happens each so many requests, such as a full buffer: half the load would halve the rhythm."
                .to_owned(),
            "The load has a rhythm itself, by pacing, by data that repeats, or by a proxy on the way.".to_owned(),
        ],
        next_experiment: experiment(grounds, hold, rhythm.beat.period),
    })
}

fn rhythm_of<'a, 'b>(
    hold: &'b Hold<'a>,
    (what, line): (&'static str, TimeLine),
    of: fn(&SecondPoint) -> Option<Duration>,
    n_looks: f64,
) -> Option<Rhythm<'a, 'b>> {
    let seconds = hold.points.iter().filter_map(|point| Some((*point, of(point)?.as_secs_f64())));
    let seconds: Vec<(&SecondPoint, f64)> = seconds.collect();
    let values: Vec<f64> = seconds.iter().map(|(_, value)| *value).collect();
    let middle = median(&values)?;
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let limit = (MIN_HEIGHT * middle).max(middle + MIN_DEVIATIONS * MAD_TO_DEVIATION * median(&distances)?);
    let mut spikes = spikes(&seconds, limit);
    // Of very many spikes the first ones are looked at, and the stretch that they cover.
    let until = spikes.get(MAX_SPIKES).map_or(hold.seconds.end, |(second, _, _)| *second);
    spikes.truncate(MAX_SPIKES);
    let looked_at = hold.seconds.start..until;
    let moments: Vec<f64> = spikes.iter().map(|(second, _, _)| f64::from(*second)).collect();
    let beat = beat_of(&moments)?;
    let own: f64 = spikes.iter().map(|(_, height, lag)| lag / (height - middle)).sum::<f64>();
    let is_own = own / spikes.len() as f64 > MAX_OWN;
    let reach = beat.period * beat.n_beats as f64 / looked_at.len() as f64;
    if is_own || beat.fit() < MIN_FIT || beat.n_kept < MIN_SPIKES || reach < MIN_REACH {
        return None;
    }
    let p_value = by_chance(&moments, &looked_at, &beat);
    // Of many looks, none of all arrangements may be as even.
    let least = 1.0 / f64::from(N_ARRANGEMENTS + 1);
    (p_value < (SIGNIFICANCE / n_looks.max(1.0)).max(1.5 * least)).then(|| Rhythm {
        hold,
        looked_at,
        what,
        line,
        spikes: spikes.into_iter().map(|(second, height, _)| (second, height)).collect(),
        median: middle,
        beat,
        p_value,
    })
}

/// Seconds beyond a limit, those beside each other as one: when it was highest, how high, and how late the generator
/// sent meanwhile.
fn spikes(seconds: &[(&SecondPoint, f64)], limit: f64) -> Vec<(u32, f64, f64)> {
    let mut spikes: Vec<(u32, f64, f64)> = Vec::new();
    let mut last = None;
    for (point, value) in seconds.iter().filter(|(_, value)| *value > limit) {
        let lag = point.start_lag_p99.unwrap_or_default().as_secs_f64();
        match spikes.last_mut() {
            // A pause that ends in the next second is one spike.
            Some(spike) if last.is_some_and(|last: u32| point.second <= last + 1) => {
                if *value > spike.1 {
                    (spike.0, spike.1) = (point.second, *value);
                }
                spike.2 = spike.2.max(lag);
            }
            _ => spikes.push((point.second, *value, lag)),
        }
        last = Some(point.second);
    }
    spikes
}

/// The rhythm that moments in order keep best: as many beats with a moment as can be, few without, few moments beside.
// Each gap between neighbours, and half of it, is tried as the period, from some of the moments on.
fn beat_of(moments: &[f64]) -> Option<Beat> {
    let moments = &moments[..moments.len().min(MAX_SPIKES)];
    if moments.len() < MIN_SPIKES {
        return None;
    }
    let mut periods: Vec<f64> = moments
        .windows(2)
        .flat_map(|pair| [pair[1] - pair[0], (pair[1] - pair[0]) / 2.0])
        .filter(|period| *period >= MIN_PERIOD)
        .collect();
    periods.sort_by(f64::total_cmp);
    periods.dedup();
    let anchors = moments.iter().step_by(moments.len().div_ceil(N_ANCHORS));
    let beats = periods
        .iter()
        .flat_map(|period| anchors.clone().filter_map(|anchor| refined(moments, *anchor, *period)));
    beats.max_by(|a, b| a.fit().total_cmp(&b.fit()).then(a.n_kept.cmp(&b.n_kept)))
}

/// The beat from an anchor on with a rough period, and once more with the period that its moments keep.
fn refined(moments: &[f64], anchor: f64, period: f64) -> Option<Beat> {
    let mut beat = kept_by(moments, anchor, period)?;
    for _ in 0..2 {
        let (anchor, period) = line_through(moments, &beat.1)?;
        beat = kept_by(moments, anchor, period)?;
    }
    Some(beat.0)
}

/// Which moments are near a beat: the beat's figures, and its number for each of them.
fn kept_by(moments: &[f64], anchor: f64, period: f64) -> Option<(Beat, Vec<Option<i64>>)> {
    if period < MIN_PERIOD {
        return None;
    }
    let tolerance = TOLERANCE_SECS.max(TOLERANCE_SHARE * period);
    let number = |moment: &f64| {
        let number = ((moment - anchor) / period).round();
        ((moment - anchor - number * period).abs() <= tolerance).then_some(number as i64)
    };
    let numbers: Vec<Option<i64>> = moments.iter().map(number).collect();
    let mut kept: Vec<i64> = numbers.iter().flatten().copied().collect();
    let n_beside = moments.len() - kept.len();
    kept.dedup();
    let n_beats = (kept.last()? - kept.first()? + 1) as usize;
    Some((Beat { period, n_kept: kept.len(), n_beats, n_beside }, numbers))
}

/// The straight line through moments by the number of their beat: where it begins, and its slope.
fn line_through(moments: &[f64], numbers: &[Option<i64>]) -> Option<(f64, f64)> {
    let points: Vec<(f64, f64)> = moments
        .iter()
        .zip(numbers)
        .filter_map(|(moment, number)| Some(((*number)? as f64, *moment)))
        .collect();
    let n = points.len() as f64;
    let mean = |side: fn(&(f64, f64)) -> f64| points.iter().map(side).sum::<f64>() / n;
    let (x, y) = (mean(|(x, _)| *x), mean(|(_, y)| *y));
    let squares: f64 = points.iter().map(|(other, _)| (other - x).powi(2)).sum();
    let products: f64 = points.iter().map(|(a, b)| (a - x) * (b - y)).sum();
    (squares > 0.0).then(|| (y - products / squares * x, products / squares))
}

/// How often as many spikes at random seconds keep as good a rhythm.
fn by_chance(moments: &[f64], seconds: &std::ops::Range<u32>, beat: &Beat) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let n = moments.len().min(MAX_SPIKES);
    let mut drawn: Vec<f64> = Vec::with_capacity(n);
    let (mut n_as_good, mut n_drawn) = (0u32, 0u32);
    for _ in 0..N_ARRANGEMENTS {
        drawn.clear();
        drawn.extend((0..n).map(|_| f64::from(random.random_range(seconds.clone()))));
        drawn.sort_by(f64::total_cmp);
        // Seconds beside each other are one spike, here as there.
        drawn.dedup_by(|later, earlier| *later - *earlier <= 1.0);
        let found = beat_of(&drawn);
        n_as_good +=
            u32::from(found.is_some_and(|found| found.fit() >= beat.fit() && found.n_kept >= beat.n_kept));
        n_drawn += 1;
        // By now it is plain that chance can do as well.
        if n_as_good >= ENOUGH {
            break;
        }
    }
    f64::from(n_as_good + 1) / f64::from(n_drawn + 1)
}

fn experiment(grounds: &Grounds<'_>, hold: &Hold<'_>, period: f64) -> Experiment {
    let length = Duration::from_secs((12.0 * period) as u64)
        .clamp(Duration::from_secs(300), Duration::from_secs(2 * 3_600));
    Experiment {
        name: "half the load".to_owned(),
        words: format!(
            "Hold {} for {}: if spikes still come every {}, a clock makes them; if they come half as often, the number \
             of requests does.",
            grounds.level_text(hold.level / 2.0),
            humanize::span(length),
            humanize::span(Duration::from_secs_f64(period.round()))
        ),
        changes: vec![ScenarioChange::hold(&grounds.scenario().load, hold.level / 2.0, length)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_known_though_beats_are_missed_and_spikes_lie_beside() {
        let mut moments: Vec<f64> =
            (0..12).map(|beat| f64::from(beat) * 20.0 + f64::from(beat % 2)).collect();
        let beat = beat_of(&moments).unwrap();
        assert!((beat.period - 20.0).abs() < 0.3, "{beat:?}");
        assert_eq!((beat.n_kept, beat.n_beats, beat.n_beside), (12, 12, 0));
        moments.remove(5);
        moments.insert(3, 47.0);
        let beat = beat_of(&moments).unwrap();
        assert!((beat.period - 20.0).abs() < 0.3, "{beat:?}");
        assert_eq!((beat.n_kept, beat.n_beats, beat.n_beside), (11, 12, 1));
        assert!(by_chance(&moments, &(0..240), &beat) < 0.001);
    }

    #[test]
    fn random_spikes_seldom_keep_a_rhythm_and_chance_says_how_seldom() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut n_found = 0;
        for _ in 0..300 {
            let mut moments: Vec<f64> = (0..9).map(|_| f64::from(random.random_range(0..300u32))).collect();
            moments.sort_by(f64::total_cmp);
            moments.dedup_by(|later, earlier| *later - *earlier <= 1.0);
            let beat = beat_of(&moments).filter(|beat| beat.fit() >= MIN_FIT && beat.n_kept >= MIN_SPIKES);
            n_found +=
                u32::from(beat.is_some_and(|beat| by_chance(&moments, &(0..300), &beat) < SIGNIFICANCE));
        }
        assert!(n_found <= 1, "{n_found} of 300");
    }
}
