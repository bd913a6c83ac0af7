//! The five numbers that are always in sight; each says which stretch of the run it covers.

use egui::Ui;

use super::sight::{Sight, Source};
use crate::analysis::{peak_requests_per_sec, requests_per_iteration};
use crate::app::{
    state::LoadedRun,
    theme::{self, space},
    widgets::{Tile, number_tile},
};
use crate::humanize::{self, MISSING};
use crate::metrics::{LiveSnapshot, Phase};
use crate::model::Metric;

const N_TILES: usize = 5;

/// One number in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileText {
    pub label: &'static str,
    pub value: String,
    pub caption: String,
    pub tone: Tone,
}

/// Whether a number asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Alarm,
}

fn plain(label: &'static str, value: String, caption: impl Into<String>) -> TileText {
    TileText { label, value, caption: caption.into(), tone: Tone::Plain }
}

/// The five numbers of a run.
pub fn tile_texts(sight: &Sight<'_>) -> [TileText; N_TILES] {
    match sight.source {
        Source::Live(snapshot) => live_texts(sight, snapshot),
        Source::Kept(run) => kept_texts(sight, run),
    }
}

fn live_texts(sight: &Sight<'_>, snapshot: &LiveSnapshot) -> [TileText; N_TILES] {
    let last = sight.points.last();
    let window = match (snapshot.phase, last) {
        (_, None) => "no second measured yet",
        (Phase::Finished, _) => "last second of the run",
        _ => "requests, last second",
    };
    let value = |text: Option<String>| text.unwrap_or_else(|| MISSING.to_owned());
    let first = match requests_per_iteration(sight.scenario) {
        Some(factor) => {
            let asked = value(last.map(|point| humanize::rate(point.asked_level * factor)));
            plain("Asked rate", asked, window)
        }
        None => {
            let asked = last.map_or_else(String::new, |point| {
                format!(", {} asked", humanize::count(point.asked_level.round() as u64))
            });
            plain("Users", humanize::count(u64::from(snapshot.n_users)), format!("now{asked}"))
        }
    };
    let error_ratio =
        last.filter(|point| point.completed_per_sec > 0.0).map(|p| p.errors_per_sec / p.completed_per_sec);
    let n_errors = humanize::counted(snapshot.n_errors, "error");
    let mut errors = plain(
        "Error share",
        value(error_ratio.map(humanize::percent)),
        format!("last second; {n_errors} so far"),
    );
    if error_ratio.is_some_and(|ratio| ratio > 0.0) {
        errors.tone = Tone::Alarm;
    }
    [
        first,
        plain("Sent rate", value(last.map(|point| humanize::rate(point.sent_per_sec))), window),
        plain("Completed rate", value(last.map(|point| humanize::rate(point.completed_per_sec))), window),
        plain(
            "p95 response time",
            value(last.and_then(|point| point.p95).map(humanize::latency)),
            window.trim_start_matches("requests, "),
        ),
        errors,
    ]
}

/// The report's figures: headline window of the summary.
fn kept_texts(sight: &Sight<'_>, run: &LoadedRun) -> [TileText; N_TILES] {
    let headline = &run.summary.headline;
    let window = run.digest.window.as_str();
    let value = |metric| {
        run.summary.reading(headline, metric).map_or_else(|| MISSING.to_owned(), |reading| reading.text())
    };
    let n_errors = headline.stats.counters.n_errors();
    let mut errors = plain("Error share", value(Metric::ErrorShare), window);
    if n_errors > 0 {
        errors.tone = Tone::Alarm;
    }
    let (peak, peak_of) = match peak_requests_per_sec(sight.scenario, sight.plan) {
        Some(peak) => (humanize::level(peak, true), "requests, highest of the plan"),
        None => (humanize::level(sight.plan.peak_level(), false), "highest of the plan"),
    };
    let n_requests = humanize::count(headline.stats.counters.n_requests());
    [
        plain("Asked for", peak, peak_of),
        plain("Requests", n_requests, window),
        plain("Throughput", value(Metric::Throughput), window),
        plain("p95 response time", value(Metric::Quantile(0.95)), window),
        errors,
    ]
}

/// The tiles side by side over the full width.
pub fn tiles_ui(ui: &mut Ui, sight: &Sight<'_>) {
    let width = ((ui.available_width() - space::M * (N_TILES - 1) as f32) / N_TILES as f32).max(120.0);
    let colors = theme::colors(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for text in tile_texts(sight) {
            let color = (text.tone == Tone::Alarm).then_some(colors.fail);
            let tile = Tile { label: text.label, value: &text.value, caption: &text.caption, color };
            number_tile(ui, &tile, width).on_hover_text(&text.caption);
        }
    });
}

#[cfg(test)]
pub mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        analysis::sample,
        app::state::LiveNow,
        metrics::{RunId, SecondPoint},
        model::Plan,
    };

    /// The sample scenario after twelve seconds.
    pub fn now(history: Vec<SecondPoint>) -> LiveNow {
        let scenario = sample::scenario();
        let snapshot = LiveSnapshot {
            phase: Phase::Running,
            finish: None,
            elapsed: Duration::from_secs(12),
            plan: Arc::new(Plan::new(&scenario, 1.0)),
            stage: 1,
            history: Arc::new(history),
            past: Arc::default(),
            thresholds: Arc::default(),
            steps: Arc::default(),
            error_groups: Arc::default(),
            annotations: Arc::default(),
            n_requests: 900,
            n_errors: 3,
            n_started: 450,
            n_dropped: 0,
            n_users: 49,
            n_in_flight: 7,
            journal_trouble: None,
        };
        LiveNow::new(RunId(4), Arc::new(scenario), Arc::new(snapshot))
    }

    fn values(now: &LiveNow) -> Vec<(String, Tone)> {
        tile_texts(&Sight::live(now)).into_iter().map(|text| (text.value, text.tone)).collect()
    }

    #[test]
    fn a_live_run_shows_five_numbers_of_the_last_second() {
        let mut point =
            SecondPoint::from_interval(&sample::record(sample::scenario()).intervals[11]).unwrap();
        point.errors_per_sec = point.completed_per_sec / 4.0;
        let values = values(&now(vec![point.clone()]));
        let texts: Vec<_> = values.iter().map(|(value, _)| value.as_str()).collect();
        let p95 = humanize::latency(point.p95.unwrap());
        let (sent, completed) = (humanize::rate(point.sent_per_sec), humanize::rate(point.completed_per_sec));
        assert_eq!(texts, ["49", &sent, &completed, &p95, "25 %"]);
        assert_eq!(values[4].1, Tone::Alarm);
    }

    #[test]
    fn before_the_first_second_nothing_is_claimed() {
        let values = values(&now(Vec::new()));
        assert!(values[1..].iter().all(|(value, _)| value == MISSING), "{values:?}");
    }
}
