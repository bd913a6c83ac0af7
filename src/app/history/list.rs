//! The rows of the list, worked out when runs, filter or sorting change and kept in between.

use std::{cmp::Reverse, collections::HashMap};

use super::order::{RunColumn, sorted};
use crate::{
    app::{state::Shelf, widgets::table::Sorting},
    metrics::{RunId, Standing, Verdict},
    store::{RunFilter, RunListing},
};

/// The chosen rows, and what filters offer.
#[derive(Default)]
pub struct RunList {
    /// What the rows were worked out from.
    rows_of: Option<(u64, RunFilter, Sorting<RunColumn>)>,
    /// Places in the shelf's list.
    rows: Vec<usize>,
    /// What the chosen runs take on disk.
    n_bytes: u64,
    offers_of: Option<u64>,
    offers: Offers,
    /// How often rows were worked out.
    #[cfg(test)]
    pub n_renewals: usize,
}

/// A value to filter by, with the number of runs that have it.
pub type Offer<T> = (T, usize);

/// What each filter can be set to, the values of most runs first.
#[derive(Debug, Default, PartialEq)]
pub struct Offers {
    pub scenarios: Vec<Offer<String>>,
    pub environments: Vec<Offer<String>>,
    pub labels: Vec<Offer<(String, String)>>,
    pub verdicts: Vec<Offer<Verdict>>,
    pub qualities: Vec<Offer<Standing>>,
    pub n_starred: usize,
    /// What all runs take on disk.
    pub n_bytes: u64,
    /// The baselines by scenario and base URL.
    baselines: HashMap<(String, String), RunId>,
}

impl RunList {
    /// Works out anew what has changed since the last time.
    pub fn renew(&mut self, shelf: &Shelf, filter: RunFilter, sorting: Sorting<RunColumn>) {
        let revision = shelf.revision();
        if self.offers_of != Some(revision) {
            self.offers = Offers::of(shelf.listings());
            self.offers_of = Some(revision);
        }
        let is_fresh = self
            .rows_of
            .as_ref()
            .is_some_and(|(of, by, sorted)| (*of, *sorted) == (revision, sorting) && *by == filter);
        if is_fresh {
            return;
        }
        let listings = shelf.listings();
        let chosen = (0..listings.len()).filter(|index| filter.matches(&listings[*index])).collect();
        self.rows = sorted(listings, chosen, sorting);
        self.n_bytes = self.rows.iter().map(|index| listings[*index].n_bytes).sum();
        self.rows_of = Some((revision, filter, sorting));
        #[cfg(test)]
        {
            self.n_renewals += 1;
        }
    }

    /// Places of the chosen runs in the shelf's list, in order.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// What the chosen runs take on disk.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub fn offers(&self) -> &Offers {
        &self.offers
    }
}

impl Offers {
    fn of(listings: &[RunListing]) -> Self {
        let digests = || listings.iter().filter_map(|listing| listing.digest.as_ref());
        let labels = listings.iter().flat_map(|listing| &listing.labels);
        Self {
            scenarios: counted(listings.iter().map(|listing| listing.scenario_name.as_str()))
                .map(|(name, n)| (name.to_owned(), n))
                .collect(),
            environments: counted(listings.iter().map(RunListing::place))
                .map(|(name, n)| (name.to_owned(), n))
                .collect(),
            labels: counted(labels.map(|(key, value)| (key.as_str(), value.as_str())))
                .map(|((key, value), n)| ((key.to_owned(), value.to_owned()), n))
                .collect(),
            verdicts: counted_of(&VERDICTS, || digests().map(|digest| digest.verdict)),
            qualities: counted_of(&STANDINGS, || digests().filter_map(|digest| digest.quality)),
            n_starred: listings.iter().filter(|listing| listing.is_starred).count(),
            n_bytes: listings.iter().map(|listing| listing.n_bytes).sum(),
            baselines: listings
                .iter()
                .filter(|listing| listing.is_baseline)
                .map(|listing| (key_of(listing), listing.run_id))
                .collect(),
        }
    }

    /// The baseline that a run is measured against, if it is another run.
    pub fn baseline_of(&self, listing: &RunListing) -> Option<RunId> {
        self.baselines.get(&key_of(listing)).copied().filter(|run_id| *run_id != listing.run_id)
    }
}

fn key_of(listing: &RunListing) -> (String, String) {
    (listing.scenario_name.clone(), listing.base_url.clone())
}

const VERDICTS: [Verdict; 3] = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive];
const STANDINGS: [Standing; 3] = [Standing::Valid, Standing::Weak, Standing::Invalid];

/// How often each of a few known values occurs; those that do not are left out.
fn counted_of<T: Copy + PartialEq, I: Iterator<Item = T>>(
    known: &[T],
    values: impl Fn() -> I,
) -> Vec<Offer<T>> {
    let count = |wanted: &T| (*wanted, values().filter(|value| value == wanted).count());
    known.iter().map(count).filter(|(_, n)| *n > 0).collect()
}

/// How often each value occurs, the most frequent first.
fn counted<T: std::hash::Hash + Ord + Clone>(
    values: impl Iterator<Item = T>,
) -> impl Iterator<Item = Offer<T>> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let mut all: Vec<Offer<T>> = counts.into_iter().collect();
    all.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::order::{NEWEST_FIRST, tests::listing};
    use super::*;

    fn shelf(listings: Vec<RunListing>) -> Shelf {
        let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
        shelf.take_listings(listings);
        shelf
    }

    #[test]
    fn rows_are_worked_out_only_when_something_changes() {
        let mut shelf = shelf(vec![listing(2, "Search", None), listing(1, "Checkout", None)]);
        let mut list = RunList::default();
        let named = |name: &str| RunFilter { scenario: Some(name.to_owned()), ..RunFilter::default() };
        list.renew(&shelf, RunFilter::default(), NEWEST_FIRST);
        list.renew(&shelf, RunFilter::default(), NEWEST_FIRST);
        assert_eq!((list.rows(), list.n_renewals), (&[0, 1][..], 1));
        list.renew(&shelf, named("Checkout"), NEWEST_FIRST);
        assert_eq!((list.rows(), list.n_renewals), (&[1][..], 2));
        let listings = shelf.listings().to_vec();
        shelf.take_listings(listings);
        list.renew(&shelf, named("Checkout"), NEWEST_FIRST);
        assert_eq!(list.n_renewals, 3, "the list was read anew");
    }

    #[test]
    fn filters_offer_what_there_is_with_the_number_of_runs() {
        let all = [listing(1, "Search", None), listing(2, "Checkout", None), listing(3, "Search", None)];
        let offers = Offers::of(&all);
        assert_eq!(offers.scenarios, [("Search".to_owned(), 2), ("Checkout".to_owned(), 1)]);
        assert_eq!(offers.labels.len(), 3);
        assert_eq!(offers.verdicts, [(Verdict::Pass, 3)]);
    }

    #[test]
    fn the_baseline_is_that_of_the_same_scenario_and_base_url() {
        let mut all = [listing(1, "Search", None), listing(2, "Search", None), listing(3, "Search", None)];
        all[0].is_baseline = true;
        all[2].base_url = "http://elsewhere".to_owned();
        let offers = Offers::of(&all);
        assert_eq!([0, 1, 2].map(|index| offers.baseline_of(&all[index])), [None, Some(RunId(1)), None]);
    }
}
