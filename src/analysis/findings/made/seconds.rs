//! The seconds of a made run: what was measured in each, and how they are kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use stagewright::metrics::{
    ErrorExemplar, ErrorGroup, GeneratorStats, GroupErrors, HostSample, IntervalRow, IntervalStats, KeptRun,
    LatencyHistogram, LoadStats, Outcome, Packer, RequestPhase, RunEnd, RunId, RunRecord, RunStart,
    StepStats,
};
use stagewright::model::Segment;

use super::{
    Answer,
    running::{Due, Running},
};

/// What happened within a second.
#[derive(Clone, Default)]
pub struct Second {
    pub rows: BTreeMap<(Segment, u16), StepStats>,
    pub errors: BTreeMap<u32, u64>,
    pub load: LoadStats,
    pub start_lag: LatencyHistogram,
    pub in_flight_secs: f64,
    pub service_secs: f64,
    pub busy_secs: f64,
    pub n_in_flight: i64,
    pub n_users: i64,
}

impl Running<'_> {
    /// Measures a request.
    pub fn record(&mut self, due: Due, (sent, end): (f64, f64), given: &Answer, wait: f64) {
        let segment = self.plan.segment_at(Duration::from_secs_f64(due.at));
        let secs = Duration::from_secs_f64;
        let sending = self.second(sent);
        sending.load.n_sent += 1;
        sending.start_lag.record(secs(sent - due.at));
        self.second(sent).n_in_flight += 1;
        self.second(sent).n_users += 1;
        if end >= self.seconds.len() as f64 {
            return;
        }
        self.spread(sent, end, |second, secs| second.in_flight_secs += secs);
        let group = given.failure.map(|(outcome, signature)| self.group(due, outcome, signature, end));
        let second = self.second(end);
        second.n_in_flight -= 1;
        second.n_users -= 1;
        second.service_secs += end - sent;
        if let Some(group) = group {
            *second.errors.entry(group).or_default() += 1;
        }
        let stats = second.rows.entry((segment, due.step as u16)).or_default();
        let outcome = given.failure.map_or(Outcome::Ok, |(outcome, _)| outcome);
        stats.counters.n_by_outcome[outcome as usize] += 1;
        stats.counters.n_connections += u64::from(given.opening.is_some());
        stats.counters.bytes_sent += 200;
        stats.counters.bytes_received += given.bytes;
        if outcome != Outcome::Ok {
            let class = given.failure.and_then(|(_, signature)| signature.strip_prefix("HTTP "));
            let class = class.and_then(|status| status.chars().next()?.to_digit(10)).unwrap_or(0);
            stats.counters.n_by_status_class[class as usize] += 1;
            stats.error_time.record(secs(end - due.at));
            return;
        }
        stats.counters.n_by_status_class[2] += 1;
        stats.response_time.record(secs(end - due.at));
        stats.service_time.record(secs(end - sent));
        if let Some((connect, tls)) = given.opening {
            stats.phases[RequestPhase::Connect as usize].record(secs(connect));
            if tls > 0.0 {
                stats.phases[RequestPhase::Tls as usize].record(secs(tls));
            }
        }
        stats.phases[RequestPhase::Send as usize].record(secs(0.00002));
        stats.phases[RequestPhase::Wait as usize].record(secs(wait.max(0.0)));
        stats.phases[RequestPhase::Receive as usize].record(secs(given.receive_secs));
    }

    fn group(&mut self, due: Due, outcome: Outcome, signature: &str, end: f64) -> u32 {
        let at = Duration::from_secs_f64(end);
        let is_it = |group: &ErrorGroup| usize::from(group.step) == due.step && group.signature == signature;
        let index = self.groups.iter().position(is_it).unwrap_or_else(|| {
            let exemplar = ErrorExemplar { at, detail: signature.to_owned(), ..ErrorExemplar::default() };
            self.groups.push(ErrorGroup {
                step: due.step as u16,
                outcome,
                signature: signature.to_owned(),
                n_errors: 0,
                first_seen: at,
                last_seen: at,
                exemplars: vec![exemplar],
            });
            self.groups.len() - 1
        });
        let group = &mut self.groups[index];
        group.n_errors += 1;
        group.first_seen = group.first_seen.min(at);
        group.last_seen = group.last_seen.max(at);
        index as u32
    }

    /// The run as it is kept.
    pub fn kept(mut self) -> KeptRun {
        let n_loaded = self.plan.duration().as_secs() as usize;
        let is_used = |second: &Second| !second.rows.is_empty() || second.load.n_sent > 0;
        let n_seconds = self.seconds.iter().rposition(is_used).map_or(0, |last| last + 1).max(n_loaded);
        self.seconds.truncate(n_seconds);
        let mut packer = Packer::new(self.made.scenario.n_steps());
        let (mut n_in_flight, mut n_users) = (0, 0);
        for index in 0..n_seconds {
            let second = std::mem::take(&mut self.seconds[index]);
            n_in_flight += second.n_in_flight;
            n_users += second.n_users;
            packer
                .push(self.interval(index, second, (n_in_flight, n_users)))
                .expect("what was encoded decodes");
        }
        let (overview, history) = packer.finish();
        let record = RunRecord {
            run_id: RunId(1),
            identity: String::new(),
            start: RunStart::new(self.made.scenario.clone(), 1_795_504_834_000),
            end: RunEnd::completed(self.plan.duration()),
            intervals: Vec::new(),
            rows: Vec::new(),
            points: Arc::default(),
            error_groups: self.groups,
            watched: std::sync::Arc::default(),
            audit: None,
            annotations: Vec::new(),
            plan_changes: Vec::new(),
            tags: Vec::new(),
            note: String::new(),
            is_baseline: false,
        };
        KeptRun { record: overview.complete(record), history }
    }

    fn interval(
        &mut self,
        index: usize,
        second: Second,
        (n_in_flight, n_users): (i64, i64),
    ) -> IntervalStats {
        let middle = Duration::from_secs(index as u64) + Duration::from_millis(500);
        let level = self.plan.level_at(middle);
        let busy = second.busy_secs / self.made.n_workers as f64;
        let noise = 0.02 * self.random.random::<f64>();
        let machine = if self.made.shares_machine { 0.05 + 0.93 * busy + noise } else { 0.15 + noise };
        let mut hiccups = LatencyHistogram::default();
        (0..500).for_each(|_| hiccups.record(Duration::from_micros(60)));
        let n_users = if self.plan.is_open() { n_users.max(0) as u32 } else { level.round() as u32 };
        let rows = second.rows.into_iter().map(|((segment, step), stats)| IntervalRow {
            segment,
            step,
            stats: stats.encode(),
        });
        let errors = second.errors.into_iter().map(|(group, n_errors)| GroupErrors { group, n_errors });
        IntervalStats {
            second: index as u32,
            rows: rows.collect(),
            errors: errors.collect(),
            load: LoadStats {
                span: Duration::from_secs(1),
                asked_level: level,
                n_users,
                n_in_flight: n_in_flight.max(0) as u32,
                start_lag: second.start_lag.encode(),
                host: Some(HostSample {
                    process_cpu_ratio: 0.1,
                    machine_cpu_ratio: machine.min(1.0),
                    memory_used_ratio: 0.3 + 0.001 * noise,
                    process_memory_bytes: 40 << 20,
                }),
                generator: Some(GeneratorStats {
                    in_flight_time: Duration::from_secs_f64(second.in_flight_secs),
                    service_time_total: Duration::from_secs_f64(second.service_secs),
                    n_connections: n_users,
                    worker_cpu: Some(Duration::from_millis(5)),
                    busiest_worker_ratio: Some(0.05),
                    run_queue_ratio: Some(0.001),
                    cpu_pressure_ratio: Some(0.005),
                    clock_jump: Duration::ZERO,
                    hiccups: hiccups.encode(),
                }),
                ..second.load
            },
        }
    }
}
