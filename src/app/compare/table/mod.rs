//! The table of changes: values with intervals, changes with verdicts, and a picture of each change on one scale.

mod columns;
mod forest;
mod head;
mod lines;
mod rows;

pub use forest::{Scale, scale_of};

use egui::{ComboBox, Rect, Role, ScrollArea, Ui, WidgetInfo, pos2, vec2};

use self::{
    columns::Columns,
    lines::{Filter, Line, SortBy, lines},
};
use super::{Compared, detail, words};
use crate::analysis::comparison::ChangeVerdict;
use crate::analysis::metric_words;
use crate::app::{
    theme,
    widgets::{
        self,
        table::{HEAD_HEIGHT, Sorting},
    },
};
use crate::humanize;
use crate::model::Metric;

const ROW_HEIGHT: f32 = 26.0;
/// With more candidates than this, rows are higher, so that each has its lane in the picture.
const N_IN_LOW_ROWS: usize = 3;
const HIGH_ROW_HEIGHT: f32 = 34.0;
/// How much of the window the rows may take, and at least, before they scroll on their own.
const MOST_OF_WINDOW: f32 = 0.62;
const LEAST_HEIGHT: f32 = 340.0;

/// How the table is looked at.
#[derive(Default)]
pub struct TableView {
    filter: Filter,
    /// All where none is chosen.
    metric: Option<Metric>,
    /// In the order of the scenario where none is chosen.
    order: Option<Sorting<SortBy>>,
    /// The row whose figures are spelt out.
    chosen: Option<usize>,
    lines: Vec<Line>,
    made_of: Option<MadeOf>,
}

/// What the lines were made of.
type MadeOf = (u64, Filter, Option<Metric>, Option<Sorting<SortBy>>);

/// Draws filters, head and rows.
pub fn table_ui(ui: &mut Ui, view: &mut TableView, compared: &Compared, n_compared: u64) {
    widgets::section_with(ui, "What changed", |ui| metric_ui(ui, view, compared));
    filters_ui(ui, view, compared);
    view.renew(compared, n_compared);
    let n_candidates = compared.names.len() - 1;
    let columns = Columns::fitting(n_candidates, ui.available_width());
    let height = (ui.ctx().content_rect().height() * MOST_OF_WINDOW).max(LEAST_HEIGHT);
    // A page has no height of its own that the rows could go by.
    let across = ScrollArea::horizontal().id_salt("changes across").min_scrolled_height(height + TALL_HEAD);
    across.show(ui, |ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        ui.set_width(columns.width);
        head::head_ui(ui, &columns, compared, &mut view.order);
        rows_ui(ui, view, compared, &columns, height);
    });
    if let Some(row) = view.chosen.and_then(|row| compared.comparison.rows.get(row)) {
        ui.add_space(theme::space::S);
        if detail::detail_ui(ui, compared, row) {
            view.chosen = None;
        }
    }
}

fn rows_ui(ui: &mut Ui, view: &mut TableView, compared: &Compared, columns: &Columns, height: f32) {
    if view.lines.is_empty() {
        ui.add_space(theme::space::M);
        ui.label(theme::muted(ui, view.filter.none_words()));
        ui.add_space(theme::space::M);
        return;
    }
    let n_lines = view.lines.len();
    let scroll = ScrollArea::vertical().id_salt("changes").max_height(height).min_scrolled_height(height);
    let row_height = if compared.names.len() - 1 > N_IN_LOW_ROWS { HIGH_ROW_HEIGHT } else { ROW_HEIGHT };
    scroll.auto_shrink([false, true]).show_rows(ui, row_height, n_lines, |ui, range| {
        for index in range {
            let (rect, _) = ui.allocate_exact_size(vec2(columns.width, row_height), egui::Sense::hover());
            line_ui(ui, view, compared, columns, (index, rect));
        }
    });
}

