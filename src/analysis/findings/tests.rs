//! The rules on runs that have the fault, and on runs that have not.

use std::time::Duration;

use super::made::{Answer, Asked, Made, Random, around, near};
use super::*;
use crate::analysis::{Diagnosis, sample, summarize_precisely};
use crate::metrics::{KeptRun, Outcome};
use crate::model::{Connections, LoadModel, Scope, ThinkTime, validate};

use rand::Rng as _;

/// What the rules find in a run; whatever they find has to be whole.
fn found(run: &KeptRun) -> Vec<Finding> {
    let summary = summarize_precisely(run).unwrap();
    let findings = Diagnosis::new(&run.record, &run.history, &summary).unwrap().findings;
    findings.iter().for_each(|finding| check_whole(finding, run));
    findings
}

fn check_whole(finding: &Finding, run: &KeptRun) {
    let told = format!("{finding:#?}");
    assert!(finding.claim.ends_with('.') && !finding.claim.contains("NaN"), "{told}");
    let last = run.record.points.last().unwrap().second + 1;
    assert!(finding.evidence.seconds.start < finding.evidence.seconds.end, "{told}");
    assert!(finding.evidence.seconds.end <= last, "{told}");
    assert!(!finding.evidence.window.is_empty() && !finding.evidence.figures.is_empty(), "{told}");
    assert!(!finding.other_explanations.is_empty() && !finding.confidence.reason.is_empty(), "{told}");
    let changed = finding.next_experiment.apply(&run.record.start.scenario);
    assert_ne!(changed.name, run.record.start.scenario.name);
    let errors: Vec<_> = validate(&changed).into_iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{told}");
}

fn rules(run: &KeptRun) -> Vec<Rule> {
    found(run).iter().map(|finding| finding.rule).collect()
}

/// Checks that a rule finds something in a run, and returns the first of it.
pub(super) fn finding(run: &KeptRun, rule: Rule) -> Finding {
    let all = found(run);
    let told: Vec<&str> = all.iter().map(|finding| finding.claim.as_str()).collect();
    all.iter().find(|finding| finding.rule == rule).unwrap_or_else(|| panic!("{rule:?}: {told:#?}")).clone()
}

pub(super) fn check_silent(run: &KeptRun, rule: Rule) {
    let all = found(run);
    let told: Vec<&str> = all.iter().filter(|f| f.rule == rule).map(|f| f.claim.as_str()).collect();
    assert!(told.is_empty(), "{rule:?}: {told:#?}");
}

/// A sound target: eight workers, 20 ms of work at random, so that it can bear 400 requests a second.
pub(super) fn sound(_: &Asked, random: &mut Random) -> Answer {
    Answer::after(around(random, 0.02))
}

pub(super) fn figure<'a>(finding: &'a Finding, what: &str) -> &'a Figure {
    let figures = &finding.evidence.figures;
    figures.iter().find(|figure| figure.what.contains(what)).unwrap_or_else(|| panic!("{figures:#?}"))
}

#[test]
fn sound_runs_up_to_four_fifths_of_what_the_target_bears_have_no_finding() {
    // Iterations of three requests each: .3, .6 and .8 of the capacity, with a lower level before.
    for (seed, level) in [(1, 40.0), (2, 80.0), (3, 107.0), (4, 107.0), (5, 107.0), (6, 80.0)] {
        let run = Made::open(&[(30, 0.8 * level), (310, level)]).seeded(seed).run(&mut sound);
        let told: Vec<String> = found(&run).into_iter().map(|finding| finding.claim).collect();
        assert!(told.is_empty(), "seed {seed}: {told:#?}");
    }
    // Users who think 100 ms: about .4 and .7.
    for seed in [1, 2] {
        let run = Made::closed(&[(60, 10.0), (60, 20.0), (60, 34.0)]).seeded(seed).run(&mut sound);
        let told: Vec<String> = found(&run).into_iter().map(|finding| finding.claim).collect();
        assert!(told.is_empty(), "seed {seed}: {told:#?}");
    }
}

