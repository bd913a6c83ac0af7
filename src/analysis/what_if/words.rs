//! What a projection says in words: its title, what it stands on, and what it comes to.

use crate::analysis::{capitalized, scope_words, short_interval, words::listed};
use crate::humanize;
use crate::model::Metric;

use super::{
    PredictedRow,
    base::Base,
    inputs::{CallTime, Change, Input, InputRange, Quantity, Queue},
    model::Busy,
    percentile_words,
    projection::{Case, Line, Moved, Projected, ProjectedPercentile, Projection, Sensitivity},
};

/// The percentile that speaks for a projection.
const SPOKESMAN: f64 = 0.95;

impl Quantity {
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Share => humanize::percent(value),
            Self::Secs => humanize::latency_limit(value),
            Self::BitsPerSec => humanize::bandwidth(value),
            Self::Times => format!("{} ×", humanize::number(value)),
            Self::Workers => humanize::count(value.round() as u64),
            Self::Number => humanize::number(value),
        }
    }
}

impl Projection {
    /// The heads of a table of its percentiles, with those of its cases last.
    pub fn percentile_heads(&self) -> Vec<String> {
        let heads = ["Percentile", "Measured", "Queue unchanged", "Queue rescaled"].map(str::to_owned);
        heads.into_iter().chain(self.cases.iter().map(|case| capitalized(&case.name))).collect()
    }

    /// Its percentiles as rows under these heads.
    pub fn percentile_rows(&self) -> Vec<Vec<String>> {
        let row = |percentile: &ProjectedPercentile| {
            let case = |index: usize| percentile.cases.get(index).map(Projected::text);
            let cases = (0..self.cases.len())
                .map(|index| case(index).unwrap_or_else(|| humanize::MISSING.to_owned()));
            let lines = [Line::Unchanged, Line::Rescaled].map(|line| percentile.line_text(line));
            let first = [percentile_words(percentile.quantile), percentile.base_text()];
            first.into_iter().chain(lines).chain(cases).collect()
        };
        self.percentiles.iter().map(row).collect()
    }

    /// How far each figure moves each percentile, as rows that begin with the figure.
    pub fn sensitivity_rows(&self) -> Vec<Vec<String>> {
        let row = |moved: &Sensitivity| {
            let cells = self.percentiles.iter().map(|percentile| moved.moved_text(percentile.quantile));
            std::iter::once(moved.input_text()).chain(cells).collect()
        };
        self.sensitivity.iter().map(row).collect()
    }
}

impl PredictedRow {
    /// What was measured, with its interval behind it, where it has one.
    pub fn measured_text(&self) -> String {
        with_interval(self.measured_secs, self.low_secs, self.high_secs)
    }
}

fn with_interval(secs: f64, low: Option<f64>, high: Option<f64>) -> String {
    let value = humanize::latency_secs(secs);
    match (low, high) {
        (None, None) => value,
        (low, high) => format!("{value} ({})", short_interval(low, high)),
    }
}

impl Input {
    /// Its value, or from where to where.
    pub fn text(&self) -> String {
        let InputRange { low, high } = self.range;
        let (low, high) = (self.quantity.text(low), self.quantity.text(high));
        if low == high { low } else { format!("{low} to {high}") }
    }
}

impl Projected {
    /// Its value with the range behind it: `45.0 ms (41.2–50.0)`.
    pub fn text(&self) -> String {
        let range = short_interval(Some(self.low_secs), Some(self.high_secs));
        format!("{} ({range})", humanize::latency_secs(self.secs))
    }
}

impl ProjectedPercentile {
    /// As measured, with its interval behind it, where it has one.
    pub fn base_text(&self) -> String {
        with_interval(self.base_secs, self.base_low_secs, self.base_high_secs)
    }

    /// A line's value with its range; a dash where it is not told.
    pub fn line_text(&self, line: Line) -> String {
        self.line(line).map_or_else(|| humanize::MISSING.to_owned(), |projected| projected.text())
    }
}

