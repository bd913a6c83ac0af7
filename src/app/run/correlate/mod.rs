//! One series beside a measure of the load: a scatter of seconds, both over time, and how far they go along.

mod measure;
mod scatter;

use std::{sync::Arc, time::Duration};

use egui::{Label, Ui, accesskit::Role};

use self::measure::{MAX_LAG, Measure, Pair, pairs, series_values};
use super::{resources::long_name, sight::Sight};
use crate::analysis::findings::{
    CorrelationAtLag, LaggedCorrelation, correlation_at_lag, lagged_correlation,
};
use crate::app::{
    charts::{Chart, ChartGroup, ChartUnit, Look, Series, TimePoint, chart_with},
    theme::{self, Weight, size, space},
    widgets::{self, labelled},
};
use crate::humanize;
use crate::metrics::Watched;

/// From this width on the scatter stands beside both lines.
const TWO_COLUMNS: f32 = 760.0;
const PLOT_HEIGHT: f32 = 84.0;

/// What the correlate view remembers between frames.
#[derive(Default)]
pub struct CorrelateView {
    /// Monitor and series; none takes the first.
    chosen: Option<(String, String)>,
    measure: Measure,
    lag: i32,
    made: Option<Made>,
    n_made: u64,
}

/// What is worked out once for what was chosen.
struct Made {
    of: Key,
    name: String,
    unit: ChartUnit,
    pairs: Vec<Pair>,
    at_lag: CorrelationAtLag,
    strongest: Option<LaggedCorrelation>,
    series: Vec<Series>,
    measure: Vec<Series>,
}

/// What the view was made of.
struct Key {
    watched: Arc<Watched>,
    place: usize,
    measure: Measure,
    lag: i32,
    selection: Option<(u32, u32)>,
    n_points: usize,
}

impl Key {
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.watched, &other.watched)
            && (self.place, self.measure, self.lag) == (other.place, other.measure, other.lag)
            && (self.selection, self.n_points) == (other.selection, other.n_points)
    }
}

