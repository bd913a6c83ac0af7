//! Scenarios as the window edits them: no file, no lines.

use super::*;
use crate::model::{
    AtEnd, Auth, Bound, Candidate, Check, Environment, FeedOrder, Feeder, Interleave, Monitor, Probe,
    RedisProbe, Scope, SecretSource, SeriesLimit, SeriesStatistic, ThinkTime, ThresholdSeverity,
    TransportChoice, TransportOptions, Window, parse_scenario,
};

fn valid() -> Scenario {
    let text = include_str!("../../../presets/comprehensive.toml");
    parse_scenario(text).unwrap().0
}

/// The fields at fault once a valid scenario was changed.
#[track_caller]
fn check(change: impl FnOnce(&mut Scenario), expected: &[&str]) {
    let mut scenario = valid();
    change(&mut scenario);
    let problems = validate(&scenario);
    assert!(problems.iter().all(|problem| problem.line.is_none()));
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, expected, "{problems:#?}");
}

#[test]
fn a_valid_scenario_has_no_problems() {
    check(|_| {}, &[]);
}

#[test]
fn each_part_is_checked_in_its_place() {
    check(|s| s.name.clear(), &["name"]);
    check(|s| s.timeout = Duration::ZERO, &["timeout"]);
    check(|s| s.load.stages[1].end_level = f64::NAN, &["load.stages[1].users"]);
    check(|s| s.load.stages[1].duration = Duration::MAX, &["load.stages[1].duration", "load.stages"]);
    check(|s| s.load.warm_up = s.load.duration(), &["load.warm_up"]);
    check(|s| s.journeys[1].steps.clear(), &["journeys[1].steps", "services[3].name", "services[4].name"]);
    check(|s| s.journeys[1].weight = 10_001, &["journeys[1].weight"]);
    check(|s| s.journeys[0].steps[1].method = "post".into(), &["journeys[0].steps[1].method"]);
    check(
        |s| s.journeys[0].steps[2].checks[0] = Check::Status(0),
        &["journeys[0].steps[2].checks[0].status"],
    );
    check(|s| s.services[1].budgets[0].limit = -1.0, &["services[1].budget.p95"]);
    check(|s| s.thresholds[3].limit = 1.5, &["thresholds[3].limit"]);
    check(|s| s.thresholds[0].window = Window::Stage("Ramp".into()), &["thresholds[0].window"]);
}

#[test]
fn monitors_name_what_there_is_and_keep_passwords_out_of_the_file() {
    let with = |monitor: Monitor| move |s: &mut Scenario| s.monitors = vec![monitor];
    let redis = |url: &str, password: &str| {
        Monitor::new("cache", Probe::Redis(RedisProbe { url: url.into(), password: password.into() }))
    };
    check(with(Monitor::new("machine", Probe::Machine)), &[]);
    check(with(redis("redis://127.0.0.1", "{{password}}")), &[]);
    check(with(redis("{{base_url}}/metrics", "")), &[]);
    check(with(redis("{{lost}}/metrics", "")), &["monitors[0].url"]);
    check(with(redis("http://127.0.0.1", "")), &["monitors[0].url"]);
    check(with(redis("redis://", "")), &["monitors[0].url"]);
    check(with(redis("redis://me:secret@127.0.0.1", "")), &["monitors[0].url"]);
    check(with(redis("redis://127.0.0.1", "secret")), &["monitors[0].password"]);
    check(with(redis("redis://127.0.0.1", "{{lost}}")), &["monitors[0].password"]);
    let limited = |series: &str, value| {
        let bound = Bound::AtMost(value);
        let (statistic, severity) = (SeriesStatistic::Max, ThresholdSeverity::Must);
        let limit = SeriesLimit { series: series.into(), statistic, bound, severity };
        Monitor { limits: vec![limit], ..Monitor::new("machine", Probe::Machine) }
    };
    check(with(limited("CPU", 0.7)), &[]);
    check(with(limited("cpu", 0.7)), &["monitors[0].limits[0].series"]);
    check(with(limited("CPU", f64::NAN)), &["monitors[0].limits[0]"]);
    let mut twice = limited("CPU", 0.7);
    twice.limits.push(twice.limits[0].clone());
    check(with(twice), &["monitors[0].limits[1]"]);
    let two = |s: &mut Scenario| s.monitors = vec![Monitor::new("a", Probe::Machine); 2];
    check(two, &["monitors[1].name"]);
}