impl Sensitivity {
    /// The figure with its ends.
    pub fn input_text(&self) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                let why = if self.is_exact { ", if it were off" } else { "" };
                format!("{}: {} to {}{why}", self.input, self.quantity.text(low), self.quantity.text(high))
            }
            _ => format!("{} (p5 to p95)", self.input),
        }
    }

    /// A percentile at both ends, in the order of the ends.
    pub fn moved_text(&self, quantile: f64) -> String {
        let text =
            |secs: Option<f64>| secs.map_or_else(|| "model does not hold".to_owned(), humanize::latency_secs);
        let moved = self.percentiles.iter().find(|moved| moved.quantile == quantile);
        moved.map_or_else(
            || humanize::MISSING.to_owned(),
            |Moved { at_low_secs, at_high_secs, .. }| {
                format!("{} → {}", text(*at_low_secs), text(*at_high_secs))
            },
        )
    }
}

impl Projection {
    /// What would be changed, and how: the heading of a projection.
    pub fn title(&self) -> String {
        let what = match &self.change {
            Change::Cache { .. } => "A cache",
            Change::Payload { .. } => "Smaller answers",
            Change::Faster { call: CallTime::Whole, .. } => "Faster work",
            Change::Faster { .. } => "A faster call",
            Change::Workers { .. } => "Other workers",
            Change::Traffic { times } if times.middle() < 1.0 => "Less traffic",
            Change::Traffic { .. } => "More traffic",
        };
        format!("{what} for {}", scope_words(&self.changed))
    }

    /// The figures that were given, in words.
    pub fn inputs_words(&self) -> String {
        let said = |input: &Input| format!("{} {}", input.name, input.text());
        let matters = |input: &Input| input.range != InputRange::exactly(0.0);
        let mut inputs: Vec<Input> = self.change.inputs().into_iter().filter(matters).collect();
        inputs.extend(self.queue.inputs());
        let mut words: Vec<String> = inputs.iter().map(said).collect();
        if let Change::Faster { call: CallTime::Step { name }, .. } = &self.change {
            words.push(format!("the call takes what step {name} takes"));
        }
        format!("{}.", capitalized(&words.join("; ")))
    }

    /// Whose percentiles these are, in which window.
    pub fn scope_words(&self) -> String {
        format!(
            "{} in {}; {} at {}",
            capitalized(&scope_words(&self.scope)),
            self.window_words,
            humanize::counted(self.n_samples, "successful request"),
            humanize::rate(self.measured_per_sec)
        )
    }

    /// What it comes to, in a sentence.
    pub fn sentence(&self) -> String {
        let spokesman = self.speaking_line().and_then(|line| {
            let told =
                |quantile| Some((line, self.percentile(quantile)?, self.percentile(quantile)?.line(line)?));
            told(SPOKESMAN).or_else(|| told(0.9)).or_else(|| told(0.5))
        });
        let Some((line, percentile, projected)) = spokesman else {
            return self.refusals.first().map_or_else(String::new, |refusal| refusal.text.clone());
        };
        let change = projected.secs / percentile.base_secs - 1.0;
        format!(
            "By the model, {} response time of {} would be {} where it was {} ({}, {}).",
            Metric::Quantile(percentile.quantile),
            scope_words(&self.scope),
            projected.text(),
            humanize::latency_secs(percentile.base_secs),
            humanize::change(change),
            line.name()
        )
    }

    /// How busy workers are by the model, in a sentence; none where it does not hold.
    pub fn queue_words(&self) -> Option<String> {
        let busy = self.busy.as_ref()?;
        Some(format!(
            "Queue: {} of {}, Cs² {}; busy for {} now and {} after the change; mean waiting {} now and {} then. {}",
            humanize::counted(u64::from(busy.workers), "worker"),
            humanize::latency_secs(busy.service_secs),
            humanize::number(busy.cs_squared),
            humanize::percent(busy.rho),
            humanize::percent(busy.rho_after),
            humanize::latency_secs(busy.waited_secs),
            humanize::latency_secs(busy.waited_after_secs),
            busy.basis
        ))
    }
}

