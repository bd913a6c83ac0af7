//! The strip at the top: which runs are compared, and which of them is the baseline.

use egui::{Align, Frame, Label, Layout, Margin, Stroke, Ui, vec2};
use egui_material_icons::icons;

use super::{
    Asked,
    asked::{baseline_for, is_over, repetitions, side_name},
    looks,
};
use crate::analysis::comparison::MAX_SIDES;
use crate::app::{
    command::{Command, Commands},
    history::{run_combo_ui, run_words},
    theme::{self, space},
    widgets,
};
use crate::humanize;
use crate::metrics::RunId;
use crate::store::RunListing;

/// Least width of a side, and the most that it needs.
const LEAST_WIDTH: f32 = 252.0;
const MOST_WIDTH: f32 = 460.0;

/// What the strip changes and what it needs for it.
struct Strip<'a> {
    asked: Asked,
    runs: &'a [RunListing],
}

/// Draws all sides; a change of them asks for a comparison.
pub fn strip_ui(ui: &mut Ui, asked: &Asked, listings: &[RunListing], commands: &mut Commands) {
    // A run that is under way comes first in the list, if at all.
    let n_running = listings.iter().take_while(|run| !is_over(run)).count();
    let mut strip = Strip { asked: asked.clone(), runs: &listings[n_running..] };
    let can_add = asked.is_complete() && asked.sides.len() < MAX_SIDES;
    let n_cells = asked.sides.len() + usize::from(can_add);
    let room = ui.available_width() + space::S;
    let per_row = ((room / (LEAST_WIDTH + space::S)) as usize).clamp(1, n_cells.max(1)).min(4);
    let width = (room / per_row as f32 - space::S).min(MOST_WIDTH);
    let cells: Vec<usize> = (0..n_cells).collect();
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        for row in cells.chunks(per_row) {
            ui.horizontal_top(|ui| row.iter().for_each(|cell| strip.cell_ui(ui, *cell, width)));
        }
    });
    if strip.asked != *asked {
        commands.push(Command::CompareAs(Box::new(strip.asked)));
    }
}

impl Strip<'_> {
    fn cell_ui(&mut self, ui: &mut Ui, cell: usize, width: f32) {
        ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            match cell < self.asked.sides.len() {
                true => self.side_ui(ui, cell),
                false => self.add_ui(ui),
            }
        });
    }

    fn name(&self, side: usize) -> String {
        match (side, self.asked.sides.len()) {
            (0, _) => "Baseline".to_owned(),
            (_, 0..=2) => "Candidate".to_owned(),
            _ => format!("Candidate {side}"),
        }
    }

    fn side_ui(&mut self, ui: &mut Ui, side: usize) {
        let colors = theme::colors(ui);
        let fill = if side == 0 { colors.raised } else { colors.card };
        let frame = Frame::new().fill(fill).stroke(Stroke::new(1.0, colors.border)).corner_radius(8.0);
        frame.inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.horizontal(|ui| {
                looks::sample_ui(ui, side);
                ui.label(theme::small(ui, self.name(side)));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.tools_ui(ui, side));
            });
            self.runs_ui(ui, side);
        });
    }

    /// Removes the side, or makes it the baseline.
    fn tools_ui(&mut self, ui: &mut Ui, side: usize) {
        let Some(runs) = self.asked.sides.get(side).filter(|runs| !runs.is_empty()) else { return };
        let name = lowered(&side_name(runs));
        let remove =
            widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Remove {name} from the comparison"));
        let is_pair = self.asked.sides.len() == 2;
        let turned = match (side, is_pair) {
            (0, _) => false,
            (_, true) => {
                widgets::icon_button(ui, icons::ICON_SWAP_HORIZ, "Swap baseline and candidate").clicked()
            }
            (_, false) => {
                widgets::icon_button(ui, icons::ICON_FLAG, &format!("Make {name} the baseline")).clicked()
            }
        };
        if turned {
            self.asked.sides.swap(0, side);
        } else if remove.clicked() && is_pair {
            self.asked.sides[side].clear();
        } else if remove.clicked() {
            self.asked.sides.remove(side);
        }
    }

    /// Which run it is, or which repetitions.
    fn runs_ui(&mut self, ui: &mut Ui, side: usize) {
        let Some(runs) = self.asked.sides.get(side).cloned() else { return };
        let width = ui.available_width();
        let name = self.name(side);
        if let [first, _, ..] = runs[..] {
            let listing = self.runs.iter().find(|run| run.run_id == first);
            let scenario = listing.map(|run| run.scenario_name.as_str()).unwrap_or_default();
            let words = format!("{} repetitions  ·  {scenario}", runs.len());
            ui.add(Label::new(words).truncate()).on_hover_text(side_name(&runs));
            if widgets::link_button(ui, &format!("Run {first} alone")).clicked() {
                self.asked.sides[side] = vec![first];
            }
            return;
        }
        let chosen = runs.first().copied();
        let listing = chosen.and_then(|run_id| self.runs.iter().find(|run| run.run_id == run_id));
        let words = match (listing, chosen) {
            (Some(listing), _) => run_words(listing),
            (None, Some(run_id)) => format!("Run {run_id}"),
            (None, None) => "Choose a run".to_owned(),
        };
        if let Some(picked) = run_combo_ui(ui, (&name, &words), self.runs.iter(), chosen, width) {
            self.choose(side, picked);
        }
        if let Some(all) = chosen.and_then(|run_id| repetitions(self.runs, run_id)) {
            let label = format!("All {} repetitions", humanize::count(all.len() as u64));
            let hint = "The run belongs to a series. Against another series, whole runs are compared, which says most";
            let link = widgets::link_button(ui, &label);
            let link = widgets::named(link, &format!("{label} as {}", lowered(&name)));
            if link.on_hover_text(hint).clicked() {
                self.asked.sides[side] = all;
            }
        }
    }

    /// A first candidate brings its marked baseline along.
    fn choose(&mut self, side: usize, picked: RunId) {
        self.asked.sides[side] = vec![picked];
        if side > 0
            && self.asked.sides[0].is_empty()
            && let Some(baseline) = baseline_for(self.runs, picked)
        {
            self.asked.sides[0] = vec![baseline];
        }
    }

    fn add_ui(&mut self, ui: &mut Ui) {
        let colors = theme::colors(ui);
        let frame = Frame::new().stroke(Stroke::new(1.0, colors.border)).corner_radius(8.0);
        frame.inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.horizontal(|ui| {
                let n_more = MAX_SIDES - self.asked.sides.len();
                let words = format!("Room for {}", humanize::counted(n_more as u64, "candidate"));
                ui.label(theme::small(ui, words));
                ui.set_min_height(theme::CONTROL_HEIGHT);
            });
            let taken = |run: &RunListing| self.asked.sides.iter().flatten().any(|id| *id == run.run_id);
            let words = ("Add a run", "Add a run…");
            let free = self.runs.iter().filter(|run| !taken(run));
            let width = ui.available_width();
            if let Some(picked) = run_combo_ui(ui, words, free, None, width) {
                self.asked.sides.push(vec![picked]);
            }
        });
    }
}

fn lowered(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
