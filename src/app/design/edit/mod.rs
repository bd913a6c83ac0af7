//! What the scenario editor does to a scenario: order, names and their uses. Pure, so that it is tested without a
//! window.

mod names;
mod order;
mod rename;
mod uses;

pub use names::unique_name;
pub use order::{Move, add_journey, add_step, carry, duplicate, nudge, remove, toggle};
pub use rename::{
    rename_environment, rename_feeder, rename_journey, rename_secret, rename_service, rename_step,
    rename_variable,
};
pub use uses::Uses;
