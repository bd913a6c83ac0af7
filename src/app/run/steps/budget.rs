//! A row's latency limits against what was measured: as figures, and as a bar with a mark at the limit.

use std::time::Duration;

use egui::{Align2, Color32, Rect, Sense, Ui, pos2, vec2};

use crate::analysis::{Margin, Reading, ThresholdVerdict, judge, limit_text, limit_words, metric_words};
use crate::app::theme::{self, Weight, size};
use crate::metrics::Aggregate;
use crate::model::{Metric, Scenario, Scope, Service, Unit};

/// Where along the bar the limit stands: what lies beyond is over it.
const LIMIT_AT: f32 = 0.72;
const BAR_HEIGHT: f32 = 4.0;

/// Whose limits a row is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// The row's own.
    #[default]
    Own,
    /// Those of the service that the step belongs to, all of whose steps share them.
    Service,
}

/// The latency limits of a row, and how what was measured stands against them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budgets {
    whose: Whose,
    limits: Vec<HeldLimit>,
}

/// One limit, and what was measured.
#[derive(Clone, Debug, PartialEq)]
struct HeldLimit {
    metric: Metric,
    limit: f64,
    reading: Option<Reading>,
    verdict: ThresholdVerdict,
}

impl Budgets {
    fn new(whose: Whose, limits: impl Iterator<Item = (Metric, f64)>) -> Self {
        let limits = limits.filter(|(metric, limit)| metric.unit() == Unit::Seconds && *limit > 0.0);
        let held = |(metric, limit)| HeldLimit {
            metric,
            limit,
            reading: None,
            verdict: ThresholdVerdict::NotEnoughData,
        };
        Self { whose, limits: limits.map(held).collect() }
    }

    /// What a service may take.
    pub fn of_service(service: &Service) -> Self {
        Self::new(Whose::Own, service.budgets.iter().map(|budget| (budget.metric, budget.limit)))
    }

