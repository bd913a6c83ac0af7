//! Memory over a long run.

use std::time::Duration;

use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

const PER_SEC: u32 = 500;
const SETTLED: Duration = Duration::from_secs(60);

/// Prints memory after the first minute and at the end.
pub fn measure(extent: Extent) {
    let duration = Duration::from_secs(extent.n_minutes * 60);
    eprintln!("soak: {PER_SEC}/s for {} minutes", extent.n_minutes);
    let target = Target::sandbox();
    let load = Load::Rate { per_sec: PER_SEC, max_users: 500, duration };
    let (report, memory) =
        Ours { path: "/gateway/health", ..Ours::new(&target.base_url, load) }.run_watched();
    let at = |time: Duration| {
        let seen = memory.iter().take_while(|memory| memory.at <= time).last();
        seen.map_or(f64::NAN, |memory| memory.resident_bytes as f64 / (1024.0 * 1024.0))
    };
    let times = (0..=4).map(|quarter| SETTLED + (duration - SETTLED) * quarter / 4);
    let mut rows: Vec<_> =
        times.map(|time| vec![format!("{} s", time.as_secs()), format!("{:.1}", at(time))]).collect();
    rows.push(vec![
        "requests / errors".to_owned(),
        format!("{} / {:.0}", report.n_requests(), report.number("/whole_run/n_errors")),
    ]);
    let sentence = format!("{PER_SEC}/s for {} minutes; resident memory of the process.", extent.n_minutes);
    table::print("Soak", &sentence, &["after", "MiB"], &rows);
}
