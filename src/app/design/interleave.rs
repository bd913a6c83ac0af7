//! Two sides by turns: the candidate that requests go to beside the base URL, and how long each side's block is.

use egui::{Response, Ui, WidgetInfo, accesskit::Role};

use super::marks::Marks;
use crate::{
    app::{
        theme,
        widgets::{self, labelled, parsed_field, text_field},
    },
    humanize,
    model::{Candidate, Interleave, Plan, Scenario, format_duration, parse_duration},
};

const FIELD: f32 = 96.0;
const NAME: f32 = 180.0;
/// A candidate to try it with.
const SLOWER_SANDBOX: &str = "sandbox:?slower=0.1";

/// Draws the form; `plan` is that of the scenario where it is valid.
pub fn interleave_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, plan: Option<&Plan>) {
    widgets::section(ui, "Baseline and candidate by turns");
    let words = "For surroundings that drift: one run goes to both sides in turn, block by block, so that both meet the \
                 same, and says whether the candidate is slower.";
    ui.label(theme::small(ui, words));
    let mut is_interleaved = scenario.interleave.is_some();
    let switch = marks.list(ui, "interleave", |ui| {
        ui.checkbox(&mut is_interleaved, "Interleave with a candidate")
            .on_hover_text("The baseline is this scenario as it stands")
    });
    if switch.changed() {
        scenario.interleave = is_interleaved.then(|| Interleave::with(Candidate::default()));
    }
    let names: Vec<String> = scenario.environments.iter().map(|place| place.name.clone()).collect();
    let Some(interleave) = &mut scenario.interleave else { return };
    kind_ui(ui, &mut interleave.candidate, &names);
    match &mut interleave.candidate {
        Candidate::BaseUrl(base_url) => base_url_ui(ui, base_url, marks),
        Candidate::Environment(name) => {
            labelled(ui, "Candidate's environment", |ui| {
                marks.field(ui, "interleave.candidate.environment", |ui| environment_ui(ui, name, &names))
            });
        }
    }
    ui.horizontal_top(|ui| blocks_ui(ui, interleave, marks));
    if let Some(words) = plan.and_then(|plan| plan_words(plan, interleave)) {
        ui.label(theme::small(ui, words));
    }
}

fn kind_ui(ui: &mut Ui, candidate: &mut Candidate, names: &[String]) {
    let mut is_environment = matches!(candidate, Candidate::Environment(_));
    let was = is_environment;
    let kinds = [(false, "Another base URL"), (true, "An environment")];
    widgets::segments(ui, &mut is_environment, &kinds);
    if is_environment != was {
        *candidate = if is_environment {
            Candidate::Environment(names.first().cloned().unwrap_or_default())
        } else {
            Candidate::default()
        };
    }
}

fn base_url_ui(ui: &mut Ui, base_url: &mut String, marks: &Marks<'_>) {
    labelled(ui, "Candidate's base URL", |ui| {
        marks.field(ui, "interleave.candidate.base_url", |ui| {
            text_field(ui, "Candidate base URL", base_url, f32::INFINITY)
        })
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::small(ui, "To try it, a built-in target that takes 10 % longer:"));
        if widgets::link_button(ui, "Use a slower sandbox").clicked() {
            SLOWER_SANDBOX.clone_into(base_url);
        }
    });
}

fn environment_ui(ui: &mut Ui, name: &mut String, names: &[String]) -> Response {
    let shown = if name.is_empty() { "None" } else { name.as_str() };
    let combo =
        egui::ComboBox::from_id_salt("candidate environment").width(NAME).truncate().selected_text(shown);
    let response = combo
        .show_ui(ui, |ui| {
            for known in names {
                ui.selectable_value(name, known.clone(), known);
            }
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Candidate environment"));
    response
}

fn blocks_ui(ui: &mut Ui, interleave: &mut Interleave, marks: &Marks<'_>) {
    let Interleave { block, seed, .. } = interleave;
    labelled(ui, "Block", |ui| {
        marks.field(ui, "interleave.block", |ui| {
            parsed_field(ui, "Block length", block, FIELD, |block| format_duration(*block), parse_duration)
        })
    })
    .on_hover_text("How long one side gets all iterations before the other does; a second at least");
    labelled(ui, "Seed", |ui| {
        marks.field(ui, "interleave.seed", |ui| {
            parsed_field(ui, "Interleave seed", seed, FIELD, ToString::to_string, |text| {
                text.trim().parse().map_err(|_| "Write a whole number".to_owned())
            })
        })
    })
    .on_hover_text("Draws which side comes first; the same seed gives the same order");
}

/// How many pairs there will be; nothing where a problem says that they are too few.
fn plan_words(plan: &Plan, interleave: &Interleave) -> Option<String> {
    let n_pairs = plan.block_pairs(plan.duration()).len();
    (n_pairs >= Interleave::MIN_PAIRS).then(|| {
        format!(
            "{} of blocks fit into the stages that hold their level, each {} long.",
            humanize::counted(n_pairs as u64, "pair"),
            humanize::span(interleave.block * 2)
        )
    })
}
