//! Reading, writing, and what happens to files that are wrong.

use std::{fs, path::Path, time::Duration};

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{keys, parse_scenario, write_scenario};
use crate::model::{
    Access, Bound, Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, PostgresProbe, Probe,
    ProcessesProbe, PrometheusProbe, QuerySeries, RedisProbe, SeriesGroup, SeriesLimit, SeriesStatistic,
    SeriesUnit,
};
use crate::model::{
    Arrivals, AtEnd, Auth, Body, Budget, Candidate, Check, ClientCredentials, ClientErrors, Connections,
    Environment, Extract, ExtractSource, FeedFormat, FeedOrder, Feeder, HttpVersion, Interleave, Journey,
    KeyPlace, LoadModel, LoadProfile, Metric, Part, PartContent, Plan, Problem, Scenario, Scope,
    SearchOptions, SecretSource, Service, ServiceLevelOptions, Shape, Stage, Step, ThinkTime, Threshold,
    ThresholdSeverity, TlsOptions, TransportChoice, TransportKind, TransportOptions, Window, validate,
};

/// Names and texts of all files in a folder of the package, by name.
fn files_in(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[track_caller]
pub(super) fn read(text: &str) -> Scenario {
    match parse_scenario(text) {
        Ok((scenario, _)) => scenario,
        Err(problems) => panic!("{}", listed(&problems)),
    }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

pub(super) const SMALL: &str = "\
format = 1
name = \"Small\"
base_url = \"sandbox:\"

[load]
model = \"closed\"

[[load.stages]]
name = \"Hold\"
duration = \"1m\"
users = 5

[[journeys]]
name = \"Browse\"

[[journeys.steps]]
name = \"List\"
path = \"/education/courses\"
";

fn extract(name: &str, source: ExtractSource) -> Extract {
    Extract { name: name.into(), source }
}

pub(super) fn step(name: &str, path: &str) -> Step {
    Step::get(name, path)
}

/// A scenario that uses everything there is.
pub(super) fn everything() -> Scenario {
    let seconds = Duration::from_secs;
    let mut login = step("Log in", "/auth/login?a={{user}}");
    login.service = Some("Auth \"Service\"".into());
    login.method = "POST".into();
    login.headers = vec![("content-type".into(), "application/json".into()), ("x.y".into(), "a\tb".into())];
    login.body = Body::Json("{\n  \"user\": \"{{user}}\",\n  \"n\": {{n}}\n}".into());
    login.timeout = Some(Duration::from_millis(1_500));
    login.checks = vec![
        Check::Status(201),
        Check::BodyContains("it's \"quoted\"\n\\ and more".into()),
        Check::JsonPathExists("$.token".into()),
        Check::JsonPathEquals { path: "$.items[?(@.a == 'b')].c".into(), value: "7".into() },
        Check::HeaderContains { name: "content-type".into(), text: String::new() },
        Check::BodyMatches("id=[0-9]+\\s".into()),
        Check::Size { min: Some(2), max: Some(20_000) },
        Check::Size { min: None, max: Some(1) },
        Check::MaxDuration(Duration::from_micros(1_234)),
    ];
    login.extracts = vec![
        extract("token", ExtractSource::JsonPath("$.token".into())),
        extract("id", ExtractSource::JsonPath("$['i d']".into())),
        extract("number", ExtractSource::Regex("id=\"([0-9]+)\"".into())),
        extract("where", ExtractSource::Header("location".into())),
        extract("session", ExtractSource::Cookie("sid".into())),
    ];
    login.query =
        vec![("q".into(), "a b".into()), ("tag".into(), "1".into()), ("tag".into(), "{{n}}".into())];
    login.max_redirects = Some(3);
    login.auth = Some(Auth::Basic { user: "me".into(), password: "{{password}}".into() });
    let mut text = step("Send text", "https://example.com/{{id}}");
    text.body = Body::Text("hello {{token}}".into());
    let journey =
        |name: &str, weight, think_time, steps| Journey { weight, think_time, steps, ..Journey::new(name) };
    let mut form = step("Send a form", "/form?x={{uuid()}}");
    form.body = Body::Form(vec![("a b".into(), "{{users.email}}".into()), ("list".into(), "1".into())]);
    form.auth =
        Some(Auth::ApiKey { place: KeyPlace::Query, name: "key".into(), value: "{{api.key}}".into() });
    let mut upload = step("Upload", "/upload");
    let part = |name: &str, content| Part { name: name.into(), content, content_type: None };
    upload.body = Body::Multipart(vec![
        part("title", PartContent::Text("{{random_int(1, 6)}}".into())),
        Part {
            content_type: Some("image/png".into()),
            ..part("photo", PartContent::File("photo \"1\".png".into()))
        },
    ]);
    upload.auth = Some(Auth::None);
    let mut file = step("Send a file", "/file");
    file.enabled = false;
    file.body = Body::File("body.bin".into());
    file.auth = Some(Auth::Bearer { token: "{{password}}".into() });
    let off = Journey { enabled: false, ..journey("F", 1, ThinkTime::None, vec![step("x", "/")]) };
    let paced = |pacing, journey| Journey { pacing: Some(pacing), ..journey };
    let pauses = (seconds(1), seconds(3));
    let stage =
        |name: &str, duration, end_level, shape| Stage { name: name.into(), duration, end_level, shape };
    let quantile = |percent: f64| Metric::Quantile(percent / 100.0);
    let threshold = |metric, scope, window, limit, severity| Threshold {
        metric,
        scope,
        window,
        limit,
        severity,
        abort_after: None,
    };
    let (must, should, info) = (ThresholdSeverity::Must, ThresholdSeverity::Should, ThresholdSeverity::Info);
    Scenario {
        name: "Everything – \"quoted\" 'both' ways".into(),
        description: "Two lines\nand a tab\t.".into(),
        base_url: "https://[::1]:8443/api".into(),
        timeout: Duration::from_nanos(1_234_567_891),
        variables: [
            ("user".into(), "é\u{1f600}".into()),
            ("n".into(), "5".into()),
            ("a.b".into(), String::new()),
        ]
        .into(),
        secrets: [
            ("password".into(), SecretSource::Env("SHOP_PASSWORD".into())),
            ("api.key".into(), SecretSource::Keyring { service: "shop \"1\"".into(), user: "me".into() }),
        ]
        .into(),
        environments: vec![
            Environment { name: "plain".into(), base_url: None, variables: Default::default() },
            Environment {
                name: "staging".into(),
                base_url: Some("https://staging.example/api".into()),
                variables: [("user".into(), "staff".into())].into(),
            },
        ],
        environment: Some("staging".into()),
        feeders: vec![
            Feeder {
                name: "users".into(),
                file: "data/users.csv".into(),
                format: None,
                order: FeedOrder::Sequential,
                at_end: AtEnd::Stop,
            },
            Feeder {
                name: "orders".into(),
                file: "orders.txt".into(),
                format: Some(FeedFormat::JsonLines),
                order: FeedOrder::Unique,
                at_end: AtEnd::Error,
            },
        ],
        auth: Auth::OAuth2(ClientCredentials {
            token_url: "/oauth/token".into(),
            client_id: "stage".into(),
            client_secret: "{{password}}".into(),
            scope: Some("read write".into()),
        }),
        transport: TransportOptions {
            choice: TransportChoice::Reqwest,
            http: HttpVersion::Http2,
            connections: Connections::PerRequest,
            max_redirects: 50,
            cookies: true,
            compression: true,
            proxy: Some("socks5://user:a%20b@[::1]:1080".into()),
            tls: TlsOptions {
                ca: Some("certificates/our \"own\" CA.pem".into()),
                certificate: Some("C:\\client.pem".into()),
                key: Some("/etc/client.key".into()),
                verify: false,
            },
        },
        interleave: Some(Interleave {
            candidate: Candidate::Environment("plain".into()),
            block: Duration::from_millis(1_500),
            seed: 7,
        }),
        search: Some(SearchOptions {
            start: Some(12.5),
            max: Some(4_000.0),
            hold: seconds(90),
            resolution: 1.1,
            max_probes: 7,
            ..SearchOptions::default()
        }),
        load: LoadProfile {
            model: LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 77, seed: 99 },
            warm_up: seconds(5),
            graceful_stop: Duration::ZERO,
            stages: vec![
                stage("Jump", Duration::ZERO, 3.25, Shape::Step),
                stage("Climb", seconds(3_723), 1e6, Shape::Ramp),
                stage("Rest", Duration::from_millis(10), 0.1, Shape::Ramp),
            ],
        },
        journeys: vec![
            journey(
                "A",
                10_000,
                ThinkTime::Uniform { min: pauses.0, max: pauses.1 },
                vec![login, text, form, upload, file],
            ),
            journey("B", 1, ThinkTime::Fixed(Duration::ZERO), vec![step("x", "/")]),
            journey("C", 2, ThinkTime::Normal { mean: pauses.0, std_dev: pauses.1 }, vec![step("x", "/")]),
            journey("D", 3, ThinkTime::LogNormal { median: pauses.0, p95: pauses.1 }, vec![step("x", "/")]),
            paced(seconds(90), journey("E", 4, ThinkTime::None, vec![step("x", "/")])),
            off,
        ],
        services: vec![
            Service {
                name: "Auth \"Service\"".into(),
                budgets: vec![
                    Budget { metric: quantile(95.0), limit: 0.0402 },
                    Budget { metric: quantile(99.9), limit: 1.5 },
                ],
            },
            Service { name: "Unused".into(), budgets: vec![] },
        ],
        thresholds: vec![
            threshold(quantile(99.99), Scope::Run, Window::Steady, 0.1, must),
            threshold(
                Metric::ErrorShare,
                Scope::Service("Auth \"Service\"".into()),
                Window::Run,
                0.001,
                should,
            ),
            threshold(Metric::Availability, Scope::Journey("A".into()), Window::Steady, 0.999, info),
            threshold(Metric::Throughput, Scope::Step("x".into()), Window::Stage("Climb".into()), 0.5, must),
            threshold(Metric::SentShare, Scope::Run, Window::Run, 1.0 / 3.0, must),
            threshold(Metric::Mean, Scope::Run, Window::Steady, 1e-6, must),
            Threshold {
                abort_after: Some(Duration::from_millis(10_500)),
                ..threshold(Metric::Max, Scope::Run, Window::Steady, 60.0, must)
            },
        ],
        service_levels: ServiceLevelOptions {
            availability: Some(0.9995),
            period: seconds(28 * 86_400),
            apdex: Some(Duration::from_micros(2_500)),
            client_errors: ClientErrors::Excluded,
            exclude_steps: vec!["Log in".into(), "Send text".into()],
            window_error_share: 0.125,
        },
        monitors: every_kind_of_monitor(),
    }
}

fn every_kind_of_monitor() -> Vec<Monitor> {
    let named = |name: &str, probe| Monitor::new(name, probe);
    let limit = |series: &str, statistic, bound, severity| SeriesLimit {
        series: series.into(),
        statistic,
        bound,
        severity,
    };
    let mut machine = named("this machine", Probe::Machine);
    machine.limits = vec![
        limit("CPU", SeriesStatistic::P95, Bound::AtMost(0.7), ThresholdSeverity::Must),
        limit("disk wait", SeriesStatistic::Max, Bound::AtMost(0.02), ThresholdSeverity::Should),
    ];
    let processes = vec!["postgres".into(), "pid:4711".into()];
    let mut programs = named("programs", Probe::Processes(ProcessesProbe { processes }));
    programs.limits =
        vec![limit("memory", SeriesStatistic::Mean, Bound::AtMost(512e6), ThresholdSeverity::Info)];
    let series = |name: &str, metric: &str, reading| MetricSeries {
        name: name.into(),
        metric: metric.into(),
        labels: Vec::new(),
        reading,
        combine: Combine::Sum,
        unit: SeriesUnit::Number,
        group: SeriesGroup::Other,
    };
    let busy = MetricSeries {
        labels: vec![("mode".into(), "idle".into()), ("a b".into(), "\"x\"".into())],
        combine: Combine::Mean,
        unit: SeriesUnit::Ratio,
        group: SeriesGroup::Processor,
        ..series("busy", "node_cpu_seconds_total", MetricReading::Complement)
    };
    let metrics = MetricsProbe {
        url: "https://{{user}}.example:9100/metrics".into(),
        access: Access {
            user: "watch".into(),
            password: "{{password}}".into(),
            ca: "ca.pem".into(),
            bearer: String::new(),
        },
        series: vec![
            busy,
            series("load", "node_load1", MetricReading::Declared),
            series("as it is", "a_total", MetricReading::Value),
            series("per second", "b_total", MetricReading::Rate),
            series("mean", "c_sum", MetricReading::PerGrowthOf("c_count".into())),
            series("share", "d_used", MetricReading::PerValueOf("d_size".into())),
        ],
    };
    let query = QuerySeries {
        name: "busy".into(),
        query: "1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[1m]))".into(),
        unit: SeriesUnit::Ratio,
        group: SeriesGroup::Processor,
    };
    let prometheus = PrometheusProbe {
        url: "http://127.0.0.1:9090".into(),
        access: Access { bearer: "{{password}}".into(), ..Access::default() },
        queries: vec![query],
    };
    let postgres = PostgresProbe {
        url: "postgres://watch@db.example/app".into(),
        password: "{{password}}".into(),
        pool_size: Some(20),
        slow_statement: Some(Duration::from_millis(50)),
    };
    let redis = RedisProbe { url: "rediss://cache.example".into(), password: "{{password}}".into() };
    let mut cache = named("cache", Probe::Redis(redis));
    cache.limits =
        vec![limit("hit share", SeriesStatistic::Min, Bound::AtLeast(0.8), ThresholdSeverity::Must)];
    vec![
        machine,
        programs,
        named("exporter", Probe::Metrics(metrics)),
        named("Prometheus", Probe::Prometheus(prometheus)),
        Monitor { enabled: false, ..named("database", Probe::Postgres(postgres)) },
        cache,
    ]
}

#[test]
fn a_scenario_that_uses_everything_survives_the_file() {
    let scenario = everything();
    let text = write_scenario(&scenario, None);
    assert_eq!(read(&text), scenario, "{text}");
    insta::assert_snapshot!("everything", text);
}

#[test]
fn every_preset_is_without_problems_and_survives_the_file() {
    let presets = files_in("presets");
    assert_eq!(presets.len(), 10);
    for (name, text) in presets {
        let (scenario, warnings) =
            parse_scenario(&text).unwrap_or_else(|all| panic!("{name}\n{}", listed(&all)));
        assert!(warnings.is_empty(), "{name}\n{}", listed(&warnings));
        assert!(scenario.targets_sandbox());
        assert_eq!(read(&write_scenario(&scenario, None)), scenario, "{name}");
        let kept = write_scenario(&scenario, Some(&text));
        assert_eq!(kept, text, "{name} is not written as it would be saved");
    }
}

#[test]
fn the_comprehensive_preset_has_the_stages_of_the_benchmark() {
    let presets = files_in("presets");
    let comprehensive = read(&presets.iter().find(|(name, _)| name == "comprehensive.toml").unwrap().1);
    let stages: Vec<(&str, u64, f64)> = comprehensive
        .load
        .stages
        .iter()
        .map(|stage| (stage.name.as_str(), stage.duration.as_secs(), stage.end_level))
        .collect();
    assert_eq!(
        stages,
        [
            ("Ramp-up (50)", 60, 50.0),
            ("Sustain (50)", 180, 50.0),
            ("Ramp-up (100)", 60, 100.0),
            ("Sustain (100)", 180, 100.0),
            ("Spike (200)", 60, 200.0),
            ("Sustain (200)", 120, 200.0),
        ]
    );
    assert_eq!(comprehensive.services.len(), 7);
}

#[test]
fn the_quickstart_preset_takes_less_than_a_minute() {
    let presets = files_in("presets");
    let quickstart = read(&presets.iter().find(|(name, _)| name == "quickstart.toml").unwrap().1);
    let plan = Plan::new(&quickstart, 1.0);
    assert!(plan.duration() <= Duration::from_secs(45));
    assert!(plan.peak_level() <= 50.0);
}

#[test]
fn every_bad_file_is_refused_with_place_and_remedy() {
    // Files of which no single line is at fault.
    let without_line = ["base_url", "name", "format", "load", "journeys", "file"];
    let files = files_in("tests/bad");
    assert!(files.len() >= 25);
    let mut report = String::new();
    for (name, text) in &files {
        let problems = parse_scenario(text).expect_err(name);
        assert!(problems.iter().any(Problem::is_error), "{name}");
        for problem in &problems {
            assert!(!problem.field.is_empty() && !problem.message.is_empty(), "{name}");
            assert!(problem.remedy.ends_with(['.', '?']), "{name}: {problem}");
            assert!(problem.line.is_some() || without_line.contains(&&*problem.field), "{name}: {problem}");
            assert!(problem.to_string().chars().count() < 600, "{name}");
        }
        report += &format!("## {name}\n{}\n", listed(&problems));
    }
    insta::assert_snapshot!("bad_files", report);
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let text = SMALL
        .replace("\"Small\"", "7")
        .replace("\"1m\"", "\"soon\"")
        .replace("users = 5", "users = -5\nshap = \"step\"")
        .replace("/education", "education/{{x}}");
    let problems = parse_scenario(&text).unwrap_err();
    let places: Vec<(Option<usize>, &str)> = problems.iter().map(|p| (p.line, p.field.as_str())).collect();
    assert_eq!(
        places,
        [
            (Some(2), "name"),
            (Some(10), "load.stages[0].duration"),
            (Some(11), "load.stages[0].users"),
            (Some(12), "load.stages[0].shap"),
            (Some(19), "journeys[0].steps[0].path"),
            (Some(19), "journeys[0].steps[0].path"),
        ]
    );
    assert_eq!(problems[3].remedy, "Did you mean `shape`?");
}

#[test]
fn what_runs_but_is_probably_not_meant_is_a_warning() {
    let text = SMALL.to_owned() + "body = { json = '{\"a\": {{a}},}' }\n\n[[services]]\nname = \"Lonely\"\n";
    let text = text.replace("[load]", "[variables]\na = 5\n\n[load]");
    let (_, warnings) = parse_scenario(&text).unwrap();
    let fields: Vec<&str> = warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(fields, ["journeys[0].steps[0].body.json", "services[0].name"]);
    assert!(warnings.iter().all(|warning| !warning.is_error() && warning.line.is_some()));
}

#[test]
fn what_the_transport_and_the_closed_model_do_not_care_for_is_a_warning() {
    let text = SMALL
        .replace("[load]", "[transport]\nverify = false\n\n[load]")
        .replace("\"Browse\"", "\"Browse\"\npacing = \"2s\"")
        .replace("\"closed\"", "\"open\"")
        .replace("users", "rate");
    let text = text + "\n[[thresholds]]\nmetric = \"p95\"\nlimit = \"1s\"\nabort_after = \"1m\"\n";
    let (scenario, warnings) = parse_scenario(&text).unwrap();
    let places: Vec<(Option<usize>, &str)> = warnings.iter().map(|p| (p.line, p.field.as_str())).collect();
    assert_eq!(
        places,
        [
            (Some(6), "transport.verify"),
            (Some(18), "journeys[0].pacing"),
            (Some(27), "thresholds[0].abort_after")
        ]
    );
    assert_eq!(scenario.chosen_transport().kind, TransportKind::Wire);
}

#[test]
fn only_what_differs_from_the_usual_transport_is_written() {
    let usual = "\n[transport]\nuse = \"auto\"\nhttp = \"1.1\"\nconnections = \"per_user\"\nredirects = 0\n\
        cookies = false\ncompression = false\nverify = true\n\n[load]";
    let scenario = read(&SMALL.replace("\n[load]", usual));
    assert_eq!(write_scenario(&scenario, None), SMALL);
    let commented = SMALL.replace("\n[load]", "\n# ours\n[transport]\nhttp = \"2\" # h2c\n\n[load]");
    assert_eq!(write_scenario(&read(&commented), Some(&commented)), commented);
}

#[test]
fn only_what_differs_from_the_usual_service_levels_is_written() {
    let usual = "\n[service_levels]\nperiod = \"30d\"\nclient_errors = \"bad\"\nexclude_steps = []\n\
        window_error_share = 0.05\n";
    let scenario = read(&(SMALL.to_owned() + usual));
    assert_eq!(scenario.service_levels, ServiceLevelOptions::default());
    assert_eq!(write_scenario(&scenario, None), SMALL);
    let commented = SMALL.to_owned()
        + "\n# Promised.\n[service_levels] # a month\navailability = \"99.95%\" # of requests\n# T\napdex = \"80ms\"\n";
    let mut scenario = read(&commented);
    assert_eq!(write_scenario(&scenario, Some(&commented)), commented);
    scenario.service_levels.availability = Some(0.99);
    let written = write_scenario(&scenario, Some(&commented));
    assert_eq!(written, commented.replace("99.95%", "99%"));
    assert_eq!(read(&written), scenario);
}

#[test]
fn ways_to_spell_the_same_are_all_read() {
    let spelled = "\u{feff}".to_owned()
        + &SMALL.replace('\n', "\r\n").replace("\"1m\"", "'1:00'").replace("users = 5", "users = 5.0");
    assert_eq!(read(&spelled), read(SMALL));
    let inline = "format = 1\nname = 'Small'\nbase_url = 'sandbox:'\n\
        load = { model = 'closed', stages = [{ name = 'Hold', duration = '60', users = 5 }] }\n\
        journeys = [{ name = 'Browse', steps = [{ name = 'List', path = '/education/courses' }] }]\n";
    assert_eq!(read(inline), read(SMALL));
    let limits = |limit: &str| {
        let text = format!("{SMALL}\n[[thresholds]]\nmetric = \"error_share\"\nlimit = {limit}\n");
        read(&text).thresholds[0].limit
    };
    assert_eq!([limits("\"0.1%\""), limits("0.001"), limits("\"0.001\""), limits("\"0.1 %\"")], [0.001; 4]);
    assert_eq!(limits("\"99.9%\""), 0.999);
}

#[test]
fn even_an_impossible_scenario_is_written_as_toml() {
    let mut scenario = everything();
    scenario.load.stages[0].end_level = f64::NAN;
    scenario.load.stages[1].end_level = f64::NEG_INFINITY;
    scenario.load.stages[2].end_level = 1e300;
    scenario.thresholds[0].limit = f64::INFINITY;
    scenario.thresholds[3].limit = f64::NAN;
    scenario.journeys[0].steps[0].headers.push(("content-type".into(), "again".into()));
    let text = write_scenario(&scenario, None);
    assert!(text.parse::<toml_edit::DocumentMut>().is_ok(), "{text}");
    assert!(parse_scenario(&text).is_err());
    assert!(validate(&scenario).iter().filter(|problem| problem.is_error()).count() >= 5);
}

#[test]
fn a_file_with_thousands_of_mistakes_is_refused_quickly() {
    let many = SMALL.to_owned() + &(0..20_000).map(|n| format!("wrong_{n} = {n}\n")).collect::<String>();
    assert_eq!(parse_scenario(&many).unwrap_err().len(), 20_000);
    let long = SMALL.replace("List", &"x".repeat(1_000_000));
    assert!(listed(&parse_scenario(&long).unwrap_err()).len() < 1_000);
}

#[test]
fn mutated_files_never_panic() {
    let mut seeds = files_in("presets");
    seeds.push(("everything".into(), write_scenario(&everything(), None)));
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2026);
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "=",
        ".",
        ",",
        "\n",
        "#",
        "-",
        "0",
        "9e99",
        "nan",
        "[[",
        "]]",
        "{{",
        "}}",
        "true",
        "1979-05-27",
        "é",
        "\u{0}",
        "\"1h\"",
        "$..[?(@",
        "users",
        "rate",
        "\\u0000",
        "steps",
    ];
    for _ in 0..2_000 {
        let (_, text) = &seeds[random.random_range(0..seeds.len())];
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(0..chars.len());
            let end = (at + random.random_range(0..20)).min(chars.len());
            match random.random_range(0..4) {
                0 => drop(chars.drain(at..end)),
                1 => drop(chars.splice(at..at, pieces[random.random_range(0..pieces.len())].chars())),
                2 => drop(chars.splice(at..end, pieces[random.random_range(0..pieces.len())].chars())),
                _ => {
                    let copy: Vec<char> = chars[at..end].to_vec();
                    let to = random.random_range(0..chars.len());
                    chars.splice(to..to, copy);
                }
            }
            if chars.is_empty() {
                break;
            }
        }
        let mutated: String = chars.into_iter().collect();
        if let Ok((scenario, _)) = parse_scenario(&mutated) {
            let written = write_scenario(&scenario, Some(&mutated));
            assert_eq!(read(&written), scenario, "{mutated}\n---\n{written}");
            assert_eq!(write_scenario(&scenario, Some(&written)), written, "{mutated}");
            Plan::new(&scenario, 1.0);
        }
    }
}

