//! Which steps belong together: as it was found, and as the analyst says.

use egui::{CollapsingHeader, ComboBox, Grid, Label, Role, Ui, WidgetInfo};

use super::{Compared, StepMatching, looks};
use crate::analysis::comparison::StepMatch;
use crate::app::{
    command::{Command, Commands},
    theme, widgets,
};
use crate::humanize;
use crate::model::StepKey;

/// What a step of a candidate is put beside.
#[derive(Clone, Debug, PartialEq)]
enum Choice {
    /// By method and path, else by name.
    Found,
    /// Nothing.
    Alone,
    Beside(StepKey),
}

/// Draws the panel in a card, where there is anything to match.
pub fn card_ui(ui: &mut Ui, compared: &Compared, n_compared: u64, is_busy: bool, commands: &mut Commands) {
    let steps = &compared.comparison.steps;
    if steps.is_empty() {
        return;
    }
    let n_alone = steps.iter().filter(|found| is_alone(found)).count();
    let title = match n_alone {
        0 => "Which steps belong together".to_owned(),
        n => format!("Which steps belong together: {} alone", stand(n)),
    };
    widgets::card(ui, |ui| {
        let title = theme::text(title, theme::size::SECTION, theme::Weight::SemiBold);
        let head = CollapsingHeader::new(title).id_salt(("matching", n_compared)).default_open(n_alone > 0);
        head.show(ui, |ui| {
            let words = "Steps match by method and path, else by name. What you choose is remembered for these scenarios.";
            ui.add(Label::new(theme::small(ui, words)).wrap());
            ui.add_enabled_ui(!is_busy, |ui| candidates_ui(ui, compared, commands));
        });
    });
}

fn stand(n: usize) -> String {
    format!("{} {}", humanize::counted(n as u64, "step"), if n == 1 { "stands" } else { "stand" })
}

fn is_alone(found: &StepMatch) -> bool {
    found.step.is_none() || found.baseline.is_none()
}

/// Candidates whose steps match in the same way share one list.
fn candidates_ui(ui: &mut Ui, compared: &Compared, commands: &mut Commands) {
    let comparison = &compared.comparison;
    let mut lists: Vec<(Vec<usize>, Vec<&StepMatch>)> = Vec::new();
    for candidate in 0..comparison.candidates().len() {
        let own: Vec<&StepMatch> =
            comparison.steps.iter().filter(|found| found.candidate == candidate).collect();
        let scenario = |candidate: usize| &comparison.candidates()[candidate].scenario_name;
        let is_same = |(sharing, list): &&mut (Vec<usize>, Vec<&StepMatch>)| {
            scenario(sharing[0]) == scenario(candidate)
                && list.len() == own.len()
                && list.iter().zip(&own).all(|(a, b)| a.step == b.step && a.baseline == b.baseline)
        };
        match lists.iter_mut().find(is_same) {
            Some((sharing, _)) => sharing.push(candidate),
            None => lists.push((vec![candidate], own)),
        }
    }
    for (sharing, list) in &lists {
        ui.horizontal_wrapped(|ui| {
            for candidate in sharing {
                looks::sample_ui(ui, candidate + 1);
                ui.label(&compared.names[candidate + 1]);
            }
        });
        list_ui(ui, compared, sharing[0], list, commands);
    }
}

fn list_ui(ui: &mut Ui, compared: &Compared, candidate: usize, list: &[&StepMatch], commands: &mut Commands) {
    let baseline: Vec<&StepKey> = list.iter().filter_map(|found| found.baseline.as_ref()).collect();
    let name = &compared.names[candidate + 1];
    Grid::new(("steps", candidate)).num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        ui.label(theme::small(ui, format!("Step of {}", lowered(name))));
        ui.label(theme::small(ui, "Compared with the baseline's"));
        ui.end_row();
        for found in list {
            match &found.step {
                Some(step) => {
                    ui.add(Label::new(&step.name).truncate()).on_hover_text(sent(step));
                    chooser_ui(ui, compared, (found, step), &baseline, commands);
                }
                None => {
                    ui.label(theme::muted(ui, "no step"));
                    let name = found.baseline.as_ref().map(|step| step.name.clone()).unwrap_or_default();
                    ui.label(theme::muted(ui, format!("{name} stands alone")));
                }
            }
            ui.end_row();
        }
    });
}

fn sent(step: &StepKey) -> String {
    format!("{} {}", step.method, step.path)
}

fn lowered(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn chooser_ui(
    ui: &mut Ui,
    compared: &Compared,
    (found, step): (&StepMatch, &StepKey),
    baseline: &[&StepKey],
    commands: &mut Commands,
) {
    let present = match (&found.baseline, found.is_by_hand) {
        (_, false) => Choice::Found,
        (None, true) => Choice::Alone,
        (Some(key), true) => Choice::Beside(key.clone()),
    };
    let beside = found.baseline.as_ref().map_or("alone", |key| key.name.as_str());
    let words = match found.is_by_hand {
        true => format!("{beside}, by hand"),
        false => beside.to_owned(),
    };
    let name =
        format!("Baseline's step for {} of {}", step.name, lowered(&compared.names[found.candidate + 1]));
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(&name).width(210.0).truncate().selected_text(words.clone());
    let response = combo.show_ui(ui, |ui| {
        let others = baseline.iter().map(|key| (Choice::Beside((*key).clone()), key.name.clone()));
        let choices = [(Choice::Found, "As found".to_owned()), (Choice::Alone, "Alone".to_owned())];
        for (choice, words) in choices.into_iter().chain(others) {
            if ui.selectable_label(choice == present, words).clicked() && choice != present {
                chosen = Some(choice);
            }
        }
    });
    response.response.widget_info(|| WidgetInfo {
        label: Some(name.clone()),
        current_text_value: Some(words.clone()),
        ..WidgetInfo::new(Role::ComboBox)
    });
    if let Some(choice) = chosen {
        commands.push(Command::MatchSteps(Box::new(changed(compared, found.candidate, step, choice))));
    }
}

/// What the analyst said so far of a candidate's steps, with one choice more.
fn changed(compared: &Compared, candidate: usize, step: &StepKey, choice: Choice) -> StepMatching {
    let comparison = &compared.comparison;
    let mut matches = comparison.options.by_hand.get(candidate).cloned().unwrap_or_default();
    match choice {
        Choice::Found => _ = matches.remove(step),
        Choice::Alone => _ = matches.insert(step.clone(), None),
        Choice::Beside(key) => {
            // A step of the baseline belongs to one.
            matches.retain(|_, beside| beside.as_ref() != Some(&key));
            matches.insert(step.clone(), Some(key));
        }
    }
    StepMatching {
        baseline: comparison.baseline().scenario_name.clone(),
        candidate: comparison.candidates()[candidate].scenario_name.clone(),
        matches,
    }
}
