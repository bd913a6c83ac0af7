//! The tables and what is in them at first, the same every time: users, courses, wallets and jobs.

use std::fmt::Write as _;

pub const N_USERS: i64 = 1_000;
pub const N_COURSES: i64 = 400;
pub const N_JOBS: i64 = 3_000;
/// Words under which jobs are found: those of their trade, which are one or two, and their town.
pub const N_JOB_WORDS: usize = 6_900;
/// Of enrolments and withdrawals so many are kept, however long the sandbox runs.
pub const N_KEPT: i64 = 100_000;
const N_TEACHERS: i64 = 40;
pub const N_ENTRIES_PER_WALLET: i64 = 8;
pub const N_ENROLMENTS: i64 = 500;
const N_ROWS_PER_INSERT: usize = 200;

const TABLES: &str = "
CREATE TABLE users (id BIGINT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, left_on TEXT);
CREATE TABLE teachers (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE courses (id BIGINT PRIMARY KEY, teacher_id BIGINT NOT NULL, title TEXT NOT NULL, level TEXT NOT NULL,
    price_cents BIGINT NOT NULL, description TEXT NOT NULL);
CREATE TABLE lessons (course_id BIGINT NOT NULL, n BIGINT NOT NULL, title TEXT NOT NULL, PRIMARY KEY (course_id, n));
CREATE TABLE enrolments (slot BIGINT PRIMARY KEY, id BIGINT NOT NULL, course_id BIGINT);
CREATE INDEX enrolments_by_id ON enrolments (id);
CREATE TABLE wallets (id BIGINT PRIMARY KEY, balance_cents BIGINT NOT NULL);
CREATE TABLE entries (wallet_id BIGINT NOT NULL, id BIGINT NOT NULL, amount_cents BIGINT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (wallet_id, id));
CREATE TABLE ledger (slot BIGINT PRIMARY KEY, id BIGINT NOT NULL, wallet_id BIGINT NOT NULL, amount_cents BIGINT NOT NULL);
CREATE TABLE jobs (id BIGINT PRIMARY KEY, title TEXT NOT NULL, town TEXT NOT NULL, hours_per_week BIGINT NOT NULL,
    posted_day BIGINT NOT NULL, summary TEXT NOT NULL, description TEXT NOT NULL, salary_from BIGINT, salary_to BIGINT,
    contact TEXT, closes_on TEXT, remote_days BIGINT);
CREATE TABLE job_words (word TEXT NOT NULL, posted_day BIGINT NOT NULL, job_id BIGINT NOT NULL);
";

const TOPICS: [&str; 8] = [
    "Algebra",
    "Bookkeeping",
    "Statistics",
    "Typography",
    "Networks",
    "Databases",
    "Bread and Pastry",
    "Carpentry",
];

const TRADES: [&str; 10] = [
    "Welder",
    "Data analyst",
    "Nurse",
    "Rust developer",
    "Gardener",
    "Teacher",
    "Test engineer",
    "Baker",
    "Electrician",
    "Translator",
];

const TOWNS: [&str; 4] = ["Aarhus", "Bruges", "Cork", "Dresden"];
const LEVELS: [&str; 3] = ["beginner", "intermediate", "advanced"];
const FIRST_NAMES: [&str; 8] =
    ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Katherine", "Alan", "Margaret"];
const LAST_NAMES: [&str; 5] = ["Alvarez", "Bauer", "Chen", "Dubois", "Eriksen"];

/// What a description says of a job, in an order that depends on the job.
const SENTENCES: [&str; 7] = [
    "You work in a small team that plans its own week and decides together what comes first.",
    "Tools, clothes and training are provided, and time to learn is part of the working hours.",
    "We look for people who explain what they do, ask when they do not know, and like to finish things.",
    "The workshop is ten minutes from the station; there is room for bicycles and a kitchen for all.",
    "The contract has no end date, and part time is possible from the first day on.",
    "Applications take ten minutes; whoever applies hears from us within a week, whatever the answer.",
    "Experience helps but is not required: the first three months are spent beside someone who has it.",
];

/// All statements that make and fill the tables, one text after the other.
pub(super) fn script<E>(mut run: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    run(TABLES)?;
    let mut fill = |table: &str, n_rows: i64, row: &dyn Fn(i64) -> String| -> Result<(), E> {
        fill_table(table, (1..=n_rows).map(row), &mut run)
    };
    fill("users", N_USERS, &user)?;
    fill("teachers", N_TEACHERS, &|id| format!("({id}, '{}')", full_name(id * 3)))?;
    fill("courses", N_COURSES, &course)?;
    for course_id in 1..=N_COURSES {
        fill("lessons", 6 + course_id % 18, &|n| format!("({course_id}, {n}, 'Lesson {n}')"))?;
    }
    fill("enrolments", N_ENROLMENTS, &|id| format!("({id}, {id}, {})", id * 7 % N_COURSES + 1))?;
    fill("wallets", N_USERS, &|id| format!("({id}, {})", 128_450 + id * 37 % 10_000))?;
    fill("entries", N_USERS * N_ENTRIES_PER_WALLET, &entry)?;
    fill("jobs", N_JOBS, &job)?;
    fill_table("job_words", (1..=N_JOBS).flat_map(job_words), &mut run)
}

fn fill_table<E>(
    table: &str,
    rows: impl Iterator<Item = String>,
    run: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let mut text = format!("INSERT INTO {table} VALUES ");
        for (index, row) in rows.by_ref().take(N_ROWS_PER_INSERT).enumerate() {
            // Writing into a text cannot fail.
            let _ = write!(text, "{}{row}", if index > 0 { "," } else { "" });
        }
        run(&text)?;
    }
    Ok(())
}

