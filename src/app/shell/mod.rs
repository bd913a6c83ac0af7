//! The frame around all screens: rail, top bar, status bar, palette, dialogs, messages.

mod dialogs;
mod file_change;
mod frame_costs;
mod gallery;
mod live_control;
mod palette;
mod queue;
mod rail;
mod status_bar;
mod toasts;
mod top_bar;

pub use dialogs::{Dialog, dialog_ui};
pub use file_change::FileChange;
pub use frame_costs::frame_costs_ui;
pub use gallery::{GalleryView, SavePreset, gallery_ui};
pub use palette::{PaletteView, palette_ui};
pub use queue::QueueForm;
pub use rail::rail_ui;
pub use status_bar::status_bar_ui;
pub use toasts::toasts_ui;
pub use top_bar::top_bar_ui;
