//! How cacheable answers were: repeated answers to repeated requests, and caches of several times to live played through.

use std::collections::BTreeMap;

use crate::metrics::{CacheFacts, Lookup, Repeats, SampledAnswer, TtlFacts};

/// The times to live that are played through: ten seconds, a minute, ten minutes, an hour.
pub const TTLS_SECS: [u32; 4] = [10, 60, 600, 3_600];

/// What lookups and headers tell of a step; `shared` are those of all users together.
pub fn facts(own: Vec<Lookup>, shared: Vec<Lookup>, answers: &[&SampledAnswer]) -> CacheFacts {
    let shared = (!shared.is_empty()).then(|| repeats(shared));
    let mut facts = CacheFacts { own: repeats(own), shared, ..CacheFacts::default() };
    note_headers(answers, &mut facts);
    facts
}

/// Plays caches of each time to live through.
///
/// A request is served if its key was fetched less than the time to live ago; one that is not fetches anew, which begins
/// that time again. It is served stale if what it really got is not what was fetched. Requests that were only counted
/// came right after one that was looked at, and are taken to be served where a cache has any time to live at all.
fn repeats(mut lookups: Vec<Lookup>) -> Repeats {
    lookups.sort_unstable_by_key(|lookup| (lookup.key, lookup.at_millis));
    let mut facts = Repeats {
        by_ttl: TTLS_SECS.map(|ttl_secs| TtlFacts { ttl_secs, ..TtlFacts::default() }).to_vec(),
        ..Repeats::default()
    };
    for of_key in lookups.chunk_by(|a, b| a.key == b.key) {
        facts.n_keys += 1;
        count_same(of_key, &mut facts);
        facts.by_ttl.iter_mut().for_each(|ttl| play(of_key, ttl));
    }
    facts
}

/// Counts the requests of one key, in order of time.
fn count_same(of_key: &[Lookup], facts: &mut Repeats) {
    let mut last = None;
    for lookup in of_key {
        let n_requests = u64::from(lookup.n_requests.max(1));
        facts.n_lookups += n_requests;
        facts.n_same += n_requests - 1;
        match last.replace(lookup.answer) {
            Some(before) if before == lookup.answer => facts.n_same += 1,
            Some(_) => facts.n_changed += 1,
            None => {}
        }
    }
}

/// Lets a cache serve the requests of one key, in order of time.
fn play(of_key: &[Lookup], ttl: &mut TtlFacts) {
    let mut fetched: Option<(u32, u64)> = None;
    for lookup in of_key {
        let n_counted = u64::from(lookup.n_requests.max(1)) - 1;
        let n_asked = match fetched {
            Some((at, _)) if lookup.at_millis - at < ttl.ttl_secs * 1_000 => n_counted + 1,
            _ => {
                fetched = Some((lookup.at_millis, lookup.answer));
                n_counted
            }
        };
        ttl.n_served += n_asked;
        if fetched.is_some_and(|(_, answer)| answer != lookup.answer) {
            ttl.n_stale += n_asked;
        }
    }
}

