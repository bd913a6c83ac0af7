//! The steps of a run as a table: grouped by service, with curves over the run and budgets.

mod budget;
mod rows;
mod sparks;

use std::{collections::HashSet, time::Duration};

use egui::{Align, Layout, Ui};
use egui_extras::{Column, TableBuilder, TableRow};
use egui_material_icons::icons;

use self::{
    rows::{Row, ServiceGroup, StepGroups},
    sparks::Sparks,
};
use super::ghost::P95Change;
use super::sight::{ShownKey, Sight};
use crate::app::{
    theme::{self, Weight, size, space},
    widgets::{
        self,
        table::{self, ColumnPlan, HEAD_HEIGHT, ROW_HEIGHT, Sorting},
    },
};
use crate::metrics::PercentileInterval;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepColumn {
    Name,
    Requests,
    Rate,
    P50,
    P90,
    P95,
    P99,
    Max,
    Trend,
    Budget,
    Errors,
    ErrorShare,
    Received,
    /// Of p95 since the ghost.
    Change,
}

/// How soon curves that are still being made go on.
const BETWEEN_CURVES: Duration = Duration::from_millis(20);
/// Height of a row with intervals below its percentiles.
const TALL_ROW_HEIGHT: f32 = 40.0;
/// The least that names of steps get.
const NAME_WIDTH: f32 = 132.0;

/// All columns after the name, in their order.
const COLUMNS: [ColumnPlan<StepColumn>; 13] = [
    ColumnPlan::new(StepColumn::Requests, "Requests", 72.0, 1, "Requests that ended, failed ones included"),
    ColumnPlan::new(StepColumn::Rate, "Rate", 68.0, 3, "Requests that ended per second"),
    ColumnPlan::new(StepColumn::P50, "p50", 64.0, 5, "Half of the successful requests took no longer"),
    ColumnPlan::new(StepColumn::P90, "p90", 64.0, 9, "90 % of the successful requests took no longer"),
    ColumnPlan::new(StepColumn::P95, "p95", 64.0, 0, "95 % of the successful requests took no longer"),
    ColumnPlan::new(StepColumn::P99, "p99", 64.0, 4, "99 % of the successful requests took no longer"),
    ColumnPlan::new(
        StepColumn::Change,
        "p95 vs ghost",
        92.0,
        1,
        "What p95 has changed by since the run that runs along; difference only, Compare tells whether it is more \
         than noise",
    ),
    ColumnPlan::new(StepColumn::Max, "Max", 64.0, 8, "The longest successful request"),
    ColumnPlan::new(
        StepColumn::Trend,
        "p95 trend",
        82.0,
        7,
        "p95 over the whole run, each row to its own scale",
    ),
    ColumnPlan::new(
        StepColumn::Budget,
        "Budget",
        112.0,
        6,
        "How much of the latency limit is used; the mark is the limit",
    ),
    ColumnPlan::new(StepColumn::Errors, "Errors", 60.0, 0, "Requests that failed"),
    ColumnPlan::new(StepColumn::ErrorShare, "Error share", 78.0, 2, "Failed requests ÷ requests"),
    ColumnPlan::new(StepColumn::Received, "Received", 74.0, 10, "Bytes of all answers, heads included"),
];

/// The table with what it remembers between frames.
#[derive(Default)]
pub struct StepsTable {
    sorting: Option<Sorting<StepColumn>>,
    /// Services whose steps are out of sight.
    collapsed: HashSet<Option<String>>,
    sparks: Sparks,
    /// What is shown, and what it was made from.
    shown: Option<(ShownKey, StepGroups)>,
    /// Whether curves are still being made.
    is_pending: bool,
}

