//! What charts over the same run share: extent, zoom, crosshair, stage bands, marks and their prepared lines.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use super::{Chart, prepared::Prepared};

/// The shortest stretch that charts show, in seconds.
const SHORTEST_ZOOM_SECS: f64 = 2.0;
/// How much one step of zoom enlarges.
pub const ZOOM_STEP: f64 = 1.5;
/// Height of plots where a screen does not say otherwise.
const PLOT_HEIGHT: f32 = 150.0;

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

/// Which part of a selection is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionPart {
    Start,
    End,
    Whole,
}

/// Charts over the same stretch of time with one crosshair and one zoom.
pub struct ChartGroup {
    /// The whole stretch, from zero.
    pub extent_secs: f64,
    /// How far the run has been measured.
    pub measured_secs: f64,
    pub bands: Vec<Band>,
    pub marks: Vec<Mark>,
    /// Height of every plot, so that charts line up.
    pub plot_height: f32,
    zoom: Option<(f64, f64)>,
    /// Whether a drag selects a stretch, or zooms into it.
    pub(super) drag_selects: bool,
    selection: Option<(f64, f64)>,
    crosshair: Option<f64>,
    /// Set by the chart under the pointer, for all charts of the next frame.
    next_crosshair: Option<f64>,
    drag: Option<Drag>,
    hidden: HashSet<(&'static str, String)>,
    prepared: HashMap<&'static str, Prepared>,
}

/// A drag that is going on.
#[derive(Clone, Copy)]
struct Drag {
    /// The end that stays.
    from_secs: f64,
    /// What was visible when it began: a run that grows must not move under the pointer.
    range: (f64, f64),
}

impl Default for ChartGroup {
    fn default() -> Self {
        Self {
            extent_secs: 0.0,
            measured_secs: 0.0,
            bands: Vec::new(),
            marks: Vec::new(),
            plot_height: PLOT_HEIGHT,
            zoom: None,
            drag_selects: false,
            selection: None,
            crosshair: None,
            next_crosshair: None,
            drag: None,
            hidden: HashSet::new(),
            prepared: HashMap::new(),
        }
    }
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
        let (from, to) = match self.drag {
            Some(drag) => drag.range,
            None => self.zoom.unwrap_or((0.0, self.extent_secs.max(1.0))),
        };
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

    /// Enlarges (a factor above one) or widens what is shown; `at_secs` stays where it is.
    pub fn zoom_about(&mut self, at_secs: f64, factor: f64) {
        let (from, to) = (*self.range().start(), *self.range().end());
        let span = ((to - from) / factor).max(SHORTEST_ZOOM_SECS);
        if !span.is_finite() || span >= self.extent_secs {
            self.zoom = None;
            return;
        }
        let place = (at_secs - from) / (to - from).max(f64::MIN_POSITIVE);
        let start = (at_secs - span * place).clamp(0.0, self.extent_secs - span);
        self.zoom = Some((start, start + span));
    }

    /// The same about the crosshair, the selection or the middle, whichever there is first.
    pub fn zoom_by(&mut self, factor: f64) {
        let range = self.range();
        let of_selection = self.selection.map(|(from, to)| (from + to) / 2.0).filter(|at| range.contains(at));
        let middle = (range.start() + range.end()) / 2.0;
        self.zoom_about(self.crosshair.or(of_selection).unwrap_or(middle), factor);
    }

    /// Shows what is selected, with nothing around it.
    pub fn zoom_to_selection(&mut self) {
        if let Some((from, to)) = self.selection {
            // A lone second needs some room around it.
            let missing = (SHORTEST_ZOOM_SECS - (to - from)).max(0.0) / 2.0;
            let start = (from - missing).max(0.0);
            self.zoom = Some((start, (to + missing).max(start + SHORTEST_ZOOM_SECS)));
        }
    }

