//! The requests of one step as they were sent; a literal that is clicked can be made a variable.

use egui::{Button, Label, RichText, Ui};
use serde_json::Value as Json;

use super::{
    OnceView, Origin, json_tree,
    literal::{Literal, literal_ui},
    messages::{body_ui, headers_ui},
};
use crate::{
    app::{state::OnceStep, theme},
    metrics::SentRequest,
    model::{JsonPlace, LiteralPlace, Scenario, Step, n_literals},
};

pub(super) fn request_ui(
    ui: &mut Ui,
    view: &mut OnceView,
    step: &OnceStep,
    (scenario, origin): (&mut Scenario, Option<&Origin>),
) {
    if step.exchange.requests.is_empty() {
        ui.label(theme::muted(ui, "The step was not sent."));
        return;
    }
    if let (Some(literal), Some(origin)) = (&mut view.literal, origin)
        && literal_ui(ui, literal, scenario, origin)
    {
        view.literal = None;
    }
    for (index, request) in step.exchange.requests.iter().enumerate() {
        ui.push_id(index, |ui| {
            let described = origin.map(|origin| origin.step(scenario)).filter(|_| index == 0);
            let json = step.request_json.as_ref().filter(|_| index == 0);
            let clicked = one_request_ui(ui, &mut view.tree, request, (described, json));
            if let Some(clicked) = clicked {
                let path = described.map(|step| step.path.clone()).unwrap_or_default();
                view.literal = Some(match clicked {
                    Clicked::Literal(place, text) => Literal::new(place, text, &path, scenario),
                    Clicked::InBody(way, text) => Literal::in_body(&way, text, scenario),
                });
            }
            if let Some(status) = request.redirected_by {
                ui.label(theme::muted(ui, format!("was answered by HTTP {status}, which leads to")));
            }
        });
    }
}

enum Clicked {
    Literal(LiteralPlace, String),
    InBody(Vec<JsonPlace>, String),
}

/// One request; literals of `described`, the step that it came of, can be clicked.
fn one_request_ui(
    ui: &mut Ui,
    tree: &mut json_tree::TreeView,
    request: &SentRequest,
    (described, json): (Option<&Step>, Option<&Json>),
) -> Option<Clicked> {
    let mut clicked = ui.horizontal_wrapped(|ui| line_ui(ui, request, described)).inner;
    let word_of = |name: &str, value: &str| {
        let step = described?;
        let place = LiteralPlace::Header(name.to_owned());
        // Behind the name of a scheme stands what it is about: `Bearer abc`.
        let words = [Some(value), value.rsplit(' ').next()].into_iter().flatten();
        let mut words = words.filter(|word| !word.is_empty());
        words.find(|word| n_literals(step, &place, word) > 0).map(str::to_owned)
    };
    let header = headers_ui(ui, &request.headers, |name, value| word_of(name, value).is_some());
    if let Some((name, value)) = header
        && let Some(word) = word_of(&name, &value)
    {
        clicked = Some(Clicked::Literal(LiteralPlace::Header(name), word));
    }
    match json {
        Some(json) => {
            let way = json_tree::json_tree_ui(ui, tree, json);
            let found = way.and_then(|way| leaf_text(json, &way).map(|text| (way, text)));
            clicked = found.map(|(way, text)| Clicked::InBody(way, text)).or(clicked);
        }
        None if request.body.n_bytes == 0 => {}
        None => body_ui(ui, &request.body),
    }
    clicked
}

fn leaf_text(json: &Json, way: &[JsonPlace]) -> Option<String> {
    let found = way.iter().try_fold(json, |json, place| match place {
        JsonPlace::Key(key) => json.get(key),
        JsonPlace::Item(index) => json.get(index),
    })?;
    match found {
        Json::String(text) => Some(text.clone()),
        Json::Object(_) | Json::Array(_) => None,
        other => Some(other.to_string()),
    }
}

/// Method and URL, in which parts of the path and values of the query can be clicked.
fn line_ui(ui: &mut Ui, request: &SentRequest, described: Option<&Step>) -> Option<Clicked> {
    ui.spacing_mut().item_spacing.x = 0.0;
    ui.spacing_mut().button_padding = egui::vec2(1.0, 1.0);
    plain(ui, &format!("{} ", request.method));
    let path_at =
        request.url.find("://").and_then(|at| request.url[at + 3..].find('/').map(|to| at + 3 + to));
    let (origin, rest) = request.url.split_at(path_at.unwrap_or(request.url.len()));
    plain(ui, origin);
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let mut clicked = None;
    for part in path.split('/').skip(1) {
        plain(ui, "/");
        part_ui(ui, part, LiteralPlace::Path, described, &mut clicked);
    }
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        plain(ui, if index == 0 { "?" } else { "&" });
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        plain(ui, &format!("{name}="));
        part_ui(ui, value, LiteralPlace::Query(decoded(name)), described, &mut clicked);
    }
    clicked
}

fn part_ui(
    ui: &mut Ui,
    part: &str,
    place: LiteralPlace,
    described: Option<&Step>,
    clicked: &mut Option<Clicked>,
) {
    let text = decoded(part);
    let is_literal = !part.is_empty() && described.is_some_and(|step| n_literals(step, &place, &text) > 0);
    if !is_literal {
        plain(ui, part);
        return;
    }
    let color = theme::colors(ui).accent_text;
    let button = Button::new(RichText::new(part).font(theme::mono()).color(color));
    if ui.add(button.frame_when_inactive(false)).on_hover_text("Make it a variable").clicked() {
        *clicked = Some(Clicked::Literal(place, text));
    }
}

fn plain(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).font(theme::mono())).selectable(true).extend());
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
