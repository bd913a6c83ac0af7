//! One run in the list, with what can be done with it.

use egui::{Align, Label, Layout, Popup, PopupCloseBehavior, Response, Role, Ui, WidgetInfo};
use egui_extras::TableRow;
use egui_material_icons::icons;

use super::{HistoryView, thumbnail::thumbnail_ui};
use crate::app::{
    command::{Command, Commands, Question},
    run::finish_badge_ui,
    state::Shelf,
    theme::{self, Weight, size, space},
    widgets::{self, table},
};
use crate::humanize::{self, MISSING};
use crate::metrics::{Finish, RunDigest, RunId};
use crate::store::RunListing;

/// Draws all cells of a run.
pub fn row_ui(
    row: &mut TableRow<'_, '_>,
    view: &mut HistoryView,
    shelf: &Shelf,
    listing: &RunListing,
    commands: &mut Commands,
) {
    row.col(|ui| select_ui(ui, view, listing));
    row.col(|ui| when_ui(ui, listing, commands));
    row.col(|ui| {
        ui.add(Label::new(&listing.scenario_name).truncate()).on_hover_text(&listing.base_url);
    });
    row.col(|ui| thumbnail_ui(ui, &listing.profile));
    row.col(|ui| verdict_ui(ui, listing));
    let digest = listing.digest.as_ref();
    let number = |words: fn(&RunDigest) -> Option<String>| {
        digest.and_then(words).unwrap_or_else(|| MISSING.to_owned())
    };
    let numbers = [
        number(|digest| digest.p95.map(humanize::latency)),
        number(|digest| Some(humanize::rate(digest.throughput_per_sec))),
        number(|digest| digest.error_ratio.map(humanize::percent)),
        number(|digest| Some(humanize::count(digest.n_requests))),
    ];
    for text in numbers {
        row.col(|ui| {
            let response = table::number(ui, text);
            if let Some(digest) = digest {
                response.on_hover_text(format!("Window: {}", digest.window));
            }
        });
    }
    row.col(|ui| words_ui(ui, listing));
    row.col(|ui| actions_ui(ui, view, shelf, listing, commands));
}

fn select_ui(ui: &mut Ui, view: &mut HistoryView, listing: &RunListing) {
    let run_id = listing.run_id;
    let mut is_selected = view.selected.contains(&run_id);
    let response = ui.checkbox(&mut is_selected, "");
    response.widget_info(|| {
        WidgetInfo::selected(Role::CheckBox, true, is_selected, format!("Select run {run_id}"))
    });
    if response.changed() {
        if is_selected {
            view.selected.insert(run_id);
        } else {
            view.selected.remove(&run_id);
        }
    }
}

fn when_ui(ui: &mut Ui, listing: &RunListing, commands: &mut Commands) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().button_padding = egui::Vec2::ZERO;
        ui.spacing_mut().interact_size.y = 18.0;
        ui.add_space(6.0);
        if widgets::link_button(ui, &format!("Run {}", listing.run_id)).clicked() {
            commands.push(Command::OpenRun(listing.run_id));
        }
        let moment = humanize::moment(listing.started_at_unix_millis);
        let short = moment.trim_end_matches(" UTC").to_owned();
        ui.add(Label::new(theme::small(ui, short)).truncate()).on_hover_text(moment);
    });
}

fn verdict_ui(ui: &mut Ui, listing: &RunListing) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let has_badge = listing.finish != Finish::Completed;
        let n_lines = usize::from(has_badge) + usize::from(listing.digest.is_some());
        ui.add_space(if n_lines > 1 { 3.0 } else { 14.0 });
        if let Some(digest) = &listing.digest {
            widgets::verdict_pill(ui, digest.verdict);
        }
        finish_badge_ui(ui, listing.finish);
        if n_lines == 0 {
            ui.label(theme::small(ui, "not summed up"));
        }
    });
}

/// Tags above, note below.
fn words_ui(ui: &mut Ui, listing: &RunListing) {
    ui.add_space(space::L);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(if listing.tags.is_empty() { 15.0 } else { 4.0 });
        if !listing.tags.is_empty() {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                for tag in &listing.tags {
                    widgets::chip(ui, tag);
                }
            });
        }
        let (words, color) = if listing.note.is_empty() {
            (MISSING, theme::colors(ui).faint)
        } else {
            (listing.note.as_str(), theme::colors(ui).muted)
        };
        let text = theme::text(words, size::SMALL, Weight::Regular).color(color);
        ui.add(Label::new(text).truncate()).on_hover_text(words);
    });
}

fn actions_ui(
    ui: &mut Ui,
    view: &mut HistoryView,
    shelf: &Shelf,
    listing: &RunListing,
    commands: &mut Commands,
) {
    let run_id = listing.run_id;
    ui.spacing_mut().item_spacing.x = 2.0;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if widgets::icon_button(ui, icons::ICON_DELETE, &format!("Delete run {run_id}")).clicked() {
            commands.push(Command::Ask(Box::new(delete_question(run_id))));
        }
        edit_ui(ui, view, listing, commands);
        let report = widgets::icon_button(ui, icons::ICON_DESCRIPTION, &format!("Report on run {run_id}"));
        if report.clicked() {
            commands.push(Command::ShowReport(run_id));
        }
        compare_ui(ui, shelf, listing, commands);
        star_ui(ui, listing, commands);
    });
}

