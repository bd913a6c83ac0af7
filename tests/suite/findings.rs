//! The table of runs whose faults are known: on each the right rule speaks, and the others are silent.
//!
//! Made runs come from a target with workers and a queue, real ones from the sandbox, as capsules beside the table.
//! `UPDATE_FINDINGS_TABLE=1` writes the table anew.

#[allow(dead_code)]
#[path = "../../src/analysis/findings/made/mod.rs"]
mod made;

use std::fs;
use std::path::PathBuf;

use rand::Rng as _;
use stagewright::analysis::findings::Rule;
use stagewright::analysis::{Diagnosis, Standing, summarize_precisely};
use stagewright::metrics::{KeptRun, Outcome};
use stagewright::model::{Budget, Metric, ThinkTime};
use stagewright::store::{Imported, Library};

use crate::project;
use made::{Answer, Asked, Made, Random, around, near};

/// A run of which it is known what is wrong.
struct Case {
    name: &'static str,
    how: &'static str,
    /// What is wrong; nothing for a clean run.
    fault: &'static str,
    /// Rules that have to speak.
    expected: &'static [Rule],
    /// Rules that are right to speak as well, since the fault makes what they look for.
    also_right: &'static [Rule],
    run: fn() -> KeptRun,
}

/// 20 ms of work at random, eight workers: 400 requests a second can be borne.
fn sound(_: &Asked, random: &mut Random) -> Answer {
    Answer::after(around(random, 0.02))
}

fn saturated() -> KeptRun {
    let levels = [10.0, 20.0, 30.0, 40.0, 80.0, 120.0].map(|users| (40, users));
    Made::closed(&levels).on_this_machine().run(&mut sound)
}

fn overloaded() -> KeptRun {
    Made::open(&[(60, 60.0), (60, 100.0), (60, 145.0)]).run(&mut sound)
}

fn full_pool() -> KeptRun {
    let mut pool = |asked: &Asked, random: &mut Random| {
        let fails = asked.n_busy >= 8 && random.random::<f64>() < 0.5;
        if fails { Answer::refused(Outcome::Status, "HTTP 503") } else { Answer::after(near(random, 0.02)) }
    };
    Made::closed(&[(60, 10.0), (60, 60.0)]).run(&mut pool)
}

fn limited() -> KeptRun {
    let (mut second, mut n_passed) = (0, 0);
    let mut limit = |asked: &Asked, random: &mut Random| {
        if asked.at as u32 != second {
            (second, n_passed) = (asked.at as u32, 0);
        }
        n_passed += 1;
        if n_passed > 100 { Answer::refused(Outcome::Status, "HTTP 429") } else { sound(asked, random) }
    };
    Made::open(&[(60, 20.0), (60, 60.0)]).run(&mut limit)
}

fn cold() -> KeptRun {
    let mut cold = |asked: &Asked, random: &mut Random| {
        Answer::after(around(random, if asked.at < 15.0 { 0.07 } else { 0.02 }))
    };
    Made::open(&[(150, 30.0)]).run(&mut cold)
}

fn leaking() -> KeptRun {
    let mut leak =
        |asked: &Asked, random: &mut Random| Answer::after(around(random, 0.02 * (1.0 + asked.at / 1_000.0)));
    Made::open(&[(600, 30.0)]).run(&mut leak)
}

fn pausing() -> KeptRun {
    let mut pause = |asked: &Asked, random: &mut Random| {
        Answer::after((0.4 - asked.at % 20.0).max(0.0) + around(random, 0.02))
    };
    Made::open(&[(300, 20.0)]).run(&mut pause)
}

fn one_slow_step() -> KeptRun {
    let mut made = Made::open(&[(90, 20.0)]);
    made.scenario.services[1].budgets = vec![Budget { metric: Metric::Quantile(0.95), limit: 0.1 }];
    let mut slow = |asked: &Asked, random: &mut Random| {
        Answer::after(around(random, if asked.step == 2 { 0.08 } else { 0.01 }))
    };
    made.run(&mut slow)
}

fn dear_connections() -> KeptRun {
    let mut dear = |asked: &Asked, random: &mut Random| {
        let opening = asked.n_before.is_multiple_of(2).then_some((0.001, 0.012));
        Answer { opening, ..sound(asked, random) }
    };
    Made::open(&[(90, 30.0)]).run(&mut dear)
}

