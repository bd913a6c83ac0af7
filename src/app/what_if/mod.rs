//! The What-if dialog: a change of the target, and what a model says that it would bring; never measured.

mod form;
mod job;
mod result;

use std::sync::Arc;

use egui::{ScrollArea, Ui};
use egui_material_icons::icons;

use self::form::Form;
use super::{
    command::{Command, Commands},
    state::LoadedRun,
    theme::{self, space},
    widgets,
};
use crate::{
    analysis::what_if::{Change, LABEL, Projection, Queue, Subject},
    metrics::RunId,
};

/// What the dialog takes where there is room.
pub const WHAT_IF_WIDTH: f32 = 780.0;

/// What is asked of the models.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfAsked {
    pub run_id: RunId,
    pub subject: Subject,
    pub change: Change,
    pub queue: Queue,
}

/// What the dialog holds.
#[derive(Clone, Debug)]
pub struct WhatIfView {
    pub run_id: RunId,
    /// What can be changed: the run, its services, its steps.
    scopes: Vec<crate::model::Scope>,
    form: Form,
    work: Work,
}

/// What became of what was asked for last.
#[derive(Clone, Debug)]
enum Work {
    Nothing,
    UnderWay(Box<WhatIfAsked>),
    Known(Arc<Projection>, Keeping),
    Failed(String),
}

/// Whether the projection is kept with its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    Not,
    UnderWay,
    Kept,
}

impl WhatIfView {
    /// Of a run, with nothing asked yet.
    pub fn new(run: &LoadedRun) -> Self {
        Self {
            run_id: run.record.run_id,
            scopes: form::scopes(&run.record.start.scenario),
            form: Form::default(),
            work: Work::Nothing,
        }
    }

    /// Takes an outcome, unless something else was asked for meanwhile.
    fn take(&mut self, asked: &WhatIfAsked, outcome: Result<Box<Projection>, String>) {
        if !matches!(&self.work, Work::UnderWay(under_way) if **under_way == *asked) {
            return;
        }
        self.work = match outcome {
            Ok(projection) => Work::Known(Arc::from(projection), Keeping::Not),
            Err(error) => Work::Failed(error),
        };
    }

    /// Notes that its projection is being kept, or is.
    fn note_keeping(&mut self, now: Keeping) {
        if let Work::Known(_, keeping) = &mut self.work {
            *keeping = now;
        }
    }
}

/// Draws the dialog.
pub fn what_if_ui(ui: &mut Ui, view: &mut WhatIfView, commands: &mut Commands) {
    let words = format!(
        "{LABEL} It starts from the response times of run {} and tells two lines: the queue as it is, and the queue as \
         its formulas say. Write a range where you are not sure: 50% to 70%.",
        view.run_id
    );
    ui.add(egui::Label::new(theme::muted(ui, words)).wrap());
    let room = ui.ctx().content_rect().height() - 260.0;
    ScrollArea::vertical().id_salt("what if").max_height(room.max(200.0)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        form::form_ui(ui, &mut view.form, &view.scopes);
        ui.separator();
        match &view.work {
            Work::Nothing => {
                let words = "Say what would change, then project it.";
                ui.label(theme::muted(ui, words));
            }
            Work::UnderWay(_) => _ = ui.spinner(),
            Work::Known(projection, _) => result::projection_ui(ui, projection),
            Work::Failed(error) => {
                let text = egui::RichText::new(error).color(theme::colors(ui).fail);
                ui.add(egui::Label::new(text).wrap());
            }
        }
    });
    answers_ui(ui, view, commands);
}

fn answers_ui(ui: &mut Ui, view: &WhatIfView, commands: &mut Commands) {
    widgets::answers(ui, |ui| {
        let asked = view.form.asked(view.run_id, &view.scopes);
        let is_under_way = matches!(view.work, Work::UnderWay(_));
        let project = ui
            .add_enabled_ui(asked.is_ok() && !is_under_way, |ui| {
                widgets::primary_button(ui, icons::ICON_CALCULATE, "Project it")
            })
            .inner;
        let project = match &asked {
            Err(problem) => project.on_disabled_hover_text(problem),
            Ok(_) => project,
        };
        if project.clicked()
            && let Ok(asked) = asked
        {
            commands.push(Command::Project(Box::new(asked)));
        }
        if let Work::Known(projection, keeping) = &view.work
            && !projection.is_refused()
        {
            keep_ui(ui, projection, *keeping, commands);
        }
        if widgets::link_button(ui, "Close").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

fn keep_ui(ui: &mut Ui, projection: &Arc<Projection>, keeping: Keeping, commands: &mut Commands) {
    let (word, can_keep) = match keeping {
        Keeping::Not => ("Keep with the run", true),
        Keeping::UnderWay => ("Keeping…", false),
        Keeping::Kept => ("Kept with the run", false),
    };
    let tip = "The report shows it, and sets it beside what the next run of this scenario measures";
    let button = ui.add_enabled_ui(can_keep, |ui| widgets::button(ui, icons::ICON_BOOKMARK_ADD, word)).inner;
    if button.on_hover_text(tip).clicked() {
        commands.push(Command::KeepProjection(Arc::clone(projection)));
    }
}
