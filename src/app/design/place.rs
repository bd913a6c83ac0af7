//! From a field's path in the file to its place on the Design screen.

use super::Tab;

/// Where a field is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub tab: Tab,
    pub stage: Option<usize>,
    pub journey: Option<usize>,
    pub step: Option<usize>,
    pub monitor: Option<usize>,
}

impl Place {
    /// Of a path such as `journeys[0].steps[2].path`.
    pub fn of(field: &str) -> Self {
        let root = field.split(['.', '[']).next().unwrap_or_default();
        let tab = match root {
            "load" => Tab::Load,
            "journeys" => Tab::Journeys,
            "services" | "thresholds" | "service_levels" => Tab::Targets,
            "monitors" => Tab::Monitors,
            "transport" => Tab::Transport,
            "variables" | "secrets" | "environments" | "environment" | "feeders" => Tab::Data,
            _ => Tab::Basics,
        };
        let journey = index_after(field, "journeys[");
        Self {
            tab,
            stage: index_after(field, "load.stages["),
            journey,
            step: journey.and_then(|_| index_after(field.split_once("].")?.1, "steps[")),
            monitor: index_after(field, "monitors["),
        }
    }
}

fn index_after(field: &str, list: &str) -> Option<usize> {
    field.strip_prefix(list)?.split_once(']')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_where_it_can_be_solved() {
        for (field, tab, stage, journey, step) in [
            ("load.stages[2].duration", Tab::Load, Some(2), None, None),
            ("load.warm_up", Tab::Load, None, None, None),
            ("journeys[0].steps[12].path", Tab::Journeys, None, Some(0), Some(12)),
            ("journeys[3].weight", Tab::Journeys, None, Some(3), None),
            ("journeys", Tab::Journeys, None, None, None),
            ("thresholds[0].scope", Tab::Targets, None, None, None),
            ("services[1].budget.p95", Tab::Targets, None, None, None),
            ("service_levels.exclude_steps[2]", Tab::Targets, None, None, None),
            ("transport.proxy", Tab::Transport, None, None, None),
            ("base_url", Tab::Basics, None, None, None),
            ("auth.bearer", Tab::Basics, None, None, None),
            ("secrets.token", Tab::Data, None, None, None),
            ("environments[0].base_url", Tab::Data, None, None, None),
        ] {
            let monitor = None;
            assert_eq!(Place::of(field), Place { tab, stage, journey, step, monitor }, "{field}");
        }
        let limit = Place::of("monitors[2].limits[0].series");
        assert_eq!((limit.tab, limit.monitor), (Tab::Monitors, Some(2)));
    }
}