fn large_answers() -> KeptRun {
    let mut large = |asked: &Asked, random: &mut Random| match asked.step {
        1 => Answer { bytes: 2_000_000, receive_secs: 0.08, ..Answer::after(around(random, 0.01)) },
        _ => Answer::after(around(random, 0.04)),
    };
    Made::open(&[(90, 20.0)]).run(&mut large)
}

fn late_generator() -> KeptRun {
    let mut made = Made::closed(&[(40, 10.0), (40, 60.0), (40, 90.0), (40, 130.0)]);
    made.start_lag = 0.03;
    made.run(&mut sound)
}

fn storming() -> KeptRun {
    let mut made = Made::closed(&[(150, 12.0)]);
    made.scenario.journeys[0].think_time = ThinkTime::None;
    let mut failing = |asked: &Asked, random: &mut Random| {
        if asked.at % 30.0 > 20.0 {
            Answer::refused(Outcome::Status, "HTTP 503")
        } else {
            Answer::after(near(random, 0.06))
        }
    };
    made.run(&mut failing)
}

fn half_used() -> KeptRun {
    Made::open(&[(30, 30.0), (300, 60.0)]).run(&mut sound)
}

fn well_used() -> KeptRun {
    Made::open(&[(30, 80.0), (300, 107.0)]).seeded(2).run(&mut sound)
}

fn rising() -> KeptRun {
    let mut made = Made::closed(&[(60, 25.0), (120, 25.0)]).ramping();
    made.seed = 3;
    made.run(&mut sound)
}

fn levels_within_reach() -> KeptRun {
    Made::closed(&[(60, 8.0), (60, 16.0), (60, 24.0), (60, 32.0)]).seeded(4).run(&mut sound)
}

fn few_failures() -> KeptRun {
    let mut few = |asked: &Asked, random: &mut Random| {
        let fails = random.random::<f64>() < 0.02;
        let answer = sound(asked, random);
        if fails { answer.failing(Outcome::Status, "HTTP 500") } else { answer }
    };
    Made::open(&[(200, 40.0)]).seeded(5).run(&mut few)
}

fn random_spikes() -> KeptRun {
    let mut next = 0.0;
    let mut spiky = move |asked: &Asked, random: &mut Random| {
        if asked.at > next + 0.4 {
            next = asked.at + around(random, 20.0);
        }
        let pause = if asked.at >= next { (next + 0.4 - asked.at).max(0.0) } else { 0.0 };
        Answer::after(pause + around(random, 0.02))
    };
    Made::open(&[(300, 20.0)]).seeded(6).run(&mut spiky)
}

fn getting_faster() -> KeptRun {
    let mut warming =
        |asked: &Asked, random: &mut Random| Answer::after(around(random, 0.024 - 0.008 * asked.at / 600.0));
    Made::open(&[(600, 25.0)]).seeded(7).run(&mut warming)
}

fn two_refused() -> KeptRun {
    let mut few = |asked: &Asked, random: &mut Random| match asked.n_before % 3_000 {
        7 => Answer::refused(Outcome::Status, "HTTP 429"),
        _ => sound(asked, random),
    };
    Made::open(&[(120, 30.0)]).seeded(8).run(&mut few)
}

fn one_longer_step() -> KeptRun {
    let mut made = Made::open(&[(120, 30.0)]).seeded(9);
    made.scenario.services[1].budgets = vec![Budget { metric: Metric::Quantile(0.95), limit: 0.2 }];
    let mut longer = |asked: &Asked, random: &mut Random| {
        Answer::after(around(random, if asked.step == 2 { 0.03 } else { 0.015 }))
    };
    made.run(&mut longer)
}

fn kept_connections() -> KeptRun {
    let mut kept = |asked: &Asked, random: &mut Random| {
        let opening = asked.n_before.is_multiple_of(40).then_some((0.001, 0.012));
        Answer { opening, bytes: 200_000, receive_secs: 0.003, ..sound(asked, random) }
    };
    Made::open(&[(120, 30.0)]).seeded(10).run(&mut kept)
}

fn busy_machine() -> KeptRun {
    Made::closed(&[(60, 10.0), (90, 34.0)]).seeded(11).on_this_machine().run(&mut sound)
}

