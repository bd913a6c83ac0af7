//! Courses, and who takes them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Failure;
use super::question::Enrol;
use crate::sandbox::database::{N_COURSES, N_KEPT, Row, Statement};
use crate::sandbox::query_optimizer::{Pages, Session};

const COURSES: Statement = Statement::read(
    "courses of a page",
    "SELECT id, title, level, price_cents, description, teacher_id FROM courses WHERE id > $1 AND id <= $2 ORDER BY id",
);
const REST_OF_COURSE: Statement = Statement::read(
    "teacher and lessons of a course",
    "SELECT t.name, (SELECT count(*) FROM lessons l WHERE l.course_id = $1) FROM teachers t WHERE t.id = $2",
);
const COURSES_JOINED: Statement = Statement::read(
    "courses of a page with teachers and lessons",
    "SELECT c.id, c.title, c.level, c.price_cents, c.description, t.name, \
     (SELECT count(*) FROM lessons l WHERE l.course_id = c.id) \
     FROM courses c JOIN teachers t ON t.id = c.teacher_id WHERE c.id > $1 AND c.id <= $2 ORDER BY c.id",
);
const ENROL: Statement = Statement::write(
    "enrol",
    "INSERT INTO enrolments (slot, id, course_id) VALUES ($1, $2, $3) \
     ON CONFLICT (slot) DO UPDATE SET id = excluded.id, course_id = excluded.course_id",
);
const LESSONS: Statement =
    Statement::read("first lessons", "SELECT n, title FROM lessons WHERE course_id = $1 ORDER BY n LIMIT 6");
const LATEST: Statement = Statement::read(
    "latest enrolments",
    "SELECT e.id, e.course_id, c.title FROM (SELECT id, course_id FROM enrolments ORDER BY id DESC LIMIT 20) e \
     LEFT JOIN courses c ON c.id = e.course_id ORDER BY e.id DESC",
);

/// A page in N+1 statements: one for the courses, and one more for each of them.
pub(super) async fn list_one_by_one(session: &mut Session<'_>, pages: Pages) -> Result<Value, Failure> {
    let (first, last) = bounds(pages);
    let mut items = Vec::new();
    for course in session.query(COURSES, vec![first.into(), last.into()]).await? {
        let rest =
            session.query(REST_OF_COURSE, vec![course.integer(0).into(), course.integer(5).into()]).await?;
        let (teacher, n_lessons) =
            rest.first().map_or_else(Default::default, |rest| (rest.json(0), rest.json(1)));
        items.push(item(&course, teacher, n_lessons));
    }
    Ok(page_of(pages, items))
}

/// The same in one statement.
pub(super) async fn list_by_join(session: &mut Session<'_>, pages: Pages) -> Result<Value, Failure> {
    let (first, last) = bounds(pages);
    let rows = session.query(COURSES_JOINED, vec![first.into(), last.into()]).await?;
    Ok(page_of(pages, rows.iter().map(|row| item(row, row.json(5), row.json(6))).collect()))
}

pub(super) async fn one(session: &mut Session<'_>, id: i64) -> Result<Value, Failure> {
    let rows = session.query(COURSES_JOINED, vec![(id.saturating_sub(1)).into(), id.into()]).await?;
    rows.first().map(|row| item(row, row.json(5), row.json(6))).ok_or_else(|| Failure {
        status: StatusCode::NOT_FOUND,
        message: format!("no such course: ids go from 1 to {N_COURSES}"),
    })
}

pub(super) async fn enrol(session: &mut Session<'_>, wanted: &Enrol) -> Result<Value, Failure> {
    let slot = wanted.id % N_KEPT;
    session.query(ENROL, vec![slot.into(), wanted.id.into(), wanted.course_id.into()]).await?;
    let lessons = session.query(LESSONS, vec![wanted.course_id.into()]).await?;
    let lesson = |row: &Row| json!({ "n": row.json(0), "title": row.json(1), "done": false });
    Ok(json!({
        "id": wanted.id,
        "status": "enrolled",
        "course": wanted.course,
        "starts_on": "2026-01-12",
        "lessons": lessons.iter().map(lesson).collect::<Vec<_>>(),
    }))
}

pub(super) async fn latest_enrolments(session: &mut Session<'_>) -> Result<Value, Failure> {
    let rows = session.query(LATEST, vec![]).await?;
    let enrolment = |row: &Row| json!({ "id": row.json(0), "course": row.json(1), "title": row.json(2) });
    Ok(json!({ "items": rows.iter().map(enrolment).collect::<Vec<_>>() }))
}

/// The ids of a page's courses: above the first, up to the last.
fn bounds(pages: Pages) -> (i64, i64) {
    (pages.offset(), pages.offset() + pages.limit())
}

fn page_of(pages: Pages, items: Vec<Value>) -> Value {
    json!({ "page": pages.page, "n_pages": pages.n_pages(N_COURSES), "items": items })
}

/// A course of which the first five columns are known.
fn item(course: &Row, teacher: Value, n_lessons: Value) -> Value {
    json!({
        "id": course.json(0),
        "title": course.json(1),
        "level": course.json(2),
        "n_lessons": n_lessons,
        "price": course.integer(3) as f64 / 100.0,
        "description": course.json(4),
        "teacher": teacher,
    })
}
