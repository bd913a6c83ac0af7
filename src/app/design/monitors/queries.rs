//! The queries of a Prometheus server: one time series each, with some that are ready to be taken.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    pick::{group_ui, unit_ui, unit_words},
    ready::READY_QUERIES,
    series::follow,
};
use crate::{
    app::{
        design::{edit::unique_name, marks::Marks},
        theme::{self, space},
        widgets::{self, text_field},
    },
    model::{QuerySeries, SeriesGroup, SeriesLimit, SeriesUnit},
};

const NAME: f32 = 160.0;

/// Draws all queries; limits follow one that gets another name.
pub fn queries_ui(
    ui: &mut Ui,
    (queries, limits): (&mut Vec<QuerySeries>, &mut [SeriesLimit]),
    path: &str,
    marks: &Marks<'_>,
) {
    ui.add_space(space::XS);
    ui.label(theme::text("Queries", theme::size::BODY, theme::Weight::SemiBold));
    let words = "Each has to come to one time series. They are asked once the run has ended, over the run's own time. \
                 Windows of rates should span four scrapes.";
    ui.label(theme::small(ui, words));
    let mut removed = None;
    for (index, query) in queries.iter_mut().enumerate() {
        let before = query.name.clone();
        if query_ui(ui, (query, index), path, marks) {
            removed = Some(index);
        }
        follow(limits, &before, &query.name);
    }
    if let Some(index) = removed {
        queries.remove(index);
    }
    ui.horizontal_wrapped(|ui| {
        let add =
            marks.list(ui, &format!("{path}.series"), |ui| widgets::button(ui, icons::ICON_ADD, "Add query"));
        if add.clicked() {
            let name = unique_name("query", queries.iter().map(|query| query.name.as_str()));
            queries.push(QuerySeries {
                name,
                query: String::new(),
                unit: SeriesUnit::Number,
                group: SeriesGroup::Other,
            });
        }
        let ready = widgets::button(ui, icons::ICON_LIBRARY_ADD, "Add a ready query");
        egui::Popup::menu(&ready).show(|ui| ready_ui(ui, queries));
    });
}

fn ready_ui(ui: &mut Ui, queries: &mut Vec<QuerySeries>) {
    for ready in &READY_QUERIES {
        let words = format!("{} ({})", ready.name, unit_words(ready.unit));
        let entry = egui::Button::new(words).frame_when_inactive(false);
        if ui.add(entry).on_hover_text(ready.query).clicked() {
            let mut new = ready.series();
            new.name = unique_name(&new.name, queries.iter().map(|query| query.name.as_str()));
            queries.push(new);
        }
    }
}

/// Draws one query; returns whether it is to be removed.
fn query_ui(ui: &mut Ui, (query, index): (&mut QuerySeries, usize), path: &str, marks: &Marks<'_>) -> bool {
    let at = |key: &str| format!("{path}.series[{index}].{key}");
    let name = |what: &str| format!("Query {} {what}", index + 1);
    let frame = egui::Frame::new().fill(theme::colors(ui).raised).corner_radius(6.0).inner_margin(8.0);
    let drawn = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let removed = ui
            .horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
                marks.field(ui, &at("name"), |ui| text_field(ui, &name("name"), &mut query.name, NAME));
                unit_ui(ui, &name("unit"), &mut query.unit);
                group_ui(ui, &name("group"), &mut query.group);
                let label = format!("Remove query {}", index + 1);
                widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked()
            })
            .inner;
        marks.field(ui, &at("query"), |ui| {
            let edit = egui::TextEdit::multiline(&mut query.query)
                .id_salt(("query", index))
                .font(theme::mono())
                .desired_width(f32::INFINITY)
                .desired_rows(1)
                .margin(egui::Margin::symmetric(8, 5));
            let response = ui.add(edit);
            widgets::name_field(&response, &name("text"), &query.query);
            response
        });
        removed
    });
    drawn.inner
}
