//! What the ribbon says: the present stage, how far the run is, and what a point that is moved comes to.

use std::time::Duration;

use super::canvas::delivered_level;
use crate::{
    app::run::sight::{Sight, Source},
    humanize,
    metrics::Phase,
    model::Plan,
};

/// The present stage and how far the run is.
pub fn progress_words(sight: &Sight<'_>) -> String {
    let stages = sight.plan.stages();
    let index = sight.plan.stage_at(sight.elapsed);
    let stage = stages.get(index).map_or("", |stage| stage.name.as_str());
    let total = sight.plan.duration();
    let clock = format!("{} of {}", humanize::clock(sight.elapsed), humanize::clock(total));
    match sight.source {
        Source::Kept(_) => format!("Load was made for {clock}"),
        Source::Live(snapshot) => match snapshot.phase {
            Phase::Preparing => "Preparing".to_owned(),
            Phase::Draining => "Load has ended; waiting for requests in flight".to_owned(),
            Phase::Finished => "Finished; the last second is being kept".to_owned(),
            Phase::Running => {
                let left = humanize::span(Duration::from_secs(
                    total.saturating_sub(sight.elapsed).as_secs_f64().ceil() as u64,
                ));
                let present = format!("Stage {} of {}: {stage}", index + 1, stages.len());
                match sight.paused_since() {
                    Some(since) => {
                        let since = humanize::clock(since);
                        format!("Paused since {since}  ·  {present}  ·  {left} left once it is resumed")
                    }
                    None => format!("{present}  ·  {clock}  ·  {left} left"),
                }
            }
        },
    }
}

/// Where a stage of a plan ends, and what that makes of the run: `Spike: 200/s at 1:30, lasts 40 s, load ends at 3:00`.
pub fn point_words(plan: &Plan, index: usize) -> String {
    let Some(stage) = plan.stages().get(index) else { return String::new() };
    format!(
        "{}: {} at {}, lasts {}, load ends at {}",
        stage.name,
        humanize::level(stage.end_level, plan.is_open()),
        humanize::clock(stage.end),
        humanize::span(stage.end - stage.start),
        humanize::clock(plan.duration())
    )
}

/// The levels at a moment of the run, as far as there are any.
#[derive(Debug, Default, PartialEq)]
pub struct Levels {
    pub planned: Option<String>,
    pub in_force: Option<String>,
    pub delivered: Option<String>,
}

impl Levels {
    /// What was planned, is in force and was delivered at the moment under the pointer; nothing where it is elsewhere.
    pub fn at(sight: &Sight<'_>, secs: Option<f64>) -> Self {
        let Some(secs) = secs.map(|secs| secs.max(0.0)) else { return Self::default() };
        let is_open = sight.plan.is_open();
        let at = Duration::from_secs_f64(secs);
        let words = |level: f64| Some(humanize::level(rounded(level, is_open), is_open));
        let second = sight.points.binary_search_by_key(&(secs as u32), |point| point.second).ok();
        Self {
            planned: words(sight.planned.level_at(at)),
            in_force: words(sight.plan.level_at(at)),
            delivered: second.and_then(|index| words(delivered_level(sight, &sight.points[index]))),
        }
    }
}

/// Whether the plan is no longer as it was at the start.
pub fn is_replanned(sight: &Sight<'_>) -> bool {
    sight.planned.stages() != sight.plan.stages()
}

/// As precise as an eye can tell on a curve.
fn rounded(level: f64, is_open: bool) -> f64 {
    if is_open { (level * 10.0).round() / 10.0 } else { level.round() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::run::tiles;
    use crate::app::state::LiveNow;
    use crate::metrics::LiveSnapshot;
    use crate::model::{PlanChange, PlanChangeKind};

    #[test]
    fn while_it_is_paused_the_rest_of_the_run_moves_on_with_the_clock() {
        let now = tiles::tests::now(Vec::new());
        let mut snapshot = (*now.snapshot).clone();
        let words = |snapshot: &LiveSnapshot| {
            let now = LiveNow::new(now.run_id, Arc::clone(&now.scenario), Arc::new(snapshot.clone()));
            progress_words(&Sight::live(&now))
        };
        assert_eq!(words(&snapshot), "Stage 2 of 3: Sustain (50)  ·  0:12 of 0:40  ·  28 s left");
        let pause = PlanChange { at: Duration::from_secs(12), kind: PlanChangeKind::Pause };
        Arc::make_mut(&mut snapshot.plan).apply(&pause);
        snapshot.elapsed = Duration::from_secs(100);
        assert_eq!(
            words(&snapshot),
            "Paused since 0:12  ·  Stage 2 of 3: Sustain (50)  ·  28 s left once it is resumed"
        );
    }

    #[test]
    fn a_moment_tells_all_three_curves_apart() {
        let now = tiles::tests::now(Vec::new());
        assert_eq!(
            point_words(&now.plan, 1),
            "Sustain (50): 50 users at 0:30, lasts 20 s, load ends at 0:40"
        );
        let levels = |now: &LiveNow, secs| {
            let Levels { planned, in_force, delivered } = Levels::at(&Sight::live(now), secs);
            [planned, in_force, delivered].map(Option::unwrap_or_default)
        };
        assert_eq!(levels(&now, None), ["", "", ""]);
        assert_eq!(levels(&now, Some(32.0)), ["80 users", "80 users", ""]);
        let mut snapshot = (*now.snapshot).clone();
        let extend = PlanChangeKind::ExtendStage(Duration::from_secs(8));
        Arc::make_mut(&mut snapshot.plan).apply(&PlanChange { at: snapshot.elapsed, kind: extend });
        let now = LiveNow::new(now.run_id, Arc::clone(&now.scenario), Arc::new(snapshot));
        assert_eq!(levels(&now, Some(32.0)), ["80 users", "50 users", ""]);
    }
}
