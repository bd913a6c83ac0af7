//! Periodic spikes: latency spikes that come in a rhythm rather than at random.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::humanize;
use crate::metrics::SecondPoint;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Hold, Rule, ScenarioChange,
    TimeLine, grounds::median, weight,
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
const MAX_SPIKES: usize = 200;

/// How far gaps may be from whole periods, as the root of the mean square of their distance ÷ the period; ours.
// Seconds round each gap by up to half a second either way.
const MAX_SWAY: f64 = 0.15;

/// The shortest rhythm, in seconds, that figures by the second can show.
const MIN_PERIOD: f64 = 4.0;

/// Beats of the rhythm, of ten, that must have a spike.
const MIN_KEPT: f64 = 0.75;

/// How likely as even a rhythm may be among as many spikes at random.
const SIGNIFICANCE: f64 = 0.001;

/// Random arrangements that a rhythm is held against.
const N_ARRANGEMENTS: u32 = 4_999;
const SEED: u64 = 20_261_126;

/// The share of a spike's height that the generator's own lateness may be.
const MAX_OWN: f64 = 0.25;

/// Spikes of a hold and how evenly they come.
struct Rhythm<'a, 'b> {
    hold: &'b Hold<'a>,
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
    sway: f64,
    /// Moments ÷ beats from the first to the last.
    kept: f64,
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
    let n_spikes = rhythm.spikes.len() as u64;
    let confidence = if n_spikes >= 10 && rhythm.beat.sway <= MAX_SWAY / 2.0 {
        Confidence::high(format!("{n_spikes} spikes keep one period, which chance hardly ever makes"))
    } else {
        Confidence::medium(format!("{n_spikes} spikes keep one period, which chance hardly ever makes"))
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
            seconds: hold.seconds.clone(),
            window: Grounds::hold_words(hold),
            figures: vec![
                Figure::span("Period", rhythm.beat.period.round()),
                Figure::count("Spikes", n_spikes),
                Figure::share("Beats of the rhythm that have a spike", rhythm.beat.kept.min(1.0)),
                Figure::share("Gaps sway around whole periods by", rhythm.beat.sway),
                Figure::secs("Height of a spike, median", height),
                Figure::secs("Usual value, median", rhythm.median),
                Figure::chance("As even by chance alone", rhythm.p_value),
            ],
            chart: EvidenceChart::OverTime {
                seconds: hold.seconds.clone(),
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
    let spikes = spikes(&seconds, limit);
    let moments: Vec<f64> = spikes.iter().map(|(second, _, _)| f64::from(*second)).collect();
    let beat = beat_of(&moments)?;
    let own: f64 = spikes.iter().map(|(_, height, lag)| lag / (height - middle)).sum::<f64>();
    let is_own = own / spikes.len() as f64 > MAX_OWN;
    if is_own || beat.sway > MAX_SWAY || beat.kept < MIN_KEPT || beat.period < MIN_PERIOD {
        return None;
    }
    let p_value = by_chance(&moments, &hold.seconds, &beat);
    (p_value < SIGNIFICANCE / n_looks.max(1.0) || p_value <= 1.0 / f64::from(N_ARRANGEMENTS + 1)).then(|| {
        Rhythm {
            hold,
            what,
            line,
            spikes: spikes.into_iter().map(|(second, height, _)| (second, height)).collect(),
            median: middle,
            beat,
            p_value,
        }
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

/// The rhythm of moments in order: the median gap, and how far the gaps are from whole multiples of it.
fn beat_of(moments: &[f64]) -> Option<Beat> {
    if moments.len() < MIN_SPIKES {
        return None;
    }
    let moments = &moments[..moments.len().min(MAX_SPIKES)];
    let gaps: Vec<f64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let rough = median(&gaps)?;
    let n_beats = |gap: f64| (gap / rough).round().max(1.0);
    let all_beats: f64 = gaps.iter().map(|gap| n_beats(*gap)).sum();
    // From first to last the seconds' rounding weighs least.
    let period = (moments[moments.len() - 1] - moments[0]) / all_beats;
    let squares: f64 = gaps.iter().map(|gap| (gap - n_beats(*gap) * period).powi(2)).sum();
    let sway = (squares / gaps.len() as f64).sqrt() / period;
    Some(Beat { period, sway, kept: gaps.len() as f64 / all_beats })
}

/// How often as many spikes at random seconds keep as even a rhythm.
fn by_chance(moments: &[f64], seconds: &std::ops::Range<u32>, beat: &Beat) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let n = moments.len().min(MAX_SPIKES);
    let mut drawn: Vec<f64> = Vec::with_capacity(n);
    let mut n_as_even = 0;
    for _ in 0..N_ARRANGEMENTS {
        drawn.clear();
        drawn.extend((0..n).map(|_| f64::from(random.random_range(seconds.clone()))));
        drawn.sort_by(f64::total_cmp);
        // Seconds beside each other are one spike, here as there.
        drawn.dedup_by(|later, earlier| *later - *earlier <= 1.0);
        let found = beat_of(&drawn);
        n_as_even += u32::from(found.is_some_and(|found| found.sway <= beat.sway && found.kept >= MIN_KEPT));
    }
    f64::from(n_as_even + 1) / f64::from(N_ARRANGEMENTS + 1)
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
    fn a_rhythm_is_known_though_beats_are_missed_and_seconds_round() {
        let even: Vec<f64> = (0..12).map(|beat| f64::from(beat) * 20.0 + f64::from(beat % 2)).collect();
        let beat = beat_of(&even).unwrap();
        assert!((beat.period - 20.0).abs() < 0.2 && beat.sway < 0.06 && beat.kept == 1.0, "{beat:?}");
        let missed: Vec<f64> = even.iter().copied().filter(|moment| *moment != 101.0).collect();
        let beat = beat_of(&missed).unwrap();
        assert!((beat.period - 20.0).abs() < 0.2 && beat.sway < 0.06 && beat.kept < 0.95, "{beat:?}");
        assert!(by_chance(&even, &(0..240), &beat_of(&even).unwrap()) < 0.001);
    }

    #[test]
    fn random_spikes_keep_no_rhythm() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let n_even = (0..400).filter(|_| {
            let mut moments: Vec<f64> = (0..9).map(|_| f64::from(random.random_range(0..300u32))).collect();
            moments.sort_by(f64::total_cmp);
            moments.dedup_by(|later, earlier| *later - *earlier <= 1.0);
            beat_of(&moments).is_some_and(|beat| beat.sway <= MAX_SWAY && beat.kept >= MIN_KEPT)
        });
        // Each of them would still have to be less likely than one in a thousand.
        assert!(n_even.count() <= 4);
    }
}
