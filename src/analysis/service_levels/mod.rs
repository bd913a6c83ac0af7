//! Service levels: availability against an objective, the error budget and how fast it burns, and Apdex.
//!
//! All of it covers the window of the headline, and none of it judges: thresholds decide the verdict.

mod alerts;
mod apdex;
mod availability;
mod budget;
mod counting;
mod fast;
mod objective;
#[cfg(test)]
mod tests;
mod words;

use crate::metrics::{HistogramError, History, RunRecord};

use super::Summary;
use availability::Tally;
use counting::Rule;

pub use alerts::{AlertOutcome, BurnAlert};
pub use apdex::{APDEX_ENOUGH, Apdex, ApdexRow, ApdexTarget};
pub use availability::{GoodRequests, GoodSeconds};
pub use budget::ErrorBudget;
pub use fast::FastShare;
pub use objective::{Objective, ObjectiveSource};

/// How a run stands against what is promised of its target, and what its users would say of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceLevels {
    /// What all figures here cover, in words: the window of the headline.
    pub window: String,
    pub objective: Objective,
    /// What counts as good, as bad, or not at all, one sentence each.
    pub rules: Vec<String>,
    /// Whether a request is good here exactly where it is successful in every other table.
    pub is_usual_rule: bool,
    /// None where no request is valid.
    pub requests: Option<GoodRequests>,
    pub seconds: Option<GoodSeconds>,
    /// None where no request is valid, or the objective leaves no budget.
    pub budget: Option<ErrorBudget>,
    /// None without T, or where no valid request succeeded.
    pub fast: Option<FastShare>,
    /// None without T.
    pub apdex: Option<Apdex>,
    /// What it comes to, one plain sentence each.
    pub sentences: Vec<String>,
}

impl ServiceLevels {
    /// Of a kept run that was summed up, with intervals where they are worked out.
    pub fn of(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        let scenario = &record.start.scenario;
        let rule = Rule::of(record, history);
        let tally = Tally::of(record, history, summary, &rule)?;
        let objective = Objective::of(scenario);
        let requests = tally.requests();
        let target = ApdexTarget::of(scenario);
        let mut levels = Self {
            window: summary.headline_words.clone(),
            rules: rule.sentences(),
            is_usual_rule: rule.is_usual(),
            seconds: requests.as_ref().map(|_| tally.seconds.clone()),
            budget: requests.as_ref().and_then(|requests| ErrorBudget::of(&objective, requests)),
            fast: target.as_ref().and_then(|target| FastShare::of(target, summary, &rule)),
            apdex: target.map(|target| Apdex::of(target, summary, &rule)),
            requests,
            objective,
            sentences: Vec::new(),
        };
        levels.sentences = words::sentences(&levels, record);
        Ok(levels)
    }
}
