//! Charts over time: series with gaps, stage bands, targets, one crosshair and one zoom for a whole group.
//!
//! Draws what it is given; where the numbers come from is the screens' business.

mod chart;
mod decimate;
mod group;
mod overlay;
mod scale;
mod series;

pub use chart::{Chart, chart_ui};
pub use group::{Band, BandKind, ChartGroup, Mark};
pub use series::{ChartUnit, Series, TargetLine, TimePoint};