fn delete_question(run_id: RunId) -> Question {
    Question {
        title: format!("Delete run {run_id}?"),
        text: "It leaves the list with its measurements. You can restore it until you close the window."
            .to_owned(),
        yes: "Delete run",
        command: Command::DeleteRun(run_id),
    }
}

/// Compares with the baseline of the same scenario, if there is one.
fn compare_ui(ui: &mut Ui, shelf: &Shelf, listing: &RunListing, commands: &mut Commands) {
    let run_id = listing.run_id;
    let baseline = shelf.listings().iter().find(|other| {
        other.is_baseline && other.run_id != run_id && other.scenario_name == listing.scenario_name
    });
    let why_not = "No other run of this scenario is the baseline; set one with the star";
    let response = ui
        .add_enabled_ui(baseline.is_some(), |ui| {
            widgets::icon_button(ui, icons::ICON_COMPARE_ARROWS, &format!("Compare run {run_id}"))
        })
        .inner
        .on_disabled_hover_text(why_not);
    if let (Some(baseline), true) = (baseline, response.clicked()) {
        commands.push(Command::Compare { baseline: baseline.run_id, candidate: run_id });
    }
}

fn star_ui(ui: &mut Ui, listing: &RunListing, commands: &mut Commands) {
    let run_id = listing.run_id;
    let name = if listing.is_baseline {
        format!("Run {run_id} is the baseline")
    } else {
        format!("Set run {run_id} as baseline")
    };
    let colors = theme::colors(ui);
    let color = if listing.is_baseline { colors.warn } else { colors.border_strong };
    let star = egui::RichText::new(icons::ICON_STAR.codepoint).font(theme::icon_font(17.0)).color(color);
    let button =
        egui::Button::new(star).frame_when_inactive(false).min_size(egui::Vec2::splat(theme::CONTROL_HEIGHT));
    let response = widgets::named(ui.add(button), &name).on_hover_text(&name);
    if response.clicked() {
        commands.push(Command::MarkBaseline(run_id, !listing.is_baseline));
    }
}

/// The popup in which tags and note of a run are changed.
fn edit_ui(ui: &mut Ui, view: &mut HistoryView, listing: &RunListing, commands: &mut Commands) {
    let run_id = listing.run_id;
    let response = widgets::icon_button(ui, icons::ICON_SELL, &format!("Tags and note of run {run_id}"));
    if response.clicked() {
        view.tag.clear();
        view.note = Some((run_id, listing.note.clone()));
    }
    let frame = egui::Frame::popup(ui.style()).inner_margin(space::M);
    let shown = Popup::from_toggle_button_response(&response)
        .frame(frame)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(300.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.set_width(280.0);
            let field = tags_ui(ui, &mut view.tag, listing, commands);
            if response.clicked() {
                field.request_focus();
            }
            if let Some((_, note)) = &mut view.note {
                let field = widgets::labelled(ui, "Note", |ui| widgets::text_area(ui, "Note", note, 3));
                if field.lost_focus() && *note != listing.note {
                    commands.push(Command::ReplaceNote(run_id, note.clone()));
                }
            }
        });
    let is_closed = shown.is_none();
    // Closing the popup keeps what was written, however it was closed.
    if let Some((of, note)) = view.note.take_if(|(of, _)| is_closed && *of == run_id && !response.clicked())
        && note != listing.note
    {
        commands.push(Command::ReplaceNote(of, note));
    }
}

/// Tags with a way to take them off, and the field for another one, which is returned.
fn tags_ui(ui: &mut Ui, tag: &mut String, listing: &RunListing, commands: &mut Commands) -> Response {
    let run_id = listing.run_id;
    ui.label(theme::small(ui, "Tags"));
    if !listing.tags.is_empty() {
        ui.horizontal_wrapped(|ui| {
            for tag in &listing.tags {
                if removable_chip_ui(ui, tag).clicked() {
                    commands.push(Command::RemoveTag(run_id, tag.clone()));
                }
            }
        });
    }
    ui.horizontal(|ui| {
        let field = widgets::hinted_field(ui, "New tag", tag, 150.0);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let added = widgets::button(ui, icons::ICON_ADD, "Add tag").clicked();
        let text = tag.trim();
        if (entered || added) && !text.is_empty() {
            commands.push(Command::AddTag(run_id, text.to_owned()));
            tag.clear();
            field.request_focus();
        }
        field
    })
    .inner
}

fn removable_chip_ui(ui: &mut Ui, tag: &str) -> Response {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        widgets::chip(ui, tag);
        widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Remove tag {tag}"))
    })
    .inner
}
