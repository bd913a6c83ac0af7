//! All misdeeds at once against the engine as a whole: its counts add up, and nothing brings it down.

use std::collections::BTreeMap;
use std::time::Duration;

use super::cases::{Case, all};
use super::server::Server;
use super::{End, trusting_anybody};
use crate::engine::testing::{MemoryJournal, step};
use crate::engine::tests::loopback::{Ran, moment_of, run};
use crate::metrics::Finish;
use crate::model::{Connections, TransportChoice, TransportOptions};

const N_ITERATIONS: u64 = 3;

/// Iterations that walk through all misdeeds, with a good request after each.
fn walk_through(cases: &[Case], choice: TransportChoice, connections: Connections) -> (Ran, Server) {
    let server = Server::of_paths(cases.iter().map(|case| (case.path, case.misdeed)));
    let mut described = moment_of(N_ITERATIONS as f64, &[]);
    described.transport = TransportOptions { choice, connections, ..trusting_anybody() };
    for case in cases {
        let mut bad = step(case.path);
        bad.method = case.method.to_owned();
        bad.timeout = case.waits().then_some(Duration::from_millis(400));
        described.journeys[0].steps.extend([bad, step("/good")]);
    }
    described.load.graceful_stop = Duration::from_secs(60);
    let ran = run(described, server.address, MemoryJournal::default());
    (ran, server)
}

fn check(choice: TransportChoice, connections: Connections) {
    // Those that wait for their timeout take long one after the other; one of them tells enough.
    let cases: Vec<Case> =
        all().into_iter().filter(|case| !case.waits() || case.path == "/silence").collect();
    let (ran, server) = walk_through(&cases, choice, connections);
    let kept = ran.kept();
    let counters = kept.total().counters;
    let n_requests = N_ITERATIONS * 2 * cases.len() as u64;
    assert_eq!((ran.end.finish, ran.end.n_abandoned), (Finish::Completed, 0));
    assert_eq!((kept.n_sent(), counters.n_requests()), (n_requests, n_requests));
    // One that was left unanswered on a standing connection was sent again: three times at most, over reqwest.
    let n_resent = server.n_received() - n_requests;
    let most_resent = if connections == Connections::PerRequest { 0 } else { 3 * counters.n_reconnects };
    assert!(n_resent <= most_resent, "{n_resent} of {most_resent}");
    let mut n_errors: BTreeMap<u16, u64> = BTreeMap::new();
    for ((step, outcome, signature), group) in &kept.error_groups {
        assert_eq!(
            step % 2,
            0,
            "a good request failed after {}: {group:?}",
            cases[usize::from(step / 2)].path
        );
        let case = cases[usize::from(step / 2)];
        let expected = if choice == TransportChoice::Wire { case.wire } else { case.reqwest };
        let End::Failure(expected_outcome, expected_signature) = expected else {
            panic!("{}: {group:?}", case.path)
        };
        assert_eq!(*outcome, expected_outcome, "{}: {group:?}", case.path);
        assert!(expected_signature.is_none_or(|expected| signature == expected), "{}: {group:?}", case.path);
        *n_errors.entry(*step).or_default() += group.n_errors;
    }
    assert!(n_errors.values().all(|n| *n == N_ITERATIONS), "{n_errors:?}");
    assert_eq!(n_errors.values().sum::<u64>(), counters.n_errors());
    for interval in &kept.intervals {
        let in_groups: u64 = interval.errors.iter().map(|errors| errors.n_errors).sum();
        let in_rows: u64 = interval.rows.iter().map(|row| row.stats.counters.n_errors()).sum();
        assert_eq!(in_groups, in_rows, "in second {}", interval.second);
    }
    let n_bad = cases.iter().filter(|case| matches!(case.wire, End::Failure(..))).count();
    if choice == TransportChoice::Wire {
        assert_eq!(n_errors.len(), n_bad);
    }
}

#[test]
fn a_run_through_all_misdeeds_adds_up_over_wire() {
    check(TransportChoice::Wire, Connections::PerRequest);
    check(TransportChoice::Wire, Connections::PerUser);
}

#[test]
fn a_run_through_all_misdeeds_adds_up_over_reqwest() {
    check(TransportChoice::Reqwest, Connections::PerRequest);
    check(TransportChoice::Reqwest, Connections::PerUser);
}
