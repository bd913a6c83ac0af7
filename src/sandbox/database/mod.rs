//! Where the services keep their data.
use std::time::Duration;

/// How long a statement is on its way to the database and back, where nothing else is asked for.
pub const USUAL_ROUND_TRIP: Duration = Duration::from_millis(1);