/// The bounds by what goes together with what, in the order in which a model tells them.
pub(super) fn cases(change: &Change) -> Vec<Case> {
    let case = |name: &str, meaning: &str| Case { name: name.to_owned(), meaning: meaning.to_owned() };
    match change {
        Change::Cache { .. } => vec![case(
            "hits are the fastest",
            "The worst case: the requests that the cache answers are those that are fastest anyway, as popular things often \
             are; the queue stays as it is.",
        )],
        Change::Faster { call: CallTime::Share { .. } | CallTime::Step { .. }, .. } => vec![
            case(
                "slow with slow",
                "Slow requests have slow calls: the tail gains most; the queue stays as it is.",
            ),
            case(
                "slow with fast",
                "Slow requests have fast calls: the tail gains least; the queue stays as it is.",
            ),
        ],
        _ => Vec::new(),
    }
}

/// What a projection takes for granted before anything is worked out.
pub(super) fn assumptions(base: &Base, change: &Change) -> Vec<String> {
    let mut said = vec![match change {
        Change::Traffic { .. } => "The mix of requests and what limits them stay as measured.".to_owned(),
        _ => format!(
            "Rate ({}), mix of requests and what limits them stay as measured.",
            humanize::rate(base.per_sec())
        ),
    }];
    match change {
        Change::Cache { .. } => said.extend([
            "Which requests are hits does not depend on how long they would have taken. Hits do not come to the workers."
                .to_owned(),
            "A cache barely moves the tail: with a hit share h, percentile p becomes what 1 − (1 − p) ÷ (1 − h) was."
                .to_owned(),
        ]),
        Change::Payload { .. } => said.extend([
            format!(
                "Sizes of single answers are not kept: each answer is taken to have the mean size of its step, {} on average.",
                mean_bytes(base)
            ),
            "A transfer takes what its bits take at the bandwidth, or a round trip for each doubling of the initial window, \
             whichever is longer; no request becomes faster than a round trip."
                .to_owned(),
            "Workers are free while an answer is on its way.".to_owned(),
        ]),
        Change::Faster { call: CallTime::Whole, .. } => said.push(
            "All that a request is worked on gets faster; where that is not known, its whole time does.".to_owned(),
        ),
        Change::Faster { call: CallTime::Share { .. }, .. } => said.push(
            "The call lies on the way of each request. Its times vary as those of the request do, and are independent of \
             them; the other two columns bound what goes together with what."
                .to_owned(),
        ),
        Change::Faster { call: CallTime::Step { name }, .. } => said.push(format!(
            "The call lies on the way of each request and takes what step {name} was measured to take, independent of the \
             request's own time; the other two columns bound what goes together with what."
        )),
        Change::Workers { .. } => said.push(
            "A request takes as long to be worked on with another number of workers: they share nothing that is scarce."
                .to_owned(),
        ),
        Change::Traffic { .. } => said.push("The line «queue unchanged» is what stays if nothing waits longer.".to_owned()),
    }
    if base.rest.n_requests > 0 {
        said.push(format!(
            "All other requests of {} are taken to stay as they are.",
            scope_words(&base.subject.scope)
        ));
    }
    let counters = &base.whole.counters;
    if counters.n_errors() > 0 {
        said.push(format!(
            "Percentiles are those of successful requests; {} of the requests failed, and are taken to fail again.",
            humanize::percent(counters.error_ratio().unwrap_or_default())
        ));
    }
    if base.hidden_ratio() > 0.0 {
        said.push("Percentiles that timeouts hide are not projected.".to_owned());
    }
    said
}

fn mean_bytes(base: &Base) -> String {
    let n: u64 = base.changed.iter().map(|step| step.n_requests).sum();
    let bytes: u64 = base.changed.iter().map(|step| step.bytes_received).sum();
    humanize::bytes(bytes / n.max(1))
}

