//! What two runs differ in before any request was sent, and why that may forbid their comparison.

use crate::analysis::{Standing, words::stages_text};
use crate::humanize;
use crate::metrics::{Finish, RunLabels, RunStart};
use crate::model::{Arrivals, LoadModel, LoadProfile, Scenario, Side, Window, format_duration};

use super::{alignment::Alignment, measured::ComparedRun};

/// What differs in the set-up, one plain sentence each; baseline first.
pub fn setup_differences(base: &RunStart, cand: &RunStart) -> Vec<String> {
    let mut differences = Vec::new();
    scenario_differences(&mut differences, &base.scenario, &cand.scenario);
    // The sandbox takes a new port each time; that is no difference of the target.
    let are_sandboxes = base.scenario.targets_sandbox() && cand.scenario.targets_sandbox();
    let base_url = |start: &'_ RunStart| {
        if are_sandboxes { start.scenario.base_url.clone() } else { start.base_url.clone() }
    };
    note(&mut differences, "Base URL", &base_url(base), &base_url(cand));
    let other_side = |start: &RunStart| match start.scenario.interleave {
        Some(_) => start.scenario.side_words(Side::Candidate),
        None => "none".to_owned(),
    };
    note(&mut differences, "Candidate by turns", &other_side(base), &other_side(cand));
    note(&mut differences, "Time scale", &base.time_scale.to_string(), &cand.time_scale.to_string());
    environment_differences(&mut differences, base, cand);
    label_differences(&mut differences, &base.labels, &cand.labels);
    differences
}

/// Why runs should not be compared without thought.
pub fn cautions(baseline: &[ComparedRun], candidates: &[&ComparedRun], alignment: Alignment) -> Vec<String> {
    let mut cautions = Vec::new();
    let Some(first) = baseline.first() else { return cautions };
    let base = &first.start;
    let starts =
        || candidates.iter().map(|run| &run.start).chain(baseline.iter().skip(1).map(|run| &run.start));
    let base_model = &base.scenario.load.model;
    cautions.extend(
        starts().find_map(|start| model_caution(base_model, &start.scenario.load.model)).map(str::to_owned),
    );
    let has_other_load = |start: &RunStart| {
        profile_text(&base.scenario.load) != profile_text(&start.scenario.load)
            || base.time_scale != start.time_scale
    };
    if alignment != Alignment::Rate && starts().any(has_other_load) {
        cautions.push("The load profiles differ, so the runs put different load on the target.".to_owned());
    }
    let machine = |start: &RunStart| {
        let environment = &start.environment;
        (environment.host_name.clone(), environment.cpu.clone(), environment.n_cpus, environment.os.clone())
    };
    if starts().any(|start| machine(base) != machine(start)) {
        cautions.push("The load came from different machines, whose own delays differ.".to_owned());
    }
    for run in baseline {
        cautions.extend(side_cautions("baseline", run));
    }
    for run in candidates {
        cautions.extend(side_cautions("candidate", run));
    }
    cautions
}

fn side_cautions(side: &str, run: &ComparedRun) -> Vec<String> {
    let mut cautions = Vec::new();
    let run_id = run.run_id;
    if run.finish != Finish::Completed {
        cautions.push(format!("The {side} (run {run_id}) did not run to the end of its plan."));
    }
    if run.standing != Standing::Valid {
        let standing = run.standing.name();
        cautions
            .push(format!("The measurement of the {side} (run {run_id}) is {standing}: read its caveats."));
    }
    if let Some(lowest) = run.hidden_from {
        cautions.push(format!(
            "Timeouts of the {side} (run {run_id}) hide {lowest} and above; figures compared here are of \
             successful requests only."
        ));
    }
    cautions
}

/// Why there is nothing to compare.
pub fn nothing_in_common(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Stage => {
            "No stage of the baseline has a counterpart by name or level in every candidate: align by rate or time."
        }
        Alignment::Time => "The runs have no second in common.",
        Alignment::Rate => {
            "No stage of the baseline delivered a rate that every candidate delivered too, within a tenth: align by \
             stage or time."
        }
    }
}

/// The stretches that are compared, in words.
pub fn window_words(baseline: &ComparedRun, common: &[usize], alignment: Alignment) -> String {
    let all = baseline.stretches.len();
    let names = || {
        common.iter().map(|stretch| baseline.stretches[*stretch].name.clone()).collect::<Vec<_>>().join(", ")
    };
    match alignment {
        _ if common.is_empty() => "nothing in common".to_owned(),
        Alignment::Time => {
            let secs: f64 =
                common.iter().map(|stretch| baseline.stretches[*stretch].duration.as_secs_f64()).sum();
            format!("first {} of every run", humanize::span(std::time::Duration::from_secs_f64(secs.round())))
        }
        _ if common.len() == all => crate::analysis::words::window_words(&Window::Steady, &baseline.plan),
        Alignment::Stage => format!("stages in common: {}", names()),
        Alignment::Rate => format!("stages of equal throughput: {}", names()),
    }
}

fn model_caution(base: &LoadModel, cand: &LoadModel) -> Option<&'static str> {
    match (base, cand) {
        (LoadModel::Open { arrivals: base, .. }, LoadModel::Open { arrivals: cand, .. }) => (base != cand)
            .then_some("Even and random arrivals queue differently: latencies of the two do not compare."),
        (base, cand) => (base.is_open() != cand.is_open()).then_some(
            "An open and a closed model load a target differently: latencies of the two do not compare.",
        ),
    }
}

