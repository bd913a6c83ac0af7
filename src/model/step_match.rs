//! Steps of two scenarios put beside each other by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Step;

/// A step as it is known by across scenarios: by what it sends, and by its name among those that send the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepKey {
    pub method: String,
    pub path: String,
    pub name: String,
}

impl StepKey {
    pub fn of(step: &Step) -> Self {
        Self { method: step.method.clone(), path: step.path.clone(), name: step.name.clone() }
    }
}

/// Which step of a baseline belongs to a step of a candidate; none where it stands alone.
pub type StepMatches = BTreeMap<StepKey, Option<StepKey>>;
