//! What to do about each finding.

use std::time::Duration;

use crate::analysis::{
    ScopeRow, Summary, ThresholdVerdict,
    findings::{Experiment, FigureKey, Finding, Rule},
    metric_words,
};
use crate::humanize;
use crate::metrics::{RequestPhase, StepStats};
use crate::model::{Metric, Scope, ThresholdSeverity, format_duration};

use super::{
    Advised, Basis, Horizon, ProjectedEffect, Recommendation, of_traffic,
    projected::{halved_step, shorter_mean, smaller_share, step_index},
};

/// What is said of a finding: when, what in short, what in full.
pub(super) struct Said {
    horizon: Horizon,
    title: String,
    words: String,
    effect: ProjectedEffect,
}

impl Said {
    pub fn new(horizon: Horizon, title: impl Into<String>, words: impl Into<String>) -> Self {
        Self { horizon, title: title.into(), words: words.into(), effect: ProjectedEffect::MeasureFirst }
    }

    /// It is about measuring, not about the target.
    fn changing_nothing(self) -> Self {
        Self { effect: ProjectedEffect::ChangesNothing, ..self }
    }

    /// With what it would bring, where a model says so.
    pub fn bringing(self, effect: Option<ProjectedEffect>) -> Self {
        Self { effect: effect.unwrap_or(ProjectedEffect::MeasureFirst), ..self }
    }
}

pub fn of_finding(run: &Advised<'_>, finding: &Finding) -> Vec<Recommendation> {
    let recommended = |(index, said): (usize, Said)| Recommendation {
        // A second one of the same finding has a name of its own.
        id: if index == 0 { finding.id() } else { format!("{}/{}", finding.id(), said.horizon.key()) },
        horizon: said.horizon,
        title: said.title,
        words: said.words,
        stands_on: vec![Basis::of(finding)],
        effect: said.effect,
        experiment: (index == 0).then(|| experiment(finding)),
        weight: finding.weight,
    };
    said(run, finding).into_iter().enumerate().map(recommended).collect()
}

fn experiment(finding: &Finding) -> Experiment {
    finding.next_experiment.clone()
}

fn said(run: &Advised<'_>, finding: &Finding) -> Vec<Said> {
    let summary = run.summary;
    let figure = |key| finding.figure(key).map_or_else(String::new, |figure| figure.text.clone());
    match finding.rule {
        Rule::GeneratorBound => vec![generator_bound(run)],
        Rule::ErrorCliff => vec![error_cliff(run, finding)],
        Rule::RetryStorm => vec![Said::new(
            Horizon::ShortTerm,
            "Let clients wait before they try again",
            "Have them wait longer after each failure, each for a time of its own (exponential backoff with jitter), and give \
             up after a few. Have the target turn requests away early while it is overloaded.",
        )],
        Rule::RateLimiting => vec![Said::new(
            Horizon::Immediate,
            "Find out whose limit it is, and whether it is meant for this load",
            "Ask who set the limit and for whom. For the next test have it raised, or send from several addresses, since \
             capacity cannot be read off a run that was limited.",
        )],
        Rule::ThroughputPlateau => vec![
            Said::new(
                Horizon::ShortTerm,
                format!("Find what is full from {} on", figure(FigureKey::Level)),
                "Watch the target's processors, connection pools, locks and what it calls while that level is held: what is \
                 full there is the next suspect.",
            ),
            Said::new(
                Horizon::LongTerm,
                format!("Plan with {} until then", figure(FigureKey::Throughput)),
                "Plan instances and limits with the throughput that was reached, not with what was asked for, and have the \
                 target turn away what is beyond it.",
            ),
        ],
        Rule::QueueingOnset => vec![Said::new(
            Horizon::ShortTerm,
            format!("Keep arrivals below {}", figure(FigureKey::Level)),
            "Limit what is let in, or add workers or instances, before that rate comes from users: beyond it response times \
             grow for as long as it lasts.",
        )],
        Rule::OverBudget => vec![over_budget(run, finding)],
        Rule::LatencyTrend => vec![latency_trend(run, finding)],
        Rule::LatencyKnee => vec![Said::new(
            Horizon::LongTerm,
            format!("Plan for no more than {} as the target is now", figure(FigureKey::Level)),
            "Beyond it latency climbs faster than load. Scale out, or limit what is let in, before that level is usual.",
        )],
        Rule::ResourceCeiling => vec![Said::new(
            Horizon::ShortTerm,
            "Find what uses the resource up, and give it less work or more room",
            "Profile the target while it is used up, and measure again with the generator on another machine: a resource that \
             goes along with latency is a suspect, not a cause.",
        )],
        Rule::PeriodicSpikes => vec![Said::new(
            Horizon::ShortTerm,
            format!("Find what happens every {}", figure(FigureKey::Period)),
            "Compare the moments of the spikes with the target's logs: collection of garbage, checkpoints, backups, metrics, \
             scheduled jobs. Move it, split it, or make it concurrent.",
        )],
        Rule::NeverSteady => vec![Said::new(
            Horizon::Immediate,
            "Hold the stage longer before its figures are used",
            "Its figures mix several states of the target, so that neither a comparison nor a capacity can stand on them.",
        ).changing_nothing()],
        Rule::ConnectionChurn => vec![connection_churn(summary)],
        Rule::TransferBound => vec![transfer_bound(summary, finding)],
        Rule::DominatingStep => vec![dominating_step(summary, finding)],
        Rule::TlsShare => vec![tls_share(summary)],
        Rule::SlowStart => vec![slow_start(finding)],
        Rule::SlowStatements
        | Rule::ManyStatements
        | Rule::CacheableAnswers
        | Rule::LargePayloads
        | Rule::MissingPaging
        | Rule::MissingValidators => of_traffic::said(summary, finding).into_iter().collect(),
    }
}

