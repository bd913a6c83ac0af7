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
    let mut rows = Vec::new();
    let mut frozen = None;
    for delays in Delays::ALL {
        eprintln!("accuracy: {} for {} s", delays.name(), duration.as_secs());
        let target = Target::delayed(delays.name());
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
        "server, ms",
        "service time, ms",
        "response time, ms",
        "response time − server, µs",
        "allowed, µs",
        "holds",
    ];
    let sentence = format!(
        "{PER_SEC}/s for {} s; the server measured each of its answers. Allowed: 1 % + 150 µs.",
        duration.as_secs()
    );
    table::print("Accuracy", &sentence, &columns, &rows);
    frozen.iter().for_each(print_freeze);
}

fn row(delays: Delays, name: &str, truth: &Value, report: &Report) -> Vec<String> {
    let true_micros = truth["micros"][name].as_f64().unwrap_or(f64::NAN);
    let millis = |which: &str| report.number(&format!("/whole_run/{which}/{name}_millis"));
    let difference = millis("response_time") * 1e3 - true_micros;
    let allowed = true_micros * 0.01 + 150.0;
    vec![
        delays.name().to_owned(),
        name.replace('_', "."),
        format!("{:.3}", true_micros / 1e3),
        format!("{:.3}", millis("service_time")),
        format!("{:.3}", millis("response_time")),
        format!("{difference:+.0}"),
        format!("{allowed:.0}"),
        if difference.abs() <= allowed { "yes" } else { "no" }.to_owned(),
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
