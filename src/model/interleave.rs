//! Two sides of one run by turns: where the candidate's requests go, and how a scenario is run on both sides.
//!
//! A scenario is kept as it was written; [`Scenario::interleaved`] is the one place where it becomes what is run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::{Environment, Journey, SANDBOX_BASE_URL, Scenario, Scope, Step, Threshold};

/// What stands behind the names of the candidate's journeys and steps.
// Kept runs name their thresholds by it: it never changes.
pub const CANDIDATE_SUFFIX: &str = " · candidate";

/// How a run goes to a candidate by turns with the baseline, which is the scenario as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Interleave {
    pub candidate: Candidate,
    /// How long one side gets all iterations; blocks come in pairs, one of each side.
    pub block: Duration,
    /// Of the order within each pair.
    pub seed: u64,
}

/// Where the candidate's requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// To another base URL, with everything else as it is.
    BaseUrl(String),
    /// As they would go in this environment.
    Environment(String),
}

/// One of the two sides of an interleaved run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Baseline,
    Candidate,
}

impl Interleave {
    pub const DEFAULT_BLOCK: Duration = Duration::from_secs(10);
    pub const DEFAULT_SEED: u64 = 1;
    /// Results are kept by the second.
    pub const MIN_BLOCK: Duration = Duration::from_secs(1);
    /// With fewer pairs of blocks nothing is said of a difference.
    // With four, a difference of 1.6 standard deviations is the least that a paired t test can see.
    pub const MIN_PAIRS: usize = 5;

    /// With blocks and order as they are where nobody says otherwise.
    pub fn with(candidate: Candidate) -> Self {
        Self { candidate, block: Self::DEFAULT_BLOCK, seed: Self::DEFAULT_SEED }
    }
}

impl Default for Candidate {
    fn default() -> Self {
        Self::BaseUrl(SANDBOX_BASE_URL.to_owned())
    }
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Baseline, Self::Candidate];

    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Candidate => "candidate",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::Baseline => Self::Candidate,
            Self::Candidate => Self::Baseline,
        }
    }
}

impl Scenario {
    /// The scenario as it is run: where it is interleaved, every journey a second time for the candidate, after all
    /// those of the baseline, whose steps so keep their index; and so with thresholds on journeys and steps.
    // A kept run's rows count steps by this order: whoever changes it makes old runs unreadable. Doing it twice
    // changes nothing.
    pub fn interleaved(mut self) -> Self {
        if self.interleave.is_none() || self.is_expanded() {
            return self;
        }
        for journey in &mut self.journeys {
            journey.side = Some(Side::Baseline);
        }
        let of_candidate: Vec<Journey> = self.journeys.iter().map(candidate_journey).collect();
        self.journeys.extend(of_candidate);
        let of_candidate: Vec<Threshold> = self.thresholds.iter().filter_map(candidate_threshold).collect();
        self.thresholds.extend(of_candidate);
        self
    }

