//! Files as they come, read whole and by position.

use std::path::Path;
use std::sync::Arc;

use super::row::RowReader;
use super::source::{Opened, Source};
use super::*;
use crate::model::{AtEnd, FeedOrder};

fn feeder(file: &str) -> Feeder {
    Feeder {
        name: "users".into(),
        file: file.into(),
        format: None,
        order: FeedOrder::Sequential,
        at_end: AtEnd::Wrap,
    }
}

fn written(folder: &Path, file: &str, content: &[u8]) -> Feeder {
    std::fs::write(folder.join(file), content).unwrap();
    feeder(file)
}

/// All rows, read in order and then backwards, with the file held or on disk.
fn rows(folder: &Path, feeder: &Feeder, held_whole: u64) -> Vec<Vec<String>> {
    let Opened { source, problems, .. } =
        Source::open(&folder.join(&feeder.file), feeder, held_whole, usize::MAX).unwrap();
    assert_eq!(problems, []);
    let source = Arc::new(source);
    let read = |reader: &mut RowReader, row| {
        let mut fields = vec![String::new(); source.columns.len()];
        reader.read(row, |_| true, |column, field| fields[column].push_str(field)).unwrap();
        fields
    };
    let mut reader = RowReader::sequential(Arc::clone(&source));
    let forwards: Vec<_> = (0..source.n_rows()).map(|row| read(&mut reader, row)).collect();
    let mut reader = RowReader::scattered(Arc::clone(&source));
    let backwards: Vec<_> = (0..source.n_rows()).rev().map(|row| read(&mut reader, row)).collect();
    assert!(forwards.iter().eq(backwards.iter().rev()));
    forwards
}

fn check(file: &str, content: &str, columns: &[&str], expected: &[&[&str]]) {
    let folder = tempfile::tempdir().unwrap();
    let feeder = written(folder.path(), file, content.as_bytes());
    let preview = feeder_preview(Some(folder.path()), &feeder, 100);
    assert_eq!(
        (preview.columns, preview.problems),
        (columns.iter().map(|name| (*name).to_owned()).collect(), vec![])
    );
    assert_eq!(preview.n_rows, Some(expected.len() as u64));
    assert_eq!(preview.rows, expected, "preview of {content:?}");
    for held_whole in [0, u64::MAX] {
        assert_eq!(rows(folder.path(), &feeder, held_whole), expected, "{content:?}, {held_whole}");
    }
}

/// Line and message of the first problem.
fn check_problem(file: &str, content: &[u8], line: Option<u64>, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let feeder = written(folder.path(), file, content);
    for held_whole in [0, u64::MAX] {
        let path = folder.path().join(file);
        let opened = Source::open(&path, &feeder, held_whole, usize::MAX).unwrap();
        let problem = opened.problems.first().unwrap_or_else(|| panic!("{file}: no problem ({words})"));
        assert!(problem.message.contains(words), "{problem}, not {words}");
        assert_eq!(problem.line, line, "{problem}");
    }
}

#[test]
fn csv_is_read_as_people_and_programs_write_it() {
    let expected: &[&[&str]] = &[&["ada", "1"], &["bob", "2"]];
    check("a.csv", "user,n\nada,1\nbob,2\n", &["user", "n"], expected);
    check("a.csv", "user,n\r\nada,1\r\nbob,2", &["user", "n"], expected);
    check("a.csv", "\u{feff}user,n\r\nada,1\r\n\r\nbob,2\r\n\r\n", &["user", "n"], expected);
    check("a.csv", "user;n\nada;1\nbob;2\n", &["user", "n"], expected);
    check("a.txt", "user\tn\nada\t1\nbob\t2\n", &["user", "n"], expected);
    check("a.csv", " user , n\n\"ada\",1\nbob,2\n", &["user", "n"], expected);
    check(
        "a.csv",
        "note\n\"two\nlines, \"\"quoted\"\"\"\n\"\"\n\"\u{feff}é\"\n",
        &["note"],
        &[&["two\nlines, \"quoted\""], &[""], &["\u{feff}é"]],
    );
}

#[test]
fn json_lines_are_read_with_nested_values_as_text() {
    let content = "\u{feff}{\"user\":\"ada\",\"tags\":[1, 2]}\r\n\n{\"tags\":{\"a\":null},\"user\":7}";
    check("a.jsonl", content, &["user", "tags"], &[&["ada", "[1, 2]"], &["7", "{\"a\":null}"]]);
}

#[test]
fn problems_name_line_and_reason() {
    check_problem("a.csv", b"", None, "it is empty");
    check_problem("a.csv", b"user,n\n", None, "no row below it");
    check_problem("a.csv", b"user,user\na,b\n", Some(1), "names `user` twice");
    check_problem("a.csv", b",\na,b\n", Some(1), "names no column");
    check_problem("a.csv", b"user,n\n\"a\nb\",1\n\nbob\n", Some(5), "1 field, and the header names 2");
    check_problem("a.csv", b"user,n\r\na,1\r\nb,2,3\r\n", Some(3), "3 fields");
    check_problem("a.csv", b"user,n\na,1\nM\xfcller,2\n", Some(3), "not UTF-8");
    check_problem("a.csv", b"\xff\xfeu\0", None, "UTF-16");
    check_problem("a.csv", b"user\na\n\"b\nc\n", Some(3), "quote is never closed");
    check_problem("a.jsonl", b"{\"a\":1}\n\n[1]\n", Some(3), "no JSON object");
    check_problem("a.jsonl", b"{\"a\":1}\n{\"a\":\"\xfc\"}\n", Some(2), "not UTF-8");
    check_problem("a.json", b"  \n", None, "it is empty");
}

#[test]
fn a_quote_that_swallows_the_file_is_found_before_all_of_it_is_in_memory() {
    let mut content = b"user,n\nada,1\n\"bob,2\n".to_vec();
    content.resize(20 * 1024 * 1024, b'x');
    check_problem("a.csv", &content, Some(3), "more than 16 MB");
}

#[test]
fn a_preview_of_a_large_file_looks_at_its_beginning_only() {
    let folder = tempfile::tempdir().unwrap();
    let row = format!("ada,{}\n", "x".repeat(10_000));
    let feeder = written(folder.path(), "a.csv", format!("user,n\n{}broken", row.repeat(3_500)).as_bytes());
    let preview = feeder_preview(Some(folder.path()), &feeder, 3);
    assert_eq!((preview.rows.len(), preview.n_rows, preview.problems), (3, None, vec![]));
}

#[test]
fn a_file_that_is_not_there_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["nowhere.csv", "."] {
        let preview = feeder_preview(Some(folder.path()), &feeder(file), 3);
        assert!(preview.problems[0].message.contains("cannot be read"), "{preview:?}");
    }
}
