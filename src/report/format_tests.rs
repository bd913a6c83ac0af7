//! Reports as others read them: by a CommonMark parser, as XML, and as files beside each other.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{
    charts::tests::{Known, eventful},
    *,
};
use crate::analysis::sample;
use crate::model::Metric;

/// What a Markdown text comes to.
#[derive(Debug, Default)]
pub struct Read {
    /// Cells of the head and of each row, table by table.
    pub tables: Vec<Vec<usize>>,
    /// Targets of images and links, with their words.
    pub targets: Vec<(String, String)>,
    pub n_headings: usize,
}

/// Reads Markdown with the tables of GitHub.
pub fn read(text: &str) -> Read {
    let mut read = Read::default();
    let (mut n_cells, mut words) = (0, String::new());
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Table(_)) => read.tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => n_cells = 0,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => read.tables.last_mut().unwrap().push(n_cells),
            Event::Start(Tag::TableCell) => n_cells += 1,
            Event::Start(Tag::Image { dest_url, .. } | Tag::Link { dest_url, .. }) => {
                read.targets.push((dest_url.to_string(), String::new()));
                words.clear();
            }
            Event::Text(text) => words.push_str(&text),
            Event::End(TagEnd::Image | TagEnd::Link) => {
                read.targets.last_mut().unwrap().1 = std::mem::take(&mut words);
            }
            Event::Start(Tag::Heading { .. }) => read.n_headings += 1,
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(html.starts_with("<!--"), "a report makes no HTML of its own: {html}");
            }
            _ => {}
        }
    }
    read
}

/// How many cells rows have as they are written: a parser fills up and cuts what does not fit.
fn n_cells_as_written(text: &str) -> Vec<Vec<usize>> {
    let mut tables: Vec<Vec<usize>> = Vec::new();
    let (mut is_in_table, mut is_in_code) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_in_code = !is_in_code;
        }
        let is_row = line.starts_with('|') && !is_in_code;
        if is_row {
            if !is_in_table {
                tables.push(Vec::new());
            }
            let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            tables.last_mut().unwrap().push(bars - 1);
        }
        is_in_table = is_row;
    }
    tables
}

/// The names that mean harm, wherever the analyst may name something.
fn harmful() -> Known {
    let mut record = eventful();
    let scenario = &mut record.start.scenario;
    scenario.name = "Tom & \"Jerry\" | <b>".to_owned();
    scenario.journeys[0].steps[0].name = "List | [courses](http://x) `a` <script>".to_owned();
    scenario.load.stages[0].name = "1. Ramp|up ![x](y)".to_owned();
    Known::of(record)
}

#[test]
fn a_common_mark_parser_reads_every_table_and_finds_every_chart() {
    for known in [Known::of(eventful()), harmful()] {
        let files = files(&known.paper(), Format::Markdown, "My report, 2.md").unwrap();
        assert_eq!(files[0].path, "My report, 2.md");
        let text = String::from_utf8(files[0].bytes.clone()).unwrap();
        let read = read(&text);
        assert!(read.tables.len() > 10 && read.n_headings > 15, "{read:?}");
        for rows in read.tables.iter().chain(&n_cells_as_written(&text)) {
            assert!(rows.len() > 1 && rows.iter().all(|n_cells| *n_cells == rows[0]), "{rows:?}");
        }
        assert_eq!(n_cells_as_written(&text).len(), read.tables.len());
        let paths: BTreeSet<String> = files[1..].iter().map(|file| file.path.clone()).collect();
        let targets: BTreeSet<String> = read
            .targets
            .iter()
            .map(|(target, _)| {
                percent_encoding::percent_decode_str(target).decode_utf8().unwrap().into_owned()
            })
            .collect();
        assert_eq!(targets, paths, "every chart is shown, and every image is there");
        assert!(paths.contains("My report, 2-charts/latency.svg"), "{paths:?}");
        for (target, words) in &read.targets {
            assert!(words.len() > 40 && words.ends_with('.'), "{target} says what it shows: {words}");
        }
    }
}

#[test]
fn charts_are_xml_that_asks_for_nothing() {
    for known in [Known::of(eventful()), harmful()] {
        for file in &files(&known.paper(), Format::Markdown, "report.md").unwrap()[1..] {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            let elements = elements(text);
            assert_eq!(elements[0].name, "svg", "{}", file.path);
            for element in &elements {
                let is_known = ["svg", "title", "desc", "rect", "path", "circle", "text"]
                    .contains(&element.name.as_str());
                assert!(is_known, "{} in {}", element.name, file.path);
                assert!(!element.attributes.contains_key("href"), "{}", file.path);
            }
            assert!(file.bytes.len() < 120_000, "{}: {} bytes", file.path, file.bytes.len());
        }
    }
}

