//! Wallets, which may be overdrawn, and what is taken from them.

use serde_json::{Value, json};

use super::Failure;
use super::question::Withdraw;
use crate::sandbox::database::{Filled, N_KEPT, Row, Statement};
use crate::sandbox::query_optimizer::Session;

const BALANCE: Statement = Statement::read("balance", "SELECT balance_cents FROM wallets WHERE id = $1");
const ENTRIES: Statement = Statement::read(
    "entries of a wallet",
    "SELECT id, amount_cents, kind FROM entries WHERE wallet_id = $1 ORDER BY id DESC LIMIT 8",
);
const TAKE: Statement = Statement::write(
    "take from a wallet",
    "UPDATE wallets SET balance_cents = balance_cents - $1 WHERE id = $2 RETURNING balance_cents",
);
// A wallet has as many entries as it had at first: the new one takes the place of the oldest.
const ENTER: Statement = Statement::write(
    "enter a withdrawal",
    "UPDATE entries SET id = $1, amount_cents = $2, kind = 'withdrawal' WHERE wallet_id = $3 \
     AND id = (SELECT min(id) FROM entries WHERE wallet_id = $3)",
);
const BOOK: Statement = Statement::write(
    "book in the ledger",
    "INSERT INTO ledger (slot, id, wallet_id, amount_cents) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (slot) DO UPDATE SET id = excluded.id, wallet_id = excluded.wallet_id, \
     amount_cents = excluded.amount_cents",
);

pub(super) async fn one(session: &mut Session<'_>, user: i64) -> Result<Value, Failure> {
    let balance = session.query(BALANCE, vec![user.into()]).await?;
    let entries = session.query(ENTRIES, vec![user.into()]).await?;
    let entry =
        |row: &Row| json!({ "id": row.json(0), "amount": euros(row.integer(1)), "kind": row.json(2) });
    Ok(json!({
        "user": user,
        "balance": euros(balance.first().map_or(0, |row| row.integer(0))),
        "currency": "EUR",
        "entries": entries.iter().map(entry).collect::<Vec<_>>(),
    }))
}

/// Three statements, each on its way alone and each a transaction of its own.
pub(super) async fn withdraw_step_by_step(
    session: &mut Session<'_>,
    wanted: &Withdraw,
) -> Result<Value, Failure> {
    let mut balance = 0;
    for (statement, values) in statements(wanted) {
        let rows = session.query(statement, values).await?;
        balance = rows.first().map_or(balance, |row| row.integer(0));
    }
    Ok(answer(wanted, balance))
}

/// The same three as one batch: one way, one transaction.
pub(super) async fn withdraw_at_once(session: &mut Session<'_>, wanted: &Withdraw) -> Result<Value, Failure> {
    let rows = session.batch(statements(wanted)).await?;
    let balance = rows.iter().flatten().next().map_or(0, |row| row.integer(0));
    Ok(answer(wanted, balance))
}

fn statements(wanted: &Withdraw) -> Vec<Filled> {
    let Withdraw { id, user, cents, .. } = *wanted;
    vec![
        (TAKE, vec![cents.into(), user.into()]),
        (ENTER, vec![id.into(), cents.into(), user.into()]),
        (BOOK, vec![(id % N_KEPT).into(), id.into(), user.into(), cents.into()]),
    ]
}

fn answer(wanted: &Withdraw, balance_cents: i64) -> Value {
    json!({
        "id": wanted.id,
        "status": "pending",
        "user": wanted.user,
        "amount": wanted.amount,
        "currency": "EUR",
        "balance": euros(balance_cents),
        "reference": format!("W-{:08}", wanted.id),
        "message": "The amount is set aside and arrives within two working days.",
    })
}

fn euros(n_cents: i64) -> f64 {
    n_cents as f64 / 100.0
}
