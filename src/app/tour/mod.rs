//! The guided tour *Find it, fix it, prove it*: six real actions on the sandbox, each done by what really happened.

mod card;
mod job;
mod projection;
mod road;
mod step;

pub use card::tour_ui;
pub use projection::ProjectionsKept;
pub use road::{Projected, Shown, Tour, TourAct};
pub use step::{Optimisation, Pace, TourStep};

use std::path::PathBuf;

use self::road::Facts;

/// Under which name the tour is kept.
pub const TOUR_SETTING: &str = "tour";
/// The preset that it runs.
const PRESET: &str = "comprehensive";
/// What it is called.
pub const TOUR_NAME: &str = "Find it, fix it, prove it";

/// What can be asked of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourCommand {
    /// Begins it, or resumes it where it was left.
    Show,
    /// Hides it; it can be resumed.
    Leave,
    Restart,
    ChoosePace(Pace),
    Choose(Optimisation),
    /// Shows the card with its words, or as one line.
    Fold,
    Act(TourAct),
}

/// What the window holds of the tour.
#[derive(Debug)]
pub struct TourView {
    pub tour: Tour,
    /// What the window saw last.
    facts: Facts,
    /// The optimisation that is to be switched on.
    chosen: Optimisation,
    /// What the run that is being started is for.
    launching: Option<TourStep>,
    /// Where the report is being written to.
    exporting: Option<PathBuf>,
    is_folded: bool,
}

impl Default for TourView {
    fn default() -> Self {
        Self::of(Tour::default())
    }
}

impl TourView {
    /// As it was left on the last visit.
    pub fn of(tour: Tour) -> Self {
        Self {
            chosen: tour.tried.unwrap_or(Optimisation::CacheManager),
            tour,
            facts: Facts::default(),
            launching: None,
            exporting: None,
            is_folded: false,
        }
    }
}
