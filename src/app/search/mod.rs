//! The search for the highest load that meets the targets: what is asked for, how it goes, what it found.

mod card;
mod form;
mod job;

pub use card::{found_ui, standing_ui};
pub use form::{SearchForm, search_ui};

use std::sync::Arc;

use crate::{
    analysis::search::SearchSettings,
    launch::{LiveSearch, SearchStanding},
};

/// What views see of a search under way.
#[derive(Clone, Debug)]
pub struct SearchNow {
    pub settings: Arc<SearchSettings>,
    pub standing: Arc<SearchStanding>,
}

impl SearchNow {
    pub fn of(search: &LiveSearch) -> Self {
        Self { settings: Arc::new(search.settings().clone()), standing: search.standing() }
    }
}
