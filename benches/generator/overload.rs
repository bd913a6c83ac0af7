//! More than one core can do must not pass for a measurement; a tenth of it must.

use std::time::Duration;

use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

const BEYOND: u32 = 400_000;

/// Prints one row for too much and one for a tenth of it.
pub fn measure(extent: Extent) {
    let target = Target::null();
    let duration = extent.secs(4, 20);
    let mut rows = Vec::new();
    for per_sec in [BEYOND, BEYOND / 10] {
        eprintln!("overload: {per_sec}/s");
        let load =
            Load::Rate { per_sec, max_users: 2_000, duration: Duration::from_secs(duration.as_secs()) };
        let (report, _) = Ours::new(&target.base_url, load).run();
        rows.push(vec![
            format!("{per_sec}/s"),
            format!("{:.0}/s", report.number("/whole_run/throughput_per_sec")),
            report.text("/verdict").to_owned(),
            report.reasons(),
        ]);
    }
    let sentence = "One worker on one processor. Asked for: the first inconclusive, the second a verdict.";
    table::print("Overload", sentence, &["arrival rate", "throughput", "verdict", "reasons"], &rows);
}
