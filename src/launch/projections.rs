//! The projections of a library: those made from a run, and those made from earlier runs of its scenario.

use crate::analysis::what_if::{KeptProjections, NumberedProjection, Projection};
use crate::metrics::RunId;
use crate::store::{Library, StoreError};

/// Runs that are looked at for earlier projections, the newest first.
const MOST_RUNS: usize = 20;

/// All projections that belong to a run's report, read and in order.
///
/// Set them beside what the run measured with [`KeptProjections::beside`].
pub fn projections_of(library: &Library, run_id: RunId) -> Result<KeptProjections, StoreError> {
    let mut kept = KeptProjections::default();
    kept.own = read(library, run_id, &mut kept.unreadable)?;
    for earlier in library.projected_before(run_id)?.into_iter().take(MOST_RUNS) {
        let mut of_run = read(library, earlier, &mut kept.unreadable)?;
        of_run.reverse();
        kept.earlier.append(&mut of_run);
    }
    Ok(kept)
}

/// Keeps a projection with the run that it was made from, and tells its number.
pub fn keep_projection(library: &Library, projection: &Projection) -> Result<u32, StoreError> {
    library.keep_projection(projection.run_id, &projection.text())?;
    let kept = library.projections(projection.run_id)?;
    Ok(kept.last().map_or(1, |kept| kept.number))
}

fn read(
    library: &Library,
    run_id: RunId,
    unreadable: &mut Vec<String>,
) -> Result<Vec<NumberedProjection>, StoreError> {
    let mut found = Vec::new();
    for kept in library.projections(run_id)? {
        let number = kept.number;
        match Projection::read(&kept.text) {
            // A run that came in a file may have had another number where the projection was made.
            Ok(projection) => found.push(NumberedProjection { run_id, number, projection }),
            Err(why) => unreadable.push(format!("Projection {number} of run {run_id} {why}.")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::RunStart;
    use crate::model::{LoadModel, LoadProfile, Scenario, Shape, Stage};

    fn begun(library: &Library) -> RunId {
        let load = LoadProfile {
            model: LoadModel::Closed,
            warm_up: std::time::Duration::ZERO,
            graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
            stages: vec![Stage {
                name: "Hold".to_owned(),
                duration: std::time::Duration::from_secs(1),
                end_level: 1.0,
                shape: Shape::Step,
            }],
        };
        let scenario = Scenario::new("Checkout", "http://10.0.0.7", load);
        library.begin_run(&RunStart::new(scenario, 1_000)).unwrap().run_id()
    }

    #[test]
    fn own_and_earlier_projections_are_told_apart_and_damaged_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.sqlite")).unwrap();
        let [first, second] = [begun(&library), begun(&library)];
        let kept = include_str!("../../tests/fixtures/projection-1.json");
        let projection = Projection::read(kept).unwrap();
        for run_id in [first, first, second] {
            keep_projection(&library, &Projection { run_id, ..projection.clone() }).unwrap();
        }
        library.keep_projection(first, "{\"format\":99}").unwrap();
        let found = projections_of(&library, second).unwrap();
        let told = |kept: &[NumberedProjection]| -> Vec<(i64, u32)> {
            kept.iter().map(|kept| (kept.run_id.0, kept.number)).collect()
        };
        assert_eq!(told(&found.own), [(second.0, 1)]);
        assert_eq!(told(&found.earlier), [(first.0, 2), (first.0, 1)]);
        assert_eq!(found.unreadable.len(), 1);
        assert!(found.unreadable[0].contains("newer version"), "{:?}", found.unreadable);
        assert!(projections_of(&library, first).unwrap().earlier.is_empty());
    }
}
