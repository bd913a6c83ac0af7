//! The rows of the table, painted cell by cell, with what is said of each on hover.

use egui::{Align2, Color32, Painter, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{
    columns::{Column, Columns},
    forest,
};
use crate::analysis::comparison::{CandidateChange, ComparisonRow, Measured, RowScope};
use crate::analysis::{metric_text, metric_words};
use crate::app::compare::{Compared, looks, words};
use crate::app::theme::{self, Colors, Weight, size};
use crate::app::widgets::table::split_unit;
use crate::humanize::MISSING;
use crate::model::Metric;

/// Room at the edges of a cell.
const EDGE: f32 = 6.0;
/// Room for the unit after a number, so that numbers line up.
const UNIT_WIDTH: f32 = 20.0;
/// Room for what stands behind the decimal point, so that points line up.
const FRACTION_WIDTH: f32 = 19.0;
/// Room for a value's interval after it.
const INTERVAL_WIDTH: f32 = 84.0;
/// A cell less wide than this shows the value alone.
const LEAST_WITH_INTERVAL: f32 = 145.0;
/// Room for the mark of a verdict.
const MARK_WIDTH: f32 = 18.0;

/// The run, stages, services or steps.
pub fn kind_ui(ui: &mut Ui, (index, rect): (usize, Rect), title: &str) {
    let colors = theme::colors(ui);
    ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), 4.0, colors.raised);
    let at = pos2(rect.left() + EDGE, rect.center().y);
    let font = theme::font(size::SMALL, Weight::SemiBold);
    ui.painter().text(at, Align2::LEFT_CENTER, title, font, colors.muted);
    spoken(ui, (index, rect), title);
}

/// What the rows below are about.
pub fn scope_ui(ui: &mut Ui, (index, rect): (usize, Rect), scope: &RowScope) {
    let name = scope.name().unwrap_or_default();
    let at = pos2(rect.left() + EDGE, rect.center().y + 1.0);
    let (font, color) = (theme::font(size::BODY, Weight::Medium), theme::colors(ui).text);
    cut_text(ui.painter(), at, &name, (font, color), rect.width() - 2.0 * EDGE);
    spoken(ui, (index, rect), &scope.words());
}

fn spoken(ui: &mut Ui, (index, rect): (usize, Rect), text: &str) {
    let response = ui.interact(rect, ui.scope_id().with(("heading", index)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

/// A text in the room there is.
fn cut_text(
    painter: &Painter,
    at: egui::Pos2,
    text: &str,
    (font, color): (egui::FontId, Color32),
    width: f32,
) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = painter.layout_job(job);
    painter.galley(at - vec2(0.0, galley.size().y / 2.0), galley, color);
}

/// A metric of a scope with all its cells; a click spells out its figures.
pub fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    columns: &Columns,
    compared: &Compared,
    (index, is_named, is_chosen): (usize, bool, bool),
) -> Response {
    let row = &compared.comparison.rows[index];
    let colors = theme::colors(ui);
    let response = ui.interact(rect, ui.scope_id().with(("row", index)), Sense::click());
    let painter = ui.painter();
    if is_chosen {
        painter.rect_filled(rect, 4.0, colors.accent_soft);
    } else if response.hovered() {
        painter.rect_filled(rect, 4.0, colors.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, colors.accent_text);
        painter.rect_stroke(rect.shrink(1.0), 4.0, stroke, egui::StrokeKind::Inside);
    }
    let label = columns.label_cell(rect);
    let (text, indent) = match (is_named, row.scope.name()) {
        (true, _) => (words::row_words(row), EDGE),
        (false, _) => (words::capital(&metric_words(row.metric)), EDGE + 10.0),
    };
    let at = pos2(label.left() + indent, label.center().y);
    let look = (theme::font(size::BODY, Weight::Regular), colors.text);
    cut_text(painter, at, &text, look, label.width() - indent - EDGE);
    let cells = Cells { painter, colors, compared, row };
    for (column, cell) in columns.cells(rect) {
        cells.paint(column, cell, columns.is_single);
    }
    response.widget_info(|| {
        let words = words::spoken(row, &compared.names);
        WidgetInfo::selected(Role::Button, true, is_chosen, words)
    });
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    match response.hover_pos().and_then(|at| columns.at(rect, at.x)) {
        Some(column) => {
            let lines = hover_lines(compared, row, column);
            response.on_hover_ui_at_pointer(|ui| lines.iter().for_each(|line| _ = ui.label(line)))
        }
        None => response,
    }
}

/// What is said of a cell.
fn hover_lines(compared: &Compared, row: &ComparisonRow, column: Column) -> Vec<String> {
    let comparison = &compared.comparison;
    let window = format!("Window: {}", comparison.window);
    let measured = |side: usize, measured: Option<Measured>| {
        let n_runs = comparison.sides[side].run_ids.len();
        let mut lines = measured.map_or_else(
            || vec![format!("{}: no figure here", compared.names[side])],
            |measured| words::measured_lines(row.metric, &measured, &compared.names[side], n_runs),
        );
        lines.push(window.clone());
        lines
    };
    let change = |candidate: &CandidateChange| {
        words::change_lines(row.metric, candidate, comparison.options.smallest_relevant)
    };
    match column {
        Column::Baseline => measured(0, row.baseline),
        Column::Candidate => measured(1, row.candidates[0].measured),
        Column::Change(index) if compared.names.len() > 2 => {
            let mut lines = change(&row.candidates[index]);
            lines.push(String::new());
            lines.extend(measured(index + 1, row.candidates[index].measured));
            lines
        }
        Column::Change(_) | Column::Interval | Column::Verdict => change(&row.candidates[0]),
        Column::Picture if row.candidates.len() == 1 => change(&row.candidates[0]),
        Column::Picture => {
            let line = |(name, candidate): (&String, &CandidateChange)| {
                let words = candidate.change.map_or_else(
                    || MISSING.to_owned(),
                    |change| format!("{} ({})", change.text(row.metric), change.interval_text(row.metric)),
                );
                format!("{name}: {words}, {}", candidate.verdict.name())
            };
            compared.names[1..].iter().zip(&row.candidates).map(line).collect()
        }
    }
}

/// The cells of a row.
struct Cells<'a> {
    painter: &'a Painter,
    colors: &'a Colors,
    compared: &'a Compared,
    row: &'a ComparisonRow,
}