#[test]
fn a_plateau_is_where_more_users_get_no_more_done() {
    let run = Made::closed(&[(40, 10.0), (40, 60.0), (40, 90.0), (40, 130.0)]).run(&mut sound);
    let plateau = finding(&run, Rule::ThroughputPlateau);
    assert!(plateau.claim.starts_with("From 60 users on"), "{}", plateau.claim);
    assert_eq!(plateau.confidence.level, Level::High, "{}", plateau.confidence.text());
    let throughput = figure(&plateau, "Throughput at 130 users").value.unwrap();
    assert!((380.0..=420.0).contains(&throughput), "eight workers of 20 ms: {throughput}");

    let rising = Made::closed(&[(30, 5.0), (30, 10.0), (30, 20.0)]).run(&mut sound);
    check_silent(&rising, Rule::ThroughputPlateau);
}

#[test]
fn a_knee_is_where_latency_begins_to_climb_with_load() {
    let many = Made::closed(&[(40, 10.0), (40, 20.0), (40, 30.0), (40, 40.0), (40, 110.0)]).run(&mut sound);
    let knee = finding(&many, Rule::LatencyKnee);
    assert!(knee.claim.starts_with("Up to 40 users"), "{}", knee.claim);
    let three = Made::closed(&[(40, 10.0), (40, 20.0), (40, 90.0)]).run(&mut sound);
    let knee = finding(&three, Rule::LatencyKnee);
    assert!(knee.claim.starts_with("Up to 20 users"), "{}", knee.claim);
    let flat = Made::closed(&[(30, 5.0), (30, 10.0), (30, 15.0), (30, 20.0)]).run(&mut sound);
    check_silent(&flat, Rule::LatencyKnee);
}

#[test]
fn a_plateau_shows_on_a_ramp_with_less_confidence() {
    let run = Made::closed(&[(160, 200.0)]).ramping().run(&mut sound);
    let plateau = finding(&run, Rule::ThroughputPlateau);
    assert_eq!(plateau.confidence.level, Level::Medium);
    assert!(plateau.evidence.window.starts_with("a ramp in 8 parts"), "{}", plateau.evidence.window);
    check_silent(&Made::closed(&[(160, 30.0)]).ramping().run(&mut sound), Rule::ThroughputPlateau);
}

#[test]
fn a_queue_begins_where_arrivals_outrun_the_workers() {
    // 133.3 iterations a second are what eight workers can do.
    let run = Made::open(&[(60, 60.0), (60, 100.0), (60, 145.0)]).run(&mut sound);
    let onset = finding(&run, Rule::QueueingOnset);
    assert!(onset.claim.starts_with("At 145/s the target did not keep up"), "{}", onset.claim);
    assert!(onset.claim.contains("At 100/s it still kept up"), "{}", onset.claim);
    let before_send = figure(&onset, "before the send").value.unwrap();
    assert!(before_send < 0.001, "the queue is the target's: {before_send}");
    check_silent(&Made::open(&[(60, 60.0), (120, 115.0)]).run(&mut sound), Rule::QueueingOnset);
}

#[test]
fn a_queue_that_is_still_there_at_the_end_is_no_fault_of_the_generator() {
    let run = Made::open(&[(15, 30.0), (15, 60.0), (15, 200.0)]).run(&mut sound);
    let all = found(&run);
    assert!(all.iter().any(|finding| finding.rule == Rule::QueueingOnset), "{all:#?}");
    assert!(all.iter().all(|finding| finding.rule != Rule::GeneratorBound), "{all:#?}");
}

#[test]
fn a_queue_that_reaches_the_most_users_drops_iterations() {
    let mut made = Made::open(&[(40, 60.0), (60, 180.0)]);
    made.scenario.load.model =
        LoadModel::Open { arrivals: crate::model::Arrivals::Poisson, max_users: 100, seed: 5 };
    let run = made.run(&mut sound);
    let all = found(&run);
    assert_eq!(all[0].rule, Rule::GeneratorBound, "{all:#?}");
    assert!(all[0].claim.contains("did not reach the target"), "{}", all[0].claim);
    let onset = finding(&run, Rule::QueueingOnset);
    assert!(onset.rests_on.is_some() && onset.confidence.level == Level::Low);
    assert!(figure(&onset, "Iterations dropped").value.unwrap() > 0.1);
}

/// Latency that grows with time, up to so many times in 600 seconds.
fn leaking(times: f64) -> impl FnMut(&Asked, &mut Random) -> Answer {
    move |asked, random| Answer::after(around(random, 0.02 * (1.0 + (times - 1.0) * asked.at / 600.0)))
}