    /// The same limits, with what was measured.
    pub fn held_against(mut self, aggregate: &Aggregate, timeout: Duration) -> Self {
        for held in &mut self.limits {
            (held.reading, held.verdict) = judge(aggregate, held.metric, held.limit, timeout);
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// The share that is used of the limit that is nearest to being missed.
    pub fn used_ratio(&self) -> Option<f64> {
        self.tightest().and_then(HeldLimit::used_ratio)
    }

    fn tightest(&self) -> Option<&HeldLimit> {
        let used = |held: &HeldLimit| held.used_ratio().unwrap_or(-1.0);
        self.limits.iter().max_by(|a, b| used(a).total_cmp(&used(b)))
    }

    /// Every limit with its margin, a line each.
    fn words(&self) -> String {
        let line = |held: &HeldLimit| {
            let limit = limit_words(held.metric, held.limit);
            let found = held.reading.map_or_else(
                || "nothing measured".to_owned(),
                |reading| format!("{}, {}", reading.text(), Margin::of(reading, held.limit).text()),
            );
            format!("{}: limit {limit}, {found}", metric_words(held.metric))
        };
        let mut lines: Vec<String> = self.limits.iter().map(line).collect();
        if self.whose == Whose::Service {
            lines.push("The limit is the service's, here held against this step alone".to_owned());
        }
        lines.join("\n")
    }
}

/// The limits of a step: thresholds on it alone, or else its service's budgets.
pub fn step_budgets(scenario: &Scenario, step: &str, service: Option<&Service>) -> Budgets {
    let of_step = scenario
        .thresholds
        .iter()
        .filter(|threshold| matches!(&threshold.scope, Scope::Step(name) if name == step));
    let own = Budgets::new(Whose::Own, of_step.map(|threshold| (threshold.metric, threshold.limit)));
    match service {
        Some(service) if own.is_empty() => Budgets { whose: Whose::Service, ..Budgets::of_service(service) },
        _ => own,
    }
}

impl HeldLimit {
    fn used_ratio(&self) -> Option<f64> {
        self.reading.map(|reading| reading.value / self.limit)
    }

    fn text(&self) -> String {
        let limit = limit_text(self.metric, self.limit);
        let Some(reading) = self.reading else { return format!("limit {limit}") };
        let found = reading.text();
        // The unit is said once where both have the same.
        let found = match (found.rsplit_once(' '), limit.rsplit_once(' ')) {
            (Some((digits, unit)), Some((_, limit_unit))) if unit == limit_unit => digits,
            _ => &found,
        };
        format!("{found} of {limit}")
    }
}

/// Draws the limit nearest to being missed: text above, bar below.
pub fn budget_ui(ui: &mut Ui, budgets: &Budgets, name: &str) {
    let Some(held) = budgets.tightest() else { return };
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let colors = theme::colors(ui);
    let color = match (held.verdict, budgets.whose) {
        (ThresholdVerdict::Pass, _) => colors.ok,
        (ThresholdVerdict::Fail, Whose::Own) => colors.fail,
        (ThresholdVerdict::Fail, Whose::Service) => colors.warn,
        (ThresholdVerdict::NotEnoughData, _) => colors.faint,
    };
    let text = held.text();
    let text_color = if held.verdict == ThresholdVerdict::Fail { color } else { colors.text };
    let font = theme::font(size::FINE, Weight::Regular);
    let bar = Rect::from_min_max(
        pos2(rect.left() + 8.0, rect.bottom() - BAR_HEIGHT - 5.0),
        pos2(rect.right(), rect.bottom() - 5.0),
    );
    ui.painter().text(pos2(bar.right(), bar.top() - 1.0), Align2::RIGHT_BOTTOM, &text, font, text_color);
    bar_ui(ui, bar, held.used_ratio().unwrap_or(0.0), color);
    let words = format!("Budget of {name}: {text}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Meter, true, &words));
    response.on_hover_text(budgets.words());
}

/// The used share from the left, and a mark where all of it is used.
fn bar_ui(ui: &Ui, bar: Rect, used_ratio: f64, color: Color32) {
    let colors = theme::colors(ui);
    ui.painter().rect_filled(bar, BAR_HEIGHT / 2.0, colors.raised);
    let filled = (used_ratio as f32 * LIMIT_AT).clamp(0.0, 1.0) * bar.width();
    ui.painter().rect_filled(bar.with_max_x(bar.left() + filled), BAR_HEIGHT / 2.0, color);
    let limit_x = bar.left() + LIMIT_AT * bar.width();
    let mark = Rect::from_min_size(pos2(limit_x - 1.0, bar.top() - 1.0), vec2(2.0, BAR_HEIGHT + 4.0));
    ui.painter().rect_filled(mark, 0.0, colors.text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::RunTotals;
    use crate::model::{Threshold, Window};

    fn text(budgets: &Budgets) -> String {
        budgets.tightest().unwrap().text()
    }

    #[test]
    fn a_step_is_held_against_its_own_limit_or_else_its_services() {
        let mut scenario = sample::scenario();
        scenario.services[1].budgets = vec![sample::budget_p95(90), sample::budget_p95(75)];
        let on_step = Scope::Step("Sign in".to_owned());
        let record = sample::record(scenario.clone());
        let aggregate = RunTotals::new(&record).unwrap().select(&on_step, &Window::Steady);
        let shown = |scenario: &Scenario| {
            step_budgets(scenario, "Sign in", Some(&scenario.services[1]))
                .held_against(&aggregate, scenario.timeout)
        };
        // The nearest limit shows: 40 to 78 ms, p95 76 ms.
        let of_service = shown(&scenario);
        assert_eq!((text(&of_service).as_str(), of_service.whose), ("76.0 of 75 ms", Whose::Service));
        assert!(of_service.words().contains("limit ≤ 90 ms, 76.0 ms, 14.0 ms to spare (15.5 %)"));
        assert!(of_service.words().contains("held against this step alone"));
        scenario.thresholds = vec![Threshold { scope: on_step.clone(), ..sample::must(Metric::Max, 1.2) }];
        let own = shown(&scenario);
        assert_eq!((text(&own).as_str(), own.whose), ("78.0 ms of 1.2 s", Whose::Own));
        assert!((own.used_ratio().unwrap() - 0.065).abs() < 1e-3);
    }

    #[test]
    fn limits_without_a_measurement_are_only_named() {
        let service = Service { name: "auth".to_owned(), budgets: vec![sample::budget_p95(90)] };
        let budgets = Budgets::of_service(&service);
        assert_eq!((text(&budgets).as_str(), budgets.used_ratio()), ("limit 90 ms", None));
        assert!(Budgets::default().is_empty());
    }
}