/// What a line of the table shows.
enum Line<'a> {
    Service(&'a ServiceGroup),
    Step { row: &'a Row, is_indented: bool },
    All(&'a Row),
}

impl StepsTable {
    /// Makes figures and curves anew where the run or the stretch has changed.
    fn renew(&mut self, ui: &Ui, sight: &Sight<'_>) {
        let key = sight.shown_key();
        let is_fresh = self.shown.as_ref().is_some_and(|(of, _)| *of == key);
        if !is_fresh {
            self.shown = Some((key, StepGroups::new(sight)));
        }
        if let Some((_, groups)) = self.shown.as_ref().filter(|_| !is_fresh || self.is_pending) {
            self.is_pending = self.sparks.renew(sight, groups.rows());
        }
        if self.is_pending {
            ui.ctx().request_repaint_after(BETWEEN_CURVES);
        }
    }
}

/// Services and steps in the order asked for; steps stay with their service.
fn lines<'a>(
    groups: &'a StepGroups,
    sorting: Option<Sorting<StepColumn>>,
    collapsed: &HashSet<Option<String>>,
) -> Vec<Line<'a>> {
    let has_services = groups.has_services();
    let mut order: Vec<&ServiceGroup> = groups.groups.iter().collect();
    if let Some(sorting) = sorting {
        order.sort_by(|a, b| sorting.apply(a.row.compare(&b.row, sorting.column)));
    }
    let mut lines = Vec::new();
    for group in order {
        if has_services {
            lines.push(Line::Service(group));
        }
        if has_services && collapsed.contains(&group.service) {
            continue;
        }
        let mut rows: Vec<&Row> = group.rows.iter().collect();
        if let Some(sorting) = sorting {
            rows.sort_by(|a, b| sorting.apply(a.compare(b, sorting.column)));
        }
        lines.extend(rows.into_iter().map(|row| Line::Step { row, is_indented: has_services }));
    }
    lines.push(Line::All(&groups.all));
    lines
}

/// Draws the table.
pub fn steps_ui(ui: &mut Ui, sight: &Sight<'_>, changes: &[P95Change], table: &mut StepsTable) {
    table.renew(ui, sight);
    let StepsTable { sorting, collapsed, sparks, shown: Some((_, groups)), .. } = table else { return };
    groups.set_changes(changes);
    let available = COLUMNS.into_iter().filter(|plan| match plan.column {
        StepColumn::Budget => groups.has_budgets(),
        StepColumn::Change => !changes.is_empty(),
        _ => true,
    });
    let columns = table::fitting(&available.collect::<Vec<_>>(), NAME_WIDTH, ui.available_width());
    let least_width = NAME_WIDTH + table::total_width(&columns);
    egui::ScrollArea::horizontal().id_salt("steps").show(ui, |ui| {
        ui.set_min_width(least_width);
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let lines = lines(groups, *sorting, collapsed);
        let mut builder = TableBuilder::new(ui)
            .id_salt(("steps", columns.len()))
            .striped(false)
            .vscroll(false)
            .cell_layout(Layout::left_to_right(Align::Center))
            .column(Column::remainder().at_least(NAME_WIDTH).clip(true));
        for plan in &columns {
            builder = builder.column(Column::exact(plan.width));
        }
        let drawn = builder.header(HEAD_HEIGHT, |mut row| head_ui(&mut row, &columns, sorting));
        // A selected stretch gets its intervals in a moment: rows keep their height until then.
        let is_tall = sight.selection.is_some() || !groups.all.intervals.is_empty();
        let row_height = if is_tall { TALL_ROW_HEIGHT } else { ROW_HEIGHT };
        let mut toggled = None;
        drawn.body(|body| {
            body.rows(row_height, lines.len(), |mut row| {
                let line = Pen { columns: &columns, sparks, changes, selection: sight.selection };
                toggled = line.line_ui(&mut row, &lines, collapsed).or(toggled.take());
            });
        });
        if let Some(service) = toggled
            && !collapsed.remove(&service)
        {
            collapsed.insert(service);
        }
    });
}

fn head_ui(
    row: &mut TableRow<'_, '_>,
    columns: &[ColumnPlan<StepColumn>],
    sorting: &mut Option<Sorting<StepColumn>>,
) {
    let name =
        ColumnPlan::new(StepColumn::Name, "Step", NAME_WIDTH, 0, "Steps by the service that they belong to");
    for plan in std::iter::once(&name).chain(columns) {
        row.col(|ui| {
            let is_number = plan.column != StepColumn::Name;
            if plan.column == StepColumn::Trend {
                table::hinted_head(ui, plan.label, plan.hint, true);
                return;
            }
            let order =
                sorting.filter(|sorting| sorting.column == plan.column).map(|sorting| sorting.descending);
            if table::sort_head(ui, plan.label, order, is_number).on_hover_text(plan.hint).clicked() {
                match sorting {
                    Some(sorting) => sorting.choose(plan.column, is_number),
                    None => *sorting = Some(Sorting { column: plan.column, descending: is_number }),
                }
            }
        });
    }
}

