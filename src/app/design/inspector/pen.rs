//! What fields are written with: problems beside them, and what `{{` offers.

use std::cell::RefCell;

use egui::{Response, Ui};

use crate::{
    app::{
        design::{
            edit::unique_name,
            marks::Marks,
            templated::{self, Offers, Paint},
        },
        widgets,
    },
    model::{Scenario, SecretSource},
};

/// Draws the fields of one place.
pub struct Pen<'a> {
    pub marks: &'a Marks<'a>,
    pub offers: &'a Offers,
    /// Secrets that fields asked for while the scenario was lent to them.
    new_secrets: RefCell<Vec<String>>,
}

impl<'a> Pen<'a> {
    pub fn new(marks: &'a Marks<'a>, offers: &'a Offers) -> Self {
        Self { marks, offers, new_secrets: RefCell::default() }
    }

    /// A line that may hold `{{…}}`.
    pub fn line(&self, ui: &mut Ui, path: &str, (name, width): (&str, f32), text: &mut String) -> Response {
        self.marks.field(ui, path, |ui| templated::line(ui, name, text, width, self.offers))
    }

    /// Several lines that may hold `{{…}}`.
    pub fn area(
        &self,
        ui: &mut Ui,
        path: &str,
        (name, rows): (&str, usize),
        text: &mut String,
        paint: Paint,
    ) {
        self.marks.field(ui, path, |ui| templated::area(ui, (name, rows), text, paint, self.offers));
    }

    /// A line that is taken as it is.
    pub fn plain(&self, ui: &mut Ui, path: &str, (name, width): (&str, f32), text: &mut String) -> Response {
        self.marks.field(ui, path, |ui| widgets::text_field(ui, name, text, width))
    }

    /// Asks for a secret; returns the name it gets.
    pub fn new_secret(&self, name: &str) -> String {
        let mut new = self.new_secrets.borrow_mut();
        let taken: Vec<&str> = self.offers.secrets.iter().chain(&*new).map(String::as_str).collect();
        // Names of secrets have no brackets.
        let name = unique_name(name, taken.iter().copied()).replace(" (", "_").replace(')', "");
        new.push(name.clone());
        name
    }

    /// Gives the scenario the secrets that were asked for, each in an environment variable of its name.
    pub fn keep_secrets(&self, scenario: &mut Scenario) {
        for name in self.new_secrets.borrow_mut().drain(..) {
            let source = SecretSource::Env(name.to_uppercase().replace(['-', '.'], "_"));
            scenario.secrets.insert(name, source);
        }
    }
}
