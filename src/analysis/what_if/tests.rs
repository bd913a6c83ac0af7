//! Models against what is known, refusals, and what is kept.

use std::time::Duration;

use super::*;
use crate::analysis::{sample, stats::BlockedSample, summarize_precisely};
use crate::metrics::{KeptRun, LatencyHistogram, Outcome, RunId, StepStats};
use crate::model::{LoadModel, Scope, Window};

use super::base::{Elsewhere, LowLoad, Measured, intervals};

const FEW: Draws = Draws { n: 60, seed: 3 };

/// The base of a run of one step with one stage, as these blocks.
pub(super) fn base_of(strata: Vec<Vec<LatencyHistogram>>, secs: f64) -> Base {
    let mut whole = StepStats::default();
    strata.iter().flatten().for_each(|block| whole.response_time.merge(block));
    let n = whole.response_time.n_samples();
    whole.counters.n_by_outcome[Outcome::Ok as usize] = n;
    whole.counters.bytes_received = n * 60_000;
    let measured = Measured {
        response_time: whole.response_time.clone(),
        strata: strata.clone(),
        n_requests: n,
        n_ok: n,
        bytes_received: whole.counters.bytes_received,
        receive_secs: Some(0.01),
    };
    Base {
        run_id: RunId(7),
        scenario: "Queue".to_owned(),
        subject: Subject::of(Scope::Run),
        window: Window::Steady,
        window_words: "steady stages".to_owned(),
        secs,
        is_open: true,
        is_even: false,
        changed: vec![measured],
        rest: Measured::default(),
        intervals: intervals(&whole.response_time, &BlockedSample::new(strata)),
        call: None,
        n_levels: 1,
        highest_per_sec: n as f64 / secs,
        low_load: None,
        elsewhere: Vec::new(),
        whole,
    }
}

/// Two thousand requests from 20 to 60 ms, evenly, in ten blocks of ten seconds.
fn even() -> Base {
    let mut blocks = vec![LatencyHistogram::default(); 10];
    (0..2_000u64).for_each(|i| blocks[i as usize % 10].record(Duration::from_micros(20_000 + 20 * i)));
    base_of(vec![blocks], 100.0)
}

fn exactly(value: f64) -> InputRange {
    InputRange::exactly(value)
}

fn cache(hit_ratio: f64, hit_secs: f64, lookup_secs: f64) -> Change {
    Change::Cache {
        hit_ratio: exactly(hit_ratio),
        hit_secs: exactly(hit_secs),
        lookup_secs: exactly(lookup_secs),
    }
}

fn payload(size_ratio: f64, bits_per_sec: f64, rtt_secs: f64) -> Change {
    Change::Payload {
        size_ratio: exactly(size_ratio),
        bits_per_sec: exactly(bits_per_sec),
        rtt_secs: exactly(rtt_secs),
        initial_window_bytes: Change::INITIAL_WINDOW_BYTES,
        compression_secs: exactly(0.0),
    }
}

fn faster(times: f64, call: CallTime) -> Change {
    Change::Faster { speed_up: exactly(times), call }
}

fn queue(workers: f64, service_secs: f64) -> Queue {
    Queue { workers: Some(exactly(workers)), service_secs: Some(exactly(service_secs)), cs_squared: None }
}

fn projected(base: &Base, change: &Change) -> Projection {
    project_with(base, change, &Queue::default(), FEW)
}

fn unchanged(projection: &Projection, quantile: f64) -> f64 {
    projection.percentile(quantile).unwrap().line(Line::Unchanged).unwrap().secs
}

