//! Which runs may go: a rule that the user chooses, applied to a list, with the reason for each run that goes.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Library, RunListing, StoreError};
use crate::metrics::{Finish, RunId};

/// Which runs are kept; limits that are set all count, and none keeps all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRule {
    /// So many of the newest runs of each scenario.
    pub n_per_scenario: Option<u32>,
    /// Runs that began no longer ago than this many days.
    pub n_days: Option<u32>,
    /// As many of the newest runs as take so many bytes in all.
    pub n_bytes: Option<u64>,
}

/// Why a run goes by the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneReason {
    /// Its scenario has as many newer runs as are kept.
    EnoughOfScenario,
    TooOld,
    /// All newer runs and this one take more than there is to be room for.
    NoRoom,
}

/// A run that the rule lets go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prunable {
    pub run_id: RunId,
    pub n_bytes: u64,
    pub reason: PruneReason,
}

/// The setting that holds the rule.
const SETTING: &str = "retention";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl RetentionRule {
    /// Whether everything is kept.
    pub fn keeps_all(&self) -> bool {
        *self == Self::default()
    }

    /// The runs that go by this rule, the oldest first; `listings` are the newest first.
    ///
    /// Never a baseline, a starred run, one that goes on, or the newest of its scenario.
    // Scenarios are told apart by name and place, as their baselines are.
    pub fn prunable(&self, listings: &[RunListing], now_unix_millis: i64) -> Vec<Prunable> {
        let oldest = self.n_days.map(|n_days| {
            let age = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX).saturating_mul(n_days.into());
            now_unix_millis.saturating_sub(age)
        });
        let mut n_of_scenario: HashMap<(&str, &str), u32> = HashMap::new();
        let mut going = Vec::new();
        for listing in listings {
            let n_newer = n_of_scenario.entry((&listing.scenario_name, &listing.base_url)).or_default();
            let is_newest = *n_newer == 0;
            let has_enough = self.n_per_scenario.is_some_and(|n_kept| *n_newer >= n_kept);
            *n_newer += 1;
            if is_newest || is_protected(listing) {
                continue;
            }
            let reason = if has_enough {
                PruneReason::EnoughOfScenario
            } else if oldest.is_some_and(|oldest| listing.started_at_unix_millis < oldest) {
                PruneReason::TooOld
            } else {
                continue;
            };
            going.push(Prunable { run_id: listing.run_id, n_bytes: listing.n_bytes, reason });
        }
        self.make_room(listings, &mut going);
        let places: HashMap<RunId, usize> =
            listings.iter().enumerate().map(|(place, listing)| (listing.run_id, place)).collect();
        going.sort_by_key(|run| std::cmp::Reverse(places.get(&run.run_id).copied()));
        going
    }

    /// Lets the oldest go until the rest fits, where there is a limit.
    fn make_room(&self, listings: &[RunListing], going: &mut Vec<Prunable>) {
        let Some(n_allowed) = self.n_bytes else { return };
        let gone: u64 = going.iter().map(|run| run.n_bytes).sum();
        let mut n_kept = listings.iter().map(|listing| listing.n_bytes).sum::<u64>() - gone;
        let mut newest: HashMap<(&str, &str), RunId> = HashMap::new();
        for listing in listings {
            newest.entry((&listing.scenario_name, &listing.base_url)).or_insert(listing.run_id);
        }
        let goes_already: std::collections::HashSet<RunId> = going.iter().map(|run| run.run_id).collect();
        for listing in listings.iter().rev() {
            if n_kept <= n_allowed {
                return;
            }
            let key = (listing.scenario_name.as_str(), listing.base_url.as_str());
            let is_newest = newest.get(&key) == Some(&listing.run_id);
            if is_newest || is_protected(listing) || goes_already.contains(&listing.run_id) {
                continue;
            }
            n_kept -= listing.n_bytes;
            let reason = PruneReason::NoRoom;
            going.push(Prunable { run_id: listing.run_id, n_bytes: listing.n_bytes, reason });
        }
    }
}

/// What no rule removes.
fn is_protected(listing: &RunListing) -> bool {
    listing.is_baseline || listing.is_starred || listing.finish == Finish::Running
}

