//! What charts over the same run share: extent, zoom, crosshair, stage bands, marks and their prepared lines.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use super::{
    Chart,
    decimate::{Pieces, decimate},
};

/// The shortest stretch that a drag zooms into, in seconds.
const SHORTEST_ZOOM_SECS: f64 = 2.0;

/// What a shaded stretch of the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    Stage,
    WarmUp,
    Pause,
}

/// A shaded stretch of the run with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub name: String,
    pub from_secs: f64,
    pub to_secs: f64,
    pub kind: BandKind,
}

/// A moment of the run with a text: a note or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub at_secs: f64,
    pub text: String,
}

/// Charts over the same stretch of time with one crosshair and one zoom.
#[derive(Default)]
pub struct ChartGroup {
    /// The whole stretch, from zero.
    pub extent_secs: f64,
    pub bands: Vec<Band>,
    pub marks: Vec<Mark>,
    zoom: Option<(f64, f64)>,
    /// Whether a drag selects a stretch, or zooms into it.
    pub(super) drag_selects: bool,
    selection: Option<(f64, f64)>,
    crosshair: Option<f64>,
    /// Set by the chart under the pointer, for all charts of the next frame.
    next_crosshair: Option<f64>,
    pub(super) drag_from: Option<f64>,
    hidden: HashSet<(&'static str, String)>,
    prepared: HashMap<&'static str, Prepared>,
}

/// Lines of one chart, decimated for one width and zoom.
struct Prepared {
    revision: u64,
    range: (f64, f64),
    n_columns: usize,
    lines: Vec<Pieces>,
}

impl ChartGroup {
    /// Charts in which a drag selects a stretch instead of zooming into it.
    pub fn selecting() -> Self {
        Self { drag_selects: true, ..Self::default() }
    }

    /// To be called once before the group's charts are drawn.
    pub fn begin_frame(&mut self) {
        self.crosshair = self.next_crosshair.take();
    }

    /// The visible stretch of time.
    pub fn range(&self) -> RangeInclusive<f64> {
        let (from, to) = self.zoom.unwrap_or((0.0, self.extent_secs.max(1.0)));
        from..=to
    }

    pub fn is_zoomed(&self) -> bool {
        self.zoom.is_some()
    }

    /// Shows a stretch of time, in seconds since the start.
    pub fn zoom_to(&mut self, a: f64, b: f64) {
        let (from, to) = (a.min(b).max(0.0), a.max(b).min(self.extent_secs));
        if to - from >= SHORTEST_ZOOM_SECS {
            self.zoom = Some((from, to));
        }
    }

    /// Shows everything again.
    pub fn reset_zoom(&mut self) {
        self.zoom = None;
    }

    /// The stretch that the analyst selected, in whole seconds since the start.
    pub fn selection(&self) -> Option<(f64, f64)> {
        self.selection
    }

    /// Selects a stretch of whole seconds, at least one.
    pub fn select(&mut self, a: f64, b: f64) {
        let end = self.extent_secs.ceil().max(1.0);
        let from = a.min(b).round().clamp(0.0, end - 1.0);
        let to = a.max(b).round().clamp(from + 1.0, end);
        self.selection = Some((from, to));
    }

    pub fn clear_selection(&mut self) {
        self.selection = None;
    }

    /// Shows everything, and nothing selected.
    pub fn reset(&mut self) {
        self.reset_zoom();
        self.clear_selection();
    }

    /// The moment under the pointer, whichever chart it is over.
    pub fn crosshair(&self) -> Option<f64> {
        self.crosshair
    }

    /// Moves the crosshair of all charts in the next frame.
    pub fn point_at(&mut self, at_secs: f64) {
        self.next_crosshair = Some(at_secs);
    }

    pub(super) fn is_hidden(&self, chart: &'static str, series: &str) -> bool {
        self.hidden.contains(&(chart, series.to_owned()))
    }

    pub(super) fn toggle(&mut self, chart: &'static str, series: &str) {
        let key = (chart, series.to_owned());
        if !self.hidden.remove(&key) {
            self.hidden.insert(key);
        }
    }

    /// Decimates a chart's series if data, zoom or width changed since the last time.
    pub(super) fn prepare(&mut self, chart: &Chart<'_>, n_columns: usize) {
        let range = self.range();
        let bounds = (*range.start(), *range.end());
        let is_fresh = self.prepared.get(chart.id).is_some_and(|prepared| {
            (prepared.revision, prepared.range, prepared.n_columns) == (chart.revision, bounds, n_columns)
                && prepared.lines.len() == chart.series.len()
        });
        if !is_fresh {
            let lines =
                chart.series.iter().map(|series| decimate(&series.points, &range, n_columns)).collect();
            self.prepared
                .insert(chart.id, Prepared { revision: chart.revision, range: bounds, n_columns, lines });
        }
    }

    /// The lines made by [`prepare`](Self::prepare), one per series.
    pub(super) fn lines(&self, chart: &'static str) -> &[Pieces] {
        self.prepared.get(chart).map_or(&[], |prepared| &prepared.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zoom_stays_within_the_run_and_resets() {
        let mut group = ChartGroup { extent_secs: 60.0, ..ChartGroup::default() };
        group.zoom_to(50.0, 30.0);
        assert_eq!(group.range(), 30.0..=50.0);
        group.zoom_to(-5.0, 90.0);
        assert_eq!(group.range(), 0.0..=60.0);
        group.zoom_to(10.0, 10.5);
        assert_eq!(group.range(), 0.0..=60.0, "too short to mean it");
        group.reset_zoom();
        assert!(!group.is_zoomed());
    }

    #[test]
    fn a_selection_is_of_whole_seconds_within_the_run() {
        let mut group = ChartGroup { extent_secs: 60.0, ..ChartGroup::default() };
        group.select(40.4, 12.6);
        assert_eq!(group.selection(), Some((13.0, 40.0)));
        group.select(59.9, 70.0);
        assert_eq!(group.selection(), Some((59.0, 60.0)), "at least one");
        group.reset();
        assert_eq!(group.selection(), None);
    }

    #[test]
    fn the_crosshair_lasts_one_frame() {
        let mut group = ChartGroup::default();
        group.point_at(4.0);
        group.begin_frame();
        assert_eq!(group.crosshair(), Some(4.0));
        group.begin_frame();
        assert_eq!(group.crosshair(), None);
    }
}