#[test]
fn a_cache_that_answers_six_in_ten_turns_p99_into_what_p97_5_was() {
    let base = even();
    let quantile = |quantile| base.whole.response_time.quantile(quantile).unwrap().as_secs_f64();
    let projection = projected(&base, &cache(0.6, 0.001, 0.0));
    assert_eq!(unchanged(&projection, 0.99), quantile(0.975));
    assert_eq!(unchanged(&projection, 0.95), quantile(0.875));
    assert_eq!(unchanged(&projection, 0.9), quantile(0.75));
    assert_eq!(unchanged(&projection, 0.5), LatencyHistogram::told(0.001));
    // Where hits are the fastest anyway, the tail is what it was.
    let p99 = projection.percentile(0.99).unwrap();
    assert_eq!(p99.cases[0].secs, quantile(0.99));
    assert_eq!(projection.cases[0].name, "hits are the fastest");
}

impl LatencyHistogram {
    /// A time as percentiles are told.
    fn told(secs: f64) -> f64 {
        super::points::told(secs)
    }
}

#[test]
fn misses_pay_the_lookup_and_a_mixture_is_that_of_its_samples() {
    let base = even();
    // Three in ten hits in 25 ms, slower than the fastest misses, which pay 4 ms.
    let mut brute = LatencyHistogram::default();
    for i in 0..2_000u64 {
        let miss = Duration::from_micros(20_000 + 20 * i + 4_000);
        (0..7).for_each(|_| brute.record(miss));
        (0..3).for_each(|_| brute.record(Duration::from_millis(25)));
    }
    let projection = projected(&base, &cache(0.3, 0.025, 0.004));
    for quantile in QUANTILES {
        let expected = brute.quantile(quantile).unwrap().as_secs_f64();
        let found = unchanged(&projection, quantile);
        // One bucket, for the lookup is added to the middle of one.
        assert!((found - expected).abs() <= 64e-6, "{quantile}: {found} {expected}");
    }
}

#[test]
fn a_whole_request_that_gets_twice_as_fast_takes_half_of_each_percentile() {
    let base = even();
    let projection = projected(&base, &faster(2.0, CallTime::Whole));
    for percentile in &projection.percentiles {
        let found = percentile.line(Line::Unchanged).unwrap().secs;
        assert!((found / percentile.base_secs - 0.5).abs() < 0.002, "{percentile:?}");
    }
    assert!(projection.cases.is_empty());
}

#[test]
fn where_the_queue_is_known_only_the_work_gets_faster_and_waiting_follows() {
    let base = even();
    // Mean 40 ms; 4 workers of 30 ms at 20/s hardly wait.
    let queue = Queue { cs_squared: Some(exactly(0.05)), ..queue(4.0, 0.03) };
    let projection = project_with(&base, &faster(2.0, CallTime::Whole), &queue, FEW);
    let p50 = projection.percentile(0.5).unwrap();
    let found = p50.line(Line::Unchanged).unwrap().secs;
    assert!((found - (0.04 - 0.015)).abs() < 0.002, "{p50:?}");
    assert!(p50.line(Line::Rescaled).unwrap().secs <= found);
    let busy = projection.busy.unwrap();
    assert!((busy.rho - 0.15).abs() < 1e-9 && (busy.rho_after - 0.075).abs() < 1e-9, "{busy:?}");
}

#[test]
fn a_share_of_the_time_has_bounds_on_both_sides_of_independence() {
    let base = even();
    let projection = projected(&base, &faster(4.0, CallTime::Share { ratio: exactly(0.6) }));
    let p99 = projection.percentile(0.99).unwrap();
    let [best, worst] = [0, 1].map(|case| p99.cases[case].secs);
    let found = unchanged(&projection, 0.99);
    assert!(best < found && found < worst && worst < p99.base_secs, "{best} {found} {worst}");
    // Slow with slow: each request loses 0.75 × 0.6 of its time.
    assert!((best / p99.base_secs - 0.55).abs() < 0.002, "{best}");
    let step = faster(4.0, CallTime::Step { name: "Call".to_owned() });
    let base = Base { call: Some(Measured { n_ok: 2_000, ..base.changed[0].clone() }), ..base };
    let projection = projected(&base, &step);
    assert_eq!((projection.cases.len(), projection.refusals.len()), (2, 1), "{:?}", projection.refusals);
}

