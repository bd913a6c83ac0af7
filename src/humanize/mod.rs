//! Quantities to text and back: the only place that decides digits, units and separators on screen and in reports.
//!
//! Three significant digits for what was measured, all digits for what was counted or chosen. Never `-0`,
//! never a share rounded to nothing or to everything. Minus is U+2212, micro is U+00B5.

mod found;
mod number;
mod quantity;
mod time;

pub use found::{Quantity, QuantityKind, quantities};
pub use number::{signed, signed_decimal};
pub use quantity::{
    MISSING, amount, bandwidth, bytes, change, chosen, count, counted, latency_change, level, levels, number,
    p_value, percent, percent_at_least, percent_change, percent_points, rate, rate_change,
};
pub use time::{clock, fine_time, latency, latency_limit, latency_secs, moment, span};
