//! Files of rows for `{{feeder.column}}`, with their first rows as a run would read them.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{Sight, order::free_name, variables::uses_ui};
use crate::{
    app::{
        command::{Command, Commands, FilePlace},
        design::{edit, inspector::name_field},
        theme::{self, Weight, size, space},
        widgets::{self, labelled, text_field},
    },
    engine::FeederPreview,
    humanize,
    model::{AtEnd, FeedFormat, FeedOrder, Feeder, Scenario},
};

const NAME: f32 = 140.0;
const PICK: f32 = 150.0;
const USES: f32 = 110.0;

pub fn feeders_ui(ui: &mut Ui, scenario: &mut Scenario, sight: &Sight<'_>, commands: &mut Commands) {
    widgets::section_with(ui, "Feeders", |ui| {
        let again = "Look again";
        if !scenario.feeders.is_empty()
            && widgets::icon_button(ui, icons::ICON_REFRESH, again)
                .on_hover_text("Reads the files again")
                .clicked()
        {
            commands.push(Command::LookUpData);
        }
    });
    let words = "Files of rows: each iteration that uses one gets a row, and {{feeder.column}} its values.";
    ui.label(theme::small(ui, words));
    let mut removed = None;
    for index in 0..scenario.feeders.len() {
        if feeder_ui(ui, (scenario, index), sight, commands) {
            removed = Some(index);
        }
        ui.add_space(space::S);
    }
    if let Some(index) = removed {
        scenario.feeders.remove(index);
    }
    if widgets::button(ui, icons::ICON_ADD, "Add feeder").clicked() {
        let names: Vec<String> = scenario.feeders.iter().map(|feeder| feeder.name.clone()).collect();
        scenario.feeders.push(Feeder {
            name: free_name("data", names.iter()),
            file: "data.csv".to_owned(),
            format: None,
            order: FeedOrder::Sequential,
            at_end: FeedOrder::Sequential.default_end(),
        });
    }
}

/// Draws one feeder; returns whether it is to be removed.
fn feeder_ui(
    ui: &mut Ui,
    (scenario, index): (&mut Scenario, usize),
    sight: &Sight<'_>,
    commands: &mut Commands,
) -> bool {
    let (label, path) = (format!("Feeder {}", index + 1), format!("feeders[{index}]"));
    let removed = ui
        .horizontal_top(|ui| {
            let name = scenario.feeders[index].name.clone();
            labelled(ui, "Name", |ui| {
                let add = |ui: &mut Ui, text: &mut String| {
                    sight.marks.field(ui, &format!("{path}.name"), |ui| {
                        text_field(ui, &format!("{label} name"), text, NAME)
                    })
                };
                name_field(ui, scenario, &name, add, |scenario, to| edit::rename_feeder(scenario, index, to))
            });
            let file = &mut scenario.feeders[index].file;
            labelled(ui, "File: relative paths start at the scenario file's folder", |ui| {
                ui.horizontal_top(|ui| file_ui(ui, (&label, index), file, sight, commands)).inner
            })
        })
        .inner;
    let feeder = &mut scenario.feeders[index];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        pick_ui(ui, &format!("{label} format"), &mut feeder.format, &FORMATS);
        let before = feeder.order;
        pick_ui(ui, &format!("{label} order"), &mut feeder.order, &ORDERS);
        if feeder.order != before {
            feeder.at_end = feeder.order.default_end();
        }
        sight.marks.field(ui, &format!("{path}.at_end"), |ui| {
            pick_ui(ui, &format!("{label} at the end"), &mut feeder.at_end, &ENDS)
        });
        uses_ui(ui, &sight.uses.feeder_words(&feeder.name), USES);
    });
    ui.label(theme::small(ui, words_of(feeder)));
    match sight.seen.preview(feeder) {
        Some(preview) => preview_ui(ui, feeder, preview),
        None => _ = ui.label(theme::muted(ui, "Reading the file…")),
    }
    removed
}

/// The path of a feeder's file; returns whether the feeder is to be removed.
fn file_ui(
    ui: &mut Ui,
    (label, index): (&str, usize),
    file: &mut String,
    sight: &Sight<'_>,
    commands: &mut Commands,
) -> bool {
    ui.spacing_mut().item_spacing.x = space::XS;
    let width = ui.available_width() - 2.0 * (theme::CONTROL_HEIGHT + space::XS);
    sight.marks.field(ui, &format!("feeders[{index}].file"), |ui| {
        text_field(ui, &format!("{label} file"), file, width.max(80.0))
    });
    let browse = format!("Browse for the file of feeder {}", index + 1);
    if widgets::icon_button(ui, icons::ICON_FOLDER_OPEN, &browse).clicked() {
        commands.push(Command::BrowseForFile(FilePlace::Feeder(index)));
    }
    widgets::icon_button(ui, icons::ICON_DELETE, &format!("Remove feeder {}", index + 1)).clicked()
}

