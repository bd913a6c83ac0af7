//! What statements took of a database: one snapshot of its counters less another.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio_postgres::SimpleQueryRow;

use super::super::growth::share;
use super::queries::{count, holds, number, text};
use crate::metrics::StatementUse;

/// How many statements are kept of a run.
const MAX_STATEMENTS: usize = 20;
/// Characters of a statement's text that are kept.
const MAX_CHARS: usize = 400;

/// The counters of all statements at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Snapshot {
    entries: HashMap<Key, Entry>,
    forgotten: Option<Forgotten>,
}

/// Tells a statement's counters apart within one database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    user: String,
    query: String,
    top_level: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    n_calls: u64,
    millis: f64,
    n_rows: u64,
    n_hit: u64,
    n_read: u64,
    /// Whether it is one of a monitor's.
    own: bool,
    text: String,
}

/// Moves where counters are lost.
#[derive(Clone, Debug, PartialEq)]
struct Forgotten {
    n_times: u64,
    since: String,
}

/// What all statements took between two snapshots.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StatementsUsed {
    /// By their time, most first; bounded.
    pub statements: Vec<StatementUse>,
    pub n_calls: u64,
    pub total_time: Duration,
    /// Those with a mean time from which on they are slow.
    pub n_slow: u64,
}

impl Snapshot {
    pub(super) fn of(rows: &[SimpleQueryRow], info: Option<&SimpleQueryRow>) -> Self {
        let entry = |row: &SimpleQueryRow| {
            let key = Key {
                user: text(row, "userid").to_owned(),
                query: text(row, "queryid").to_owned(),
                top_level: holds(row, "top_level"),
            };
            let entry = Entry {
                n_calls: count(row, "calls"),
                millis: number(row, "millis"),
                n_rows: count(row, "rows"),
                n_hit: count(row, "shared_blks_hit"),
                n_read: count(row, "shared_blks_read"),
                own: holds(row, "own"),
                text: text(row, "text").to_owned(),
            };
            (key, entry)
        };
        let forgotten = info.map(|row| Forgotten {
            n_times: count(row, "dealloc"),
            since: text(row, "stats_reset").to_owned(),
        });
        Self { entries: rows.iter().map(entry).collect(), forgotten }
    }

    /// Identities of the statements that are a monitor's.
    pub(super) fn own(&self) -> Vec<String> {
        let own = self.entries.iter().filter(|(_, entry)| entry.own);
        own.map(|(key, _)| key.query.clone()).collect()
    }

    /// What was used since `before`; otherwise a sentence on why that cannot be told.
    pub(super) fn since(&self, before: &Self, slow: Duration) -> Result<StatementsUsed, &'static str> {
        if let (Some(then), Some(now)) = (&before.forgotten, &self.forgotten) {
            if then.since != now.since {
                return Err(
                    "The counters of pg_stat_statements were reset during the run: its statements are left out.",
                );
            }
            if then.n_times != now.n_times {
                return Err(
                    "pg_stat_statements had to forget statements during the run, so that what it tells is not \
                            whole: its statements are left out; raise pg_stat_statements.max.",
                );
            }
        }
        let went_backwards = before.entries.iter().any(|(key, then)| {
            !then.own && self.entries.get(key).is_none_or(|now| now.n_calls < then.n_calls)
        });
        if went_backwards {
            return Err(
                "The counters of pg_stat_statements went backwards during the run: its statements are left out.",
            );
        }
        let mut used = StatementsUsed::default();
        let mut by_text: BTreeMap<String, Entry> = BTreeMap::new();
        let mut millis = 0.0;
        for (key, now) in self.entries.iter().filter(|(_, entry)| !entry.own) {
            let grown = now.less(before.entries.get(key));
            if grown.n_calls == 0 {
                continue;
            }
            // What a function executes within a statement is part of that statement's time already.
            if key.top_level {
                used.n_calls += grown.n_calls;
                millis += grown.millis;
            }
            by_text.entry(normalised(&now.text)).or_default().add(&grown);
        }
        used.total_time = duration(millis);
        let mut statements: Vec<StatementUse> =
            by_text.into_iter().map(|(text, entry)| entry.described(text, millis)).collect();
        used.n_slow = statements.iter().filter(|statement| statement.mean_time >= slow).count() as u64;
        statements.sort_by_key(|statement| std::cmp::Reverse(statement.total_time));
        statements.truncate(MAX_STATEMENTS);
        used.statements = statements;
        Ok(used)
    }
}

