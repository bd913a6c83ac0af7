//! Open files: each connection is one, and a system that allows too few makes errors that are not the target's.

use crate::model::{LoadModel, Scenario};

/// Files beside the users' connections: the library, the sandbox's pipes, each worker's own.
const BESIDE_USERS: u64 = 100;

/// A plan needs more open files than this process may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFilesShort {
    /// Virtual users that may be there at once, with a connection each.
    pub n_users: u32,
    pub n_needed: u64,
    pub n_allowed: u64,
}

/// Raises the number of files that this process may open to all that the system grants; returns the limit now
/// in force, none where there is none to be raised.
#[cfg(unix)]
pub fn raise_open_files() -> Option<u64> {
    let raised = rlimit::increase_nofile_limit(u64::MAX);
    raised.or_else(|_| rlimit::Resource::NOFILE.get_soft()).ok()
}

/// Windows sets connections no such limit.
#[cfg(not(unix))]
pub fn raise_open_files() -> Option<u64> {
    None
}

/// Whether a scenario needs more open files than there are.
pub fn open_files_short(scenario: &Scenario) -> Option<OpenFilesShort> {
    let n_allowed = raise_open_files()?;
    let n_users = most_users(scenario);
    let n_needed = files_for(scenario);
    (n_needed > n_allowed).then_some(OpenFilesShort { n_users, n_needed, n_allowed })
}

/// Has the system make room for the files of a scenario's users now.
// Linux enlarges the table of open files of a process with several threads in steps, at 64, 256, 512 … files, and each
// time the thread that wanted one more waits some 5 to 20 ms: in the middle of a run, when the target is slow.
#[cfg(target_os = "linux")]
pub(super) fn make_room(scenario: &Scenario) {
    const MOST: u64 = 65_536;
    let last = files_for(scenario).min(MOST) - 1;
    // A file with the highest number asks for room for all below it. A refusal leaves the steps.
    let _ = std::fs::File::open("/dev/null")
        .map(|file| rustix::io::fcntl_dupfd_cloexec(&file, last as i32).map(drop));
}

#[cfg(not(target_os = "linux"))]
pub(super) fn make_room(_: &Scenario) {}

/// A user of an interleaved run keeps a connection to each side.
fn files_for(scenario: &Scenario) -> u64 {
    let n_sides = if scenario.interleave.is_some() { 2 } else { 1 };
    n_sides * u64::from(most_users(scenario)) + BESIDE_USERS
}

fn most_users(scenario: &Scenario) -> u32 {
    match scenario.load.model {
        LoadModel::Closed => {
            scenario.load.stages.iter().map(|stage| stage.end_level).fold(0.0, f64::max).round() as u32
        }
        LoadModel::Open { max_users, .. } => max_users,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{open, scenario};

    #[test]
    fn each_user_that_may_be_there_needs_a_connection() {
        let users = |model, peak| most_users(&scenario(model, &[(10, peak), (10, 1.0)], &["/"]));
        assert_eq!(users(LoadModel::Closed, 12_000.0), 12_000);
        assert_eq!(users(open(300), 12_000.0), 300);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_for_all_users_is_there_before_they_come() {
        raise_open_files();
        make_room(&scenario(LoadModel::Closed, &[(10, 900.0)], &["/"]));
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap();
        assert!(size.trim().parse::<u64>().unwrap() >= 1_000, "{size}");
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised_to_what_the_system_grants_and_a_plan_beyond_it_is_short() {
        let n_allowed = raise_open_files().unwrap();
        assert_eq!(rlimit::Resource::NOFILE.get_soft().unwrap(), n_allowed);
        let short = |peak: f64| open_files_short(&scenario(LoadModel::Closed, &[(10, peak)], &["/"]));
        assert_eq!(short(1.0), None);
        if let Ok(n_users) = u32::try_from(n_allowed) {
            let n_needed = u64::from(n_users) + BESIDE_USERS;
            assert_eq!(short(f64::from(n_users)), Some(OpenFilesShort { n_users, n_needed, n_allowed }));
        }
    }
}