#[test]
fn the_schema_knows_every_key_of_the_reader() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../assets/scenario.schema.json")).unwrap();
    let places = [
        ("", keys::ROOT),
        ("/$defs/transport", keys::TRANSPORT),
        ("/$defs/search", keys::SEARCH),
        ("/$defs/load", keys::LOAD),
        ("/$defs/stage", keys::STAGE),
        ("/$defs/journey", keys::JOURNEY),
        ("/$defs/think_times", keys::THINK_TIME),
        ("/$defs/normal", keys::NORMAL),
        ("/$defs/log_normal", keys::LOG_NORMAL),
        ("/$defs/step", keys::STEP),
        ("/$defs/body", keys::BODY),
        ("/$defs/part", keys::PART),
        ("/$defs/auth_kinds", keys::AUTH),
        ("/$defs/basic", keys::BASIC),
        ("/$defs/api_key", keys::API_KEY),
        ("/$defs/oauth2", keys::OAUTH2),
        ("/$defs/secret", keys::SECRET),
        ("/$defs/environment", keys::ENVIRONMENT),
        ("/$defs/feeder", keys::FEEDER),
        ("/$defs/check", keys::CHECK),
        ("/$defs/extract", keys::EXTRACT),
        ("/$defs/service", keys::SERVICE),
        ("/$defs/threshold", keys::THRESHOLD),
        ("/$defs/service_levels", keys::SERVICE_LEVELS),
        ("/$defs/monitor", keys::MONITOR),
        ("/$defs/metric_series", keys::METRIC_SERIES),
        ("/$defs/query_series", keys::QUERY_SERIES),
        ("/$defs/series_limit", keys::SERIES_LIMIT),
    ];
    for (place, known) in places {
        let properties =
            schema.pointer(&format!("{place}/properties")).and_then(|p| p.as_object()).expect(place);
        let mut described: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut known = known.to_vec();
        described.sort_unstable();
        known.sort_unstable();
        assert_eq!(described, known, "{place}");
    }
    let words = [
        ("/$defs/transport/properties/use/enum", keys::TRANSPORTS),
        ("/$defs/transport/properties/http/enum", keys::HTTP_VERSIONS),
        ("/$defs/transport/properties/connections/enum", keys::CONNECTIONS),
        ("/$defs/feeder/properties/format/enum", keys::FEED_FORMATS),
        ("/$defs/feeder/properties/order/enum", keys::FEED_ORDERS),
        ("/$defs/feeder/properties/at_end/enum", keys::AT_ENDS),
        ("/$defs/load/properties/model/enum", keys::MODELS),
        ("/$defs/load/properties/arrivals/enum", keys::ARRIVALS),
        ("/$defs/stage/properties/shape/enum", keys::SHAPES),
        ("/$defs/threshold/properties/severity/enum", keys::SEVERITIES),
        ("/$defs/series_limit/properties/severity/enum", keys::SEVERITIES),
        ("/$defs/monitor/properties/kind/enum", &Probe::KINDS),
        ("/$defs/metric_series/properties/reading/enum", keys::READINGS),
        ("/$defs/service_levels/properties/client_errors/enum", keys::CLIENT_ERRORS),
    ];
    for (place, known) in words {
        assert_eq!(schema.pointer(place), Some(&serde_json::json!(known)), "{place}");
    }
}