#[test]
fn service_levels_are_a_promise_that_can_be_kept() {
    check(|s| s.service_levels.availability = Some(1.0), &["service_levels.availability"]);
    check(|s| s.service_levels.availability = Some(0.0), &["service_levels.availability"]);
    check(|s| s.service_levels.availability = Some(f64::NAN), &["service_levels.availability"]);
    check(|s| s.service_levels.availability = Some(0.001), &["service_levels.availability"]);
    check(|s| s.service_levels.availability = None, &[]);
    check(|s| s.service_levels.period = Duration::from_secs(3_599), &["service_levels.period"]);
    check(|s| s.service_levels.period = Duration::MAX, &["service_levels.period"]);
    check(|s| s.service_levels.period = Duration::from_secs(7 * 86_400), &[]);
    check(|s| s.service_levels.apdex = Some(Duration::ZERO), &["service_levels.apdex"]);
    check(|s| s.service_levels.apdex = Some(s.timeout), &["service_levels.apdex"]);
    check(
        |s| s.service_levels.apdex = Some(Duration::MAX),
        &["service_levels.apdex", "service_levels.apdex"],
    );
    check(|s| s.service_levels.window_error_share = 0.0, &["service_levels.window_error_share"]);
    check(|s| s.service_levels.window_error_share = f64::NAN, &["service_levels.window_error_share"]);
    check(|s| s.service_levels.window_error_share = 1.0, &[]);
}

#[test]
fn excluded_steps_are_there_and_leave_some_to_count() {
    let exclude = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        move |scenario: &mut Scenario| scenario.service_levels.exclude_steps = names
    };
    check(exclude(&["Check gateway"]), &[]);
    check(exclude(&["Log in", "Chek gateway"]), &["service_levels.exclude_steps[1]"]);
    check(exclude(&["Log in", "Log in"]), &["service_levels.exclude_steps[1]"]);
    check(
        |s| s.service_levels.exclude_steps = s.steps().map(|(_, step)| step.name.clone()).collect(),
        // «Check gateway» begins two journeys.
        &["service_levels.exclude_steps[5]", "service_levels.exclude_steps"],
    );
}

/// The fields at fault of an interleaved scenario with ten pairs of blocks.
#[track_caller]
fn check_sides(change: impl FnOnce(&mut Scenario, &mut Interleave), expected: &[&str]) {
    let interleave = |scenario: &mut Scenario| {
        scenario.load.stages[1].duration = Duration::from_secs(200);
        let place = |name: &str| Environment {
            name: name.into(),
            base_url: Some("https://old.example".into()),
            variables: Default::default(),
        };
        scenario.environments = vec![place("old"), place("new")];
        let mut interleave = Interleave::with(Candidate::Environment("new".into()));
        change(scenario, &mut interleave);
        scenario.interleave = Some(interleave);
    };
    check(interleave, expected);
}

#[test]
fn an_interleaved_scenario_has_a_candidate_names_of_its_own_and_room_for_pairs() {
    let candidate = "interleave.candidate.base_url";
    check_sides(|_, _| {}, &[]);
    check_sides(|_, sides| sides.candidate = Candidate::BaseUrl("sandbox:?slower=0.1".into()), &[]);
    check_sides(|_, sides| sides.candidate = Candidate::BaseUrl("sandbox:?slower=2".into()), &[candidate]);
    check_sides(|_, sides| sides.candidate = Candidate::BaseUrl("ftp://a".into()), &[candidate]);
    let nowhere = Candidate::Environment("nwe".into());
    check_sides(|_, sides| sides.candidate = nowhere, &["interleave.candidate.environment"]);
    check_sides(|_, sides| sides.block = Duration::from_millis(999), &["interleave.block"]);
    check_sides(|_, sides| sides.block = Duration::from_secs(70), &["interleave.block"]);
    check_sides(|_, sides| sides.block = Duration::MAX, &["interleave.block"]);
    check_sides(|_, sides| sides.seed = u64::MAX, &["interleave.seed"]);
    check_sides(|s, _| s.journeys[0].steps[0].name.push_str(" · candidate"), &["journeys[0].steps[0].name"]);
    check_sides(|s, _| s.journeys[1].name.push_str(" · candidate"), &["journeys[1].name"]);
    check_sides(|s, _| s.journeys[0].steps[0].path = "http://a/b".into(), &["journeys[0].steps[0].path"]);
}

