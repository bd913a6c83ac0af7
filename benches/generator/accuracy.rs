//! What we report against what the server knows: percentiles of known delays, and of a freeze.

use serde_json::Value;

use crate::delays::{Delays, FREEZE, FROZEN_RATIO, QUANTILES};
use crate::machine;
use crate::ours::{Load, Ours, Report};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

const PER_SEC: u32 = 500;

/// Prints a row per distribution and quantile.
pub fn measure(extent: Extent) {
    // Whole periods of the freeze, so that its share is known.
    let duration = extent.secs(20, 60);
    let awake = machine::keep_awake();
    let mut rows = Vec::new();
    let mut frozen = None;
    for delays in Delays::ALL {
        eprintln!("accuracy: {} for {} s", delays.name(), duration.as_secs());
        let target = Target::delayed(delays.name(), PER_SEC);
        let load = Load::Rate { per_sec: PER_SEC, max_users: 2_000, duration };
        let ours = Ours { cpus: machine::all_cpus(), ..Ours::new(&target.base_url, load) };
        let (report, _) = ours.run();
        let truth: Value = serde_json::from_str(&target.finish()).expect("the truth is JSON");
        assert_eq!(truth["n"].as_u64(), Some(report.n_requests()), "requests reported and answered");
        rows.extend(QUANTILES.iter().map(|(_, name)| row(delays, name, &truth, &report)));
        if delays == Delays::Freezing {
            frozen = Some(report);
        }
    }
    let columns = [
        "delays",
        "percentile",
        "server from arrival, ms",
        "service time, ms",
        "server from due, ms",
        "response time, ms",
        "response time − server from due, µs",
        "allowed, µs",
        "holds",
        "response time − server from arrival, µs",
        "holds",
    ];
    let sentence = format!(
        "{PER_SEC}/s for {} s; the server measured each of its answers, from the request's arrival and from when it \
         was due. Allowed: 1 % + 150 µs. {}",
        duration.as_secs(),
        machine::told(awake.as_ref())
    );
    table::print("Accuracy", &sentence, &columns, &rows);
    frozen.iter().for_each(print_freeze);
}

fn row(delays: Delays, name: &str, truth: &Value, report: &Report) -> Vec<String> {
    let micros = |from: &str| truth[from][name].as_f64().unwrap_or(f64::NAN);
    let millis = |which: &str| report.number(&format!("/whole_run/{which}/{name}_millis"));
    let (service, response) = (millis("service_time"), millis("response_time"));
    let (from_arrival, from_due) = (micros("from_arrival"), micros("from_due"));
    let allowed = |truth: f64| truth * 0.01 + 150.0;
    let off = |truth: f64| response * 1e3 - truth;
    let holds = |truth| if off(truth).abs() <= allowed(truth) { "yes" } else { "no" };
    vec![
        delays.name().to_owned(),
        name.replace('_', "."),
        format!("{:.3}", from_arrival / 1e3),
        format!("{service:.3}"),
        format!("{:.3}", from_due / 1e3),
        format!("{response:.3}"),
        format!("{:+.0}", off(from_due)),
        format!("{:.0}", allowed(from_due)),
        holds(from_due).to_owned(),
        format!("{:+.0}", off(from_arrival)),
        holds(from_arrival).to_owned(),
    ]
}

/// Requests due in the freeze wait for its end, evenly from all of it to nothing.
fn print_freeze(report: &Report) {
    let rows = [("p99", 0.99), ("p99_9", 0.999)].map(|(name, quantile): (&str, f64)| {
        let computed = FREEZE.mul_f64(1.0 - (1.0 - quantile) / FROZEN_RATIO).as_secs_f64() * 1e3;
        let measured = report.number(&format!("/whole_run/response_time/{name}_millis"));
        let off = measured / computed - 1.0;
        let holds = if off.abs() <= 0.02 { "yes" } else { "no" };
        vec![
            name.replace('_', "."),
            format!("{computed:.0}"),
            format!("{measured:.1}"),
            format!("{:+.2} %", off * 100.0),
            holds.to_owned(),
        ]
    });
    let sentence = "A tenth of the requests is due while the server is frozen. Allowed: 2 %.";
    let columns = ["percentile", "computed, ms", "response time, ms", "off by", "holds"];
    table::print("Freeze", sentence, &columns, &rows);
}
