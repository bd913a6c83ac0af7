//! One figure of evidence: what it is, as it is printed, and as it is.

use std::time::Duration;

use crate::humanize;

/// One figure of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub what: String,
    /// With its unit, as screen and report print it.
    pub text: String,
    /// In `unit`; none where nothing bounds or measures it.
    pub value: Option<f64>,
    pub unit: FigureUnit,
    /// What it is to those who draw conclusions from it.
    pub key: Option<FigureKey>,
}

/// A figure that recommendations are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureKey {
    /// The level of load that the finding speaks of.
    Level,
    Throughput,
    Period,
    /// Requests that failed.
    Failed,
    FirstError,
    /// Of latency, in seconds per hour.
    SlopePerHour,
    /// Of latency at the end.
    LastLevel,
    StepMean,
    JourneyMean,
    EarlyMedian,
    LaterMedian,
    /// Of an answer over the wire, and what could be saved of it.
    AnswerBytes,
    SavedBytes,
    /// Requests that a cache would serve.
    ServedRatio,
    Items,
    CallsPerRequest,
    /// Of a statement per call, or of all its calls per request.
    StatementMean,
    StatementLoad,
}

/// The unit of a figure's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureUnit {
    Seconds,
    /// Seconds since the start of the run.
    Moment,
    PerSecond,
    Ratio,
    Count,
    Bytes,
    BytesPerSecond,
    /// Virtual users.
    Users,
    Number,
}

impl FigureUnit {
    /// The word for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Seconds => "secs",
            Self::Moment => "secs_since_start",
            Self::PerSecond => "per_sec",
            Self::Ratio => "ratio",
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes_per_sec",
            Self::Users => "users",
            Self::Number => "number",
        }
    }

    /// A value of this unit as it is printed.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Seconds => humanize::latency_secs(value),
            Self::Moment => humanize::clock(Duration::from_secs_f64(value.max(0.0))),
            Self::PerSecond => humanize::rate(value),
            Self::Ratio => humanize::percent(value),
            Self::Count => humanize::count(value.max(0.0).round() as u64),
            Self::Bytes => humanize::bytes(value.max(0.0).round() as u64),
            Self::BytesPerSecond => format!("{}/s", humanize::bytes(value.max(0.0).round() as u64)),
            Self::Users => humanize::level(value, false),
            Self::Number => humanize::number(value),
        }
    }
}

impl Figure {
    pub fn new(what: impl Into<String>, unit: FigureUnit, value: f64) -> Self {
        Self { what: what.into(), text: unit.text(value), value: Some(value), unit, key: None }
    }

    pub fn secs(what: impl Into<String>, secs: f64) -> Self {
        Self::new(what, FigureUnit::Seconds, secs)
    }

    pub fn latency(what: impl Into<String>, latency: Duration) -> Self {
        Self::secs(what, latency.as_secs_f64())
    }

    /// A time since the start of the run.
    pub fn moment(what: impl Into<String>, second: u32) -> Self {
        Self::new(what, FigureUnit::Moment, f64::from(second))
    }

    pub fn rate(what: impl Into<String>, per_sec: f64) -> Self {
        Self::new(what, FigureUnit::PerSecond, per_sec)
    }

    pub fn share(what: impl Into<String>, ratio: f64) -> Self {
        Self::new(what, FigureUnit::Ratio, ratio)
    }

    pub fn count(what: impl Into<String>, n: u64) -> Self {
        Self::new(what, FigureUnit::Count, n as f64)
    }

    pub fn number(what: impl Into<String>, value: f64) -> Self {
        Self::new(what, FigureUnit::Number, value)
    }

    /// How many times as much.
    pub fn times(what: impl Into<String>, factor: f64) -> Self {
        let text = format!("{} ×", humanize::number(factor));
        Self { text, ..Self::number(what, factor) }
    }

    /// How likely something is by chance alone.
    pub fn chance(what: impl Into<String>, p_value: f64) -> Self {
        Self { text: humanize::p_value(p_value), ..Self::number(what, p_value) }
    }

    /// What was asked for: users (closed model) or arrivals per second (open).
    pub fn level(what: impl Into<String>, level: f64, is_open: bool) -> Self {
        let unit = if is_open { FigureUnit::PerSecond } else { FigureUnit::Users };
        Self { text: humanize::level(level, is_open), ..Self::new(what, unit, level) }
    }

    /// A span of time, as people say it.
    pub fn span(what: impl Into<String>, secs: f64) -> Self {
        Self { text: humanize::span(Duration::from_secs_f64(secs.max(0.0))), ..Self::secs(what, secs) }
    }

    /// The same under a key.
    pub fn keyed(self, key: FigureKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The same printed in other words.
    pub fn told(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_printed_in_its_unit() {
        let check = |figure: Figure, text: &str, key: &str| {
            assert_eq!((figure.text.as_str(), figure.unit.key()), (text, key));
        };
        check(Figure::secs("p95", 0.0421), "42.1 ms", "secs");
        check(Figure::moment("first", 90), "1:30", "secs_since_start");
        check(Figure::level("asked", 200.0, true), "200/s", "per_sec");
        check(Figure::level("asked", 200.0, false), "200 users", "users");
        check(Figure::times("slower", 2.0), "2.00 ×", "number");
        check(Figure::chance("chance", 0.00001), "< 0.0001", "number");
        check(Figure::new("received", FigureUnit::BytesPerSecond, 2048.0), "2.0 KiB/s", "bytes_per_sec");
        check(Figure::span("lasted", 90.0), "1 min 30 s", "secs");
    }
}
