//! All monitors of the scenario: a switch, a name and a kind each, and the door to a new one.

use egui::{Align, Button, Layout, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use super::{MonitorsView, Start};
use crate::{
    app::{
        design::marks::{Marks, sentence},
        theme::{self, Weight, size, space},
        widgets,
    },
    model::{Monitor, Scenario},
};

const ROW_HEIGHT: f32 = 44.0;

pub fn list_ui(ui: &mut Ui, view: &mut MonitorsView, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::section(ui, "Monitors");
    for (index, monitor) in scenario.monitors.iter_mut().enumerate() {
        row_ui(ui, view, (index, monitor), marks);
    }
    ui.add_space(space::XS);
    let add = marks.list(ui, "monitors", |ui| widgets::button(ui, icons::ICON_ADD, "Add monitor"));
    egui::Popup::menu(&add).show(|ui| {
        for start in Start::ALL {
            if widgets::menu_entry(ui, start.icon(), start.name()).on_hover_text(start.words()).clicked() {
                view.add(scenario, start);
            }
        }
    });
}

fn row_ui(ui: &mut Ui, view: &mut MonitorsView, (index, monitor): (usize, &mut Monitor), marks: &Marks<'_>) {
    let colors = theme::colors(ui);
    let is_selected = view.selected == index;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let switch = ui.checkbox(&mut monitor.enabled, "");
        let (name, enabled) = (format!("Watch {}", monitor.name), monitor.enabled);
        switch.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, enabled, &name));
        switch.on_hover_text(match enabled {
            true => "Watched while a run goes on",
            false => "Kept in the file, and not watched",
        });
        let color = if monitor.enabled { colors.text } else { colors.faint };
        let start = Start::of(&monitor.probe);
        let width = ui.available_width();
        let button = Button::new("").selected(is_selected).frame_when_inactive(is_selected);
        let row = ui.add(button.min_size(egui::vec2(width, ROW_HEIGHT)));
        let label = format!("Monitor {}, {}", monitor.name, start.name());
        row.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &label));
        let inside = row.rect.shrink2(egui::vec2(8.0, 4.0));
        let layout = Layout::left_to_right(Align::Center);
        let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(inside).layout(layout));
        let icon = egui::RichText::new(start.icon().codepoint).font(theme::icon_font(17.0));
        inner.label(icon.color(if is_selected { colors.accent_text } else { colors.muted }));
        inner.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let name = theme::text(&monitor.name, size::BODY, Weight::Medium).color(color);
            ui.add(egui::Label::new(name).truncate());
            ui.add(egui::Label::new(theme::small(ui, start.name())).truncate());
        });
        if let Some(problem) = marks.worst(&format!("monitors[{index}]"), true) {
            let color = if problem.is_error() { colors.fail } else { colors.warn };
            ui.painter().circle_filled(row.rect.right_top() + egui::vec2(-10.0, 10.0), 4.0, color);
        }
        let problem = marks.worst(&format!("monitors[{index}]"), true);
        let row = match problem {
            Some(problem) => row.on_hover_text(sentence(&problem.message)),
            None => row,
        };
        if row.clicked() {
            view.selected = index;
        }
    });
}
