//! What was sent once, for programs.

use serde_json::{Value, json};

use crate::analysis::{asked_words, found_words, source_words};
use crate::metrics::{ShownBody, StepExchange};

/// All steps of an iteration that was sent once.
pub fn exchanges_json(steps: &[StepExchange]) -> Value {
    json!({
        "passed": steps.iter().all(StepExchange::is_ok),
        "steps": steps.iter().map(step_json).collect::<Vec<_>>(),
    })
}

fn step_json(step: &StepExchange) -> Value {
    let requests = step.requests.iter().map(|request| {
        json!({
            "method": request.method,
            "url": request.url,
            "headers": request.headers,
            "body": body_json(&request.body),
            "redirected_by": request.redirected_by,
        })
    });
    let answer = step.answer.as_ref().map(|answer| {
        json!({ "status": answer.status, "headers": answer.headers, "body": body_json(&answer.body) })
    });
    let checks = step.checks.iter().map(|check| {
        json!({
            "asked": asked_words(&check.asked),
            "passed": check.passed,
            "found": found_words(&check.found),
        })
    });
    let extracts = step.extracts.iter().map(|extract| {
        json!({
            "name": extract.name,
            "source": source_words(&extract.source),
            "found": found_words(&extract.found),
            "taken": extract.taken,
        })
    });
    let phases: serde_json::Map<_, _> = step
        .phases
        .iter()
        .map(|(phase, time)| (format!("{}_millis", phase.name().to_lowercase()), json!(millis(*time))))
        .collect();
    json!({
        "name": step.name,
        "outcome": step.outcome.name(),
        "failure": step.failure.as_ref().map(|failure| &failure.signature),
        "detail": step.failure.as_ref().map(|failure| &failure.detail),
        "service_time_millis": millis(step.service_time),
        "phases": phases,
        "bytes_sent": step.bytes_sent,
        "bytes_received": step.bytes_received,
        "requests": requests.collect::<Vec<_>>(),
        "answer": answer,
        "checks": checks.collect::<Vec<_>>(),
        "extracts": extracts.collect::<Vec<_>>(),
        "variables_before": step.before,
        "variables_after": step.after,
    })
}

fn body_json(body: &ShownBody) -> Value {
    json!({ "text": body.text, "n_bytes": body.n_bytes, "complete": body.complete })
}

fn millis(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