/// What lines are drawn with.
struct Pen<'a> {
    columns: &'a [ColumnPlan<StepColumn>],
    sparks: &'a Sparks,
    changes: &'a [P95Change],
    selection: Option<(u32, u32)>,
}

impl Pen<'_> {
    /// Draws one line; returns the service that is to be collapsed or expanded.
    fn line_ui(
        &self,
        table_row: &mut TableRow<'_, '_>,
        lines: &[Line<'_>],
        collapsed: &HashSet<Option<String>>,
    ) -> Option<Option<String>> {
        let mut toggled = None;
        let index = table_row.index();
        match &lines[index] {
            Line::Service(group) => {
                table_row.set_overline(true);
                table_row.col(|ui| {
                    if service_name_ui(ui, group, collapsed.contains(&group.service)) {
                        toggled = Some(group.service.clone());
                    }
                });
                self.cells_ui(table_row, &group.row, Weight::SemiBold);
            }
            Line::Step { row, is_indented } => {
                table_row.col(|ui| {
                    if *is_indented {
                        ui.add_space(space::L + space::XS);
                    }
                    let name = egui::Label::new(&row.name).truncate();
                    match &row.journey {
                        None => _ = ui.add(name),
                        Some(journey) => {
                            ui.spacing_mut().item_spacing.x = space::XS;
                            ui.add(name);
                            let journey = theme::small(ui, format!("· {journey}"));
                            ui.add(egui::Label::new(journey).truncate());
                        }
                    }
                });
                self.cells_ui(table_row, row, Weight::Regular);
            }
            Line::All(row) => {
                table_row.set_overline(true);
                table_row.col(|ui| _ = ui.label(theme::text(&row.name, size::BODY, Weight::SemiBold)));
                self.cells_ui(table_row, row, Weight::SemiBold);
            }
        }
        toggled
    }

    fn cells_ui(&self, table_row: &mut TableRow<'_, '_>, row: &Row, weight: Weight) {
        for plan in self.columns {
            table_row.col(|ui| match row.text(plan.column) {
                Some(text) => {
                    let is_error = matches!(plan.column, StepColumn::Errors | StepColumn::ErrorShare);
                    let color = match () {
                        () if is_error && row.figures.n_errors > 0 => theme::colors(ui).fail,
                        () if row.figures.n_requests == 0 => theme::colors(ui).muted,
                        () => theme::colors(ui).text,
                    };
                    let text = theme::text(text, size::BODY, weight).color(color);
                    match row.interval(plan.column) {
                        Some(interval) => sure_ui(ui, text, interval, plan.label),
                        None => {
                            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                                ui.add(egui::Label::new(text).extend());
                            });
                        }
                    }
                }
                None if plan.column == StepColumn::Trend => {
                    sparks::spark_ui(ui, self.sparks, row, self.selection)
                }
                None if plan.column == StepColumn::Change => self.change_ui(ui, row),
                None => budget::budget_ui(ui, &row.budgets, &row.name),
            });
        }
    }
}

impl Pen<'_> {
    /// What a step's p95 has changed by; several steps together have none.
    fn change_ui(&self, ui: &mut Ui, row: &Row) {
        if let [step] = row.steps[..]
            && let Some(change) = self.changes.get(step)
        {
            table::number(ui, &change.text).on_hover_text(&change.explanation);
        }
    }
}

/// A percentile above its interval; what the interval stands on, for those who ask.
fn sure_ui(ui: &mut Ui, value: egui::RichText, interval: &PercentileInterval, label: &str) {
    let response = ui.with_layout(Layout::top_down(Align::Max), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(space::XS);
        ui.add(egui::Label::new(value).extend());
        let bounds = theme::small(ui, interval.short_text()).color(theme::colors(ui).faint);
        ui.add(egui::Label::new(bounds).extend());
    });
    response.response.on_hover_text(format!(
        "{label} with 95 % confidence: {}\n{}",
        interval.text(),
        interval.evidence_words()
    ));
}