#[test]
fn smaller_answers_save_what_their_bits_take_and_never_more_than_leaves_a_round_trip() {
    // 60,000 bytes at 48 Mbit/s take 10 ms; three tenths of them save 7 ms.
    let base = even();
    let projection = projected(&base, &payload(0.3, 48e6, 0.0));
    for percentile in &projection.percentiles {
        let saved = percentile.base_secs - percentile.line(Line::Unchanged).unwrap().secs;
        assert!((saved - 0.007).abs() <= 64e-6, "{percentile:?}");
    }
    assert!(
        projection.assumptions.iter().any(|said| said.contains("58.6 KiB")),
        "{:?}",
        projection.assumptions
    );
    // Small ones take round trips: log2(60,000 ÷ 14,600 + 1) = 2.4, so three, and after it 1.2, so two.
    let long_way = projected(
        &Base { changed: vec![Measured { receive_secs: Some(0.02), ..base.changed[0].clone() }], ..base },
        &payload(0.3, 1e12, 0.01),
    );
    let p50 = long_way.percentile(0.5).unwrap();
    assert!((p50.base_secs - p50.line(Line::Unchanged).unwrap().secs - 0.01).abs() < 64e-6, "{p50:?}");
}

#[test]
fn refusals_say_what_is_the_case_and_which_line_it_takes() {
    let check = |base: &Base, change: &Change, queue: &Queue, reason: RefusalReason, line: Option<Line>| {
        let projection = project_with(base, change, queue, FEW);
        let found = projection.refusals.iter().find(|refusal| refusal.reason == reason);
        let found = found.unwrap_or_else(|| panic!("{reason:?}: {:?}", projection.refusals));
        assert_eq!(found.line, line, "{found:?}");
        assert!(found.text.ends_with('.') && found.text.len() > 40, "{found:?}");
        for percentile in &projection.percentiles {
            let is_told = |line| percentile.line(line).is_some();
            assert!(!is_told(Line::Rescaled), "{reason:?}");
            assert_eq!(is_told(Line::Unchanged), line.is_some(), "{reason:?}");
        }
        projection
    };
    let base = even();
    let none = Queue::default();
    let half = cache(0.5, 0.001, 0.0);
    let empty = Base { changed: vec![Measured::default()], ..base.clone() };
    let refused = check(&empty, &half, &none, RefusalReason::NoHistogram, None);
    assert!(refused.is_refused());
    let few = Base { changed: vec![Measured { n_ok: 99, ..base.changed[0].clone() }], ..base.clone() };
    check(&few, &half, &none, RefusalReason::TooFewSamples, None);
    let at_once = Base {
        changed: vec![Measured { receive_secs: Some(0.001), ..base.changed[0].clone() }],
        ..base.clone()
    };
    check(&at_once, &payload(0.3, 48e6, 0.0), &none, RefusalReason::NotTransferBound, None);
    check(&base, &payload(0.3, 1e6, 0.0), &none, RefusalReason::DoesNotFit, None);
    check(&base, &Change::Traffic { times: exactly(1.5) }, &none, RefusalReason::BeyondMeasuredRate, None);
    let refused = check(&base, &half, &none, RefusalReason::UnknownQueue, Some(Line::Rescaled));
    assert!(!refused.is_refused());
    // Of workers alone nothing can be said without the queue.
    let to_eight = Change::Workers { to: exactly(8.0) };
    let refused = check(&base, &to_eight, &none, RefusalReason::UnknownQueue, Some(Line::Rescaled));
    assert!(refused.is_refused() && refused.sentence().contains("give the workers"));
    let several = Base { n_levels: 2, ..base.clone() };
    check(&several, &half, &queue(4.0, 0.03), RefusalReason::SeveralLevels, Some(Line::Rescaled));
    check(&base, &half, &queue(1.0, 0.06), RefusalReason::DoesNotFit, Some(Line::Rescaled));
    check(&base, &half, &queue(4.0, 0.2), RefusalReason::DoesNotFit, Some(Line::Rescaled));
    // Two milliseconds of work and no waiting do not explain forty, of which none are common to all requests.
    let mut block = LatencyHistogram::default();
    (0..200u64).for_each(|i| block.record(Duration::from_micros(100 + 400 * i)));
    let unexplained = base_of(vec![vec![block; 10]], 100.0);
    check(&unexplained, &half, &queue(4.0, 0.002), RefusalReason::DoesNotFit, Some(Line::Rescaled));
    let busy = Base { highest_per_sec: 100.0, ..base.clone() };
    let more = Change::Traffic { times: exactly(3.2) };
    let refused = check(&busy, &more, &queue(2.0, 0.03), RefusalReason::TooBusy, Some(Line::Rescaled));
    assert!(refused.is_refused());
    let more = Change::Traffic { times: exactly(4.0) };
    check(&busy, &more, &queue(2.0, 0.03), RefusalReason::TooBusy, Some(Line::Rescaled));
    let wide = Change::Traffic { times: InputRange::between(2.0, 3.5) };
    let refused = check(&busy, &wide, &queue(2.0, 0.03), RefusalReason::TooBusy, Some(Line::Rescaled));
    assert!(refused.refusals[0].text.contains("of the draws"), "{:?}", refused.refusals);
}