    /// The scenario as the analyst wrote it.
    pub fn as_written(&self) -> Cow<'_, Self> {
        if !self.is_expanded() {
            return Cow::Borrowed(self);
        }
        let mut written = self.clone();
        written.journeys.retain(|journey| journey.side != Some(Side::Candidate));
        for journey in &mut written.journeys {
            journey.side = None;
        }
        written.thresholds.retain(|threshold| !is_of_candidate(&threshold.scope));
        Cow::Owned(written)
    }

    fn is_expanded(&self) -> bool {
        self.journeys.iter().any(|journey| journey.side.is_some())
    }

    /// The side that a step belongs to, by its index among all [`steps`](Self::steps); none unless interleaved.
    pub fn side_of_step(&self, step: usize) -> Option<Side> {
        let (journey, _) = self.steps().nth(step)?;
        self.journeys[journey].side
    }

    /// The base URL of a side; of the baseline where there is only that.
    pub fn base_url_of(&self, side: Side) -> &str {
        let own = &self.base_url;
        match self.candidate().filter(|_| side == Side::Candidate) {
            None => own,
            Some(Candidate::BaseUrl(base_url)) => base_url,
            Some(Candidate::Environment(name)) => {
                self.environment_named(name).and_then(|place| place.base_url.as_ref()).unwrap_or(own)
            }
        }
    }

    /// The variables of a side of a [`resolved`](Self::resolved) scenario.
    pub fn variables_of(&self, side: Side) -> Cow<'_, BTreeMap<String, String>> {
        let environment = match self.candidate().filter(|_| side == Side::Candidate) {
            Some(Candidate::Environment(name)) => self.environment_named(name),
            Some(Candidate::BaseUrl(_)) | None => None,
        };
        let Some(environment) = environment else { return Cow::Borrowed(&self.variables) };
        let mut variables = self.variables.clone();
        variables.extend(environment.variables.clone());
        Cow::Owned(variables)
    }

    /// A side in a few words: its environment, or its base URL.
    pub fn side_words(&self, side: Side) -> String {
        let base_url = self.base_url_of(side);
        let environment = match (side, self.candidate()) {
            (Side::Candidate, Some(Candidate::Environment(name))) => Some(name),
            (Side::Candidate, _) => None,
            (Side::Baseline, _) => self.environment.as_ref(),
        };
        match environment {
            Some(name) => format!("environment {name} ({base_url})"),
            None => base_url.to_owned(),
        }
    }

    fn candidate(&self) -> Option<&Candidate> {
        self.interleave.as_ref().map(|interleave| &interleave.candidate)
    }

    /// Writes down what the candidate's environment takes from the scenario as it is before the baseline's own
    /// environment changes it.
    pub(super) fn settle_candidate(&mut self) {
        let Some(Candidate::Environment(name)) = self.candidate() else { return };
        let name = name.clone();
        let (base_url, variables) = (&self.base_url, &self.variables);
        let places = self.environments.iter_mut().filter(|environment| environment.name == name);
        for place in places {
            place.base_url.get_or_insert_with(|| base_url.clone());
            for (name, value) in variables {
                place.variables.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    fn environment_named(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }
}

fn candidate_name(name: &str) -> String {
    format!("{name}{CANDIDATE_SUFFIX}")
}

fn candidate_journey(journey: &Journey) -> Journey {
    let step = |step: &Step| Step { name: candidate_name(&step.name), ..step.clone() };
    Journey {
        name: candidate_name(&journey.name),
        side: Some(Side::Candidate),
        steps: journey.steps.iter().map(step).collect(),
        ..journey.clone()
    }
}

/// The same threshold for the candidate; none where it covers both sides as it is.
fn candidate_threshold(threshold: &Threshold) -> Option<Threshold> {
    let scope = match &threshold.scope {
        Scope::Run | Scope::Service(_) => return None,
        Scope::Step(name) => Scope::Step(candidate_name(name)),
        Scope::Journey(name) => Scope::Journey(candidate_name(name)),
    };
    Some(Threshold { scope, ..threshold.clone() })
}

fn is_of_candidate(scope: &Scope) -> bool {
    matches!(scope, Scope::Step(name) | Scope::Journey(name) if name.ends_with(CANDIDATE_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{parse_scenario, write_scenario};

    // A run kept with this text has rows that count steps as they are told here: these lists never change.
    const KEPT: &str = r#"
        format = 1
        name = "Shop"
        base_url = "http://a:1"
        [interleave]
        candidate = { base_url = "http://b:2" }
        [load]
        model = "closed"
        stages = [{ name = "Hold", duration = "60s", users = 2, shape = "step" }]
        [[journeys]]
        name = "Browse"
        [[journeys.steps]]
        name = "List"
        path = "/list"
        [[journeys.steps]]
        name = "Show"
        path = "/show"
        enabled = false
        [[journeys]]
        name = "Buy"
        weight = 2
        [[journeys.steps]]
        name = "Pay"
        path = "/pay"
        [[thresholds]]
        metric = "p95"
        limit = "100ms"
        [[thresholds]]
        metric = "p95"
        scope = "step:Pay"
        limit = "50ms"
    "#;

    #[test]
    fn the_baselines_steps_keep_their_index_and_the_candidates_follow() {
        let run = parse_scenario(KEPT).unwrap().0.interleaved();
        let steps: Vec<_> = run.steps().map(|(journey, step)| (journey, step.name.as_str())).collect();
        let names = ["List", "Show", "Pay", "List · candidate", "Show · candidate", "Pay · candidate"];
        assert_eq!(steps, [0, 0, 1, 2, 2, 3].into_iter().zip(names).collect::<Vec<_>>());
        let journeys: Vec<_> = run.journeys.iter().map(|j| (j.name.as_str(), j.weight, j.side)).collect();
        assert_eq!(
            journeys,
            [
                ("Browse", 1, Some(Side::Baseline)),
                ("Buy", 2, Some(Side::Baseline)),
                ("Browse · candidate", 1, Some(Side::Candidate)),
                ("Buy · candidate", 2, Some(Side::Candidate)),
            ]
        );
        let sides = (0..6).map(|step| run.side_of_step(step).unwrap());
        assert!(sides.eq([Side::Baseline; 3].into_iter().chain([Side::Candidate; 3])));
        let scopes: Vec<String> =
            run.thresholds.iter().map(|threshold| threshold.scope.to_string()).collect();
        assert_eq!(scopes, ["run", "step:Pay", "step:Pay · candidate"]);
        assert_eq!(
            (run.base_url_of(Side::Baseline), run.base_url_of(Side::Candidate)),
            ("http://a:1", "http://b:2")
        );
    }

    #[test]
    fn what_is_run_is_written_as_the_analyst_wrote_it() {
        let written = parse_scenario(KEPT).unwrap().0;
        let run = written.clone().interleaved();
        assert_eq!(run.clone().interleaved(), run, "doing it twice changes nothing");
        assert_eq!(*run.as_written(), written);
        assert_eq!(write_scenario(&run, None), write_scenario(&written, None));
        let plain = Scenario { interleave: None, ..written };
        assert_eq!(plain.clone().interleaved(), plain);
    }

    #[test]
    fn a_candidate_environment_is_not_touched_by_the_baselines() {
        let text = KEPT
            .replace("candidate = { base_url = \"http://b:2\" }", "candidate = { environment = \"new\" }")
            .replace(
                "[load]",
                r#"
                [variables]
                region = "none"
                size = "s"
                [[environments]]
                name = "old"
                base_url = "http://old"
                variables = { region = "north" }
                [[environments]]
                name = "new"
                variables = { size = "l" }
                [load]"#,
            );
        let mut written = parse_scenario(&text).unwrap().0;
        written.environment = Some("old".to_owned());
        let resolved = written.resolved();
        assert_eq!(resolved.resolved(), resolved, "doing it twice changes nothing");
        let of = |side| {
            let variables = resolved.variables_of(side);
            (resolved.base_url_of(side).to_owned(), variables["region"].clone(), variables["size"].clone())
        };
        let texts = |base_url: &str, region: &str, size: &str| {
            (base_url.to_owned(), region.to_owned(), size.to_owned())
        };
        assert_eq!(of(Side::Baseline), texts("http://old", "north", "s"));
        assert_eq!(of(Side::Candidate), texts("http://a:1", "none", "l"));
        assert_eq!(resolved.side_words(Side::Baseline), "environment old (http://old)");
        assert_eq!(resolved.side_words(Side::Candidate), "environment new (http://a:1)");
    }
}
