//! How far the tour is: what was really done, and what comes next. Pure; the window tells it what it sees.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::step::{Optimisation, Pace, TourStep};
use crate::metrics::RunId;

/// The version of what is kept.
const FORMAT: u32 = 1;

/// Whether the tour shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    #[default]
    Never,
    Now,
    /// Left, to be resumed.
    Left,
}

/// What became of the projection of the chosen optimisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projected {
    #[default]
    NotAsked,
    UnderWay,
    /// Kept with the first run; the sentence tells the greatest of them.
    Kept {
        n_kept: u32,
        sentence: String,
    },
    /// Why there is none.
    Refused(String),
}

/// The tour, as it is kept between visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tour {
    format: u32,
    pub shown: Shown,
    pub pace: Pace,
    /// On the plain sandbox.
    pub first: Option<RunId>,
    /// Whether what the first run means was shown.
    has_read: bool,
    /// The optimisation that was switched on.
    pub tried: Option<Optimisation>,
    pub projected: Projected,
    /// With the optimisation.
    pub second: Option<RunId>,
    has_compared: bool,
    /// The report that was written.
    pub report: Option<PathBuf>,
}

/// The sandbox as the window knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SandboxFact {
    #[default]
    Down,
    Starting,
    /// It runs, but has not said yet what it is like.
    Unknown,
    /// It runs with these switched on.
    Up(Vec<Optimisation>),
}

/// One of the tour's runs as the window knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RunFact {
    /// There is none, or the list is not read yet.
    #[default]
    Unknown,
    /// The list was read, and it is not in it.
    Gone,
    UnderWay,
    Kept {
        /// Whether it went by its plan to its end.
        is_whole: bool,
        /// What was switched on when it began; none where it was made on another target.
        switched_on: Option<Vec<Optimisation>>,
    },
}

/// All that the window knows of what the tour is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub sandbox: SandboxFact,
    pub first: RunFact,
    pub second: RunFact,
    /// A run starts or is under way, the tour's or another.
    pub is_busy: bool,
    /// The run whose meaning is on the screen.
    pub meaning_of: Option<RunId>,
    /// The runs of the comparison on the screen, the baseline first.
    pub compared: Option<(RunId, RunId)>,
}

/// What is done next, by one button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourAct {
    StartSandbox,
    SwitchAllOff,
    /// Runs the preset: the first run, or the second.
    Run,
    WatchRun,
    ReadFindings,
    /// Switches the chosen optimisation on, and no other.
    SwitchOn,
    Compare,
    OpenReport,
    /// Keeps the first run, and tries another optimisation.
    TryAnother,
}

impl TourAct {
    /// The words on the button.
    pub fn label(self) -> &'static str {
        match self {
            Self::StartSandbox => "Start the sandbox",
            Self::SwitchAllOff => "Switch all off",
            Self::Run => "Run it",
            Self::WatchRun => "Watch the run",
            Self::ReadFindings => "Read the findings",
            Self::SwitchOn => "Switch it on",
            Self::Compare => "Compare them",
            Self::OpenReport => "Open the report",
            Self::TryAnother => "Try another one",
        }
    }
}

/// What the card says: the step that is next, in plain words, and how it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// None once all six are done.
    pub step: Option<TourStep>,
    pub words: String,
    /// None while there is only to wait.
    pub act: Option<TourAct>,
}

impl Default for Tour {
    fn default() -> Self {
        Self {
            format: FORMAT,
            shown: Shown::default(),
            pace: Pace::default(),
            first: None,
            has_read: false,
            tried: None,
            projected: Projected::default(),
            second: None,
            has_compared: false,
            report: None,
        }
    }
}

