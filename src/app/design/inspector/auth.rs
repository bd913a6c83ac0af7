//! How requests prove who sends them: of the scenario, or of one step in its place.

use egui::Ui;

use super::{
    pen::Pen,
    secret::{Credential, secret_ui},
};
use crate::{
    app::{
        theme::{self, space},
        widgets::{self, labelled},
    },
    model::{Auth, ClientCredentials, KeyPlace},
};

const FIELD: f32 = 300.0;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Inherit,
    None,
    Basic,
    Bearer,
    ApiKey,
    OAuth2,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Inherit, "Inherit"),
    (Kind::None, "None"),
    (Kind::Basic, "Basic"),
    (Kind::Bearer, "Bearer"),
    (Kind::ApiKey, "API key"),
    (Kind::OAuth2, "OAuth 2"),
];

/// A step's own, or none to inherit the scenario's.
pub fn step_auth_ui(
    ui: &mut Ui,
    (auth, inherited): (&mut Option<Auth>, &Auth),
    (pen, path): (&Pen<'_>, &str),
) {
    let mut kind = auth.as_ref().map_or(Kind::Inherit, kind_of);
    if widgets::segments(ui, &mut kind, &KINDS) {
        *auth = (kind != Kind::Inherit).then(|| new(kind));
    }
    match auth {
        Some(auth) => fields_ui(ui, auth, (pen, path)),
        None => {
            let words = format!("As the scenario says under Basics: {}.", words(inherited));
            ui.label(theme::small(ui, words));
        }
    }
}

/// The scenario's, for all steps without one of their own.
pub fn scenario_auth_ui(ui: &mut Ui, auth: &mut Auth, pen: &Pen<'_>) {
    let mut kind = kind_of(auth);
    // Nothing stands above the scenario to inherit from.
    if widgets::segments(ui, &mut kind, &KINDS[1..]) {
        *auth = new(kind);
    }
    fields_ui(ui, auth, (pen, "auth"));
}

fn kind_of(auth: &Auth) -> Kind {
    match auth {
        Auth::None => Kind::None,
        Auth::Basic { .. } => Kind::Basic,
        Auth::Bearer { .. } => Kind::Bearer,
        Auth::ApiKey { .. } => Kind::ApiKey,
        Auth::OAuth2(_) => Kind::OAuth2,
    }
}

fn words(auth: &Auth) -> &'static str {
    match auth {
        Auth::None => "none",
        Auth::Basic { .. } => "user and password (basic)",
        Auth::Bearer { .. } => "a bearer token",
        Auth::ApiKey { .. } => "an API key",
        Auth::OAuth2(_) => "a token by OAuth 2 client credentials",
    }
}

fn new(kind: Kind) -> Auth {
    match kind {
        Kind::Inherit | Kind::None => Auth::None,
        Kind::Basic => Auth::Basic { user: String::new(), password: String::new() },
        Kind::Bearer => Auth::Bearer { token: String::new() },
        Kind::ApiKey => {
            Auth::ApiKey { place: KeyPlace::Header, name: "x-api-key".to_owned(), value: String::new() }
        }
        Kind::OAuth2 => Auth::OAuth2(ClientCredentials {
            token_url: "/oauth/token".to_owned(),
            client_id: String::new(),
            client_secret: String::new(),
            scope: None,
        }),
    }
}

fn fields_ui(ui: &mut Ui, auth: &mut Auth, (pen, path): (&Pen<'_>, &str)) {
    let width = ui.available_width().min(FIELD);
    match auth {
        Auth::None => {
            ui.label(theme::small(ui, "Requests say nothing of who sends them."));
        }
        Auth::Basic { user, password } => {
            labelled(ui, "User", |ui| pen.line(ui, &format!("{path}.basic.user"), ("User", width), user));
            let path = format!("{path}.basic.password");
            secret_ui(ui, &Credential { name: "Password", secret: "password", path }, password, pen);
        }
        Auth::Bearer { token } => {
            let path = format!("{path}.bearer");
            secret_ui(ui, &Credential { name: "Token", secret: "token", path }, token, pen);
        }
        Auth::ApiKey { place, name, value } => {
            let places = [(KeyPlace::Header, "In a header"), (KeyPlace::Query, "In the query")];
            labelled(ui, "Where it stands", |ui| widgets::segments(ui, place, &places));
            labelled(ui, "Name", |ui| {
                pen.marks.list(ui, &format!("{path}.api_key"), |ui| {
                    widgets::text_field(ui, "API key name", name, width)
                })
            });
            let path = format!("{path}.api_key.value");
            secret_ui(ui, &Credential { name: "API key", secret: "api_key", path }, value, pen);
        }
        Auth::OAuth2(credentials) => oauth2_ui(ui, credentials, (pen, &format!("{path}.oauth2")), width),
    }
}

fn oauth2_ui(ui: &mut Ui, credentials: &mut ClientCredentials, (pen, path): (&Pen<'_>, &str), width: f32) {
    labelled(ui, "Token URL: a path below the base URL, or a whole URL", |ui| {
        pen.line(ui, &format!("{path}.token_url"), ("Token URL", width), &mut credentials.token_url)
    });
    labelled(ui, "Client id", |ui| {
        pen.line(ui, &format!("{path}.client_id"), ("Client id", width), &mut credentials.client_id)
    });
    let secret_path = format!("{path}.client_secret");
    let credential = Credential { name: "Client secret", secret: "client_secret", path: secret_path };
    secret_ui(ui, &credential, &mut credentials.client_secret, pen);
    let mut scope = credentials.scope.clone().unwrap_or_default();
    let field = labelled(ui, "Scope: may stay empty", |ui| {
        pen.line(ui, &format!("{path}.scope"), ("Scope", width), &mut scope)
    });
    if field.changed() {
        credentials.scope = (!scope.is_empty()).then_some(scope);
    }
    ui.add_space(space::XS);
    ui.label(theme::small(
        ui,
        "The token is fetched once, shared by all users, and fetched anew before it expires.",
    ));
}