const FORMATS: [(Option<FeedFormat>, &str, &str); 3] = [
    (None, "By the file's ending", "JSON lines for .jsonl, .ndjson and .json, else CSV"),
    (Some(FeedFormat::Csv), "CSV", "With a header line that names the columns"),
    (Some(FeedFormat::JsonLines), "JSON lines", "One JSON object a line"),
];

const ORDERS: [(FeedOrder, &str, &str); 4] = [
    (FeedOrder::Sequential, "In sequence", "The next row of the file, counted over all virtual users"),
    (FeedOrder::Shuffled, "Shuffled", "Each row once, in an order drawn anew for each pass"),
    (FeedOrder::Random, "At random", "Any row, independently of all others"),
    (FeedOrder::Unique, "Unique per user", "Each virtual user gets a row of its own for the whole run"),
];

const ENDS: [(AtEnd, &str, &str); 3] = [
    (AtEnd::Wrap, "Begin again", "After the last row comes the first"),
    (AtEnd::Stop, "Stop the load", "After the last row the load ends as if the plan were over"),
    (
        AtEnd::Error,
        "Count an error",
        "An iteration without a row is an error of its first step, and is not sent",
    ),
];

fn words_of(feeder: &Feeder) -> String {
    let order = ORDERS.iter().find(|(order, ..)| *order == feeder.order).map_or("", |(.., words)| words);
    if feeder.order == FeedOrder::Random {
        return format!("{order}.");
    }
    let end = ENDS.iter().find(|(end, ..)| *end == feeder.at_end).map_or("", |(.., words)| words);
    format!("{order}. {end}.")
}

fn pick_ui<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut T,
    choices: &[(T, &str, &str)],
) -> egui::Response {
    let shown = choices.iter().find(|(choice, ..)| choice == chosen).map_or("", |(_, shown, _)| shown);
    let combo = egui::ComboBox::from_id_salt(name).width(PICK).selected_text(shown).show_ui(ui, |ui| {
        for (choice, shown, words) in choices {
            ui.selectable_value(chosen, *choice, *shown).on_hover_text(*words);
        }
    });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, name));
    combo.response
}

fn preview_ui(ui: &mut Ui, feeder: &Feeder, preview: &FeederPreview) {
    let colors = theme::colors(ui);
    for problem in &preview.problems {
        ui.label(theme::small(ui, problem.to_string()).color(colors.fail));
    }
    if preview.columns.is_empty() {
        return;
    }
    let rows = match preview.n_rows {
        Some(n_rows) => humanize::counted(n_rows, "row"),
        None => "a large file; its beginning was looked at".to_owned(),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::XS, space::XS);
        ui.label(theme::small(ui, format!("{rows}. Copy:")));
        for column in &preview.columns {
            let template = format!("{{{{{}.{column}}}}}", feeder.name);
            let text = egui::RichText::new(&template).font(theme::mono()).color(colors.accent_text);
            let chip = egui::Button::new(text).fill(colors.accent_soft).stroke(egui::Stroke::NONE);
            let tip = "Copies it, to be pasted into a request";
            if widgets::named(ui.add(chip), &format!("Copy {template}")).on_hover_text(tip).clicked() {
                ui.ctx().copy_text(template);
            }
        }
    });
    let id = ui.make_persistent_id(("feeder rows", &feeder.name));
    egui::ScrollArea::horizontal().id_salt(id).show(ui, |ui| {
        egui::Grid::new(id).striped(true).spacing([space::L, space::XS]).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            for column in &preview.columns {
                let text = theme::text(column, size::SMALL, Weight::Medium);
                ui.label(text.color(theme::colors(ui).muted));
            }
            ui.end_row();
            for row in &preview.rows {
                for field in row {
                    let shown: String = field.chars().take(60).collect();
                    ui.add(egui::Label::new(theme::text(shown, size::SMALL, Weight::Regular)).extend());
                }
                ui.end_row();
            }
        });
    });
}