impl Tour {
    /// As it was kept; the error says why it cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut tour: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if tour.format > FORMAT {
            return Err("it was kept by a newer version of Stagewright".to_owned());
        }
        // Whatever was being worked out ended with the window.
        if tour.projected == Projected::UnderWay {
            tour.projected = Projected::NotAsked;
        }
        Ok(tour)
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        // Enums, numbers and texts always become JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn is_shown(&self) -> bool {
        self.shown == Shown::Now
    }

    /// Whether anything of it was done.
    pub fn is_begun(&self) -> bool {
        self.first.is_some()
    }

    /// Begins anew, at the pace that was chosen.
    pub fn restart(&mut self) {
        *self = Self { shown: Shown::Now, pace: self.pace, ..Self::default() };
    }

    /// Keeps the first run and tries another optimisation.
    pub fn try_another(&mut self) {
        self.tried = None;
        self.projected = Projected::NotAsked;
        self.forget_second();
    }

    /// The run that the tour asked for at a step has begun.
    pub fn run_began(&mut self, step: TourStep, run_id: RunId) {
        if step <= TourStep::FirstRun {
            self.first = Some(run_id);
            self.has_read = false;
            self.try_another();
        } else {
            self.forget_second();
            self.second = Some(run_id);
        }
    }

    /// The report of the second run beside the first was written.
    pub fn report_written(&mut self, path: PathBuf) {
        self.report = Some(path);
    }

    fn forget_second(&mut self) {
        self.second = None;
        self.has_compared = false;
        self.report = None;
    }

    /// Takes in what the window sees; returns whether anything changed that is to be kept.
    pub fn observe(&mut self, facts: &Facts) -> bool {
        let before = self.clone();
        if facts.first == RunFact::Gone && self.first.is_some() {
            self.first = None;
            self.has_read = false;
            self.try_another();
        }
        if facts.second == RunFact::Gone && self.second.is_some() {
            self.forget_second();
        }
        if self.first.is_some() && facts.meaning_of == self.first && self.is_first_good(facts) {
            self.has_read = true;
        }
        if let (Some(first), Some(second)) = (self.first, self.second)
            && facts.compared == Some((first, second))
        {
            self.has_compared = true;
        }
        *self != before
    }

    /// Whether the first run is one that can be read: to its end, on the plain sandbox.
    fn is_first_good(&self, facts: &Facts) -> bool {
        self.first.is_some() && is_good(&facts.first, &[])
    }

    fn is_second_good(&self, facts: &Facts) -> bool {
        let Some(tried) = self.tried else { return false };
        self.second.is_some() && is_good(&facts.second, &[tried])
    }

    /// Whether a step was done, by what happened.
    pub fn is_done(&self, step: TourStep, facts: &Facts) -> bool {
        match step {
            TourStep::Start => {
                let is_begun = facts.first == RunFact::UnderWay || self.is_first_good(facts);
                is_begun || facts.sandbox == SandboxFact::Up(Vec::new())
            }
            TourStep::FirstRun => self.is_first_good(facts),
            TourStep::Findings => self.is_first_good(facts) && self.has_read,
            TourStep::Switch => {
                let is_on = self.tried.is_some_and(|tried| facts.sandbox == SandboxFact::Up(vec![tried]));
                let is_begun = facts.second == RunFact::UnderWay || self.is_second_good(facts);
                self.is_first_good(facts) && (is_on || is_begun)
            }
            TourStep::SecondRun => self.is_second_good(facts) && self.has_compared,
            TourStep::Report => self.is_second_good(facts) && self.report.is_some(),
        }
    }

    /// The first step that is not done.
    pub fn next(&self, facts: &Facts) -> Option<TourStep> {
        TourStep::ALL.into_iter().find(|step| !self.is_done(*step, facts))
    }

    /// What to do next.
    pub fn advice(&self, facts: &Facts) -> Advice {
        let step = self.next(facts);
        let (words, act) = match step {
            None => self.all_done(),
            Some(TourStep::Start) => Self::start_advice(facts),
            Some(TourStep::FirstRun) => self.first_run_advice(facts),
            Some(TourStep::Findings) => self.findings_advice(),
            Some(TourStep::Switch) => switch_advice(facts),
            Some(TourStep::SecondRun) => self.second_run_advice(facts),
            Some(TourStep::Report) => self.report_advice(),
        };
        Advice { step, words, act }
    }

    fn start_advice(facts: &Facts) -> (String, Option<TourAct>) {
        match &facts.sandbox {
            SandboxFact::Down => (
                "A learning platform of seven services on this machine, with three weaknesses on purpose. It stays up \
                 until you stop it or close the window."
                    .to_owned(),
                Some(TourAct::StartSandbox),
            ),
            SandboxFact::Starting | SandboxFact::Unknown => ("The sandbox starts.".to_owned(), None),
            SandboxFact::Up(on) => (
                format!("First it is measured as it is. Switched on now: {}.", names(on)),
                Some(TourAct::SwitchAllOff),
            ),
        }
    }

    fn first_run_advice(&self, facts: &Facts) -> (String, Option<TourAct>) {
        if let Some(waiting) = waiting(&facts.first, self.first, facts) {
            return waiting;
        }
        let words = match (&facts.first, self.first) {
            (RunFact::Kept { is_whole: false, .. }, Some(run_id)) => {
                format!("Run {run_id} was ended before its plan was; it takes a whole one.")
            }
            (RunFact::Kept { .. }, Some(run_id)) => {
                format!("Run {run_id} was not made on the plain sandbox; it takes one that was.")
            }
            _ => "Six stages from 50 to 200 users across all services, with targets and budgets. How long?"
                .to_owned(),
        };
        (words, Some(TourAct::Run))
    }

    fn findings_advice(&self) -> (String, Option<TourAct>) {
        let words = format!(
            "{} is kept. See what seems to limit the platform, and on what that rests.",
            run_words(self.first)
        );
        (words, Some(TourAct::ReadFindings))
    }

    fn second_run_advice(&self, facts: &Facts) -> (String, Option<TourAct>) {
        if let Some(waiting) = waiting(&facts.second, self.second, facts) {
            return waiting;
        }
        if self.projected == Projected::UnderWay {
            let words = "The what-if works out what to expect. The run waits for it, so that both do not share the machine.";
            return (words.to_owned(), None);
        }
        let tried = self.tried.map_or("the optimisation", Optimisation::name);
        match (&facts.second, self.second) {
            (RunFact::Kept { .. }, Some(run_id)) if self.is_second_good(facts) => (
                format!(
                    "{} and run {run_id} are kept. See what got better, what stayed the same, and how sure that is.",
                    run_words(self.first)
                ),
                Some(TourAct::Compare),
            ),
            (RunFact::Kept { is_whole: false, .. }, Some(run_id)) => (
                format!("Run {run_id} was ended before its plan was; it takes a whole one."),
                Some(TourAct::Run),
            ),
            (RunFact::Kept { .. }, Some(run_id)) => (
                format!("Run {run_id} was not made with {tried} alone; it takes one that was."),
                Some(TourAct::Run),
            ),
            _ => (
                format!(
                    "{tried} is on, and all else as before: the same preset at the same pace shows what it brings."
                ),
                Some(TourAct::Run),
            ),
        }
    }

    fn report_advice(&self) -> (String, Option<TourAct>) {
        let projection = match &self.projected {
            Projected::Kept { .. } => " and the projection beside what was measured",
            _ => "",
        };
        let words = format!(
            "The report of {} with the comparison{projection}. Look through it, then choose a path and press Export.",
            run_words(self.second).to_lowercase()
        );
        (words, Some(TourAct::OpenReport))
    }

    fn all_done(&self) -> (String, Option<TourAct>) {
        let path = self.report.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        (format!("Found, fixed, proved. The report: {path}"), Some(TourAct::TryAnother))
    }
}

