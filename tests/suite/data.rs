//! Variables, environments and rows of data, against the sandbox: what was sent is what it counted.

use std::collections::BTreeMap;

use crate::program::{Answer, Sandbox, Workbench};

const N_ROWS: usize = 16;

/// Log in, list, look at a product of the list, order it with the key of a row.
fn shop(base_url: &str, load: &str, order: &str) -> String {
    format!(
        r#"format = 1
name = "Shop"
base_url = "{base_url}"

[variables]
page = "1"

[[feeders]]
name = "customers"
file = "customers.csv"
order = "{order}"

{load}
shape = "step"

[[journeys]]
name = "Order"

[[journeys.steps]]
name = "Log in"
method = "POST"
path = "/auth/login"
body = {{ json = '{{"user": "{{{{customers.user}}}}", "password": "{{{{customers.password}}}}"}}' }}
checks = [{{ status = 200 }}, {{ jsonpath = "$.user.name", exists = true }}]
extract = [{{ name = "token", jsonpath = "$.token" }}]

[[journeys.steps]]
name = "List"
path = "/mint/products?page={{{{page}}}}"
auth = {{ bearer = "{{{{token}}}}" }}
checks = [{{ status = 200 }}]
extract = [{{ name = "product", jsonpath = "$.items[3].id" }}]

[[journeys.steps]]
name = "Look"
path = "/mint/products/{{{{product}}}}"
auth = {{ bearer = "{{{{token}}}}" }}
checks = [{{ status = 200 }}]

[[journeys.steps]]
name = "Order"
method = "POST"
path = "/mint/orders"
auth = {{ bearer = "{{{{token}}}}" }}
body = {{ json = '{{"product": {{{{product}}}}, "key": "{{{{customers.key}}}}"}}' }}
checks = [{{ status = 201 }}, {{ jsonpath = "$.key", exists = true }}]
"#
    )
}

/// Forty arrivals within two seconds.
const OPEN: &str = "[load]\nmodel = \"open\"\nmax_users = 12\n[[load.stages]]\nname = \"Hold\"\nduration = \"2s\"\nrate = 20";
/// Four users for two seconds.
const CLOSED: &str =
    "[load]\nmodel = \"closed\"\n[[load.stages]]\nname = \"Hold\"\nduration = \"2s\"\nusers = 4";

/// Runs the shop, makes sure that nothing failed, and returns how often the sandbox saw each row.
fn orders(load: &str, order: &str) -> Vec<u64> {
    let bench = Workbench::new();
    let rows: String = (0..N_ROWS).map(|row| format!("user{row},\"p,{row}\",key{row}\r\n")).collect();
    bench.write("customers.csv", format!("\u{feff}user,password,key\r\n{rows}"));
    let sandbox = Sandbox::start(&bench);
    bench.write("shop.toml", shop(&sandbox.base_url, load, order));
    let answer = bench.run(&["run", "shop.toml", "--report", "shop.json", "--quiet"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bench.path("shop.json")).unwrap()).unwrap();
    assert_eq!(report["whole_run"]["n_errors"], 0, "{}", report["errors"]);
    let by_key = orders_of(&sandbox);
    let n_orders: u64 = by_key.values().sum();
    assert_eq!(Some(n_orders), report["load"]["n_iterations_completed"].as_u64());
    assert_eq!(sandbox.n_received(), 4 * n_orders);
    assert!(by_key.keys().all(|key| (0..N_ROWS).any(|row| *key == format!("key{row}"))), "{by_key:?}");
    (0..N_ROWS).map(|row| by_key.get(&format!("key{row}")).copied().unwrap_or(0)).collect()
}

fn orders_of(sandbox: &Sandbox) -> BTreeMap<String, u64> {
    let answer = crate::sandbox::ask(&sandbox.base_url, "/orders");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    serde_json::from_value(body["keys"].clone()).unwrap()
}

#[test]
fn sequential_rows_are_ordered_in_turn_under_both_models() {
    for load in [OPEN, CLOSED] {
        let n_times = orders(load, "sequential");
        let n_orders: u64 = n_times.iter().sum();
        let expected = |row: u64| n_orders / N_ROWS as u64 + u64::from(row < n_orders % N_ROWS as u64);
        assert!(n_orders >= 20, "{n_orders}");
        assert_eq!(n_times, (0..N_ROWS as u64).map(expected).collect::<Vec<_>>());
    }
    assert_eq!(orders(OPEN, "sequential").iter().sum::<u64>(), 40);
}

#[test]
fn shuffled_rows_are_ordered_once_in_each_pass_under_both_models() {
    for load in [OPEN, CLOSED] {
        let n_times = orders(load, "shuffled");
        let n_passes = n_times.iter().sum::<u64>() / N_ROWS as u64;
        assert!(
            n_passes >= 1 && n_times.iter().all(|n| (n_passes..=n_passes + 1).contains(n)),
            "{n_times:?}"
        );
    }
}