#[test]
fn every_format_has_its_files() {
    let known = Known::of(eventful());
    let names = |format: Format| -> Vec<String> {
        let name = format!("report.{}", format.ending());
        files(&known.paper(), format, &name).unwrap().into_iter().map(|file| file.path).collect()
    };
    assert_eq!(names(Format::Html), ["report.html"]);
    assert_eq!(names(Format::Json), ["report.json"]);
    assert_eq!(names(Format::Junit), ["report.xml"]);
    assert_eq!(names(Format::Csv), ["report.csv", "report-results.csv"]);
    assert!(names(Format::Markdown).len() > 10);
    for format in Format::ALL {
        assert_eq!(Format::of_ending(&format.ending().to_uppercase()), Some(format));
    }
    assert_eq!(Format::of_ending("docx"), None);
}

/// An element of XML.
#[derive(Debug)]
struct Element {
    name: String,
    parent: String,
    attributes: BTreeMap<String, String>,
}

/// All elements of a well-formed text, in order.
fn elements(text: &str) -> Vec<Element> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut elements, mut open): (Vec<Element>, Vec<String>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}"));
        let (start, is_empty) = match &event {
            quick_xml::events::Event::Start(start) => (start, false),
            quick_xml::events::Event::Empty(start) => (start, true),
            quick_xml::events::Event::End(_) => {
                open.pop();
                continue;
            }
            quick_xml::events::Event::Eof => break,
            _ => continue,
        };
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            (key, String::from_utf8(attribute.value.to_vec()).unwrap())
        });
        let parent = open.last().cloned().unwrap_or_default();
        elements.push(Element { name: name.clone(), parent, attributes: attributes.collect() });
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} is never closed");
    elements
}

/// What Jenkins asks of JUnit files (the schema of its xUnit plug-in): which element stands where, and what it must have.
#[test]
fn junit_files_are_such_as_jenkins_reads() {
    type Rule<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str]);
    let rules: BTreeMap<&str, Rule<'_>> = BTreeMap::from([
        // Element, within, attributes that it must have, and that it may have.
        ("testsuites", (&[""][..], &[][..], &["name", "time", "tests", "failures", "errors"][..])),
        (
            "testsuite",
            (
                &["testsuites", "testsuite", ""],
                &["name", "tests", "failures", "errors"],
                &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
            ),
        ),
        ("properties", (&["testsuite"], &[], &[])),
        ("property", (&["properties"], &["name", "value"], &[])),
        ("testcase", (&["testsuite"], &["name"], &["time", "classname", "group"])),
        ("failure", (&["testcase"], &[], &["type", "message"])),
        ("skipped", (&["testcase"], &[], &["type", "message"])),
    ]);
    let mut scenario = sample::scenario();
    scenario.name = "Tom & \"Jerry\" <b>\u{1}".to_owned();
    scenario.thresholds =
        vec![sample::must(Metric::Quantile(0.95), 0.001), sample::must(Metric::Throughput, 1.0)];
    scenario.services[0].budgets = vec![sample::budget_p95(10)];
    for known in [Known::of(eventful()), Known::of(sample::record(scenario))] {
        let text = junit(&known.paper());
        let elements = elements(&text);
        assert_eq!(elements[0].name, "testsuites");
        for element in &elements {
            let (within, must, may) =
                rules.get(element.name.as_str()).unwrap_or_else(|| panic!("{element:?}"));
            assert!(within.contains(&element.parent.as_str()), "{element:?}");
            let has = |name: &&str| element.attributes.contains_key(*name);
            assert!(must.iter().all(has), "{element:?} lacks one of {must:?}");
            let is_known = |name: &String| must.contains(&name.as_str()) || may.contains(&name.as_str());
            assert!(element.attributes.keys().all(is_known), "{element:?}");
        }
        let suite = &elements[1].attributes;
        let count = |name: &str| elements.iter().filter(|element| element.name == name).count().to_string();
        assert_eq!((&suite["tests"], &suite["failures"]), (&count("testcase"), &count("failure")));
        assert_eq!((&suite["skipped"], suite["errors"].as_str()), (&count("skipped"), "0"));
        // Digits with a point, no exponent and no sign.
        assert!(suite["time"].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{suite:?}");
    }
}
