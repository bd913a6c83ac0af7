//! Which level to probe next: double until a probe fails, then halve the distance, then confirm.

use super::{
    judge::{Judgement, ProbeVerdict, judge},
    measure::ProbeFigures,
    settings::SearchSettings,
};

/// After so many answers that could not be confirmed, there is none.
const MAX_CONFIRMATIONS: usize = 5;
/// A fail that so many probes have passed up to since, and no other backs, is looked at again.
const N_PASSED_SINCE: usize = 2;

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    Search,
    /// A second look at the lowest level that failed.
    Again,
    /// Holds the answer for longer.
    Confirm,
}

/// A probe that is to be held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbePlan {
    /// From 1.
    pub number: u32,
    pub kind: ProbeKind,
    pub level: f64,
    /// How many whole seconds are judged first.
    pub hold_secs: u32,
}

/// A probe that was held and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    pub plan: ProbePlan,
    /// Whether it was held twice as long, because the first time decided nothing.
    pub is_extended: bool,
    pub judgement: Judgement,
    pub figures: ProbeFigures,
}

impl Probe {
    pub fn verdict(&self) -> ProbeVerdict {
        self.judgement.verdict
    }

    fn passes(&self) -> bool {
        self.verdict() == ProbeVerdict::Pass
    }

    fn is_limited(&self) -> bool {
        self.verdict() == ProbeVerdict::GeneratorLimited
    }

    pub(super) fn stops(&self) -> bool {
        matches!(self.verdict(), ProbeVerdict::Fail | ProbeVerdict::Undecided)
    }
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Let the load settle at this level, hold it, and judge what was measured.
    Hold(ProbePlan),
    /// Hold the present level twice as long, and judge all of that.
    Extend(ProbePlan),
    /// Send nothing until nothing is in flight.
    Drain,
    Done(SearchEnd),
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchEnd {
    /// The answer was confirmed.
    Confirmed,
    /// The lowest level that may be tried fails already.
    LowestFails,
    /// The lowest level that may be tried decides nothing.
    LowestUndecided,
    /// What passed did not pass again when it was held for longer.
    NotConfirmed,
    /// A level passed after one no higher had failed: both by number.
    NotMonotone { failed: u32, passed: u32 },
    /// The generator could not make the load, so that the target's end was not seen.
    GeneratorLimited,
    /// Requests stayed in flight though nothing more was sent.
    NeverDrained,
    /// The run ended before.
    Interrupted,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    settings: SearchSettings,
    probes: Vec<Probe>,
    step: Step,
}

impl Search {
    pub fn new(settings: SearchSettings) -> Self {
        let step = following(&settings, &[]);
        Self { settings, probes: Vec::new(), step }
    }

    pub fn settings(&self) -> &SearchSettings {
        &self.settings
    }

    /// The probes that were judged so far, in order.
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// What is to be done now.
    pub fn next(&self) -> Step {
        self.step
    }

    /// Judges what was measured at the level that is held.
    pub fn judge(&mut self, figures: ProbeFigures) -> ProbeVerdict {
        let (plan, is_extended) = match self.step {
            Step::Hold(plan) => (plan, false),
            Step::Extend(plan) => (plan, true),
            // Nothing is held.
            Step::Drain | Step::Done(_) => return ProbeVerdict::Undecided,
        };
        let judgement = judge(&self.settings, &figures);
        let verdict = judgement.verdict;
        if verdict == ProbeVerdict::Undecided && !is_extended && !figures.was_paused {
            self.step = Step::Extend(plan);
            return verdict;
        }
        self.probes.push(Probe { plan, is_extended, judgement, figures });
        self.step = match following(&self.settings, &self.probes) {
            Step::Done(end) => Step::Done(end),
            _ => Step::Drain,
        };
        verdict
    }

    /// Nothing is in flight any more.
    pub fn drained(&mut self) {
        if self.step == Step::Drain {
            self.step = following(&self.settings, &self.probes);
        }
    }

    /// Requests stay in flight however long nothing is sent.
    pub fn never_drained(&mut self) {
        self.step = Step::Done(SearchEnd::NeverDrained);
    }

