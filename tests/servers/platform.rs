//! The sandbox's platform on real servers, and a run whose monitors watch all of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use stagewright::model::{
    Arrivals, Journey, LoadModel, LoadProfile, Scenario, Shape, Stage, Step, ThinkTime, write_scenario,
};
use stagewright::sandbox::{SandboxChange, SandboxProcess, SwitchChange, change_sandbox, sandbox_state};

use super::postgres::{PASSWORD, Postgres};
use super::prometheus::{Exporter, Prometheus};
use super::redis::Redis;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");

/// The sandbox with its data in PostgreSQL and its cache in Redis.
fn sandbox(postgres: &Postgres, redis: &Redis) -> SandboxProcess {
    let password = utf8_percent_encode(PASSWORD, NON_ALPHANUMERIC);
    let postgres_url = postgres.url(&format!("postgres:{password}"));
    let redis_url = redis.url_with_password();
    let wishes = [("postgres", postgres_url.as_str()), ("redis", redis_url.as_str())];
    SandboxProcess::start_program_with(Path::new(PROGRAM), wishes.into_iter()).unwrap()
}

fn switch(sandbox: &SandboxProcess, switches: SwitchChange) {
    change_sandbox(sandbox.base_url(), &SandboxChange { switches, ..SandboxChange::default() }).unwrap();
}

/// What a path of the sandbox answers, which is sound.
fn ask(sandbox: &SandboxProcess, path: &str, body: Option<&'static str>) -> Value {
    let url = format!("{}{path}", sandbox.base_url());
    let asking = async {
        let client = reqwest::Client::new();
        let request = match body {
            Some(body) => client.post(&url).header("content-type", "application/json").body(body),
            None => client.get(&url),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.bytes().await.unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    serde_json::from_slice(&runtime.block_on(asking)).unwrap()
}

#[test]
fn the_platform_answers_from_postgresql_and_redis_and_goes_on_when_redis_dies() {
    let (postgres, mut redis) = (Postgres::start(), Redis::start());
    let sandbox = sandbox(&postgres, &redis);
    let state = || sandbox_state(sandbox.base_url()).unwrap();
    assert_eq!((state().database.as_str(), state().cache_store.as_str()), ("postgresql", "redis"));

    // The same list by eleven statements and by one.
    let courses = |page: u32| ask(&sandbox, &format!("/education/courses?page={page}"), None);
    let (first, before) = (courses(1), state().n_statements);
    assert_eq!(courses(1), first);
    let n_plain = state().n_statements - before;
    switch(&sandbox, SwitchChange { query_optimizer: Some(true), ..SwitchChange::default() });
    let before = state().n_statements;
    assert_eq!(courses(1)["items"].as_array().unwrap().len(), first["items"].as_array().unwrap().len());
    assert!(n_plain >= 10 && state().n_statements - before <= 2, "{n_plain}");
    assert_eq!(ask(&sandbox, "/forge/jobs?q=nurse", None)["items"].as_array().unwrap().len(), 10);

    // A withdrawal is kept.
    let balance = || ask(&sandbox, "/mint/wallet?user=7", None)["balance"].as_f64().unwrap();
    let full = balance();
    ask(&sandbox, "/mint/withdrawals", Some(r#"{"amount":5,"user":7}"#));
    assert_eq!((full - balance()).round(), 5.0);

    switch(&sandbox, SwitchChange { cache_manager: Some(true), ..SwitchChange::default() });
    let kept = courses(2);
    assert_eq!(courses(2), kept);
    assert_eq!((state().cache.n_hits, state().cache.n_misses), (1, 1));
    redis.kill();
    assert_eq!(courses(2), kept);
    let cache = state().cache;
    assert!(cache.n_errors > 0 && cache.n_hits == 1, "{cache:?}");
}

/// Twenty iterations a second for some seconds.
fn scenario(base_url: &str) -> Scenario {
    let load = LoadProfile {
        model: LoadModel::Open { arrivals: Arrivals::Constant, max_users: 50, seed: 1 },
        warm_up: std::time::Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: vec![Stage {
            name: "Hold".to_owned(),
            duration: std::time::Duration::from_secs(8),
            end_level: 20.0,
            shape: Shape::Step,
        }],
    };
    let steps = vec![
        Step::get("List courses", "/education/courses?page=1"),
        Step::get("Read wallet", "/mint/wallet?user=7"),
    ];
    let journeys = vec![Journey { steps, think_time: ThinkTime::None, ..Journey::new("Learn") }];
    Scenario { journeys, ..Scenario::new("Watched", base_url, load) }
}

#[test]
fn a_run_tells_what_all_servers_behind_it_did() {
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let exporter = Exporter::start();
    let prometheus = Prometheus::start(&exporter);
    let sandbox = sandbox(&postgres, &redis);
    switch(&sandbox, SwitchChange { cache_manager: Some(true), ..SwitchChange::default() });
    let mut scenario = scenario(sandbox.base_url());
    scenario.monitors = vec![postgres.monitor(), redis.monitor(), exporter.monitor(), prometheus.monitor()];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("watched.toml"), write_scenario(&scenario, None)).unwrap();
    let ran = |name: &str| {
        Command::new(PROGRAM)
            .args(["run", "watched.toml", "--quiet", "--report", name, "--library", "library.sqlite"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let answer = ran("report.json");
    // 2: a busy machine may have made the measurement inconclusive.
    assert!(matches!(answer.status.code(), Some(0 | 2)), "{answer:?}");
    let text = fs::read_to_string(folder.path().join("report.json")).unwrap();
    for password in [PASSWORD, super::redis::PASSWORD] {
        assert!(!text.contains(password), "a password stands in the report");
    }
    let report: Value = serde_json::from_str(&text).unwrap();
    let monitors = report["resources"]["watched"]["monitors"].as_array().unwrap();
    let monitor = |name: &str| monitors.iter().find(|monitor| monitor["name"] == name).unwrap();
    let statements = monitor("database")["statements"].as_array().unwrap();
    // All answers but the first ones are the cache's; the first list asked for each of its courses.
    assert!(!statements.is_empty() && statements.iter().any(|one| one["n_calls"].as_u64() >= Some(10)));
    let figure = |monitor: &Value, name: &str| {
        let figures = monitor["totals"].as_array().unwrap();
        figures.iter().find(|figure| figure["name"] == name).and_then(|figure| figure["value"].as_f64())
    };
    let cache = monitor("cache");
    let hit_share = figure(cache, "hit share").unwrap_or_else(|| panic!("{cache:#}"));
    assert!(hit_share > 0.9, "{hit_share}");
    for name in ["exporter", "history"] {
        let has_values =
            |series: &&Value| series["monitor"] == name && !series["stages"][0]["spread"].is_null();
        let series = report["resources"]["watched"]["series"].as_array().unwrap();
        assert!(series.iter().any(|one| has_values(&one)), "{name}: {series:?}");
    }
}
