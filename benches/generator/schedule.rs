//! How punctual the open model is: start lag, planned and sent, gaps.

use std::time::Duration;

use crate::machine;
use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

/// Prints one row per rate.
pub fn measure(extent: Extent) {
    let target = Target::null();
    let awake = machine::keep_awake();
    let mut rows = Vec::new();
    for (per_sec, duration) in [(2_000, extent.secs(5, 20)), (10_000, extent.secs(5, 10))] {
        eprintln!("schedule: {per_sec}/s for {} s", duration.as_secs());
        let before = target.n_received();
        let load = Load::Rate { per_sec, max_users: 1_000, duration };
        let (report, cost) = Ours::new(&target.base_url, load).run();
        let micros = |key: &str| format!("{:.0}", report.number(&format!("/generator/{key}")) * 1e3);
        let planned = f64::from(per_sec) * duration.as_secs_f64();
        rows.push(vec![
            format!("{per_sec}/s for {} s", duration.as_secs()),
            micros("start_lag_p50_millis"),
            micros("start_lag_p99_millis"),
            format!("{planned:.0} / {:.0}", report.number("/load/n_requests_sent")),
            (target.n_received() - before).to_string(),
            report.check("gaps"),
            format!("{:.0} %", cost.cpu.as_secs_f64() / cost.wall.as_secs_f64() * 100.0),
            report.text("/verdict").to_owned(),
        ]);
    }
    let idle = idle_cost(&target);
    let columns = [
        "arrival rate",
        "start lag p50, µs",
        "start lag p99, µs",
        "planned / sent",
        "counted by the server",
        "gaps",
        "CPU of the process",
        "verdict",
    ];
    let sentence = format!(
        "Constant arrivals, one worker on one processor, the null target on another. Asked for: at 2,000/s p50 ≤ 50 µs \
         and p99 ≤ 250 µs, at 10,000/s p99 ≤ 1 ms, sent = planned. {}",
        machine::told(awake.as_ref())
    );
    table::print("Schedule", &sentence, &columns, &rows);
    println!(
        "An engine with one arrival per second costs {:.2} % of a core; asked for: < 5 %.\n",
        idle * 100.0
    );
}

/// CPU of an engine that has next to nothing to do, in cores.
fn idle_cost(target: &Target) -> f64 {
    let run = |secs| {
        let load = Load::Rate { per_sec: 1, max_users: 10, duration: Duration::from_secs(secs) };
        Ours::new(&target.base_url, load).run().1
    };
    // What starting and reporting costs is in both.
    let (short, long) = (run(1), run(5));
    (long.cpu.as_secs_f64() - short.cpu.as_secs_f64()) / (long.wall - short.wall).as_secs_f64()
}
