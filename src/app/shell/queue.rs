//! The run queue: what waits, in which order, and whether it goes on; repetitions are queued here.

use std::time::{Duration, Instant};

use egui::{Align, Label, Layout, ScrollArea, Ui};
use egui_material_icons::icons;

use crate::app::{
    actions::tooltip,
    command::{Command, Commands},
    state::{QueueEntry, RunState, State},
    theme::{self, Weight, size, space},
    widgets,
};
use crate::{humanize, model::parse_duration};

/// The most repetitions that are queued at once.
const MAX_REPETITIONS: u32 = 1_000;
/// Rows that show without scrolling.
const ROWS_HEIGHT: f32 = 232.0;

/// What is written into the form.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueForm {
    pub repetitions: String,
    pub pause: String,
}

impl Default for QueueForm {
    fn default() -> Self {
        Self { repetitions: "5".to_owned(), pause: "30s".to_owned() }
    }
}

impl QueueForm {
    fn n_repetitions(&self) -> Result<u32, String> {
        let n = self.repetitions.trim().parse().ok().filter(|n| (1..=MAX_REPETITIONS).contains(n));
        n.ok_or_else(|| format!("Write a number from 1 to {}", humanize::count(MAX_REPETITIONS.into())))
    }

    fn pause(&self) -> Result<Duration, String> {
        let text = self.pause.trim();
        if text == "0" { Ok(Duration::ZERO) } else { parse_duration(text) }
    }
}

/// The button of the top bar that opens the queue, with what waits in it.
pub fn queue_button_ui(ui: &mut Ui, state: &State, with_words: bool, commands: &mut Commands) {
    let tip = tooltip(ui.ctx(), "Run queue: repetitions, and what waits", &Command::ShowQueue, None);
    let words = button_words(state).filter(|_| with_words);
    let (icon, name) = (icons::ICON_PLAYLIST_PLAY, "Run queue");
    let response = match &words {
        Some(words) => widgets::named(widgets::button(ui, icon, words), &format!("Run queue: {words}")),
        None => widgets::bare_icon_button(ui, icon, name),
    };
    let tip = button_words(state).map_or(tip.clone(), |words| format!("{tip}\n{words}"));
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::ShowQueue);
    }
}

fn button_words(state: &State) -> Option<String> {
    let queue = &state.queue;
    if queue.is_empty() {
        return None;
    }
    let n = humanize::count(queue.n_waiting().into());
    Some(match (queue.held(), queue.rest_left(Instant::now())) {
        (Some(_), _) => format!("{n} held"),
        (None, Some(left)) if !state.run_state.is_busy() => {
            format!("Next in {}", humanize::clock(whole_secs(left)))
        }
        _ => format!("{n} queued"),
    })
}

/// So that a count-down ends at one.
fn whole_secs(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs_f64().ceil() as u64)
}

/// Draws the panel; `form` is what is written into it.
pub fn queue_ui(ui: &mut Ui, form: &mut QueueForm, state: &State, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(theme::text("Run queue", size::HEADING, Weight::SemiBold));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::bare_icon_button(ui, icons::ICON_CLOSE, "Close the queue").clicked() {
                commands.push(Command::CloseDialog);
            }
        });
    });
    standing_ui(ui, state, commands);
    entries_ui(ui, state, commands);
    ui.separator();
    form_ui(ui, form, state, commands);
}

/// Whether the queue goes on, what runs, and when the next starts.
fn standing_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let queue = &state.queue;
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(theme::CONTROL_HEIGHT);
        let (words, color) = standing_words(state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !queue.is_empty() {
                controls_ui(ui, state, commands);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = egui::RichText::new(words);
                let color = match color {
                    Standing::Held => colors.warn,
                    Standing::GoesOn => colors.text,
                    Standing::Empty => colors.muted,
                };
                ui.add(Label::new(text.color(color)).wrap());
            });
        });
    });
}

enum Standing {
    Held,
    GoesOn,
    Empty,
}

fn standing_words(state: &State) -> (String, Standing) {
    let queue = &state.queue;
    let present = match (&state.run_state, queue.under_way().and_then(|run| run.words())) {
        (RunState::Idle, _) => None,
        (RunState::Starting(_), _) => Some("A run is starting".to_owned()),
        (RunState::Live(live), None) => Some(format!("Run {} is under way", live.now.run_id)),
        (RunState::Live(live), Some(words)) => Some(format!("Run {} is under way, {words}", live.now.run_id)),
    };
    if let Some(reason) = queue.held() {
        return (format!("Held: {reason}"), Standing::Held);
    }
    let next = match queue.entries().first() {
        None => return (present.unwrap_or_else(|| "Nothing waits".to_owned()), Standing::Empty),
        Some(next) => next,
    };
    let words = match (present, queue.rest_left(Instant::now())) {
        (Some(present), _) if next.pause.is_zero() => format!("{present}; the next starts once it is kept"),
        (Some(present), _) => {
            format!("{present}; the next starts {} after it is kept", humanize::span(next.pause))
        }
        (None, Some(left)) => format!("The next run starts in {}", humanize::clock(whole_secs(left))),
        (None, None) if state.machine.measuring().is_some() => {
            "The next run starts once this machine is calibrated".to_owned()
        }
        (None, None) => "The next run starts now".to_owned(),
    };
    (words, Standing::GoesOn)
}

