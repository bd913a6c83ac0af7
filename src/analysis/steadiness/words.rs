//! What was found of warm-up and steady state, in plain words.

use std::time::Duration;

use super::{LevelSegment, MIN_POINTS, StageSteadiness, SteadinessClass};
use crate::analysis::words::{capitalized, listed};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::model::{Plan, Window, format_duration};

/// Why nothing is looked for in an interleaved run.
pub const INTERLEAVED: &str = "The sides of this run take turns, and the medians of its seconds change with them, so no steady \
                               state was looked for.";

/// What the stages come to together.
pub fn sentence(stages: &[StageSteadiness]) -> String {
    match stages {
        [] => {
            "No stage that holds its level was reached, so there is no steady state to look for.".to_owned()
        }
        [only] => only.sentence.clone(),
        _ => {
            let kinds = [
                (SteadinessClass::Flat, "is flat", "are flat"),
                (SteadinessClass::WarmUp, "warms up first", "warm up first"),
                (SteadinessClass::Slowdown, "slows down", "slow down"),
                (SteadinessClass::NeverSteady, "never becomes steady", "never become steady"),
                (SteadinessClass::TooShort, "is too short to tell", "are too short to tell"),
            ];
            let counts = kinds.into_iter().filter_map(|(class, one, many)| {
                let n = stages.iter().filter(|stage| stage.class == class).count();
                (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
            });
            let counts: Vec<String> = counts.collect();
            format!("Of {} stages that hold their level, {}.", stages.len(), listed(&counts))
        }
    }
}

/// What was found in one stage.
pub fn stage_sentence(stage: &StageSteadiness) -> String {
    let name = &stage.name;
    let [from, until] = [stage.seconds.start, stage.seconds.end].map(clock);
    let last = stage.last_level().map_or_else(String::new, humanize::latency);
    match (stage.class, stage.steady_from) {
        (SteadinessClass::TooShort, _) => format!(
            "Stage {name} is too short to tell: {} a median, and it takes {MIN_POINTS}.",
            match stage.n_points as u64 {
                1 => "1 second has".to_owned(),
                n => format!("{} have", humanize::counted(n, "second")),
            }
        ),
        (SteadinessClass::NeverSteady, _) => {
            let begins = stage.segments.iter().rposition(|segment| !segment.is_last_level);
            let begins = begins.map_or(stage.seconds.start, |index| stage.segments[index].seconds.end);
            format!(
                "Stage {name} never became steady: its last level, {last}, begins at {}, within the last quarter of \
                 {from} to {until}.",
                clock(begins)
            )
        }
        (SteadinessClass::Flat, _) | (_, None) => {
            format!(
                "Stage {name} is flat: the medians of its seconds stay about {last} from {from} to {until}{}.",
                aside(stage)
            )
        }
        (SteadinessClass::WarmUp, Some(steady)) => format!(
            "Stage {name} warms up until {}: medians come down from {} to {last}, and stay there until {until}{}.",
            clock(steady),
            first_level(stage),
            aside(stage)
        ),
        (SteadinessClass::Slowdown, Some(steady)) => format!(
            "Stage {name} is slower from {} on: medians go up from {} to {last}, and stay there until {until}{}.",
            clock(steady),
            fastest_before(stage),
            aside(stage)
        ),
    }
}

/// What to do about it; none where there is nothing to do.
pub fn advice(stage: &StageSteadiness, plan: &Plan, record: &RunRecord) -> Option<String> {
    let own = plan.warm_up();
    match stage.class {
        SteadinessClass::Flat => None,
        SteadinessClass::TooShort if own.is_zero() => Some("It counts from its first second, as the scenario has no warm-up.".to_owned()),
        SteadinessClass::TooShort => Some(format!("The scenario's own warm-up, {}, is all that is left out.", humanize::span(own))),
        SteadinessClass::NeverSteady => {
            Some("Its figures mix several states of the target: hold the level longer before they are compared.".to_owned())
        }
        SteadinessClass::Slowdown => Some(
            "If a queue or a cache fills up there, figures from then on are the ones that last; if it goes on in a longer \
             run, something leaks."
                .to_owned(),
        ),
        SteadinessClass::WarmUp => Some(warm_up_advice(stage, plan, record)),
    }
}

fn warm_up_advice(stage: &StageSteadiness, plan: &Plan, record: &RunRecord) -> String {
    let own = plan.warm_up();
    let cut = Duration::from_secs(stage.cut.unwrap_or(stage.seconds.start).into());
    if cut <= own {
        return format!("The scenario's own warm-up, which ends at {}, leaves it out.", humanize::clock(own));
    }
    let earlier = &plan.stages()[..stage.stage];
    if earlier.iter().any(|before| before.carries() && before.end > own) {
        return format!(
            "The scenario's warm_up counts from the start of the run and would take whole stages before with it: hold \
             this one longer, so that its first {} weigh less.",
            humanize::span(cut.saturating_sub(Duration::from_secs(stage.seconds.start.into())))
        );
    }
    // Pauses stop the clock of the warm-up, and a scaled run scales it.
    let needed = plan.window_duration(&Window::Run, cut).as_secs_f64() / record.start.time_scale;
    let needed = format_duration(Duration::from_secs(needed.ceil() as u64));
    let scaled = if record.start.time_scale == 1.0 {
        String::new()
    } else {
        format!(" (at this run's time scale of {})", record.start.time_scale)
    };
    let present = if own.is_zero() {
        "The scenario has no warm-up".to_owned()
    } else {
        format!("The scenario's own warm-up ends at {}, before that", humanize::clock(own))
    };
    format!(
        "{present}: set warm_up = \"{needed}\" under [load] to leave it out of tables and verdicts{scaled}."
    )
}

fn first_level(stage: &StageSteadiness) -> String {
    stage.segments.first().map_or_else(String::new, |segment| humanize::latency(segment.level))
}

fn fastest_before(stage: &StageSteadiness) -> String {
    let before = stage.segments.iter().take_while(|segment| !segment.is_last_level);
    let fastest = before.map(|segment| segment.level).min();
    fastest.map_or_else(String::new, humanize::latency)
}

/// What stands out without being a level: short stretches, and single seconds.
fn aside(stage: &StageSteadiness) -> String {
    let stretch = |segment: &LevelSegment| {
        let [from, until] = [segment.seconds.start, segment.seconds.end].map(clock);
        format!("{from} to {until} ({})", humanize::latency(segment.level))
    };
    const SHOWN: usize = 3;
    let all: Vec<String> = stage.disturbances().map(stretch).collect();
    let mut parts = Vec::new();
    if !all.is_empty() {
        let mut shown: Vec<String> = all.iter().take(SHOWN).cloned().collect();
        if all.len() > SHOWN {
            shown.push(format!("{} more", all.len() - SHOWN));
        }
        parts.push(format!("apart from {}", listed(&shown)));
    }
    match stage.n_outliers as u64 {
        0 => {}
        1 => parts.push("1 second stands out alone".to_owned()),
        n => parts.push(format!("{} stand out alone or in pairs", humanize::counted(n, "second"))),
    }
    if parts.is_empty() { String::new() } else { format!("; {}", parts.join("; ")) }
}

fn clock(second: u32) -> String {
    humanize::clock(Duration::from_secs(second.into()))
}

impl SteadinessClass {
    /// The class at the beginning of a cell or sentence.
    pub fn title(self) -> String {
        capitalized(self.name())
    }
}
