//! A projection set beside a run that was measured later: whether each percentile came out within its range.

use std::time::Duration;

use crate::analysis::{Summary, metric_words, reading::censored_ratio, words::listed};
use crate::humanize;
use crate::metrics::{HistogramError, KeptRun, RunId};
use crate::model::Metric;

use super::{
    base::{Later, LaterFigures},
    projection::{Line, Projected, ProjectedPercentile, Projection},
};

/// A rate that differs by no more than this share from the one of the projection is the same.
const SAME_RATE: f64 = 0.05;

/// More projections than that, of a run's own or of earlier ones, do not stand in a report.
const MOST_SHOWN: usize = 10;

/// A projection that is kept with its run.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberedProjection {
    pub run_id: RunId,
    /// Within its run, from 1.
    pub number: u32,
    pub projection: Projection,
}

/// The projections that belong to a run's report, as they were kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptProjections {
    /// Made from this run.
    pub own: Vec<NumberedProjection>,
    /// Made from earlier runs of the scenario, the newest first.
    pub earlier: Vec<NumberedProjection>,
    /// What could not be read, a sentence each.
    pub unreadable: Vec<String>,
}

/// The projections that belong to a run's report, earlier ones beside what was measured now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projections {
    pub own: Vec<NumberedProjection>,
    pub measured: Vec<PredictedAndMeasured>,
    /// What could not be read or is left out, a sentence each.
    pub notes: Vec<String>,
}

/// A projection beside what a later run measured.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictedAndMeasured {
    pub predicted: NumberedProjection,
    /// Requests per second of the scope now.
    pub measured_per_sec: Option<f64>,
    /// Why the two do not compare; none where they do.
    pub obstacle: Option<String>,
    pub rows: Vec<PredictedRow>,
    /// What it comes to, in a sentence.
    pub sentence: String,
}

/// One percentile of one line beside what was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedRow {
    pub quantile: f64,
    pub line: Line,
    /// What was measured when the projection was made.
    pub base_secs: f64,
    pub predicted: Projected,
    pub measured_secs: f64,
    /// Its bounds at 95 % confidence, where they are known.
    pub low_secs: Option<f64>,
    pub high_secs: Option<f64>,
    pub agreement: Agreement,
}

/// How a measured value lies to a projected range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Within.
    Inside,
    /// Outside, but its interval reaches into the range.
    Touching,
    Above,
    Below,
}

impl KeptProjections {
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.earlier.is_empty() && self.unreadable.is_empty()
    }

    /// Sets the earlier ones beside what the run measured.
    ///
    /// # Errors
    /// Where a kept histogram cannot be read.
    pub fn beside(self, run: &KeptRun, summary: &Summary) -> Result<Projections, HistogramError> {
        let mut notes = self.unreadable;
        for (n, which) in [(self.own.len(), "of this run"), (self.earlier.len(), "of earlier runs")] {
            let n_left_out = n.saturating_sub(MOST_SHOWN);
            if n_left_out > 0 {
                let more = humanize::counted(n_left_out as u64, "more projection");
                notes.push(format!("{more} {which} left out: the newest {MOST_SHOWN} are told."));
            }
        }
        let later = Later::new(run, summary)?;
        let beside = |predicted| set_beside(predicted, &later);
        let measured = self.earlier.into_iter().take(MOST_SHOWN).map(beside).collect::<Result<_, _>>()?;
        let own = self.own[self.own.len().saturating_sub(MOST_SHOWN)..].to_vec();
        Ok(Projections { own, measured, notes })
    }
}

impl Projections {
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.measured.is_empty() && self.notes.is_empty()
    }

    /// All of them as they are kept: equal texts, equal projections.
    pub fn texts(&self) -> String {
        let earlier = self.measured.iter().map(|measured| &measured.predicted);
        let text = |of: &NumberedProjection| format!("{} {}\n", of.number, of.projection.text());
        let all: String = self.own.iter().chain(earlier).map(text).collect();
        all + &self.notes.join("\n")
    }
}

impl PredictedAndMeasured {
    /// The rows of a line.
    pub fn rows_of(&self, line: Line) -> impl Iterator<Item = &PredictedRow> {
        self.rows.iter().filter(move |row| row.line == line)
    }
}

impl Agreement {
    fn of(predicted: Projected, measured: f64, bounds: (Option<f64>, Option<f64>)) -> Self {
        if measured > predicted.high_secs {
            // Without a lower bound nothing keeps the true value from being there.
            let reaches = bounds.0.is_none_or(|low| low <= predicted.high_secs);
            return if reaches { Self::Touching } else { Self::Above };
        }
        if measured < predicted.low_secs {
            let reaches = bounds.1.is_none_or(|high| high >= predicted.low_secs);
            return if reaches { Self::Touching } else { Self::Below };
        }
        Self::Inside
    }

