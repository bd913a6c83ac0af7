//! `runs prune`: old runs go by a rule, and what would go can be seen first.

use std::collections::HashMap;

use serde_json::json;

use crate::cli::{
    LibraryPlace,
    args::PruneArgs,
    exit::CliError,
    out::{print, print_json},
    tables::table,
};
use crate::humanize;
use crate::metrics::RunId;
use crate::store::{Prunable, PruneReason, RetentionRule, RunListing};

use super::list::runs;

pub(super) fn prune(place: LibraryPlace<'_>, args: &PruneArgs) -> Result<(), CliError> {
    let library = place.open()?;
    let asked =
        RetentionRule { n_per_scenario: args.last, n_days: args.days, n_bytes: args.size.map(|size| size.0) };
    let rule = if asked.keeps_all() { library.retention()? } else { asked };
    if args.remember {
        library.keep_retention(&asked)?;
    }
    if rule.keeps_all() {
        return Err(CliError::BadInput(
            "no rule is set, so all runs are kept; say which go, such as `stagewright runs prune --last 20 --days 90 \
             --size 2GiB --dry-run`"
                .to_owned(),
        ));
    }
    let mut going = library.prunable(&rule)?;
    let listings: HashMap<RunId, RunListing> =
        library.runs()?.into_iter().map(|listing| (listing.run_id, listing)).collect();
    if !args.dry_run {
        let gone = library.prune(&going)?;
        going.retain(|run| gone.contains(&run.run_id));
    }
    if args.json {
        let run = |run: &Prunable| json!({ "run_id": run.run_id, "n_bytes": run.n_bytes, "reason": reason(run.reason) });
        return print_json(&json!({
            "rule": rule,
            "is_dry_run": args.dry_run,
            "runs": going.iter().map(run).collect::<Vec<_>>(),
        }));
    }
    print(&text(&going, &listings, args.dry_run))
}

fn text(going: &[Prunable], listings: &HashMap<RunId, RunListing>, is_dry_run: bool) -> String {
    if going.is_empty() {
        return "No run goes by this rule.\n".to_owned();
    }
    let row = |run: &Prunable| {
        let listing = listings.get(&run.run_id);
        vec![
            run.run_id.to_string(),
            listing.map_or(String::new(), |listing| humanize::moment(listing.started_at_unix_millis)),
            listing.map_or(String::new(), |listing| listing.scenario_name.clone()),
            humanize::bytes(run.n_bytes),
            reason(run.reason).to_owned(),
        ]
    };
    let table =
        table(&["Run", "Started", "Scenario", "On disk", "Goes because"], 3..4, going.iter().map(row));
    let bytes = humanize::bytes(going.iter().map(|run| run.n_bytes).sum());
    let n_runs = runs(going.len());
    if is_dry_run {
        format!("{table}\n{n_runs} with {bytes} would go; nothing was changed.\n")
    } else {
        format!(
            "{table}\n{n_runs} with {bytes} hidden. `stagewright runs restore RUN` brings one back; \
             `stagewright runs purge` removes hidden runs for good and makes the room free.\n"
        )
    }
}

fn reason(reason: PruneReason) -> &'static str {
    match reason {
        PruneReason::EnoughOfScenario => "its scenario has enough newer runs",
        PruneReason::TooOld => "it is older than the rule keeps",
        PruneReason::NoRoom => "newer runs fill the room",
    }
}
