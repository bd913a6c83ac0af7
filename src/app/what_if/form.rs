//! What would change, as the analyst writes it.

use egui::{ComboBox, Role, Ui, WidgetInfo};

use super::WhatIfAsked;
use crate::{
    analysis::{
        scope_words,
        what_if::{CallTime, Change, InputRange, Quantity, Queue, Subject},
    },
    app::{
        theme::{self, space},
        widgets,
    },
    metrics::RunId,
    model::{Scenario, Scope},
};

const FIELD_WIDTH: f32 = 150.0;

/// Which model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Cache,
    Payload,
    Faster,
    Workers,
    Traffic,
}

/// What is written into the form.
#[derive(Clone, Debug)]
pub struct Form {
    kind: Kind,
    /// Index into what can be changed.
    scope: usize,
    hit_ratio: String,
    hit_secs: String,
    lookup_secs: String,
    size_ratio: String,
    bits_per_sec: String,
    rtt_secs: String,
    compression_secs: String,
    speed_up: String,
    share: String,
    to_workers: String,
    times: String,
    workers: String,
    service_secs: String,
}

impl Default for Form {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            kind: Kind::default(),
            scope: 0,
            hit_ratio: text("50% to 70%"),
            hit_secs: text("1ms to 2ms"),
            lookup_secs: text("0ms"),
            size_ratio: text("30%"),
            bits_per_sec: text("10Mbit to 100Mbit"),
            rtt_secs: text("20ms"),
            compression_secs: text("0ms"),
            speed_up: text("2"),
            share: text("100%"),
            to_workers: String::new(),
            times: text("1.2"),
            workers: String::new(),
            service_secs: String::new(),
        }
    }
}

/// What can be changed in a scenario: all of it, a service, a step.
pub fn scopes(scenario: &Scenario) -> Vec<Scope> {
    let services = scenario.services.iter().map(|service| Scope::Service(service.name.clone()));
    let steps = scenario.sent_steps().map(|(_, _, step)| Scope::Step(step.name.clone()));
    std::iter::once(Scope::Run).chain(services).chain(steps).collect()
}

/// Draws the form.
pub fn form_ui(ui: &mut Ui, form: &mut Form, scopes: &[Scope]) {
    let kinds = [
        (Kind::Cache, "A cache"),
        (Kind::Payload, "Smaller answers"),
        (Kind::Faster, "Faster work"),
        (Kind::Workers, "More workers"),
        (Kind::Traffic, "More traffic"),
    ];
    widgets::wrapped_segments(ui, &mut form.kind, &kinds);
    widgets::labelled(ui, "What changes", |ui| scope_ui(ui, &mut form.scope, scopes));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for (name, quantity, text) in form.fields() {
            field_ui(ui, name, quantity, text);
        }
    });
    let words = "What is known of the queue; left empty, it is estimated from a stage of low load where the run has one";
    ui.label(theme::small(ui, words));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        field_ui(ui, "Workers now", Quantity::Workers, &mut form.workers);
        field_ui(ui, "Mean time with a worker", Quantity::Secs, &mut form.service_secs);
    });
}

fn scope_ui(ui: &mut Ui, chosen: &mut usize, scopes: &[Scope]) {
    let words = |index: usize| scopes.get(index).map(scope_words).unwrap_or_default();
    let present = words(*chosen);
    let combo = ComboBox::from_id_salt("what changes").width(320.0).selected_text(&present);
    let response = combo.show_ui(ui, |ui| {
        for index in 0..scopes.len() {
            ui.selectable_value(chosen, index, words(index));
        }
    });
    response.response.widget_info(|| WidgetInfo {
        label: Some("What changes".to_owned()),
        current_text_value: Some(present.clone()),
        ..WidgetInfo::new(Role::ComboBox)
    });
}

