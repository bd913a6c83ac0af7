//! The Data tab: what fills the gaps of requests. Variables, environments, secrets and feeders.

mod environments;
mod feeders;
mod order;
mod secrets;
mod seen;
mod variables;

pub use seen::DataSeen;

use std::path::Path;

use egui::Ui;

use super::{edit::Uses, marks::Marks, templated::Columns};
use crate::{
    app::{
        command::{Command, Commands},
        state::Workbench,
        widgets,
    },
    model::Scenario,
};
use order::Order;
use seen::Wanted;

/// Tables of names and values read badly across a wide screen.
const COLUMN: f32 = 920.0;

/// What the Data tab shows beside the scenario.
#[derive(Debug, Default)]
pub struct DataView {
    variables: Order,
    secrets: Order,
    /// Where names are used, at this revision of the scenario.
    uses: Option<(u64, Uses)>,
    wanted: Option<Wanted>,
    seen: DataSeen,
    columns: Columns,
}

/// What the parts of the tab are drawn with.
struct Sight<'a> {
    marks: &'a Marks<'a>,
    uses: &'a Uses,
    seen: &'a DataSeen,
}

impl DataView {
    /// Has files and secrets looked at where others are named than before.
    pub fn look(&mut self, scenario: &Scenario, path: Option<&Path>, commands: &mut Commands) {
        let root = path.and_then(Path::parent);
        if self.wanted.as_ref().is_some_and(|wanted| wanted.is_for(scenario, root)) {
            return;
        }
        let wanted = Wanted::of(scenario, root);
        if !wanted.is_empty() {
            commands.push(Command::LookUpData);
        }
        self.wanted = Some(wanted);
    }

    /// Takes what was found.
    pub fn take(&mut self, seen: DataSeen) {
        self.columns = seen.columns();
        self.seen = seen;
    }

    /// Columns of feeders as far as their files could be read.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }
}

pub fn data_ui(
    ui: &mut Ui,
    view: &mut DataView,
    scenario: &mut Scenario,
    (bench, marks): (&Workbench, &Marks<'_>),
    commands: &mut Commands,
) {
    let revision = bench.revision();
    if view.uses.as_ref().is_none_or(|(known, _)| *known != revision) {
        view.uses = Some((revision, Uses::of(scenario)));
    }
    let Some((_, uses)) = &view.uses else { return };
    let sight = Sight { marks, uses, seen: &view.seen };
    widgets::column(ui, COLUMN, |ui| {
        widgets::card(ui, |ui| variables::variables_ui(ui, &mut view.variables, scenario, &sight));
        widgets::card(ui, |ui| environments::environments_ui(ui, scenario, &sight));
        widgets::card(ui, |ui| secrets::secrets_ui(ui, &mut view.secrets, scenario, &sight));
        widgets::card(ui, |ui| feeders::feeders_ui(ui, scenario, &sight, commands));
    });
}