impl Entry {
    fn less(&self, before: Option<&Self>) -> Self {
        let none = Self::default();
        let before = before.unwrap_or(&none);
        Self {
            n_calls: self.n_calls - before.n_calls,
            millis: (self.millis - before.millis).max(0.0),
            n_rows: self.n_rows.saturating_sub(before.n_rows),
            n_hit: self.n_hit.saturating_sub(before.n_hit),
            n_read: self.n_read.saturating_sub(before.n_read),
            own: self.own,
            text: String::new(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.n_calls += other.n_calls;
        self.millis += other.millis;
        self.n_rows += other.n_rows;
        self.n_hit += other.n_hit;
        self.n_read += other.n_read;
    }

    fn described(self, text: String, all_millis: f64) -> StatementUse {
        let n_calls = self.n_calls as f64;
        let hits = share(self.n_hit as f64, (self.n_hit + self.n_read) as f64);
        StatementUse {
            text,
            n_calls: self.n_calls,
            total_time: duration(self.millis),
            mean_time: duration(self.millis / n_calls),
            load_ratio: if all_millis > 0.0 { (self.millis / all_millis).min(1.0) } else { 0.0 },
            rows_per_call: self.n_rows as f64 / n_calls,
            cache_hit_ratio: hits.is_finite().then_some(hits),
        }
    }
}

fn duration(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1e3).unwrap_or_default()
}

/// A statement's text in one line, bounded, without comments and without values that the server left in it.
// It leaves them in what is no query, such as a new user's password.
fn normalised(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(MAX_CHARS * 2));
    let mut rest = text.trim_start();
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, rest)| rest);
            push_space(&mut kept);
        } else if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            push_space(&mut kept);
        } else if next == '\'' {
            rest = after_quote(&rest[1..]);
            kept.push('?');
        } else if next == '"' {
            let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
            kept.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(tag) = dollar_tag(rest) {
            rest = rest[tag.len()..].split_once(tag).map_or("", |(_, rest)| rest);
            kept.push('?');
        } else if next.is_whitespace() {
            rest = rest.trim_start();
            push_space(&mut kept);
        } else {
            kept.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    let kept = kept.trim_end();
    match kept.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &kept[..end]),
        None => kept.to_owned(),
    }
}

fn push_space(kept: &mut String) {
    if !kept.is_empty() && !kept.ends_with(' ') {
        kept.push(' ');
    }
}

