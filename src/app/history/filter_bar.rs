//! The filters in one row: a text, and a pill for each filter that shows what it is set to.

use egui::{Button, CornerRadius, Popup, PopupCloseBehavior, Response, RichText, ScrollArea, Stroke, Ui};
use egui_material_icons::icons;
use jiff::civil::Date;

use super::{
    filter::{FilterChoice, When, read_day},
    list::{Offer, Offers},
};
use crate::app::{
    theme::{self, Weight, size, space},
    widgets,
};
use crate::humanize;
use crate::metrics::{Standing, Verdict};

/// Values listed in one menu; a text narrows them down.
const MAX_LISTED: usize = 60;
/// From so many values on a menu has a field that narrows them down.
const MANY: usize = 9;
const MENU_WIDTH: f32 = 260.0;
const SEARCH_WIDTH: f32 = 190.0;
/// Letters of a value that a pill shows.
const MAX_LETTERS: usize = 26;
/// Half of a pill's height.
const ROUND: u8 = 14;

/// Draws the bar; `search` is what is being looked for in the menu that is open.
pub fn filter_bar_ui(ui: &mut Ui, choice: &mut FilterChoice, offers: &Offers, search: &mut String) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(6.0);
        search_ui(ui, &mut choice.text);
        let scenario = Menu { name: "Scenario", offers: &offers.scenarios, words: String::clone };
        menu_ui(ui, &scenario, &mut choice.scenario, search);
        if !offers.environments.is_empty() || choice.environment.is_some() {
            let environment =
                Menu { name: "Environment", offers: &offers.environments, words: String::clone };
            menu_ui(ui, &environment, &mut choice.environment, search);
        }
        if !offers.labels.is_empty() || choice.label.is_some() {
            let label = Menu { name: "Label", offers: &offers.labels, words: label_words };
            menu_ui(ui, &label, &mut choice.label, search);
        }
        let verdict =
            Menu { name: "Verdict", offers: &offers.verdicts, words: |it: &Verdict| it.name().to_owned() };
        menu_ui(ui, &verdict, &mut choice.verdict, search);
        if !offers.qualities.is_empty() || choice.quality.is_some() {
            let quality = Menu {
                name: "Quality",
                offers: &offers.qualities,
                words: |it: &Standing| it.name().to_owned(),
            };
            menu_ui(ui, &quality, &mut choice.quality, search);
        }
        when_ui(ui, &mut choice.when);
        starred_ui(ui, &mut choice.starred_only);
        if choice.is_set()
            && widgets::link_button(ui, "Clear").on_hover_text("Shows all runs again").clicked()
        {
            *choice = FilterChoice::default();
        }
    });
}

fn search_ui(ui: &mut Ui, text: &mut String) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let icon = RichText::new(icons::ICON_SEARCH.codepoint).font(theme::icon_font(16.0));
        ui.label(icon.color(theme::colors(ui).muted));
        widgets::hinted_field(ui, "Search runs", text, SEARCH_WIDTH)
            .on_hover_text("Every word must occur in name, scenario, tag, note or label of a run");
    });
}

/// A label as it is written: `commit=1a2b3c`.
fn label_words((key, value): &(String, String)) -> String {
    format!("{key}={value}")
}

/// One filter whose values are known.
struct Menu<'a, T> {
    name: &'static str,
    offers: &'a [Offer<T>],
    words: fn(&T) -> String,
}

fn menu_ui<T: Clone + PartialEq>(
    ui: &mut Ui,
    menu: &Menu<'_, T>,
    chosen: &mut Option<T>,
    search: &mut String,
) {
    let words = chosen.as_ref().map(menu.words);
    let (response, is_cleared) = pill_ui(ui, menu.name, words.as_deref());
    if is_cleared {
        *chosen = None;
    }
    if response.clicked() {
        search.clear();
    }
    Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(MENU_WIDTH).show(
        |ui| {
            let is_done = values_ui(ui, menu, chosen, search, response.clicked());
            if is_done {
                ui.close();
            }
        },
    );
}

/// The values that fit what is looked for; whether one was chosen.
fn values_ui<T: Clone + PartialEq>(
    ui: &mut Ui,
    menu: &Menu<'_, T>,
    chosen: &mut Option<T>,
    search: &mut String,
    is_opened: bool,
) -> bool {
    ui.set_width(MENU_WIDTH);
    let mut is_done = false;
    if menu.offers.len() >= MANY {
        let field = widgets::hinted_field(
            ui,
            &format!("Find {}", menu.name.to_lowercase()),
            search,
            MENU_WIDTH - 16.0,
        );
        if is_opened {
            field.request_focus();
        }
    }
    if chosen.is_some() && value_ui(ui, "Any", None, false) {
        *chosen = None;
        is_done = true;
    }
    let wanted = search.trim().to_lowercase();
    let mut n_more = 0;
    ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        let mut n_listed = 0;
        for (value, n_runs) in menu.offers {
            let words = (menu.words)(value);
            if !wanted.is_empty() && !words.to_lowercase().contains(&wanted) {
                continue;
            }
            if n_listed == MAX_LISTED {
                n_more += 1;
                continue;
            }
            n_listed += 1;
            if value_ui(ui, &words, Some(*n_runs), chosen.as_ref() == Some(value)) {
                *chosen = Some(value.clone());
                is_done = true;
            }
        }
        if n_listed == 0 {
            ui.label(theme::small(ui, "Nothing of that name"));
        }
    });
    if n_more > 0 {
        ui.label(theme::small(ui, format!("{} more: write part of it", humanize::count(n_more))));
    }
    is_done
}

