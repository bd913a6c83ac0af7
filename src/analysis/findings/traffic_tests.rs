//! The rules on traffic and statements, on runs that have what they look for, and on runs that have not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::made::{Asked, Made, Random};
use super::tests::{check_silent, figure, finding, sound};
use super::{Level, Rule};
use crate::analysis::recommendations::{Horizon, ProjectedEffect};
use crate::analysis::{Diagnosis, summarize_precisely};
use crate::metrics::{
    CacheFacts, KeptRun, MonitorFacts, PayloadFacts, Repeats, StatementUse, StepTraffic, TimingFacts,
    TrafficAudit, TtlFacts, Watched,
};
use crate::model::Scope;

/// A run of three sound steps, whose second was audited.
fn audited(payload: Option<PayloadFacts>, cache: Option<CacheFacts>) -> KeptRun {
    let mut made = Made::open(&[(60, 20.0)]);
    made.scenario.transport.compression = true;
    let mut run = made.run(&mut |asked: &Asked, random: &mut Random| sound(asked, random));
    let steps = vec![StepTraffic { step: 1, payload, cache, timings: Vec::new() }];
    run.record.audit = Some(Arc::new(TrafficAudit { steps, key_ratio: 1.0 }));
    run
}

/// A run whose target's database ran these statements.
fn watched(statements: Vec<StatementUse>) -> KeptRun {
    let mut run = audited(None, None);
    run.record.audit = None;
    let monitor = MonitorFacts { name: "shop database".to_owned(), statements, ..MonitorFacts::default() };
    run.record.watched = Arc::new(Watched { monitors: vec![monitor], series: Vec::new() });
    run
}

fn statement(text: &str, n_calls: u64, mean_millis: u64, load_ratio: f64) -> StatementUse {
    let mean_time = Duration::from_millis(mean_millis);
    StatementUse {
        text: text.to_owned(),
        n_calls,
        total_time: mean_time * n_calls as u32,
        mean_time,
        load_ratio,
        rows_per_call: 1.0,
        cache_hit_ratio: Some(0.99),
    }
}

/// Answers of 40 kB that come unpacked.
fn large() -> PayloadFacts {
    PayloadFacts {
        n_answers: 24,
        wire_bytes: 40_960.0,
        plain_bytes: 40_960.0,
        packed_bytes: BTreeMap::from([("gzip".to_owned(), 6_144.0), ("br".to_owned(), 5_120.0)]),
        ..PayloadFacts::default()
    }
}

/// Two hundred requests for ten things; a cache of a minute serves nine of ten.
fn repeated() -> CacheFacts {
    let ttl = |(ttl_secs, n_served)| TtlFacts { ttl_secs, n_served, n_stale: 0 };
    let own = Repeats {
        n_lookups: 200,
        n_keys: 10,
        n_same: 190,
        by_ttl: [(10, 80), (60, 184), (600, 190), (3_600, 190)].map(ttl).to_vec(),
        ..Repeats::default()
    };
    CacheFacts { own, ..CacheFacts::default() }
}

/// The same with other repeats.
fn with_own(change: impl FnOnce(&mut Repeats)) -> CacheFacts {
    let mut cache = repeated();
    change(&mut cache.own);
    cache
}

fn step() -> Scope {
    Scope::Step("show".to_owned())
}

