//! The room through its door: what is kept reads back, whatever happens in between.

mod capsules;
mod checks;
mod edits;
mod keeping;
mod opening;
mod packs;
mod telling;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{reading, *};
use crate::metrics::{
    Annotation, Calibration, Caveat, CaveatKind, Counters, EncodedStats, EngineFacts, Environment,
    ErrorExemplar, ErrorGroup, Finish, GeneratorStats, GroupErrors, HdrReader, HostSample, IntervalRow,
    IntervalStats, Journal as _, LatencyHistogram, LoadStats, Outcome, Packer, RequestPhase, RunDigest,
    RunEnd, RunId, RunRecord, RunStart, Standing, StartsSample, StepStats, Verdict, Weight,
};
use crate::model::{Candidate, Interleave, Plan, PlanChange, PlanChangeKind, Segment, parse_scenario};

struct Desk {
    _folder: TempDir,
    library: Library,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("kept/library.sqlite")).unwrap();
    Desk { _folder: folder, library }
}

impl Desk {
    fn path(&self) -> &Path {
        self.library.path()
    }

    /// A finished run without seconds.
    fn short_run(&self, started_at_unix_millis: i64, name: &str) -> RunId {
        let mut start = start();
        start.started_at_unix_millis = started_at_unix_millis;
        start.scenario.name = name.to_owned();
        let mut writer = self.library.begin_run(&start).unwrap();
        writer.finish(&end(Finish::Completed)).unwrap();
        writer.run_id()
    }

    /// Everything kept of the seconds of a run.
    fn intervals(&self, run_id: RunId) -> Vec<IntervalStats> {
        intervals(&self.library, run_id)
    }

    fn listed(&self) -> Vec<i64> {
        self.library.runs().unwrap().iter().map(|listing| listing.run_id.0).collect()
    }

    fn baselines(&self) -> Vec<i64> {
        let runs = self.library.runs().unwrap();
        runs.iter().filter(|listing| listing.is_baseline).map(|listing| listing.run_id.0).collect()
    }

    fn lock_files(&self) -> usize {
        fs::read_dir(self.path().parent().unwrap())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "lock"))
            .count()
    }
}

fn intervals(library: &Library, run_id: RunId) -> Vec<IntervalStats> {
    reading::seconds(&library.connection, run_id, 0..u32::MAX, &mut HdrReader::default()).unwrap()
}

fn start() -> RunStart {
    let (scenario, _) = parse_scenario(preset("quickstart").unwrap().text).unwrap();
    RunStart {
        started_at_unix_millis: 1_790_000_000_123,
        scenario,
        time_scale: 0.5,
        base_url: "http://127.0.0.1:49152".to_owned(),
        labels: BTreeMap::from([
            ("commit".to_owned(), "4f2a".to_owned()),
            ("team".to_owned(), "ä \"b\"".to_owned()),
        ]),
        environment: Environment {
            os: "Linux".to_owned(),
            n_cpus: 2,
            memory_bytes: u64::MAX,
            ..Default::default()
        },
        engine: EngineFacts {
            n_workers: 2,
            transport: "reqwest".to_owned(),
            timer: "tokio, 1 ms".to_owned(),
            arrivals: "the system's stamp".to_owned(),
            ..Default::default()
        },
        calibration: Some(Calibration { requests_per_sec: 0.1 + 0.2, ..Default::default() }),
    }
}

fn pause() -> PlanChange {
    PlanChange { at: Duration::from_millis(950), kind: PlanChangeKind::Pause }
}

fn resume() -> PlanChange {
    PlanChange { at: Duration::from_millis(1_950), kind: PlanChangeKind::Resume }
}

fn end(finish: Finish) -> RunEnd {
    let caveat = |kind, weight, text: &str| Caveat { kind, weight, text: text.to_owned() };
    RunEnd {
        finish,
        load_duration: Duration::from_nanos(29_999_999_999),
        n_abandoned: 3,
        n_counted_by_target: Some(1_234),
        caveats: vec![
            caveat(CaveatKind::StartLag, Weight::Weak, "started late"),
            caveat(CaveatKind::FewSamples, Weight::Note, "few"),
        ],
        starts: Some(StartsSample {
            first_iteration: 7,
            sent: vec![Some(Duration::from_nanos(12_345)), None],
        }),
    }
}

fn interval(second: u32) -> IntervalStats {
    let mut stats = StepStats::default();
    for n in 1..=200 {
        stats.response_time.record(Duration::from_micros(u64::from(second) + 37 * n));
        stats.service_time.record(Duration::from_micros(31 * n));
    }
    stats.counters.n_by_outcome = [200, 1, 2, 3, 4, 5, 6];
    stats.counters.n_by_status_class = [10, 0, 200, 1, 5, 5];
    stats.counters.bytes_received = u64::MAX;
    (stats.counters.n_connections, stats.counters.n_reconnects) = (7, 1);
    stats.phases[RequestPhase::Tls as usize].record(Duration::from_micros(5_000));
    let mut start_lag = LatencyHistogram::default();
    start_lag.record(Duration::from_micros(120));
    let row = |stage, warm_up, step| IntervalRow {
        segment: Segment { stage, warm_up },
        step,
        stats: stats.encode(),
    };
    IntervalStats {
        second,
        rows: vec![row(0, false, 0), row(0, true, 0), row(0, true, 1), row(1, false, 0)],
        errors: (0..second % 3).map(|group| GroupErrors { group: 2 * group, n_errors: 7 }).collect(),
        load: LoadStats {
            span: Duration::from_nanos(999_999_999),
            asked_level: 0.1 + 0.2,
            n_due: 220,
            n_started: 219,
            n_dropped: 1,
            n_completed: 218,
            n_sent: 221,
            n_users: 7,
            n_in_flight: 2,
            start_lag: start_lag.encode(),
            host: second.is_multiple_of(2).then_some(HostSample {
                process_cpu_ratio: 1.0 / 3.0,
                machine_cpu_ratio: 0.5,
                memory_used_ratio: 0.7,
                process_memory_bytes: 12_345_678,
            }),
            generator: second.is_multiple_of(3).then(|| GeneratorStats {
                in_flight_time: Duration::from_nanos(1_234_567_890),
                busiest_worker_ratio: Some(0.1 + 0.2),
                hiccups: start_lag.encode(),
                ..Default::default()
            }),
        },
    }
}

fn error_group(signature: &str, n_errors: u64) -> ErrorGroup {
    ErrorGroup {
        step: 1,
        outcome: Outcome::Status,
        signature: signature.to_owned(),
        n_errors,
        first_seen: Duration::from_millis(1_500),
        last_seen: Duration::from_millis(1_500 + n_errors),
        exemplars: vec![ErrorExemplar {
            at: Duration::from_millis(1_500),
            request: "GET http://127.0.0.1/a?b='c'".to_owned(),
            detail: "503 \u{1F480} \n\"".to_owned(),
            ..ErrorExemplar::default()
        }],
    }
}

fn annotation(at_millis: u64, text: &str) -> Annotation {
    Annotation { at: Duration::from_millis(at_millis), text: text.to_owned() }
}