#[test]
fn what_only_the_candidate_s_environment_lacks_is_found() {
    let lacking = |s: &mut Scenario, _: &mut Interleave| {
        s.environment = Some("old".into());
        s.environments[0].variables.insert("host".into(), "a".into());
        s.journeys[0].steps[0].path = "/{{host}}".into();
    };
    check_sides(lacking, &["journeys[0].steps[0].path"]);
    let both = |s: &mut Scenario, sides: &mut Interleave| {
        lacking(s, sides);
        s.environments[1].variables.insert("host".into(), "b".into());
    };
    check_sides(both, &[]);
}

#[test]
fn what_is_run_is_as_valid_as_what_was_written() {
    let mut scenario = valid();
    scenario.interleave = Some(Interleave::with(Candidate::default()));
    assert_eq!(validate(&scenario.clone().interleaved()), validate(&scenario));
}

#[test]
fn what_is_switched_off_is_checked_but_not_counted() {
    check(|s| s.journeys[1].enabled = false, &["services[3].name", "services[4].name"]);
    check(
        |s| s.journeys.iter_mut().for_each(|journey| journey.enabled = false),
        &[
            "journeys",
            "services[0].name",
            "services[1].name",
            "services[2].name",
            "services[3].name",
            "services[4].name",
            "services[5].name",
            "services[6].name",
        ],
    );
    check(
        |s| {
            let step = &mut s.journeys[0].steps[0];
            step.enabled = false;
            step.name = "Switched off".into();
            s.thresholds[0].scope = Scope::Step("Switched off".into());
        },
        &["thresholds[0].scope"],
    );
    check(
        |s| {
            let journey = &mut s.journeys[0];
            journey.steps.iter_mut().for_each(|step| step.enabled = false);
            s.services.clear();
            s.journeys.iter_mut().flat_map(|journey| &mut journey.steps).for_each(|step| step.service = None);
        },
        &["journeys[0].steps"],
    );
}

#[test]
fn data_credentials_and_templates_are_checked_in_their_place() {
    let feeder = |order, at_end| Feeder {
        name: "users".into(),
        file: "users.csv".into(),
        format: None,
        order,
        at_end,
    };
    check(|s| s.journeys[0].steps[0].path = "/{{users.name}}".into(), &["journeys[0].steps[0].path"]);
    check(
        |s| {
            s.feeders.push(feeder(FeedOrder::Sequential, AtEnd::Stop));
            s.journeys[0].steps[0].path = "/{{users.name}}?{{uuid()}}".into();
        },
        &[],
    );
    check(|s| s.journeys[0].steps[0].path = "/{{uid()}}".into(), &["journeys[0].steps[0].path"]);
    check(|s| s.feeders.push(feeder(FeedOrder::Unique, AtEnd::Wrap)), &["feeders[0].at_end"]);
    check(|s| s.environment = Some("staging".into()), &["environment"]);
    let environment = |base_url: &str| Environment {
        name: "staging".into(),
        base_url: Some(base_url.into()),
        variables: Default::default(),
    };
    check(|s| s.environments = vec![environment("ftp://x")], &["environments[0].base_url"]);
    check(|s| s.environments = vec![environment("http://x"); 2], &["environments[1].name"]);
    check(|s| _ = s.secrets.insert("key".into(), SecretSource::Env(String::new())), &["secrets.key"]);
    let auth = Auth::Bearer { token: "{{key}}".into() };
    check(|s| s.auth = auth.clone(), &["auth.bearer"]);
    check(
        |s| {
            s.secrets.insert("key".into(), SecretSource::Env("SHOP_KEY".into()));
            s.auth = auth.clone();
        },
        &[],
    );
}

#[test]
fn an_emptied_scenario_says_what_is_needed() {
    check(
        |s| {
            s.load.stages.clear();
            s.journeys.clear();
            s.services.clear();
            s.thresholds.clear();
        },
        &["load.stages", "journeys"],
    );
}

#[test]
fn a_value_can_be_used_only_after_the_step_that_extracts_it() {
    check(|s| s.journeys[0].steps.swap(1, 2), &["journeys[0].steps[1].headers.authorization"]);
}

#[test]
fn a_stage_within_the_warm_up_cannot_be_judged() {
    check(
        |s| {
            s.load.warm_up = Duration::from_secs(60);
            s.thresholds[0].window = Window::Stage("Ramp-up (50)".into());
        },
        &["thresholds[0].window"],
    );
}