fn full_name(n: i64) -> String {
    let n = n.unsigned_abs() as usize;
    format!("{} {}", FIRST_NAMES[n % FIRST_NAMES.len()], LAST_NAMES[n / FIRST_NAMES.len() % LAST_NAMES.len()])
}

fn user(id: i64) -> String {
    let phone = if id % 3 == 0 { format!("'+45 55 {id:06}'") } else { "NULL".to_owned() };
    format!("({id}, '{}', 'user{id}@family.example', {phone}, NULL)", full_name(id))
}

fn course(id: i64) -> String {
    let n = id.unsigned_abs() as usize;
    format!(
        "({id}, {}, '{} {}', '{}', {}, 'Short lessons with exercises, one project, and a certificate for those who finish it.')",
        id * 11 % N_TEACHERS + 1,
        TOPICS[n % TOPICS.len()],
        n.div_ceil(TOPICS.len()),
        LEVELS[n % LEVELS.len()],
        1_900 + id % 50 * 100,
    )
}

fn entry(n: i64) -> String {
    let kind = if n % 3 == 0 { "withdrawal" } else { "payment" };
    let (wallet_id, id) = ((n - 1) / N_ENTRIES_PER_WALLET + 1, (n - 1) % N_ENTRIES_PER_WALLET + 1);
    format!("({wallet_id}, {id}, {}, '{kind}')", n * 137 % 9_000)
}

fn trade_of(id: i64) -> &'static str {
    TRADES[id.unsigned_abs() as usize % TRADES.len()]
}

fn town_of(id: i64) -> &'static str {
    TOWNS[id.unsigned_abs() as usize / TRADES.len() % TOWNS.len()]
}

/// Days since the oldest was posted; several are posted on a day.
fn posted_day_of(id: i64) -> i64 {
    id * 7_919 % N_JOBS / 8
}

fn job(id: i64) -> String {
    let (trade, town) = (trade_of(id), town_of(id));
    let n = id.unsigned_abs() as usize;
    let description: Vec<&str> = (0..6).map(|index| SENTENCES[(n + index) % SENTENCES.len()]).collect();
    let salary = if n.is_multiple_of(4) {
        format!("{}, {}", 2_100 + id % 9 * 100, 2_600 + id % 11 * 100)
    } else {
        "NULL, NULL".to_owned()
    };
    let contact = if n.is_multiple_of(5) {
        format!("'jobs{id}@{}.example'", town.to_lowercase())
    } else {
        "NULL".to_owned()
    };
    let remote_days = if n.is_multiple_of(6) { (id % 4 + 1).to_string() } else { "NULL".to_owned() };
    format!(
        "({id}, '{trade}', '{town}', {}, {}, '{trade} wanted for a small team; training is paid, tools are provided.', '{}', \
         {salary}, {contact}, NULL, {remote_days})",
        20 + id % 3 * 10,
        posted_day_of(id),
        description.join(" "),
    )
}

fn job_words(id: i64) -> impl Iterator<Item = String> {
    let words = trade_of(id).split(' ').chain([town_of(id)]).map(str::to_lowercase);
    let day = posted_day_of(id);
    words.map(move |word| format!("('{word}', {day}, {id})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<String> {
        let mut texts = Vec::new();
        let kept: Result<(), ()> = script(|text| {
            texts.push(text.to_owned());
            Ok(())
        });
        kept.unwrap();
        texts
    }

    #[test]
    fn the_data_are_the_same_every_time() {
        assert_eq!(all(), all());
    }

    #[test]
    fn there_are_as_many_words_as_it_is_said() {
        assert_eq!((1..=N_JOBS).flat_map(job_words).count(), N_JOB_WORDS);
    }

    #[test]
    fn descriptions_are_long_and_many_fields_are_empty() {
        let jobs: Vec<String> = (1..=100).map(job).collect();
        assert!(jobs.iter().all(|job| job.len() > 500));
        assert!(jobs.iter().filter(|job| job.matches("NULL").count() >= 3).count() > 60);
    }
}