/// From right to left.
fn controls_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let queue = &state.queue;
    let tip = tooltip(ui.ctx(), "Remove everything that waits", &Command::ClearQueue, None);
    if widgets::danger_button(ui, icons::ICON_DELETE_SWEEP, "Cancel all").on_hover_text(tip).clicked() {
        commands.push(Command::ClearQueue);
    }
    let rests = queue.rest_left(Instant::now()).is_some() && !state.run_state.is_busy();
    let continued = if queue.held().is_some() {
        Some(("Continue", "Go on with the queue"))
    } else {
        rests.then_some(("Start now", "Do not wait for the end of the pause"))
    };
    if let Some((label, what)) = continued {
        let tip = tooltip(ui.ctx(), what, &Command::ContinueQueue, None);
        if widgets::primary_button(ui, icons::ICON_PLAY_ARROW, label).on_hover_text(tip).clicked() {
            commands.push(Command::ContinueQueue);
        }
    }
    if queue.held().is_none() {
        let what = "Hold the queue: a run under way goes on, the next one does not start";
        let tip = tooltip(ui.ctx(), what, &Command::HoldQueue, None);
        if widgets::button(ui, icons::ICON_PAUSE, "Hold").on_hover_text(tip).clicked() {
            commands.push(Command::HoldQueue);
        }
    }
}

fn entries_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let entries = state.queue.entries();
    if entries.is_empty() {
        return;
    }
    ScrollArea::vertical().max_height(ROWS_HEIGHT).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for (index, entry) in entries.iter().enumerate() {
            entry_ui(ui, (index, entries.len()), entry, commands);
        }
    });
}

fn entry_ui(ui: &mut Ui, (index, n): (usize, usize), entry: &QueueEntry, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let frame = egui::Frame::new()
        .fill(colors.raised)
        .corner_radius(6.0)
        .inner_margin(egui::Margin::symmetric(space::M as i8, space::S as i8));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::muted(ui, format!("{}", index + 1)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (place, series_id) = (index + 1, &entry.series.series_id);
                if widgets::bare_icon_button(ui, icons::ICON_CLOSE, &format!("Remove place {place}"))
                    .clicked()
                {
                    commands.push(Command::RemoveQueued(series_id.clone()));
                }
                let moves = [
                    (icons::ICON_ARROW_DOWNWARD, "later", 1, index + 1 < n),
                    (icons::ICON_ARROW_UPWARD, "earlier", -1, index > 0),
                ];
                for (icon, words, by, is_possible) in moves {
                    let name = format!("Move place {place} {words}");
                    let button = |ui: &mut Ui| widgets::bare_icon_button(ui, icon, &name);
                    if ui.add_enabled_ui(is_possible, button).inner.clicked() {
                        commands.push(Command::MoveQueued(series_id.clone(), by));
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        let name = theme::text(&entry.scenario.name, size::BODY, Weight::Medium);
                        ui.add(Label::new(name).truncate());
                        ui.add(Label::new(theme::small(ui, entry.words())).truncate());
                    });
                });
            });
        });
    });
}

fn form_ui(ui: &mut Ui, form: &mut QueueForm, state: &State, commands: &mut Commands) {
    let name = state.bench.scenario().map_or("No scenario open", |scenario| scenario.name.as_str());
    ui.label(theme::text(format!("Queue {name}"), size::SECTION, Weight::SemiBold));
    ui.label(theme::small(
        ui,
        "The scenario as it is now. Each run is kept with its number and its series, so that they can be compared.",
    ));
    ui.horizontal(|ui| {
        widgets::labelled(ui, "Repetitions", |ui| {
            widgets::text_field(ui, "Repetitions", &mut form.repetitions, 90.0)
        });
        widgets::labelled(ui, "Pause before each", |ui| {
            widgets::text_field(ui, "Pause before each", &mut form.pause, 110.0)
        });
    });
    let (n, pause) = (form.n_repetitions(), form.pause());
    let refusal = state.queue_refusal().or_else(|| n.clone().err()).or_else(|| pause.clone().err());
    if let Some(reason) = &refusal {
        ui.label(theme::small(ui, reason).color(theme::colors(ui).fail));
    }
    widgets::answers(ui, |ui| {
        let label = match &n {
            Ok(1) => "Queue 1 run".to_owned(),
            Ok(n) => format!("Queue {} runs", humanize::count((*n).into())),
            Err(_) => "Queue runs".to_owned(),
        };
        let add = |ui: &mut Ui| widgets::primary_button(ui, icons::ICON_PLAYLIST_ADD, &label);
        let response = ui.add_enabled_ui(refusal.is_none(), add).inner;
        let starts = !state.run_state.is_busy() && state.queue.is_empty();
        let response = if starts { response.on_hover_text("The first starts at once") } else { response };
        if let (Ok(n_repetitions), Ok(pause), true) = (n, pause, response.clicked()) {
            commands.push(Command::QueueRuns { n_repetitions, pause });
        }
    });
}
