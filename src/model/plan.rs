//! Everything that is known before running: when iterations start, how many users there are, what counts where.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Arrivals, LoadModel, Scenario, Shape, Window};

/// Everything that is known before running; times count from the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    model: LoadModel,
    stages: Vec<PlannedStage>,
    warm_up: Duration,
    graceful_stop: Duration,
    /// One cycle of the interleaved journeys, as indexes.
    journey_cycle: Vec<u32>,
    n_steps_by_journey: Vec<u32>,
}

/// One stage of the profile with its place in the run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStage {
    pub name: String,
    pub start: Duration,
    pub end: Duration,
    pub start_level: f64,
    pub end_level: f64,
    /// Area under the profile before this stage: user-seconds (closed) or arrivals (open).
    area_before: f64,
}

/// Which part of the plan a request was intended for; results are kept apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// Index of the stage.
    pub stage: u16,
    pub warm_up: bool,
}

/// A stretch during which one virtual user of the closed model starts iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserWindow {
    pub start: Duration,
    pub end: Duration,
}

impl PlannedStage {
    pub fn duration(&self) -> Duration {
        self.end - self.start
    }

    /// Whether the level stays the same throughout.
    pub fn holds(&self) -> bool {
        self.start_level == self.end_level
    }

    /// Whether it holds a level that makes load: a jump has no length, a rest no requests.
    fn carries(&self) -> bool {
        self.holds() && self.end_level > 0.0 && self.start < self.end
    }

    /// Area under this stage: user-seconds (closed) or arrivals (open).
    pub fn area(&self) -> f64 {
        (self.start_level + self.end_level) / 2.0 * self.duration().as_secs_f64()
    }

    fn slope(&self) -> f64 {
        let seconds = self.duration().as_secs_f64();
        if seconds > 0.0 { (self.end_level - self.start_level) / seconds } else { 0.0 }
    }

    /// The time within the run at which the area since the stage's start reaches `area`.
    // Root of start_level·x + slope·x²/2 = area in the form that neither cancels nor divides by a zero slope.
    fn time_at_area(&self, area: f64) -> Duration {
        let discriminant = (self.start_level * self.start_level + 2.0 * self.slope() * area).max(0.0);
        let denominator = self.start_level + discriminant.sqrt();
        let seconds = if denominator > 0.0 { 2.0 * area / denominator } else { 0.0 };
        (self.start + Duration::from_secs_f64(seconds.max(0.0))).min(self.end)
    }
}

impl Plan {
    /// The plan of a valid scenario, with durations multiplied by `time_scale` (1 leaves them).
    pub fn new(scenario: &Scenario, time_scale: f64) -> Self {
        let load = &scenario.load;
        let mut stages = Vec::with_capacity(load.stages.len());
        let (mut start, mut level, mut area) = (Duration::ZERO, 0.0, 0.0);
        for stage in &load.stages {
            let end = start + stage.duration.mul_f64(time_scale);
            let start_level = if stage.shape == Shape::Step { stage.end_level } else { level };
            let planned = PlannedStage {
                name: stage.name.clone(),
                start,
                end,
                start_level,
                end_level: stage.end_level,
                area_before: area,
            };
            area += planned.area();
            (start, level) = (end, stage.end_level);
            stages.push(planned);
        }
        Self {
            model: load.model.clone(),
            stages,
            warm_up: load.warm_up.mul_f64(time_scale),
            graceful_stop: load.graceful_stop,
            journey_cycle: journey_cycle(scenario),
            n_steps_by_journey: scenario.journeys.iter().map(|journey| journey.steps.len() as u32).collect(),
        }
    }

    pub fn model(&self) -> &LoadModel {
        &self.model
    }

    pub fn is_open(&self) -> bool {
        self.model.is_open()
    }

    pub fn stages(&self) -> &[PlannedStage] {
        &self.stages
    }

    pub fn warm_up(&self) -> Duration {
        self.warm_up
    }

    pub fn graceful_stop(&self) -> Duration {
        self.graceful_stop
    }

    /// When the last stage ends; iterations in flight may finish after it.
    pub fn duration(&self) -> Duration {
        self.stages.last().map_or(Duration::ZERO, |stage| stage.end)
    }

    /// The highest level of the profile: users (closed) or arrivals per second (open).
    pub fn peak_level(&self) -> f64 {
        self.stages.iter().flat_map(|stage| [stage.start_level, stage.end_level]).fold(0.0, f64::max)
    }

    /// The level at a time: users (closed) or arrivals per second (open); 0 after the end.
    pub fn level_at(&self, time: Duration) -> f64 {
        match self.stages.iter().find(|stage| time < stage.end) {
            Some(stage) => stage.start_level + stage.slope() * time.saturating_sub(stage.start).as_secs_f64(),
            None => 0.0,
        }
    }

