//! Limits derived from a run: what was measured, plus head-room, rounded to numbers that people would write.

use crate::metrics::{Aggregate, Verdict};
use crate::model::{Budget, Metric, Scenario, Scope, Threshold, ThresholdSeverity, Window};

use super::{Reading, Standing, Summary, judge::is_thin, words::metric_words};

/// Metrics of the whole run for which limits are proposed.
const RUN_METRICS: [Metric; 5] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::ErrorShare,
    Metric::Throughput,
];

/// The metric of services' budgets.
const BUDGET_METRIC: Metric = Metric::Quantile(0.95);

/// Standard normal quantile of a two-sided interval at 95 % confidence.
const Z95: f64 = 1.959_963_984_540_054;

/// Leading digits of the numbers that people write as limits.
const FRIENDLY: [f64; 11] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];

/// What a limit is proposed for.
#[derive(Clone, Debug, PartialEq)]
pub enum ProposedFor {
    /// A threshold of the run in this window.
    Run(Metric, Window),
    /// A budget of a service.
    Service(String, Metric),
}

/// A limit with the figure that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub target: ProposedFor,
    pub measured: Reading,
    /// In the metric's [`Unit`](crate::model::Unit).
    pub limit: f64,
    /// The limit that the scenario has there now.
    pub present: Option<f64>,
}

/// Limits proposed from one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposals {
    /// Why the run is a poor ground for limits.
    pub caution: Option<String>,
    pub list: Vec<Proposal>,
    /// What is not proposed, and why.
    pub left_out: Vec<String>,
}

impl Proposal {
    pub fn metric(&self) -> Metric {
        match self.target {
            ProposedFor::Run(metric, _) | ProposedFor::Service(_, metric) => metric,
        }
    }
}

/// Proposes limits for `scenario` from a run, with head-room beyond what was measured (0.2 for 20 %).
pub fn derive_limits(summary: &Summary, scenario: &Scenario, headroom_ratio: f64) -> Proposals {
    let mut proposals = Proposals { caution: caution(summary), ..Proposals::default() };
    let window = &summary.headline_window;
    for metric in RUN_METRICS {
        let target = ProposedFor::Run(metric, window.clone());
        propose(&mut proposals, summary, (&summary.headline, target), scenario, headroom_ratio);
    }
    for row in &summary.services {
        if scenario.services.iter().all(|service| service.name != row.name) {
            proposals.left_out.push(format!("{}: the scenario has no such service now", row.name));
            continue;
        }
        let target = ProposedFor::Service(row.name.clone(), BUDGET_METRIC);
        propose(&mut proposals, summary, (&row.aggregate, target), scenario, headroom_ratio);
    }
    proposals
}

/// Puts proposals into a scenario: in place of a limit on the same, or as a new one.
pub fn apply_limits<'a>(scenario: &mut Scenario, proposals: impl IntoIterator<Item = &'a Proposal>) {
    for proposal in proposals {
        match &proposal.target {
            ProposedFor::Run(metric, window) => put_threshold(scenario, *metric, window, proposal.limit),
            ProposedFor::Service(name, metric) => put_budget(scenario, name, *metric, proposal.limit),
        }
    }
}

fn caution(summary: &Summary) -> Option<String> {
    let reason = summary.reasons.first().map(|reason| format!(" {reason}")).unwrap_or_default();
    if summary.verdict == Verdict::Inconclusive {
        return Some(format!("This run is INCONCLUSIVE, so its figures may not be the target's.{reason}"));
    }
    (summary.quality.standing == Standing::Weak).then(|| {
        "The measurement of this run is weak: read its caveats before taking limits from it.".to_owned()
    })
}

fn propose(
    proposals: &mut Proposals,
    summary: &Summary,
    (aggregate, target): (&Aggregate, ProposedFor),
    scenario: &Scenario,
    headroom_ratio: f64,
) {
    let metric = match &target {
        ProposedFor::Run(metric, _) | ProposedFor::Service(_, metric) => *metric,
    };
    let what = match &target {
        ProposedFor::Run(..) => metric_words(metric),
        ProposedFor::Service(name, _) => format!("{name}, {}", metric_words(metric)),
    };
    let mut leave_out = |why: &str| proposals.left_out.push(format!("{what}: {why}"));
    let Some(measured) = summary.reading(aggregate, metric) else {
        return leave_out("nothing was measured");
    };
    if matches!(metric, Metric::Quantile(quantile) if is_thin(&aggregate.stats, quantile)) {
        return leave_out("too few requests for this percentile");
    }
    if measured.is_censored {
        return leave_out("timeouts hide the value");
    }
    let limit = limit_of(metric, measured.value, aggregate, headroom_ratio);
    if limit <= 0.0 {
        return leave_out("what was measured is too small for a limit");
    }
    let present = present_limit(scenario, &target);
    proposals.list.push(Proposal { target, measured, limit, present });
}

