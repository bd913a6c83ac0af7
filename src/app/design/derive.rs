//! Proposes limits from a kept run beside what was measured, to be ticked and applied as one edit.

use std::collections::HashMap;

use egui::{Grid, Ui};
use egui_material_icons::icons;

use crate::{
    analysis::{Proposal, Proposals, ProposedFor, apply_limits, derive_limits, limit_words, metric_words},
    app::{
        command::{Command, Commands},
        history::run_picker_ui,
        state::{LoadedRun, Shelf},
        theme::{self, Weight, size, space},
        widgets::{self, labelled, parsed_field},
    },
    humanize,
    metrics::{RunId, Verdict},
    model::{Metric, Scenario, Window},
    store::RunListing,
};

const PICKER: f32 = 420.0;
const HEADROOM_FIELD: f32 = 72.0;
/// Head-room that most would begin with.
const HEADROOM: f64 = 0.2;

/// What is chosen while limits are derived.
#[derive(Debug)]
pub struct DeriveView {
    run_id: Option<RunId>,
    headroom_ratio: f64,
    /// What was ticked or unticked by hand.
    ticks: HashMap<String, bool>,
}

impl Default for DeriveView {
    fn default() -> Self {
        Self { run_id: None, headroom_ratio: HEADROOM, ticks: HashMap::new() }
    }
}

/// Draws the card; returns whether it is done with.
pub fn derive_ui(
    ui: &mut Ui,
    view: &mut DeriveView,
    scenario: &mut Scenario,
    shelf: &Shelf,
    commands: &mut Commands,
) -> bool {
    let is_closed = widgets::section_with(ui, "Derive from a run", |ui| {
        widgets::icon_button(ui, icons::ICON_CLOSE, "Close derive from a run").clicked()
    });
    let words = "Proposes limits from what a run measured, with head-room beyond it. Nothing changes until you apply.";
    ui.label(theme::small(ui, words));
    let chosen = view.run_id.or_else(|| first_choice(shelf.listings(), &scenario.name));
    let Some(run_id) = chosen else {
        ui.label(theme::muted(
            ui,
            "The library holds no finished run yet: run the scenario once, then come back.",
        ));
        return is_closed;
    };
    ui.horizontal_top(|ui| {
        let width = (ui.available_width() - HEADROOM_FIELD - space::L).clamp(160.0, PICKER);
        if let Some(picked) = run_picker_ui(ui, "Run to derive from", shelf.listings(), chosen, width) {
            (view.run_id, view.ticks) = (Some(picked), HashMap::new());
        }
        labelled(ui, "Head-room", |ui| {
            parsed_field(
                ui,
                "Head-room",
                &mut view.headroom_ratio,
                HEADROOM_FIELD,
                headroom_text,
                parse_headroom,
            )
        })
        .on_hover_text("How far beyond the measured value a limit lies");
    });
    match (shelf.loaded(run_id), shelf.trouble(run_id)) {
        (Some(run), _) => is_closed | proposals_ui(ui, view, scenario, run),
        (None, Some(trouble)) => {
            ui.label(egui::RichText::new(trouble).color(theme::colors(ui).fail));
            is_closed
        }
        (None, None) => {
            ui.label(theme::muted(ui, "Reading the run…"));
            commands.push(Command::LoadRun(run_id));
            is_closed
        }
    }
}

/// The baseline of this scenario, else its last run, else the last run of all.
fn first_choice(listings: &[RunListing], scenario_name: &str) -> Option<RunId> {
    let mut own = listings.iter().filter(|listing| listing.scenario_name == scenario_name);
    let baseline = own.clone().find(|listing| listing.is_baseline);
    baseline.or_else(|| own.next()).or_else(|| listings.first()).map(|listing| listing.run_id)
}

fn headroom_text(ratio: &f64) -> String {
    format!("{}%", (ratio * 1_000.0).round() / 10.0)
}