    /// Area under the profile up to a time: user-seconds (closed) or arrivals (open).
    pub fn area_at(&self, time: Duration) -> f64 {
        self.stages.iter().rev().find(|stage| stage.start <= time).map_or(0.0, |stage| {
            let x = time.min(stage.end).saturating_sub(stage.start).as_secs_f64();
            stage.area_before + x * (stage.start_level + stage.slope() * x / 2.0)
        })
    }

    /// The index of the stage at a time; the last one after the end.
    pub fn stage_at(&self, time: Duration) -> usize {
        let index = self.stages.partition_point(|stage| stage.end <= time);
        index.min(self.stages.len().saturating_sub(1))
    }

    /// The segment that a request intended for `time` belongs to.
    pub fn segment_at(&self, time: Duration) -> Segment {
        Segment { stage: self.stage_at(time) as u16, warm_up: time < self.warm_up }
    }

    /// Whether requests of `segment` count within `window`.
    pub fn window_contains(&self, window: &Window, segment: Segment) -> bool {
        let stage = self.stages.get(usize::from(segment.stage));
        match window {
            Window::Run => true,
            Window::Steady => !segment.warm_up && stage.is_some_and(|stage| self.is_steady(stage)),
            Window::Stage(name) => !segment.warm_up && stage.is_some_and(|stage| stage.name == *name),
        }
    }

    /// The stretches of `window` up to `until`, the moment at which load ended.
    pub fn window_spans(&self, window: &Window, until: Duration) -> Vec<(Duration, Duration)> {
        let from = if *window == Window::Run { Duration::ZERO } else { self.warm_up };
        self.stages
            .iter()
            .filter(|stage| match window {
                Window::Run => true,
                Window::Steady => self.is_steady(stage),
                Window::Stage(name) => stage.name == *name,
            })
            .map(|stage| (stage.start.max(from), stage.end.min(until)))
            .filter(|(start, end)| start < end)
            .collect()
    }

    /// The length of `window` up to `until`, the moment at which load ended.
    pub fn window_duration(&self, window: &Window, until: Duration) -> Duration {
        self.window_spans(window, until).iter().map(|(start, end)| *end - *start).sum()
    }

    /// Whether any stage after the warm-up holds its level, so that *steady* means the holding stages.
    pub fn has_steady_stages(&self) -> bool {
        self.stages.iter().any(|stage| stage.carries() && stage.end > self.warm_up)
    }

    fn is_steady(&self, stage: &PlannedStage) -> bool {
        stage.carries() || !self.has_steady_stages()
    }

    /// Iterations planned to start before `time` (open model; evenly spaced arrivals are exact, random ones expected).
    pub fn n_planned_before(&self, time: Duration) -> Option<u64> {
        // Iteration n is due at area n + 1/2; the tolerance forgives the last bit of the area's sums.
        self.is_open().then(|| (self.area_at(time) + 0.5 + 1e-9).floor() as u64)
    }

    /// Iterations that the open model starts in all; none for the closed model, where answers decide.
    pub fn n_planned_iterations(&self) -> Option<u64> {
        match self.model {
            LoadModel::Closed => None,
            LoadModel::Open { arrivals: Arrivals::Constant, .. } => self.n_planned_before(self.duration()),
            LoadModel::Open { .. } => Some(self.intended_starts().count() as u64),
        }
    }

    /// Requests that the open model sends if every iteration starts.
    pub fn n_planned_requests(&self) -> Option<u64> {
        let n_iterations = self.n_planned_iterations()?;
        let cycle_len = self.journey_cycle.len() as u64;
        if cycle_len == 0 {
            return Some(0);
        }
        let n_steps = |journey: &u32| u64::from(self.n_steps_by_journey[*journey as usize]);
        let per_cycle: u64 = self.journey_cycle.iter().map(n_steps).sum();
        let rest = (n_iterations % cycle_len) as usize;
        let in_rest: u64 = self.journey_cycle[..rest].iter().map(n_steps).sum();
        Some(n_iterations / cycle_len * per_cycle + in_rest)
    }

    /// The journey of iteration `n`: exact proportions within each cycle, evenly interleaved.
    pub fn journey_of(&self, n: u64) -> usize {
        self.journey_cycle[(n % self.journey_cycle.len() as u64) as usize] as usize
    }