fn switch_advice(facts: &Facts) -> (String, Option<TourAct>) {
    match &facts.sandbox {
        SandboxFact::Down => (
            "The sandbox was stopped. Start it again, then switch one on.".to_owned(),
            Some(TourAct::StartSandbox),
        ),
        SandboxFact::Starting | SandboxFact::Unknown => ("The sandbox starts.".to_owned(), None),
        SandboxFact::Up(_) if facts.is_busy => (
            "A run is under way; wait for its end, so that it shows one state of the sandbox.".to_owned(),
            None,
        ),
        SandboxFact::Up(_) => (
            "One change at a time, so that what the next run shows is its doing.".to_owned(),
            Some(TourAct::SwitchOn),
        ),
    }
}

/// What is said while a run has to end first.
fn waiting(fact: &RunFact, run_id: Option<RunId>, facts: &Facts) -> Option<(String, Option<TourAct>)> {
    if *fact == RunFact::UnderWay {
        let words =
            format!("{} is under way. Watch it, or do something else: it is kept.", run_words(run_id));
        return Some((words, Some(TourAct::WatchRun)));
    }
    facts.is_busy.then(|| {
        (
            "Another run is under way; wait for its end, so that both do not share the machine.".to_owned(),
            None,
        )
    })
}

fn is_good(fact: &RunFact, expected: &[Optimisation]) -> bool {
    match fact {
        RunFact::Kept { is_whole, switched_on } => *is_whole && switched_on.as_deref() == Some(expected),
        RunFact::Unknown | RunFact::Gone | RunFact::UnderWay => false,
    }
}