fn limit_of(metric: Metric, measured: f64, aggregate: &Aggregate, headroom_ratio: f64) -> f64 {
    let with_headroom = measured * (1.0 + headroom_ratio);
    match metric {
        // Few errors of few requests say little: the limit leaves room for what they could have been.
        Metric::ErrorShare => {
            let counters = &aggregate.stats.counters;
            friendly_up(with_headroom.max(upper_bound(counters.n_errors(), counters.n_requests()))).min(1.0)
        }
        _ if metric.higher_is_better() => friendly_down(measured / (1.0 + headroom_ratio)),
        _ => friendly_up(with_headroom),
    }
}

/// The upper end of Wilson's score interval of a share at 95 % confidence.
// E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference".
fn upper_bound(n_hits: u64, n: u64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    let (n, ratio, z2) = (n as f64, n_hits as f64 / n as f64, Z95 * Z95);
    let spread = Z95 * (ratio * (1.0 - ratio) / n + z2 / (4.0 * n * n)).sqrt();
    (ratio + z2 / (2.0 * n) + spread) / (1.0 + z2 / n)
}

/// The next friendly number that is not below.
fn friendly_up(value: f64) -> f64 {
    friendly(value, |leading| FRIENDLY.into_iter().find(|step| *step >= leading - 1e-9))
}

/// The next friendly number that is not above.
fn friendly_down(value: f64) -> f64 {
    friendly(value, |leading| FRIENDLY.into_iter().rev().find(|step| *step <= leading + 1e-9))
}

fn friendly(value: f64, choose: impl Fn(f64) -> Option<f64>) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 0.0;
    }
    let exponent = value.log10().floor() as i32;
    let leading = choose(value / 10_f64.powi(exponent)).unwrap_or(1.0);
    // Through text, which gives the number as it is written: 0.012 and not 0.012000000000000002.
    format!("{leading}e{exponent}").parse().unwrap_or(value)
}

fn present_limit(scenario: &Scenario, target: &ProposedFor) -> Option<f64> {
    match target {
        ProposedFor::Run(metric, window) => {
            let is_it = |threshold: &&Threshold| is_same(threshold, *metric, window);
            scenario.thresholds.iter().find(is_it).map(|threshold| threshold.limit)
        }
        ProposedFor::Service(name, metric) => {
            let service = scenario.services.iter().find(|service| service.name == *name)?;
            service.budgets.iter().find(|budget| budget.metric == *metric).map(|budget| budget.limit)
        }
    }
}

fn is_same(threshold: &Threshold, metric: Metric, window: &Window) -> bool {
    threshold.metric == metric && threshold.scope == Scope::Run && threshold.window == *window
}

fn put_threshold(scenario: &mut Scenario, metric: Metric, window: &Window, limit: f64) {
    match scenario.thresholds.iter_mut().find(|threshold| is_same(threshold, metric, window)) {
        Some(threshold) => threshold.limit = limit,
        None => scenario.thresholds.push(Threshold {
            metric,
            scope: Scope::Run,
            window: window.clone(),
            limit,
            severity: ThresholdSeverity::Must,
            abort_after: None,
        }),
    }
}