fn parse_headroom(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim().trim_end_matches('%').trim().parse().ok();
    let percent = number.filter(|percent| (0.0..=1_000.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or_else(|| "Write a share such as 20%".to_owned())
}

/// Draws what is proposed; returns whether it was applied.
fn proposals_ui(ui: &mut Ui, view: &mut DeriveView, scenario: &mut Scenario, run: &LoadedRun) -> bool {
    let proposals = derive_limits(&run.summary, scenario, view.headroom_ratio);
    if let Some(caution) = &proposals.caution {
        ui.label(egui::RichText::new(caution).color(theme::colors(ui).warn));
    }
    let words = format!("Measured in run {}: {}.", run.record.run_id, run.summary.headline_words);
    ui.label(theme::small(ui, words));
    let is_sound = run.summary.verdict != Verdict::Inconclusive;
    let ticked = grid_ui(ui, view, &proposals, is_sound);
    if !proposals.left_out.is_empty() {
        ui.label(theme::small(ui, format!("Not proposed: {}.", proposals.left_out.join("; "))));
    }
    ui.horizontal(|ui| {
        let n_limits = humanize::counted(ticked.len() as u64, "limit");
        let label = format!("Apply {n_limits}");
        let apply = |ui: &mut Ui| widgets::primary_button(ui, icons::ICON_CHECK, &label);
        let response = ui.add_enabled_ui(!ticked.is_empty(), apply).inner;
        if response.on_disabled_hover_text("Tick at least one limit").clicked() {
            apply_limits(scenario, ticked);
            return true;
        }
        false
    })
    .inner
}

/// Rows to tick; returns those that are.
fn grid_ui<'a>(
    ui: &mut Ui,
    view: &mut DeriveView,
    proposals: &'a Proposals,
    is_sound: bool,
) -> Vec<&'a Proposal> {
    let mut ticked = Vec::new();
    Grid::new("proposals").num_columns(4).spacing([space::L, space::XS]).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        for head in ["Limit on", "Measured", "Proposed", "Now"] {
            ui.label(theme::text(head, size::SMALL, Weight::Medium).color(theme::colors(ui).muted));
        }
        ui.end_row();
        for proposal in &proposals.list {
            let name = target_words(proposal);
            let mut is_ticked = view.ticks.get(&name).copied().unwrap_or(is_sound);
            if ui.checkbox(&mut is_ticked, &name).on_hover_text(words_of(proposal.metric())).changed() {
                view.ticks.insert(name, is_ticked);
            }
            ui.label(proposal.measured.text());
            ui.label(theme::text(
                limit_words(proposal.metric(), proposal.limit),
                size::BODY,
                Weight::SemiBold,
            ));
            let present = proposal.present.map(|limit| limit_words(proposal.metric(), limit));
            ui.label(theme::muted(ui, present.unwrap_or_else(|| "none".to_owned())));
            ui.end_row();
            ticked.extend(is_ticked.then_some(proposal));
        }
    });
    ticked
}

/// How a limit comes about.
fn words_of(metric: Metric) -> &'static str {
    match metric {
        Metric::ErrorShare => {
            "Measured plus head-room, and never below what the share could have been: the upper end of its interval at \
             95 % confidence"
        }
        _ if metric.higher_is_better() => "Measured less head-room, rounded down to a friendly number",
        _ => "Measured plus head-room, rounded up to a friendly number",
    }
}

fn target_words(proposal: &Proposal) -> String {
    match &proposal.target {
        ProposedFor::Run(metric, Window::Run) => format!("{} of the run", metric_words(*metric)),
        ProposedFor::Run(metric, _) => format!("{} while steady", metric_words(*metric)),
        ProposedFor::Service(name, metric) => format!("{name}: {} budget", metric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headroom_is_a_share() {
        for ratio in [0.0, 0.125, 0.2, 1.5] {
            assert_eq!(parse_headroom(&headroom_text(&ratio)), Ok(ratio));
        }
        assert!(parse_headroom("-5%").is_err() && parse_headroom("much").is_err());
    }
}
