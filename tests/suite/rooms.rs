//! Holds the map of rooms in `ARCHITECTURE.md` against the sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::project;

/// Each room with the rooms that it may know.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("metrics", &["model"]),
    ("engine", &["model", "metrics", "trust"]),
    ("monitor", &["model", "metrics", "trust"]),
    ("store", &["model", "metrics"]),
    ("analysis", &["model", "metrics", "humanize"]),
    ("report", &["model", "metrics", "analysis", "humanize"]),
    ("sandbox", &["trust"]),
    ("trust", &[]),
    ("humanize", &[]),
    (
        "launch",
        &["model", "metrics", "engine", "monitor", "store", "analysis", "report", "sandbox", "humanize"],
    ),
    (
        "cli",
        &[
            "model", "metrics", "engine", "monitor", "store", "analysis", "report", "sandbox", "humanize",
            "launch",
        ],
    ),
    (
        "app",
        &[
            "model", "metrics", "engine", "monitor", "store", "analysis", "report", "sandbox", "humanize",
            "launch",
        ],
    ),
];

const PURE_ROOMS: [&str; 3] = ["model", "metrics", "analysis"];
const IMPURE_WORDS: [&str; 8] =
    ["std::fs", "std::net", "std::thread", "std::env", "SystemTime", "Instant::now", "tokio::", "thread_rng"];
const MAX_LINES: usize = 500;

/// One source file without comments and without its tests.
struct Source {
    path: PathBuf,
    room: String,
    code: String,
    n_lines: usize,
}

#[test]
fn each_room_knows_only_those_it_may_know() {
    let mut trespasses = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room) else {
            trespasses.push(format!("{}: a room that the table does not know", source.path.display()));
            continue;
        };
        for known in rooms_named(&source) {
            if known != source.room && !allowed.contains(&known.as_str()) {
                trespasses.push(format!("{}: {} must not know {known}", source.path.display(), source.room));
            }
        }
    }
    assert!(trespasses.is_empty(), "{trespasses:#?}");
}

#[test]
fn every_room_of_the_table_exists() {
    let present: BTreeSet<String> = sources().into_iter().map(|source| source.room).collect();
    let table: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(present, table);
}

#[test]
fn main_only_picks_a_face() {
    let code = without_comments(&fs::read_to_string(project().join("src/main.rs")).unwrap());
    let named: BTreeSet<String> =
        code.split("stagewright::").skip(1).filter_map(|rest| first_names(rest).into_iter().next()).collect();
    assert_eq!(named, BTreeSet::from(["app".to_owned(), "cli".to_owned()]));
}

#[test]
fn only_the_window_names_its_crates() {
    for source in sources().iter().filter(|source| source.room != "app") {
        for word in ["egui", "eframe", "winit", "rfd::"] {
            assert!(!source.code.contains(word), "{} names {word}", source.path.display());
        }
    }
}

#[test]
fn pure_rooms_touch_no_disk_network_clock_or_thread() {
    for source in sources().iter().filter(|source| PURE_ROOMS.contains(&source.room.as_str())) {
        for word in IMPURE_WORDS {
            assert!(!source.code.contains(word), "{} uses {word}", source.path.display());
        }
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| !is_of_tests(&source.path) && source.n_lines > MAX_LINES)
        .map(|source| format!("{}: {} lines", source.path.display(), source.n_lines))
        .collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines, tests aside: {long:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    for source in sources() {
        let text = fs::read_to_string(&source.path).unwrap();
        assert!(text.starts_with("//! "), "{} has no header", source.path.display());
    }
}

#[test]
fn names_are_found_in_paths_and_groups() {
    let check = |code: &str, expected: &[&str]| {
        let source =
            Source { path: "src/x/mod.rs".into(), room: "x".to_owned(), code: code.to_owned(), n_lines: 1 };
        let named: Vec<String> = rooms_named(&source).into_iter().collect();
        assert_eq!(named, expected, "{code}");
    };
    check("use crate::model::Plan;", &["model"]);
    check("use crate::{humanize, report::{json, markdown}};", &["humanize", "report"]);
    check("fn f(plan: &crate::model::Plan) {}", &["model"]);
    check("use super::engine;", &["engine"]);
    check("use super::Summary;", &[]);
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(project().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let room = path.file_name().unwrap().to_str().unwrap().to_owned();
            collect(&path, &room, &mut sources);
        }
    }
    assert!(sources.len() > 20, "the sources are where this test looks for them");
    sources
}

fn collect(folder: &Path, room: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, room, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = without_tests(&text);
            sources.push(Source {
                path,
                room: room.to_owned(),
                code: without_comments(text),
                n_lines: text.lines().count(),
            });
        }
    }
}

/// A file that holds nothing but the tests of its neighbours.
fn is_of_tests(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs" || name == "screen_tests.rs")
        || path.components().any(|part| part.as_os_str() == "tests")
}

/// By convention a file's tests are its last module.
fn without_tests(text: &str) -> &str {
    let start = text.match_indices("#[cfg(test)]\n").find(|(at, attribute)| {
        let next = text[at + attribute.len()..].lines().next().unwrap_or_default();
        next.ends_with("mod tests {")
    });
    start.map_or(text, |(at, _)| &text[..at])
}

fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| match line.find("//") {
        // An address within a text is no comment.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

/// The rooms that a file mentions, by whatever road.
fn rooms_named(source: &Source) -> BTreeSet<String> {
    // From a room's door, `super` is the crate.
    let is_door = source.path.ends_with(Path::new(&source.room).join("mod.rs"));
    let roads: &[&str] = if is_door { &["crate::", "super::"] } else { &["crate::", "super::super::"] };
    let named = roads
        .iter()
        .flat_map(|road| source.code.split(road).skip(1))
        .flat_map(first_names)
        .filter(|name| ROOMS.iter().any(|(room, _)| room == name));
    named.collect()
}

/// The first name of a path, or of each path in a group.
fn first_names(rest: &str) -> Vec<String> {
    let name_of = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![name_of(rest)] };
    let mut names = vec![name_of(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name_of(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