fn field_ui(ui: &mut Ui, name: &str, quantity: Quantity, text: &mut String) {
    widgets::labelled(ui, name, |ui| {
        ui.set_width(FIELD_WIDTH);
        widgets::text_field(ui, name, text, FIELD_WIDTH);
        let problem = (!text.trim().is_empty()).then(|| quantity.read(text).err()).flatten();
        if let Some(problem) = problem {
            let text = theme::small(ui, problem).color(theme::colors(ui).fail);
            ui.add(egui::Label::new(text).wrap());
        }
    });
}

impl Form {
    /// The fields of the model that is asked.
    fn fields(&mut self) -> Vec<(&'static str, Quantity, &mut String)> {
        match self.kind {
            Kind::Cache => vec![
                ("Share of hits", Quantity::Share, &mut self.hit_ratio),
                ("Time of a hit", Quantity::Secs, &mut self.hit_secs),
                ("Lookup that a miss pays", Quantity::Secs, &mut self.lookup_secs),
            ],
            Kind::Payload => vec![
                ("Size afterwards", Quantity::Share, &mut self.size_ratio),
                ("Bandwidth of a transfer", Quantity::BitsPerSec, &mut self.bits_per_sec),
                ("Round trip", Quantity::Secs, &mut self.rtt_secs),
                ("Time to compress", Quantity::Secs, &mut self.compression_secs),
            ],
            Kind::Faster => vec![
                ("So many times as fast", Quantity::Times, &mut self.speed_up),
                ("Share of the time that gets faster", Quantity::Share, &mut self.share),
            ],
            Kind::Workers => vec![("Workers afterwards", Quantity::Workers, &mut self.to_workers)],
            Kind::Traffic => vec![("So many times the requests", Quantity::Times, &mut self.times)],
        }
    }

    /// What is asked; in words where a field cannot be read.
    pub fn asked(&self, run_id: RunId, scopes: &[Scope]) -> Result<WhatIfAsked, String> {
        let scope = scopes.get(self.scope).cloned().unwrap_or(Scope::Run);
        let change = self.change()?;
        if let Some(problem) = change.problem() {
            return Err(problem);
        }
        let given = |text: &String, quantity: Quantity| -> Result<Option<InputRange>, String> {
            if text.trim().is_empty() { Ok(None) } else { quantity.read(text).map(Some) }
        };
        let queue = Queue {
            workers: given(&self.workers, Quantity::Workers)?,
            service_secs: given(&self.service_secs, Quantity::Secs)?,
            cs_squared: None,
        };
        Ok(WhatIfAsked { run_id, subject: Subject::of(scope), change, queue })
    }

    fn change(&self) -> Result<Change, String> {
        Ok(match self.kind {
            Kind::Cache => Change::Cache {
                hit_ratio: Quantity::Share.read(&self.hit_ratio)?,
                hit_secs: Quantity::Secs.read(&self.hit_secs)?,
                lookup_secs: Quantity::Secs.read(&self.lookup_secs)?,
            },
            Kind::Payload => Change::Payload {
                size_ratio: Quantity::Share.read(&self.size_ratio)?,
                bits_per_sec: Quantity::BitsPerSec.read(&self.bits_per_sec)?,
                rtt_secs: Quantity::Secs.read(&self.rtt_secs)?,
                initial_window_bytes: Change::INITIAL_WINDOW_BYTES,
                compression_secs: Quantity::Secs.read(&self.compression_secs)?,
            },
            Kind::Faster => {
                let ratio = Quantity::Share.read(&self.share)?;
                let is_whole = ratio == InputRange::exactly(1.0);
                let call = if is_whole { CallTime::Whole } else { CallTime::Share { ratio } };
                Change::Faster { speed_up: Quantity::Times.read(&self.speed_up)?, call }
            }
            Kind::Workers => Change::Workers { to: Quantity::Workers.read(&self.to_workers)? },
            Kind::Traffic => Change::Traffic { times: Quantity::Times.read(&self.times)? },
        })
    }
}
