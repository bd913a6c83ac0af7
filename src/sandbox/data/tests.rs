//! The routes with data as their clients see them, with each optimisation on and off.

use std::time::Instant;

use serde_json::{Value, json};

use crate::sandbox::server::tests::TestServer;
use crate::sandbox::{DataOptions, SandboxOptions, Switches};

const QUERY: Switches = Switches { cache_manager: false, query_optimizer: true, payload_optimizer: false };
const CACHE: Switches = Switches { cache_manager: true, query_optimizer: false, payload_optimizer: false };
const PAYLOAD: Switches = Switches { cache_manager: false, query_optimizer: false, payload_optimizer: true };

fn server(switches: Switches) -> TestServer {
    TestServer::start_with(SandboxOptions { switches, ..SandboxOptions::default() })
}

fn state(server: &TestServer) -> Value {
    server.ask("GET", "/control", "").1
}

/// What the answer's head says of the database.
fn timing(server: &TestServer, method: &str, path: &str) -> String {
    let answer = server.ask_raw(method, path);
    let line = answer.lines().find_map(|line| line.strip_prefix("server-timing: "));
    line.unwrap_or_default().to_owned()
}

#[test]
fn a_course_list_is_the_same_by_one_statement_as_by_eleven() {
    let (plain, optimized) = (server(Switches::default()), server(QUERY));
    let path = "/education/courses?page=3";
    assert_eq!(plain.ask("GET", path, ""), optimized.ask("GET", path, ""));
    assert!(timing(&plain, "GET", path).ends_with("\"11 statements\""), "{}", timing(&plain, "GET", path));
    assert!(timing(&optimized, "GET", path).ends_with("\"1 statement\""));
    assert_eq!(state(&plain)["n_statements"], 22);
    assert_eq!(state(&optimized)["n_statements"], 2);
}

#[test]
fn a_job_search_reads_all_words_or_uses_an_index_and_pages() {
    let (plain, optimized) = (server(Switches::default()), server(QUERY));
    let all = plain.ask("GET", "/forge/jobs?q=Rust", "").1;
    let page = optimized.ask("GET", "/forge/jobs?q=Rust", "").1;
    assert_eq!((all["items"].as_array().unwrap().len(), page["items"].as_array().unwrap().len()), (40, 10));
    for (whole, part) in all["items"].as_array().unwrap().iter().zip(page["items"].as_array().unwrap()) {
        assert_eq!((&whole["id"], &whole["title"]), (&part["id"], &part["title"]));
        assert_eq!(whole["title"], "Rust developer");
        assert!(whole["description"].as_str().unwrap().len() > 400 && part.get("description").is_none());
    }
    let second = optimized.ask("GET", "/forge/jobs?q=Rust&page=2&fields=id,description", "").1;
    assert_eq!(second["items"][0]["id"], all["items"][10]["id"]);
    assert_eq!(second["items"][0].as_object().unwrap().len(), 2);
    // Any statement may be slow while this machine is busy; only one has so much to read.
    let scanned_by_slow = |server| {
        let slow = state(server)["slow_statements"].take();
        let scanned = |slow: &Value| (slow["name"].as_str().unwrap().to_owned(), slow["n_scanned"].as_u64());
        slow.as_array().unwrap().iter().map(scanned).collect::<Vec<_>>()
    };
    let of_plain = scanned_by_slow(&plain);
    assert!(of_plain.iter().any(|(name, n)| name == "jobs by word" && *n > Some(6_000)), "{of_plain:?}");
    let of_optimized = scanned_by_slow(&optimized);
    assert!(of_optimized.iter().all(|(_, n)| *n < Some(100)), "{of_optimized:?}");
    // Nothing found is no empty list.
    assert!(!optimized.ask("GET", "/forge/jobs?q=astronaut", "").1["items"].as_array().unwrap().is_empty());
    assert!(!plain.ask("GET", "/forge/jobs", "").1["items"].as_array().unwrap().is_empty());
}

#[test]
fn a_withdrawal_is_written_whichever_way_it_goes() {
    for (switches, statements) in [(Switches::default(), 3), (QUERY, 3)] {
        let server = server(switches);
        let before = server.ask("GET", "/mint/wallet?user=7", "").1;
        let wanted = r#"{"amount":"5","user":7}"#;
        let (status, withdrawal) = server.ask("POST", "/mint/withdrawals", wanted);
        assert_eq!((status, &withdrawal["amount"]), (201, &json!("5")));
        let after = server.ask("GET", "/mint/wallet?user=7", "").1;
        let cents = |wallet: &Value| (wallet["balance"].as_f64().unwrap() * 100.0).round() as i64;
        assert_eq!(cents(&before) - cents(&after), 500);
        assert_eq!(after["balance"], withdrawal["balance"]);
        assert_eq!(
            after["entries"][0],
            json!({ "id": withdrawal["id"], "amount": 5.0, "kind": "withdrawal" })
        );
        assert_eq!(after["entries"].as_array().unwrap().len(), before["entries"].as_array().unwrap().len());
        assert_eq!(state(&server)["n_statements"], 4 + statements);
    }
}