fn scenario_differences(differences: &mut Vec<String>, base: &Scenario, cand: &Scenario) {
    note(differences, "Scenario", &base.name, &cand.name);
    note(differences, "Load model", &model_text(&base.load.model), &model_text(&cand.load.model));
    note(differences, "Load profile", &profile_text(&base.load), &profile_text(&cand.load));
    let duration = |duration| format_duration(duration);
    note(differences, "Warm-up", &duration(base.load.warm_up), &duration(cand.load.warm_up));
    note(differences, "Timeout", &duration(base.timeout), &duration(cand.timeout));
    let different = |what: &str| format!("{what} differ.");
    if base.journeys != cand.journeys {
        differences.push(different("Journeys or their steps"));
    }
    if base.services != cand.services {
        differences.push(different("Services or their budgets"));
    }
    if base.thresholds != cand.thresholds {
        differences.push(different("Thresholds"));
    }
    if base.transport != cand.transport {
        differences.push(different("Transport options"));
    }
    let monitors = |scenario: &Scenario| {
        let enabled = scenario.monitors.iter().filter(|monitor| monitor.enabled);
        let names: Vec<&str> = enabled.map(|monitor| monitor.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    note(differences, "Monitors", &monitors(base), &monitors(cand));
    if monitors(base) == monitors(cand) && base.monitors != cand.monitors {
        differences.push(different("What monitors watch, or their limits"));
    }
    if base.variables != cand.variables {
        differences.push(different("Variables"));
    }
}

fn environment_differences(differences: &mut Vec<String>, base: &RunStart, cand: &RunStart) {
    let (a, b) = (&base.environment, &cand.environment);
    note(differences, "Machine", &a.host_name, &b.host_name);
    note(differences, "Operating system", &a.os, &b.os);
    note(differences, "Processor", &a.cpu, &b.cpu);
    note(differences, "Processors", &a.n_cpus.to_string(), &b.n_cpus.to_string());
    note(differences, "Memory", &humanize::bytes(a.memory_bytes), &humanize::bytes(b.memory_bytes));
    note(differences, "Stagewright version", &a.stagewright_version, &b.stagewright_version);
    let (a, b) = (&base.engine, &cand.engine);
    note(differences, "Workers", &a.n_workers.to_string(), &b.n_workers.to_string());
    note(differences, "Transport", &a.transport, &b.transport);
    note(differences, "Timer", &a.timer, &b.timer);
    note(differences, "Arrival of answers", a.arrivals_told(), b.arrivals_told());
}

fn label_differences(differences: &mut Vec<String>, base: &RunLabels, cand: &RunLabels) {
    let keys: std::collections::BTreeSet<&String> = base.keys().chain(cand.keys()).collect();
    for key in keys {
        let value = |labels: &RunLabels| labels.get(key).cloned().unwrap_or_default();
        note(differences, &format!("Label {key}"), &value(base), &value(cand));
    }
}

fn note(differences: &mut Vec<String>, what: &str, base: &str, cand: &str) {
    let shown = |text: &str| if text.is_empty() { "not set".to_owned() } else { text.to_owned() };
    if base != cand {
        differences.push(format!("{what}: {} → {}.", shown(base), shown(cand)));
    }
}

fn model_text(model: &LoadModel) -> String {
    match model {
        LoadModel::Closed => "closed".to_owned(),
        LoadModel::Open { arrivals, max_users, seed } => {
            let arrivals = match arrivals {
                Arrivals::Constant => "evenly spaced arrivals".to_owned(),
                Arrivals::Poisson => format!("random arrivals with seed {seed}"),
            };
            format!("open, {arrivals}, at most {}", humanize::counted(u64::from(*max_users), "user"))
        }
    }
}

fn profile_text(load: &LoadProfile) -> String {
    stages_text(&load.stages, load.model.is_open())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::model::SANDBOX_BASE_URL;

    #[test]
    fn two_ports_of_the_sandbox_are_one_target() {
        let on_port = |asked: &str, port: u16| {
            let mut start = sample::record(sample::scenario()).start;
            start.scenario.base_url = asked.to_owned();
            start.base_url = format!("http://127.0.0.1:{port}");
            start.engine.transport_reason = format!("the reason on port {port}");
            start
        };
        let sandbox = |port| on_port(SANDBOX_BASE_URL, port);
        assert_eq!(setup_differences(&sandbox(40_001), &sandbox(40_002)), Vec::<String>::new());
        let elsewhere = |port| on_port("http://127.0.0.1", port);
        assert_eq!(
            setup_differences(&elsewhere(40_001), &elsewhere(40_002)),
            ["Base URL: http://127.0.0.1:40001 → http://127.0.0.1:40002."]
        );
    }

    #[test]
    fn other_transport_options_are_a_difference() {
        let base = sample::record(sample::scenario()).start;
        let mut cand = base.clone();
        cand.scenario.transport.max_redirects = 3;
        cand.engine.transport = "another".to_owned();
        assert_eq!(
            setup_differences(&base, &cand),
            ["Transport options differ.", "Transport: reqwest → another."]
        );
    }
}
