//! Availability, error budget and Apdex.

use crate::analysis::{
    AlertOutcome, Apdex, ApdexRow, BurnAlert, ErrorBudget, FastShare, GoodRequests, GoodSeconds, Objective,
    ServiceLevels,
};
use crate::humanize;
use crate::report::document::{Document, Table};

use super::Subject;

/// Steps that are listed with their Apdex; of more, those with the lowest.
const MAX_STEPS: usize = 30;

pub fn write(document: &mut Document, subject: Subject) {
    let levels = &subject.paper.diagnosis.service_levels;
    if levels.sentences.is_empty() {
        return;
    }
    document.heading(2, "Availability, error budget and Apdex");
    document.bullets(levels.sentences.clone());
    if let Some(requests) = &levels.requests {
        document.table(availability(levels, requests));
    }
    if let Some(budget) = &levels.budget {
        document.heading(3, "Error budget");
        document.table(error_budget(levels, budget));
        document.table(alerts(levels, budget));
    }
    if let Some(fast) = &levels.fast {
        document.heading(3, "Fast answers");
        document.table(fast_answers(levels, fast));
    }
    if let Some(apdex) = &levels.apdex {
        document.heading(3, "Apdex");
        document.table(scores(levels, apdex));
        let n_more = apdex.steps.len().saturating_sub(MAX_STEPS);
        if n_more > 0 {
            document.paragraph(format!(
                "{} with the same or a higher score are left out here; the JSON report has all.",
                humanize::counted(n_more as u64, "step")
            ));
        }
    }
    document.paragraph("What counts:");
    document.bullets(levels.rules.clone());
}

fn window(levels: &ServiceLevels) -> String {
    format!("Window: {}.", levels.window)
}

fn availability(levels: &ServiceLevels, requests: &GoodRequests) -> Table {
    let same = if levels.is_usual_rule {
        "Availability by requests is that of the baseline metrics."
    } else {
        "Availability by requests differs from that of the baseline metrics, which counts every request and takes every \
         failure as bad."
    };
    let note = format!(
        "{} {same} By seconds: good is up, bad is down, left out is without a valid request; a request counts in the second \
         in which it ended.",
        window(levels)
    );
    let titles =
        ["Availability", "Good", "Bad", "Left out", "Value", "95 % interval", "Objective", "Independent"];
    let mut table = Table::new(note, &titles, 1);
    let missing = || humanize::MISSING.to_owned();
    let objective = format!("≥ {}", humanize::percent(levels.objective.ratio));
    table.row([
        "by requests".to_owned(),
        humanize::count(requests.n_good),
        humanize::count(requests.n_bad()),
        humanize::count(requests.n_left_out()),
        humanize::percent(requests.availability()),
        requests.interval.map_or_else(missing, share_interval),
        objective.clone(),
        requests.n_effective.map_or_else(missing, |n| humanize::count(n as u64)),
    ]);
    if let Some(seconds @ GoodSeconds { n_up, n_down, n_unknown, .. }) = &levels.seconds {
        table.row([
            "by seconds".to_owned(),
            humanize::count(*n_up),
            humanize::count(*n_down),
            humanize::count(*n_unknown),
            seconds.availability().map_or_else(missing, humanize::percent),
            missing(),
            objective,
            missing(),
        ]);
    }
    table
}

fn share_interval((low, high): (f64, f64)) -> String {
    format!("{} to {}", humanize::percent(low), humanize::percent(high))
}

fn error_budget(levels: &ServiceLevels, budget: &ErrorBudget) -> Table {
    let Objective { ratio, period, source } = &levels.objective;
    let period = humanize::span(*period);
    let mut table = Table::new(window(levels), &["What", "Value"], 2);
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    row("Objective", format!("{} over {period}, {}", humanize::percent(*ratio), source.words()));
    row(
        "Budget of that time",
        format!("{} of nothing but bad requests", humanize::span(budget.allowed_time)),
    );
    row("Budget of this run", format!("{} bad of {}", requests_text(budget.n_allowed), valid_text(levels)));
    row("Bad in this run", humanize::counted(budget.n_bad, "request"));
    row("Left of this run's budget", left_text(budget));
    row("Burn rate", burn_text(budget));
    row(
        "The budget would last",
        budget.lasts.map_or_else(
            || format!("{period}, as nothing of it was used"),
            |lasts| format!("{} at this rate", humanize::span(lasts)),
        ),
    );
    table
}

fn requests_text(n: f64) -> String {
    format!("{} requests", humanize::number(n))
}

fn valid_text(levels: &ServiceLevels) -> String {
    let n_valid = levels.requests.as_ref().map_or(0, |requests| requests.n_valid);
    format!("{} valid", humanize::count(n_valid))
}

fn left_text(budget: &ErrorBudget) -> String {
    let left = budget.left_ratio();
    if left >= 0.0 {
        humanize::percent(left)
    } else {
        format!("nothing: {} times as much was used", humanize::number(1.0 - left))
    }
}

fn burn_text(budget: &ErrorBudget) -> String {
    let rate = humanize::number(budget.burn_rate);
    match budget.burn_interval {
        Some((low, high)) => {
            format!("{rate} (95 % interval {} to {})", humanize::number(low), humanize::number(high))
        }
        None => rate,
    }
}