fn put_budget(scenario: &mut Scenario, name: &str, metric: Metric, limit: f64) {
    let Some(service) = scenario.services.iter_mut().find(|service| service.name == name) else { return };
    match service.budgets.iter_mut().find(|budget| budget.metric == metric) {
        Some(budget) => budget.limit = limit,
        None => service.budgets.push(Budget { metric, limit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::{Finish, Outcome};
    use std::time::Duration;

    fn limits(proposals: &Proposals) -> Vec<(String, f64)> {
        let name = |proposal: &Proposal| match &proposal.target {
            ProposedFor::Run(metric, _) => metric.to_string(),
            ProposedFor::Service(name, metric) => format!("{name} {metric}"),
        };
        proposals.list.iter().map(|proposal| (name(proposal), proposal.limit)).collect()
    }

    #[test]
    fn limits_lie_beyond_what_was_measured_by_the_headroom() {
        let summary = summarize(&sample::record(sample::scenario())).unwrap();
        let proposals = derive_limits(&summary, &sample::scenario(), 0.2);
        assert_eq!(proposals.caution, None);
        assert_eq!(proposals.left_out, Vec::<String>::new());
        for proposal in &proposals.list {
            let (measured, limit) = (proposal.measured.value, proposal.limit);
            match proposal.metric() {
                Metric::Throughput => {
                    assert!(limit <= measured / 1.2 && limit > measured / 1.7, "{proposal:?}")
                }
                // None of 800 requests failed, which leaves room for half a percent.
                Metric::ErrorShare => assert_eq!(limit, 0.005),
                _ => assert!(limit >= measured * 1.2 && limit < measured * 1.6, "{proposal:?}"),
            }
        }
        let names: Vec<_> = limits(&proposals).into_iter().map(|(name, _)| name).collect();
        let run = ["p50", "p95", "p99", "error_share", "throughput"];
        assert_eq!(names, [&run[..], &["education p95", "auth p95"]].concat());
    }

    #[test]
    fn an_error_share_is_never_limited_below_what_it_could_have_been() {
        for (n_errors, n) in [(0, 40), (1, 500), (12, 800), (300, 900)] {
            let bound = upper_bound(n_errors, n);
            assert!(bound > n_errors as f64 / n as f64 && bound <= 1.0, "{n_errors} of {n}: {bound}");
        }
        assert!((upper_bound(0, 800) - 0.004_779).abs() < 1e-5);
        assert!((upper_bound(10, 100) - 0.174_37).abs() < 1e-4);
        assert_eq!(upper_bound(0, 0), 1.0);
    }

    #[test]
    fn rounded_numbers_are_those_that_people_write() {
        for (value, up, down) in [
            (0.0951, 0.1, 0.08),
            (0.0118, 0.012, 0.01),
            (0.012, 0.012, 0.012),
            (1_200.0, 1_200.0, 1_200.0),
            (1_210.0, 1_500.0, 1_200.0),
            (9.2, 10.0, 8.0),
            (0.000_96, 0.001, 0.000_8),
        ] {
            assert_eq!((friendly_up(value), friendly_down(value)), (up, down), "{value}");
        }
        assert_eq!(friendly_up(0.0), 0.0);
    }

    #[test]
    fn an_inconclusive_run_is_named_as_such() {
        let mut record = sample::record(sample::scenario());
        sample::cut(&mut record, Finish::Stopped, 25);
        let summary = summarize(&record).unwrap();
        let proposals = derive_limits(&summary, &sample::scenario(), 0.2);
        let caution = proposals.caution.unwrap();
        assert!(caution.contains("INCONCLUSIVE") && caution.contains("stopped"), "{caution}");
    }

    #[test]
    fn what_cannot_be_known_is_left_out_with_the_reason() {
        let mut record = sample::record(sample::scenario());
        let timeouts: Vec<_> = (0..60).map(|_| (Outcome::Timeout, Duration::from_secs(30))).collect();
        sample::add(&mut record, 15, 1, &timeouts);
        let mut scenario = sample::scenario();
        scenario.services.remove(0);
        let proposals = derive_limits(&summarize(&record).unwrap(), &scenario, 0.2);
        assert_eq!(
            proposals.left_out,
            [
                "p95 response time: timeouts hide the value",
                "p99 response time: timeouts hide the value",
                "education: the scenario has no such service now",
                "auth, p95 response time: timeouts hide the value",
            ]
        );
        let error_share = proposals.list.iter().find(|p| p.metric() == Metric::ErrorShare).unwrap();
        assert!(error_share.limit >= error_share.measured.value * 1.2);
    }

    #[test]
    fn applied_limits_replace_those_on_the_same_and_keep_their_other_words() {
        let mut scenario = sample::scenario();
        let should =
            Threshold { severity: ThresholdSeverity::Should, ..sample::must(Metric::Quantile(0.95), 9.0) };
        scenario.thresholds = vec![should];
        scenario.services[0].budgets = vec![sample::budget_p95(9_000)];
        let summary = summarize(&sample::record(sample::scenario())).unwrap();
        let proposals = derive_limits(&summary, &scenario, 0.2);
        assert_eq!(proposals.list[1].present, Some(9.0));
        apply_limits(&mut scenario, &proposals.list);
        assert_eq!((scenario.thresholds.len(), scenario.services[0].budgets.len()), (5, 1));
        assert_eq!(scenario.thresholds[0].limit, proposals.list[1].limit);
        assert_eq!(scenario.thresholds[0].severity, ThresholdSeverity::Should);
        assert_eq!(scenario.services[1].budgets.len(), 1);
        let again = scenario.clone();
        apply_limits(&mut scenario, &proposals.list);
        assert_eq!(scenario, again);
    }
}