#[test]
fn a_batch_is_one_round_trip_and_steps_are_three() {
    let round_trip = std::time::Duration::from_millis(400);
    let took = |switches| {
        let data = DataOptions { round_trip, ..DataOptions::default() };
        let server = TestServer::start_with(SandboxOptions { switches, data, ..SandboxOptions::default() });
        let start = Instant::now();
        server.ask("POST", "/mint/withdrawals", r#"{"amount":5}"#);
        start.elapsed()
    };
    assert!(took(Switches::default()) >= round_trip * 3);
    assert!(took(QUERY) < round_trip * 3);
}

#[test]
fn what_was_kept_is_answered_without_a_statement_until_it_changes() {
    let server = server(CACHE);
    let n_statements = || state(&server)["n_statements"].as_u64().unwrap();
    for path in
        ["/education/courses?page=1", "/education/courses/7", "/forge/jobs?q=nurse", "/mint/wallet?user=7"]
    {
        let first = server.ask("GET", path, "");
        let n_before = n_statements();
        assert_eq!(server.ask("GET", path, ""), first, "{path}");
        assert_eq!(n_statements(), n_before, "{path}");
        assert_eq!(timing(&server, "GET", path), "cache;desc=\"hit\"");
    }
    let cache = &state(&server)["cache"];
    assert_eq!(
        (&cache["n_hits"], &cache["n_misses"], &cache["n_entries"]),
        (&json!(8), &json!(4), &json!(4))
    );
    let before = server.ask("GET", "/mint/wallet?user=7", "").1["balance"].as_f64().unwrap();
    server.ask("POST", "/mint/withdrawals", r#"{"amount":5,"user":7}"#);
    let after = server.ask("GET", "/mint/wallet?user=7", "").1["balance"].as_f64().unwrap();
    assert_eq!((before - after).round(), 5.0);
    let latest = || server.ask("GET", "/education/enrolments", "").1["items"][0]["id"].clone();
    let n_before = latest();
    let enrolled = server.ask("POST", "/education/enrolments", r#"{"course":"3"}"#).1;
    assert_eq!(latest(), enrolled["id"]);
    assert_ne!(latest(), n_before);
}

#[test]
fn a_switch_forgets_what_was_answered_the_other_way() {
    let server = server(CACHE);
    let n_items = || server.ask("GET", "/forge/jobs?q=baker", "").1["items"].as_array().unwrap().len();
    assert_eq!((n_items(), n_items()), (40, 40));
    let (status, changed) = server.ask("POST", "/control", r#"{"switches":{"query_optimizer":true}}"#);
    assert_eq!((status, &changed["switches"]["cache_manager"]), (200, &json!(true)));
    assert_eq!(n_items(), 10);
    server.ask("POST", "/control", r#"{"switches":{"query_optimizer":false,"cache_manager":false}}"#);
    assert_eq!(n_items(), 40);
    assert!(timing(&server, "GET", "/forge/jobs?q=baker").starts_with("db;dur="));
}

#[test]
fn the_payload_optimizer_leaves_out_nulls_and_ends_and_pages_and_compresses() {
    let (plain, optimized) = (server(Switches::default()), server(PAYLOAD));
    let path = "/forge/jobs?q=gardener";
    let whole = plain.ask("GET", path, "").1;
    let lean = optimized.ask("GET", path, "").1;
    assert!(whole["items"][0]["closes_on"].is_null() && whole["items"][0].get("closes_on").is_some());
    assert!(lean["items"][0].get("closes_on").is_none());
    assert!(lean["items"][0]["description"].as_str().unwrap().ends_with('…'));
    assert_eq!((lean["items"].as_array().unwrap().len(), &lean["total"]), (20, &json!(40)));
    assert!(lean.to_string().len() * 3 < whole.to_string().len());
    let chosen = optimized.ask("GET", &format!("{path}&fields=id,title"), "").1;
    assert_eq!(chosen["items"][0].as_object().unwrap().len(), 2);
    let head = optimized.ask_head("GET", path, "accept-encoding: br\r\n");
    assert!(head.contains("content-encoding: br"), "{head}");
    let payload = &state(&optimized)["payload"];
    assert_eq!(payload["n_answers"], 3);
    assert!(payload["bytes_after"].as_u64().unwrap() * 3 < payload["bytes_before"].as_u64().unwrap());
    // A page of courses was paged where it was read.
    assert_eq!(optimized.ask("GET", "/education/courses?page=3", "").1["items"][0]["id"], 21);
}

#[test]
fn the_error_share_holds_for_what_was_kept() {
    let server = server(CACHE);
    assert_eq!(server.ask("GET", "/education/courses?page=1", "").0, 200);
    server.ask("POST", "/control", r#"{"error_ratio":1.0}"#);
    assert_eq!(server.ask("GET", "/education/courses?page=1", "").0, 503);
    assert_eq!(server.ask("GET", "/education/courses?page=2", "").0, 503);
    server.ask("POST", "/control", r#"{"error_ratio":0.0}"#);
    assert_eq!(server.ask("GET", "/education/courses?page=2", "").0, 200);
}
