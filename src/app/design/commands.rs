//! Commands of the Design screen that act on what is selected there; each is one edit.
//!
//! A new one takes an entry in the enum, its row in [`DesignCommand::ALL`] and an arm of [`DesignView::obey`].

use egui_material_icons::{MaterialIcon, icons};

use super::{
    DesignView, Tab,
    derive::DeriveView,
    edit,
    journeys::Selected,
    monitors::Start,
    targets::{new_service, new_threshold},
};
use crate::model::{
    LoadProfile, Scenario,
    profile::{
        edit::{append_stage, remove_point},
        transform::Transform,
    },
};

/// Something that the Design screen does to the selection, without a further choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesignCommand {
    AddStage,
    DuplicateStage,
    RemoveStage,
    HalveLevels,
    DoubleLevels,
    HalveTime,
    DoubleTime,
    AddJourney,
    AddStep,
    DuplicateStep,
    RemoveStep,
    AddThreshold,
    AddService,
    DeriveLimits,
    AddMonitor,
}

impl DesignCommand {
    /// All of them, with what the palette shows.
    pub const ALL: [(Self, &'static str, MaterialIcon); 15] = [
        (Self::AddStage, "Add stage at the end", icons::ICON_ADD),
        (Self::DuplicateStage, "Duplicate the selected stage", icons::ICON_CONTENT_COPY),
        (Self::RemoveStage, "Remove the selected stage", icons::ICON_DELETE),
        (Self::HalveLevels, "Halve all levels of the load profile", icons::ICON_SHOW_CHART),
        (Self::DoubleLevels, "Double all levels of the load profile", icons::ICON_SHOW_CHART),
        (Self::HalveTime, "Halve all durations of the load profile", icons::ICON_SHOW_CHART),
        (Self::DoubleTime, "Double all durations of the load profile", icons::ICON_SHOW_CHART),
        (Self::AddJourney, "Add another journey", icons::ICON_ADD),
        (Self::AddStep, "Add step after the selected one", icons::ICON_ADD),
        (Self::DuplicateStep, "Duplicate the selected step", icons::ICON_CONTENT_COPY),
        (Self::RemoveStep, "Remove the selected step", icons::ICON_DELETE),
        (Self::AddThreshold, "Add another threshold", icons::ICON_ADD),
        (Self::AddService, "Add another service with a budget", icons::ICON_ADD),
        (Self::DeriveLimits, "Derive limits from a run", icons::ICON_RULE),
        (Self::AddMonitor, "Add a monitor of this machine", icons::ICON_MONITOR_HEART),
    ];
}

impl DesignView {
    /// Why a command has nothing to act on; none when it has.
    pub fn refusal(&self, command: DesignCommand, scenario: &Scenario) -> Option<&'static str> {
        use DesignCommand::*;
        match command {
            DuplicateStage | RemoveStage if self.selected_stage(scenario).is_none() => {
                Some("No stage is selected")
            }
            DuplicateStep | RemoveStep if self.present_step(scenario).is_none() => {
                Some("No step is selected")
            }
            HalveLevels | DoubleLevels | HalveTime | DoubleTime if scenario.load.stages.is_empty() => {
                Some("The load profile has no stage yet")
            }
            _ => None,
        }
    }

    /// Does what was asked for to the selection of this scenario, and shows it.
    pub fn obey(&mut self, command: DesignCommand, scenario: &mut Scenario) {
        if self.refusal(command, scenario).is_some() {
            return;
        }
        use DesignCommand::*;
        self.tab = match command {
            AddStage | DuplicateStage | RemoveStage | HalveLevels | DoubleLevels | HalveTime | DoubleTime => {
                Tab::Load
            }
            AddJourney | AddStep | DuplicateStep | RemoveStep => Tab::Journeys,
            AddThreshold | AddService | DeriveLimits => Tab::Targets,
            AddMonitor => Tab::Monitors,
        };
        let load = &mut scenario.load;
        match command {
            AddStage => {
                if let Some(index) = append_stage(load) {
                    self.canvas.show(index);
                }
            }
            DuplicateStage => self.duplicate_stage(scenario),
            RemoveStage => {
                let stage = self.canvas.selected.take();
                stage.into_iter().for_each(|index| remove_point(load, index));
            }
            HalveLevels => self.transform(load, Transform::ScaleLevel(0.5)),
            DoubleLevels => self.transform(load, Transform::ScaleLevel(2.0)),
            HalveTime => self.transform(load, Transform::StretchTime(0.5)),
            DoubleTime => self.transform(load, Transform::StretchTime(2.0)),
            AddJourney => self.journeys.selected = edit::add_journey(scenario),
            AddStep => self.journeys.selected = edit::add_step(scenario, self.journeys.selected),
            DuplicateStep => self.journeys.selected = edit::duplicate(scenario, self.journeys.selected),
            RemoveStep => self.journeys.selected = edit::remove(scenario, self.journeys.selected),
            AddThreshold => scenario.thresholds.push(new_threshold()),
            AddService => scenario.services.push(new_service(scenario.services.len() + 1)),
            DeriveLimits => self.derive = Some(DeriveView::default()),
            AddMonitor => self.monitors.add(scenario, Start::Machine),
        }
    }

    fn transform(&mut self, load: &mut LoadProfile, transform: Transform) {
        match transform.applied(load) {
            Ok(changed) => *load = changed,
            Err(refusal) => self.canvas.say(refusal, true),
        }
    }

    fn selected_stage(&self, scenario: &Scenario) -> Option<usize> {
        self.canvas.selected.filter(|index| *index < scenario.load.stages.len())
    }

    fn present_step(&self, scenario: &Scenario) -> Option<(usize, usize)> {
        let Selected { journey, step: Some(step) } = self.journeys.selected else { return None };
        (step < scenario.journeys.get(journey)?.steps.len()).then_some((journey, step))
    }

    fn duplicate_stage(&mut self, scenario: &mut Scenario) {
        let Some(index) = self.selected_stage(scenario) else { return };
        let stages = &mut scenario.load.stages;
        let mut copy = stages[index].clone();
        copy.name = edit::unique_name(&copy.name, stages.iter().map(|stage| stage.name.as_str()));
        stages.insert(index + 1, copy);
        self.canvas.show(index + 1);
    }
}