impl Library {
    /// The rule that the user chose; at first all runs are kept.
    pub fn retention(&self) -> Result<RetentionRule, StoreError> {
        // One that cannot be read keeps all: nothing goes by a guess.
        Ok(self.setting(SETTING)?.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    pub fn keep_retention(&self, rule: &RetentionRule) -> Result<(), StoreError> {
        let json = super::columns::to_json(rule).map_err(self.failed("keep a setting"))?;
        self.keep_setting(SETTING, &json)
    }

    /// The runs that go by a rule, the oldest first.
    pub fn prunable(&self, rule: &RetentionRule) -> Result<Vec<Prunable>, StoreError> {
        if rule.keeps_all() {
            return Ok(Vec::new());
        }
        let now = jiff::Timestamp::now().as_millisecond();
        Ok(rule.prunable(&self.runs()?, now))
    }

    /// Hides runs that a rule lets go, as [`delete`](Self::delete) does; one that was starred, made a baseline or began
    /// to go on meanwhile stays. Returns those that went.
    pub fn prune(&self, runs: &[Prunable]) -> Result<Vec<RunId>, StoreError> {
        let hide = || {
            let behavior = rusqlite::TransactionBehavior::Immediate;
            let transaction = rusqlite::Transaction::new_unchecked(&self.connection, behavior)?;
            let sql = "UPDATE runs SET deleted_at_unix_millis = CAST(unixepoch('subsec') * 1000 AS INTEGER)
                       WHERE run_id = ?1 AND deleted_at_unix_millis IS NULL
                           AND NOT is_baseline AND NOT is_starred AND finish <> 'running'";
            let mut gone = Vec::new();
            for run in runs {
                if transaction.prepare_cached(sql)?.execute([run.run_id.0])? == 1 {
                    gone.push(run.run_id);
                }
            }
            transaction.commit()?;
            Ok(gone)
        };
        hide().map_err(self.failed("remove old runs"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::RunLabels;

    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
    const NOW: i64 = 100 * DAY_MILLIS;

    /// A run of a scenario that began so many days ago and takes 10 bytes.
    fn listing(run_id: i64, name: &str, days_ago: i64) -> RunListing {
        RunListing {
            run_id: RunId(run_id),
            started_at_unix_millis: NOW - days_ago * DAY_MILLIS,
            scenario_name: name.to_owned(),
            base_url: String::new(),
            environment: None,
            fingerprint: String::new(),
            finish: Finish::Completed,
            n_seconds: 10,
            n_bytes: 10,
            tags: Vec::new(),
            labels: RunLabels::new(),
            note: String::new(),
            is_baseline: false,
            is_starred: false,
            profile: Vec::new(),
            digest: None,
            search_text: Default::default(),
        }
    }

    /// Runs 6 to 1, the newest first: 6 today, the others 1, 2, 3, … days ago; 4 and 2 of another scenario.
    fn listings() -> Vec<RunListing> {
        let name = |run_id| if run_id == 4 || run_id == 2 { "Search" } else { "Checkout" };
        (1..=6).rev().map(|run_id| listing(run_id, name(run_id), 6 - run_id)).collect()
    }

    #[track_caller]
    fn check(rule: RetentionRule, listings: &[RunListing], expected: &[(i64, PruneReason)]) {
        let prunable = rule.prunable(listings, NOW);
        let found: Vec<_> = prunable.iter().map(|run| (run.run_id.0, run.reason)).collect();
        assert_eq!(found, expected, "{rule:?}");
    }

    use PruneReason::{EnoughOfScenario, NoRoom, TooOld};

    fn last(n: u32) -> RetentionRule {
        RetentionRule { n_per_scenario: Some(n), ..RetentionRule::default() }
    }

    fn younger(n_days: u32) -> RetentionRule {
        RetentionRule { n_days: Some(n_days), ..RetentionRule::default() }
    }

    fn within(n_bytes: u64) -> RetentionRule {
        RetentionRule { n_bytes: Some(n_bytes), ..RetentionRule::default() }
    }

    #[test]
    fn without_a_limit_all_is_kept() {
        assert!(RetentionRule::default().keeps_all() && !last(1).keeps_all());
        check(RetentionRule::default(), &listings(), &[]);
    }

    #[test]
    fn each_scenario_keeps_its_newest_runs() {
        check(
            last(1),
            &listings(),
            &[(1, EnoughOfScenario), (2, EnoughOfScenario), (3, EnoughOfScenario), (5, EnoughOfScenario)],
        );
        check(last(2), &listings(), &[(1, EnoughOfScenario), (3, EnoughOfScenario)]);
        check(last(4), &listings(), &[]);
        check(
            last(0),
            &listings(),
            &[(1, EnoughOfScenario), (2, EnoughOfScenario), (3, EnoughOfScenario), (5, EnoughOfScenario)],
        );
    }

    #[test]
    fn runs_of_one_name_against_two_places_are_two_scenarios() {
        let mut listings = listings();
        listings[5].base_url = "http://elsewhere".to_owned();
        check(last(2), &listings, &[(3, EnoughOfScenario)]);
    }

    #[test]
    fn old_runs_go_but_the_newest_of_each_scenario_stays() {
        // Run 3 began exactly three days ago: not longer ago than that.
        check(younger(3), &listings(), &[(1, TooOld), (2, TooOld)]);
        check(younger(0), &listings(), &[(1, TooOld), (2, TooOld), (3, TooOld), (5, TooOld)]);
        check(younger(u32::MAX), &listings(), &[]);
    }

    #[test]
    fn the_oldest_go_until_the_rest_fits() {
        check(within(60), &listings(), &[]);
        check(within(59), &listings(), &[(1, NoRoom)]);
        check(within(35), &listings(), &[(1, NoRoom), (2, NoRoom), (3, NoRoom)]);
        // The newest of both scenarios stay, however little room there is.
        check(within(0), &listings(), &[(1, NoRoom), (2, NoRoom), (3, NoRoom), (5, NoRoom)]);
    }

    #[test]
    fn limits_combine() {
        let rule = RetentionRule { n_per_scenario: Some(3), n_days: Some(3), n_bytes: Some(35) };
        check(rule, &listings(), &[(1, EnoughOfScenario), (2, TooOld), (3, NoRoom)]);
    }

    #[test]
    fn baselines_stars_and_runs_that_go_on_stay() {
        let mut listings = listings();
        listings[5].is_baseline = true;
        listings[4].is_starred = true;
        listings[3].finish = Finish::Running;
        let all = RetentionRule { n_per_scenario: Some(1), n_days: Some(0), n_bytes: Some(0) };
        check(all, &listings, &[(5, EnoughOfScenario)]);
    }
}