#[test]
fn think_times_have_to_be_possible() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(2));
    let field = "journeys[0].think_time";
    check(|s| s.journeys[0].think_time = ThinkTime::Uniform { min: long, max: short }, &[field]);
    check(|s| s.journeys[0].think_time = ThinkTime::LogNormal { median: long, p95: short }, &[field]);
    check(|s| s.journeys[0].think_time = ThinkTime::Fixed(Duration::MAX), &[field]);
    check(|s| s.journeys[0].think_time = ThinkTime::Normal { mean: short, std_dev: long }, &[]);
}

#[test]
fn transports_have_to_be_possible() {
    check(|s| s.transport.choice = TransportChoice::Wire, &[]);
    check(
        |s| {
            s.transport =
                TransportOptions { choice: TransportChoice::Wire, cookies: true, ..Default::default() };
        },
        &["transport.use"],
    );
    check(|s| s.transport.max_redirects = 51, &["transport.redirects"]);
    check(|s| s.transport.tls.certificate = Some("a.pem".into()), &["transport.certificate"]);
    check(|s| s.transport.tls.key = Some(" ".into()), &["transport.key", "transport.key"]);
    for good in ["http://a", "https://a.b:8080/", "socks5://u:p@[::1]:1080"] {
        check(|s| s.transport.proxy = Some(good.into()), &[]);
    }
    for bad in ["", "a:80", "ftp://a", "http://", "http://a/b", "http://a?b", "http://a b", "socks5://a:0"] {
        check(|s| s.transport.proxy = Some(bad.into()), &["transport.proxy"]);
    }
}

#[test]
fn pacing_and_patience_take_time() {
    check(|s| s.journeys[0].pacing = Some(Duration::ZERO), &["journeys[0].pacing"]);
    check(|s| s.journeys[0].pacing = Some(Duration::MAX), &["journeys[0].pacing"]);
    check(|s| s.journeys[0].pacing = Some(Duration::from_secs(2)), &[]);
    check(|s| s.thresholds[0].abort_after = Some(Duration::ZERO), &["thresholds[0].abort_after"]);
    check(|s| s.thresholds[0].abort_after = Some(Duration::MAX), &["thresholds[0].abort_after"]);
    check(|s| s.thresholds[0].abort_after = Some(Duration::from_secs(10)), &[]);
}

#[test]
fn urls_are_told_from_what_is_none() {
    for good in ["http://a", "https://a.b:8080/c", "http://[::1]:80/x", "http://[::1]", "http://u:p@h:1/"] {
        assert_eq!(text::check_url(good, false), Ok(()), "{good}");
    }
    for bad in [
        "",
        "a",
        "http://",
        "http:///x",
        "http://:80",
        "http://a:0",
        "http://a:x",
        "http://a b",
        "http://a?b",
        "http://a#b",
    ] {
        assert!(text::check_url(bad, false).is_err(), "{bad}");
    }
    assert_eq!(text::check_path("/a?b={{c d}}"), Ok(()));
    assert_eq!(text::check_path("http://a/{{x}}?b=1"), Ok(()));
    assert!(text::check_path("{{x}}/a").is_err());
    assert!(text::check_path("/a b").is_err());
}

#[test]
fn json_is_checked_with_its_templates_filled() {
    assert_eq!(text::check_json(r#"{"a": {{n}}, "b": "x{{n}}y", "c": {"d":{{n}}}}"#), Ok(()));
    assert!(text::check_json(r#"{"a": {{n}},}"#).is_err());
    assert!(text::has_open_template("a {{b"));
    assert!(!text::has_open_template("a {{b}} c"));
}

#[test]
fn a_json_path_however_deep_is_answered_at_once() {
    assert_eq!(text::check_json_path("$.a[?(@.b[?(@.c == 1)] && !(@.d || @.e))].f[*]..g"), Ok(()));
    for part in ["(", "[", "!", "(!", "[?", "[?(", "$[?(@", "[?(@.a == 1 && ("] {
        for n in [1, 5, 12, 13, 100, 5_000] {
            _ = text::check_json_path(&format!("$[?{}", part.repeat(n)));
            _ = text::check_json_path(&format!("$[?{}@.a{}]", part.repeat(n), ")".repeat(n)));
        }
    }
}
