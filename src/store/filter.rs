//! Which runs of a list are wanted: conditions that all hold at once, and words that all occur.

use std::{fmt::Write as _, sync::OnceLock};

use super::RunListing;
use crate::metrics::{Standing, Verdict};

/// Conditions on runs; those that are set must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// The scenario's whole name.
    pub scenario: Option<String>,
    /// An environment's name, or a base URL as the scenario says it.
    pub environment: Option<String>,
    /// A label's name and value; an empty value stands for any.
    pub label: Option<(String, String)>,
    pub verdict: Option<Verdict>,
    pub quality: Option<Standing>,
    pub starred_only: bool,
    /// Started at this moment or later.
    pub since_unix_millis: Option<i64>,
    /// Started before this moment.
    pub until_unix_millis: Option<i64>,
    /// Words that must all occur in number, scenario, environment, note, tags, labels or verdict.
    pub text: String,
}

/// What a search looks through in one run, in small letters.
// Drawn up once per run and list: doing so for each key that is pressed was most of a search's time.
#[derive(Clone, Debug, Default)]
pub struct SearchText(OnceLock<String>);

/// What was drawn up already makes no difference.
impl PartialEq for SearchText {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl RunFilter {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        Self { text: self.text.trim().to_owned(), ..self.clone() } == Self::default()
    }

    pub fn matches(&self, listing: &RunListing) -> bool {
        self.holds(listing) && occur(&self.words(), listing)
    }

    /// The runs for which all conditions hold, in the order of the list.
    pub fn choose<'a>(&self, listings: &'a [RunListing]) -> Vec<&'a RunListing> {
        let words = self.words();
        listings.iter().filter(|listing| self.holds(listing) && occur(&words, listing)).collect()
    }

    fn words(&self) -> Vec<String> {
        self.text.split_whitespace().map(str::to_lowercase).collect()
    }

    /// Everything but the words.
    fn holds(&self, listing: &RunListing) -> bool {
        let digest = listing.digest.as_ref();
        let started = listing.started_at_unix_millis;
        (!self.starred_only || listing.is_starred)
            && self.since_unix_millis.is_none_or(|since| started >= since)
            && self.until_unix_millis.is_none_or(|until| started < until)
            && self.scenario.as_ref().is_none_or(|name| *name == listing.scenario_name)
            && self
                .environment
                .as_ref()
                .is_none_or(|place| listing.environment.as_ref() == Some(place) || listing.base_url == *place)
            && self.verdict.is_none_or(|verdict| digest.is_some_and(|digest| digest.verdict == verdict))
            && self.quality.is_none_or(|quality| digest.and_then(|digest| digest.quality) == Some(quality))
            && self.label.as_ref().is_none_or(|(name, value)| {
                listing.labels.get(name).is_some_and(|found| value.is_empty() || found == value)
            })
    }
}

impl RunListing {
    /// Where the run was sent: the environment's name where one is in force, else the base URL.
    pub fn place(&self) -> &str {
        self.environment.as_deref().unwrap_or(&self.base_url)
    }

    fn search_text(&self) -> &str {
        self.search_text.0.get_or_init(|| {
            let mut text = format!("{}\n{}\n{}", self.run_id, self.scenario_name, self.note);
            let environment = self.environment.iter();
            environment.chain(&self.tags).for_each(|part| text = std::mem::take(&mut text) + "\n" + part);
            for (name, value) in &self.labels {
                // Writing into a string does not fail.
                let _ = write!(text, "\n{name}={value}");
            }
            text.to_lowercase()
        })
    }
}

