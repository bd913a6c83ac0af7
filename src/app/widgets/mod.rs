//! The parts that screens are made of; each input carries an accessible name.

mod buttons;
mod fields;
mod layout;
mod marks;
mod sketch;
pub mod table;

pub use buttons::{
    bare_icon_button, button, danger_button, icon_button, link_button, menu_entry, named, primary_button,
    segments, wrapped_segments,
};
pub use fields::{
    heads, hinted_field, labelled, least, name_field, parsed_field, text_area, text_field, titled_field,
};
pub use layout::{
    answers, card, column, empty_state, key_values, page, page_or_pane, section, section_with, where_seen,
};
pub use marks::{Tile, badge, chip, number_tile, verdict_pill};
pub use sketch::profile_sketch;