fn generator_bound(run: &Advised<'_>) -> Said {
    let is_dropped = run.summary.quality.caveats.iter().any(|caveat| {
        caveat.kind == crate::metrics::CaveatKind::SentShare
            && caveat.weight == crate::metrics::Weight::Invalid
    });
    let words = if is_dropped {
        "Raise max_users, or ask for less, until the load that is asked for is also sent; until then what was found holds for \
         a smaller load than planned."
    } else {
        "Give the generator more processors, a quieter machine or a second one, or ask for less, until the self-checks hold: \
         until then the figures may be its own."
    };
    Said::new(Horizon::Immediate, "Measure again before acting on any figure", words).changing_nothing()
}

fn error_cliff(run: &Advised<'_>, finding: &Finding) -> Said {
    let counters = &run.summary.whole.stats.counters;
    let share = |n: u64| n as f64 / counters.n_requests().max(1) as f64;
    let within = finding.figure(FigureKey::Failed).and_then(|figure| figure.value).unwrap_or(0.0) as u64;
    let rest = counters.n_errors().saturating_sub(within);
    let kind = finding.figure(FigureKey::FirstError).map_or("the errors", |figure| figure.text.as_str());
    let at = humanize::clock(Duration::from_secs(finding.evidence.seconds.start.into()));
    let effect = smaller_share(
        "error share of the whole run",
        share(counters.n_errors()),
        share(rest),
        "these requests no longer fail and nothing else does in their place",
    );
    Said::new(
        Horizon::Immediate,
        format!("Find out why requests fail from {at} on"),
        format!(
            "Look at the target's logs near {at} for {kind}. Until the reason is known, keep the load below what was asked \
             for then."
        ),
    )
    .bringing(Some(effect))
}

fn over_budget(run: &Advised<'_>, finding: &Finding) -> Said {
    let Scope::Service(service) = &finding.scope else {
        return Said::new(Horizon::ShortTerm, "Bring the service within its budget", "");
    };
    let missed = run
        .summary
        .budgets
        .iter()
        .filter(|result| result.service == *service && result.verdict == ThresholdVerdict::Fail);
    let quantile = missed
        .filter_map(|result| match result.budget.metric {
            Metric::Quantile(quantile) => Some(quantile),
            _ => None,
        })
        .next()
        .unwrap_or(0.95);
    let slowest = slowest_step(run, service, quantile);
    let words = match slowest {
        Some(step) => format!(
            "Begin with step {}, its slowest: see in traces or logs whether it works or waits, and for what.",
            run.summary.steps[step].name
        ),
        None => "See in traces or logs whether it works or waits, and for what.".to_owned(),
    };
    Said::new(Horizon::ShortTerm, format!("Bring service {service} within its budget"), words)
        .bringing(slowest.and_then(|step| halved_step(run.summary, step, quantile)))
}

fn slowest_step(run: &Advised<'_>, service: &str, quantile: f64) -> Option<usize> {
    let sent = run.record.start.scenario.sent_steps().zip(run.summary.steps.iter().enumerate());
    let of_service = sent.filter(|((_, _, step), _)| step.service.as_deref() == Some(service));
    let latency = |row: &ScopeRow| row.aggregate.stats.response_time.quantile(quantile);
    of_service
        .filter_map(|(_, (index, row))| Some((index, latency(row)?)))
        .max_by_key(|(index, latency)| (*latency, std::cmp::Reverse(*index)))
        .map(|(index, _)| index)
}

fn latency_trend(run: &Advised<'_>, finding: &Finding) -> Said {
    Said::new(
        Horizon::ShortTerm,
        "Find what grows on the target",
        "Compare its memory, connections, open files, queues and tables at the beginning of the stage with those at its end, \
         and look for what was deployed or scheduled where the rise begins.",
    )
    .bringing(time_left(run, finding))
}

