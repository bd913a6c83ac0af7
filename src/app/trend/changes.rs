//! The changes of a trend in a table, and the runs that lie far from the others.

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::{
    metric::TrendMetric,
    series::{TrendChange, TrendLine},
};
use crate::app::{
    command::{Command, Commands},
    theme::{self, Weight, size, space},
    widgets::{self, table},
};
use crate::humanize;

/// Outliers named; there are few by their nature.
const MAX_NAMED: usize = 12;

/// Draws changes, newest first, with what can be looked at on both sides.
pub fn changes_ui(ui: &mut Ui, line: &TrendLine, metric: TrendMetric, commands: &mut Commands) {
    widgets::section(ui, "Changes");
    if line.changes.is_empty() {
        let runs = humanize::counted(line.n_counted as u64, "run");
        let words = format!("No change found in {runs} of this set-up: one level throughout");
        ui.label(theme::muted(ui, words));
    } else {
        grid_ui(ui, line, metric, commands);
        ui.label(theme::small(
            ui,
            "A change is told where the levels before and after differ by 5 % or more (shares: by 0.1 percentage \
             points) and chance alone is no explanation (p < 0.001). A hollow one is provisional until three runs \
             follow it.",
        ));
    }
    outliers_ui(ui, line, commands);
}

fn grid_ui(ui: &mut Ui, line: &TrendLine, metric: TrendMetric, commands: &mut Commands) {
    egui::Grid::new("trend changes").num_columns(7).spacing([space::XL, 6.0]).min_col_width(0.0).show(
        ui,
        |ui| {
            for (head, is_number) in [
                ("Change", false),
                ("At", false),
                ("Before", true),
                ("After", true),
                ("p", true),
                ("", false),
                ("", false),
            ] {
                table::head(ui, head, is_number);
            }
            ui.end_row();
            for change in line.changes.iter().rev() {
                row_ui(ui, line, change, metric, commands);
                ui.end_row();
            }
        },
    );
}

fn row_ui(ui: &mut Ui, line: &TrendLine, change: &TrendChange, metric: TrendMetric, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let (before, after) = (&line.runs[change.before_at], &line.runs[change.after_at]);
    let (color, ground) =
        if change.is_worse { (colors.fail, colors.fail_soft) } else { (colors.ok, colors.ok_soft) };
    ui.horizontal(|ui| {
        let words = format!("{} {}", metric.name(), change.words);
        ui.label(theme::text(words, size::BODY, Weight::Medium));
        widgets::badge(ui, if change.is_worse { "WORSE" } else { "BETTER" }, color, ground);
        if change.is_provisional {
            widgets::chip(ui, "provisional").on_hover_text("Fewer than three runs follow it");
        }
    });
    ui.horizontal(|ui| {
        if widgets::link_button(ui, &format!("Run {}", after.run_id)).clicked() {
            commands.push(Command::OpenRun(after.run_id));
        }
        let moment = humanize::moment(after.started_at_unix_millis);
        ui.label(theme::small(ui, moment.trim_end_matches(" UTC"))).on_hover_text(&moment);
    });
    let unit = metric.unit();
    for value in [change.before, change.after] {
        table::number(ui, unit.text(value)).on_hover_text("Level of the runs between two changes");
    }
    table::number(ui, humanize::p_value(change.p_value))
        .on_hover_text("How likely runs differ so much by chance alone");
    let name = format!("Compare runs {} and {}", before.run_id, after.run_id);
    if widgets::button(ui, icons::ICON_COMPARE_ARROWS, &name).clicked() {
        commands.push(Command::Compare(vec![before.run_id, after.run_id]));
    }
    if after.title.starts_with("Run ") {
        ui.label("");
    } else {
        ui.add(Label::new(theme::small(ui, &after.title)).truncate());
    }
}

fn outliers_ui(ui: &mut Ui, line: &TrendLine, commands: &mut Commands) {
    let outliers: Vec<_> = line.runs.iter().filter(|run| run.is_outlier).collect();
    if outliers.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let words = format!("{}, far from the others:", humanize::counted(outliers.len() as u64, "outlier"));
        ui.label(theme::muted(ui, words)).on_hover_text(
            "By the generalised extreme Studentised deviate test. They are flagged, never left out",
        );
        for run in outliers.iter().take(MAX_NAMED) {
            if widgets::link_button(ui, &format!("Run {}", run.run_id)).clicked() {
                commands.push(Command::OpenRun(run.run_id));
            }
        }
        if outliers.len() > MAX_NAMED {
            ui.label(theme::muted(ui, format!("and {} more", outliers.len() - MAX_NAMED)));
        }
    });
}
