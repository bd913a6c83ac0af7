//! What the generator's machine had in use, as JSON; null where it could not be read.

use serde_json::{Value, json};

use crate::analysis::{ResourceUse, Spread};

use super::Paper;

pub fn resources(paper: &Paper<'_>) -> Value {
    let resources = &paper.diagnosis.resources;
    let stages = resources.stages.iter().map(|(_, stage)| in_use(stage));
    json!({
        "generator": {
            "whole_run": resources.whole.as_ref().map(in_use),
            "stages": stages.collect::<Vec<_>>(),
        },
    })
}

fn in_use(resources: &ResourceUse) -> Value {
    json!({
        // Of the whole run there is no stage.
        "stage": (!resources.stage.is_empty()).then_some(&resources.stage),
        "n_seconds": resources.n_seconds,
        "machine_cpu_ratio": spread(resources.machine_cpu_ratio),
        "process_cpu_ratio": spread(resources.process_cpu_ratio),
        "memory_used_ratio": spread(resources.memory_used_ratio),
        "process_memory_bytes": spread(resources.process_memory_bytes),
    })
}

fn spread(spread: Spread) -> Value {
    json!({ "min": spread.min, "mean": spread.mean, "p95": spread.p95, "max": spread.max })
}
