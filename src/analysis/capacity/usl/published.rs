//! The published data sets, with what their sources print.

use super::*;

/// SPEC SDM91 on a SPARCcenter 2000, October 1994: data set `specsdm91` of the R package usl.
const SPECSDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

/// A ray tracer on an SGI Origin 2000 (Gunther 2007): data set `raytracer` of the R package usl.
const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

/// Drawn from a curve with alpha .02, beta .02, gamma 1: a test of the R package usl.
const SYNTHETIC: [(f64, f64); 6] =
    [(1.0, 1.0), (2.0, 1.8868), (4.0, 3.0769), (6.0, 3.5294), (8.0, 3.5398), (10.0, 3.3557)];

/// MySQL on Cisco's hardware, 1 to 32 threads: Schwartz, Practical Scalability Analysis; usl4j's test.
const CISCO: [f64; 32] = [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7,
    9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806.0,
    12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
];

fn points(pairs: &[(f64, f64)]) -> Vec<UslPoint> {
    let point = |(concurrency, throughput_per_sec): &(f64, f64)| UslPoint {
        concurrency: *concurrency,
        throughput_per_sec: *throughput_per_sec,
        level: *concurrency,
    };
    pairs.iter().map(point).collect()
}

fn fitted(pairs: &[(f64, f64)]) -> Usl {
    Usl::fit(&points(pairs)).unwrap()
}

/// Equal in all digits that are printed.
fn check(actual: f64, printed: f64, last_digit: f64) {
    assert!((actual - printed).abs() <= last_digit * 0.5001, "{actual} is not {printed}");
}

#[test]
fn specsdm91_is_as_the_r_package_prints_it() {
    let usl = fitted(&SPECSDM91);
    check(usl.contention.value, 0.0277285, 1e-7);
    check(usl.coherency.value, 0.0001044, 1e-7);
    check(usl.of_one.value, 89.9952330, 1e-4);
    check(usl.contention.standard_error.unwrap(), 0.0091217, 1e-7);
    check(usl.coherency.standard_error.unwrap(), 0.0000199, 1e-7);
    check(usl.of_one.standard_error.unwrap(), 14.2134894, 1e-4);
    check(usl.residual_per_sec, 82.8, 0.1);
    check(usl.r_squared, 0.99, 0.01);
    check(usl.limit_per_sec.unwrap(), 3245.589, 0.05);
    let peak = usl.peak.unwrap();
    check(peak.concurrency, 96.51956, 1e-3);
    check(peak.throughput_per_sec, 1884.0, 1.0);
    assert!(!peak.is_extrapolated && !usl.may_have_no_peak() && !usl.is_rough());
    assert!(peak.low.unwrap() < 96.5 && peak.high.unwrap() > 96.5, "{peak:?}");
}

#[test]
fn intervals_have_both_tails_and_the_fit_s_own_degrees_of_freedom() {
    let usl = fitted(&SPECSDM91);
    let (low, high) = usl.contention.interval.unwrap();
    let error = usl.contention.standard_error.unwrap();
    // t(.975, 4) = 2.776445, where R's confint takes t(.95, 6) = 1.943180.
    assert!(((high - low) / 2.0 / error - 2.776445).abs() < 1e-5);
}

#[test]
fn cisco_is_as_the_book_prints_it() {
    let pairs: Vec<(f64, f64)> = (1..=32).map(f64::from).zip(CISCO).collect();
    let usl = fitted(&pairs);
    let printed = [0.02671591, 7.690945e-4, 995.6486];
    let found = [usl.contention.value, usl.coherency.value, usl.of_one.value];
    for (found, printed) in found.into_iter().zip(printed) {
        assert!((found / printed - 1.0).abs() < 2e-6, "{found} is not {printed}");
    }
    // The book's fit stopped a little before the least squares: computed with forty digits they lie at alpha
    // 0.0267159450357 and beta 7.69093920610e-4.
    check(usl.contention.value, 0.0267159450357, 1e-9);
    check(usl.coherency.value, 7.69093920610e-4, 1e-11);
    // The book's 12,341 stands at 35 threads, the peak lies between 35 and 36.
    check(usl.throughput_at(35.0), 12341.745, 1e-2);
    let peak = usl.peak.unwrap();
    assert!((35.0..36.0).contains(&peak.concurrency) && !peak.is_extrapolated, "{peak:?}");
}

#[test]
fn the_synthetic_curve_is_found_again() {
    let usl = fitted(&SYNTHETIC);
    check(usl.contention.value, 0.02, 1e-4);
    check(usl.coherency.value, 0.02, 1e-4);
    check(usl.of_one.value, 1.0, 1e-3);
    check(usl.peak.unwrap().concurrency, 7.0, 0.01);
}

