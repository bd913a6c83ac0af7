//! How a percentile of each row went over the run, as a small curve.
//!
//! The run is cut into at most forty windows; each is summed up once, and only the last again as it grows.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use egui::{Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::rows::Row;
use crate::analysis::{Reading, shortest_timeout};
use crate::app::run::sight::Sight;
use crate::app::theme;
use crate::humanize;
use crate::metrics::{History, RunId, StepStats, WindowSums};
use crate::model::{Metric, Scenario};

/// The most windows that a run is cut into.
const MAX_WINDOWS: u32 = 40;
/// Lengths of windows that people can name, in seconds.
const WIDTHS: [u32; 18] = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 60, 120, 180, 300, 600, 1_800, 3_600];
/// What curves show.
const SHOWN: Metric = Metric::Quantile(0.95);
/// After which time a frame sums no further window up; the rest comes with the next frames.
// One window of a run with many steps takes more than that: it is the only one of its frame.
const TIME_PER_FRAME: Duration = Duration::from_micros(1_500);

/// The values of one window, by row.
type Values = Vec<Option<f64>>;

/// The curves of all rows.
#[derive(Default)]
pub struct Sparks {
    of: Option<(RunId, Vec<Vec<usize>>)>,
    /// The stretch that curves are drawn over, whether or not all of it is summed up.
    extent: Range<u32>,
    width: u32,
    /// Of windows that are over.
    closed: Vec<Values>,
    /// The window under way, and where it ended when it was summed up.
    open: Option<(u32, Values)>,
    /// The sums of one window; their memory is used again.
    sums: WindowSums,
}

impl Sparks {
    /// Sums up what is new; says whether more is to come.
    pub fn renew<'r>(&mut self, sight: &Sight<'_>, rows: impl Iterator<Item = &'r Row>) -> bool {
        let members: Vec<Vec<usize>> = rows.map(|row| row.steps.clone()).collect();
        let extent = sight.history.extent();
        let width = window_width(extent.end - extent.start);
        let of = Some((sight.run_id, members));
        if self.of != of || self.width != width || self.extent.start != extent.start {
            *self = Self { of, width, sums: std::mem::take(&mut self.sums), ..Self::default() };
        }
        self.extent = extent.clone();
        let Some((_, members)) = &self.of else { return false };
        let sums = &mut self.sums;
        let mut values = |seconds| window_values((sight.history, sight.scenario), seconds, members, sums);
        let begun_at = Instant::now();
        loop {
            let from = extent.start + self.closed.len() as u32 * self.width;
            let to = (from + self.width).min(extent.end);
            if from >= extent.end || self.open.as_ref().is_some_and(|(end, _)| *end == to) {
                return false;
            }
            if to - from == self.width {
                self.closed.push(values(from..to));
                self.open = None;
            } else {
                self.open = Some((to, values(from..to)));
            }
            if begun_at.elapsed() >= TIME_PER_FRAME {
                return true;
            }
        }
    }

    /// The middle of each window in seconds and its value, of one row.
    fn points(&self, row: usize) -> impl Iterator<Item = (f64, Option<f64>)> {
        let windows = self.closed.iter().chain(self.open.as_ref().map(|(_, values)| values));
        windows.enumerate().map(move |(index, values)| {
            let from = f64::from(self.extent.start) + index as f64 * f64::from(self.width);
            (from + f64::from(self.width) / 2.0, values.get(row).copied().flatten())
        })
    }
}

/// The shortest window of which at most so many make up the run.
fn window_width(n_seconds: u32) -> u32 {
    let fits = |width: &u32| n_seconds.div_ceil(*width) <= MAX_WINDOWS;
    WIDTHS.into_iter().find(fits).unwrap_or_else(|| n_seconds.div_ceil(MAX_WINDOWS))
}

/// The value of each row in a stretch of seconds, from merged histograms.
fn window_values(
    (history, scenario): (&History, &Scenario),
    seconds: Range<u32>,
    members: &[Vec<usize>],
    sums: &mut WindowSums,
) -> Values {
    // A damaged second is told of when the run is opened; here it leaves a gap.
    if history.sum_up(seconds, sums).is_err() {
        return vec![None; members.len()];
    }
    let timeout = shortest_timeout(scenario);
    let value = |steps: &Vec<usize>| {
        let mut together = StepStats::default();
        for stats in steps.iter().filter_map(|step| sums.steps.get(*step)) {
            together.merge_responses(stats);
        }
        let aggregate = sums.aggregate(together);
        Reading::of(&aggregate, SHOWN, timeout).map(|reading| reading.value)
    };
    members.iter().map(value).collect()
}

