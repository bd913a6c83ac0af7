//! The Sandbox panel: a built-in target that stays up between runs, with its switches and live counts.

mod counts;
mod desk;
mod job;
mod panel;

pub use desk::SandboxDesk;
pub use panel::sandbox_panel_ui;

use crate::sandbox::SandboxChange;

/// What can be asked of the sandbox.
#[derive(Clone, Debug, PartialEq)]
pub enum SandboxCommand {
    TogglePanel,
    /// Starts it with what is written in the panel.
    Start,
    Stop,
    Change(SandboxChange),
    /// Points the open scenario at it.
    UseForScenario,
}