#[test]
fn the_ray_tracer_has_no_peak_and_an_asymptote() {
    let usl = fitted(&RAYTRACER);
    check(usl.contention.value, 0.0578, 1e-4);
    check(usl.of_one.value, 21.8488, 1e-4);
    assert_eq!((usl.coherency.value, usl.peak), (0.0, None));
    assert_eq!(
        (usl.coherency.standard_error, usl.coherency.interval),
        (None, None),
        "it stands at its bound"
    );
    assert!((usl.limit_per_sec.unwrap() - 378.2).abs() < 0.1 && usl.may_have_no_peak());
    // Half of what confint prints, .033677 to .081864 and 17.868380 to 25.829306, over its t(.95, 10).
    check(usl.contention.standard_error.unwrap(), 0.0240935 / 1.812461, 2e-6);
    check(usl.of_one.standard_error.unwrap(), 3.980463 / 1.812461, 1e-5);
}

#[test]
fn few_levels_are_told_with_a_warning_and_fewer_are_refused() {
    let rough = fitted(&RAYTRACER[..5]);
    check(rough.contention.value, 0.028, 1e-3);
    check(rough.coherency.value, 0.001, 1e-3);
    check(rough.of_one.value, 21.059, 1e-3);
    assert!(rough.is_rough());
    assert_eq!(Usl::fit(&points(&RAYTRACER[..3])), Err(UslRefusal::TooFewLevels(3)));
    let repeated: Vec<_> = RAYTRACER[..3].iter().chain(&RAYTRACER[..3]).copied().collect();
    assert_eq!(Usl::fit(&points(&repeated)), Err(UslRefusal::TooFewLevels(3)), "repeats are no levels");
}

#[test]
fn a_peak_far_beyond_the_points_was_not_seen() {
    // The rise of a curve whose peak lies at 100.
    let pairs = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0].map(|n| (n, solver::throughput([0.0, 1e-4, 50.0], n)));
    let peak = fitted(&pairs).peak.unwrap();
    assert!((peak.concurrency - 100.0).abs() < 0.1 && peak.is_extrapolated, "{peak:?}");
    assert!(fitted(&pairs).may_have_no_peak());
}

#[test]
fn straight_growth_has_neither_peak_nor_limit() {
    let usl = fitted(&[1.0, 10.0, 20.0, 40.0, 80.0].map(|n| (n, 12.5 * n)));
    assert_eq!((usl.peak, usl.limit_per_sec, usl.optimum), (None, None, None));
    check(usl.of_one.value, 12.5, 1e-6);
}

#[test]
fn noise_around_a_straight_line_leaves_the_peak_without_an_upper_bound() {
    let noise = [1.02, 0.97, 1.03, 0.99, 1.01, 0.97, 1.02, 0.985];
    let pairs: Vec<(f64, f64)> =
        (1..=8).map(f64::from).zip(noise).map(|(n, noise)| (n, 10.0 * n * noise)).collect();
    let usl = fitted(&pairs);
    assert!(usl.peak.is_none_or(|peak| peak.high.is_none()), "{usl:?}");
    assert!(usl.may_have_no_peak());
}

#[test]
fn the_same_points_give_the_same_curve_to_the_last_bit_whatever_their_unit() {
    assert_eq!(fitted(&SPECSDM91), fitted(&SPECSDM91));
    let in_thousands = fitted(&SPECSDM91.map(|(n, x)| (n, x * 1e3)));
    check(in_thousands.contention.value, 0.0277285, 1e-7);
    check(in_thousands.peak.unwrap().concurrency, 96.51956, 1e-3);
    // A thousand times as many at once, each so much slower: coherency shrinks by a million.
    let wide = fitted(&SPECSDM91.map(|(n, x)| (n * 1e3, x)));
    assert!(wide.coherency.value > 0.0 && wide.coherency.value < 1e-8, "{wide:?}");
    assert!((wide.r_squared - 0.99).abs() < 0.01, "{wide:?}");
}

#[test]
fn nothing_that_came_through_is_no_curve() {
    assert_eq!(Usl::fit(&[]), Err(UslRefusal::TooFewLevels(0)));
    let nothing = [1.0, 2.0, 3.0, 4.0].map(|n| (n, 0.0));
    assert_eq!(Usl::fit(&points(&nothing)), Err(UslRefusal::NoThroughput));
    let senseless = [(0.0, 1.0), (-1.0, 2.0), (f64::NAN, 3.0), (4.0, f64::INFINITY), (5.0, 5.0)];
    assert_eq!(Usl::fit(&points(&senseless)), Err(UslRefusal::TooFewLevels(1)));
}
