//! What queues are known to do: laws that hold for every system, and formulas for those with random arrivals.
//!
//! Small pure functions in base units: seconds, and things per second.

mod erlang;
mod hold;
mod laws;

pub use erlang::{ManyServers, erlang_c};
pub use hold::{hold_by_measured, hold_by_utilisation, n_independent_needed, service_times_per_independent};
pub use laws::{
    littles_edge_ratio, mean_in_flight, response_by_users, saturation_users, throughput_bound, utilisation,
};