#[test]
fn unique_rows_belong_to_one_user_each_under_both_models() {
    let n_times = orders(CLOSED, "unique");
    assert!(n_times[..4].iter().all(|n| *n > 1) && n_times[4..].iter().all(|n| *n == 0), "{n_times:?}");
    let n_times = orders(OPEN, "unique");
    assert!(n_times[12..].iter().all(|n| *n == 0), "twelve users have twelve rows: {n_times:?}");
    assert_eq!(n_times.iter().sum::<u64>(), 40);
}

#[test]
fn the_load_ends_when_the_rows_do() {
    let bench = Workbench::new();
    bench.write("keys.jsonl", "{\"page\": 1}\n{\"page\": 2}\n{\"page\": 3}\n");
    let scenario = crate::program::steady_scenario("sandbox:", 20, "60s");
    let feeder = "[[feeders]]\nname = \"keys\"\nfile = \"keys.jsonl\"\nat_end = \"stop\"\n\n[load]";
    let scenario = scenario
        .replacen("[load]", feeder, 1)
        .replace("/gateway/health", "/education/courses?page={{keys.page}}");
    bench.write("a.toml", scenario);
    let answer = bench.run(&["run", "a.toml", "--report", "a.json", "--report", "a.md"]);
    assert_eq!(answer.code, Some(2), "the plan was not made to its end: {answer:?}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bench.path("a.json")).unwrap()).unwrap();
    assert_eq!(report["load"]["n_iterations_due"], 3);
    assert_eq!(report["load"]["n_iterations_completed"], 3);
    let text = std::fs::read_to_string(bench.path("a.md")).unwrap();
    assert!(text.contains("has no more rows; the load ends"), "{text}");
}

fn refused(files: &[(&str, &str)], feeder_file: &str) -> Answer {
    let bench = Workbench::new();
    for (name, content) in files {
        bench.write(name, content);
    }
    let scenario = shop("sandbox:", CLOSED, "sequential").replace("customers.csv", feeder_file);
    bench.write("a.toml", scenario);
    let answer = bench.run(&["run", "a.toml"]);
    assert!(!bench.library().exists(), "nothing is written");
    answer
}

#[test]
fn data_that_cannot_be_used_is_bad_input_before_anything_is_sent() {
    for (files, file, words) in [
        (&[][..], "nowhere.csv", "the file cannot be read"),
        (&[("a.csv", "user,pasword,key\na,b,c\n")], "a.csv", "Did you mean {{customers.pasword}}?"),
        (&[("a.csv", "user,password,key\na,b,c\nd\n")], "a.csv", "line 3: it has 1 field"),
        (&[("a.jsonl", "{\"user\":\"a\",\"password\":\"b\"}\n")], "a.jsonl", "no column `key`"),
    ] {
        let answer = refused(files, file);
        assert_eq!(answer.code, Some(3), "{answer:?}");
        assert!(
            answer.err.contains("feeder `customers` cannot be used") && answer.err.contains(words),
            "{answer:?}"
        );
    }
}

#[test]
fn an_environment_and_variables_from_the_command_line_are_what_is_run_and_kept() {
    let bench = Workbench::new();
    let sandbox = Sandbox::start(&bench);
    let scenario = crate::program::closed_scenario("http://127.0.0.1:1", "1s", "").replace(
        "[load]",
        &format!(
            "[variables]\nid = \"1\"\n\n[[environments]]\nname = \"here\"\nbase_url = \"{}\"\nvariables = {{ id = \"2\", q = \"x\" }}\n\n[load]",
            sandbox.base_url
        ),
    );
    bench.write("a.toml", scenario.replace("/gateway/health", "/education/courses/{{id}}?q={{q}}"));
    let without = bench.run(&["validate", "a.toml"]);
    assert!(without.code == Some(3) && without.err.contains("nothing defines {{q}}"), "{without:?}");
    assert_eq!(bench.run(&["validate", "a.toml", "--env", "here"]).code, Some(0));
    let answer = bench
        .run(&["run", "a.toml", "--env", "here", "--var", "id=7", "--report", "a.json", "--report", "a.md"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bench.path("a.json")).unwrap()).unwrap();
    assert_eq!(report["scenario_environment"], "here");
    assert_eq!(report["base_url"], sandbox.base_url.as_str());
    assert!(std::fs::read_to_string(bench.path("a.md")).unwrap().contains("Environment: here."));
    assert!(sandbox.n_received() > 5);
    let unknown = bench.run(&["run", "a.toml", "--env", "hre"]);
    assert!(
        unknown.code == Some(3) && unknown.err.contains("Did you mean `here`? It has: here"),
        "{unknown:?}"
    );
}