/// One value with its number of runs at the right; whether it was chosen.
fn value_ui(ui: &mut Ui, words: &str, n_runs: Option<usize>, is_chosen: bool) -> bool {
    let width = ui.available_width();
    let count = n_runs.map(|n| humanize::count(n as u64)).unwrap_or_default();
    let color = theme::colors(ui).muted;
    let response = ui.scope(|ui| {
        ui.set_width(width);
        let button = Button::selectable(is_chosen, egui::RichText::new(words))
            .right_text(RichText::new(count).color(color))
            .truncate()
            .min_size(egui::vec2(width, theme::CONTROL_HEIGHT));
        ui.add(button)
    });
    widgets::named(response.inner, words).clicked()
}

/// A filter as a pill that opens its menu; what it is set to can be taken away at its end.
// Plain buttons, as nothing else is moved into the next row where this one is full.
fn pill_ui(ui: &mut Ui, name: &str, value: Option<&str>) -> (Response, bool) {
    let colors = theme::colors(ui);
    let (fill, stroke, color) = match value {
        Some(_) => (colors.accent_soft, colors.accent_soft, colors.accent_text),
        None => (colors.control, colors.border, colors.text),
    };
    let end = if value.is_some() { 0 } else { ROUND };
    let words = value.map_or_else(|| name.to_owned(), |value| format!("{name}: {}", shortened(value)));
    let text = theme::text(words, size::SMALL, Weight::Medium).color(color);
    let arrow = RichText::new(icons::ICON_ARROW_DROP_DOWN.codepoint).font(theme::icon_font(16.0));
    let button = Button::new((text, arrow.color(color)))
        .fill(fill)
        .stroke(Stroke::new(1.0, stroke))
        .corner_radius(CornerRadius { nw: ROUND, sw: ROUND, ne: end, se: end })
        .min_size(egui::vec2(0.0, theme::CONTROL_HEIGHT));
    let gap = ui.spacing().item_spacing.x;
    if value.is_some() {
        ui.spacing_mut().item_spacing.x = 0.0;
    }
    let response = widgets::named(ui.add(button), &format!("Filter by {}", name.to_lowercase()));
    ui.spacing_mut().item_spacing.x = gap;
    let Some(value) = value else { return (response, false) };
    let cross = RichText::new(icons::ICON_CLOSE.codepoint).font(theme::icon_font(14.0)).color(color);
    let button = Button::new(cross)
        .fill(fill)
        .stroke(Stroke::new(1.0, stroke))
        .corner_radius(CornerRadius { nw: 0, sw: 0, ne: ROUND, se: ROUND })
        .min_size(egui::vec2(0.0, theme::CONTROL_HEIGHT));
    let cleared = widgets::named(ui.add(button), &format!("Any {}", name.to_lowercase()));
    (response.on_hover_text(value), cleared.on_hover_text("Takes this filter away").clicked())
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn when_ui(ui: &mut Ui, when: &mut When) {
    let (response, is_cleared) = pill_ui(ui, "Date", when.words().as_deref());
    if is_cleared {
        *when = When::Any;
    }
    Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(MENU_WIDTH).show(
        |ui| {
            ui.set_width(MENU_WIDTH);
            for (preset, words) in When::PRESETS {
                if value_ui(ui, words, None, *when == preset) {
                    *when = preset;
                    ui.close();
                }
            }
            ui.separator();
            let (mut from, mut to) = match *when {
                When::Between { from, to } => (from, to),
                When::Any | When::LastDays(_) => (None, None),
            };
            let before = (from, to);
            ui.horizontal(|ui| {
                day_ui(ui, "From day", &mut from);
                day_ui(ui, "To day", &mut to);
            });
            if (from, to) != before {
                *when = When::Between { from, to };
            }
            ui.label(theme::small(ui, "Days of the world's clock (UTC), as 2026-11-26; both are included"));
        },
    );
}

fn day_ui(ui: &mut Ui, name: &str, day: &mut Option<Date>) {
    let words = |day: &Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    widgets::labelled(ui, name, |ui| widgets::parsed_field(ui, name, day, 104.0, words, read_day));
}

fn starred_ui(ui: &mut Ui, starred_only: &mut bool) {
    let colors = theme::colors(ui);
    let (fill, stroke, color) = if *starred_only {
        (colors.accent_soft, colors.accent_soft, colors.accent_text)
    } else {
        (colors.control, colors.border, colors.text)
    };
    let icon = RichText::new(icons::ICON_STAR.codepoint).font(theme::icon_font(15.0)).color(color);
    let text = theme::text("Starred", size::SMALL, Weight::Medium).color(color);
    let button = Button::new((icon, text))
        .fill(fill)
        .stroke(Stroke::new(1.0, stroke))
        .corner_radius(ROUND)
        .min_size(egui::vec2(0.0, theme::CONTROL_HEIGHT));
    let response = ui.add(button);
    let is_on = *starred_only;
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Switch, true, is_on, "Starred only"));
    if response.on_hover_text("Only runs with a star").clicked() {
        *starred_only = !is_on;
    }
}
