//! What it comes to, in sight at the top: sentences, what to know before trusting them, and how far the work is.

use egui::{Label, ProgressBar, RichText, Role, Ui, WidgetInfo};
use egui_material_icons::icons;

use super::{CompareView, Compared, Progress, Work, looks};
use crate::app::{
    command::{Command, Commands},
    theme::{self, Weight, size, space},
    widgets,
};
use crate::humanize;

/// Cautions shown before the rest is folded away.
const N_CAUTIONS: usize = 2;
/// Sentences that are shown as a whole; of more, one line each.
const N_WHOLE_SENTENCES: usize = 2;

/// Draws how far the reading of runs is; whether it is to be given up.
pub fn progress_ui(ui: &mut Ui, progress: &Progress, doing: &str, cancel: &str) -> bool {
    let (n_read, n_runs) = (progress.n_read(), progress.n_runs);
    let words = match n_read < n_runs {
        true => format!("Read {n_read} of {}", humanize::counted(n_runs as u64, "run")),
        false => format!("All {n_runs} runs are read; {doing}"),
    };
    let draw = |ui: &mut Ui| {
        let share = n_read as f32 / n_runs.max(1) as f32;
        let bar =
            ProgressBar::new(share).desired_width(180.0).desired_height(6.0).fill(theme::colors(ui).accent);
        let bar = ui.add(bar);
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Runs read"));
        ui.label(&words);
        widgets::button(ui, icons::ICON_CANCEL, cancel).clicked()
    };
    ui.horizontal(draw).inner
}

/// What became of what was asked for last, where it is not what is shown.
pub fn state_ui(ui: &mut Ui, view: &CompareView, commands: &mut Commands) {
    let before = view.shown().map(|compared| format!("Below: {}", compared.asked.words()));
    match &view.work {
        Work::Done if view.shown().is_some_and(|compared| compared.asked != view.asked) => {
            widgets::card(ui, |ui| {
                ui.label("Choose every side, or remove those without a run.");
                before_ui(ui, before);
            });
        }
        Work::Done => {}
        Work::UnderWay(progress) => {
            widgets::card(ui, |ui| {
                if progress_ui(ui, progress, "comparing", "Cancel comparison") {
                    commands.push(Command::CancelComparison);
                }
                before_ui(ui, before);
            });
        }
        Work::Cancelled => {
            widgets::card(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label("The comparison was cancelled.");
                    again_ui(ui, view, commands);
                });
                before_ui(ui, before);
            });
        }
        Work::Failed(error) => {
            widgets::card(ui, |ui| {
                ui.horizontal_top(|ui| {
                    warning_icon(ui);
                    ui.add(Label::new(format!("These runs are not compared: {error}.")).wrap());
                });
                again_ui(ui, view, commands);
                before_ui(ui, before);
            });
        }
    }
}

fn before_ui(ui: &mut Ui, before: Option<String>) {
    if let Some(words) = before {
        ui.add(Label::new(theme::small(ui, words)).truncate());
    }
}

fn again_ui(ui: &mut Ui, view: &CompareView, commands: &mut Commands) {
    if widgets::button(ui, icons::ICON_REFRESH, "Compare again").clicked() {
        commands.push(Command::CompareAs(Box::new(view.asked.clone())));
    }
}

fn warning_icon(ui: &mut Ui) {
    let icon = RichText::new(icons::ICON_WARNING.codepoint).font(theme::icon_font(15.0));
    ui.label(icon.color(theme::colors(ui).warn));
}

/// The sentence on each candidate, and the cautions.
pub fn summary_ui(ui: &mut Ui, compared: &Compared) {
    let comparison = &compared.comparison;
    let is_one = comparison.sentences.len() == 1;
    widgets::card(ui, |ui| {
        for (index, sentence) in comparison.sentences.iter().enumerate() {
            ui.horizontal_top(|ui| {
                if !is_one {
                    looks::sample_ui(ui, index + 1);
                }
                let (size, weight) =
                    if is_one { (size::SECTION, Weight::Medium) } else { (size::BODY, Weight::Regular) };
                // A number and its unit stay on one line.
                let sentence = sentence.replace(" %", "\u{a0}%").replace(" ms", "\u{a0}ms");
                let label = Label::new(theme::text(sentence, size, weight));
                let is_whole = comparison.sentences.len() <= N_WHOLE_SENTENCES;
                ui.add(if is_whole { label.wrap() } else { label.truncate() });
            });
        }
        for caution in comparison.cautions.iter().take(N_CAUTIONS) {
            caution_ui(ui, caution);
        }
        if comparison.cautions.len() > N_CAUTIONS {
            let more = format!("{} more to know before you compare", comparison.cautions.len() - N_CAUTIONS);
            egui::CollapsingHeader::new(theme::small(ui, more)).id_salt("cautions").show(ui, |ui| {
                comparison.cautions[N_CAUTIONS..].iter().for_each(|caution| caution_ui(ui, caution));
            });
        }
        ui.add_space(space::XS);
        ui.add(Label::new(theme::small(ui, format!("Window: {}", comparison.window))).truncate());
    });
}

/// Something to know before figures are trusted.
pub fn caution_ui(ui: &mut Ui, caution: &str) {
    ui.horizontal_top(|ui| {
        warning_icon(ui);
        ui.add(Label::new(RichText::new(caution).color(theme::colors(ui).muted)).wrap());
    });
}