#[test]
fn a_change_that_moves_the_bottleneck_is_refused_by_what_waits_elsewhere() {
    // One worker of 25 ms at 20/s is busy for half the time and lets 25 ms wait.
    let elsewhere = |base_secs| Elsewhere { name: "mint".to_owned(), low_secs: 0.02, base_secs };
    let with = |base_secs| Base { elsewhere: vec![elsewhere(base_secs)], ..even() };
    let queue = Queue { cs_squared: Some(exactly(0.2)), ..queue(1.0, 0.025) };
    let change = cache(0.8, 0.001, 0.0);
    let moved = |base_secs| {
        let projection = project_with(&with(base_secs), &change, &queue, FEW);
        let found =
            projection.refusals.iter().find(|refusal| refusal.reason == RefusalReason::MovesBottleneck);
        found.map(|refusal| refusal.text.clone())
    };
    assert!(moved(0.032).is_some_and(|text| text.contains("12.0 ms at service mint")));
    // It hardly queues, or has been the bottleneck all along.
    assert_eq!((moved(0.025), moved(0.08)), (None, None));
}

#[test]
fn the_quietest_stage_tells_the_queue_only_where_it_is_quiet() {
    let base = even();
    let low = |micros: u64, per_sec| {
        let mut block = LatencyHistogram::default();
        (0..200).for_each(|i| block.record(Duration::from_micros(micros + 10 * i)));
        let measured = Measured {
            n_ok: 200,
            n_requests: 200,
            strata: vec![vec![block.clone(); 10]],
            response_time: block,
            ..Measured::default()
        };
        Some(LowLoad { stage: "Low".to_owned(), per_sec, changed: measured })
    };
    let change = cache(0.5, 0.001, 0.0);
    let of = |low_load| project_with(&Base { low_load, ..base.clone() }, &change, &Queue::default(), FEW);
    let told = of(low(30_000, 2.0));
    assert!(told.busy.as_ref().is_some_and(|busy| busy.basis.contains("stage Low at 2.00/s")), "{told:?}");
    let hardly = of(low(40_000, 2.0));
    assert!(hardly.refusals[0].text.contains("hardly longer"), "{hardly:?}");
    let one = Queue { workers: Some(exactly(1.0)), ..Queue::default() };
    let loud = project_with(&Base { low_load: low(30_000, 10.0), ..base.clone() }, &change, &one, FEW);
    assert!(loud.refusals[0].text.contains("At the quietest stage"), "{loud:?}");
}

