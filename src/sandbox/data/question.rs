//! What requests ask of the data.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{Data, USUAL};
use crate::sandbox::answers::Call;
use crate::sandbox::cache_manager::{TtlClass, keys};
use crate::sandbox::database::{N_JOB_WORDS, N_USERS};
use crate::sandbox::query_optimizer::Pages;

/// What a route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Kind {
    Courses,
    Course,
    Enrol,
    Enrolments,
    Wallet,
    Withdraw,
    Jobs,
}

impl Kind {
    pub fn writes(self) -> bool {
        matches!(self, Self::Enrol | Self::Withdraw)
    }

    /// The answer is a list.
    pub fn lists(self) -> bool {
        matches!(self, Self::Courses | Self::Enrolments | Self::Jobs)
    }
}

/// A request that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    Courses(Pages),
    Course(i64),
    Enrol(Enrol),
    Enrolments,
    Wallet(i64),
    Withdraw(Withdraw),
    Jobs(Search),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Enrol {
    pub id: i64,
    /// As the request has it.
    pub course: Option<Value>,
    pub course_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Withdraw {
    pub id: i64,
    pub user: i64,
    /// As the request has it.
    pub amount: Option<Value>,
    pub cents: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// Everything that was written, in small letters.
    pub text: String,
    pub pages: Pages,
    pub fields: Option<String>,
}

#[derive(Deserialize)]
struct ListQuery {
    page: Option<u32>,
    size: Option<u32>,
    q: Option<String>,
    fields: Option<String>,
    user: Option<i64>,
}

const N_ITEMS_PER_PAGE: u32 = 10;

impl Question {
    /// What a request asks; says what of it cannot be.
    pub fn read(kind: Kind, call: &Call<'_>, data: &Data) -> Result<Self, String> {
        if kind.writes() {
            return Self::read_body(kind, call, data);
        }
        let query: ListQuery = call.query()?;
        let pages = || Pages::new(query.page, query.size, N_ITEMS_PER_PAGE);
        Ok(match kind {
            Kind::Courses => Self::Courses(pages()?),
            // What is no number is no course either.
            Kind::Course => {
                Self::Course(call.uri.path().rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0))
            }
            Kind::Enrolments => Self::Enrolments,
            Kind::Wallet => {
                Self::Wallet(known(query.user).unwrap_or_else(|| reader(next(&data.n_wallets_read))))
            }
            _ => {
                let text = query.q.unwrap_or_default().trim().to_lowercase();
                Self::Jobs(Search {
                    text,
                    pages: Pages::new(query.page, query.size, N_ITEMS_PER_PAGE)?,
                    fields: query.fields,
                })
            }
        })
    }

    fn read_body(kind: Kind, call: &Call<'_>, data: &Data) -> Result<Self, String> {
        let wanted: Value = call.json()?;
        if kind == Kind::Enrol {
            let course = wanted.get("course").cloned();
            let course_id = course.as_ref().and_then(number).map(|id| id as i64);
            return Ok(Self::Enrol(Enrol { id: next(&data.n_enrolments) + 1, course, course_id }));
        }
        let n = next(&data.n_withdrawals);
        let user = known(wanted.get("user").and_then(Value::as_i64)).unwrap_or_else(|| anybody(n));
        let amount = wanted.get("amount").cloned();
        // As far as a sum of money goes; casting cuts what is beyond.
        let cents =
            (amount.as_ref().and_then(number).unwrap_or(0.0) * 100.0).clamp(-1e12, 1e12).round() as i64;
        Ok(Self::Withdraw(Withdraw { id: n + 1, user, amount, cents }))
    }

    /// Under which key the answer is kept and for how long; None where it is not.
    pub fn kept(&self) -> Option<(String, TtlClass)> {
        Some(match self {
            Self::Courses(pages) => (keys::course_list(pages.page, pages.size, None), TtlClass::Medium),
            Self::Course(id) => (keys::course(id, None), TtlClass::Long),
            Self::Enrolments => (key_of_enrolments(), TtlClass::Short),
            Self::Wallet(user) => (keys::wallet(user), TtlClass::Short),
            Self::Jobs(Search { text, pages, fields }) => {
                (keys::job_search(text, pages.page, pages.size, fields.as_deref()), TtlClass::Short)
            }
            Self::Enrol(_) | Self::Withdraw(_) => return None,
        })
    }

    /// How long the database takes for it with the usual round trip and no optimisation: what the drawn service time of its
    /// service holds of it already.
    pub fn usual_database_time(&self) -> Duration {
        match self {
            Self::Courses(_) => USUAL.of(false, 0) * (1 + N_ITEMS_PER_PAGE),
            Self::Course(_) | Self::Enrolments => USUAL.of(false, 0),
            Self::Enrol(_) => USUAL.of(true, 0) + USUAL.of(false, 0),
            Self::Wallet(_) => USUAL.of(false, 0) * 2,
            Self::Withdraw(_) => USUAL.of(true, 0) * 3,
            Self::Jobs(_) => USUAL.of(false, N_JOB_WORDS as u64),
        }
    }
}

pub(super) fn key_of_enrolments() -> String {
    keys::Key::of("enrolments").and("latest").done()
}

fn next(counter: &AtomicU64) -> i64 {
    counter.fetch_add(1, Relaxed) as i64
}

/// A number, or a text that is one: templates often write texts.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

fn known(user: Option<i64>) -> Option<i64> {
    user.filter(|user| (1..=N_USERS).contains(user))
}

/// Whose wallet the `n`th request looks at that does not say it: four of five look at one of a few.
// As on real platforms, where most wallets lie still and a few are looked at all the time. Were all alike, each would be
// withdrawn from as often as it is looked at, and no cache could help.
fn reader(n: i64) -> i64 {
    const N_OFTEN_READ: u64 = 50;
    let drawn = mixed(n);
    let n_wallets = if drawn % 5 < 4 { N_OFTEN_READ } else { N_USERS.unsigned_abs() };
    (drawn / 5 % n_wallets) as i64 + 1
}

/// Whose wallet the `n`th withdrawal is from that does not say it: anyone's.
fn anybody(n: i64) -> i64 {
    (mixed(n) % N_USERS.unsigned_abs()) as i64 + 1
}

/// A number that looks drawn, the same for the same `n`: the finaliser of SplitMix64.
fn mixed(n: i64) -> u64 {
    let mut z = n.unsigned_abs().wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn four_of_five_readers_look_at_few_wallets_and_withdrawals_come_from_all() {
        let n_few = (0..10_000).filter(|&n| reader(n) <= 50).count();
        assert!((7_900..8_400).contains(&n_few), "{n_few}");
        assert!((0..10_000).all(|n| (1..=N_USERS).contains(&reader(n))));
        let mut n_by_user = BTreeMap::<_, u32>::new();
        (0..100_000).for_each(|n| *n_by_user.entry(anybody(n)).or_default() += 1);
        assert_eq!(n_by_user.len() as i64, N_USERS);
        assert!(n_by_user.values().all(|n| (50..160).contains(n)));
    }

    #[test]
    fn numbers_are_read_from_texts_too() {
        assert_eq!(
            [number(&json!(5)), number(&json!("7.5")), number(&json!("x")), number(&json!(null))],
            [Some(5.0), Some(7.5), None, None]
        );
    }
}
