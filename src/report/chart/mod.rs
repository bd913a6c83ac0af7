//! Charts: what one shows as data, and how it is laid out and drawn; no colours before the last step.
//!
//! A [`Chart`] becomes a [`Drawing`] of plain shapes in roles, and the drawing becomes SVG; the window paints the same
//! drawing by its own means.

mod data;
mod decimate;
mod drawing;
mod frame;
mod labels;
mod layout;
mod legend;
mod palette;
mod ruler;
mod series;
mod sparkline;
mod svg;
mod text;

pub use data::{
    Axis, Band, Bar, Chart, Cover, Dot, Extent, HeatCell, HeatPlace, Hue, Mark, Point, Quantity, Scale,
    Series, Shape, Target,
};
pub use drawing::{Anchor, Drawing, Item, Marker, Position, Role, Size, Stroke, Weight};
pub use layout::draw;
pub use palette::{DARK, LIGHT, Palette};
pub(super) use sparkline::sparklines;
pub(super) use svg::escaped;
pub use svg::{SvgColors, svg};
pub(super) use text::{n_lines as text_lines, width as text_width};