fn run_words(run_id: Option<RunId>) -> String {
    run_id.map_or_else(|| "The run".to_owned(), |run_id| format!("Run {run_id}"))
}

fn names(optimisations: &[Optimisation]) -> String {
    optimisations.iter().map(|one| one.name().to_lowercase()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: RunId = RunId(4);
    const SECOND: RunId = RunId(7);

    fn kept(on: &[Optimisation]) -> RunFact {
        RunFact::Kept { is_whole: true, switched_on: Some(on.to_vec()) }
    }

    fn up(on: &[Optimisation]) -> SandboxFact {
        SandboxFact::Up(on.to_vec())
    }

    #[track_caller]
    fn check(tour: &Tour, facts: &Facts, step: Option<TourStep>, act: Option<TourAct>) {
        let advice = tour.advice(facts);
        assert_eq!((advice.step, advice.act), (step, act), "{}", advice.words);
    }

    /// At the switch, with the first run kept and read.
    fn read() -> (Tour, Facts) {
        let mut tour = Tour { first: Some(FIRST), ..Tour::default() };
        let mut facts = Facts { sandbox: up(&[]), first: kept(&[]), ..Facts::default() };
        facts.meaning_of = Some(FIRST);
        assert!(tour.observe(&facts));
        facts.meaning_of = None;
        (tour, facts)
    }

    #[test]
    fn each_step_is_done_by_what_happens_and_leads_to_the_next() {
        use {Optimisation::CacheManager, TourAct as Act, TourStep as Step};
        let (mut tour, mut facts) = (Tour::default(), Facts::default());
        check(&tour, &facts, Some(Step::Start), Some(Act::StartSandbox));
        facts.sandbox = SandboxFact::Starting;
        check(&tour, &facts, Some(Step::Start), None);
        facts.sandbox = up(&[]);
        check(&tour, &facts, Some(Step::FirstRun), Some(Act::Run));
        tour.run_began(Step::FirstRun, FIRST);
        (facts.first, facts.is_busy) = (RunFact::UnderWay, true);
        check(&tour, &facts, Some(Step::FirstRun), Some(Act::WatchRun));
        (facts.first, facts.is_busy) = (kept(&[]), false);
        check(&tour, &facts, Some(Step::Findings), Some(Act::ReadFindings));
        facts.meaning_of = Some(RunId(1));
        assert!(!tour.observe(&facts), "another run's meaning says nothing of this one");
        facts.meaning_of = Some(FIRST);
        assert!(tour.observe(&facts));
        check(&tour, &facts, Some(Step::Switch), Some(Act::SwitchOn));
        tour.tried = Some(CacheManager);
        check(&tour, &facts, Some(Step::Switch), Some(Act::SwitchOn));
        facts.sandbox = up(&[CacheManager]);
        check(&tour, &facts, Some(Step::SecondRun), Some(Act::Run));
        tour.run_began(Step::SecondRun, SECOND);
        assert_eq!((tour.first, tour.second), (Some(FIRST), Some(SECOND)));
        facts.second = kept(&[CacheManager]);
        check(&tour, &facts, Some(Step::SecondRun), Some(Act::Compare));
        facts.compared = Some((SECOND, FIRST));
        assert!(!tour.observe(&facts), "the first is the baseline");
        facts.compared = Some((FIRST, SECOND));
        assert!(tour.observe(&facts));
        check(&tour, &facts, Some(Step::Report), Some(Act::OpenReport));
        tour.report_written(PathBuf::from("report.html"));
        check(&tour, &facts, None, Some(Act::TryAnother));
    }

    #[test]
    fn a_run_that_does_not_count_is_made_again_with_the_reason() {
        let (tour, mut facts) = (Tour { first: Some(FIRST), ..Tour::default() }, Facts::default());
        facts.sandbox = up(&[]);
        for (fact, reason) in [
            (RunFact::Kept { is_whole: false, switched_on: Some(Vec::new()) }, "ended before its plan"),
            (kept(&[Optimisation::QueryOptimizer]), "not made on the plain sandbox"),
            (RunFact::Kept { is_whole: true, switched_on: None }, "not made on the plain sandbox"),
        ] {
            facts.first = fact;
            check(&tour, &facts, Some(TourStep::FirstRun), Some(TourAct::Run));
            assert!(tour.advice(&facts).words.contains(reason), "{}", tour.advice(&facts).words);
        }
        let (mut tour, mut facts) = read();
        (tour.tried, tour.second) = (Some(Optimisation::CacheManager), Some(SECOND));
        facts.sandbox = up(&[Optimisation::CacheManager]);
        facts.second = kept(&[Optimisation::CacheManager, Optimisation::PayloadOptimizer]);
        check(&tour, &facts, Some(TourStep::SecondRun), Some(TourAct::Run));
        assert!(tour.advice(&facts).words.contains("not made with Cache manager alone"));
    }

    #[test]
    fn a_sandbox_that_is_not_plain_is_made_so_before_the_first_run() {
        let facts = Facts { sandbox: up(&[Optimisation::QueryOptimizer]), ..Facts::default() };
        check(&Tour::default(), &facts, Some(TourStep::Start), Some(TourAct::SwitchAllOff));
        assert!(Tour::default().advice(&facts).words.contains("query optimizer"));
    }

    #[test]
    fn what_was_done_survives_a_restart_and_the_sandbox_is_started_again() {
        let (tour, mut facts) = read();
        let tour = Tour::read(&tour.text()).unwrap();
        facts.sandbox = SandboxFact::Down;
        check(&tour, &facts, Some(TourStep::Switch), Some(TourAct::StartSandbox));
        // Until the list is read nothing is forgotten.
        let mut tour = tour;
        assert!(!tour.observe(&Facts::default()));
        assert_eq!(tour.first, Some(FIRST));
        assert!(Tour::read(&tour.text().replace("\"format\":1", "\"format\":9")).is_err());
        assert!(Tour::read("?").is_err());
    }

    #[test]
    fn a_run_that_was_deleted_is_to_be_made_again() {
        let (mut tour, mut facts) = read();
        (tour.tried, tour.second) = (Some(Optimisation::CacheManager), Some(SECOND));
        facts.second = RunFact::Gone;
        assert!(tour.observe(&facts));
        assert_eq!((tour.first, tour.second), (Some(FIRST), None));
        facts.first = RunFact::Gone;
        assert!(tour.observe(&facts));
        check(&tour, &facts, Some(TourStep::FirstRun), Some(TourAct::Run));
        assert_eq!(tour.tried, None);
    }

    #[test]
    fn another_optimisation_keeps_the_first_run() {
        let (mut tour, facts) = read();
        (tour.tried, tour.second) = (Some(Optimisation::CacheManager), Some(SECOND));
        tour.try_another();
        check(&tour, &facts, Some(TourStep::Switch), Some(TourAct::SwitchOn));
        tour.restart();
        assert!(tour.is_shown() && !tour.is_begun());
    }

    #[test]
    fn while_another_run_is_under_way_there_is_only_to_wait() {
        let facts = Facts { sandbox: up(&[]), is_busy: true, ..Facts::default() };
        check(&Tour::default(), &facts, Some(TourStep::FirstRun), None);
        let (tour, mut facts) = read();
        facts.is_busy = true;
        check(&tour, &facts, Some(TourStep::Switch), None);
    }
}
