//! How requests travel: which transport and why, connections, what is asked of it, and TLS.

use egui::Ui;
use egui_material_icons::icons;

use super::marks::Marks;
use crate::{
    app::{
        command::{Command, Commands, PemFile},
        theme::{self, Weight, size, space},
        widgets::{self, labelled, parsed_field, text_field},
    },
    model::{Connections, HttpVersion, Scenario, TlsOptions, TransportChoice, TransportOptions},
};

/// Below this width, the right column moves under the left one.
const TWO_COLUMNS: f32 = 780.0;
/// Fields and sentences wider than this read badly.
const COLUMN: f32 = 620.0;
/// The button beside a file's path, with the space before it.
const BROWSE: f32 = theme::CONTROL_HEIGHT + space::M;

pub fn transport_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, commands: &mut Commands) {
    if ui.available_width() < TWO_COLUMNS {
        how_ui(ui, scenario, marks);
        what_ui(ui, &mut scenario.transport, marks, commands);
        return;
    }
    let width = ((ui.available_width() - space::M) / 2.0).min(COLUMN);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(space::M);
        ui.vertical(|ui| {
            ui.set_width(width);
            how_ui(ui, scenario, marks);
        });
        ui.vertical(|ui| {
            ui.set_width(width);
            what_ui(ui, &mut scenario.transport, marks, commands);
        });
    });
}

fn how_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::card(ui, |ui| choice_ui(ui, scenario, marks));
    widgets::card(ui, |ui| connections_ui(ui, &mut scenario.transport, marks));
}

fn what_ui(ui: &mut Ui, options: &mut TransportOptions, marks: &Marks<'_>, commands: &mut Commands) {
    widgets::card(ui, |ui| answers_ui(ui, options, marks));
    widgets::card(ui, |ui| tls_ui(ui, &mut options.tls, marks, commands));
}

fn choice_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::section(ui, "Transport");
    let choices = [
        (TransportChoice::Auto, "Automatic"),
        (TransportChoice::Wire, "wire"),
        (TransportChoice::Reqwest, "reqwest"),
    ];
    marks.field(ui, "transport.use", |ui| {
        ui.scope(|ui| widgets::segments(ui, &mut scenario.transport.choice, &choices)).response
    });
    let chosen = scenario.chosen_transport();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.spacing_mut().interact_size.y = 18.0;
        ui.label(theme::muted(ui, "Requests travel by"));
        ui.label(theme::text(chosen.kind.name(), size::BODY, Weight::SemiBold));
        ui.label(theme::muted(ui, format!("because {}.", chosen.reason)));
    });
    let words = "wire is our lean HTTP/1.1 client: the least work per request. reqwest does everything else: HTTP/2, \
                 redirects, cookies, compression and proxies.";
    ui.label(theme::small(ui, words));
}

fn connections_ui(ui: &mut Ui, options: &mut TransportOptions, marks: &Marks<'_>) {
    widgets::section(ui, "Connections");
    let versions = [(HttpVersion::Http1, "HTTP/1.1"), (HttpVersion::Http2, "HTTP/2")];
    labelled(ui, "Protocol", |ui| widgets::segments(ui, &mut options.http, &versions));
    let sharing = [
        (Connections::PerUser, "One per user"),
        (Connections::Pooled, "Shared pool"),
        (Connections::PerRequest, "New for each request"),
    ];
    labelled(ui, "Which requests share a connection", |ui| {
        widgets::segments(ui, &mut options.connections, &sharing);
    });
    let words = match options.connections {
        Connections::PerUser => {
            "Each virtual user keeps a connection of its own to each host, as a browser does."
        }
        Connections::Pooled => {
            "Virtual users share the connections that are idle, as services behind a gateway do."
        }
        Connections::PerRequest => {
            "Each request opens and closes its own: looking up, connecting and securing count in every response time."
        }
    };
    ui.label(theme::small(ui, words));
    let mut proxy = options.proxy.clone().unwrap_or_default();
    let field = labelled(ui, "Proxy", |ui| {
        marks.field(ui, "transport.proxy", |ui| text_field(ui, "Proxy", &mut proxy, f32::INFINITY))
    });
    if field.changed() {
        options.proxy = (!proxy.is_empty()).then_some(proxy);
    }
    ui.label(theme::small(
        ui,
        "A URL such as http://127.0.0.1:3128 or socks5://127.0.0.1:1080; empty for none.",
    ));
}

fn answers_ui(ui: &mut Ui, options: &mut TransportOptions, marks: &Marks<'_>) {
    widgets::section(ui, "Answers");
    labelled(ui, "Redirects followed, at most", |ui| {
        marks.field(ui, "transport.redirects", |ui| {
            parsed_field(ui, "Redirects", &mut options.max_redirects, 64.0, ToString::to_string, |text| {
                text.trim().parse().map_err(|_| "Write a whole number, 0 for none".to_owned())
            })
        })
    })
    .on_hover_text("0 takes each answer as it is, a redirect too");
    ui.checkbox(&mut options.cookies, "Keep cookies")
        .on_hover_text("Each virtual user keeps its own, and sends them");
    ui.checkbox(&mut options.compression, "Ask for compressed answers")
        .on_hover_text("They are unpacked for checks and extracts");
}

fn tls_ui(ui: &mut Ui, tls: &mut TlsOptions, marks: &Marks<'_>, commands: &mut Commands) {
    widgets::section(ui, "Certificates");
    ui.label(theme::small(
        ui,
        "PEM files, for https:// only. Relative paths start at the scenario file's folder.",
    ));
    let files = [
        (PemFile::Ca, "CA file", "Trusted in place of the system's authorities", &mut tls.ca),
        (PemFile::Certificate, "Client certificate", "With its chain, if it has one", &mut tls.certificate),
        (PemFile::Key, "Client key", "The client certificate's private key", &mut tls.key),
    ];
    for (file, name, words, path) in files {
        let key = match file {
            PemFile::Ca => "transport.ca",
            PemFile::Certificate => "transport.certificate",
            PemFile::Key => "transport.key",
        };
        labelled(ui, name, |ui| {
            marks.field(ui, key, |ui| pem_ui(ui, (file, name, words), path, commands));
        });
    }
    marks.field(ui, "transport.verify", |ui| {
        ui.checkbox(&mut tls.verify, "Verify the server's certificate")
            .on_hover_text("Without it anyone can answer in the target's place")
    });
}

fn pem_ui(
    ui: &mut Ui,
    (file, name, words): (PemFile, &str, &str),
    path: &mut Option<String>,
    commands: &mut Commands,
) -> egui::Response {
    ui.horizontal(|ui| {
        let mut text = path.clone().unwrap_or_default();
        let width = (ui.available_width() - BROWSE).max(120.0);
        let field = text_field(ui, name, &mut text, width).on_hover_text(words);
        if field.changed() {
            *path = (!text.is_empty()).then_some(text);
        }
        let label = format!("Browse for the {name}");
        if widgets::icon_button(ui, icons::ICON_FOLDER_OPEN, &label).clicked() {
            commands.push(Command::BrowseForPem(file));
        }
        field
    })
    .inner
}
