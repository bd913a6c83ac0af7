//! The tour's card: a strip below the screens, which make room for it, so that it never covers what it talks about.

use std::{sync::LazyLock, time::Duration};

use egui::{Align, Align2, Label, Layout, Panel, Role, Sense, Ui, WidgetInfo};
use egui_material_icons::icons;

use super::{
    Optimisation, PRESET, Pace, Projected, TOUR_NAME, TourAct, TourCommand, TourStep, TourView, road::Advice,
};
use crate::{
    app::{
        command::{Command, Commands},
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
    model::parse_scenario,
    store,
};

/// In lower windows only the step and its button show.
const ROOM_FOR_DETAIL: f32 = 560.0;
/// In narrower windows the marks of the steps have no room beside the title.
const ROOM_FOR_MARKS: f32 = 620.0;
const MARK: f32 = 20.0;

/// How long a run of the preset takes at its own pace.
static TAKES: LazyLock<Option<Duration>> = LazyLock::new(|| {
    let (scenario, _) = parse_scenario(store::preset(PRESET)?.text).ok()?;
    Some(scenario.load.duration())
});

/// Draws the card, where the tour shows.
pub fn tour_ui(ui: &mut Ui, view: &TourView, commands: &mut Commands) {
    if !view.tour.is_shown() {
        return;
    }
    let colors = theme::colors(ui);
    let room = ui.ctx().content_rect();
    let frame = egui::Frame::new()
        .fill(colors.card)
        .inner_margin(egui::Margin::symmetric(space::L as i8, space::S as i8));
    Panel::bottom("tour").frame(frame).resizable(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let advice = view.tour.advice(&view.facts);
        head_ui(ui, view, &advice, commands);
        if view.is_folded {
            return;
        }
        let has_room = room.height() >= ROOM_FOR_DETAIL;
        body_ui(ui, view, &advice, has_room, commands);
    });
}

/// Name and marks of the steps at the left, the ways to put it away at the right.
fn head_ui(ui: &mut Ui, view: &TourView, advice: &Advice, commands: &mut Commands) {
    ui.horizontal(|ui| {
        let has_marks = ui.available_width() >= ROOM_FOR_MARKS;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(ui, icons::ICON_CLOSE, "Leave the tour").clicked() {
                commands.push(Command::Tour(TourCommand::Leave));
            }
            let (icon, name) = match view.is_folded {
                true => (icons::ICON_EXPAND_LESS, "Unfold the tour"),
                false => (icons::ICON_EXPAND_MORE, "Fold the tour"),
            };
            if widgets::icon_button(ui, icon, name).clicked() {
                commands.push(Command::Tour(TourCommand::Fold));
            }
            if view.tour.is_begun()
                && widgets::icon_button(ui, icons::ICON_RESTART_ALT, "Begin the tour anew").clicked()
            {
                commands.push(Command::Tour(TourCommand::Restart));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(
                    theme::text(TOUR_NAME, size::SMALL, Weight::SemiBold)
                        .color(theme::colors(ui).accent_text),
                );
                if has_marks {
                    ui.add_space(space::S);
                    ui.spacing_mut().item_spacing.x = space::XS;
                    for step in TourStep::ALL {
                        mark_ui(ui, view, step, advice.step);
                    }
                }
                if view.is_folded {
                    ui.add_space(space::S);
                    ui.add(Label::new(theme::small(ui, title(advice))).truncate());
                }
            });
        });
    });
}

fn title(advice: &Advice) -> String {
    match advice.step {
        Some(step) => format!("Step {} of {}: {}", step.number(), TourStep::ALL.len(), step.title()),
        None => "All six steps are done".to_owned(),
    }
}

/// A disc with the step's number, or a tick once it is done.
fn mark_ui(ui: &mut Ui, view: &TourView, step: TourStep, next: Option<TourStep>) {
    let colors = theme::colors(ui);
    let is_done = view.tour.is_done(step, &view.facts);
    let (standing, fill, ink) = match (is_done, next == Some(step)) {
        (true, _) => ("done", colors.ok_soft, colors.ok),
        (false, true) => ("next", colors.accent, colors.on_accent),
        (false, false) => ("later", colors.raised, colors.muted),
    };
    let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(MARK), Sense::hover());
    ui.painter().circle_filled(rect.center(), MARK / 2.0, fill);
    let (text, font) = match is_done {
        true => (icons::ICON_CHECK.codepoint.to_owned(), theme::icon_font(14.0)),
        false => (step.number().to_string(), theme::font(size::FINE, Weight::SemiBold)),
    };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, font, ink);
    let name = format!("Step {}, {}: {standing}", step.number(), step.title());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    response.on_hover_text(name);
}