fn alerts(levels: &ServiceLevels, budget: &ErrorBudget) -> Table {
    let note = format!(
        "{} The alerts are those that the SRE Workbook recommends (chapter 5): one trips where the \
         burn rate of both its windows is above its limit. Whether it would goes by the interval of the burn rate.",
        window(levels)
    );
    let titles =
        ["Windows", "Kind", "If it went on", "After", "Burn rate", "Limit", "Budget used when it trips"];
    let mut table = Table::new(note, &titles, 3);
    for alert in &budget.alerts {
        table.row(alert_cells(alert, budget));
    }
    table
}

fn alert_cells(alert: &BurnAlert, budget: &ErrorBudget) -> [String; 7] {
    let after = alert.after.filter(|_| alert.outcome == AlertOutcome::Trips);
    [
        format!("{} and {}", humanize::span(alert.long), humanize::span(alert.short)),
        if alert.is_page { "wakes somebody up" } else { "opens a ticket" }.to_owned(),
        alert.outcome.name().to_owned(),
        after.map_or_else(|| humanize::MISSING.to_owned(), humanize::span),
        humanize::number(budget.burn_rate),
        humanize::number(alert.burn_rate),
        humanize::percent(alert.budget_ratio),
    ]
}

fn fast_answers(levels: &ServiceLevels, fast: &FastShare) -> Table {
    let note = format!(
        "{} Of successful valid requests, straight from counts. {} The interval is as wide as shares vary between blocks of \
         time.",
        window(levels),
        edge_words(fast)
    );
    let titles = ["Response time", "Requests within", "Of", "Share", "95 % interval", "Independent requests"];
    let mut table = Table::new(note, &titles, 1);
    let missing = || humanize::MISSING.to_owned();
    table.row([
        format!("≤ {}", humanize::latency_limit(fast.limit.as_secs_f64())),
        humanize::count(fast.n_fast),
        humanize::count(fast.n),
        humanize::percent(fast.ratio()),
        fast.interval.map_or_else(missing, share_interval),
        fast.n_effective.map_or_else(missing, |n| humanize::count(n as u64)),
    ]);
    table
}

/// How far beyond the limit counts reach.
fn edge_words(fast: &FastShare) -> String {
    let beyond = fast.counted_up_to.saturating_sub(fast.limit);
    if beyond.is_zero() {
        return "The limit is a bucket's edge, so they are exact.".to_owned();
    }
    format!(
        "The limit is taken as the end of its bucket, {} or {} above it.",
        humanize::fine_time(beyond),
        humanize::percent(beyond.as_secs_f64() / fast.limit.as_secs_f64())
    )
}

fn scores(levels: &ServiceLevels, apdex: &Apdex) -> Table {
    let target = &apdex.target;
    let limit = |limit: std::time::Duration| humanize::latency_limit(limit.as_secs_f64());
    let note = format!(
        "{} T = {}{}. Satisfied: within T. Tolerating: within 4 T, {}. Frustrated: slower, or failed, however fast. Apdex = \
         (satisfied + tolerating ÷ 2) ÷ all; * has fewer than 100 samples, NS has none.",
        window(levels),
        limit(target.satisfied),
        if target.is_of_threshold { ", the limit of a threshold on the run's p95" } else { "" },
        limit(target.tolerated())
    );
    let score = format!("Apdex [{}]", limit(target.satisfied));
    let titles = ["Of", "Name", "Satisfied", "Tolerating", "Frustrated", &score, "Rating"];
    let mut table = Table::new(note, &titles, 2).ending_in_words();
    table.row(score_cells("run", &apdex.run));
    apdex.services.iter().for_each(|row| table.row(score_cells("service", row)));
    lowest(&apdex.steps).into_iter().for_each(|row| table.row(score_cells("step", row)));
    table
}

fn score_cells(kind: &str, row: &ApdexRow) -> [String; 7] {
    [
        kind.to_owned(),
        row.name.clone(),
        humanize::count(row.n_satisfied),
        humanize::count(row.n_tolerating),
        humanize::count(row.n_frustrated),
        row.text(),
        row.rating().unwrap_or(humanize::MISSING).to_owned(),
    ]
}

/// All steps in the order of the scenario, or of very many those with the lowest scores; those without any are the last.
fn lowest(steps: &[ApdexRow]) -> Vec<&ApdexRow> {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    let score = |index: usize| steps[index].score().unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| score(*a).total_cmp(&score(*b)).then(a.cmp(b)));
    order.truncate(MAX_STEPS);
    order.sort_unstable();
    order.into_iter().map(|index| &steps[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    #[test]
    fn of_very_many_steps_those_with_the_lowest_scores_are_listed() {
        let row = |n: u64| ApdexRow {
            name: format!("step {n}"),
            scope: Scope::Run,
            n_satisfied: n,
            n_tolerating: 0,
            n_frustrated: if n == 0 { 0 } else { 1_000 - n },
        };
        let steps: Vec<ApdexRow> = (0..100).map(row).collect();
        let shown = lowest(&steps);
        assert_eq!(shown.len(), MAX_STEPS);
        assert_eq!((shown[0].name.as_str(), shown[MAX_STEPS - 1].name.as_str()), ("step 1", "step 30"));
        assert_eq!(lowest(&steps[..3]).len(), 3);
    }
}
