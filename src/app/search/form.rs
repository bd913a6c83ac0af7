//! What a search is asked for: where it starts, how high it may go, how long it holds.

use std::time::Duration;

use egui::{Label, RichText, Ui};
use egui_material_icons::icons;

use crate::{
    analysis::search::{SearchSettings, search_scenario},
    app::{
        command::{Command, Commands},
        theme::{self, space},
        widgets,
    },
    humanize,
    model::{Scenario, SearchOptions, parse_duration},
};

const FIELD_WIDTH: f32 = 172.0;

/// What is written into the form.
#[derive(Clone, Debug)]
pub struct SearchForm {
    start: String,
    max: String,
    hold: String,
    settle: String,
    confirm: String,
    resolution: String,
    /// What does not stand in the form stays as the scenario says.
    options: SearchOptions,
    is_open: bool,
    /// The targets in words; or why the scenario cannot be searched.
    targets: Result<String, String>,
}

impl SearchForm {
    /// As a scenario asks for it.
    pub fn of(scenario: &Scenario) -> Self {
        let scenario = scenario.resolved();
        let options = scenario.search.clone().unwrap_or_default();
        let found = search_scenario(&scenario).and_then(|_| SearchSettings::of(&scenario));
        let level = |level: f64| humanize::number(level).replace(',', "");
        let span = |span: Duration| humanize::span(span).replace(' ', "").replace("min", "m");
        Self {
            start: found.as_ref().map_or_else(|_| String::new(), |settings| level(settings.start)),
            max: found.as_ref().map_or_else(|_| String::new(), |settings| level(settings.max)),
            hold: span(options.hold),
            settle: span(options.settle),
            confirm: span(options.confirm),
            resolution: options.resolution.to_string(),
            options,
            is_open: scenario.load.model.is_open(),
            targets: found.map(|settings| settings.target_words()).map_err(|refusal| refusal.0),
        }
    }

    fn options(&self) -> Result<SearchOptions, String> {
        let unit = if self.is_open { "arrivals per second" } else { "users" };
        let level = |name: &str, text: &str| {
            let level = text.trim().parse::<f64>().ok().filter(|level| level.is_finite() && *level > 0.0);
            level.ok_or_else(|| format!("{name}: write a number of {unit} above 0, such as 50"))
        };
        let span = |name: &str, text: &str, least: Duration| {
            let span = parse_duration(text.trim()).map_err(|error| format!("{name}: {error}"))?;
            let is_possible = (least..=SearchOptions::MAX_SPAN).contains(&span);
            let words = || format!("{name}: from {} to a day", humanize::span(least));
            is_possible.then_some(span).ok_or_else(words)
        };
        let (start, max) = (level("Start", &self.start)?, level("Highest", &self.max)?);
        if max < start {
            return Err("Highest: it lies below the start".to_owned());
        }
        let range = SearchOptions::RESOLUTIONS;
        let resolution = self.resolution.trim().parse().ok().filter(|factor| range.contains(factor));
        Ok(SearchOptions {
            start: Some(start),
            max: Some(max),
            hold: span("Hold", &self.hold, SearchOptions::MIN_HOLD)?,
            settle: span("Settle", &self.settle, SearchOptions::MIN_SETTLE)?,
            confirm: span("Confirm", &self.confirm, SearchOptions::MIN_HOLD)?,
            resolution: resolution.ok_or_else(|| {
                format!("Within a factor of: write a number from {} to {}", range.start(), range.end())
            })?,
            ..self.options.clone()
        })
    }
}

/// Draws the dialog.
pub fn search_ui(ui: &mut Ui, form: &mut SearchForm, commands: &mut Commands) {
    let words = "One run in probes: the load doubles until a probe does not meet the targets, then the distance is halved. Each \
                 probe is judged on its confidence bounds, and the answer is held once more to confirm it.";
    ui.add(Label::new(theme::muted(ui, words)).wrap());
    match &form.targets {
        Ok(targets) => _ = ui.add(Label::new(format!("Targets: {targets}")).wrap()),
        Err(refusal) => {
            ui.add(Label::new(RichText::new(refusal).color(theme::colors(ui).fail)).wrap());
        }
    }
    let options = form.options();
    let unit = if form.is_open { "arrivals per second" } else { "users" };
    let fields = [
        (format!("Start, {unit}"), &mut form.start),
        (format!("Highest, {unit}"), &mut form.max),
        ("Within a factor of".to_owned(), &mut form.resolution),
        ("Hold of a probe".to_owned(), &mut form.hold),
        ("Settle before it".to_owned(), &mut form.settle),
        ("Hold to confirm".to_owned(), &mut form.confirm),
    ];
    let mut fields = fields.into_iter();
    for _ in 0..2 {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            for (name, text) in fields.by_ref().take(3) {
                widgets::column(ui, FIELD_WIDTH, |ui| {
                    widgets::labelled(ui, &name, |ui| widgets::text_field(ui, &name, text, f32::INFINITY));
                });
            }
        });
    }
    if let (Ok(_), Err(problem)) = (&form.targets, &options) {
        ui.add(Label::new(theme::small(ui, problem).color(theme::colors(ui).fail)).wrap());
    }
    widgets::answers(ui, |ui| {
        let can_start = form.targets.is_ok() && options.is_ok();
        let start = ui
            .add_enabled_ui(can_start, |ui| {
                widgets::primary_button(ui, icons::ICON_TROUBLESHOOT, "Start the search")
            })
            .inner;
        if start.clicked()
            && let Ok(options) = options
        {
            commands.push(Command::CloseDialog);
            commands.push(Command::StartSearch(Box::new(options)));
        }
        if widgets::link_button(ui, "Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