#[test]
fn the_same_base_gives_the_same_figures_and_another_seed_nearly_the_same() {
    let base = even();
    let change = Change::Cache {
        hit_ratio: InputRange::between(0.5, 0.7),
        hit_secs: InputRange::between(0.001, 0.003),
        lookup_secs: exactly(0.0),
    };
    let of = |seed| project_with(&base, &change, &queue(4.0, 0.03), Draws { n: 400, seed });
    assert_eq!(of(1), of(1));
    let (one, other) = (of(1), of(2));
    assert_ne!(one, other);
    for quantile in QUANTILES {
        let line = |of: &Projection| of.percentile(quantile).unwrap().line(Line::Unchanged).unwrap();
        let (one, other) = (line(&one), line(&other));
        assert_eq!(one.secs, other.secs);
        assert!((one.high_secs / other.high_secs - 1.0).abs() < 0.03, "{quantile}: {one:?} {other:?}");
        assert!(one.low_secs < one.secs && one.secs <= one.high_secs, "{one:?}");
    }
}

#[test]
fn the_figure_that_moves_the_result_most_stands_first() {
    let change = Change::Cache {
        hit_ratio: InputRange::between(0.2, 0.8),
        hit_secs: InputRange::between(0.001, 0.002),
        lookup_secs: exactly(0.001),
    };
    let projection = projected(&even(), &change);
    let names: Vec<&str> = projection.sensitivity.iter().map(|moved| moved.input.as_str()).collect();
    assert_eq!(names[0], "hit share");
    assert_eq!(names.len(), 4, "{names:?}");
    let lookup = projection.sensitivity.iter().find(|moved| moved.input.starts_with("lookup")).unwrap();
    assert!(lookup.is_exact && (lookup.reach(0.95) - 0.0002).abs() < 70e-6, "{lookup:?}");
    assert!(lookup.input_text().ends_with("900 µs to 1.1 ms, if it were off"), "{}", lookup.input_text());
    assert!(projection.sensitivity[0].moved_text(0.95).contains(" → "));
}

#[test]
fn what_is_kept_reads_back_equal_and_a_newer_one_is_refused_politely() {
    let projection = project_with(&even(), &cache(0.6, 0.001, 0.0), &queue(4.0, 0.03), FEW);
    let text = projection.text();
    assert_eq!(Projection::read(&text).unwrap(), projection);
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    assert_eq!(Projection::read(&newer).unwrap_err(), "was kept by a newer version of this program");
    assert_eq!(Projection::read("{}").unwrap_err(), "is damaged");
    // What version 1 wrote, word for word, must stay readable.
    let kept = include_str!("../../../tests/fixtures/projection-1.json");
    assert_eq!(
        Projection::read(kept).map(|projection| projection.title()),
        Ok("A cache for the run".to_owned())
    );
}

/// A run of the sample scenario under the open model, long enough for ten blocks, with random arrivals.
fn kept_run(millis_added: u64) -> KeptRun {
    let mut scenario = sample::scenario();
    scenario.load.model = LoadModel::open();
    let mut record = sample::record(scenario);
    let mut n = 0;
    sample::redraw(&mut record, 40, |step| {
        n += 7;
        (Outcome::Ok, Duration::from_millis(20 + n % 40 + 10 * step as u64 + millis_added))
    });
    KeptRun::from(record)
}

