//! A small shop behind a login: products to list and look at, orders whose keys are counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::access::with_token;
use super::answers::{Answer, Call, created, ok, problem};

const N_PRODUCTS: u32 = 40;
const N_PRODUCTS_PER_PAGE: u32 = 10;
/// More keys than any data set here has; what comes beyond counts together.
const MAX_KEYS: usize = 100_000;
const OTHERS: &str = "(others)";

/// How often each key was ordered.
#[derive(Default)]
pub(super) struct Orders(Mutex<BTreeMap<String, u64>>);

impl Orders {
    fn add(&self, key: &str) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = orders.len() < MAX_KEYS || orders.contains_key(key);
        *orders.entry(if has_room { key } else { OTHERS }.to_owned()).or_default() += 1;
    }

    /// How often each key was ordered until now.
    pub fn by_key(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Deserialize)]
struct PageQuery {
    page: Option<u32>,
}

pub(super) fn products(call: &Call<'_>) -> Answer {
    with_token(call, |call| {
        let page = call.query::<PageQuery>()?.page.unwrap_or(1).max(1);
        let first = (page - 1).saturating_mul(N_PRODUCTS_PER_PAGE).min(N_PRODUCTS) + 1;
        let last = (first + N_PRODUCTS_PER_PAGE - 1).min(N_PRODUCTS);
        let items: Vec<_> = (first..=last).map(|id| json!({ "id": id, "name": name_of(id) })).collect();
        ok(&json!({ "page": page, "n_pages": N_PRODUCTS / N_PRODUCTS_PER_PAGE, "items": items }))
    })
}

pub(super) fn product(call: &Call<'_>) -> Answer {
    with_token(call, |call| {
        let id = call.uri.path().rsplit('/').next().and_then(|id| id.parse().ok());
        let Some(id) = id.filter(|id| (1..=N_PRODUCTS).contains(id)) else {
            let words = format!("no such product: ids go from 1 to {N_PRODUCTS}");
            return Ok(problem(StatusCode::NOT_FOUND, &words));
        };
        ok(&json!({
            "id": id,
            "name": name_of(id),
            "price": f64::from(450 + id % 20 * 125) / 100.0,
            "n_in_stock": 10 + id * 7 % 90,
            "description": "Made to order in a small workshop, sent within two working days.",
        }))
    })
}

#[derive(Deserialize)]
struct Wanted {
    product: serde_json::Value,
    /// What the order is counted by.
    key: String,
}

pub(super) fn order(call: &Call<'_>) -> Answer {
    with_token(call, |call| {
        let wanted: Wanted = call.json()?;
        call.orders.add(&wanted.key);
        created(&json!({
            "id": call.n + 1,
            "status": "accepted",
            "product": wanted.product,
            "key": wanted.key,
            "reference": format!("O-{:08}", call.n + 1),
            "message": "The order is on its way within two working days; returns are free.",
        }))
    })
}

fn name_of(id: u32) -> String {
    const KINDS: [&str; 5] = ["Bowl", "Lamp", "Stool", "Kettle", "Rug"];
    format!("{} {id}", KINDS[id as usize % KINDS.len()])
}

#[cfg(test)]
mod tests {
    use super::super::server::tests::TestServer;
    use super::*;

    #[test]
    fn orders_are_counted_by_their_keys_for_those_who_are_logged_in() {
        let server = TestServer::start(0.0);
        let (_, login) = server.ask("POST", "/auth/login", r#"{"user":"ada","password":"x"}"#);
        let bearer = format!("authorization: Bearer {}\r\n", login["token"].as_str().unwrap());
        let page = server.ask_with("GET", "/mint/products?page=2", &bearer, "").1;
        assert_eq!(page["items"][0]["id"], 11);
        let product = server.ask_with("GET", "/mint/products/11", &bearer, "").1;
        assert_eq!(product["name"], page["items"][0]["name"]);
        assert_eq!(server.ask_with("GET", "/mint/products/41", &bearer, "").0, 404);
        for key in ["a", "b", "a"] {
            let order = format!(r#"{{"product":11,"key":"{key}"}}"#);
            assert_eq!(server.ask_with("POST", "/mint/orders", &bearer, &order).0, 201);
            assert_eq!(server.ask("POST", "/mint/orders", &order).0, 401, "not counted");
        }
        assert_eq!(server.ask_with("POST", "/mint/orders", &bearer, r#"{"product":11}"#).0, 400);
        let counted = server.ask("GET", "/orders", "").1;
        assert_eq!(counted, json!({ "total": 3, "keys": { "a": 2, "b": 1 } }));
    }

    #[test]
    fn keys_beyond_the_room_for_them_count_together() {
        let orders = Orders::default();
        (0..MAX_KEYS + 5).for_each(|key| orders.add(&key.to_string()));
        orders.add("7");
        let by_key = orders.by_key();
        assert_eq!((by_key.len(), by_key[OTHERS], by_key["7"]), (MAX_KEYS + 1, 5, 2));
    }
}