fn note_headers(answers: &[&SampledAnswer], facts: &mut CacheFacts) {
    let value = |answer: &&&SampledAnswer, wanted: &str| -> Option<String> {
        let found = answer.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let n_answers = answers.len().max(1) as f64;
    let ratio =
        |name: &str| answers.iter().filter(|answer| value(answer, name).is_some()).count() as f64 / n_answers;
    facts.etag_ratio = ratio("etag");
    facts.last_modified_ratio = ratio("last-modified");
    facts.cache_control_ratio = ratio("cache-control");
    let mut controls: BTreeMap<String, usize> = BTreeMap::new();
    for control in answers.iter().filter_map(|answer| value(&answer, "cache-control")) {
        *controls.entry(control.to_ascii_lowercase()).or_default() += 1;
    }
    let most = controls.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    facts.cache_control = most.map(|(control, _)| control).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, lookup, with_header};
    use super::*;

    fn served(facts: &Repeats) -> Vec<(u64, u64)> {
        facts.by_ttl.iter().map(|ttl| (ttl.n_served, ttl.n_stale)).collect()
    }

    #[test]
    fn a_fetch_serves_for_its_time_and_a_later_request_fetches_anew() {
        // Fetched at 0 by the shortest, served at 5, fetched at 12 (which 65 is too late for), at 65 and at 700.
        let lookups = [0, 5, 12, 65, 700].map(|second| lookup(0, 9, 1, second)).to_vec();
        let facts = repeats(lookups);
        assert_eq!(served(&facts), [(1, 0), (2, 0), (3, 0), (4, 0)]);
        assert_eq!((facts.n_lookups, facts.n_keys, facts.n_same, facts.n_changed), (5, 1, 4, 0));
    }

    #[test]
    fn what_ends_just_now_is_over() {
        assert_eq!(served(&repeats(vec![lookup(0, 9, 1, 0), lookup(0, 9, 1, 10)]))[0], (0, 0));
    }

    #[test]
    fn an_answer_that_has_changed_since_is_served_stale_until_it_is_fetched() {
        // The answer changes at 3 and again at 8: both are stale for ten seconds, and 11 fetches the newest.
        let lookups =
            [(0, 1), (3, 2), (8, 3), (11, 3), (12, 3)].map(|(second, answer)| lookup(0, 9, answer, second));
        let facts = repeats(lookups.to_vec());
        assert_eq!(served(&facts)[..2], [(3, 2), (4, 4)]);
        assert_eq!((facts.n_same, facts.n_changed), (2, 2));
    }

    #[test]
    fn keys_are_told_apart_whatever_their_order() {
        let lookups = vec![lookup(0, 2, 7, 4), lookup(0, 1, 7, 3), lookup(0, 2, 7, 1), lookup(0, 3, 7, 2)];
        let facts = repeats(lookups);
        assert_eq!((facts.n_keys, facts.n_same, served(&facts)[0]), (3, 1, (1, 0)));
    }

    #[test]
    fn requests_that_were_only_counted_count() {
        let many = |second, n_requests| Lookup { n_requests, ..lookup(0, 9, 1, second) };
        let facts = repeats(vec![many(0, 1), many(4, 50), many(20, 10)]);
        // The last of them fetches anew for ten seconds, the nine before it do not.
        assert_eq!((facts.n_lookups, facts.n_same), (61, 60));
        assert_eq!(served(&facts)[..2], [(59, 0), (60, 0)]);
    }

    #[test]
    fn users_who_ask_for_the_same_are_served_by_a_cache_for_all() {
        // Two users ask for one thing, one after the other.
        let own = vec![lookup(0, 1, 7, 0), lookup(0, 2, 7, 1)];
        let shared = vec![lookup(0, 9, 7, 0), lookup(0, 9, 7, 1)];
        let told = facts(own.clone(), shared, &[]);
        assert_eq!(
            (served(&told.own)[0], told.shared.as_ref().map(|all| served(all)[0])),
            ((0, 0), Some((1, 0)))
        );
        assert_eq!(facts(own, Vec::new(), &[]).shared, None);
    }

    #[test]
    fn headers_are_counted_and_the_usual_cache_control_is_told() {
        let plain = answer(0, b"{}");
        let tagged = with_header(with_header(plain.clone(), "etag", "\"1\""), "cache-control", "No-Store");
        let control = with_header(plain.clone(), "cache-control", "no-store");
        let other = with_header(with_header(plain, "cache-control", "max-age=5"), "last-modified", "Mon");
        let facts = facts(Vec::new(), Vec::new(), &[&tagged, &control, &other]);
        assert_eq!(facts.cache_control, "no-store");
        let thirds =
            [facts.etag_ratio, facts.last_modified_ratio, facts.cache_control_ratio].map(|r| r * 3.0);
        assert_eq!(thirds, [1.0, 1.0, 3.0]);
    }
}