#[test]
fn latency_that_climbs_under_the_same_load_is_a_trend_and_no_queue() {
    let soak = Made::open(&[(600, 30.0)]);
    let run = soak.run(&mut leaking(1.6));
    let trend = finding(&run, Rule::LatencyTrend);
    assert_eq!(trend.confidence.level, Level::High, "{}", trend.confidence.text());
    assert!(trend.claim.contains("rose from"), "{}", trend.claim);
    let rise = figure(&trend, "Rise through the stage").value.unwrap();
    assert!((0.3..=0.7).contains(&rise), "{rise}");
    check_silent(&run, Rule::QueueingOnset);
    // What falls, as caches fill, is none, nor is what climbs by less than a tenth.
    check_silent(&soak.run(&mut leaking(0.6)), Rule::LatencyTrend);
    check_silent(&soak.run(&mut leaking(1.05)), Rule::LatencyTrend);
    check_silent(&Made::open(&[(200, 30.0)]).run(&mut leaking(2.0)), Rule::LatencyTrend);
}

#[test]
fn a_rise_at_once_is_told_as_one() {
    let mut deployed = |asked: &Asked, random: &mut Random| {
        Answer::after(around(random, if asked.at < 250.0 { 0.02 } else { 0.04 }))
    };
    let trend = finding(&Made::open(&[(400, 20.0)]).run(&mut deployed), Rule::LatencyTrend);
    assert!(trend.claim.contains("most of it at once near 4:"), "{}", trend.claim);
    assert_eq!(trend.confidence.level, Level::Medium);
}

/// Every `period` seconds all work stands still for 400 ms.
fn pausing(period: f64) -> impl FnMut(&Asked, &mut Random) -> Answer {
    move |asked, random| {
        let phase = asked.at % period;
        let pause = (0.4 - phase).max(0.0);
        Answer::after(pause + around(random, 0.02))
    }
}

#[test]
fn spikes_in_a_rhythm_have_a_period_and_spikes_at_random_have_none() {
    let made = || Made::open(&[(300, 20.0)]);
    for period in [15.0, 30.0] {
        let spikes = finding(&made().run(&mut pausing(period)), Rule::PeriodicSpikes);
        assert_eq!(figure(&spikes, "Period").value, Some(period), "{}", spikes.claim);
    }
    let mut next = 0.0;
    let mut at_random = move |asked: &Asked, random: &mut Random| {
        if asked.at > next + 0.4 {
            next = asked.at + around(random, 20.0);
        }
        let pause = if asked.at >= next { (next + 0.4 - asked.at).max(0.0) } else { 0.0 };
        Answer::after(pause + around(random, 0.02))
    };
    check_silent(&made().run(&mut at_random), Rule::PeriodicSpikes);
}

#[test]
fn spikes_that_the_generator_makes_by_leaving_late_are_not_the_targets() {
    let mut run = Made::open(&[(300, 20.0)]).run(&mut pausing(30.0));
    let points = std::sync::Arc::make_mut(&mut run.record.points);
    for point in points.iter_mut().filter(|point| point.max.is_some_and(|max| max.as_millis() > 200)) {
        point.start_lag_p99 = Some(Duration::from_millis(300));
    }
    check_silent(&run, Rule::PeriodicSpikes);
}

#[test]
fn the_first_seconds_may_be_slow_and_two_of_them_are_no_slow_start() {
    let cold = |secs: f64| {
        move |asked: &Asked, random: &mut Random| {
            Answer::after(around(random, if asked.at < secs { 0.07 } else { 0.02 }))
        }
    };
    let made = || Made::open(&[(120, 30.0)]);
    let start = finding(&made().run(&mut cold(15.0)), Rule::SlowStart);
    let lasted = figure(&start, "It lasted").value.unwrap();
    assert!((12.0..=18.0).contains(&lasted), "{lasted}");
    check_silent(&made().run(&mut cold(2.0)), Rule::SlowStart);
    // A load that rises from nothing begins fast, and a cold target shows on it too.
    let ramped = || Made::closed(&[(60, 20.0), (60, 20.0)]).ramping();
    check_silent(&ramped().run(&mut sound), Rule::SlowStart);
    finding(&ramped().run(&mut cold(15.0)), Rule::SlowStart);
}

