//! Scenarios of a size that few people make.

use std::time::Duration;

use stagewright::model::{Check, Journey, LoadModel, LoadProfile, Scenario, Shape, Stage, Step};

/// A closed profile of so many stages that goes up and down.
pub fn with_stages(n_stages: usize) -> Scenario {
    let stage = |index: usize| Stage {
        name: format!("Stage {}", index + 1),
        duration: Duration::from_secs(30),
        end_level: 50.0 + ((index * 37) % 100) as f64,
        shape: if index % 7 == 3 { Shape::Step } else { Shape::Ramp },
    };
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: (0..n_stages).map(stage).collect(),
    };
    let steps = vec![Step::get("Ask", "/")];
    Scenario {
        journeys: vec![Journey { steps, ..Journey::new("Browse") }],
        ..Scenario::new("Many stages", "http://127.0.0.1:9", load)
    }
}

/// As many requests as one worker can make.
pub fn at_full_tilt(base_url: &str, duration: Duration) -> Scenario {
    let stage = Stage { name: "Hold".into(), duration, end_level: 64.0, shape: Shape::Step };
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: vec![stage],
    };
    let steps = vec![Step::get("Ask", "/")];
    Scenario {
        journeys: vec![Journey { steps, ..Journey::new("Ask") }],
        ..Scenario::new("At full tilt", base_url, load)
    }
}

/// Ten journeys with so many steps in all.
pub fn with_steps(n_steps: usize) -> Scenario {
    let step = |index: usize| Step {
        headers: vec![("accept".into(), "application/json".into())],
        query: vec![("page".into(), "{{page}}".into())],
        checks: vec![Check::Status(200), Check::JsonPathExists("$.items[0].id".into())],
        ..Step::get(format!("Step {}", index + 1), format!("/education/courses/{index}"))
    };
    let journey = |number: usize| Journey {
        steps: (0..n_steps / 10).map(|index| step(number * n_steps / 10 + index)).collect(),
        ..Journey::new(format!("Journey {}", number + 1))
    };
    let mut scenario = with_stages(3);
    scenario.variables.insert("page".into(), "1".into());
    scenario.journeys = (0..10).map(journey).collect();
    scenario
}