    /// In a table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Inside => "within the range",
            Self::Touching => "outside, but its interval reaches into the range",
            Self::Above => "slower than projected",
            Self::Below => "faster than projected",
        }
    }
}

/// Sets a projection beside what a later run measured of the same requests.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn compare_with_measured(
    predicted: NumberedProjection,
    run: &KeptRun,
    summary: &Summary,
) -> Result<PredictedAndMeasured, HistogramError> {
    set_beside(predicted, &Later::new(run, summary)?)
}

fn set_beside(
    predicted: NumberedProjection,
    later: &Later<'_>,
) -> Result<PredictedAndMeasured, HistogramError> {
    let projection = &predicted.projection;
    let found = later.figures(&projection.scope, &projection.window)?;
    let found = found.filter(|found| found.secs > 0.0 && !found.stats.response_time.is_empty());
    let mut compared = PredictedAndMeasured {
        measured_per_sec: None,
        obstacle: None,
        rows: Vec::new(),
        sentence: String::new(),
        predicted: predicted.clone(),
    };
    match &found {
        None => {
            compared.obstacle =
                Some(format!("This run measured nothing for {} in its window.", projection.scope));
        }
        Some(found) => {
            let per_sec = found.stats.counters.n_requests() as f64 / found.secs;
            compared.measured_per_sec = Some(per_sec);
            compared.obstacle = other_rate(projection.projected_per_sec, per_sec);
            let of_line = |line: &Line| {
                let percentiles = projection.percentiles.iter();
                percentiles.filter_map(|percentile| row(*line, percentile, found)).collect::<Vec<_>>()
            };
            compared.rows = Line::ALL.iter().flat_map(of_line).collect();
        }
    }
    compared.sentence = sentence(&compared);
    Ok(compared)
}

/// A percentile of a line beside what was measured; none where one of them is not known.
fn row(line: Line, percentile: &ProjectedPercentile, found: &LaterFigures) -> Option<PredictedRow> {
    let quantile = percentile.quantile;
    let predicted = percentile.line(line)?;
    let measured_secs = found.stats.response_time.quantile(quantile)?.as_secs_f64();
    // A percentile that timeouts hide is not that of the successful requests.
    if censored_ratio(&found.stats) >= 1.0 - quantile - 1e-12 {
        return None;
    }
    let interval = found.intervals.iter().find(|found| found.quantile == quantile);
    let secs = |bound: Option<Duration>| bound.map(|bound| bound.as_secs_f64());
    let bounds = interval.map_or((None, None), |found| (secs(found.low), secs(found.high)));
    Some(PredictedRow {
        quantile,
        line,
        base_secs: percentile.base_secs,
        predicted,
        measured_secs,
        low_secs: bounds.0,
        high_secs: bounds.1,
        agreement: Agreement::of(predicted, measured_secs, bounds),
    })
}

fn other_rate(projected: f64, measured: f64) -> Option<String> {
    let is_same = projected > 0.0 && (measured / projected - 1.0).abs() <= SAME_RATE;
    (!is_same).then(|| {
        format!(
            "This run measured another rate, {} where the projection holds for {}: differences may come from that.",
            humanize::rate(measured),
            humanize::rate(projected)
        )
    })
}

fn sentence(compared: &PredictedAndMeasured) -> String {
    let Some(line) = compared.predicted.projection.speaking_line() else {
        return "Nothing was projected.".to_owned();
    };
    let rows: Vec<&PredictedRow> = compared.rows_of(line).collect();
    if rows.is_empty() {
        return compared.obstacle.clone().unwrap_or_else(|| "Nothing can be compared.".to_owned());
    }
    let named = |wanted: &[Agreement]| -> Vec<String> {
        let found = rows.iter().filter(|row| wanted.contains(&row.agreement));
        found.map(|row| Metric::Quantile(row.quantile).to_string()).collect()
    };
    let inside = named(&[Agreement::Inside]);
    let mut text = format!(
        "{} of {} came out within the projected range ({})",
        humanize::count(inside.len() as u64),
        humanize::counted(rows.len() as u64, "percentile"),
        line.name()
    );
    for (agreement, words) in [
        (Agreement::Touching, "not told apart from it"),
        (Agreement::Above, "slower than projected"),
        (Agreement::Below, "faster than projected"),
    ] {
        let found = named(&[agreement]);
        if !found.is_empty() {
            text += &format!("; {}: {words}", listed(&found));
        }
    }
    text + "."
}

/// A percentile's name in a table.
pub fn percentile_words(quantile: f64) -> String {
    metric_words(Metric::Quantile(quantile))
}