fn one_bad_second() -> KeptRun {
    let mut once = |asked: &Asked, random: &mut Random| {
        let answer = sound(asked, random);
        let fails = (80.0..81.5).contains(&asked.at);
        if fails { answer.failing(Outcome::Connect, "connection refused") } else { answer }
    };
    Made::open(&[(160, 30.0)]).seeded(12).run(&mut once)
}

/// Made runs: those with a fault first.
fn cases() -> Vec<Case> {
    use Rule::*;
    let fault =
        |name, how, fault, expected, also_right, run| Case { name, how, fault, expected, also_right, run };
    let clean = |name, how, run| Case { name, how, fault: "", expected: &[], also_right: &[], run };
    vec![
        fault(
            "saturated",
            "10 to 120 users think 100 ms; 8 workers of 20 ms on the generator's machine",
            "400/s can be answered, which 80 users ask for",
            &[ThroughputPlateau, LatencyKnee, ResourceCeiling],
            &[],
            saturated,
        ),
        fault(
            "overloaded",
            "180, 300 and 435 requests/s by a timetable; 8 workers of 20 ms",
            "400/s can be answered",
            &[QueueingOnset],
            // A queue that grows through a stage climbs, and never settles.
            &[LatencyKnee, NeverSteady],
            overloaded,
        ),
        fault(
            "full pool",
            "10, then 60 users; half of those who find all workers busy get 503",
            "errors from some load on",
            &[ErrorCliff],
            &[],
            full_pool,
        ),
        fault(
            "limited",
            "60, then 180 requests/s; 100 in a second are let in, others get 429",
            "a limit of the rate",
            &[RateLimiting],
            &[],
            limited,
        ),
        fault(
            "cold",
            "90 requests/s; 70 ms of work for 15 s, then 20 ms",
            "a slow start",
            &[SlowStart],
            &[],
            cold,
        ),
        fault(
            "leaking",
            "90 requests/s for ten minutes; work grows from 20 to 32 ms",
            "latency grows with time",
            &[LatencyTrend],
            &[],
            leaking,
        ),
        fault(
            "pausing",
            "60 requests/s; all work stands still for 400 ms every 20 s",
            "spikes in a rhythm",
            &[PeriodicSpikes],
            &[],
            pausing,
        ),
        fault(
            "one slow step",
            "60 requests/s; one of three steps takes 80 ms, the others 10 ms; its service may take 100 ms at p95",
            "one step takes the time, and its service is over its budget",
            &[DominatingStep, OverBudget],
            &[],
            one_slow_step,
        ),
        fault(
            "dear connections",
            "90 requests/s; every second one opens a connection, 12 ms of TLS each",
            "connections are not kept",
            &[ConnectionChurn, TlsShare],
            &[],
            dear_connections,
        ),
        fault(
            "large answers",
            "60 requests/s; one of three steps receives 2 MB in 80 ms",
            "one step waits for its answer's way",
            &[TransferBound],
            // 90 of 170 ms are no two thirds of a journey of three steps.
            &[],
            large_answers,
        ),
        fault(
            "late generator",
            "10 to 130 users against 8 workers of 20 ms; requests leave 30 ms late",
            "the generator is late, on top of a target that is saturated",
            &[GeneratorBound],
            &[],
            late_generator,
        ),
        fault(
            "storming",
            "12 users without pauses; for 10 s of 30 all requests fail at once",
            "who fails comes back at once",
            &[RetryStorm],
            &[ErrorCliff],
            storming,
        ),
        clean("half used", "90, then 180 requests/s; 8 workers of 20 ms", half_used),
        clean(
            "well used",
            "240, then 321 requests/s; 8 workers of 20 ms: four fifths of what they can do",
            well_used,
        ),
        clean("rising", "a ramp to 25 users, then held", rising),
        clean("levels within reach", "8 to 32 users; 8 workers of 20 ms", levels_within_reach),
        clean("few failures", "120 requests/s; 2 % fail all along", few_failures),
        clean("random spikes", "60 requests/s; all work stands still for 400 ms now and then", random_spikes),
        clean("getting faster", "75 requests/s for ten minutes; work falls from 24 to 16 ms", getting_faster),
        clean("two refused", "90 requests/s; a few single ones get 429", two_refused),
        clean(
            "one longer step",
            "90 requests/s; one of three steps takes twice as long, within its budget",
            one_longer_step,
        ),
        clean(
            "kept connections",
            "90 requests/s; one in 40 opens a connection, answers of 200 kB come in 3 ms",
            kept_connections,
        ),
        clean(
            "busy machine",
            "10, then 34 users on the generator's machine, three quarters busy",
            busy_machine,
        ),
        clean("one bad second", "90 requests/s; all fail for a second and a half", one_bad_second),
    ]
}

