//! The rule by which old runs may go: chosen here, with all that would go in sight; nothing goes unasked.

use egui::{Label, ScrollArea, Ui};
use egui_material_icons::icons;
use jiff::Timestamp;

use crate::app::{
    command::{Command, Commands},
    state::Shelf,
    theme::{self, space},
    widgets,
};
use crate::humanize;
use crate::store::{Prunable, PruneReason, RetentionRule};

/// Runs listed by name; the sum is of all.
const MAX_LISTED: usize = 200;
const BYTES_PER_MIB: u64 = 1 << 20;

/// The rule being chosen, and what it comes to.
#[derive(Clone, Debug)]
pub struct RetentionForm {
    rule: RetentionRule,
    preview: Option<Preview>,
}

#[derive(Clone, Debug)]
struct Preview {
    of: (u64, RetentionRule),
    going: Vec<Prunable>,
}

impl RetentionForm {
    pub fn new(rule: RetentionRule) -> Self {
        Self { rule, preview: None }
    }

    /// What would go, worked out anew when the rule or the list has changed.
    fn going(&mut self, shelf: &Shelf) -> &[Prunable] {
        let of = (shelf.revision(), self.rule);
        let preview = match self.preview.take().filter(|preview| preview.of == of) {
            Some(preview) => preview,
            None => {
                let now = Timestamp::now().as_millisecond();
                Preview { of, going: self.rule.prunable(shelf.listings(), now) }
            }
        };
        &self.preview.insert(preview).going
    }
}

/// Draws the form within its dialog.
pub fn retention_ui(ui: &mut Ui, form: &mut RetentionForm, shelf: &Shelf, commands: &mut Commands) {
    let words = "Limits that are set all count. Runs go only when you say so here, and come back until the window is \
                 closed. A baseline, a run with a star, one under way and the newest run of a scenario never go.";
    ui.add(Label::new(theme::muted(ui, words)).wrap());
    rule_ui(ui, &mut form.rule);
    let rule = form.rule;
    let going = form.going(shelf).to_vec();
    preview_ui(ui, &going, &rule, shelf);
    widgets::answers(ui, |ui| {
        if !going.is_empty() {
            let words = format!("Delete {}", humanize::counted(going.len() as u64, "run"));
            if widgets::danger_button(ui, icons::ICON_DELETE, &words).clicked() {
                commands.push(Command::CloseDialog);
                commands.push(Command::KeepRetention(rule));
                commands.push(Command::PruneRuns(going));
            }
        }
        let tip = "Keeps the rule for the next time; no run goes by itself";
        if widgets::button(ui, icons::ICON_CHECK, "Keep the rule").on_hover_text(tip).clicked() {
            commands.push(Command::CloseDialog);
            commands.push(Command::KeepRetention(rule));
        }
        if widgets::link_button(ui, "Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

fn rule_ui(ui: &mut Ui, rule: &mut RetentionRule) {
    limit_ui(ui, "Newest runs of each scenario", "runs", &mut rule.n_per_scenario, 50);
    limit_ui(ui, "Runs of the last days", "days", &mut rule.n_days, 90);
    let mut mebibytes =
        rule.n_bytes.map(|n_bytes| u32::try_from(n_bytes / BYTES_PER_MIB).unwrap_or(u32::MAX));
    limit_ui(ui, "Newest runs that take no more than", "MiB", &mut mebibytes, 2_048);
    rule.n_bytes = mebibytes.map(|mebibytes| u64::from(mebibytes) * BYTES_PER_MIB);
}

/// A limit that can be set, or not.
fn limit_ui(ui: &mut Ui, name: &str, unit: &str, limit: &mut Option<u32>, usual: u32) {
    ui.horizontal(|ui| {
        let mut is_set = limit.is_some();
        if ui.checkbox(&mut is_set, name).changed() {
            *limit = is_set.then_some(usual);
        }
        if let Some(limit) = limit {
            let read = |text: &str| match text.trim().parse() {
                Ok(0) | Err(_) => Err("Write a whole number of 1 or more".to_owned()),
                Ok(number) => Ok(number),
            };
            widgets::parsed_field(ui, &format!("{name}, {unit}"), limit, 72.0, u32::to_string, read);
            ui.label(theme::muted(ui, unit));
        }
    });
}

fn preview_ui(ui: &mut Ui, going: &[Prunable], rule: &RetentionRule, shelf: &Shelf) {
    if rule.keeps_all() {
        ui.label("No limit is set: all runs are kept.");
        return;
    }
    if going.is_empty() {
        ui.label("No run would go by this rule.");
        return;
    }
    let bytes: u64 = going.iter().map(|run| run.n_bytes).sum();
    let all: u64 = shelf.listings().iter().map(|listing| listing.n_bytes).sum();
    ui.label(format!(
        "{} of {} would go, {} of {}:",
        humanize::count(going.len() as u64),
        humanize::counted(shelf.listings().len() as u64, "run"),
        humanize::bytes(bytes),
        humanize::bytes(all)
    ));
    ScrollArea::vertical().max_height(180.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for run in going.iter().take(MAX_LISTED) {
            let Some(listing) = shelf.listing(run.run_id) else { continue };
            let moment = humanize::moment(listing.started_at_unix_millis);
            let words = format!(
                "Run {}  ·  {}  ·  {moment}  ·  {}  ·  {}",
                run.run_id,
                listing.scenario_name,
                humanize::bytes(run.n_bytes),
                reason_words(run.reason)
            );
            ui.add(Label::new(theme::small(ui, words)).truncate());
        }
        if going.len() > MAX_LISTED {
            let n_more = humanize::count((going.len() - MAX_LISTED) as u64);
            ui.label(theme::small(ui, format!("and {n_more} more")));
        }
    });
}

fn reason_words(reason: PruneReason) -> &'static str {
    match reason {
        PruneReason::EnoughOfScenario => "its scenario has enough newer runs",
        PruneReason::TooOld => "older than the rule keeps",
        PruneReason::NoRoom => "newer runs fill the room",
    }
}
