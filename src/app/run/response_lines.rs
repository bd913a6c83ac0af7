//! Which lines the chart of response times shows: chosen by the analyst and remembered.

use std::time::Duration;

use egui::{
    Button, PopupCloseBehavior, RichText, Role, Ui, WidgetInfo,
    containers::menu::{MenuButton, MenuConfig},
};
use egui_material_icons::icons;

use crate::app::{
    command::{Command, Commands},
    theme,
};
use crate::metrics::SecondPoint;

/// A line of the chart of response times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseLine {
    P50,
    P75,
    P90,
    P95,
    P99,
    P99_9,
    Max,
    ServiceP95,
}

/// The lines that are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseLines(u8);

impl ResponseLine {
    pub const ALL: [Self; 8] =
        [Self::P50, Self::P75, Self::P90, Self::P95, Self::P99, Self::P99_9, Self::Max, Self::ServiceP95];

    pub fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P99_9 => "p99.9",
            Self::Max => "max",
            Self::ServiceP95 => "service p95",
        }
    }

    /// What it is in words.
    fn hint(self) -> &'static str {
        match self {
            Self::P50 => "Half of each second's successful requests were no slower",
            Self::P75 => "Three of four were no slower",
            Self::P90 => "Nine of ten were no slower",
            Self::P95 => "19 of 20 were no slower",
            Self::P99 => "99 of 100 were no slower",
            Self::P99_9 => "999 of 1,000 were no slower",
            Self::Max => "The slowest successful request of each second",
            Self::ServiceP95 => {
                "p95 counted from the send instead of the intended start: the target alone, without a late start"
            }
        }
    }

    /// Place in the theme's list of line colours: the same whatever else is chosen.
    pub fn hue(self) -> usize {
        match self {
            Self::P50 => 2,
            Self::P75 => 5,
            Self::P90 => 4,
            Self::P95 => 0,
            Self::P99 => 3,
            Self::P99_9 => 6,
            Self::Max => 7,
            Self::ServiceP95 => 1,
        }
    }

    pub fn is_dashed(self) -> bool {
        matches!(self, Self::P75 | Self::P99 | Self::Max | Self::ServiceP95)
    }

    pub fn of(self, point: &SecondPoint) -> Option<Duration> {
        match self {
            Self::P50 => point.p50,
            Self::P75 => point.p75,
            Self::P90 => point.p90,
            Self::P95 => point.p95,
            Self::P99 => point.p99,
            Self::P99_9 => point.p99_9,
            Self::Max => point.max,
            Self::ServiceP95 => point.service_p95,
        }
    }
}

impl Default for ResponseLines {
    fn default() -> Self {
        [ResponseLine::P50, ResponseLine::P95, ResponseLine::P99].into_iter().collect()
    }
}

impl FromIterator<ResponseLine> for ResponseLines {
    fn from_iter<I: IntoIterator<Item = ResponseLine>>(lines: I) -> Self {
        Self(lines.into_iter().fold(0, |bits, line| bits | 1 << line as u8))
    }
}

impl ResponseLines {
    pub fn contains(self, line: ResponseLine) -> bool {
        self.0 & (1 << line as u8) != 0
    }

    /// From the fastest to the slowest.
    pub fn chosen(self) -> impl Iterator<Item = ResponseLine> {
        ResponseLine::ALL.into_iter().filter(move |line| self.contains(*line))
    }

    /// With one line more, or without it; one stays in any case.
    #[must_use]
    pub fn toggled(self, line: ResponseLine) -> Self {
        let bits = self.0 ^ (1 << line as u8);
        if bits == 0 { self } else { Self(bits) }
    }

    /// As it is kept among the settings.
    pub fn text(self) -> String {
        self.chosen().map(ResponseLine::name).collect::<Vec<_>>().join(",")
    }

    /// What was kept; unknown words are left out, and nothing known is the usual choice.
    pub fn from_text(text: &str) -> Self {
        let named = |name: &str| ResponseLine::ALL.into_iter().find(|line| line.name() == name.trim());
        let lines: Self = text.split(',').filter_map(named).collect();
        if lines.0 == 0 { Self::default() } else { lines }
    }
}

/// The button that opens the choice.
pub fn choice_ui(ui: &mut Ui, chosen: ResponseLines, commands: &mut Commands) {
    let icon = RichText::new(icons::ICON_TUNE.codepoint).font(theme::icon_font(16.0));
    let button = Button::new(icon.color(theme::colors(ui).muted)).frame_when_inactive(false);
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
        ui.label(theme::small(ui, "Lines of response time"));
        for line in ResponseLine::ALL {
            let mut is_chosen = chosen.contains(line);
            let choice = ui.checkbox(&mut is_chosen, line.name());
            let name = format!("Show {}", line.name());
            choice.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_chosen, &name));
            if choice.on_hover_text(line.hint()).clicked() {
                commands.push(Command::ChooseResponseLines(chosen.toggled(line)));
            }
        }
    });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Choose percentiles"));
    response.on_hover_text("Choose percentiles");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_comes_back_as_it_was_kept_and_is_never_empty() {
        let usual = ResponseLines::default();
        assert_eq!(usual.text(), "p50,p95,p99");
        let more = usual.toggled(ResponseLine::P99_9).toggled(ResponseLine::P50);
        assert_eq!(ResponseLines::from_text(&more.text()), more);
        assert_eq!(more.text(), "p95,p99,p99.9");
        assert_eq!(ResponseLines::from_text("p12, nothing"), usual);
        let one = ResponseLines::from_text("max");
        assert_eq!(one.toggled(ResponseLine::Max), one);
    }
}
