//! Resources as JSON: what the generator's machine had in use, null where it could not be read, and what monitors saw.

use serde_json::{Value, json};

use crate::analysis::{ResourceUse, Spread};

use super::{Paper, watched_json};

pub fn resources(paper: &Paper<'_>) -> Value {
    let resources = &paper.diagnosis.resources;
    let stages = resources.stages.iter().map(|(_, stage)| in_use(stage));
    let mut value = json!({
        "generator": {
            "whole_run": resources.whole.as_ref().map(in_use),
            "stages": stages.collect::<Vec<_>>(),
        },
    });
    // Keys of their own, which reports of runs without monitors do not have.
    let more = [
        ("watched", watched_json::watched(paper)),
        ("traffic", paper.record.audit.as_deref().map(|audit| watched_json::traffic(paper, audit))),
    ];
    for (key, found) in more {
        found.into_iter().for_each(|found| value[key] = found);
    }
    value
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

pub(super) fn spread(spread: Spread) -> Value {
    json!({ "min": spread.min, "mean": spread.mean, "p95": spread.p95, "max": spread.max })
}
