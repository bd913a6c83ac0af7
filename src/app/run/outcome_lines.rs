//! How requests ended, over time: layers by status class, and lines by kind of error.

use super::lines::{Place, over_time};
use crate::app::{charts::Series, theme::OutcomeHue};
use crate::metrics::{Outcome, SecondPoint};

/// From the bottom up; each request that ended is in one of them.
const LAYERS: [(&str, OutcomeHue); 7] = [
    ("2xx", OutcomeHue::Ok),
    ("3xx", OutcomeHue::Redirect),
    ("check failed", OutcomeHue::FailedCheck),
    ("4xx", OutcomeHue::ClientError),
    ("5xx", OutcomeHue::ServerError),
    ("timeout", OutcomeHue::Timeout),
    ("no answer", OutcomeHue::NoAnswer),
];

/// The layers that occurred.
pub fn layers(points: &[SecondPoint]) -> Vec<Series> {
    let counts: Vec<[u64; LAYERS.len()]> = points.iter().map(layer_counts).collect();
    let has_1xx = points.iter().any(|point| point.n_by_status_class[1] > 0);
    let occurred = (0..LAYERS.len()).filter(|layer| counts.iter().any(|counts| counts[*layer] > 0));
    occurred
        .map(|layer| {
            let (name, hue) = LAYERS[layer];
            let name = if layer == 0 && has_1xx { "1xx, 2xx" } else { name };
            let count = |point: &SecondPoint| Some(layer_counts(point)[layer] as f64);
            Series::of_outcome(name, hue, over_time(points, Place::Middle, &count))
        })
        .collect()
}

/// What ended in a second, layer by layer.
// Failed checks are judged on answers whose status is as asked for, so nearly all of them are 2xx: shown as a
// layer of their own, else a target that answers nonsense would look well. Timeouts are without a status as a rule.
fn layer_counts(point: &SecondPoint) -> [u64; LAYERS.len()] {
    let [no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx] = point.n_by_status_class;
    let of = |outcome: Outcome| point.n_by_outcome[outcome as usize];
    let n_failed_checks = of(Outcome::Check).min(n_2xx);
    let n_timeouts = of(Outcome::Timeout).min(no_answer);
    [
        n_1xx + n_2xx - n_failed_checks,
        n_3xx,
        n_failed_checks,
        n_4xx,
        n_5xx,
        n_timeouts,
        no_answer - n_timeouts,
    ]
}

/// One line per kind of error that occurred, and dropped iterations if there were any.
pub fn error_lines(points: &[SecondPoint]) -> Vec<Series> {
    let failing = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_ok());
    let occurred = failing.filter(|outcome| points.iter().any(|p| p.n_by_outcome[*outcome as usize] > 0));
    let dropped = points.iter().any(|p| p.dropped_per_sec > 0.0).then(|| {
        let n_dropped = |p: &SecondPoint| Some(p.dropped_per_sec);
        Series::new("dropped iterations", 7, over_time(points, Place::Middle, &n_dropped)).dashed()
    });
    occurred
        .map(|outcome| {
            let n_errors = |p: &SecondPoint| Some(p.n_by_outcome[outcome as usize] as f64);
            let series =
                Series::new(outcome.name(), outcome as usize, over_time(points, Place::Middle, &n_errors));
            if (outcome as usize).is_multiple_of(2) { series.dashed() } else { series }
        })
        .chain(dropped)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn point(n_by_status_class: [u64; 6], failures: &[(Outcome, u64)]) -> SecondPoint {
        let record = sample::record(sample::scenario());
        let mut point = record.points[0].clone();
        point.n_by_status_class = n_by_status_class;
        point.n_by_outcome = Default::default();
        for (outcome, n) in failures {
            point.n_by_outcome[*outcome as usize] = *n;
        }
        point
    }

    #[test]
    fn every_request_that_ended_is_in_one_layer() {
        let mixed =
            point([7, 0, 90, 5, 4, 3], &[(Outcome::Timeout, 6), (Outcome::Connect, 1), (Outcome::Check, 10)]);
        assert_eq!(layer_counts(&mixed), [80, 5, 10, 4, 3, 6, 1]);
        let odd = point([2, 1, 3, 0, 0, 0], &[(Outcome::Timeout, 4), (Outcome::Check, 9)]);
        for point in [mixed, odd] {
            assert_eq!(layer_counts(&point).iter().sum::<u64>(), point.n_by_status_class.iter().sum::<u64>());
        }
    }

    #[test]
    fn only_what_occurred_is_a_layer() {
        let points = [point([0, 0, 9, 0, 0, 0], &[]), point([1, 0, 9, 0, 0, 2], &[(Outcome::Timeout, 1)])];
        let names: Vec<String> = layers(&points).into_iter().map(|layer| layer.name).collect();
        assert_eq!(names, ["2xx", "5xx", "timeout"]);
        assert!(layers(&[]).is_empty());
    }
}
