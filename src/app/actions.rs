//! The table of commands: label, icon and shortcut of each, used by buttons, tooltips, keyboard and palette alike.

use std::{sync::LazyLock, time::Duration};

use egui::{Context, Key, KeyboardShortcut, Modifiers};
use egui_material_icons::{MaterialIcon, icons};

use super::{
    command::{Command, Purpose, ThemeChoice, View},
    design::DesignCommand,
    sandbox_panel::SandboxCommand,
    tour::{TOUR_NAME, TourCommand},
};
use crate::store;

/// A command with how it is shown and reached.
#[derive(Clone, Debug)]
pub struct Action {
    pub label: String,
    pub icon: MaterialIcon,
    pub shortcut: Option<KeyboardShortcut>,
    pub command: Command,
}

/// The screens in the order of the rail.
pub const VIEWS: [(View, &str, MaterialIcon, Key); 6] = [
    (View::Design, "Design", icons::ICON_DRAW, Key::Num1),
    (View::Run, "Run", icons::ICON_MONITORING, Key::Num2),
    (View::History, "History", icons::ICON_HISTORY, Key::Num3),
    (View::Compare, "Compare", icons::ICON_COMPARE_ARROWS, Key::Num4),
    (View::Report, "Report", icons::ICON_DESCRIPTION, Key::Num5),
    (View::Settings, "Settings", icons::ICON_SETTINGS, Key::Num6),
];

const fn command_key(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

const fn command_shift_key(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key))
}

fn action(
    label: impl Into<String>,
    icon: MaterialIcon,
    shortcut: Option<KeyboardShortcut>,
    command: Command,
) -> Action {
    Action { label: label.into(), icon, shortcut, command }
}

/// Every command that needs no further choice.
pub fn actions() -> &'static [Action] {
    // Each tooltip of each frame asks for a shortcut.
    static ACTIONS: LazyLock<Vec<Action>> = LazyLock::new(all_actions);
    &ACTIONS
}