/// What to do next, with its button.
fn body_ui(ui: &mut Ui, view: &TourView, advice: &Advice, has_room: bool, commands: &mut Commands) {
    ui.label(theme::text(title(advice), size::SECTION, Weight::SemiBold));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(act) = advice.act {
                act_ui(ui, act, commands);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&advice.words).wrap());
            });
        });
    });
    choice_ui(ui, view, advice, has_room, commands);
    if let (Some(words), true) = (projection_words(view, advice.step), has_room) {
        ui.add(Label::new(theme::small(ui, words)).wrap());
    }
}

fn act_ui(ui: &mut Ui, act: TourAct, commands: &mut Commands) {
    let icon = match act {
        TourAct::StartSandbox | TourAct::Run => icons::ICON_PLAY_ARROW,
        TourAct::SwitchAllOff | TourAct::SwitchOn => icons::ICON_TOGGLE_ON,
        TourAct::WatchRun => icons::ICON_MONITORING,
        TourAct::ReadFindings => icons::ICON_LIGHTBULB,
        TourAct::Compare => icons::ICON_COMPARE_ARROWS,
        TourAct::OpenReport => icons::ICON_DESCRIPTION,
        TourAct::TryAnother => icons::ICON_REFRESH,
    };
    if widgets::primary_button(ui, icon, act.label()).clicked() {
        commands.push(Command::Tour(TourCommand::Act(act)));
    }
}

/// What the analyst chooses at a step, with what each choice means.
fn choice_ui(ui: &mut Ui, view: &TourView, advice: &Advice, has_room: bool, commands: &mut Commands) {
    match (advice.step, advice.act) {
        (Some(TourStep::FirstRun), Some(TourAct::Run)) => {
            let choices = Pace::ALL.map(|pace| (pace, pace_words(pace)));
            let choices = choices.each_ref().map(|(pace, words)| (*pace, words.as_str()));
            let mut pace = view.tour.pace;
            if widgets::wrapped_segments(ui, &mut pace, &choices) {
                commands.push(Command::Tour(TourCommand::ChoosePace(pace)));
            }
            if has_room {
                ui.add(Label::new(theme::small(ui, pace.words())).wrap());
            }
        }
        (Some(TourStep::Switch), Some(TourAct::SwitchOn)) => {
            let choices = Optimisation::ALL.map(|one| (one, one.name()));
            let mut chosen = view.chosen;
            if widgets::wrapped_segments(ui, &mut chosen, &choices) {
                commands.push(Command::Tour(TourCommand::Choose(chosen)));
            }
            if has_room {
                let words = format!("{} {}", chosen.words(), chosen.prospect());
                ui.add(Label::new(theme::small(ui, words)).wrap());
            }
        }
        _ => {}
    }
}

/// A pace by how long a run at it takes.
fn pace_words(pace: Pace) -> String {
    let name = match pace {
        Pace::Full => "Full",
        Pace::Short => "Short",
        Pace::Quick => "Quick look",
    };
    match *TAKES {
        Some(takes) => format!("{name}, {}", humanize::span(takes.mul_f64(pace.time_scale()))),
        None => name.to_owned(),
    }
}

/// What was projected, from the switch on.
fn projection_words(view: &TourView, step: Option<TourStep>) -> Option<String> {
    let is_due = step.is_none_or(|step| step >= TourStep::SecondRun);
    match &view.tour.projected {
        Projected::Kept { n_kept, sentence } if is_due => {
            let n = humanize::counted(u64::from(*n_kept), "projection");
            let first = view.tour.first?;
            Some(format!("{n} kept with run {first}, by a model, not measured. {sentence}"))
        }
        Projected::Refused(reason) if is_due => Some(format!("No projection: {reason}")),
        _ => None,
    }
}
