//! The bar below the screens: engine, library and the last thing said.

use egui::{Align, Label, Layout, Panel, Ui};

use crate::{
    app::{
        command::{Command, Commands},
        state::{RunState, State},
        theme::{self, space},
    },
    humanize,
    metrics::{LiveSnapshot, Phase},
};

pub fn status_bar_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.chrome).inner_margin(egui::Margin::symmetric(16, 5));
    Panel::bottom("status bar").frame(frame).resizable(false).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 16.0;
            ui.spacing_mut().item_spacing.x = space::S;
            let (words, color) = match &state.run_state {
                RunState::Idle => ("Ready".to_owned(), colors.faint),
                RunState::Starting(_) => ("Starting a run".to_owned(), colors.info),
                RunState::Live(live) => {
                    let is_paused = live.now.snapshot.paused_since().is_some();
                    (live_words(&live.now.snapshot), if is_paused { colors.warn } else { colors.ok })
                }
            };
            let (dot, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
            ui.painter().circle_filled(dot.center(), 4.0, color);
            ui.label(theme::small(ui, words));
            problems_ui(ui, state, commands);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let path = state.shelf.path();
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                ui.label(theme::small(ui, format!("Library: {name}")))
                    .on_hover_text(path.display().to_string());
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    if let Some(last) = state.messages.last() {
                        ui.add_space(space::XS);
                        ui.label(theme::small(ui, "·"));
                        ui.add_space(space::XS);
                        ui.add(Label::new(theme::small(ui, last)).truncate());
                    }
                });
            });
        });
    });
}

fn problems_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let n_errors = state.bench.n_errors();
    if n_errors == 0 {
        return;
    }
    let words = if n_errors == 1 { "1 problem".to_owned() } else { format!("{n_errors} problems") };
    let text = theme::small(ui, words).color(theme::colors(ui).fail);
    let response = ui.add(egui::Button::new(text).frame(false));
    if response.on_hover_text("Problems keep the scenario from running; show them").clicked() {
        commands.push(Command::ShowProblems);
    }
}

fn live_words(snapshot: &LiveSnapshot) -> String {
    if let Some(since) = snapshot.paused_since() {
        return format!("Paused since {}", humanize::clock(since));
    }
    // Whole seconds: the bar is no stopwatch.
    let elapsed = humanize::span(std::time::Duration::from_secs(snapshot.elapsed.as_secs()));
    match snapshot.phase {
        Phase::Preparing => "Preparing".to_owned(),
        Phase::Running => format!("Running for {elapsed}"),
        Phase::Draining => format!("Finishing requests in flight, {elapsed}"),
        Phase::Finished => "Keeping the run".to_owned(),
    }
}