impl Cells<'_> {
    fn paint(&self, column: Column, cell: Rect, is_single: bool) {
        match column {
            Column::Baseline => self.value(cell, self.row.baseline),
            Column::Candidate => self.value(cell, self.row.candidates[0].measured),
            Column::Change(index) => self.change(cell, &self.row.candidates[index], is_single),
            Column::Interval => {
                let change = self.row.candidates[0].change;
                let text =
                    change.map_or_else(|| MISSING.to_owned(), |change| change.interval_text(self.row.metric));
                let at = pos2(cell.right() - EDGE, cell.center().y);
                self.text(at, Align2::RIGHT_CENTER, &text, size::SMALL, self.colors.muted);
            }
            Column::Picture => {
                forest::ground(self.painter, self.colors, self.compared.scale, cell);
                forest::changes(self.painter, self.colors, self.compared.scale, cell, self.row);
            }
            Column::Verdict => {
                let verdict = self.row.candidates[0].verdict;
                let color = looks::verdict_color(self.colors, verdict);
                let middle = pos2(cell.left() + EDGE + 6.0, cell.center().y);
                looks::verdict_mark(self.painter, middle, verdict, color);
                let at = middle + vec2(11.0, 0.0);
                self.text(at, Align2::LEFT_CENTER, verdict.name(), size::BODY, color);
            }
        }
    }

    /// A number that lines up with those above, its unit, and its interval in small.
    fn value(&self, cell: Rect, measured: Option<Measured>) {
        let has_interval = cell.width() > LEAST_WITH_INTERVAL;
        let interval_width = if has_interval { INTERVAL_WIDTH } else { 0.0 };
        let number_right = cell.right() - EDGE - interval_width - UNIT_WIDTH;
        let Some(measured) = measured else {
            let at = pos2(number_right, cell.center().y);
            self.text(
                at - vec2(FRACTION_WIDTH, 0.0),
                Align2::RIGHT_CENTER,
                MISSING,
                size::BODY,
                self.colors.faint,
            );
            return;
        };
        let text = metric_text(self.row.metric, measured.value);
        self.quantity(pos2(number_right, cell.center().y), &text, self.colors.text);
        if has_interval && let Some(interval) = interval_of(self.row.metric, &measured) {
            let at = pos2(number_right + UNIT_WIDTH + 3.0, cell.center().y);
            self.text(at, Align2::LEFT_CENTER, &interval, size::FINE, self.colors.faint);
        }
    }

    fn change(&self, cell: Rect, candidate: &CandidateChange, is_single: bool) {
        let mark_width = if is_single { 0.0 } else { MARK_WIDTH };
        let right = pos2(cell.right() - EDGE - mark_width - UNIT_WIDTH, cell.center().y);
        let color = looks::verdict_color(self.colors, candidate.verdict);
        match &candidate.change {
            Some(change) => self.quantity(right, &change.text(self.row.metric), color),
            None => self.text(right, Align2::RIGHT_CENTER, MISSING, size::BODY, self.colors.faint),
        }
        if !is_single {
            let middle = pos2(cell.right() - EDGE - 5.0, cell.center().y);
            looks::verdict_mark(self.painter, middle, candidate.verdict, color);
        }
    }

    /// A number that ends at a place, with its unit after it.
    fn quantity(&self, right: egui::Pos2, text: &str, color: Color32) {
        let (number, unit) = split_unit(text);
        let number = number.trim_end();
        let point = right - vec2(FRACTION_WIDTH, 0.0);
        let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
        self.text(point, Align2::RIGHT_CENTER, whole, size::BODY, color);
        self.text(point, Align2::LEFT_CENTER, fraction, size::BODY, color);
        let at = right + vec2(3.0, 0.0);
        self.text(at, Align2::LEFT_CENTER, unit, size::SMALL, self.colors.muted);
    }

    fn text(&self, at: egui::Pos2, align: Align2, text: &str, size: f32, color: Color32) {
        self.painter.text(at, align, text, theme::font(size, Weight::Regular), color);
    }
}

/// Error shares are so small that their intervals need more room than there is.
fn interval_of(metric: Metric, measured: &Measured) -> Option<String> {
    let text = words::short_interval(metric, measured)?;
    (text.chars().count() <= 15).then_some(text)
}
