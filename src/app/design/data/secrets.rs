//! Where secrets are looked up; no value is read here, shown or kept.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{
    Sight,
    order::{Order, free_name, parse_name},
    seen::Secrecy,
    variables::uses_ui,
};
use crate::{
    app::{
        design::{edit, inspector::name_field},
        theme::{self, space},
        widgets::{self, parsed_field, text_field},
    },
    model::{Scenario, SecretSource},
};

const USES: f32 = 110.0;
const KIND: f32 = 150.0;
const SECRECY: f32 = 140.0;
/// The button at the end, with the spaces between all of them and the arrow of the menu.
const REMOVE: f32 = theme::CONTROL_HEIGHT + 5.0 * space::S + space::XS;
const LEAST_SOURCE: f32 = 160.0;

pub fn secrets_ui(ui: &mut Ui, order: &mut Order, scenario: &mut Scenario, sight: &Sight<'_>) {
    widgets::section(ui, "Secrets");
    let words = "Values for {{name}} that are looked up when a run starts: they stand in no file, no record and no report.";
    ui.label(theme::small(ui, words));
    let mut removed = None;
    for (index, name) in order.rows(&scenario.secrets).into_iter().enumerate() {
        let label = format!("Secret {}", index + 1);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
            name_ui(ui, (order, scenario), (&label, &name), sight);
            if let Some(source) = scenario.secrets.get_mut(&name) {
                let free = ui.available_size_before_wrap().x;
                let width = (free - KIND - SECRECY - USES - REMOVE).max(LEAST_SOURCE);
                source_ui(ui, &label, source, width);
                secrecy_ui(ui, sight.seen.secrecy(source));
            }
            uses_ui(ui, &sight.uses.words(&name), USES);
            if widgets::icon_button(ui, icons::ICON_DELETE, &format!("Remove secret {}", index + 1)).clicked()
            {
                removed = Some(name);
            }
        });
    }
    if let Some(name) = removed {
        scenario.secrets.remove(&name);
    }
    if widgets::button(ui, icons::ICON_ADD, "Add secret").clicked() {
        let name = free_name("secret", scenario.secrets.keys().chain(scenario.variables.keys()));
        let source = SecretSource::Env(name.to_uppercase());
        scenario.secrets.insert(name, source);
    }
}

fn name_ui(
    ui: &mut Ui,
    (order, scenario): (&mut Order, &mut Scenario),
    (label, name): (&str, &str),
    sight: &Sight<'_>,
) {
    let table = scenario.secrets.clone();
    let add = |ui: &mut Ui, text: &mut String| {
        sight.marks.field(ui, &format!("secrets.{name}"), |ui| {
            let parse = |text: &str| parse_name(text, name, &table);
            parsed_field(ui, &format!("{label} name"), text, 150.0, Clone::clone, parse)
        })
    };
    name_field(ui, scenario, name, add, |scenario, to| {
        edit::rename_secret(scenario, name, to);
        order.rename(name, to);
    });
}

fn source_ui(ui: &mut Ui, label: &str, source: &mut SecretSource, width: f32) {
    let is_env = matches!(source, SecretSource::Env(_));
    let words = |is_env| if is_env { "Environment variable" } else { "Keyring" };
    let name = format!("{label} source");
    let combo =
        egui::ComboBox::from_id_salt(&name).width(KIND).selected_text(words(is_env)).show_ui(ui, |ui| {
            if ui.selectable_label(is_env, words(true)).clicked() && !is_env {
                *source = SecretSource::Env(String::new());
            }
            if ui.selectable_label(!is_env, words(false)).clicked() && is_env {
                *source = SecretSource::Keyring { service: "stagewright".to_owned(), user: String::new() };
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, &name));
    match source {
        SecretSource::Env(variable) => {
            text_field(ui, &format!("{label} environment variable"), variable, width);
        }
        SecretSource::Keyring { service, user } => {
            widgets::titled_field(
                ui,
                (&format!("{label} service"), "Service"),
                service,
                (width - space::S) / 2.0,
            );
            widgets::titled_field(ui, (&format!("{label} user"), "User"), user, (width - space::S) / 2.0);
        }
    }
}

fn secrecy_ui(ui: &mut Ui, secrecy: Option<Secrecy>) {
    let colors = theme::colors(ui);
    let (words, color, tip) = match secrecy {
        Some(Secrecy::Set) => ("set here", colors.ok, "This window can see the environment variable"),
        Some(Secrecy::NotSet) => (
            "not set here",
            colors.warn,
            "This window was started without the environment variable, so a run cannot start from it",
        ),
        Some(Secrecy::AtStart) => (
            "looked up at the start",
            colors.muted,
            "The keyring may ask for its password, so it is opened when a run starts",
        ),
        None => ("…", colors.muted, "Being looked up"),
    };
    let size = egui::vec2(SECRECY, theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_width(SECRECY);
        ui.label(theme::small(ui, words).color(color)).on_hover_text(tip);
    });
}