impl CorrelateView {
    pub fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, watched: &Arc<Watched>, group: &mut ChartGroup) {
        widgets::section_with(ui, "Correlate", |ui| {
            let words = if sight.selection.is_some() { "selected stretch" } else { "whole run" };
            ui.label(theme::small(ui, words));
        });
        let Some(place) = self.place(watched) else {
            ui.label(theme::muted(ui, "No series was read yet"));
            return;
        };
        let place = self.choice_ui(ui, watched, place);
        self.renew(sight, watched, place);
        self.words_ui(ui);
        let Some(made) = &self.made else { return };
        let n_made = self.n_made;
        if ui.available_width() < TWO_COLUMNS {
            scatter::scatter_ui(ui, &made.scatter(self.measure), sight.plan);
            lines_ui(ui, made, n_made, group, self.measure);
            return;
        }
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                scatter::scatter_ui(left, &made.scatter(self.measure), sight.plan);
                lines_ui(right, made, n_made, group, self.measure);
            }
        });
    }

    /// Where the chosen series stands; else the first that was read.
    fn place(&self, watched: &Watched) -> Option<usize> {
        let chosen = self.chosen.as_ref().and_then(|(monitor, name)| {
            watched
                .series
                .iter()
                .position(|series| series.info.monitor == *monitor && series.info.name == *name)
        });
        let read =
            || watched.series.iter().position(|series| series.values.iter().any(|value| value.is_finite()));
        chosen.or_else(read)
    }

    /// Series, measure and lag; returns where the chosen series stands.
    fn choice_ui(&mut self, ui: &mut Ui, watched: &Watched, mut place: usize) -> usize {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            labelled(ui, "Series", |ui| {
                let combo = egui::ComboBox::from_id_salt("correlated series")
                    .width(240.0)
                    .truncate()
                    .selected_text(long_name(&watched.series[place].info));
                let response = combo
                    .show_ui(ui, |ui| {
                        for (index, series) in watched.series.iter().enumerate() {
                            ui.selectable_value(&mut place, index, long_name(&series.info))
                                .on_hover_text(&series.info.meaning);
                        }
                    })
                    .response;
                response
                    .widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, "Series to correlate"));
            });
            labelled(ui, "Measure", |ui| {
                let choices = Measure::ALL.map(|measure| (measure, measure.name()));
                widgets::segments(ui, &mut self.measure, &choices);
            });
            labelled(ui, "The measure is taken later by", |ui| {
                ui.horizontal(|ui| {
                    let drag = egui::DragValue::new(&mut self.lag).range(-MAX_LAG..=MAX_LAG).suffix(" s");
                    let response = ui.add(drag.speed(0.1));
                    let lag = self.lag;
                    response.widget_info(|| egui::WidgetInfo {
                        label: Some("Lag in seconds".to_owned()),
                        value: Some(f64::from(lag)),
                        ..egui::WidgetInfo::new(Role::SpinButton)
                    });
                    let strongest = self.made.as_ref().and_then(|made| made.strongest);
                    if let Some(strongest) = strongest.filter(|found| found.lag_secs != self.lag) {
                        let words = format!("Use the strongest: {}", lag_text(strongest.lag_secs));
                        let tip = "The lag of at most five seconds at which they go along most";
                        if widgets::link_button(ui, &words).on_hover_text(tip).clicked() {
                            self.lag = strongest.lag_secs;
                        }
                    }
                });
            });
        });
        let info = &watched.series[place].info;
        self.chosen = Some((info.monitor.clone(), info.name.clone()));
        place
    }

    fn renew(&mut self, sight: &Sight<'_>, watched: &Arc<Watched>, place: usize) {
        let key = Key {
            watched: Arc::clone(watched),
            place,
            measure: self.measure,
            lag: self.lag,
            selection: sight.selection,
            n_points: sight.points.len(),
        };
        if self.made.as_ref().is_some_and(|made| made.of.is_same(&key)) {
            return;
        }
        let series = &watched.series[place];
        let values = series_values(series, sight.selection);
        let measured = self.measure.values(sight.points, sight.selection);
        let line = |name: String, hue, points| vec![Series::new(name, hue, points)];
        let name = long_name(&series.info);
        self.made = Some(Made {
            of: key,
            unit: ChartUnit::of_series(series.info.unit),
            pairs: pairs(&values, &measured, self.lag, sight.plan),
            at_lag: correlation_at_lag(&values, &measured, self.lag),
            strongest: lagged_correlation(&values, &measured),
            series: line(name.clone(), 0, over_time(&values, f64::from(self.lag))),
            measure: line(self.measure.name().to_owned(), 1, over_time(&measured, 0.0)),
            name,
        });
        self.n_made += 1;
    }

    /// How far they go along, in one line, and what that does not mean.
    fn words_ui(&self, ui: &mut Ui) {
        let Some(made) = &self.made else { return };
        let words = correlation_words(&made.at_lag, self.measure);
        ui.add(Label::new(theme::text(words, size::BODY, Weight::Medium)).wrap());
        let caution = "A suspect, not a cause: both may follow something else, such as the load. The correlation is \
                       Spearman's, of how both change from one second to the next.";
        ui.add(Label::new(theme::small(ui, caution)).wrap());
    }
}

impl Made {
    fn scatter(&self, measure: Measure) -> scatter::Scatter<'_> {
        scatter::Scatter { name: &self.name, unit: self.unit, measure, pairs: &self.pairs }
    }
}

/// Seconds with a value, moved in time; a second without one is a gap.
fn over_time(values: &[(u32, f64)], later_by: f64) -> Vec<TimePoint> {
    let mut points = Vec::with_capacity(values.len());
    let mut expected = values.first().map_or(0, |(second, _)| *second);
    for (second, value) in values {
        let at = |second: u32| f64::from(second) + 1.0 + later_by;
        if *second > expected {
            points.push(TimePoint { at_secs: at(expected), value: None });
        }
        points.push(TimePoint { at_secs: at(*second), value: Some(*value) });
        expected = second + 1;
    }
    points
}