/// The effect that is projected for what to do about the first finding of a rule.
fn effect(run: &KeptRun, rule: Rule) -> (Horizon, String) {
    let summary = summarize_precisely(run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let wanted = |id: &str| id.starts_with(&format!("{}/", rule.key()));
    let recommended = diagnosis.recommendations.iter().find(|one| wanted(&one.id)).unwrap();
    (recommended.horizon, recommended.effect.text().unwrap())
}

#[test]
fn answers_that_come_unpacked_are_large_payloads() {
    let run = audited(Some(large()), None);
    let found = finding(&run, Rule::LargePayloads);
    assert_eq!((found.scope.clone(), found.confidence.level), (step(), Level::High));
    assert_eq!(
        found.claim,
        "Answers of step show take 40.0 KiB on average: packed with Brotli they would take 5.0 KiB, 88 % less."
    );
    // 35,840 bytes.
    assert_eq!(figure(&found, "Sooner by that at 10 Mbit/s").text, "28.7 ms");
    assert_eq!(figure(&found, "Sooner by that at 100 Mbit/s").text, "2.87 ms");
    let (horizon, words) = effect(&run, Rule::LargePayloads);
    assert_eq!(horizon, Horizon::ShortTerm);
    assert!(
        words.contains("40.0 KiB → 5.0 KiB, 2.87 ms sooner at 100 Mbit/s, 28.7 ms sooner at 10 Mbit/s"),
        "{words}"
    );

    let packed = PayloadFacts { encoding: "gzip".to_owned(), wire_bytes: 6_144.0, ..large() };
    check_silent(&audited(Some(packed), None), Rule::LargePayloads);
    let small = PayloadFacts {
        wire_bytes: 2_000.0,
        plain_bytes: 2_000.0,
        packed_bytes: BTreeMap::from([("br".to_owned(), 200.0)]),
        ..large()
    };
    check_silent(&audited(Some(small), None), Rule::LargePayloads);
    check_silent(&audited(Some(PayloadFacts { n_answers: 2, ..large() }), None), Rule::LargePayloads);
}

#[test]
fn a_run_that_does_not_ask_for_packed_answers_does_not_blame_the_target() {
    let mut run = audited(Some(large()), None);
    run.record.start.scenario.transport.compression = false;
    let found = finding(&run, Rule::LargePayloads);
    assert_eq!(found.confidence.level, Level::Medium);
    assert!(found.other_explanations[0].contains("this run did not ask"), "{:?}", found.other_explanations);
    assert!(found.next_experiment.apply(&run.record.start.scenario).transport.compression);
}

#[test]
fn fields_that_nobody_uses_are_told_though_answers_are_packed() {
    let unused = PayloadFacts {
        encoding: "br".to_owned(),
        wire_bytes: 20_000.0,
        plain_bytes: 100_000.0,
        unused_bytes: 60_000.0,
        null_bytes: 1_000.0,
        ..large()
    };
    let found = finding(&audited(Some(unused.clone()), None), Rule::LargePayloads);
    assert!(
        found.claim.ends_with("fields that nothing in the step uses make 60 % of them."),
        "{}",
        found.claim
    );
    assert_eq!(figure(&found, "Saved per answer").value, Some(12_000.0));
    check_silent(&audited(Some(PayloadFacts { unused_bytes: 9_000.0, ..unused }), None), Rule::LargePayloads);
}

#[test]
fn answers_that_stay_the_same_are_cacheable() {
    let run = audited(None, Some(repeated()));
    let found = finding(&run, Rule::CacheableAnswers);
    assert_eq!((found.scope.clone(), found.confidence.level), (step(), Level::Medium));
    assert!(
        found.claim.contains("for 1 min would have served 92 % of its requests, none"),
        "{}",
        found.claim
    );
    let base = run_p95(&run);
    let worst = figure(&found, "p95 with such a cache").value.unwrap();
    assert!(worst <= base, "{worst} {base}");
    assert!(figure(&found, "p50 with such a cache").value.unwrap() < 0.0011);
    let (horizon, words) = effect(&run, Rule::CacheableAnswers);
    assert_eq!(horizon, Horizon::ShortTerm);
    assert!(
        words.starts_with("Model, not measured: step show: p95 ") && words.contains("92 % are hits"),
        "{words}"
    );

    let stale = |n_stale| {
        let mut cache = repeated();
        cache.own.by_ttl.iter_mut().for_each(|ttl| ttl.n_stale = n_stale);
        audited(None, Some(cache))
    };
    finding(&stale(2), Rule::CacheableAnswers);
    check_silent(&stale(60), Rule::CacheableAnswers);
    let rarely = with_own(|own| own.by_ttl.truncate(1));
    check_silent(&audited(None, Some(rarely)), Rule::CacheableAnswers);
    check_silent(&audited(None, Some(with_own(|own| own.n_lookups = 20))), Rule::CacheableAnswers);
}

fn run_p95(run: &KeptRun) -> f64 {
    let summary = summarize_precisely(run).unwrap();
    summary.steps[1].aggregate.stats.response_time.quantile(0.95).unwrap().as_secs_f64()
}

#[test]
fn one_thing_that_is_asked_for_again_and_again_is_weak_evidence() {
    let one = with_own(|own| (own.n_keys, own.n_same) = (1, 199));
    assert_eq!(finding(&audited(None, Some(one)), Rule::CacheableAnswers).confidence.level, Level::Low);
}

#[test]
fn answers_that_cannot_be_asked_about_lack_validators() {
    let run = audited(Some(large()), Some(repeated()));
    let found = finding(&run, Rule::MissingValidators);
    assert!(found.claim.starts_with("100 % of the repeated requests of step show"), "{}", found.claim);
    assert_eq!(effect(&run, Rule::MissingValidators).0, Horizon::LongTerm);
    let silent = |cache| check_silent(&audited(Some(large()), Some(cache)), Rule::MissingValidators);
    silent(CacheFacts { etag_ratio: 1.0, ..repeated() });
    silent(CacheFacts { cache_control: "no-store".to_owned(), ..repeated() });
    silent(with_own(|own| (own.n_same, own.n_changed) = (90, 100)));
    let small = PayloadFacts { wire_bytes: 500.0, ..large() };
    check_silent(&audited(Some(small), Some(repeated())), Rule::MissingValidators);
}

#[test]
fn long_lists_want_pages() {
    let list = |n_items| PayloadFacts { long_arrays: vec![("$.items".to_owned(), n_items)], ..large() };
    let run = audited(Some(list(200.0)), None);
    let found = finding(&run, Rule::MissingPaging);
    assert_eq!(found.claim, "Answers of step show hold 200 items in $.items on average, 40.0 KiB in all.");
    assert_eq!(figure(&found, "Saved per answer").value, Some(36_864.0));
    assert!(effect(&run, Rule::MissingPaging).1.contains("40.0 KiB → 4.0 KiB"));
    check_silent(&audited(Some(list(30.0)), None), Rule::MissingPaging);
    check_silent(&audited(Some(large()), None), Rule::MissingPaging);
}

#[test]
fn statements_that_give_many_rows_want_pages_too() {
    let rows = |rows_per_call| {
        watched(vec![StatementUse { rows_per_call, ..statement("SELECT * FROM courses", 50, 2, 0.1) }])
    };
    let found = finding(&rows(500.0), Rule::MissingPaging);
    assert_eq!(found.claim, "A statement gives 500 rows per call: `SELECT * FROM courses`.");
    assert_eq!(effect(&rows(500.0), Rule::MissingPaging).1, "No effect is projected: measure first.");
    check_silent(&rows(100.0), Rule::MissingPaging);
}

#[test]
fn statements_that_take_long_or_most_of_the_time_are_slow() {
    let slow = watched(vec![
        statement("SELECT *\n  FROM jobs\n WHERE title LIKE $1", 40, 250, 0.4),
        statement("SELECT 1", 9_000, 1, 0.2),
    ]);
    let found = finding(&slow, Rule::SlowStatements);
    assert_eq!(
        found.claim,
        "A statement of shop database takes 250 ms per call and 40 % of all statements' time: \
         `SELECT * FROM jobs WHERE title LIKE $1`."
    );
    assert_eq!(found.scope, Scope::Run);
    assert!(effect(&slow, Rule::SlowStatements).1.contains("falls by 20 %"));
    // Ten milliseconds each, but nearly all of the time: six seconds of sixty.
    let most = watched(vec![statement("SELECT name FROM users", 600, 10, 0.9)]);
    assert!(finding(&most, Rule::SlowStatements).claim.contains("90 %"));
    for statements in [
        vec![statement("SELECT name FROM users", 200, 10, 0.9)],
        vec![statement("SELECT name FROM users", 600, 10, 0.3)],
        vec![statement("SELECT pg_sleep($1)", 2, 900, 0.3)],
        vec![statement("SELECT * FROM pg_stat_statements", 60, 150, 0.9)],
    ] {
        check_silent(&watched(statements), Rule::SlowStatements);
    }
}

#[test]
fn a_statement_that_runs_for_each_item_is_suspected() {
    let n_requests = summarize_precisely(&watched(Vec::new())).unwrap().whole.stats.counters.n_requests();
    let run = watched(vec![
        statement("SELECT * FROM authors WHERE id = $1", 12 * n_requests, 0, 0.3),
        statement("SELECT * FROM courses", n_requests, 1, 0.2),
    ]);
    let found = finding(&run, Rule::ManyStatements);
    assert!(found.claim.contains("ran 12.0 times for each request"), "{}", found.claim);
    assert_eq!(figure(&found, "Calls per request").value, Some(12.0));
    let (_, words) = effect(&run, Rule::ManyStatements);
    assert!(words.contains("mean service time"), "{words}");
    check_silent(&watched(vec![statement("SELECT 1", 4 * n_requests, 0, 0.3)]), Rule::ManyStatements);
    let bulk = StatementUse { rows_per_call: 40.0, ..statement("SELECT * FROM x", 12 * n_requests, 0, 0.3) };
    check_silent(&watched(vec![bulk]), Rule::ManyStatements);
}

#[test]
fn less_traffic_is_advised_though_nothing_has_to_be_changed_now() {
    let mut run = audited(Some(large()), None);
    run.record.start.scenario.thresholds =
        vec![crate::analysis::sample::must(crate::model::Metric::Quantile(0.95), 5.0)];
    let summary = summarize_precisely(&run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let all: Vec<&str> = diagnosis.recommendations.iter().map(|one| one.id.as_str()).collect();
    assert!(diagnosis.recommendations[0].is_all_well(), "{all:?}");
    assert!(all.contains(&"large-payloads/step:show"), "{all:?}");
}

#[test]
fn only_what_there_was_to_look_at_was_looked_for() {
    let plain = watched(Vec::new());
    let looked_for = Rule::looked_for(&plain.record);
    assert_eq!(looked_for.len(), 17);
    assert!(!looked_for.contains(&Rule::MissingPaging));
    assert!(Rule::looked_for(&audited(None, None).record).contains(&Rule::MissingPaging));
    assert!(
        Rule::looked_for(&watched(vec![statement("SELECT 1", 1, 1, 1.0)]).record)
            .contains(&Rule::SlowStatements)
    );
}

#[test]
fn what_is_projected_is_always_labelled() {
    let run = audited(Some(large()), Some(repeated()));
    let summary = summarize_precisely(&run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let effects: Vec<&ProjectedEffect> = diagnosis.recommendations.iter().map(|one| &one.effect).collect();
    assert!(effects.iter().any(|effect| matches!(effect, ProjectedEffect::Model { .. })));
    assert!(
        effects
            .iter()
            .filter_map(|effect| effect.text())
            .all(|text| text.starts_with("Model, not") || text.starts_with("No effect"))
    );
}

#[test]
fn answers_that_are_the_same_for_all_users_are_cacheable_for_all() {
    // Each user asks for each thing once, so that nothing but a cache for all would serve them.
    let ttl = |ttl_secs, n_served| TtlFacts { ttl_secs, n_served, n_stale: 0 };
    let mut cache = with_own(|own| *own = Repeats { n_lookups: 200, n_keys: 200, ..Repeats::default() });
    let by_ttl = vec![ttl(10, 150), ttl(60, 190)];
    cache.shared = Some(Repeats { n_lookups: 200, n_keys: 10, n_same: 190, by_ttl, ..Repeats::default() });
    let found = finding(&audited(None, Some(cache.clone())), Rule::CacheableAnswers);
    assert!(
        found.claim.starts_with(
            "A cache for all users together that keeps answers of step show for 1 min would have served 95 %"
        ),
        "{}",
        found.claim
    );
    assert!(found.other_explanations[0].contains("got the same answers"), "{:?}", found.other_explanations);

    // Where a cache for each serves nearly as much, there is no need to share.
    let of_each = CacheFacts { own: repeated().own, ..cache.clone() };
    let found = finding(&audited(None, Some(of_each)), Rule::CacheableAnswers);
    assert!(found.claim.starts_with("A cache that keeps answers"), "{}", found.claim);
    let users_differ = cache.shared.as_mut().unwrap();
    users_differ.by_ttl.iter_mut().for_each(|ttl| ttl.n_stale = ttl.n_served / 2);
    check_silent(&audited(None, Some(cache)), Rule::CacheableAnswers);
}

#[test]
fn answers_that_tell_of_many_statements_name_their_step() {
    let told = |name: &str, number, n_answers| {
        let mut run = audited(None, Some(repeated()));
        let took = Duration::from_millis(4);
        let timing = TimingFacts { name: name.to_owned(), n_answers, took, number };
        let mut audit = (**run.record.audit.as_ref().unwrap()).clone();
        audit.steps[0].timings.push(timing);
        run.record.audit = Some(Arc::new(audit));
        run
    };
    let run = told("db", Some(11.0), 24);
    let found = finding(&run, Rule::ManyStatements);
    assert_eq!((found.scope.clone(), found.confidence.level), (step(), Level::High));
    assert!(found.claim.contains("was asked 11 times for each, in 4.00 ms together"), "{}", found.claim);
    let (_, words) = effect(&run, Rule::ManyStatements);
    assert!(words.contains("mean service time of step show"), "{words}");
    check_silent(&told("db", Some(3.0), 24), Rule::ManyStatements);
    check_silent(&told("db", None, 24), Rule::ManyStatements);
    check_silent(&told("db", Some(11.0), 2), Rule::ManyStatements);
    check_silent(&told("edge", Some(11.0), 24), Rule::ManyStatements);
}
