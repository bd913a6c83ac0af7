//! Jobs, found by a word of their trade or town; where nothing is found, the last ones, as in a search that ranks.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::Failure;
use super::question::Search;
use crate::sandbox::database::{Row, Statement, Value as Column};
use crate::sandbox::query_optimizer::{Pages, Projection, Session};

/// A job in full.
const COLUMNS: [&str; 12] = [
    "id",
    "title",
    "town",
    "hours_per_week",
    "posted_day",
    "summary",
    "description",
    "salary_from",
    "salary_to",
    "contact",
    "closes_on",
    "remote_days",
];
/// What a list of jobs shows.
const LIST_COLUMNS: [&str; 5] = ["id", "title", "town", "hours_per_week", "summary"];
/// A list without pages is no longer than this.
const MAX_UNPAGED: u32 = 40;

/// One page of no more columns than are asked for.
pub(super) async fn page(session: &mut Session<'_>, search: &Search) -> Result<Value, Failure> {
    let wanted = search.fields.as_deref().map(|fields| Projection::of(&COLUMNS, fields));
    let projection =
        wanted.filter(|wanted| !wanted.is_empty()).unwrap_or_else(|| Projection::all(&LIST_COLUMNS));
    let items = find(session, search, &projection, search.pages).await?;
    Ok(json!({ "page": search.pages.page, "size": search.pages.size, "items": items }))
}

/// All columns of all jobs found, as far as that goes.
pub(super) async fn everything(session: &mut Session<'_>, search: &Search) -> Result<Value, Failure> {
    let all = Pages { page: 1, size: MAX_UNPAGED };
    let items = find(session, search, &Projection::all(&COLUMNS), all).await?;
    Ok(json!({ "items": items }))
}

async fn find(
    session: &mut Session<'_>,
    search: &Search,
    projection: &Projection,
    pages: Pages,
) -> Result<Vec<Value>, Failure> {
    let part = [Column::from(pages.limit()), Column::from(pages.offset())];
    let mut rows = Vec::new();
    if let Some(word) = search.text.split_whitespace().next() {
        let values = [Column::from(word)].into_iter().chain(part.clone()).collect();
        rows = session.query(by_word(projection), values).await?;
    }
    // Beyond the last page there is nothing, but before it there is always something.
    if rows.is_empty() && pages.page == 1 {
        rows = session.query(last(projection), part.to_vec()).await?;
    }
    let item = |row: &Row| -> Value {
        let fields = projection.columns().iter().enumerate();
        Value::Object(
            fields.map(|(index, name)| ((*name).to_owned(), row.json(index))).collect::<Map<_, _>>(),
        )
    };
    Ok(rows.iter().map(item).collect())
}

fn by_word(projection: &Projection) -> Statement {
    let text = format!(
        "SELECT {} FROM (SELECT job_id, posted_day FROM job_words WHERE word = $1 \
         ORDER BY posted_day DESC, job_id DESC LIMIT $2 OFFSET $3) w \
         JOIN jobs j ON j.id = w.job_id ORDER BY w.posted_day DESC, w.job_id DESC",
        projection.list("j")
    );
    Statement { name: "jobs by word", text: Cow::Owned(text), writes: false, searches_words: true }
}

fn last(projection: &Projection) -> Statement {
    let text = format!("SELECT {} FROM jobs j ORDER BY j.id DESC LIMIT $1 OFFSET $2", projection.list("j"));
    Statement { name: "last jobs", text: Cow::Owned(text), writes: false, searches_words: false }
}
