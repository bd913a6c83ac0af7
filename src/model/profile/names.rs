//! Stage names that no other stage has.

use std::collections::{HashMap, HashSet};

use super::LoadProfile;

/// The longest name that is given, short of what validation allows.
const MAX_CHARS: usize = 180;

/// Names that are taken, and names that are not.
pub struct Names {
    taken: HashSet<String>,
    /// The highest number that a name was given, so that many copies are not each counted from one.
    numbers: HashMap<String, usize>,
}

impl Names {
    pub fn of(profile: &LoadProfile) -> Self {
        let taken = profile.stages.iter().map(|stage| stage.name.clone()).collect();
        Self { taken, numbers: HashMap::new() }
    }

    pub fn none() -> Self {
        Self { taken: HashSet::new(), numbers: HashMap::new() }
    }

    /// Takes `wanted`, with a number behind it where it is taken already: `Peak (2)`.
    pub fn take(&mut self, wanted: &str) -> String {
        let wanted: String = wanted.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
        if !wanted.is_empty() && self.taken.insert(wanted.clone()) {
            return wanted;
        }
        let base = if wanted.is_empty() { "Stage" } else { without_number(&wanted) };
        let number = self.numbers.entry(base.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let name = format!("{base} ({number})");
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// `Stage 4` for the fourth stage, or the next number that is free.
pub fn plain_name(profile: &LoadProfile) -> String {
    let first = profile.stages.len() + 1;
    let is_free = |name: &String| profile.stages.iter().all(|stage| stage.name != *name);
    // Among one candidate more than there are stages, one is free.
    (first..=2 * first).map(|number| format!("Stage {number}")).find(is_free).unwrap_or_default()
}

/// `Peak (2)` is a copy of `Peak`.
fn without_number(name: &str) -> &str {
    let Some((base, number)) = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) else {
        return name;
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !base.is_empty() { base } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_gets_a_number() {
        let mut names = Names::none();
        let taken = ["Peak", "Peak", "Peak (2)", "Stage 3", "Stage 3", " "].map(|name| names.take(name));
        assert_eq!(taken, ["Peak", "Peak (2)", "Peak (3)", "Stage 3", "Stage 3 (2)", "Stage (2)"]);
    }
}