/// The service's name with the arrow that hides its steps; returns whether it was clicked.
fn service_name_ui(ui: &mut Ui, group: &ServiceGroup, is_collapsed: bool) -> bool {
    let icon = if is_collapsed { icons::ICON_CHEVRON_RIGHT } else { icons::ICON_KEYBOARD_ARROW_DOWN };
    let verb = if is_collapsed { "Show" } else { "Hide" };
    let name = &group.row.name;
    ui.spacing_mut().item_spacing.x = space::XS;
    let colors = theme::colors(ui);
    let arrow = egui::RichText::new(icon.codepoint).font(theme::icon_font(16.0)).color(colors.muted);
    let title = theme::text(name, size::BODY, Weight::SemiBold);
    let button = egui::Button::new((arrow, title)).frame(false).truncate();
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(0.0, 2.0);
        ui.add(button)
    });
    widgets::named(response.inner, &format!("{verb} the steps of {name}")).clicked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::app::state::LoadedRun;

    fn shown(sorting: Option<Sorting<StepColumn>>, collapsed: &[&str]) -> Vec<String> {
        let run = LoadedRun::new(sample::record(sample::scenario())).unwrap();
        let groups = StepGroups::new(&Sight::kept(&run));
        let collapsed = collapsed.iter().map(|service| Some((*service).to_owned())).collect();
        let name = |line: &Line<'_>| match line {
            Line::Service(group) => format!("[{}]", group.row.name),
            Line::Step { row, .. } | Line::All(row) => row.name.clone(),
        };
        lines(&groups, sorting, &collapsed).iter().map(name).collect()
    }

    #[test]
    fn sorting_orders_services_and_the_steps_within_them() {
        assert_eq!(shown(None, &[]), ["[education]", "List courses", "[auth]", "Sign in", "All steps"]);
        // Step 1, of service auth, takes twice as long.
        let slowest_first = Some(Sorting { column: StepColumn::P95, descending: true });
        assert_eq!(
            shown(slowest_first, &[]),
            ["[auth]", "Sign in", "[education]", "List courses", "All steps"]
        );
    }

    #[test]
    fn sorting_by_the_ghost_orders_steps_by_what_they_changed_by() {
        let run = LoadedRun::new(sample::record(sample::scenario())).unwrap();
        let mut groups = StepGroups::new(&Sight::kept(&run));
        let change = |ratio| P95Change { ratio, text: String::new(), explanation: String::new() };
        groups.set_changes(&[change(Some(-0.1)), change(Some(0.2))]);
        let first = |groups: &StepGroups, descending| {
            let sorting = Some(Sorting { column: StepColumn::Change, descending });
            match lines(groups, sorting, &HashSet::new())[0] {
                Line::Service(group) => group.row.name.clone(),
                _ => panic!("a service comes first"),
            }
        };
        assert_eq!(first(&groups, true), "auth");
        assert_eq!(first(&groups, false), "education");
        groups.set_changes(&[change(Some(0.3)), change(None)]);
        assert_eq!(first(&groups, true), "education");
        assert_eq!(first(&groups, false), "auth", "what is not told comes before the least");
    }

    #[test]
    fn a_collapsed_service_keeps_its_own_line() {
        assert_eq!(shown(None, &["auth"]), ["[education]", "List courses", "[auth]", "All steps"]);
    }

    #[test]
    fn all_columns_fit_a_screen_of_1280_points_beside_the_rail() {
        // With a ghost, received bytes make room for the change.
        let usual: Vec<_> = COLUMNS.into_iter().filter(|plan| plan.column != StepColumn::Change).collect();
        let widest = NAME_WIDTH + table::total_width(&usual);
        assert!(widest <= 1010.0, "{widest}");
        let narrow: Vec<_> =
            table::fitting(&usual, NAME_WIDTH, 420.0).iter().map(|plan| plan.label).collect();
        assert_eq!(narrow, ["Requests", "p95", "Errors", "Error share"]);
    }
}
