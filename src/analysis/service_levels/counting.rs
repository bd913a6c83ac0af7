//! Which requests are valid, and which of these are good: one explicit rule for all that is counted here.

use crate::analysis::{ScopeRow, Summary, words::listed};
use crate::metrics::{Counters, ErrorGroup, History, OTHER_ERRORS, Outcome, RunRecord};
use crate::model::{Check, ClientErrors, Step};

/// What counts as good, as bad, or not at all.
pub struct Rule {
    client_errors: ClientErrors,
    excluded: Vec<String>,
    /// By the index among all steps.
    steps: Vec<StepRule>,
}

/// The rule put to one step.
#[derive(Clone, Debug, Default)]
struct StepRule {
    name: String,
    service: Option<String>,
    /// Whether iterations send it: only then it has a row in tables.
    is_sent: bool,
    is_excluded: bool,
    /// It has a check for a status of 400 to 499, so such an answer may be a success.
    expects_client_error: bool,
    /// Error groups of 429.
    limited: Vec<usize>,
    /// Error groups of other statuses of 400 to 499.
    client: Vec<usize>,
    /// The group of failures by status that are no longer told apart.
    others: Vec<usize>,
    /// Client errors cannot be told from 429, so all of them are bad.
    is_unsplit: bool,
}

/// Requests by what they count as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub n_valid: u64,
    pub n_good: u64,
    /// Of excluded steps.
    pub n_excluded: u64,
    /// Failed answers of 400 to 499, other than 429, which the rule does not count as bad.
    pub n_client_errors: u64,
}

impl Counted {
    pub fn n_bad(&self) -> u64 {
        self.n_valid - self.n_good
    }

    pub fn add(&mut self, other: &Self) {
        self.n_valid += other.n_valid;
        self.n_good += other.n_good;
        self.n_excluded += other.n_excluded;
        self.n_client_errors += other.n_client_errors;
    }
}

impl Rule {
    pub fn of(record: &RunRecord, history: &History) -> Self {
        let scenario = &record.start.scenario;
        let options = &scenario.service_levels;
        let mut steps: Vec<StepRule> = scenario
            .steps()
            .map(|(_, step)| StepRule {
                name: step.name.clone(),
                service: step.service.clone(),
                is_excluded: options.excludes(&step.name),
                expects_client_error: expects_client_error(step),
                ..StepRule::default()
            })
            .collect();
        scenario.sent_steps().for_each(|(index, _, _)| steps[index].is_sent = true);
        for (index, group) in record.error_groups.iter().enumerate() {
            if let Some(step) = steps.get_mut(usize::from(group.step)) {
                step.add_group(index, group);
            }
        }
        if options.client_errors != ClientErrors::Bad && !are_groups_timed(record, history) {
            steps.iter_mut().for_each(StepRule::give_up);
        }
        Self { client_errors: options.client_errors, excluded: options.exclude_steps.clone(), steps }
    }

    /// Whether a request is good exactly where it succeeded, and every request counts.
    pub fn is_usual(&self) -> bool {
        self.client_errors == ClientErrors::Bad && !self.steps.iter().any(|step| step.is_excluded)
    }

    /// Whether failures have to be told apart by their group.
    pub fn needs_groups(&self) -> bool {
        self.client_errors != ClientErrors::Bad
    }

    /// Whether client errors that are not bad do not count, rather than being good.
    pub fn leaves_client_errors_out(&self) -> bool {
        self.client_errors == ClientErrors::Excluded
    }

    pub fn is_excluded(&self, step: usize) -> bool {
        self.steps.get(step).is_some_and(|step| step.is_excluded)
    }

    pub fn belongs_to(&self, step: usize, service: &str) -> bool {
        self.steps.get(step).is_some_and(|step| step.service.as_deref() == Some(service))
    }

