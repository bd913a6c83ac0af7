//! Where time and level are on the ribbon. Pure.

use std::time::Duration;

use egui::{Pos2, Rect, pos2};

use crate::{
    app::{
        design::snap::{level_step, time_step},
        run::sight::Sight,
    },
    metrics::SecondPoint,
    model::{Plan, profile::edit::Point},
};

/// Room above the curves for the stages' names, and below them for the clock.
pub const NAMES_HEIGHT: f32 = 20.0;
pub const CLOCK_HEIGHT: f32 = 15.0;
/// Where points can be dragged there is room behind the end and above the peak.
const ROOM_BEHIND: f64 = 1.06;
const ROOM_ABOVE: f64 = 1.2;

/// How far the axes reach: seconds, and the highest level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    pub until: f64,
    pub level: f64,
}

impl Extent {
    /// Of everything that the ribbon shows.
    pub fn of(sight: &Sight<'_>, preview: Option<&Plan>, is_editable: bool) -> Self {
        let plans = || [Some(sight.planned), Some(sight.plan), preview].into_iter().flatten();
        let until = plans().map(|plan| plan.duration().as_secs_f64()).fold(0.0, f64::max);
        let delivered = sight.points.iter().map(|point| delivered_level(sight, point)).fold(0.0, f64::max);
        let level = plans().map(Plan::peak_level).fold(delivered, f64::max);
        let (behind, above) = if is_editable { (ROOM_BEHIND, ROOM_ABOVE) } else { (1.0, 1.0) };
        Self { until: (until * behind).max(f64::MIN_POSITIVE), level: (level * above).max(f64::MIN_POSITIVE) }
    }

    /// The steps of time and level in which points move.
    pub fn grains(self, is_open: bool) -> (f64, f64) {
        let level = level_step(self.level / 60.0);
        (time_step(self.until / 300.0), if is_open { level } else { level.max(1.0) })
    }
}

/// What was delivered of the plan in a second.
pub fn delivered_level(sight: &Sight<'_>, point: &SecondPoint) -> f64 {
    if sight.plan.is_open() { point.started_per_sec } else { f64::from(point.n_users) }
}

/// The ribbon on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    pub rect: Rect,
    /// Where the curves are.
    pub plot: Rect,
    pub extent: Extent,
}

impl Canvas {
    pub fn new(rect: Rect, extent: Extent) -> Self {
        let plot =
            Rect::from_x_y_ranges(rect.x_range(), rect.top() + NAMES_HEIGHT..=rect.bottom() - CLOCK_HEIGHT);
        Self { rect, plot, extent }
    }

    pub fn x(&self, secs: f64) -> f32 {
        self.rect.left() + self.rect.width() * (secs / self.extent.until).clamp(0.0, 1.0) as f32
    }

    pub fn x_of(&self, at: Duration) -> f32 {
        self.x(at.as_secs_f64())
    }

    pub fn y(&self, level: f64) -> f32 {
        self.plot.bottom() - self.plot.height() * (level / self.extent.level) as f32
    }

    pub fn at(&self, secs: f64, level: f64) -> Pos2 {
        pos2(self.x(secs), self.y(level))
    }

    pub fn position(&self, point: Point) -> Pos2 {
        self.at(point.secs, point.level)
    }

    pub fn secs(&self, x: f32) -> f64 {
        f64::from(((x - self.rect.left()) / self.rect.width()).clamp(0.0, 1.0)) * self.extent.until
    }

    pub fn point(&self, at: Pos2) -> Point {
        let height = ((self.plot.bottom() - at.y) / self.plot.height()).clamp(0.0, 1.0);
        Point { secs: self.secs(at.x), level: f64::from(height) * self.extent.level }
    }
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;

    #[test]
    fn a_place_on_the_screen_is_a_point_and_back() {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 110.0));
        let canvas = Canvas::new(rect, Extent { until: 160.0, level: 300.0 });
        for (secs, level) in [(0.0, 0.0), (40.0, 150.0), (160.0, 300.0)] {
            let point = canvas.point(canvas.position(Point { secs, level }));
            assert!((point.secs - secs).abs() < 0.01 && (point.level - level).abs() < 0.5, "{point:?}");
        }
        assert_eq!(canvas.point(pos2(-9.0, 999.0)), Point { secs: 0.0, level: 0.0 });
    }

    #[test]
    fn points_move_in_steps_that_people_count_in() {
        assert_eq!(Extent { until: 190.0, level: 240.0 }.grains(true), (1.0, 5.0));
        assert_eq!(Extent { until: 30.0, level: 6.0 }.grains(false), (0.5, 1.0));
    }
}
