//! What a kept run means: what seems to limit it, on what that rests, and what would tell more.

use egui::{CollapsingHeader, Label, Ui};
use egui_material_icons::icons;

use crate::{
    analysis::findings::{Finding, Level},
    app::{
        charts::ChartGroup,
        command::{Command, Commands},
        state::{LoadedRun, Precise},
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
};

/// Findings shown before more is asked for.
const N_FIRST: usize = 3;

/// The words on the button that shows it; none until it is worked out.
pub fn toggle_words(run: &LoadedRun, is_shown: bool) -> Option<String> {
    let findings = &run.precise()?.diagnosis.findings;
    Some(match (is_shown, findings.len()) {
        (true, _) => "Hide what it means".to_owned(),
        (false, 0) => "What it means".to_owned(),
        (false, n) => format!("What it means: {}", humanize::counted(n as u64, "finding")),
    })
}

/// Draws what was found in a run, once it is worked out.
pub fn meaning_ui(
    ui: &mut Ui,
    run: &LoadedRun,
    group: &mut ChartGroup,
    shows_all: &mut bool,
    commands: &mut Commands,
) {
    let Some(precise) = run.precise() else { return };
    let findings = &precise.diagnosis.findings;
    let n_more = findings.len().saturating_sub(N_FIRST);
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "What it means", |ui| {
            let label = match *shows_all {
                true => "Show fewer findings".to_owned(),
                false => format!("Show all {}", humanize::counted(findings.len() as u64, "finding")),
            };
            let tip = "What a cache, smaller answers, faster work, more workers or more traffic would bring, by a model";
            if widgets::button(ui, icons::ICON_CALCULATE, "What if…").on_hover_text(tip).clicked() {
                commands.push(Command::AskWhatIf(run.record.run_id));
            }
            if n_more > 0 && widgets::link_button(ui, &label).clicked() {
                *shows_all = !*shows_all;
            }
        });
        capacity_ui(ui, precise);
        if findings.is_empty() {
            let words = "No rule found anything that limits this run. That is no proof that nothing does: a rule speaks \
                         only where chance does not explain what it sees.";
            ui.add(Label::new(theme::muted(ui, words)).wrap());
        }
        let n_shown = if *shows_all { findings.len() } else { N_FIRST };
        for (index, finding) in findings.iter().take(n_shown).enumerate() {
            finding_ui(ui, run, (index, finding), group, commands);
        }
    });
}

/// What the target can bear, in one or two sentences.
fn capacity_ui(ui: &mut Ui, precise: &Precise) {
    let capacity = &precise.diagnosis.capacity;
    let sentences = [Some(capacity.slo_sentence()), capacity.headroom_sentence(), capacity.users_sentence()];
    for sentence in sentences.into_iter().flatten() {
        ui.add(Label::new(sentence).wrap());
    }
}

fn finding_ui(
    ui: &mut Ui,
    run: &LoadedRun,
    (index, finding): (usize, &Finding),
    group: &mut ChartGroup,
    commands: &mut Commands,
) {
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(theme::text(finding.rule.name(), size::BODY, Weight::SemiBold));
        confidence_ui(ui, finding);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            experiment_button_ui(ui, run, (index, finding), commands);
            window_button_ui(ui, finding, group);
        });
    });
    ui.add(Label::new(&finding.claim).wrap());
    if let Some(rests_on) = &finding.rests_on {
        ui.add(Label::new(egui::RichText::new(rests_on).color(theme::colors(ui).warn)).wrap());
    }
    let more = CollapsingHeader::new(theme::small(ui, "Evidence and next experiment"));
    more.id_salt(("finding", index)).show(ui, |ui| {
        ui.add(Label::new(theme::muted(ui, format!("Window: {}", finding.evidence.window))).wrap());
        let figures: Vec<(&str, String)> = finding
            .evidence
            .figures
            .iter()
            .map(|figure| (figure.what.as_str(), figure.text.clone()))
            .collect();
        widgets::key_values(ui, &format!("evidence {index}"), &figures);
        ui.add(Label::new(theme::muted(ui, format!("Confidence {}", finding.confidence.text()))).wrap());
        if !finding.other_explanations.is_empty() {
            ui.add_space(space::XS);
            ui.label(theme::small(ui, "What else would explain it"));
            for words in &finding.other_explanations {
                ui.add(Label::new(words).wrap());
            }
        }
        ui.add_space(space::XS);
        ui.label(theme::small(ui, "Next experiment"));
        ui.add(Label::new(&finding.next_experiment.words).wrap());
    });
}

fn confidence_ui(ui: &mut Ui, finding: &Finding) {
    let colors = theme::colors(ui);
    let (color, ground) = match finding.confidence.level {
        Level::High => (colors.info, colors.info_soft),
        Level::Medium | Level::Low => (colors.muted, colors.raised),
    };
    let words = format!("{} confidence", finding.confidence.level.name());
    widgets::badge(ui, &words, color, ground).on_hover_text(&finding.confidence.reason);
}

fn experiment_button_ui(
    ui: &mut Ui,
    run: &LoadedRun,
    (index, finding): (usize, &Finding),
    commands: &mut Commands,
) {
    let name = format!("Design experiment {}", index + 1);
    let button = widgets::button(ui, icons::ICON_EXPERIMENT, "Design the experiment");
    if widgets::named(button, &name).on_hover_text(&finding.next_experiment.words).clicked() {
        commands.push(Command::DesignExperiment(run.record.run_id, index));
    }
}

fn window_button_ui(ui: &mut Ui, finding: &Finding, group: &mut ChartGroup) {
    let seconds = &finding.evidence.seconds;
    if seconds.is_empty() {
        return;
    }
    let tip = format!("Selects {} in the charts", finding.evidence.window);
    if widgets::link_button(ui, "Show when").on_hover_text(tip).clicked() {
        group.select(f64::from(seconds.start), f64::from(seconds.end));
    }
}