/// A real run by the name of its capsule: what is known of it, the rules that have to speak, those that may.
type Real = (&'static str, &'static str, &'static [Rule], &'static [Rule]);

const REAL: &[Real] = &[
    (
        "fault-plateau",
        "50/s can be answered, 16 users ask for more",
        &[Rule::ThroughputPlateau],
        &[Rule::LatencyKnee],
    ),
    (
        "fault-queueing",
        "100/s can be answered, 110/s are asked for",
        &[Rule::QueueingOnset],
        &[Rule::ThroughputPlateau, Rule::LatencyKnee, Rule::NeverSteady],
    ),
    (
        "fault-error-cliff",
        "50/s can be answered and ten may wait, 100/s are asked for",
        &[Rule::ErrorCliff],
        &[],
    ),
    ("fault-rate-limiting", "60/s are let in, 90/s are asked for", &[Rule::RateLimiting], &[]),
    ("fault-slow-start", "the first 20 s are slow", &[Rule::SlowStart], &[]),
    ("fault-latency-trend", "service times grow by 0.2 % each second", &[Rule::LatencyTrend], &[]),
    ("fault-periodic-spikes", "everything stops for a second every ten", &[Rule::PeriodicSpikes], &[]),
    ("fault-connection-churn", "each answer closes its connection", &[Rule::ConnectionChurn], &[]),
    ("fault-transfer-bound", "50 of 55 ms are the way of the answer", &[Rule::TransferBound], &[]),
    (
        "fault-over-budget",
        "one of three services takes most of a journey's time, and more than its budget",
        &[Rule::OverBudget],
        &[Rule::DominatingStep],
    ),
    (
        "fault-traffic",
        "a list asks the database 11 times; answers come whole, unpacked, and again and again",
        &[Rule::ManyStatements, Rule::LargePayloads, Rule::MissingValidators, Rule::CacheableAnswers],
        &[],
    ),
    ("clean-steady-open", "60/s of 800 that can be answered", &[], &[]),
    ("clean-half-load", "random arrivals at half of what can be answered", &[], &[]),
    ("clean-closed-steps", "2 to 8 users, a twelfth of what can be answered", &[], &[]),
    ("clean-ladder", "levels up to 80/s of 800 that can be answered", &[], &[]),
    ("clean-ramp", "a ramp to 60/s of 800 that can be answered", &[], &[]),
    ("clean-cache", "six of ten requests are answered by a cache", &[], &[]),
    ("clean-soak", "the same load for five and a half minutes", &[], &[]),
    ("clean-few-errors", "one request in 200 fails, all along", &[], &[]),
    ("clean-traffic", "the same with all three optimisations switched on", &[], &[]),
    (
        "clean-comprehensive",
        "the preset comprehensive at a tenth of its time, all three switched on; enrolling takes longest, one list is not cached",
        &[],
        &[Rule::DominatingStep, Rule::CacheableAnswers],
    ),
];

/// A row of the table.
struct Row {
    line: String,
    outcome: Judged,
}

/// Whether the rules were right on a run.
#[derive(Clone, Copy, PartialEq)]
enum Judged {
    Right,
    Wrong,
    /// The measurement is not valid: all that can be asked is that this is said, and nothing else claimed.
    Open,
}