/// Draws the curve of a row, with the selected stretch behind it.
pub fn spark_ui(ui: &mut Ui, sparks: &Sparks, row: &Row, selection: Option<(u32, u32)>) {
    let size = ui.available_size() - vec2(8.0, 0.0);
    ui.add_space(8.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let plot = rect.shrink2(vec2(2.0, 6.0));
    let points: Vec<(f64, Option<f64>)> = sparks.points(row.spark).collect();
    let highest = points
        .iter()
        .filter_map(|(at, value)| Some((*at, (*value)?)))
        .reduce(|a, b| if b.1 > a.1 { b } else { a });
    let words = format!("{SHOWN} over the run: {}", row.name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    let Some((highest_at, highest)) = highest else { return };
    let extent = (f64::from(sparks.extent.start), f64::from(sparks.extent.end));
    let at = |secs: f64| {
        let share = ((secs - extent.0) / (extent.1 - extent.0)).clamp(0.0, 1.0);
        plot.left() + plot.width() * share as f32
    };
    let colors = theme::colors(ui);
    if let Some((from, to)) = selection {
        let shade = Rect::from_x_y_ranges(at(from.into())..=at(to.into()), rect.y_range());
        ui.painter().rect_filled(shade, 2.0, colors.accent.gamma_multiply(0.18));
    }
    let line = points.iter().map(|(secs, value)| {
        value.map(|value| pos2(at(*secs), plot.bottom() - plot.height() * (value / highest) as f32))
    });
    curve(ui, line, Stroke::new(1.3, colors.series(0)));
    let clock = |secs: f64| humanize::clock(Duration::from_secs_f64(secs.max(0.0)));
    let each = match sparks.width {
        1 => "each second".to_owned(),
        width => format!("every {}", humanize::span(Duration::from_secs(width.into()))),
    };
    response.on_hover_text(format!(
        "{SHOWN} response time of {each}, whole run\nHighest: {} at {}",
        humanize::latency_secs(highest),
        clock(highest_at - f64::from(sparks.width) / 2.0),
    ));
}

/// A line through the points; a missing one interrupts it, and one that stands alone is a dot.
fn curve(ui: &Ui, points: impl Iterator<Item = Option<Pos2>>, stroke: Stroke) {
    let mut piece: Vec<Pos2> = Vec::new();
    let end_piece = |piece: &mut Vec<Pos2>| match piece.as_slice() {
        [] => {}
        [alone] => _ = ui.painter().circle_filled(*alone, stroke.width, stroke.color),
        _ => _ = ui.painter().add(Shape::line(piece.clone(), stroke)),
    };
    for point in points {
        match point {
            Some(point) => piece.push(point),
            None => {
                end_piece(&mut piece);
                piece.clear();
            }
        }
    }
    end_piece(&mut piece);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::app::run::steps::rows::StepGroups;
    use crate::app::state::LoadedRun;

    #[test]
    fn windows_are_as_short_as_forty_of_them_allow() {
        let widths = [0, 40, 41, 80, 81, 7_200, 1_000_000].map(window_width);
        assert_eq!(widths, [1, 1, 2, 2, 3, 180, 25_000]);
    }

    #[test]
    fn every_point_is_the_percentile_of_its_window_and_the_last_one_grows() {
        let mut record = sample::record(sample::scenario());
        for second in 0..40 {
            let slow = Duration::from_millis(200 + 10 * u64::from(second));
            sample::add(&mut record, second, 0, &[(crate::metrics::Outcome::Ok, slow); 4]);
        }
        let whole = LoadedRun::new(record.clone()).unwrap();
        sample::cut(&mut record, crate::metrics::Finish::Stopped, 25);
        let cut = LoadedRun::new(record).unwrap();
        let mut grown = Sparks::default();
        for run in [&cut, &whole] {
            let sight = Sight::kept(run);
            let groups = StepGroups::new(&sight);
            while grown.renew(&sight, groups.rows()) {}
            let last = run.history.extent().end - 1;
            let list = groups.rows().find(|row| row.name == "List courses").unwrap();
            let points: Vec<_> = grown.points(list.spark).collect();
            assert_eq!(points.len() as u32, last + 1);
            let expected = run.history.sums(last..last + 1).unwrap().steps[0].response_time.quantile(0.95);
            assert_eq!(points.last().unwrap().1, expected.map(|latency| latency.as_secs_f64()));
        }
    }
}