#[test]
fn a_projection_is_made_from_a_kept_run_step_by_step_and_for_the_run() {
    let run = kept_run(0);
    let summary = summarize_precisely(&run).unwrap();
    let step = Scope::Step("Sign in".to_owned());
    let of_step = Base::new(&run, &summary, &Subject::of(step.clone())).unwrap();
    let change = faster(2.0, CallTime::Whole);
    let projection = projected(&of_step, &change);
    let row = summary.steps.iter().find(|row| row.scope == step).unwrap();
    let p95 = projection.percentile(0.95).unwrap();
    let measured = row.aggregate.stats.response_time.quantile(0.95).unwrap().as_secs_f64();
    assert_eq!(p95.base_secs, measured, "the figure is that of the run's own table");
    let interval = row.intervals.at(crate::model::Metric::Quantile(0.95)).unwrap();
    assert_eq!(p95.base_low_secs, interval.low.map(|low| low.as_secs_f64()));
    assert_eq!(projection.window_words, summary.headline_words);
    let whole = Subject { scope: Scope::Run, ..Subject::of(step) };
    let of_run = projected(&Base::new(&run, &summary, &whole).unwrap(), &change);
    let p50 = of_run.percentile(0.5).unwrap();
    assert!(unchanged(&of_run, 0.5) < p50.base_secs && unchanged(&of_run, 0.5) > unchanged(&projection, 0.5));
    assert!(of_run.assumptions.iter().any(|said| said.contains("All other requests")), "{of_run:?}");
}

#[test]
fn what_the_run_does_not_have_is_told_with_what_it_has() {
    let run = kept_run(0);
    let summary = summarize_precisely(&run).unwrap();
    let refused = |subject: Subject| Base::new(&run, &summary, &subject).err().unwrap().to_string();
    let step = refused(Subject::of(Scope::Step("Sing in".to_owned())));
    assert!(step.contains("step:Sing in") && step.contains("List courses, Sign in"), "{step}");
    let service = refused(Subject::of(Scope::Service("mint".to_owned())));
    assert!(service.contains("education, auth"), "{service}");
    let stage = Window::Stage("Peak".to_owned());
    let stage = refused(Subject { window: Some(stage), ..Subject::of(Scope::Run) });
    assert!(stage.contains("no stage Peak") && stage.contains("Sustain (50)"), "{stage}");
    let outside = Subject {
        scope: Scope::Service("education".to_owned()),
        ..Subject::of(Scope::Service("auth".to_owned()))
    };
    assert!(refused(outside).contains("has to be among"));
}

#[test]
fn a_later_run_says_whether_a_projection_came_true() {
    let (before, after) = (kept_run(0), kept_run(30));
    let summaries = [&before, &after].map(|run| summarize_precisely(run).unwrap());
    let step = Scope::Step("Sign in".to_owned());
    let base = Base::new(&before, &summaries[0], &Subject::of(step)).unwrap();
    let kept = |change: &Change| NumberedProjection {
        run_id: RunId(7),
        number: 1,
        projection: projected(&base, change),
    };
    let same = kept(&faster(1.0, CallTime::Whole));
    let compared = compare_with_measured(same.clone(), &before, &summaries[0]).unwrap();
    assert!(compared.rows.iter().all(|row| row.agreement == Agreement::Inside), "{compared:?}");
    assert_eq!(
        compared.sentence,
        "3 of 3 percentiles came out within the projected range (queue unchanged)."
    );
    assert_eq!(compared.obstacle, None);
    let compared = compare_with_measured(same, &after, &summaries[1]).unwrap();
    assert!(compared.rows.iter().all(|row| row.agreement == Agreement::Above), "{compared:?}");
    assert!(compared.sentence.contains("p50, p90 and p95: slower than projected"), "{}", compared.sentence);
    let mut other = kept(&faster(2.0, CallTime::Whole));
    other.projection.projected_per_sec *= 2.0;
    let compared = compare_with_measured(other.clone(), &after, &summaries[1]).unwrap();
    assert!(compared.obstacle.unwrap().contains("another rate"));
    other.projection.scope = Scope::Step("Gone".to_owned());
    let compared = compare_with_measured(other.clone(), &after, &summaries[1]).unwrap();
    assert!(compared.rows.is_empty() && compared.sentence.contains("measured nothing for step:Gone"));
    let all = KeptProjections { own: Vec::new(), earlier: vec![other; 12], unreadable: Vec::new() };
    let beside = all.beside(&after, &summaries[1]).unwrap();
    assert_eq!(beside.measured.len(), 10);
    assert!(beside.notes[0].starts_with("2 more projections of earlier runs"), "{:?}", beside.notes);
}
