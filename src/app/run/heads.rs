//! The first line of the Run screen: which run, its state, and what can be done with it.

use egui::{Align, Key, Layout, Ui};
use egui_material_icons::icons;

use super::ghost_menu::{GhostMenu, ghost_menu_ui};
use crate::app::{
    command::{Command, Commands},
    state::{LiveNow, LoadedRun},
    theme::{self, Weight, size},
    widgets,
};
use crate::{humanize, metrics::Finish};

const NOTE_FIELD: &str = "Note at this moment";

/// Name of the run under way, and the field for a note.
pub fn live_head_ui(
    ui: &mut Ui,
    now: &LiveNow,
    note: &mut String,
    menu: &GhostMenu<'_>,
    commands: &mut Commands,
) {
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        ui.label(theme::text(format!("Run {}", now.run_id), size::HEADING, Weight::SemiBold));
        match now.snapshot.paused_since() {
            Some(since) => {
                let words = format!("PAUSED since {}", humanize::clock(since));
                widgets::badge(ui, &words, colors.warn, colors.warn_soft)
                    .on_hover_text("Nothing is sent until the load is resumed; connections are kept, and no response time holds the pause");
            }
            None => _ = widgets::badge(ui, "UNDER WAY", colors.info, colors.info_soft),
        }
        if let Some(trouble) = &now.snapshot.journal_trouble {
            widgets::badge(ui, "NOT KEPT", colors.fail, colors.fail_soft).on_hover_text(trouble);
            ui.add(egui::Label::new(egui::RichText::new(trouble).color(colors.fail)).truncate());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can_add = !note.trim().is_empty();
            let button = ui
                .add_enabled_ui(can_add, |ui| widgets::button(ui, icons::ICON_ADD_COMMENT, "Add note"))
                .inner
                .on_disabled_hover_text("Write the note first (key N)");
            let wants_note = !ui.ctx().text_edit_focused()
                && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::N));
            let field = widgets::hinted_field(ui, NOTE_FIELD, note, 240.0);
            if wants_note {
                field.request_focus();
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if can_add && (entered || button.clicked()) {
                commands.push(Command::Annotate(std::mem::take(note).trim().to_owned()));
            }
            ghost_menu_ui(ui, menu, commands);
        });
    });
}

/// Name, verdict and end of a kept run, and where to go from it.
pub fn kept_head_ui(
    ui: &mut Ui,
    run: &LoadedRun,
    is_busy: bool,
    menu: &GhostMenu<'_>,
    commands: &mut Commands,
) {
    let run_id = run.record.run_id;
    let start = &run.record.start;
    ui.horizontal(|ui| {
        ui.label(theme::text(format!("Run {run_id}"), size::HEADING, Weight::SemiBold));
        widgets::verdict_pill(ui, run.summary.verdict);
        finish_badge_ui(ui, run.record.end.finish);
        let name = &start.scenario.name;
        let words = format!("{name}  ·  {}", humanize::moment(start.started_at_unix_millis));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::button(ui, icons::ICON_DESCRIPTION, "Report").clicked() {
                commands.push(Command::ShowReport(run_id));
            }
            if is_busy && widgets::button(ui, icons::ICON_MONITORING, "Back to the run under way").clicked() {
                commands.push(Command::ShowLiveRun);
            }
            ghost_menu_ui(ui, menu, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::muted(ui, words)).truncate());
            });
        });
    });
}

/// How a run ended, unless it ended by its plan.
pub fn finish_badge_ui(ui: &mut Ui, finish: Finish) {
    let colors = theme::colors(ui);
    let (word, color, ground) = match finish {
        Finish::Completed => return,
        Finish::Running => ("RUNNING", colors.info, colors.info_soft),
        Finish::Stopped => ("STOPPED", colors.warn, colors.warn_soft),
        Finish::Aborted => ("ABORTED", colors.warn, colors.warn_soft),
        Finish::Breached => ("ENDED BY THRESHOLD", colors.warn, colors.warn_soft),
        Finish::Interrupted => ("INTERRUPTED", colors.fail, colors.fail_soft),
    };
    widgets::badge(ui, word, color, ground);
}
