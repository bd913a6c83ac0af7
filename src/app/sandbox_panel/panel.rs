//! Draws the panel: at the right of the screens where there is room, else over them.

use egui::{Align, Align2, Area, Id, Label, Layout, Order, Panel, ScrollArea, Stroke, Ui};
use egui_material_icons::icons;

use super::{SandboxCommand, counts::counts_ui, desk::UpSandbox};
use crate::{
    app::{
        command::{Command, Commands},
        state::State,
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
    model::sandbox_words,
    sandbox::{SandboxChange, SandboxState, Switches},
};

const WIDTH: f32 = 316.0;
/// In narrower windows the panel lies over the screens, which would else have no room.
const ROOM_BESIDE: f32 = 980.0;

/// Draws the panel, where it is open.
pub fn sandbox_panel_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    if !state.sandbox.is_open {
        return;
    }
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.card).inner_margin(egui::Margin::same(space::L as i8));
    if ui.ctx().content_rect().width() >= ROOM_BESIDE {
        Panel::right("sandbox").exact_size(WIDTH).resizable(false).frame(frame).show(ui, |ui| {
            content_ui(ui, state, commands);
        });
        return;
    }
    let room = ui.available_rect_before_wrap();
    let area = Area::new(Id::unique("sandbox over the screens")).order(Order::Middle);
    let area = area.pivot(Align2::RIGHT_TOP).fixed_pos(room.right_top());
    area.show(ui.ctx(), |ui| {
        let frame = frame.stroke(Stroke::new(1.0, colors.border_strong)).shadow(ui.visuals().popup_shadow);
        frame.show(ui, |ui| {
            ui.set_width(WIDTH.min(room.width() - 4.0 * space::L));
            ui.set_height(room.height() - 2.0 * space::L);
            content_ui(ui, state, commands);
        });
    });
}

fn content_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.y = space::S;
    head_ui(ui, state, commands);
    ScrollArea::vertical().id_salt("sandbox").auto_shrink(false).show(ui, |ui| {
        ui.set_width(ui.available_width());
        if state.sandbox.standing().is_some() {
            up_ui(ui, state, commands);
        } else {
            down_ui(ui, state, commands);
        }
    });
}

fn head_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        ui.label(theme::text("Sandbox", size::HEADING, Weight::SemiBold));
        match (state.sandbox.standing(), state.sandbox.is_starting()) {
            (Some(up), _) if up.trouble().is_some() => {
                widgets::badge(ui, "NO ANSWER", colors.fail, colors.fail_soft)
            }
            (Some(_), _) => widgets::badge(ui, "UP", colors.ok, colors.ok_soft),
            (None, true) => widgets::badge(ui, "STARTING", colors.info, colors.info_soft),
            (None, false) => widgets::badge(ui, "STOPPED", colors.muted, colors.raised),
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(ui, icons::ICON_CLOSE, "Close the Sandbox panel").clicked() {
                commands.push(Command::Sandbox(SandboxCommand::TogglePanel));
            }
        });
    });
}

/// What it is, and what it is to be started with.
fn down_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    let words = "A learning platform of seven services on this machine, with three weaknesses on purpose and the \
                 optimisations that cure them. It stays up between runs, and ends with this window.";
    ui.add(Label::new(theme::muted(ui, words)).wrap());
    if let Some(trouble) = state.sandbox.trouble() {
        let text = egui::RichText::new(trouble).color(theme::colors(ui).fail);
        ui.add(Label::new(text).wrap());
    }
    let refusal = state.sandbox_refusal(&SandboxCommand::Start);
    let start = ui
        .add_enabled_ui(refusal.is_none(), |ui| {
            widgets::primary_button(ui, icons::ICON_PLAY_ARROW, "Start the sandbox")
        })
        .inner;
    if start.clicked() {
        commands.push(Command::Sandbox(SandboxCommand::Start));
    }
    if state.sandbox.is_starting() {
        ui.spinner();
        return;
    }
    if let Some(reason) = refusal {
        let text = theme::small(ui, reason).color(theme::colors(ui).fail);
        ui.add(Label::new(text).wrap());
    }
    ui.add_space(space::S);
    widgets::section(ui, "Start it with");
    ui.label(theme::small(ui, "Empty fields are as usual."));
    for (name, hint, text) in state.sandbox.form.fields() {
        widgets::labelled(ui, name, |ui| widgets::titled_field(ui, (name, hint), text, f32::INFINITY));
    }
    let words =
        "PostgreSQL and Redis by URL, such as postgres://user@127.0.0.1/db and redis://127.0.0.1:6379.";
    ui.add(Label::new(theme::small(ui, words)).wrap());
}

