//! The monitors of a run in one line each: what answered, how often it was read, what is wrong, and what reading cost.

use std::time::Duration;

use egui::{Label, RichText, Ui};

use crate::app::{
    design::{Start, clock_words},
    run::sight::WatchSight,
    theme::{self, Weight, size, space},
};
use crate::humanize;
use crate::metrics::{MonitorFacts, Watched};

pub fn probes_ui(ui: &mut Ui, watch: WatchSight<'_>) {
    for (index, facts) in watch.watched.monitors.iter().enumerate() {
        let trouble = watch.trouble(index);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.spacing_mut().interact_size.y = 20.0;
            let colors = theme::colors(ui);
            let icon = Start::named(&facts.kind).map_or("", |start| start.icon().codepoint);
            ui.label(RichText::new(icon).font(theme::icon_font(16.0)).color(colors.muted));
            ui.label(theme::text(&facts.name, size::BODY, Weight::Medium));
            ui.label(theme::small(ui, read_words(facts)));
            if let Some(trouble) = trouble {
                let text = theme::text(&trouble, size::SMALL, Weight::Regular).color(colors.warn);
                ui.add(Label::new(text).truncate()).on_hover_text(all_troubles(facts));
            } else if !facts.notes.is_empty() {
                let notes = facts.notes.join(" ");
                ui.add(Label::new(theme::small(ui, &notes)).truncate()).on_hover_text(notes);
            }
        });
    }
}

impl WatchSight<'_> {
    /// What is wrong with a monitor: now in a run under way, or in all of a kept one.
    fn trouble(&self, index: usize) -> Option<String> {
        let facts = &self.watched.monitors[index];
        match self.troubles {
            Some(troubles) => troubles.get(index).cloned().flatten(),
            None => {
                let last = facts.troubles.last()?;
                let stretch = stretch_words(last.from, last.to);
                let more = match facts.troubles.len() {
                    1 => String::new(),
                    n => format!(
                        ", and {} before",
                        humanize::counted(n as u64 - 1, "stretch").replace("stretchs", "stretches")
                    ),
                };
                Some(format!("{stretch}: {}{more}", last.text))
            }
        }
    }
}

fn all_troubles(facts: &MonitorFacts) -> String {
    let lines = facts.troubles.iter();
    let lines: Vec<String> = lines
        .map(|trouble| format!("{}: {}", stretch_words(trouble.from, trouble.to), trouble.text))
        .collect();
    lines.join("\n")
}

/// From the beginning of the first second to the end of the last.
fn stretch_words(from: u32, to: u32) -> String {
    let clock = |secs: u32| humanize::clock(Duration::from_secs(secs.into()));
    format!("Gap {} to {}", clock(from), clock(to + 1))
}

fn read_words(facts: &MonitorFacts) -> String {
    let mut words = Vec::new();
    if !facts.version.is_empty() {
        words.push(facts.version.clone());
    }
    if facts.n_read < facts.n_asked {
        words.push(format!(
            "read in {} of {}",
            humanize::count(facts.n_read),
            humanize::counted(facts.n_asked, "second")
        ));
    } else if facts.n_read > 0 {
        words.push(format!("read in {}", humanize::counted(facts.n_read, "second")));
    }
    words.extend(facts.clock.map(clock_words));
    words.join(" · ")
}

/// What reading cost this machine, of one processor.
pub fn cost_words(watched: &Watched) -> String {
    let cost = |facts: &MonitorFacts| {
        let asked = Duration::from_secs(facts.n_asked);
        let cpu = facts.cost.cpu.filter(|_| !asked.is_zero())?;
        Some(cpu.as_secs_f64() / asked.as_secs_f64())
    };
    let costs: Vec<f64> = watched.monitors.iter().filter_map(cost).collect();
    if costs.is_empty() {
        return "what reading costs is not known here".to_owned();
    }
    format!("probes: {} of a core", humanize::percent(costs.iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn a_monitor_tells_its_gaps_and_what_it_cost() {
        let record = sample::watched();
        let watch = WatchSight { watched: &record.watched, troubles: None };
        assert_eq!(watch.trouble(0), None);
        let trouble = watch.trouble(1).unwrap();
        assert_eq!(trouble, "Gap 0:20 to 0:25: the server refused the connection");
        let words = read_words(&record.watched.monitors[1]);
        assert!(words.starts_with("Redis 7.0.15 · read in 35 of 40 seconds"), "{words}");
        // Twice 24 ms over 40 s.
        assert_eq!(cost_words(&record.watched), "probes: 0.12 % of a core");
        assert_eq!(cost_words(&Watched::default()), "what reading costs is not known here");
        let live = WatchSight { watched: &record.watched, troubles: Some(&[None, Some("gone".to_owned())]) };
        assert_eq!([live.trouble(0), live.trouble(1)], [None, Some("gone".to_owned())]);
    }
}
