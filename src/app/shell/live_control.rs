//! What changes the plan of the run under way: pause and resume, skip and extend the present stage.

use std::time::Duration;

use egui::{Response, Ui};
use egui_material_icons::{MaterialIcon, icons};

use crate::app::{
    actions::{shortcut_text, tooltip},
    command::{Command, Commands},
    state::State,
    theme, widgets,
};
use crate::humanize;

/// By how much a stage can be made longer at once.
const EXTENSIONS: [Duration; 4] =
    [Duration::from_secs(10), Duration::from_secs(30), Duration::from_secs(60), Duration::from_secs(300)];

/// Draws the controls from right to left, with words where there is room.
pub fn plan_ui(ui: &mut Ui, state: &State, with_words: bool, commands: &mut Commands) {
    let plan = state.run_state.live().map(|live| &live.now.snapshot.plan);
    let is_paused = plan.is_some_and(|plan| plan.is_paused());
    let control = Control { state, with_words };
    let extend = Command::ExtendStage(EXTENSIONS[1]);
    let response = control.ui(ui, (icons::ICON_MORE_TIME, "Extend"), "Extend the present stage", &extend);
    egui::Popup::menu(&response).show(|ui| extensions_ui(ui, commands));
    let skip = "Skip stage: the present stage ends now and the next one begins";
    if control.ui(ui, (icons::ICON_SKIP_NEXT, "Skip stage"), skip, &Command::SkipStage).clicked() {
        commands.push(Command::SkipStage);
    }
    let (icon, label, what) = if is_paused {
        (icons::ICON_RESUME, "Resume", "Resume: the present stage goes on where it stopped")
    } else {
        (
            icons::ICON_PAUSE,
            "Pause",
            "Pause: within 0.1 s nothing more is sent, until the load is resumed. Connections are kept, users wait \
             where they are, and a request that is held back counts from when it is due after the pause, so that no \
             response time holds any of it",
        )
    };
    if control.ui(ui, (icon, label), what, &Command::PauseOrResume).clicked() {
        commands.push(Command::PauseOrResume);
    }
}

/// How all of them are drawn.
struct Control<'a> {
    state: &'a State,
    with_words: bool,
}

impl Control<'_> {
    fn ui(
        &self,
        ui: &mut Ui,
        (icon, label): (MaterialIcon, &str),
        what: &str,
        command: &Command,
    ) -> Response {
        let refusal = self.state.refusal(command);
        let tip = tooltip(ui.ctx(), what, command, refusal.as_deref());
        let draw = |ui: &mut Ui| {
            if self.with_words {
                widgets::button(ui, icon, label)
            } else {
                widgets::bare_icon_button(ui, icon, label)
            }
        };
        ui.add_enabled_ui(refusal.is_none(), draw).inner.on_hover_text(&tip).on_disabled_hover_text(&tip)
    }
}

fn extensions_ui(ui: &mut Ui, commands: &mut Commands) {
    ui.set_width(170.0);
    ui.label(theme::small(ui, "Make this stage longer by"));
    for by in EXTENSIONS {
        let command = Command::ExtendStage(by);
        let shortcut = shortcut_text(ui.ctx(), &command).unwrap_or_default();
        let button = egui::Button::new(format!("+{}", humanize::span(by)))
            .shortcut_text(shortcut)
            .min_size(egui::vec2(ui.available_width(), 0.0))
            .frame_when_inactive(false);
        if ui.add(button).clicked() {
            commands.push(command);
        }
    }
}
