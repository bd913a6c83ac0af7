//! Charts over time: series with gaps, stage bands, targets, one crosshair and one zoom for a whole group; a heatmap of latencies.
//!
//! Draws what it is given; where the numbers come from is the screens' business.

mod chart;
mod decimate;
mod frame;
mod gestures;
mod group;
mod head;
mod heat;
mod heat_axis;
mod heatmap;
mod overlay;
mod prepared;
mod scale;
mod series;
mod stack;

pub use chart::{Chart, Look, chart_ui, chart_with};
pub use frame::bare_plot;
pub use group::{Band, BandKind, ChartGroup, Mark, ZOOM_STEP};
pub use heatmap::{HeatChart, Heatmap};
pub use overlay::plate;
pub use scale::{axis_end, round_step, steps};
pub use series::{ChartUnit, Dash, Series, TargetLine, TimePoint};