/// What follows a text that has begun; within it a quote is written twice, or after a backslash.
fn after_quote(text: &str) -> &str {
    let mut chars = text.char_indices().peekable();
    while let Some((at, next)) = chars.next() {
        match next {
            '\\' => _ = chars.next(),
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => _ = chars.next(),
            '\'' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The `$tag$` that a text begins with; a placeholder such as `$1` is none.
fn dollar_tag(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('$')?;
    let end = inner.find('$')?;
    let is_tag = inner[..end].chars().all(|next| next.is_alphanumeric() || next == '_')
        && !inner.starts_with(|first: char| first.is_ascii_digit());
    is_tag.then(|| &text[..end + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(100);

    fn snapshot(entries: &[(&str, u64, f64)]) -> Snapshot {
        let entry = |&(text, n_calls, millis): &(&str, u64, f64)| {
            let key =
                Key { user: "10".to_owned(), query: text.to_owned(), top_level: !text.contains("nested") };
            let entry = Entry {
                n_calls,
                millis,
                n_rows: n_calls * 3,
                n_hit: n_calls * 9,
                n_read: n_calls,
                own: text.contains("own"),
                text: text.to_owned(),
            };
            (key, entry)
        };
        let forgotten = Some(Forgotten { n_times: 0, since: "monday".to_owned() });
        Snapshot { entries: entries.iter().map(entry).collect(), forgotten }
    }

    #[test]
    fn a_run_took_of_each_statement_what_its_counters_grew_by() {
        let before = snapshot(&[("a", 10, 100.0), ("own", 5, 50.0), ("still", 7, 70.0)]);
        let after = snapshot(&[("a", 14, 140.0), ("own", 9, 90.0), ("still", 7, 70.0), ("b", 1, 120.0)]);
        let used = after.since(&before, SLOW).unwrap();
        let texts: Vec<&str> = used.statements.iter().map(|statement| statement.text.as_str()).collect();
        assert_eq!((texts, used.n_calls, used.n_slow), (vec!["b", "a"], 5, 1));
        assert_eq!(used.total_time, Duration::from_millis(160));
        let a = &used.statements[1];
        assert_eq!((a.n_calls, a.total_time), (4, Duration::from_millis(40)));
        assert_eq!((a.mean_time, a.load_ratio), (Duration::from_millis(10), 0.25));
        assert_eq!((a.rows_per_call, a.cache_hit_ratio), (3.0, Some(0.9)));
        assert_eq!(before.own(), ["own"]);
    }

    #[test]
    fn what_a_function_does_within_a_statement_is_listed_and_not_counted_twice() {
        let used = snapshot(&[("call", 2, 80.0), ("nested", 6, 60.0)]).since(&snapshot(&[]), SLOW).unwrap();
        assert_eq!((used.statements.len(), used.n_calls), (2, 2));
        assert_eq!((used.statements[1].load_ratio, used.total_time), (0.75, Duration::from_millis(80)));
    }

    #[test]
    fn counters_that_were_lost_leave_the_statements_out_and_say_why() {
        let before = snapshot(&[("a", 10, 100.0)]);
        let check = |after: &Snapshot, why: &str| {
            let told = after.since(&before, SLOW).unwrap_err();
            assert!(told.contains(why), "{told}");
        };
        check(&snapshot(&[("a", 9, 120.0)]), "backwards");
        check(&snapshot(&[("b", 9, 120.0)]), "backwards");
        let mut after = snapshot(&[("a", 11, 120.0)]);
        after.forgotten = Some(Forgotten { n_times: 3, since: "monday".to_owned() });
        check(&after, "pg_stat_statements.max");
        after.forgotten = Some(Forgotten { n_times: 0, since: "tuesday".to_owned() });
        check(&after, "reset");
    }

    #[test]
    fn only_so_many_statements_are_kept_and_their_shares_are_of_all() {
        let texts: Vec<String> = (0..50).map(|index| format!("s{index:02}")).collect();
        let entries: Vec<(&str, u64, f64)> = texts.iter().map(|text| (text.as_str(), 1, 2.0)).collect();
        let used = snapshot(&entries).since(&snapshot(&[]), SLOW).unwrap();
        assert_eq!((used.statements.len(), used.n_calls), (MAX_STATEMENTS, 50));
        assert!((used.statements[0].load_ratio - 0.02).abs() < 1e-12);
    }

    #[test]
    fn texts_are_one_line_without_comments_and_values() {
        let check = |text: &str, expected: &str| assert_eq!(normalised(text), expected);
        check("  SELECT *\n  FROM t -- all\n WHERE id = $1 ", "SELECT * FROM t WHERE id = $1");
        check("/* trace=1 */ SELECT 'it''s', E'\\'x', \"a 'b\" FROM t", "SELECT ?, E?, \"a 'b\" FROM t");
        check("CREATE USER a PASSWORD 's3cret'", "CREATE USER a PASSWORD ?");
        check("DO $x$ BEGIN a; END $x$ LANGUAGE sql", "DO ? LANGUAGE sql");
        check("SELECT $1 + $2, 'open", "SELECT $1 + $2, ?");
        let long = normalised(&"é".repeat(MAX_CHARS + 1));
        assert_eq!((long.chars().count(), long.ends_with('…')), (MAX_CHARS + 1, true));
    }
}
