//! The canvas: the load profile as a curve whose points are dragged, added, removed and named in place.
//!
//! Input comes first and may change the profile; what is painted after it shows the change in the same frame.

mod axes;
mod decimate;
mod handles;
mod keys;
mod paint;
mod pointer;
mod rename;

use egui::{Id, Response, Ui, UiBuilder, WidgetInfo, accesskit::Role};
use egui_plot::PlotTransform;

use self::{
    axes::{Extent, plot_ui},
    paint::Painting,
    rename::Renaming,
};
pub(in crate::app) use decimate::with_room;
pub(in crate::app) use pointer::growth;

use super::snap::{level_step, time_step};
use crate::{
    app::theme,
    humanize,
    model::{
        LoadProfile, Scenario,
        profile::edit::{Behind, Span, spans},
    },
};

/// What the canvas shows, and what is under way on it.
#[derive(Debug)]
pub struct CanvasView {
    pub selected: Option<usize>,
    /// The stage under the pointer, on the canvas or in the table.
    pub hovered: Option<usize>,
    pub snaps: bool,
    pub ripples: bool,
    /// What the last paste or edit came to, until the next press.
    pub said: Option<Said>,
    /// The last edit was the first half of something else: it is to be undone.
    pub takes_back: bool,
    /// A row that the table is to bring into sight.
    pub reveal: Option<usize>,
    /// Seconds from and to which the time axis goes; all of it where none.
    zoom: Option<(f64, f64)>,
    held: Option<Held>,
    renaming: Option<Renaming>,
    /// The point that a click has just added, with the seconds at which the click was.
    just_added: Option<(usize, f64)>,
    hovered_next: Option<usize>,
    /// The point that gets the focus at the end of the frame, as the click that asks for it takes it from others.
    focus_next: Option<usize>,
    /// The selection that was last brought into sight.
    seen: Option<usize>,
}

/// A point is being dragged. The axes stand still, as none can be aimed at that move under the pointer.
#[derive(Clone, Copy, Debug)]
struct Held {
    extent: Extent,
    has_moved: bool,
}

/// A sentence about what was just done.
#[derive(Clone, Debug)]
pub struct Said {
    pub words: String,
    pub is_trouble: bool,
}

/// What is shown beside the profile.
#[derive(Default)]
pub struct Aids {
    /// What the profile would become.
    pub preview: Option<LoadProfile>,
    /// The level that this machine was measured to reach.
    pub ceiling: Option<f64>,
}

impl Default for CanvasView {
    fn default() -> Self {
        Self {
            selected: None,
            hovered: None,
            snaps: true,
            ripples: false,
            said: None,
            takes_back: false,
            // Another scenario's table starts at its top.
            reveal: Some(0),
            zoom: None,
            held: None,
            renaming: None,
            just_added: None,
            hovered_next: None,
            focus_next: None,
            seen: None,
        }
    }
}

impl CanvasView {
    /// Selects a stage, and lets canvas and table bring it into sight.
    pub fn select(&mut self, index: usize) {
        if self.selected != Some(index) {
            self.selected = Some(index);
            self.reveal = Some(index);
        }
    }

    /// Selects a stage and brings it into sight wherever it is.
    pub fn show(&mut self, index: usize) {
        self.selected = None;
        self.select(index);
    }

    /// Notes the stage under the pointer.
    pub fn hover(&mut self, index: usize) {
        self.hovered_next = Some(index);
    }

    /// Says what was done, or why not.
    pub fn say(&mut self, words: impl Into<String>, is_trouble: bool) {
        self.said = Some(Said { words: words.into(), is_trouble });
    }

    /// Shows the whole time axis again.
    pub fn show_all(&mut self) {
        self.zoom = None;
    }

    pub fn is_zoomed(&self) -> bool {
        self.zoom.is_some()
    }

    /// Makes the stretch in sight longer or shorter by a factor, around its middle or the selected point.
    pub fn zoom_by(&mut self, profile: &LoadProfile, factor: f64) {
        let extent = Extent::of(profile, None);
        let (from, to) = self.zoom.unwrap_or((0.0, extent.until));
        let selected = self.selected.and_then(|index| spans(profile).get(index).map(|span| span.to.secs));
        let around = selected.filter(|secs| (from..=to).contains(secs)).unwrap_or(f64::midpoint(from, to));
        self.zoom_around(extent.until, around, factor);
    }

    fn zoom_around(&mut self, whole: f64, around: f64, factor: f64) {
        let (from, to) = self.zoom.unwrap_or((0.0, whole));
        self.show_stretch(whole, around - (around - from) * factor, around + (to - around) * factor);
    }

    fn pan_by(&mut self, whole: f64, secs: f64) {
        if let Some((from, to)) = self.zoom {
            let by = secs.clamp(-from, (whole - to).max(0.0));
            self.show_stretch(whole, from + by, to + by);
        }
    }

    fn show_stretch(&mut self, whole: f64, from: f64, to: f64) {
        const LEAST_SECS: f64 = 2.0;
        let length = (to - from).max(LEAST_SECS);
        let from = from.clamp(0.0, (whole - length).max(0.0));
        self.zoom = (length < whole * 0.999).then_some((from, from + length));
    }