fn line_ui(
    ui: &mut Ui,
    view: &mut TableView,
    compared: &Compared,
    columns: &Columns,
    (index, rect): (usize, Rect),
) {
    match view.lines[index] {
        Line::Kind(title) => rows::kind_ui(ui, (index, rect), title),
        Line::Scope(row) => rows::scope_ui(ui, (index, rect), &compared.comparison.rows[row].scope),
        Line::Row { row, is_named } => {
            let response =
                rows::row_ui(ui, rect, columns, compared, (row, is_named, view.chosen == Some(row)));
            if response.clicked() {
                view.chosen = Some(row).filter(|row| view.chosen != Some(*row));
            }
        }
    }
}

fn metric_ui(ui: &mut Ui, view: &mut TableView, compared: &Compared) {
    let name = |metric: Option<Metric>| {
        metric.map_or_else(|| "All metrics".to_owned(), |metric| words::capital(&metric_words(metric)))
    };
    let words = name(view.metric);
    let combo = ComboBox::from_id_salt("metric").width(190.0).selected_text(words.clone());
    let response = combo.show_ui(ui, |ui| {
        let metrics = compared.comparison.options.metrics();
        for metric in std::iter::once(None).chain(metrics.into_iter().map(Some)) {
            if ui.selectable_label(view.metric == metric, name(metric)).clicked() {
                view.metric = metric;
            }
        }
    });
    response.response.widget_info(|| WidgetInfo {
        label: Some("Metric".to_owned()),
        current_text_value: Some(words.clone()),
        ..WidgetInfo::new(Role::ComboBox)
    });
}

fn filters_ui(ui: &mut Ui, view: &mut TableView, compared: &Compared) {
    let rows = || compared.comparison.rows.iter().filter(|row| view.metric.is_none_or(|m| m == row.metric));
    let count = |filter: Filter| rows().filter(|row| filter.includes(row)).count() as u64;
    let labels =
        Filter::ALL.map(|filter| (filter, format!("{} {}", filter.name(), humanize::count(count(filter)))));
    let choices: Vec<(Filter, &str)> =
        labels.iter().map(|(filter, label)| (*filter, label.as_str())).collect();
    ui.horizontal_wrapped(|ui| {
        widgets::segments(ui, &mut view.filter, &choices);
        ui.add_space(theme::space::S);
        for verdict in ChangeVerdict::ALL {
            legend_ui(ui, verdict);
        }
    });
}

const MARK_WIDTH: f32 = 12.0;

/// A verdict's mark with its word.
fn legend_ui(ui: &mut Ui, verdict: ChangeVerdict) {
    let colors = theme::colors(ui);
    let font = theme::font(theme::size::SMALL, theme::Weight::Regular);
    let word = ui.painter().layout_no_wrap(verdict.name().to_owned(), font, colors.muted);
    // One piece, so that a mark and its word go to the next line together.
    let size = vec2(MARK_WIDTH + theme::space::S + word.size().x + theme::space::XS, 16.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, verdict.name()));
    let mark = rect.left_center() + vec2(MARK_WIDTH / 2.0, 0.0);
    let color = super::looks::verdict_color(colors, verdict);
    super::looks::verdict_mark(ui.painter(), mark, verdict, color);
    let left = rect.left() + MARK_WIDTH + theme::space::S;
    ui.painter().galley(pos2(left, rect.center().y - word.size().y / 2.0), word, colors.muted);
}

impl TableView {
    /// Lists the lines anew if something changed.
    fn renew(&mut self, compared: &Compared, n_compared: u64) {
        let made_of = (n_compared, self.filter, self.metric, self.order);
        if self.made_of == Some(made_of) {
            return;
        }
        if self.made_of.is_none_or(|before| before.0 != n_compared) {
            let n_candidates = compared.names.len() - 1;
            self.order = self.order.filter(|order| order.column.candidate() < n_candidates);
            self.chosen = None;
        }
        let made_of = (n_compared, self.filter, self.metric, self.order);
        let comparison = &compared.comparison;
        let alignment = comparison.options.alignment;
        self.lines = lines(&comparison.rows, self.filter, self.metric, self.order, alignment);
        self.made_of = Some(made_of);
    }
}

/// Height of the head: a title and the scale of the picture.
const TALL_HEAD: f32 = HEAD_HEIGHT + 14.0;
