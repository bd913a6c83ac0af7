//! Plots whose horizontal axis is not time, in the look of the charts over time.

use egui::{Align2, Color32, Pos2, Rect, Response, Role, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, GridMark, PlotTransform, PlotUi};

use crate::app::charts::{axis_end, bare_plot, round_step, steps};
use crate::app::theme::{self, Weight, size};

/// Width of the value axis.
const AXIS_WIDTH: f32 = 60.0;
const HEIGHT: f32 = 230.0;
/// Height of a label at the end of a line.
const LABEL_HEIGHT: f32 = 13.0;

/// Values of which the highest is at most so many times the lowest lie close together.
const CLOSE_RATIO: f64 = 1.6;

/// An axis with its labelled marks.
pub struct Axis {
    pub from: f64,
    pub to: f64,
    pub marks: Vec<(f64, String)>,
}

/// A name at the end of a line.
pub struct EndLabel {
    pub at: Pos2,
    pub words: String,
    pub color: Color32,
}

impl Axis {
    /// Round steps that cover from the lowest to the highest value; zero is always among them.
    pub fn round(lowest: f64, highest: f64, n_parts: usize, words: impl Fn(f64) -> String) -> Self {
        let (lowest, highest) = (lowest.min(0.0), highest.max(0.0));
        let extent = if highest - lowest > 0.0 { highest - lowest } else { 1.0 };
        let step = round_step(extent, n_parts);
        let to = if highest > 0.0 { axis_end(highest, step) } else { 0.0 };
        let from = if lowest < 0.0 { -axis_end(-lowest, step) } else { 0.0 };
        let to = if to == from { step } else { to };
        let label = |value: f64| if value == 0.0 { "0".to_owned() } else { words(value) };
        let marks = steps(from..=to, step).map(|value| (value, label(value))).collect();
        Self { from, to, marks }
    }

    /// From zero, unless all values lie so close together that nothing could be told apart then.
    pub fn covering(lowest: f64, highest: f64, n_parts: usize, words: impl Fn(f64) -> String) -> Self {
        if lowest <= 0.0 || highest > lowest * CLOSE_RATIO {
            return Self::round(0.0, highest, n_parts, words);
        }
        let room = ((highest - lowest) * 0.5).max(highest * 0.05);
        let (from, to) = (lowest - room, highest + room);
        let step = round_step(to - from, n_parts);
        let marks = steps(from..=to, step).map(|value| (value, words(value))).collect();
        Self { from, to, marks }
    }

    /// Without labels so near to the ends that they would be cut off.
    pub fn without_edges(mut self) -> Self {
        let (from, extent) = (self.from, self.to - self.from);
        for (value, words) in &mut self.marks {
            if !(0.02..=0.97).contains(&((*value - from) / extent)) {
                words.clear();
            }
        }
        self
    }
}

/// Draws axes over the full width, and `draw` into them.
pub fn plot_ui<'a>(
    ui: &mut Ui,
    (id, name): (&str, &str),
    x: Axis,
    y: Axis,
    draw: impl FnOnce(&mut PlotUi<'a>) + 'a,
) -> (Response, PlotTransform) {
    let grid = |axis: &Axis| -> Vec<GridMark> {
        let mark = |(value, _): &(f64, String)| GridMark { value: *value, step_size: axis.to - axis.from };
        axis.marks.iter().map(mark).collect()
    };
    let (x_grid, y_grid) = (grid(&x), grid(&y));
    let (x_range, y_range) = (x.from..=x.to, y.from..=y.to);
    let plot = bare_plot(id, HEIGHT, theme::colors(ui))
        .show_grid([true, true])
        .custom_x_axes(vec![hints(AxisHints::new_x(), ui, x.marks)])
        .custom_y_axes(vec![hints(AxisHints::new_y(), ui, y.marks).min_thickness(AXIS_WIDTH)])
        .x_grid_spacer(move |_| x_grid.clone())
        .y_grid_spacer(move |_| y_grid.clone());
    let shown = plot.show(ui, move |plot| {
        plot.set_plot_bounds_x(x_range);
        plot.set_plot_bounds_y(y_range);
        draw(plot);
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Chart: {name}")));
    (shown.response, shown.transform)
}

fn hints(axis: AxisHints<'static>, ui: &Ui, marks: Vec<(f64, String)>) -> AxisHints<'static> {
    let label = move |mark: GridMark, _: &_| {
        let found = marks.iter().find(|(value, _)| (*value - mark.value).abs() < 1e-9);
        found.map_or_else(String::new, |(_, label)| label.clone())
    };
    axis.formatter(label)
        .label_spacing(4.0..=4.0)
        .tick_label_color(theme::colors(ui).faint)
        .tick_label_font(theme::font(size::FINE, Weight::Regular))
}

/// Names at the ends of lines, moved apart where they would cover each other.
pub fn end_labels(ui: &Ui, frame: Rect, mut labels: Vec<EndLabel>) {
    let ground = theme::colors(ui).card.gamma_multiply(0.8);
    labels.sort_by(|a, b| a.at.y.total_cmp(&b.at.y));
    let least = frame.top() + LABEL_HEIGHT / 2.0;
    let mut next = least;
    let mut places: Vec<f32> = Vec::new();
    for label in &labels {
        let y = label.at.y.max(next);
        places.push(y);
        next = y + LABEL_HEIGHT;
    }
    // What was moved below the frame moves up again, and pushes others before it.
    let mut most = frame.bottom() - LABEL_HEIGHT / 2.0;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - LABEL_HEIGHT;
    }
    for (label, y) in labels.iter().zip(places) {
        let font = theme::font(size::FINE, Weight::Medium);
        let galley = ui.painter().layout_no_wrap(label.words.clone(), font, label.color);
        let left = (label.at.x + 5.0).min(frame.right() - galley.size().x - 4.0).max(frame.left());
        let rect = Rect::from_min_size(pos2(left, y - galley.size().y / 2.0), galley.size());
        ui.painter().rect_filled(rect.expand2(vec2(2.0, 0.0)), 2.0, ground);
        ui.painter().galley(rect.min, galley, label.color);
    }
}

/// A title with a quiet word on what the axes are.
pub fn title_ui(ui: &mut Ui, title: &str, words: &str) {
    ui.label(theme::text(title, size::BODY, Weight::SemiBold));
    ui.add(egui::Label::new(theme::small(ui, words)).truncate()).on_hover_text(words);
}

/// A sentence in the middle of a plot's room, where there is nothing to draw.
pub fn nothing_ui(ui: &mut Ui, words: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), egui::Sense::hover());
    let font = theme::font(size::SMALL, Weight::Regular);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, font, theme::colors(ui).faint);
}