    fn settle(&mut self, ui: &Ui, profile: &LoadProfile) {
        let n_stages = profile.stages.len();
        self.selected = self.selected.filter(|index| *index < n_stages);
        let hovered = self.hovered_next.take().filter(|index| *index < n_stages);
        if hovered != self.hovered {
            self.hovered = hovered;
            ui.ctx().request_repaint();
        }
        if ui.input(|input| input.pointer.any_pressed()) {
            self.said = None;
        }
        if self.selected != self.seen {
            self.seen = self.selected;
            self.bring_into_sight(profile);
        }
    }

    /// Moves the stretch in sight to the selected point, if it lies beyond it.
    fn bring_into_sight(&mut self, profile: &LoadProfile) {
        let (Some((from, to)), Some(index)) = (self.zoom, self.selected) else { return };
        let Some(span) = spans(profile).get(index).copied() else { return };
        if !(from..=to).contains(&span.to.secs) {
            let middle = f64::midpoint(from, to);
            self.pan_by(Extent::of(profile, None).until, span.to.secs - middle);
        }
    }

    /// The steps of time and level in which points move.
    fn grains(&self, extent: Extent, is_open: bool) -> (f64, f64) {
        if !self.snaps {
            return (0.1, if is_open { 0.1 } else { 1.0 });
        }
        let level = level_step(extent.level / 60.0);
        (time_step(extent.length() / 150.0), if is_open { level } else { level.max(1.0) })
    }

    fn behind(&self) -> Behind {
        if self.ripples { Behind::Moves } else { Behind::Stays }
    }
}

/// The widget of a point, by which it is focused.
fn point_id(index: usize) -> Id {
    Id::unique(("profile point", index))
}

/// Where things are on the canvas in this frame.
struct Canvas {
    transform: PlotTransform,
    extent: Extent,
    response: Response,
}

/// What comes and goes above the canvas must not take its focus away: its widgets have names of their own.
pub fn canvas_ui(ui: &mut Ui, view: &mut CanvasView, scenario: &mut Scenario, aids: &Aids, height: f32) {
    let builder = UiBuilder::new().scope_id(Id::unique("profile canvas"));
    ui.scope_builder(builder, |ui| contents_ui(ui, view, scenario, aids, height));
}

fn contents_ui(ui: &mut Ui, view: &mut CanvasView, scenario: &mut Scenario, aids: &Aids, height: f32) {
    view.settle(ui, &scenario.load);
    let whole = Extent::of(&scenario.load, aids.preview.as_ref());
    if let (Some((from, to)), None) = (view.zoom, view.held) {
        // The profile may have become shorter since.
        view.show_stretch(whole.until, from, to);
    }
    let extent = view.held.map_or_else(|| whole.within(view.zoom), |held| held.extent);
    let plot = plot_ui(ui, extent, scenario.load.model.is_open(), height);
    let canvas = Canvas { transform: plot.transform, extent, response: plot.response };
    name_canvas(&canvas.response, &scenario.load, aids.ceiling);

    pointer::wheel(ui, view, &canvas, whole.until);
    pointer::clicked(ui, view, &mut scenario.load, &canvas);
    pointer::put_back(ui, view);
    let handles = handles::handles_ui(ui, view, &mut scenario.load, &canvas);
    pointer::grow(ui, view, &canvas);
    keys::keys(ui, view, &mut scenario.load, &canvas, &handles);

    let now: Vec<Span> = spans(&scenario.load);
    pointer::hovered(ui, view, &now, &canvas);
    let painting =
        Painting { canvas: &canvas, colors: theme::colors(ui), painter: canvas.painter(ui), spans: &now };
    painting.bands(view, scenario);
    painting.curve();
    painting.aids(aids, scenario.load.model.is_open());
    if now.is_empty() {
        painting.invitation();
    }
    painting.handles(view, &handles, scenario.load.model.is_open());
    rename::rename_ui(ui, view, scenario, &canvas, &now);
    pointer::end_drag(ui, view);
    if let Some(index) = view.focus_next.take() {
        ui.memory_mut(|memory| memory.request_focus(point_id(index)));
        ui.ctx().request_repaint();
    }
}

fn name_canvas(response: &Response, profile: &LoadProfile, ceiling: Option<f64>) {
    let is_open = profile.model.is_open();
    let mut sentence = format!(
        "Load profile: {} in {}, peak {}",
        humanize::counted(profile.stages.len() as u64, "stage"),
        humanize::span(profile.duration()),
        humanize::level(profile.peak(), is_open)
    );
    if let Some(level) = ceiling {
        sentence += &format!(", ceiling of this machine {}", ceiling_words(level, is_open));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &sentence));
}

/// An estimate, which is not known to the last user or request.
fn ceiling_words(level: f64, is_open: bool) -> String {
    let unit = 10_f64.powf((level.max(1.0).log10().floor() - 1.0).max(0.0));
    format!("about {}", humanize::level((level / unit).round() * unit, is_open))
}