/// When the trend would miss a target that still holds.
fn time_left(run: &Advised<'_>, finding: &Finding) -> Option<ProjectedEffect> {
    let per_hour = finding.figure(FigureKey::SlopePerHour)?.value.filter(|slope| *slope > 0.0)?;
    let present = finding.figure(FigureKey::LastLevel)?;
    let (value, percentile) = (present.value?, if present.what.contains("p95") { 0.95 } else { 0.5 });
    let limits = run.record.start.scenario.thresholds.iter().filter(|threshold| {
        threshold.metric == Metric::Quantile(percentile)
            && threshold.scope == Scope::Run
            && threshold.severity != ThresholdSeverity::Info
            && threshold.limit > value
    });
    let limit = limits.map(|threshold| threshold.limit).min_by(f64::total_cmp)?;
    let hours = (limit - value) / per_hour;
    let metric = Metric::Quantile(percentile);
    (hours <= 24.0 * 30.0).then(|| ProjectedEffect::Model {
        words: format!(
            "{} passes its limit of {} after {} more under this load",
            metric_words(metric),
            humanize::latency_limit(limit),
            format_duration(Duration::from_secs((hours * 3_600.0) as u64))
        ),
        assumption: "nothing is done and the slope stays as measured".to_owned(),
        figures: vec![crate::analysis::findings::Figure::span(
            "Time until the limit is passed",
            hours * 3_600.0,
        )],
    })
}

fn connection_churn(summary: &Summary) -> Said {
    let stats = &summary.headline.stats;
    let opening = [RequestPhase::Dns, RequestPhase::Connect, RequestPhase::Tls];
    let effect = saved_phases(stats, &opening, "connections are kept, and requests take the same otherwise");
    Said::new(
        Horizon::ShortTerm,
        "Keep connections open",
        "Let the target and every proxy before it keep connections alive for longer than users pause, and allow many \
         requests on each.",
    )
    .bringing(effect)
}

fn tls_share(summary: &Summary) -> Said {
    let stats = &summary.headline.stats;
    let effect =
        saved_phases(stats, &[RequestPhase::Tls], "no handshake is needed, which kept connections come near");
    Said::new(
        Horizon::LongTerm,
        "Make fewer and cheaper handshakes",
        "Keep connections open, let clients resume their sessions, and offer TLS 1.3 with elliptic curves.",
    )
    .bringing(effect)
}

/// What the mean service time falls to without some phases.
fn saved_phases(stats: &StepStats, phases: &[RequestPhase], assumption: &str) -> Option<ProjectedEffect> {
    let mean = stats.service_time.mean()?.as_secs_f64();
    let total: f64 = phases
        .iter()
        .map(|phase| stats.phase(*phase))
        .filter_map(|phase| Some(phase.mean()?.as_secs_f64() * phase.n_samples() as f64))
        .sum();
    let saved = total / stats.service_time.n_samples() as f64;
    (saved > 0.0).then(|| shorter_mean("mean service time", mean, saved, assumption))
}

fn transfer_bound(summary: &Summary, finding: &Finding) -> Said {
    let row = step_index(summary, &finding.scope).map(|index| &summary.steps[index]);
    let effect = row.and_then(|row| {
        let mean = row.aggregate.stats.response_time.mean()?.as_secs_f64();
        let receive = row.aggregate.stats.phase(RequestPhase::Receive).mean()?.as_secs_f64();
        let what = format!("mean response time of step {}", row.name);
        Some(shorter_mean(
            &what,
            mean,
            receive / 2.0,
            "answers are half as large, come in proportion, and packing them costs nothing",
        ))
    });
    let name = row.map_or("the step", |row| row.name.as_str());
    Said::new(
        Horizon::ShortTerm,
        format!("Send smaller answers for step {name}"),
        "Compress them, leave out fields that nobody reads, or send them in pages.",
    )
    .bringing(effect)
}

fn dominating_step(summary: &Summary, finding: &Finding) -> Said {
    let step = step_index(summary, &finding.scope);
    let name = step.map_or("the step", |index| summary.steps[index].name.as_str());
    let figure = |key| finding.figure(key).and_then(|figure| figure.value);
    let arithmetic = figure(FigureKey::StepMean).zip(figure(FigureKey::JourneyMean)).map(|(step, whole)| {
        format!(
            "Halving it would save {} of the {} that a journey waits on average.",
            humanize::latency_secs(step / 2.0),
            humanize::latency_secs(whole)
        )
    });
    let words = format!(
        "No other step can bring as much. {}",
        arithmetic.unwrap_or_else(|| "See what it waits for.".to_owned())
    );
    Said::new(Horizon::ShortTerm, format!("Shorten step {name} first"), words)
        .bringing(step.and_then(|step| halved_step(summary, step, 0.95)))
}

fn slow_start(finding: &Finding) -> Said {
    let figure = |key| finding.figure(key).and_then(|figure| figure.value);
    let effect = figure(FigureKey::EarlyMedian).zip(figure(FigureKey::LaterMedian)).map(|(early, later)| {
        shorter_mean(
            "median response time of the first requests",
            early,
            early - later,
            "they are as fast as those that followed",
        )
    });
    Said::new(
        Horizon::ShortTerm,
        "Warm the target up before users reach it",
        "Fill caches, open pools and send some requests to each instance before it takes traffic, and after each deployment.",
    )
    .bringing(effect)
}
