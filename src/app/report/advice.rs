//! The recommendations as the analyst wants them read: own words, own order, some left out, some of their own.

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::{MadeReport, ReportView, words::marks_ui};
use crate::{
    analysis::recommendations::{Horizon, Recommendation},
    app::{
        command::Commands,
        theme::{self, Weight, size, space},
        widgets,
    },
    report::{OwnRecommendation, ReportTexts, TextPlace},
};

const ROWS: usize = 3;

/// Draws the recommendations of the run, each with what can be done to it.
pub fn advice_ui(ui: &mut Ui, view: &mut ReportView, all: &[Recommendation], commands: &mut Commands) {
    view.edit(commands, |texts, made| {
        widgets::section(ui, "Recommendations");
        let words = "They are the machine's, from what it found. What you write stands in their place as yours, with \
                     what they stand on.";
        ui.add(Label::new(theme::small(ui, words)).wrap());
        let hidden = texts.recommendations.hidden.clone();
        for horizon in Horizon::ALL {
            horizon_ui(ui, texts, (all, made), horizon);
        }
        for one in all.iter().filter(|one| hidden.contains(&one.id)) {
            if widgets::link_button(ui, &format!("Show again: {}", one.title)).clicked() {
                texts.recommendations.hidden.retain(|id| *id != one.id);
            }
        }
    });
}

fn horizon_ui(
    ui: &mut Ui,
    texts: &mut ReportTexts,
    (all, made): (&[Recommendation], &MadeReport),
    horizon: Horizon,
) {
    ui.add_space(space::XS);
    ui.label(theme::text(horizon.name(), size::BODY, Weight::SemiBold));
    let arranged = texts.recommendations.clone();
    let of_horizon: Vec<&Recommendation> = arranged
        .arranged(all)
        .into_iter()
        .map(|one| one.recommendation)
        .filter(|one| one.horizon == horizon)
        .collect();
    for one in &of_horizon {
        one_ui(ui, texts, (all, made), one);
    }
    let mut removed = None;
    for (index, own) in texts.recommendations.added.iter_mut().enumerate() {
        if Horizon::from(own.horizon) == horizon {
            widgets::text_area(ui, &format!("Own recommendation {}", index + 1), &mut own.text, ROWS);
            marks_ui(ui, made, &TextPlace::OwnRecommendation(index));
            if widgets::link_button(ui, &format!("Remove own recommendation {}", index + 1)).clicked() {
                removed = Some(index);
            }
        }
    }
    if let Some(index) = removed {
        texts.recommendations.added.remove(index);
    }
    let name = format!("Add one: {}", horizon.name().to_lowercase());
    if widgets::named(widgets::link_button(ui, "Add your own"), &name).clicked() {
        let own = OwnRecommendation { horizon: horizon.into(), text: "…".to_owned() };
        texts.recommendations.added.push(own);
    }
}

fn one_ui(
    ui: &mut Ui,
    texts: &mut ReportTexts,
    (all, made): (&[Recommendation], &MadeReport),
    one: &Recommendation,
) {
    let edits = &mut texts.recommendations;
    ui.add(Label::new(&one.title).wrap()).on_hover_text(&one.words);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let named = |word: &str| format!("{word}: {}", one.title);
        if widgets::icon_button(ui, icons::ICON_ARROW_UPWARD, &named("Earlier")).clicked() {
            edits.move_by(all, &one.id, -1);
        }
        if widgets::icon_button(ui, icons::ICON_ARROW_DOWNWARD, &named("Later")).clicked() {
            edits.move_by(all, &one.id, 1);
        }
        let has_words = edits.words.contains_key(&one.id);
        let word = if has_words { "Back to the machine's words" } else { "In your words" };
        let icon = if has_words { icons::ICON_UNDO } else { icons::ICON_EDIT };
        if widgets::icon_button(ui, icon, &named(word)).clicked() {
            match has_words {
                true => _ = edits.words.remove(&one.id),
                false => _ = edits.words.insert(one.id.clone(), one.words.clone()),
            }
        }
        if widgets::icon_button(ui, icons::ICON_VISIBILITY_OFF, &named("Leave out")).clicked() {
            edits.hidden.push(one.id.clone());
        }
    });
    if let Some(words) = edits.words.get_mut(&one.id) {
        widgets::text_area(ui, &format!("Your words: {}", one.title), words, ROWS);
        marks_ui(ui, made, &TextPlace::Recommendation(one.id.clone()));
    }
}