#[test]
fn errors_that_set_in_and_stay_are_a_cliff_with_its_first_status() {
    let mut full = |asked: &Asked, random: &mut Random| {
        let fails = asked.at > 100.0 && random.random::<f64>() < 0.3;
        let answer = sound(asked, random);
        if fails { answer.failing(Outcome::Status, "HTTP 503") } else { answer }
    };
    let cliff = finding(&Made::open(&[(160, 30.0)]).run(&mut full), Rule::ErrorCliff);
    assert!((98..=102).contains(&cliff.evidence.seconds.start), "{}", cliff.claim);
    assert!(cliff.claim.contains("while the load was no higher than before"), "{}", cliff.claim);
    assert_eq!(figure(&cliff, "First kind of error").text, "HTTP 503");
    assert_eq!(cliff.confidence.level, Level::Medium);
    // The same with the load: above 60 users the pool is empty.
    let mut pool = |asked: &Asked, random: &mut Random| {
        let fails = asked.n_busy >= 8 && random.random::<f64>() < 0.5;
        let answer = sound(asked, random);
        if fails { answer.failing(Outcome::Status, "HTTP 500") } else { answer }
    };
    let run = Made::closed(&[(40, 10.0), (40, 80.0)]).run(&mut pool);
    let cliff = finding(&run, Rule::ErrorCliff);
    assert!(cliff.claim.contains("when the load came to 80 users"), "{}", cliff.claim);
}

#[test]
fn a_few_errors_all_along_or_in_one_second_are_no_cliff() {
    let mut rare = |asked: &Asked, random: &mut Random| {
        let fails = random.random::<f64>() < 0.02;
        let answer = sound(asked, random);
        if fails { answer.failing(Outcome::Status, "HTTP 500") } else { answer }
    };
    let made = || Made::open(&[(160, 30.0)]);
    check_silent(&made().run(&mut rare), Rule::ErrorCliff);
    let mut once = |asked: &Asked, random: &mut Random| {
        let answer = sound(asked, random);
        if (80.0..81.5).contains(&asked.at) {
            answer.failing(Outcome::Connect, "connection refused")
        } else {
            answer
        }
    };
    check_silent(&made().run(&mut once), Rule::ErrorCliff);
    let mut always = |_: &Asked, _: &mut Random| Answer::refused(Outcome::Status, "HTTP 404");
    check_silent(&made().run(&mut always), Rule::ErrorCliff);
}

/// Lets so many requests through each second and turns the others away.
fn limiting(per_second: u32, signature: &'static str) -> impl FnMut(&Asked, &mut Random) -> Answer {
    let (mut second, mut n_passed) = (0, 0);
    move |asked, random| {
        if asked.at as u32 != second {
            (second, n_passed) = (asked.at as u32, 0);
        }
        n_passed += 1;
        if n_passed > per_second { Answer::refused(Outcome::Status, signature) } else { sound(asked, random) }
    }
}

#[test]
fn status_429_is_a_limit_of_the_rate_and_no_cliff() {
    let made = || Made::open(&[(60, 20.0), (60, 60.0)]);
    let run = made().run(&mut limiting(100, "HTTP 429"));
    let limited = finding(&run, Rule::RateLimiting);
    assert!((55..=62).contains(&limited.evidence.seconds.start), "{}", limited.claim);
    let passed = figure(&limited, "let through per second").value.unwrap();
    assert!((97.0..=103.0).contains(&passed), "{passed}");
    check_silent(&run, Rule::ErrorCliff);
    check_silent(&made().run(&mut limiting(100, "HTTP 503")), Rule::RateLimiting);
    // A user or two who are blocked are no limit of the target.
    let mut few = |asked: &Asked, random: &mut Random| match asked.n_before % 2_000 {
        7 => Answer::refused(Outcome::Status, "HTTP 429"),
        _ => sound(asked, random),
    };
    check_silent(&made().run(&mut few), Rule::RateLimiting);
}