fn correlation_words(at_lag: &CorrelationAtLag, measure: Measure) -> String {
    let pairs = humanize::counted(at_lag.n_pairs as u64, "pair");
    let lag = match at_lag.lag_secs {
        0 => "in the same second".to_owned(),
        lag if lag > 0 => format!("{} {} later", measure.name(), lag_text(lag)),
        lag => format!("{} {} earlier", measure.name(), lag_text(-lag)),
    };
    let Some((correlation, p_value)) = at_lag.found else {
        return format!(
            "No correlation can be told from {pairs} of seconds, {lag}: it takes 30 in which both change"
        );
    };
    let interval = at_lag.interval.map_or_else(String::new, |(low, high)| {
        let (low, high) = (humanize::signed_decimal(low, 2), humanize::signed_decimal(high, 2));
        format!(" (95 % interval {low} to {high})")
    });
    format!(
        "r {}{interval}, {lag}, {pairs} of seconds, p {}",
        humanize::signed_decimal(correlation, 2),
        humanize::p_value(p_value)
    )
}

fn lag_text(lag: i32) -> String {
    let time = humanize::span(Duration::from_secs(lag.unsigned_abs().into()));
    if lag < 0 { format!("−{time}") } else { time }
}

/// Both over time, one above the other, under the crosshair of all charts.
fn lines_ui(ui: &mut Ui, made: &Made, n_made: u64, group: &mut ChartGroup, measure: Measure) {
    let tall = std::mem::replace(&mut group.plot_height, PLOT_HEIGHT);
    let moved = match made.of.lag {
        0 => made.name.clone(),
        lag => format!("{}, moved by {}", made.name, lag_text(lag)),
    };
    let chart = |id, title, unit, series| Chart {
        id,
        title,
        unit,
        look: Look::Lines,
        series,
        targets: &[],
        revision: n_made,
        empty_text: "Nothing was read in it",
    };
    let of_measure = measure_title(measure);
    chart_with(ui, group, &chart("correlated series", &moved, made.unit, &made.series), 0, |_| {});
    chart_with(
        ui,
        group,
        &chart("correlated measure", &of_measure, measure.unit(), &made.measure),
        0,
        |_| {},
    );
    group.plot_height = tall;
}

fn measure_title(measure: Measure) -> String {
    match measure {
        Measure::Throughput => "Completed per second".to_owned(),
        Measure::ErrorShare => "Error share".to_owned(),
        percentile => format!("{} response time", percentile.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_tell_correlation_lag_pairs_and_interval() {
        let at_lag = CorrelationAtLag {
            lag_secs: 2,
            n_pairs: 118,
            found: Some((-0.621, 0.0003)),
            interval: Some((-0.75, -0.44)),
        };
        assert_eq!(
            correlation_words(&at_lag, Measure::P95),
            "r −0.62 (95 % interval −0.75 to −0.44), p95 2 s later, 118 pairs of seconds, p 0.00030"
        );
        let none = CorrelationAtLag { lag_secs: 0, n_pairs: 1, found: None, interval: None };
        let words = correlation_words(&none, Measure::P95);
        assert!(words.contains("1 pair of seconds") && words.contains("takes 30"), "{words}");
        assert_eq!(lag_text(-3), "−3 s");
    }

    #[test]
    fn a_line_that_is_moved_keeps_its_gaps() {
        let points = over_time(&[(0, 1.0), (1, 2.0), (4, 3.0)], 2.0);
        let read: Vec<(f64, Option<f64>)> = points.iter().map(|point| (point.at_secs, point.value)).collect();
        assert_eq!(read, [(3.0, Some(1.0)), (4.0, Some(2.0)), (5.0, None), (7.0, Some(3.0))]);
    }
}
