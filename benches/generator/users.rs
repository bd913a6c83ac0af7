//! Many users with a second of think time: errors, and memory per user.

use std::time::Duration;

use crate::machine::Memory;
use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

const N_USERS: u32 = 12_000;

/// Prints one row per transport.
pub fn measure(extent: Extent) {
    let duration = extent.secs(10, 60);
    let rows: Vec<_> =
        ["use = \"wire\"", "use = \"reqwest\""].map(|transport| row(transport, duration)).into();
    let sentence = format!(
        "{N_USERS} users of the closed model with one second of think time, ramped up within 10 s, {} s against the \
         null target. Resident memory of the whole process, all else that it holds included. Asked for: no errors, and on \
         `wire` ≤ 10 KiB per user.",
        duration.as_secs()
    );
    let columns =
        ["transport", "requests", "errors", "peak, MiB", "at the end, MiB", "peak per user, KiB", "verdict"];
    table::print("Users", &sentence, &columns, &rows);
}

// The platform of the sandbox answers some 600 requests per second and service; here it would measure its queue.
fn row(transport: &'static str, duration: Duration) -> Vec<String> {
    eprintln!("users: {N_USERS} for {} s, {transport}", duration.as_secs());
    let target = Target::null();
    let load = Load::Users { n: N_USERS, ramp: Duration::from_secs(10), duration };
    let (report, memory) =
        Ours { transport, think_time: Some(Duration::from_secs(1)), ..Ours::new(&target.base_url, load) }
            .run_watched();
    let peak = memory.iter().map(|memory| memory.peak_bytes).max().unwrap_or(0) as f64;
    // The last looks may come while the report is being written.
    let end = memory.iter().rev().find(|memory| memory.at < duration + Duration::from_secs(10));
    let end = end.map_or(0, |Memory { resident_bytes, .. }| *resident_bytes) as f64;
    vec![
        report.text("/engine/transport").to_owned(),
        report.n_requests().to_string(),
        format!("{:.0}", report.number("/whole_run/n_errors")),
        format!("{:.1}", peak / (1024.0 * 1024.0)),
        format!("{:.1}", end / (1024.0 * 1024.0)),
        format!("{:.1}", peak / f64::from(N_USERS) / 1024.0),
        report.text("/verdict").to_owned(),
    ]
}