    /// The run has ended; a search that was done stays as it is.
    pub fn interrupted(&mut self) {
        if !matches!(self.step, Step::Done(_)) {
            self.step = Step::Done(SearchEnd::Interrupted);
        }
    }
}

/// What follows upon these probes, once nothing is in flight.
fn following(settings: &SearchSettings, probes: &[Probe]) -> Step {
    let hold = |kind, level| {
        let number = probes.len() as u32 + 1;
        Step::Hold(ProbePlan { number, kind, level, hold_secs: settings.hold_secs(kind, level) })
    };
    let Some(last) = probes.last() else { return hold(ProbeKind::Search, settings.start) };
    if last.is_limited() {
        // A busy moment of the generator's machine passes; what stays is its end.
        return match probes {
            [.., before, _] if before.is_limited() => Step::Done(SearchEnd::GeneratorLimited),
            _ => hold(last.plan.kind, last.plan.level),
        };
    }
    if let Some((failed, passed)) = contradiction(probes) {
        return Step::Done(SearchEnd::NotMonotone { failed, passed });
    }
    if last.plan.kind == ProbeKind::Confirm {
        if last.passes() {
            return Step::Done(SearchEnd::Confirmed);
        }
        let is_confirmation = |probe: &&Probe| probe.plan.kind == ProbeKind::Confirm && !probe.is_limited();
        let n_confirmations = probes.iter().filter(is_confirmation).count();
        let lower = lower_to_confirm(settings, probes, last.plan.level);
        return if n_confirmations >= MAX_CONFIRMATIONS || lower < settings.start {
            Step::Done(SearchEnd::NotConfirmed)
        } else {
            hold(ProbeKind::Confirm, lower)
        };
    }
    let (passed, stopped) = (highest_pass(probes), lowest_stop(probes));
    let is_out_of_probes = probes.len() >= settings.max_probes;
    match (passed, stopped) {
        (None, Some(stop)) if stop.verdict() == ProbeVerdict::Fail => Step::Done(SearchEnd::LowestFails),
        (None, _) => Step::Done(SearchEnd::LowestUndecided),
        (Some(passed), None) if passed < settings.max && !is_out_of_probes => {
            hold(ProbeKind::Search, settings.rounded(2.0 * passed).min(settings.max))
        }
        (Some(passed), Some(stop)) if !is_out_of_probes => match between(settings, passed, stop.plan.level) {
            Some(level) => hold(ProbeKind::Search, level),
            None if is_alone(probes, stop) => hold(ProbeKind::Again, stop.plan.level),
            // What twice the hold left open may be told by the longest one.
            None if stop.verdict() == ProbeVerdict::Undecided => hold(ProbeKind::Confirm, stop.plan.level),
            None => hold(ProbeKind::Confirm, passed),
        },
        (Some(passed), _) => hold(ProbeKind::Confirm, passed),
    }
}

/// A level between two, unless they are close enough or there is none.
// Half-way on the scale of ratios: the next bounds are as far apart on either side.
fn between(settings: &SearchSettings, low: f64, high: f64) -> Option<f64> {
    let middle = settings.rounded((low * high).sqrt());
    (high / low > settings.resolution && low < middle && middle < high).then_some(middle)
}

/// The level to confirm after a higher one did not pass for so long: the highest that passed, then ever lower ones.
fn lower_to_confirm(settings: &SearchSettings, probes: &[Probe], level: f64) -> f64 {
    if let Some(passed) = highest_pass(probes).filter(|passed| *passed < level) {
        return passed;
    }
    // Half a step: the longer hold tells levels apart that are closer than those of the search.
    let lower = settings.rounded(level / settings.resolution.sqrt());
    if lower < level { lower } else { level - 1.0 }
}

/// Whether a fail stands alone, though all probes since passed up to it: it may have been an accident of its minute,
/// and everything above it was left out because of it.
fn is_alone(probes: &[Probe], stop: &Probe) -> bool {
    let told = || probes.iter().filter(|probe| !probe.is_limited());
    let is_first_look = told().filter(|probe| probe.plan.level == stop.plan.level).count() == 1;
    let n_since = told().filter(|probe| probe.plan.number > stop.plan.number).count();
    stop.verdict() == ProbeVerdict::Fail && is_first_look && n_since >= N_PASSED_SINCE
}

/// The first fail that a later pass at a level no lower contradicts.
fn contradiction(probes: &[Probe]) -> Option<(u32, u32)> {
    let failed = probes.iter().filter(|probe| probe.verdict() == ProbeVerdict::Fail);
    let mut pairs = failed.filter_map(|failed| {
        let passed = probes.iter().find(|later| {
            later.plan.number > failed.plan.number && later.passes() && later.plan.level >= failed.plan.level
        });
        passed.map(|passed| (failed.plan.number, passed.plan.number))
    });
    pairs.next()
}

/// The highest level that passed, those that confirm aside.
pub(super) fn highest_pass(probes: &[Probe]) -> Option<f64> {
    let passed = probes.iter().filter(|probe| probe.passes() && probe.plan.kind != ProbeKind::Confirm);
    passed.map(|probe| probe.plan.level).max_by(f64::total_cmp)
}

/// The probe of the lowest level that did not pass.
pub(super) fn lowest_stop(probes: &[Probe]) -> Option<&Probe> {
    probes.iter().filter(|probe| probe.stops()).min_by(|a, b| a.plan.level.total_cmp(&b.plan.level))
}

/// How a search ended that led to these probes and no others.
pub(super) fn end_after(settings: &SearchSettings, probes: &[Probe]) -> Option<SearchEnd> {
    match following(settings, probes) {
        Step::Done(end) => Some(end),
        _ => None,
    }
}

/// Replays a probe of a kept run: judged by its hold, and by twice that where it was held for so long.
pub(super) fn replayed(
    settings: &SearchSettings,
    plan: ProbePlan,
    is_extended: bool,
    figures: ProbeFigures,
) -> Option<Probe> {
    let judgement = judge(settings, &figures);
    let goes_on = judgement.verdict == ProbeVerdict::Undecided && !is_extended && !figures.was_paused;
    (!goes_on).then_some(Probe { plan, is_extended, judgement, figures })
}
