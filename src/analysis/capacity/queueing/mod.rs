//! What queues are known to do: laws that hold for every system, and formulas for those with random arrivals.
//!
//! Small pure functions in base units: seconds, and things per second.

mod erlang;
mod hold;
mod laws;

pub use erlang::erlang_c;
pub use hold::hold_by_measured;
pub use laws::mean_in_flight;
