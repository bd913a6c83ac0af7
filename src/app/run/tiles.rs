//! The five numbers that are always in sight; each says which stretch of the run it covers.

use egui::Ui;

use super::{
    figures::Figures,
    sight::{Sight, Source},
    stretch::Stretch,
};
use crate::analysis::{peak_requests_per_sec, requests_per_iteration};
use crate::app::{
    state::LoadedRun,
    theme::{self, space},
    widgets::{Tile, number_tile},
};
use crate::humanize::{self, MISSING};
use crate::metrics::LiveSnapshot;
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

/// The five numbers of a run: of what is selected, of a live run's window, or the report's.
pub fn tile_texts(sight: &Sight<'_>, stretch: &Stretch) -> [TileText; N_TILES] {
    match (sight.source, stretch.selected().is_some()) {
        (Source::Kept(run), false) => kept_texts(sight, run),
        (Source::Live(snapshot), false) => figure_texts(sight, stretch, Some(snapshot)),
        (_, true) => figure_texts(sight, stretch, None),
    }
}

/// The figures of a stretch; `now` is the snapshot of a live run without a selection.
fn figure_texts(sight: &Sight<'_>, stretch: &Stretch, now: Option<&LiveSnapshot>) -> [TileText; N_TILES] {
    let (figures, window) = stretch.of_tiles();
    let rate = |per_sec: Option<f64>| per_sec.map_or_else(|| MISSING.to_owned(), humanize::rate);
    let text = |of: fn(&Figures) -> &String| figures.map_or(MISSING, |figures| of(figures)).to_owned();
    let n_errors = figures.map_or(0, |figures| figures.n_errors);
    let mut errors = plain("Error share", text(|figures| &figures.error_share), window.clone());
    if n_errors > 0 {
        errors.caption = format!("{}; {window}", humanize::counted(n_errors, "error"));
        errors.tone = Tone::Alarm;
    }
    let sent_per_sec = figures.and_then(|figures| figures.sent_per_sec);
    [
        asked_text(sight, figures, &window, now),
        plain("Sent rate", rate(sent_per_sec), format!("requests, {window}")),
        plain("Completed rate", text(|figures| &figures.throughput), format!("requests, {window}")),
        plain("p95 response time", text(|figures| &figures.p95), window),
        errors,
    ]
}

/// What was asked for: requests per second, or users.
fn asked_text(
    sight: &Sight<'_>,
    figures: Option<&Figures>,
    window: &str,
    now: Option<&LiveSnapshot>,
) -> TileText {
    let asked_level = figures.and_then(|figures| figures.asked_level);
    if let Some(factor) = requests_per_iteration(sight.scenario) {
        let asked = asked_level.map_or_else(|| MISSING.to_owned(), |level| humanize::rate(level * factor));
        return plain("Asked rate", asked, format!("requests, {window}"));
    }
    let asked = asked_level.map(humanize::number);
    match now {
        Some(snapshot) => {
            let asked = asked.map_or_else(String::new, |asked| format!(", {asked} asked ({window})"));
            plain("Users", humanize::count(u64::from(snapshot.n_users)), format!("now{asked}"))
        }
        None => {
            plain("Users asked for", asked.unwrap_or_else(|| MISSING.to_owned()), format!("mean, {window}"))
        }
    }
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
pub fn tiles_ui(ui: &mut Ui, sight: &Sight<'_>, stretch: &Stretch) {
    let width = ((ui.available_width() - space::M * (N_TILES - 1) as f32) / N_TILES as f32).max(120.0);
    let colors = theme::colors(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for text in tile_texts(sight, stretch) {
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
        app::{run::stretch::TileWindow, state::LiveNow},
        metrics::{Outcome, Phase, RunId, SecondPoint},
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
            recent: Arc::default(),
            thresholds: Arc::default(),
            error_groups: Arc::default(),
            annotations: Arc::default(),
            plan_changes: Arc::default(),
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

    fn values(now: &LiveNow, window: TileWindow) -> Vec<(String, Tone)> {
        let (sight, mut stretch) = (Sight::live(now), Stretch::default());
        stretch.renew(&sight, window);
        tile_texts(&sight, &stretch).into_iter().map(|text| (text.value, text.tone)).collect()
    }

    #[test]
    fn a_live_run_shows_five_numbers_of_the_chosen_window() {
        let mut record = sample::record(sample::scenario());
        record.intervals.truncate(12);
        sample::add(&mut record, 11, 0, &[(Outcome::Status, Duration::from_millis(5)); 20]);
        let run = LoadedRun::new(record).unwrap();
        let mut now = now(run.points.to_vec());
        Arc::make_mut(&mut now.snapshot).past = Arc::clone(&run.history);
        for (window, seconds) in [(TileWindow::LastSeconds, 7..12), (TileWindow::Run, 0..12)] {
            let sums = run.history.sums(seconds).unwrap();
            let figures = Figures::new(&sums, &run.record.start.scenario);
            let sent = humanize::rate(sums.sent_per_sec().unwrap());
            let values = values(&now, window);
            let texts: Vec<_> = values.iter().map(|(value, _)| value.as_str()).collect();
            assert_eq!(texts, ["49", &sent, &figures.throughput, &figures.p95, &figures.error_share]);
            assert_eq!(values[4].1, Tone::Alarm);
        }
    }

    #[test]
    fn a_selection_of_a_kept_run_shows_its_own_five_numbers() {
        let run = LoadedRun::new(sample::record(sample::scenario())).unwrap();
        let (sight, mut stretch) = (Sight::kept(&run), Stretch::default());
        stretch.renew(&sight, TileWindow::Run);
        assert_eq!(tile_texts(&sight, &stretch)[0].label, "Asked for", "the report's");
        stretch.select(3.0, 17.0);
        stretch.renew(&sight, TileWindow::Run);
        let texts = tile_texts(&sight, &stretch);
        let sums = run.history.sums(3..17).unwrap();
        let figures = Figures::new(&sums, sight.scenario);
        assert_eq!(
            (texts[3].value.as_str(), texts[3].caption.as_str()),
            (figures.p95.as_str(), "0:03 to 0:17")
        );
        assert_eq!(texts[0].value, humanize::number(sums.asked_level().unwrap()));
    }

    #[test]
    fn the_numbers_of_a_kept_run_are_those_of_its_report_and_its_json() {
        let run = LoadedRun::new(sample::record(sample::scenario())).unwrap();
        let mut stretch = Stretch::default();
        stretch.renew(&Sight::kept(&run), TileWindow::Run);
        let texts = tile_texts(&Sight::kept(&run), &stretch);
        let precise = run.make_precise().unwrap();
        let paper = run.paper(precise);
        let markdown = crate::report::markdown(&paper);
        let figures = &crate::report::json(&paper)["headline"]["figures"];
        let p95_millis = figures["response_time"]["p95_millis"].as_f64().unwrap();
        assert_eq!(texts[3].value, humanize::latency_secs(p95_millis / 1e3));
        assert!(markdown.contains(&texts[3].value), "{}", texts[3].value);
        assert!(markdown.contains(&texts[2].value), "{}", texts[2].value);
    }

    #[test]
    fn before_the_first_second_nothing_is_claimed() {
        let values = values(&now(Vec::new()), TileWindow::LastSeconds);
        assert!(values[1..].iter().all(|(value, _)| value == MISSING), "{values:?}");
    }
}