    /// The steps that are sent, by their index, each with its row in the headline's tables.
    pub fn steps_of<'a>(&'a self, summary: &'a Summary) -> impl Iterator<Item = (usize, &'a ScopeRow)> {
        let sent = self.steps.iter().enumerate().filter(|(_, step)| step.is_sent);
        sent.map(|(index, _)| index).zip(&summary.steps)
    }

    /// What requests of a step count as; `n_by_group` are all failures of the same time.
    pub fn count(&self, step: usize, counters: &Counters, n_by_group: &[u64]) -> Counted {
        let n_requests = counters.n_requests();
        if self.is_excluded(step) {
            return Counted { n_excluded: n_requests, ..Counted::default() };
        }
        let n_excused = match self.client_errors {
            ClientErrors::Bad => 0,
            ClientErrors::Good | ClientErrors::Excluded => {
                self.steps.get(step).map_or(0, |rule| rule.n_client_errors(counters, n_by_group))
            }
        };
        let n_ok = counters.n_ok();
        let (n_valid, n_good) = match self.client_errors {
            ClientErrors::Bad => (n_requests, n_ok),
            ClientErrors::Good => (n_requests, n_ok + n_excused),
            ClientErrors::Excluded => (n_requests - n_excused, n_ok),
        };
        Counted { n_valid, n_good, n_excluded: 0, n_client_errors: n_excused }
    }

    /// The rule in plain sentences, with what could not be told apart.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![
            "Good is a request that succeeded: answered in time, with the status and the content that its step asks for. \
             Bad are no connection, no complete answer in time, a broken answer, a status of 500 or more or other than the \
             one asked for, and a failed check."
                .to_owned(),
            match self.client_errors {
                ClientErrors::Bad => {
                    "A status of 400 to 499 that no step expects is bad, since the scenario sent what was refused; so is 429."
                }
                ClientErrors::Good => {
                    "A status of 400 to 499 that no step expects is good, as client_errors = \"good\" says; but 429 is bad."
                }
                ClientErrors::Excluded => {
                    "A status of 400 to 499 that no step expects does not count, as client_errors = \"excluded\" says; but \
                     429 is bad."
                }
            }
            .to_owned(),
        ];
        if !self.excluded.is_empty() {
            let names: Vec<String> = self.excluded.iter().map(|name| format!("«{name}»")).collect();
            sentences.push(format!("Requests of {} do not count, as exclude_steps says.", listed(&names)));
        }
        if self.needs_groups() {
            sentences.extend(self.doubts());
        }
        sentences
    }

    fn doubts(&self) -> Vec<String> {
        let names = |is_meant: fn(&StepRule) -> bool| -> Vec<String> {
            let steps = self.steps.iter().filter(|step| !step.is_excluded && is_meant(step));
            steps.map(|step| format!("«{}»", step.name)).collect()
        };
        let mut doubts = Vec::new();
        if self.steps.iter().any(StepRule::goes_by_seconds) {
            doubts.push("429 is told from other statuses by the second in which a request ended.".to_owned());
        }
        let unsplit = names(|step| step.is_unsplit);
        if !unsplit.is_empty() {
            doubts.push(format!(
                "This run does not tell when which error occurred, so all statuses of 400 to 499 of {} count as bad.",
                listed(&unsplit)
            ));
        }
        let others = names(|step| !step.is_unsplit && !step.others.is_empty());
        if !others.is_empty() {
            doubts.push(format!(
                "{} had more kinds of errors than are told apart; those of the rest count as bad.",
                listed(&others)
            ));
        }
        doubts
    }
}

impl StepRule {
    fn add_group(&mut self, index: usize, group: &ErrorGroup) {
        if group.outcome != Outcome::Status {
            return;
        }
        match group.signature.strip_prefix("HTTP ").and_then(|status| status.parse::<u16>().ok()) {
            Some(429) => self.limited.push(index),
            Some(400..=499) => self.client.push(index),
            _ if group.signature == OTHER_ERRORS => self.others.push(index),
            _ => {}
        }
    }

    /// Without knowing when errors occurred, only a step without 429 can be split.
    fn give_up(&mut self) {
        self.is_unsplit = self.goes_by_seconds();
    }

    fn goes_by_seconds(&self) -> bool {
        self.expects_client_error && !self.client.is_empty()
            || !self.limited.is_empty()
            || !self.others.is_empty()
    }

    // Where the step expects no such status, the count by status class is exact but for 429.
    fn n_client_errors(&self, counters: &Counters, n_by_group: &[u64]) -> u64 {
        let sum = |groups: &[usize]| groups.iter().filter_map(|group| n_by_group.get(*group)).sum::<u64>();
        let n = if self.is_unsplit {
            0
        } else if self.expects_client_error {
            sum(&self.client)
        } else {
            counters.n_by_status_class[4].saturating_sub(sum(&self.limited) + sum(&self.others))
        };
        n.min(counters.n_of(Outcome::Status))
    }
}

fn expects_client_error(step: &Step) -> bool {
    step.checks.iter().any(|check| matches!(check, Check::Status(400..=499)))
}

/// Whether failures are known by the second; early runs have them for the whole run only.
fn are_groups_timed(record: &RunRecord, history: &History) -> bool {
    record.error_groups.is_empty() || history.n_by_group(&history.extent()).iter().any(|n| *n > 0)
}