    /// Moves what is shown by so many seconds, within the run.
    pub fn pan(&mut self, by_secs: f64) {
        if let Some((from, to)) = self.zoom {
            let by_secs = by_secs.clamp(-from, (self.extent_secs - to).max(0.0));
            self.zoom = Some((from + by_secs, to + by_secs));
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

    /// Selects what is shown, as far as it was measured.
    pub fn select_shown(&mut self) {
        let range = self.range();
        self.select(*range.start(), range.end().min(self.measured_secs));
    }

    /// Moves the selection or one of its ends by whole seconds, within the run.
    pub fn move_selection(&mut self, part: SelectionPart, by_secs: f64) {
        let Some((from, to)) = self.selection else { return };
        let end = self.extent_secs.ceil().max(1.0);
        match part {
            SelectionPart::Start => self.select((from + by_secs).min(to - 1.0), to),
            SelectionPart::End => self.select(from, (to + by_secs).max(from + 1.0)),
            SelectionPart::Whole => {
                let by_secs = by_secs.clamp(-from, (end - to).max(0.0));
                self.select(from + by_secs, to + by_secs);
            }
        }
    }

    pub fn clear_selection(&mut self) {
        self.selection = None;
    }

    /// A drag begins; with `extends` it moves the nearer end of the selection.
    pub(super) fn begin_drag(&mut self, at_secs: f64, extends: bool) {
        let far_end = self
            .selection
            .filter(|_| extends)
            .map(|(from, to)| if (at_secs - from).abs() < (at_secs - to).abs() { to } else { from });
        let range = (*self.range().start(), *self.range().end());
        self.drag = Some(Drag { from_secs: far_end.unwrap_or(at_secs), range });
    }

    /// Where the drag that is going on began.
    pub(super) fn drag_from(&self) -> Option<f64> {
        self.drag.map(|drag| drag.from_secs)
    }

    pub(super) fn end_drag(&mut self) {
        self.drag = None;
    }

    /// Shows everything, and nothing selected.
    pub fn reset(&mut self) {
        self.end_drag();
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

    /// Whether a click on the legend hid a series.
    pub fn is_hidden(&self, chart: &'static str, series: &str) -> bool {
        self.hidden.contains(&(chart, series.to_owned()))
    }

    pub(super) fn toggle(&mut self, chart: &'static str, series: &str) {
        let key = (chart, series.to_owned());
        if !self.hidden.remove(&key) {
            self.hidden.insert(key);
        }
    }

    /// Decimates a chart's series if data, zoom, width or what is hidden changed since the last time.
    pub(super) fn prepare(&mut self, chart: &Chart<'_>, n_columns: usize) {
        let range = self.range();
        let hidden: Vec<bool> =
            chart.series.iter().map(|series| self.is_hidden(chart.id, &series.name)).collect();
        let is_fresh = self
            .prepared
            .get(chart.id)
            .is_some_and(|prepared| prepared.is_of(chart.revision, &range, n_columns, &hidden));
        if !is_fresh {
            self.prepared.insert(chart.id, Prepared::new(chart, &range, n_columns, hidden));
        }
    }

    /// What [`prepare`](Self::prepare) made.
    pub(super) fn prepared(&self, chart: &'static str) -> Option<&Prepared> {
        self.prepared.get(chart)
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
    fn zoom_keeps_the_moment_under_the_pointer_and_ends_at_the_whole_run() {
        let mut group = ChartGroup { extent_secs: 100.0, ..ChartGroup::default() };
        group.zoom_about(25.0, 2.0);
        assert_eq!(group.range(), 12.5..=62.5);
        group.zoom_about(62.5, 5.0);
        assert_eq!(group.range(), 52.5..=62.5);
        group.pan(-100.0);
        assert_eq!(group.range(), 0.0..=10.0);
        group.pan(4.0);
        assert_eq!(group.range(), 4.0..=14.0);
        (0..9).for_each(|_| group.zoom_by(ZOOM_STEP));
        assert_eq!(group.range(), 8.0..=10.0, "no shorter than two seconds");
        (0..10).for_each(|_| group.zoom_by(1.0 / ZOOM_STEP));
        assert!(!group.is_zoomed());
    }

    #[test]
    fn a_selection_moves_and_stretches_by_seconds_within_the_run() {
        let mut group = ChartGroup { extent_secs: 60.0, ..ChartGroup::default() };
        group.move_selection(SelectionPart::Whole, 1.0);
        assert_eq!(group.selection(), None);
        group.select(10.0, 20.0);
        group.move_selection(SelectionPart::Whole, -15.0);
        assert_eq!(group.selection(), Some((0.0, 10.0)), "its length stays");
        group.move_selection(SelectionPart::End, 5.0);
        group.move_selection(SelectionPart::Start, 14.0);
        assert_eq!(group.selection(), Some((14.0, 15.0)));
        group.move_selection(SelectionPart::Start, 3.0);
        assert_eq!(group.selection(), Some((14.0, 15.0)), "at least one second");
        group.zoom_to_selection();
        assert_eq!(group.range(), 13.5..=15.5);
        group.clear_selection();
        group.measured_secs = 14.8;
        group.select_shown();
        assert_eq!(group.selection(), Some((14.0, 15.0)), "no further than what was measured");
    }

    #[test]
    fn a_run_that_grows_does_not_move_under_a_drag() {
        let mut group = ChartGroup { extent_secs: 60.0, ..ChartGroup::selecting() };
        group.begin_drag(10.0, false);
        group.extent_secs = 90.0;
        assert_eq!(group.range(), 0.0..=60.0);
        group.select(10.0, 30.0);
        group.end_drag();
        assert_eq!((group.range(), group.selection()), (0.0..=90.0, Some((10.0, 30.0))));
        group.begin_drag(28.0, true);
        assert_eq!(group.drag_from(), Some(10.0), "the nearer end moves, the other stays");
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
