//! How an endpoint is reached: its address, and who asks.

use egui::Ui;

use super::inspector::Pens;
use crate::{
    app::{
        design::inspector::{Credential, secret_ui},
        widgets::{self, labelled},
    },
    model::Access,
};

const FIELD: f32 = 300.0;

/// Where a monitor reads from.
pub fn url_ui(ui: &mut Ui, (url, path): (&mut String, &str), tip: &str, pens: &Pens<'_>) {
    let width = ui.available_width().min(520.0);
    labelled(ui, "Address", |ui| pens.any.line(ui, &format!("{path}.url"), ("Monitor address", width), url))
        .on_hover_text(tip);
}

/// A password, which should be a secret.
pub fn password_ui(ui: &mut Ui, password: &mut String, path: &str, pens: &Pens<'_>) {
    let credential =
        Credential { name: "Password", secret: "monitor_password", path: format!("{path}.password") };
    secret_ui(ui, &credential, password, &pens.secret);
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Nobody,
    Basic,
    Bearer,
}

const KINDS: [(Kind, &str); 3] =
    [(Kind::Nobody, "No credentials"), (Kind::Basic, "User and password"), (Kind::Bearer, "Token")];

/// Credentials and trust of an HTTP endpoint.
pub fn access_ui(ui: &mut Ui, access: &mut Access, path: &str, pens: &Pens<'_>) {
    let id = ui.make_persistent_id("kind of access");
    // A kind that was chosen stays chosen while its fields are still empty.
    let chosen: Option<Kind> = ui.data(|data| data.get_temp(id));
    let mut kind = kind_of(access).or(chosen).unwrap_or(Kind::Nobody);
    if widgets::segments(ui, &mut kind, &KINDS) {
        *access = Access { ca: std::mem::take(&mut access.ca), ..Access::default() };
        ui.data_mut(|data| data.insert_temp(id, kind));
    }
    let width = ui.available_width().min(FIELD);
    match kind {
        Kind::Nobody => {}
        Kind::Basic => {
            ui.horizontal_top(|ui| {
                labelled(ui, "User", |ui| {
                    pens.any.line(ui, &format!("{path}.user"), ("Monitor user", width), &mut access.user)
                });
                password_ui(ui, &mut access.password, path, pens);
            });
        }
        Kind::Bearer => {
            let path = format!("{path}.bearer");
            let credential = Credential { name: "Token", secret: "monitor_token", path };
            secret_ui(ui, &credential, &mut access.bearer, &pens.secret);
        }
    }
    labelled(ui, "Certificates to trust beside the system's: a PEM file, may stay empty", |ui| {
        pens.any.plain(ui, &format!("{path}.ca"), ("Certificates of the monitor", width), &mut access.ca)
    });
}

fn kind_of(access: &Access) -> Option<Kind> {
    if !access.bearer.is_empty() {
        return Some(Kind::Bearer);
    }
    let is_basic = !access.user.is_empty() || !access.password.is_empty();
    is_basic.then_some(Kind::Basic)
}