/// What the queue's line takes for granted.
pub(super) fn of_queue(base: &Base, busy: &Busy) -> Vec<String> {
    let mut said = vec![
        "Queue rescaled: where the model waits less, the measured waiting shrinks by its ratio, rank by rank; where it waits \
         more, its difference is added. Arrivals are random, waiting is first come, first served."
            .to_owned(),
    ];
    if busy.constant_secs > 0.05 * busy.service_secs {
        said.push(format!(
            "{} of the mean response time is neither waiting nor work, and stays.",
            humanize::latency_secs(busy.constant_secs)
        ));
    }
    let mean = busy.service_secs + busy.waited_secs + busy.constant_secs + busy.unexplained_secs;
    if busy.unexplained_secs > 0.1 * mean {
        said.push(format!(
            "The queue's model leaves {} of a mean response time of {} unexplained; that is taken to be waiting.",
            humanize::latency_secs(busy.unexplained_secs),
            humanize::latency_secs(mean)
        ));
    }
    if base.is_even {
        said.push(
            "The run's arrivals are evenly spaced and wait less than random ones, for which the model speaks: use random \
             arrivals (Poisson) for a run that a queue is to be told from."
                .to_owned(),
        );
    }
    if !base.is_open {
        said.push(
            "The run's users wait for their answers (closed model): they come less often where answers take long, so that \
             the model's queue is longer than theirs."
                .to_owned(),
        );
    }
    if base.elsewhere.is_empty() {
        said.push(
            "Whether something else would limit after the change cannot be told from this run: that takes several services \
             and a stage at low load."
                .to_owned(),
        );
    }
    said
}

/// What the queue's figures rest on.
pub(super) fn basis(base: &Base, queue: &Queue) -> String {
    let given: Vec<String> = queue.inputs().iter().map(|input| input.name.to_owned()).collect();
    let given = if given.is_empty() { String::new() } else { format!("Given: {}.", listed(&given)) };
    let estimated: Vec<String> = [
        (
            queue.service_secs.is_none(),
            "service time as the mean response time there, the way there and back among it",
        ),
        (queue.workers.is_none(), "workers by how much longer requests take in the window"),
        (queue.cs_squared.is_none() && queue.service_secs.is_none(), "Cs² as it varies there"),
    ]
    .into_iter()
    .filter(|(is_estimated, _)| *is_estimated)
    .map(|(_, words)| words.to_owned())
    .collect();
    let told = match (&base.low_load, estimated.is_empty()) {
        (Some(low), false) => format!(
            "Estimated from stage {} at {}: {}.",
            low.stage,
            humanize::rate(low.per_sec),
            listed(&estimated)
        ),
        _ => String::new(),
    };
    let taken = if queue.cs_squared.is_none() && queue.service_secs.is_some() {
        "Cs² is taken to be 1, that of exponential service times."
    } else {
        ""
    };
    [given.as_str(), told.as_str(), taken]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What the ranges are.
pub(super) fn of_draws(n: usize, n_contradictions: usize) -> String {
    let again = match n_contradictions {
        0 => String::new(),
        n => format!(
            " {} of figures contradicted what was measured and were drawn again.",
            humanize::counted(n as u64, "set")
        ),
    };
    format!(
        "In brackets: p5 to p95 of {} draws of what a run of the same length would measure, with ten blocks of time of each \
         stage drawn anew and what is given as a range even over it.{again} Tails sway further than blocks tell.",
        humanize::count(n as u64)
    )
}

/// Percentiles that too few requests lie beyond.
pub(super) fn untold(quantiles: &[f64]) -> Option<String> {
    let names: Vec<String> =
        quantiles.iter().map(|quantile| Metric::Quantile(*quantile).to_string()).collect();
    (!names.is_empty()).then(|| {
        format!("{} is not projected: fewer than ten requests lie beyond it. Run longer.", listed(&names))
    })
}
