//! Which stretches of several runs belong together, and which steps.

use crate::analysis::alignment::counterparts;
use crate::humanize;
use crate::model::{Scenario, Step, StepKey, StepMatches};

use super::measured::{ComparedRun, MeasuredStretch};

/// Rates further apart than this are another load.
const RATE_TOLERANCE: f64 = 0.1;

/// How runs are laid beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alignment {
    /// Held stages of one name, or of one level where the name is another.
    #[default]
    Stage,
    /// Seconds since the start, as far as all runs went.
    Time,
    /// Held stages in which about the same rate was delivered.
    Rate,
}

impl Alignment {
    pub const ALL: [Self; 3] = [Self::Stage, Self::Time, Self::Rate];

    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Time => "time",
            Self::Rate => "rate",
        }
    }
}

/// The stretches that all runs have in common: for each, its index in every run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Common {
    pub stretches: Vec<Vec<usize>>,
    /// What could not be compared, one plain sentence each.
    pub left_out: Vec<String>,
}

impl Common {
    /// The stretches of the first run that each other run has too.
    pub fn of(runs: &[&ComparedRun], alignment: Alignment) -> Self {
        let Some((first, others)) = runs.split_first() else { return Self::default() };
        let found: Vec<_> = others.iter().map(|run| partners(first, run, alignment)).collect();
        let mut common = Self::default();
        for (index, stretch) in first.stretches.iter().enumerate() {
            let partners: Option<Vec<usize>> = found.iter().map(|partners| partners[index]).collect();
            match partners {
                Some(partners) => {
                    common.stretches.push(std::iter::once(index).chain(partners).collect());
                }
                None => common.left_out.push(left_out(stretch, alignment)),
            }
        }
        common
    }

    /// The stretches of one run, by its place.
    pub fn of_run(&self, run: usize) -> Vec<usize> {
        self.stretches.iter().map(|indices| indices[run]).collect()
    }
}

fn left_out(stretch: &MeasuredStretch, alignment: Alignment) -> String {
    match alignment {
        Alignment::Rate => format!(
            "Stage {} of the baseline delivered {}, which no stage of every candidate comes near; it is left out.",
            stretch.name,
            humanize::rate(stretch.throughput_per_sec())
        ),
        _ => format!(
            "Stage {} of the baseline has no counterpart in every candidate; it is left out.",
            stretch.name
        ),
    }
}

/// For each stretch of one run that of another.
fn partners(run: &ComparedRun, other: &ComparedRun, alignment: Alignment) -> Vec<Option<usize>> {
    let (own, others) = (&run.stretches, &other.stretches);
    match alignment {
        Alignment::Time => (0..own.len()).map(|index| Some(index).filter(|i| *i < others.len())).collect(),
        Alignment::Stage => {
            let by_name = counterparts(own, others, |stretch| stretch.name.clone());
            let by_level = counterparts(own, others, |stretch| stretch.level.to_bits());
            let free = |place: &usize| !by_name.contains(&Some(*place));
            by_name.iter().zip(by_level).map(|(named, level)| named.or(level.filter(free))).collect()
        }
        Alignment::Rate => by_rate(own, others),
    }
}

/// Each stretch with the free one nearest to its rate, the nearest pairs first.
fn by_rate(own: &[MeasuredStretch], others: &[MeasuredStretch]) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (index, stretch) in own.iter().enumerate() {
        for (other, candidate) in others.iter().enumerate() {
            let distance = (candidate.throughput_per_sec() / stretch.throughput_per_sec()).ln().abs();
            if distance <= RATE_TOLERANCE {
                pairs.push((distance, index, other));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut partners = vec![None; own.len()];
    for (_, index, other) in pairs {
        if partners[index].is_none() && !partners.contains(&Some(other)) {
            partners[index] = Some(other);
        }
    }
    partners
}

/// For each step of the baseline, by its index, that of a candidate: by hand where somebody said so, else by method and
/// path, else by name; the second of a kind with the second. Steps that are switched off have none.
pub fn match_steps(baseline: &Scenario, candidate: &Scenario, by_hand: &StepMatches) -> Vec<Option<usize>> {
    let sent = |scenario: &Scenario| -> Vec<(usize, Step)> {
        scenario.sent_steps().map(|(index, _, step)| (index, step.clone())).collect()
    };
    let (own, others) = (sent(baseline), sent(candidate));
    let mut partners = vec![None; own.len()];
    let mut taken = vec![false; others.len()];
    for (key, baseline) in by_hand {
        let Some(other) = others.iter().position(|(_, step)| StepKey::of(step) == *key) else { continue };
        let place = baseline.as_ref().map(|key| own.iter().position(|(_, step)| StepKey::of(step) == *key));
        match place {
            Some(Some(place)) if partners[place].is_none() => {
                (partners[place], taken[other]) = (Some(other), true);
            }
            // A step that is gone from the baseline says nothing; one put beside none stays alone.
            Some(_) => {}
            None => taken[other] = true,
        }
    }
    for is_alike in [both as fn(&Step, &Step) -> bool, same_request, same_name] {
        for (place, (_, step)) in own.iter().enumerate() {
            if partners[place].is_some() {
                continue;
            }
            let alike = |other: &usize| !taken[*other] && is_alike(&others[*other].1, step);
            if let Some(other) = (0..others.len()).find(alike) {
                (partners[place], taken[other]) = (Some(other), true);
            }
        }
    }
    let mut by_index = vec![None; baseline.n_steps()];
    for ((index, _), partner) in own.iter().zip(partners) {
        by_index[*index] = partner.map(|place| others[place].0);
    }
    by_index
}

fn same_request(a: &Step, b: &Step) -> bool {
    a.method == b.method && a.path == b.path
}

fn same_name(a: &Step, b: &Step) -> bool {
    a.name == b.name
}

fn both(a: &Step, b: &Step) -> bool {
    same_request(a, b) && same_name(a, b)
}