fn all_actions() -> Vec<Action> {
    let mut all = vec![
        action("Start run", icons::ICON_PLAY_ARROW, command_key(Key::R), Command::StartRun),
        action("Search for the capacity…", icons::ICON_TROUBLESHOOT, None, Command::AskSearch),
        action("Run queue…", icons::ICON_PLAYLIST_PLAY, command_shift_key(Key::R), Command::ShowQueue),
        action("Hold the queue", icons::ICON_PAUSE, None, Command::HoldQueue),
        action("Continue the queue", icons::ICON_PLAY_ARROW, None, Command::ContinueQueue),
        action("Cancel all queued runs", icons::ICON_DELETE_SWEEP, None, Command::ClearQueue),
        action("Stop run", icons::ICON_STOP, command_key(Key::Period), Command::StopRun),
        action("Abort run", icons::ICON_CANCEL, command_shift_key(Key::Period), Command::AbortRun),
        action("Pause or resume the load", icons::ICON_PAUSE, command_key(Key::P), Command::PauseOrResume),
        action("Skip the present stage", icons::ICON_SKIP_NEXT, command_key(Key::J), Command::SkipStage),
        action(
            "Extend the present stage by 30 s",
            icons::ICON_MORE_TIME,
            command_key(Key::E),
            Command::ExtendStage(Duration::from_secs(30)),
        ),
        action("Apply profile to run", icons::ICON_PUBLISH, None, Command::ApplyProfile),
        action("Sandbox panel", icons::ICON_SCIENCE, None, Command::Sandbox(SandboxCommand::TogglePanel)),
        action("Start the sandbox", icons::ICON_SCIENCE, None, Command::Sandbox(SandboxCommand::Start)),
        action("Stop the sandbox", icons::ICON_STOP, None, Command::Sandbox(SandboxCommand::Stop)),
        action(
            format!("Guided tour: {TOUR_NAME}"),
            icons::ICON_SIGNPOST,
            None,
            Command::Tour(TourCommand::Show),
        ),
        action("Send once", icons::ICON_SEND, command_key(Key::Enter), Command::SendOnce),
        action(
            "Send the selected step once",
            icons::ICON_SEND,
            command_shift_key(Key::Enter),
            Command::SendStepOnce,
        ),
        action("Undo", icons::ICON_UNDO, command_key(Key::Z), Command::Undo),
        action("Redo", icons::ICON_REDO, command_shift_key(Key::Z), Command::Redo),
        action("Presets…", icons::ICON_LIBRARY_BOOKS, command_shift_key(Key::O), Command::ShowGallery),
        action("New scenario", icons::ICON_NOTE_ADD, command_key(Key::N), Command::NewScenario),
        action("Open…", icons::ICON_FOLDER_OPEN, command_key(Key::O), Command::BrowseForScenario),
        action("Save", icons::ICON_SAVE, command_key(Key::S), Command::SaveScenario),
        action("Save as…", icons::ICON_SAVE_AS, command_shift_key(Key::S), Command::BrowseForSave),
        action("Save as preset…", icons::ICON_BOOKMARK_ADD, None, Command::BrowseForPreset),
        action("Show problems", icons::ICON_ERROR, None, Command::ShowProblems),
    ];
    all.extend(VIEWS.map(|(view, label, icon, key)| {
        action(format!("Show {label}"), icon, command_key(key), Command::Show(view))
    }));
    all.extend(
        DesignCommand::ALL.map(|(command, label, icon)| action(label, icon, None, Command::Design(command))),
    );
    all.extend(store::presets().iter().map(|preset| preset_action(preset.name)));
    all.extend([
        action(
            "Refresh history",
            icons::ICON_REFRESH,
            Some(KeyboardShortcut::new(Modifiers::NONE, Key::F5)),
            Command::RefreshHistory,
        ),
        action("Import run…", icons::ICON_UPLOAD_FILE, None, Command::BrowseFor(Purpose::ImportRun)),
        action("Which runs are kept…", icons::ICON_AUTO_DELETE, None, Command::ShowRetention),
        action("Trend of this scenario", icons::ICON_SHOW_CHART, None, Command::ShowTrend(None)),
        action("Calibrate this machine", icons::ICON_SPEED, None, Command::Calibrate),
        action("Collapse or widen the rail", icons::ICON_MENU_OPEN, command_key(Key::B), Command::ToggleRail),
        action("Light theme", icons::ICON_LIGHT_MODE, None, Command::ChooseTheme(ThemeChoice::Light)),
        action("Dark theme", icons::ICON_DARK_MODE, None, Command::ChooseTheme(ThemeChoice::Dark)),
        action("Theme of the system", icons::ICON_CONTRAST, None, Command::ChooseTheme(ThemeChoice::System)),
        action("Larger", icons::ICON_ZOOM_IN, command_key(Key::Plus), Command::Enlarge(1)),
        action("Smaller", icons::ICON_ZOOM_OUT, command_key(Key::Minus), Command::Enlarge(-1)),
        action("Actual size", icons::ICON_TEXT_INCREASE, command_key(Key::Num0), Command::ChooseScale(1.0)),
        action(
            "Show or hide what frames cost",
            icons::ICON_AVG_PACE,
            Some(KeyboardShortcut::new(Modifiers::NONE, Key::F12)),
            Command::ToggleFrameCosts,
        ),
        action(
            "Command palette",
            icons::ICON_KEYBOARD_COMMAND_KEY,
            command_key(Key::K),
            Command::TogglePalette,
        ),
    ]);
    all
}

/// Opens a preset by its name.
pub fn preset_action(name: &str) -> Action {
    let command = Command::OpenPreset(name.to_owned());
    action(format!("Open preset: {name}"), icons::ICON_LIBRARY_BOOKS, None, command)
}

/// The shortcut of a command as text, such as `Ctrl+Z`.
pub fn shortcut_text(ctx: &Context, command: &Command) -> Option<String> {
    let shortcut = actions().iter().find(|action| action.command == *command)?.shortcut?;
    Some(ctx.format_shortcut(&shortcut))
}

/// A tooltip: what the command does, its shortcut, and why it cannot be had now.
pub fn tooltip(ctx: &Context, what: &str, command: &Command, refusal: Option<&str>) -> String {
    let shortcut = shortcut_text(ctx, command).map(|text| format!(" ({text})")).unwrap_or_default();
    match refusal {
        Some(reason) => format!("{what}{shortcut}\n{reason}"),
        None => format!("{what}{shortcut}"),
    }
}

/// The commands whose shortcuts were pressed in this frame.
// Longer shortcuts first, as Ctrl+Shift+Z would else read as Ctrl+Z.
pub fn pressed(ctx: &Context) -> Vec<Command> {
    let mut with_shortcut: Vec<_> =
        actions().iter().filter_map(|action| Some((action.shortcut?, &action.command))).collect();
    with_shortcut.sort_by_key(|(shortcut, _)| !shortcut.modifiers.shift);
    let writing = ctx.text_edit_focused();
    ctx.input_mut(|input| {
        with_shortcut
            .into_iter()
            // While someone writes, undo belongs to the field.
            .filter(|(_, command)| !(writing && matches!(command, Command::Undo | Command::Redo)))
            .filter(|(shortcut, _)| input.consume_shortcut(shortcut))
            .map(|(_, command)| command.clone())
            .collect()
    })
}
