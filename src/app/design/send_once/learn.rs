//! Checks that an answer suggests, to be picked.

use egui::Ui;
use egui_material_icons::icons;

use crate::{
    analysis::{LearnedCheck, check_words, learn_checks},
    app::{theme, widgets},
    humanize,
    metrics::StepExchange,
    model::Step,
};

/// Proposals, each picked or not.
#[derive(Debug)]
pub(super) struct Learning {
    proposals: Vec<(LearnedCheck, bool)>,
}

impl Learning {
    pub fn from(exchange: &StepExchange, step: &Step) -> Self {
        let proposals = learn_checks(exchange, &step.checks);
        // What bounds time and size is a matter of opinion; the first two rarely are.
        let proposals = proposals.into_iter().enumerate().map(|(index, proposal)| (proposal, index < 2));
        Self { proposals: proposals.collect() }
    }
}

/// Draws the proposals; returns whether that is over.
pub(super) fn learning_ui(ui: &mut Ui, learning: &mut Learning, step: &mut Step) -> bool {
    if learning.proposals.is_empty() {
        ui.label(theme::muted(ui, "The step has all checks that this answer suggests."));
    }
    for (proposal, is_picked) in &mut learning.proposals {
        ui.checkbox(is_picked, check_words(&proposal.check)).on_hover_text(&proposal.reason);
    }
    let n_picked = learning.proposals.iter().filter(|(_, is_picked)| *is_picked).count();
    ui.horizontal(|ui| {
        let label = format!("Add {}", humanize::counted(n_picked as u64, "check"));
        let add = ui.add_enabled_ui(n_picked > 0, |ui| widgets::button(ui, icons::ICON_ADD, &label)).inner;
        if add.clicked() {
            let picked = learning.proposals.iter().filter(|(_, is_picked)| *is_picked);
            step.checks.extend(picked.map(|(proposal, _)| proposal.check.clone()));
            return true;
        }
        widgets::link_button(ui, "Leave it").clicked()
    })
    .inner
}