fn row(
    (name, how, fault): (&str, &str, &str),
    (expected, also_right): (&[Rule], &[Rule]),
    run: &KeptRun,
) -> Row {
    let summary = summarize_precisely(run).unwrap();
    let found = Diagnosis::new(&run.record, &run.history, &summary).unwrap().findings;
    let mut fired: Vec<Rule> = Vec::new();
    for finding in &found {
        if !fired.contains(&finding.rule) {
            fired.push(finding.rule);
        }
    }
    let is_right = expected.iter().all(|rule| fired.contains(rule))
        && fired.iter().all(|rule| expected.contains(rule) || also_right.contains(rule));
    // What the generator made is said first, and is no fault of the rules.
    let is_invalid =
        summary.quality.standing == Standing::Invalid && !expected.contains(&Rule::GeneratorBound);
    let outcome = match (is_invalid, is_right) {
        (true, _) if fired.first() == Some(&Rule::GeneratorBound) => Judged::Open,
        (_, true) => Judged::Right,
        (_, false) => Judged::Wrong,
    };
    if outcome == Judged::Wrong {
        let claims: Vec<&str> = found.iter().map(|finding| finding.claim.as_str()).collect();
        eprintln!("{name}: {claims:#?}");
    }
    let names = |rules: &[Rule]| match rules {
        [] => "none".to_owned(),
        rules => rules.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", "),
    };
    let fault = if fault.is_empty() { "none" } else { fault };
    let also =
        if also_right.is_empty() { String::new() } else { format!(" (also right: {})", names(also_right)) };
    let right = match outcome {
        Judged::Right => "yes",
        Judged::Wrong => "NO",
        Judged::Open => "not judged: the machine was too busy for a valid measurement",
    };
    let line =
        format!("| {name} | {how} | {fault} | {}{also} | {} | {right} |\n", names(expected), names(&fired));
    Row { line, outcome }
}

fn folder() -> PathBuf {
    project().join("tests/findings")
}

/// A capsule as a kept run.
fn real(name: &str) -> KeptRun {
    let place = tempfile::tempdir().unwrap();
    let library = Library::open(&place.path().join("library.sqlite")).unwrap();
    let capsule = folder().join(format!("{name}.stagewright"));
    let (Imported::As { run_id, .. } | Imported::AlreadyThere { run_id, .. }) =
        library.import(&capsule).unwrap();
    library.open_run(run_id).unwrap()
}

#[test]
fn on_runs_whose_faults_are_known_the_right_rules_speak_and_the_others_are_silent() {
    let made: Vec<Row> = cases()
        .iter()
        .map(|case| {
            let rules = (case.expected, case.also_right);
            row((case.name, case.how, case.fault), rules, &(case.run)())
        })
        .collect();
    let real: Vec<Row> = REAL
        .iter()
        .map(|(name, what, expected, also_right)| {
            let is_clean = expected.is_empty();
            let (how, fault) = if is_clean { (*what, "") } else { ("a run against the sandbox", *what) };
            row((name, how, fault), (expected, also_right), &real(name))
        })
        .collect();
    let table = format!("{HEAD}{}{REAL_HEAD}{}", told(&made), told(&real));
    let path = folder().join("TABLE.md");
    if std::env::var_os("UPDATE_FINDINGS_TABLE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, table, "UPDATE_FINDINGS_TABLE=1 writes {} anew", path.display());
    let is_wrong = |row: &&Row| row.outcome == Judged::Wrong;
    assert_eq!(made.iter().chain(&real).filter(is_wrong).count(), 0, "every run is right");
    assert!(made.iter().all(|row| row.outcome == Judged::Right), "made runs are all judged");
}

/// The lines of a table, and what they come to.
fn told(rows: &[Row]) -> String {
    let n_of = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    let lines: String = rows.iter().map(|row| row.line.as_str()).collect();
    let not_judged = match n_of(Judged::Open) {
        0 => String::new(),
        n => format!(" {n} not judged."),
    };
    format!("{lines}\n{} of {} runs are right.{not_judged}\n", n_of(Judged::Right), rows.len())
}

const HEAD: &str = "# Findings on runs whose faults are known\n\n\
    On each run the rules that are expected have to speak, and no others but those that are right as well. Written by the \
    test `findings` (`UPDATE_FINDINGS_TABLE=1`), which fails where a row is not right.\n\n\
    ## Made runs\n\n\
    A target with workers, a queue and faults that were put in, second by second; times and arrivals are random, with \
    seeds.\n\n\
    | run | made how | the fault | rules expected | rules that fired | right |\n\
    | --- | --- | --- | --- | --- | --- |\n";

const REAL_HEAD: &str = "\n## Real runs\n\n\
    Runs against the program's own sandbox, whose workers, service times and faults are known; the capsules lie beside \
    this table, and `README.md` says how they were made.\n\n\
    | run | made how | the fault | rules expected | rules that fired | right |\n\
    | --- | --- | --- | --- | --- | --- |\n";