    /// Intended starts of the open model in order: the exact inverse of the area under the profile.
    // Even arrivals sit at areas 1/2, 3/2, …: unbiased at both ends. Random ones are a unit Poisson
    // process in area, which makes the profile's rate theirs.
    pub fn intended_starts(&self) -> IntendedStarts<'_> {
        let random = match self.model {
            LoadModel::Open { arrivals: Arrivals::Poisson, seed, .. } => {
                Some(Xoshiro256PlusPlus::seed_from_u64(seed))
            }
            _ => None,
        };
        IntendedStarts { plan: self, n: 0, stage: 0, area: 0.0, random }
    }

    /// Users of the closed model at a time.
    pub fn n_users_at(&self, time: Duration) -> u32 {
        if self.is_open() { 0 } else { self.level_at(time).round() as u32 }
    }

    /// The most users the closed model has at once.
    pub fn peak_users(&self) -> u32 {
        if self.is_open() { 0 } else { self.peak_level().round() as u32 }
    }

    /// When user `user_index` (from 0) of the closed model is there: while the level is at least `user_index` + 1/2.
    pub fn user_windows(&self, user_index: u32) -> Vec<UserWindow> {
        let limit = f64::from(user_index) + 0.5;
        let mut windows: Vec<UserWindow> = Vec::new();
        for stage in &self.stages {
            let Some((start, end)) = stretch_above(stage, limit) else { continue };
            match windows.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => windows.push(UserWindow { start, end }),
            }
        }
        windows
    }
}

/// See [`Plan::intended_starts`].
pub struct IntendedStarts<'a> {
    plan: &'a Plan,
    n: u64,
    stage: usize,
    area: f64,
    random: Option<Xoshiro256PlusPlus>,
}

impl Iterator for IntendedStarts<'_> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if !self.plan.is_open() {
            return None;
        }
        self.area = match &mut self.random {
            // 1 − u is in (0, 1], so the logarithm is finite.
            Some(random) => self.area - (1.0 - random.random::<f64>()).ln(),
            None => self.n as f64 + 0.5,
        };
        self.n += 1;
        loop {
            let stage = self.plan.stages.get(self.stage)?;
            let within = self.area - stage.area_before;
            if within <= stage.area() + 1e-9 {
                return Some(stage.time_at_area(within.max(0.0)));
            }
            self.stage += 1;
        }
    }
}

/// The stretch of a stage during which its level is at least `limit`.
fn stretch_above(stage: &PlannedStage, limit: f64) -> Option<(Duration, Duration)> {
    let (from, to) = (stage.start_level >= limit, stage.end_level >= limit);
    if stage.duration().is_zero() || (!from && !to) {
        return None;
    }
    let crossing = || {
        let ratio = (limit - stage.start_level) / (stage.end_level - stage.start_level);
        stage.start + stage.duration().mul_f64(ratio.clamp(0.0, 1.0))
    };
    let (start, end) = match (from, to) {
        (true, false) => (stage.start, crossing()),
        (false, true) => (crossing(), stage.end),
        _ => (stage.start, stage.end),
    };
    (start < end).then_some((start, end))
}