fn up_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    let refusal = state.sandbox_refusal(&SandboxCommand::Stop);
    let uses_it = state.scenario_uses_sandbox();
    let is_open = state.bench.is_open();
    let error_share = &mut std::mem::take(&mut state.sandbox.error_share);
    if let Some(up) = state.sandbox.standing() {
        address_ui(ui, up);
        stop_ui(ui, refusal.as_deref(), commands);
        use_ui(ui, is_open, uses_it, commands);
        if let Some(trouble) = up.trouble() {
            let words = format!("It does not answer: {trouble}. Stop it, and start it again.");
            ui.add(Label::new(egui::RichText::new(words).color(theme::colors(ui).fail)).wrap());
        }
        match up.state() {
            Some(said) => {
                ui.separator();
                switches_ui(ui, said, commands);
                error_share_ui(ui, said, error_share, commands);
                ui.separator();
                counts_ui(ui, said, up.received_per_sec());
            }
            None if up.trouble().is_none() => _ = ui.spinner(),
            None => {}
        }
    }
    state.sandbox.error_share = std::mem::take(error_share);
}

fn stop_ui(ui: &mut Ui, refusal: Option<&str>, commands: &mut Commands) {
    let stop = ui
        .add_enabled_ui(refusal.is_none(), |ui| {
            widgets::danger_button(ui, icons::ICON_STOP, "Stop the sandbox")
        })
        .inner;
    if stop.on_disabled_hover_text(refusal.unwrap_or_default()).clicked() {
        commands.push(Command::Sandbox(SandboxCommand::Stop));
    }
}

/// Texts that can be marked and copied.
fn address_ui(ui: &mut Ui, up: &UpSandbox) {
    for (name, url) in [("Address", up.base_url().to_owned()), ("Admin page, in a browser", up.admin_url())] {
        widgets::labelled(ui, name, |ui| {
            ui.add(Label::new(egui::RichText::new(url).font(theme::mono())).selectable(true).truncate())
        });
    }
}

/// Whose runs go to it.
fn use_ui(ui: &mut Ui, is_open: bool, uses_it: bool, commands: &mut Commands) {
    if uses_it || !is_open {
        let words = "Runs of scenarios with the base URL sandbox: go to it from this window, and their labels say what \
                     was switched on.";
        ui.add(Label::new(theme::small(ui, words)).wrap());
        return;
    }
    ui.add(Label::new(theme::small(ui, "The open scenario goes elsewhere.")).wrap());
    let tip = "Makes sandbox: its base URL, where runs from this window find this sandbox; can be undone";
    if widgets::button(ui, icons::ICON_LINK, "Use it for this scenario").on_hover_text(tip).clicked() {
        commands.push(Command::Sandbox(SandboxCommand::UseForScenario));
    }
}

fn switches_ui(ui: &mut Ui, said: &SandboxState, commands: &mut Commands) {
    widgets::section(ui, "Optimisations");
    let mut switches = said.switches;
    let Switches { cache_manager, query_optimizer, payload_optimizer } = &mut switches;
    for (name, words, is_on) in [
        ("Cache manager", "answers that are kept", cache_manager),
        ("Query optimizer", "joins, index, batches, pages", query_optimizer),
        ("Payload optimizer", "fewer bytes, pages", payload_optimizer),
    ] {
        ui.horizontal(|ui| {
            ui.checkbox(is_on, theme::text(name, size::BODY, Weight::Medium));
            ui.add(Label::new(theme::small(ui, words)).truncate());
        });
    }
    if switches != said.switches {
        let change = SandboxChange { switches: switches.into(), ..SandboxChange::default() };
        commands.push(Command::Sandbox(SandboxCommand::Change(change)));
    }
}

fn error_share_ui(ui: &mut Ui, said: &SandboxState, text: &mut String, commands: &mut Commands) {
    let name = "Error share from now on";
    let hint = humanize::percent(said.error_ratio);
    widgets::labelled(ui, name, |ui| {
        ui.horizontal(|ui| {
            let field = widgets::titled_field(ui, (name, &hint), text, 110.0);
            let read = sandbox_words::share(text.trim());
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let apply =
                ui.add_enabled_ui(read.is_ok(), |ui| widgets::button(ui, icons::ICON_CHECK, "Apply")).inner;
            if let Ok(error_ratio) = read
                && (entered || apply.clicked())
            {
                let change = SandboxChange { error_ratio: Some(error_ratio), ..SandboxChange::default() };
                commands.push(Command::Sandbox(SandboxCommand::Change(change)));
                text.clear();
            }
        });
        if let Err(why) = sandbox_words::share(text.trim())
            && !text.trim().is_empty()
        {
            let text = theme::small(ui, why).color(theme::colors(ui).fail);
            ui.add(Label::new(text).wrap());
        }
    });
}
