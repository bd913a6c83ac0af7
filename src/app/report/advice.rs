//! The recommendations as the analyst wants them read: own words, own order, some left out, some of their own.

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::ReportView;
use crate::{
    analysis::recommendations::{Horizon, Recommendation},
    app::{
        command::{Command, Commands},
        theme::{self, Weight, size, space},
        widgets,
    },
    report::{OwnRecommendation, ReportTexts},
};

const ROWS: usize = 3;

/// Draws the recommendations of the run, each with what can be done to it.
pub fn advice_ui(ui: &mut Ui, view: &mut ReportView, all: &[Recommendation], commands: &mut Commands) {
    let Some(made) = &view.made else { return };
    let run_id = made.asked.run_id;
    let mut texts = view.writing.clone().unwrap_or_else(|| ReportTexts::clone(&made.texts));
    let before = texts.clone();
    widgets::section(ui, "Recommendations");
    let words = "They are the machine's, from what it found. What you write stands in their place as yours, with what they \
                 stand on.";
    ui.add(Label::new(theme::small(ui, words)).wrap());
    for horizon in Horizon::ALL {
        horizon_ui(ui, &mut texts, all, horizon);
    }
    let hidden = all.iter().filter(|one| before.recommendations.hidden.contains(&one.id));
    for one in hidden {
        if widgets::link_button(ui, &format!("Show again: {}", one.title)).clicked() {
            texts.recommendations.hidden.retain(|id| *id != one.id);
        }
    }
    if texts != before {
        view.writing = Some(texts.clone());
        commands.push(Command::EditReport(run_id, Box::new(texts)));
    }
}

fn horizon_ui(ui: &mut Ui, texts: &mut ReportTexts, all: &[Recommendation], horizon: Horizon) {
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
        one_ui(ui, texts, all, one);
    }
    let mut removed = None;
    for (index, own) in texts.recommendations.added.iter_mut().enumerate() {
        if Horizon::from(own.horizon) == horizon {
            widgets::text_area(ui, &format!("Own recommendation {}", index + 1), &mut own.text, ROWS);
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

fn one_ui(ui: &mut Ui, texts: &mut ReportTexts, all: &[Recommendation], one: &Recommendation) {
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
    }
}