/// One cycle of journeys by smooth weighted round robin: exact shares, spread as evenly as whole numbers allow.
fn journey_cycle(scenario: &Scenario) -> Vec<u32> {
    let weights: Vec<i64> = scenario.journeys.iter().map(|journey| i64::from(journey.weight)).collect();
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor);
    if divisor == 0 {
        return Vec::new();
    }
    let weights: Vec<i64> = weights.iter().map(|weight| weight / divisor).collect();
    let total: i64 = weights.iter().sum();
    let mut credits = vec![0; weights.len()];
    (0..total)
        .map(|_| {
            for (credit, weight) in credits.iter_mut().zip(&weights) {
                *credit += weight;
            }
            let next = (0..credits.len()).rev().max_by_key(|index| credits[*index]).unwrap_or(0);
            credits[next] -= total;
            next as u32
        })
        .collect()
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Journey, LoadProfile, Stage, Step, ThinkTime};

    fn scenario(model: LoadModel, stages: &[(u64, f64)], weights: &[u32]) -> Scenario {
        Scenario {
            name: "s".into(),
            description: String::new(),
            base_url: "sandbox:".into(),
            timeout: Scenario::DEFAULT_TIMEOUT,
            variables: Default::default(),
            transport: Default::default(),
            load: LoadProfile {
                model,
                warm_up: Duration::ZERO,
                graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
                stages: stages
                    .iter()
                    .enumerate()
                    .map(|(index, (seconds, end_level))| Stage {
                        name: format!("stage {index}"),
                        duration: Duration::from_secs(*seconds),
                        end_level: *end_level,
                        shape: Shape::Ramp,
                    })
                    .collect(),
            },
            journeys: weights
                .iter()
                .map(|weight| Journey {
                    name: "j".into(),
                    weight: *weight,
                    think_time: ThinkTime::None,
                    pacing: None,
                    steps: vec![Step {
                        name: "s".into(),
                        service: None,
                        method: "GET".into(),
                        path: "/".into(),
                        headers: vec![],
                        body: Body::None,
                        checks: vec![],
                        extracts: vec![],
                        timeout: None,
                    }],
                })
                .collect(),
            services: vec![],
            thresholds: vec![],
        }
    }

    #[test]
    fn a_trapezoid_starts_exactly_its_area() {
        let plan = Plan::new(&scenario(LoadModel::open(), &[(10, 200.0), (10, 200.0), (10, 0.0)], &[1]), 1.0);
        let starts: Vec<_> = plan.intended_starts().collect();
        assert_eq!(starts.len(), 4_000);
        assert_eq!(plan.n_planned_iterations(), Some(4_000));
        assert!(starts.is_sorted());
        let in_first = starts.iter().filter(|start| **start < Duration::from_secs(10)).count();
        assert_eq!(in_first, 1_000);
        assert_eq!(plan.n_planned_before(Duration::from_secs(10)), Some(1_000));
    }

    #[test]
    fn each_start_is_the_inverse_of_the_area() {
        let plan = Plan::new(&scenario(LoadModel::open(), &[(7, 31.0), (3, 5.0), (4, 90.0)], &[1]), 1.0);
        for (n, start) in plan.intended_starts().enumerate() {
            let area = plan.area_at(start);
            assert!((area - (n as f64 + 0.5)).abs() < 1e-5, "iteration {n} at area {area}");
        }
    }

    #[test]
    fn random_arrivals_repeat_with_their_seed_and_keep_the_rate() {
        let model = LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 10, seed: 7 };
        let plan = Plan::new(&scenario(model, &[(100, 200.0), (100, 200.0)], &[1]), 1.0);
        let starts: Vec<_> = plan.intended_starts().collect();
        assert_eq!(starts, plan.intended_starts().collect::<Vec<_>>());
        // 30,000 expected, standard deviation 173.
        assert!((29_000..31_000).contains(&starts.len()), "{}", starts.len());
    }

    #[test]
    fn users_come_and_go_where_the_level_crosses_them() {
        let plan = Plan::new(&scenario(LoadModel::Closed, &[(10, 10.0), (10, 10.0), (10, 0.0)], &[1]), 1.0);
        assert_eq!(plan.peak_users(), 10);
        let windows = plan.user_windows(0);
        assert_eq!(
            windows,
            [UserWindow { start: Duration::from_millis(500), end: Duration::from_millis(29_500) }]
        );
        assert!(plan.user_windows(10).is_empty());
        for tenth in 0..300 {
            let time = Duration::from_millis(tenth * 100 + 50);
            let there = (0..10)
                .filter(|user| plan.user_windows(*user).iter().any(|w| w.start <= time && time < w.end))
                .count();
            assert_eq!(there as u32, plan.n_users_at(time), "at {time:?}");
        }
    }

    #[test]
    fn journeys_keep_exact_shares_in_every_cycle() {
        let plan = Plan::new(&scenario(LoadModel::Closed, &[(1, 1.0)], &[6, 2, 4]), 1.0);
        let cycle: Vec<_> = (0..6).map(|n| plan.journey_of(n)).collect();
        let count = |journey| cycle.iter().filter(|j| **j == journey).count();
        assert_eq!([count(0), count(1), count(2)], [3, 1, 2]);
        assert_eq!(plan.journey_of(6), plan.journey_of(0));
    }

    #[test]
    fn a_rest_or_a_jump_is_not_steady() {
        let mut described = scenario(LoadModel::Closed, &[(10, 10.0), (0, 10.0), (5, 0.0), (5, 0.0)], &[1]);
        described.load.stages[1].shape = Shape::Step;
        let plan = Plan::new(&described, 1.0);
        assert!(!plan.has_steady_stages());
        assert_eq!(plan.window_duration(&Window::Steady, plan.duration()), plan.duration());
    }

    #[test]
    fn steady_means_holding_stages_after_the_warm_up() {
        let mut described = scenario(LoadModel::Closed, &[(10, 10.0), (10, 10.0), (10, 0.0)], &[1]);
        described.load.warm_up = Duration::from_secs(12);
        let plan = Plan::new(&described, 0.5);
        let seconds = |window: &Window| plan.window_duration(window, plan.duration()).as_secs_f64();
        assert_eq!(seconds(&Window::Run), 15.0);
        assert_eq!(seconds(&Window::Steady), 4.0);
        assert_eq!(seconds(&Window::Stage("stage 2".into())), 5.0);
        let segment = plan.segment_at(Duration::from_secs(7));
        assert_eq!(segment, Segment { stage: 1, warm_up: false });
        assert!(plan.window_contains(&Window::Steady, segment));
        assert!(!plan.window_contains(&Window::Steady, plan.segment_at(Duration::from_secs(5))));
        assert!(!plan.window_contains(&Window::Steady, plan.segment_at(Duration::from_secs(11))));
    }
}