/// Fails at the door for ten seconds out of thirty, after so long.
fn failing_now_and_then(secs: f64) -> impl FnMut(&Asked, &mut Random) -> Answer {
    move |asked, random| {
        if asked.at % 30.0 > 20.0 {
            Answer { receive_secs: secs, ..Answer::refused(Outcome::Status, "HTTP 503") }
        } else {
            Answer::after(near(random, 0.06))
        }
    }
}

#[test]
fn failures_that_come_back_sooner_make_users_send_more() {
    let made = || {
        let mut made = Made::closed(&[(150, 12.0)]);
        made.scenario.journeys[0].think_time = ThinkTime::None;
        made
    };
    let storm = finding(&made().run(&mut failing_now_and_then(0.002)), Rule::RetryStorm);
    let rate = |what| figure(&storm, what).value.unwrap();
    assert!(rate("while they fail") > 3.0 * rate("while they succeed"), "{storm:#?}");
    // Failures that take longer send users away instead.
    check_silent(&made().run(&mut failing_now_and_then(0.3)), Rule::RetryStorm);
    // A timetable does not mind.
    check_silent(&Made::open(&[(150, 30.0)]).run(&mut failing_now_and_then(0.002)), Rule::RetryStorm);
}

#[test]
fn a_step_dominates_with_most_of_its_journeys_time() {
    let uneven = |times: f64| {
        move |asked: &Asked, random: &mut Random| {
            Answer::after(around(random, if asked.step == 2 { 0.01 * times } else { 0.01 }))
        }
    };
    let made = || Made::open(&[(40, 20.0)]);
    let step = finding(&made().run(&mut uneven(8.0)), Rule::DominatingStep);
    assert_eq!(step.scope, Scope::Step("buy".to_owned()));
    assert!((0.72..=0.88).contains(&figure(&step, "Share of the journey").value.unwrap()), "{}", step.claim);
    check_silent(&made().run(&mut uneven(2.0)), Rule::DominatingStep);
}

#[test]
fn connections_that_are_not_kept_are_churn_unless_they_were_asked_for() {
    let opening = |one_in: u64, tls: f64| {
        move |asked: &Asked, random: &mut Random| {
            let opening = asked.n_before.is_multiple_of(one_in).then_some((0.001, tls));
            Answer { opening, ..sound(asked, random) }
        }
    };
    let made = || Made::open(&[(60, 30.0)]);
    let churn = finding(&made().run(&mut opening(2, 0.0)), Rule::ConnectionChurn);
    assert!((0.48..=0.52).contains(&figure(&churn, "used a connection again").value.unwrap()));
    check_silent(&made().run(&mut opening(50, 0.0)), Rule::ConnectionChurn);
    let mut wanted = made();
    wanted.scenario.transport.connections = Connections::PerRequest;
    check_silent(&wanted.run(&mut opening(1, 0.0)), Rule::ConnectionChurn);

    // 12 ms of TLS for every second request are a quarter of some 27 ms.
    let tls = finding(&made().run(&mut opening(2, 0.012)), Rule::TlsShare);
    assert!((0.18..=0.28).contains(&figure(&tls, "Share of service time").value.unwrap()), "{}", tls.claim);
    check_silent(&made().run(&mut opening(50, 0.012)), Rule::TlsShare);
}

#[test]
fn requests_that_are_sent_again_are_churn_too() {
    let mut run = Made::open(&[(60, 30.0)]).run(&mut sound);
    for row in &mut run.record.rows {
        row.stats.counters.n_reconnects = row.stats.counters.n_requests() / 20;
    }
    let churn = finding(&run, Rule::ConnectionChurn);
    assert!(churn.claim.contains("closes idle connections"), "{}", churn.claim);
}

#[test]
fn large_answers_that_take_most_of_the_time_are_bound_by_transfer() {
    let answers = |bytes: u64, receive_secs: f64| {
        move |asked: &Asked, random: &mut Random| match asked.step {
            1 => Answer { bytes, receive_secs, ..sound(asked, random) },
            _ => sound(asked, random),
        }
    };
    let made = || Made::open(&[(60, 20.0)]);
    let bound = finding(&made().run(&mut answers(2_000_000, 0.08)), Rule::TransferBound);
    assert_eq!(bound.scope, Scope::Step("show".to_owned()));
    let speed = figure(&bound, "Received per second while").value.unwrap();
    assert!((2.4e7..=2.6e7).contains(&speed), "{speed}");
    check_silent(&made().run(&mut answers(2_000_000, 0.005)), Rule::TransferBound);
    check_silent(&made().run(&mut answers(2_000, 0.08)), Rule::TransferBound);
}