// The verdict is looked at apart: a list may be given its missing digests after it was searched.
fn occur(words: &[String], listing: &RunListing) -> bool {
    let verdict = |word: &str| {
        let name = listing.digest.as_ref().map_or("", |digest| digest.verdict.name());
        name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    words.is_empty() || {
        let text = listing.search_text();
        words.iter().all(|word| text.contains(word.as_str()) || verdict(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Finish, RunDigest, RunId, RunLabels};

    fn listing(run_id: i64) -> RunListing {
        RunListing {
            run_id: RunId(run_id),
            started_at_unix_millis: run_id * 1_000,
            scenario_name: "Checkout Ä".to_owned(),
            base_url: "http://staging:80".to_owned(),
            environment: Some("Staging".to_owned()),
            fingerprint: String::new(),
            finish: Finish::Completed,
            n_seconds: 10,
            n_bytes: 0,
            tags: vec!["Release-7".to_owned()],
            labels: RunLabels::from([("commit".to_owned(), format!("C0ffee{run_id}"))]),
            note: "after the cache fix".to_owned(),
            is_baseline: false,
            is_starred: run_id == 3,
            profile: Vec::new(),
            digest: (run_id != 4).then(|| RunDigest {
                verdict: if run_id == 1 { Verdict::Fail } else { Verdict::Pass },
                window: String::new(),
                n_requests: 1,
                p95: None,
                throughput_per_sec: 1.0,
                error_ratio: None,
                mean: None,
                p50: None,
                p90: None,
                p99: None,
                quality: (run_id == 2).then_some(Standing::Weak),
                p95_interval: None,
                p95_beyond: None,
            }),
            search_text: SearchText::default(),
        }
    }

    /// Which of the runs 1 to 4 are chosen.
    #[track_caller]
    fn check(filter: &RunFilter, expected: &[i64]) {
        let listings: Vec<_> = (1..=4).map(listing).collect();
        let ids = |chosen: Vec<&RunListing>| chosen.iter().map(|run| run.run_id.0).collect::<Vec<_>>();
        assert_eq!(ids(filter.choose(&listings)), expected, "{filter:?}");
        assert_eq!(ids(listings.iter().filter(|run| filter.matches(run)).collect()), expected);
    }

    fn text(text: &str) -> RunFilter {
        RunFilter { text: text.to_owned(), ..RunFilter::default() }
    }

    #[test]
    fn every_word_must_occur_somewhere() {
        assert!(text(" ").is_empty());
        check(&text(" "), &[1, 2, 3, 4]);
        check(&text("CACHE checkout ä"), &[1, 2, 3, 4]);
        check(&text("commit=c0FFEE2"), &[2]);
        check(&text("release-7 pass"), &[2, 3]);
        check(&text("staging fail"), &[1]);
        check(&text("cache elsewhere"), &[]);
    }

    #[test]
    fn conditions_combine() {
        let any = RunFilter::default();
        let label = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        check(&RunFilter { scenario: Some("Checkout Ä".to_owned()), ..any.clone() }, &[1, 2, 3, 4]);
        check(&RunFilter { scenario: Some("Checkout".to_owned()), ..any.clone() }, &[]);
        check(&RunFilter { environment: Some("Staging".to_owned()), ..any.clone() }, &[1, 2, 3, 4]);
        check(&RunFilter { environment: Some("http://staging:80".to_owned()), ..any.clone() }, &[1, 2, 3, 4]);
        check(&RunFilter { environment: Some("live".to_owned()), ..any.clone() }, &[]);
        check(&RunFilter { label: label("commit", "C0ffee3"), ..any.clone() }, &[3]);
        check(&RunFilter { label: label("commit", ""), ..any.clone() }, &[1, 2, 3, 4]);
        check(&RunFilter { label: label("build", ""), ..any.clone() }, &[]);
        check(&RunFilter { verdict: Some(Verdict::Pass), ..any.clone() }, &[2, 3]);
        check(&RunFilter { quality: Some(Standing::Weak), ..any.clone() }, &[2]);
        check(&RunFilter { starred_only: true, ..any.clone() }, &[3]);
        let since = RunFilter { since_unix_millis: Some(2_000), until_unix_millis: Some(4_000), ..any };
        check(&since, &[2, 3]);
        check(&RunFilter { verdict: Some(Verdict::Pass), text: "c0ffee3".to_owned(), ..since.clone() }, &[3]);
        check(&RunFilter { verdict: Some(Verdict::Fail), ..since.clone() }, &[]);
        assert!(!since.is_empty());
    }

    #[test]
    fn a_verdict_that_comes_later_is_found() {
        let mut late = listing(4);
        assert!(!text("pass").matches(&late) && text("cache").matches(&late));
        late.digest = listing(2).digest;
        assert!(text("pass").matches(&late));
    }
}
