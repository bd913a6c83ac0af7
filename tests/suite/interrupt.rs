//! Ctrl-C ends a run and keeps it.
#![cfg(unix)]

use serde_json::Value;

use crate::program::{Answer, Workbench, steady_scenario};

#[test]
fn one_interrupt_stops_the_run_and_keeps_it() {
    let bench = Workbench::new();
    let answer = interrupted(&bench, &["INT"]);
    assert_eq!(answer.code, Some(130), "{answer:?}");
    assert!(answer.err.contains("Stopping"), "{answer:?}");
    let summary: Value = serde_json::from_str(answer.out.lines().last().unwrap()).unwrap();
    assert_eq!(summary["event"], "summary");
    assert_eq!(only_run(&bench)["state"], "stopped");
}

#[test]
fn termination_stops_the_run_like_an_interrupt() {
    let bench = Workbench::new();
    assert_eq!(interrupted(&bench, &["TERM"]).code, Some(130));
    assert_eq!(only_run(&bench)["state"], "stopped");
}

#[test]
fn two_interrupts_abort_the_run_and_keep_it() {
    let bench = Workbench::new();
    let answer = interrupted(&bench, &["INT", "INT"]);
    assert_eq!(answer.code, Some(130), "{answer:?}");
    assert!(answer.err.contains("Aborting"), "{answer:?}");
    assert_eq!(only_run(&bench)["state"], "aborted");
}

fn interrupted(bench: &Workbench, signals: &[&str]) -> Answer {
    // The second step hangs until its timeout, so that a graceful stop has to wait for it.
    let hanging = "\n[[journeys.steps]]\nname = \"Hang\"\npath = \"HANG/\"\ntimeout = \"20s\"\n";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hang_url = format!("http://{}", listener.local_addr().unwrap());
    let scenario = if signals.len() > 1 {
        steady_scenario("sandbox:", 5, "60s") + &hanging.replace("HANG", &hang_url)
    } else {
        steady_scenario("sandbox:", 5, "60s")
    };
    bench.write("a.toml", scenario);
    let running = bench.start(&["run", "a.toml", "--json-lines"]);
    running.wait_for_second(1);
    for signal in signals {
        running.signal(signal);
        if signals.len() > 1 {
            running.wait_for_second(2);
        }
    }
    let answer = running.finish();
    drop(listener);
    answer
}

fn only_run(bench: &Workbench) -> Value {
    let runs = bench.json(&["runs", "list", "--json"]);
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert!(runs[0]["n_seconds"].as_u64() >= Some(1), "{runs}");
    assert!(runs[0]["n_requests"].as_u64() >= Some(1), "{runs}");
    runs[0].clone()
}