#[test]
fn a_service_is_over_its_budget_surely_or_not_so_surely() {
    let with_budget = |millis| {
        let mut made = Made::open(&[(120, 20.0)]);
        made.scenario.services[1].budgets = vec![sample::budget_p95(millis)];
        made.run(&mut sound)
    };
    // The 95th percentile of an exponential time of 20 ms is 60 ms.
    let over = finding(&with_budget(30), Rule::OverBudget);
    assert_eq!(over.confidence.level, Level::High, "{}", over.confidence.text());
    assert_eq!(over.scope, Scope::Service("shop".to_owned()));
    assert_eq!(over.id(), "over-budget/service:shop");
    check_silent(&with_budget(100), Rule::OverBudget);
}

#[test]
fn a_machine_that_is_used_up_is_a_suspect_where_the_target_runs_on_it() {
    let levels = [(40, 10.0), (40, 30.0), (40, 100.0)];
    let run = Made::closed(&levels).on_this_machine().run(&mut sound);
    let ceiling = finding(&run, Rule::ResourceCeiling);
    assert!(ceiling.claim.contains("used up from 100 users on"), "{}", ceiling.claim);
    assert!(ceiling.confidence.level <= Level::Medium);
    let busy = Made::closed(&levels[..2]).on_this_machine().run(&mut sound);
    check_silent(&busy, Rule::ResourceCeiling);
    // What is used up from the beginning, something else has used up.
    let mut full = Made::closed(&levels[..2]).on_this_machine().run(&mut sound);
    for point in std::sync::Arc::make_mut(&mut full.record.points) {
        point.host.as_mut().unwrap().machine_cpu_ratio = 1.0;
    }
    check_silent(&full, Rule::ResourceCeiling);
    // Elsewhere the machine is the generator's alone.
    check_silent(&Made::closed(&levels).run(&mut sound), Rule::ResourceCeiling);
}

#[test]
fn a_generator_that_is_late_comes_first_and_holds_back_what_it_may_have_made() {
    let mut made = Made::closed(&[(40, 10.0), (40, 60.0), (40, 90.0), (40, 130.0)]);
    made.start_lag = 0.03;
    made.scenario.services[1].budgets = vec![sample::budget_p95(20)];
    let all = found(&made.run(&mut sound));
    assert_eq!(all[0].rule, Rule::GeneratorBound, "{all:#?}");
    assert!(figure(&all[0], "held back").text.contains("throughput plateau"), "{all:#?}");
    assert!(all.iter().all(|finding| !finding.rule.is_also_made_by_the_generator()), "{all:#?}");
    let budget = all.iter().find(|finding| finding.rule == Rule::OverBudget).unwrap();
    assert!(budget.rests_on.is_some() && budget.confidence.level == Level::Low);
}

#[test]
fn a_stage_whose_level_moves_at_its_end_never_becomes_steady() {
    let moving = |at: f64| {
        move |asked: &Asked, random: &mut Random| {
            Answer::after(near(random, if asked.at < at { 0.02 } else { 0.04 }))
        }
    };
    let made = || Made::open(&[(200, 20.0)]);
    let moved = finding(&made().run(&mut moving(180.0)), Rule::NeverSteady);
    assert!(moved.claim.contains("never became steady"), "{}", moved.claim);
    // A level that lasts is another state, and no lack of one.
    check_silent(&made().run(&mut moving(100.0)), Rule::NeverSteady);
    check_silent(&made().run(&mut sound), Rule::NeverSteady);
}

#[test]
fn findings_are_ordered_and_the_same_each_time() {
    let made = || {
        let mut made = Made::closed(&[(40, 10.0), (40, 60.0), (40, 130.0)]);
        made.scenario.services[0].budgets = vec![sample::budget_p95(20)];
        made.run(&mut sound)
    };
    let (first, again) = (found(&made()), found(&made()));
    assert_eq!(first, again);
    assert!(first.len() >= 2 && first.is_sorted_by(|a, b| a.weight >= b.weight), "{:?}", rules(&made()));
}
