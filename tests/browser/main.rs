//! Reports in a real browser: nothing is asked for, nothing is complained about, and pages print whole.
//!
//! Needs `chromium`, and `pdfinfo` and `pdftotext` (poppler-utils); without them the tests fail and say so.

mod chromium;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use chromium::{Opened, open, print_to_pdf};

/// A folder with a kept run in a library.
struct Bench {
    folder: TempDir,
}

impl Bench {
    /// The comprehensive preset against the sandbox, eleven minutes in some seconds, with an event.
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.stagewright(&["run", "comprehensive", "--time-scale", "0.015", "--quiet"], &[0, 1, 2]);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn stagewright(&self, arguments: &[&str], codes: &[i32]) {
        let answer = Command::new(env!("CARGO_BIN_EXE_stagewright"))
            .args(arguments)
            .args(["--library", "library.sqlite"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(answer.status.code().is_some_and(|code| codes.contains(&code)), "{arguments:?}: {answer:?}");
    }

    fn report(&self, arguments: &[&str], name: &str) -> PathBuf {
        self.stagewright(&[&["report", "latest", "-o", name][..], arguments].concat(), &[0]);
        self.path(name)
    }
}

/// Text and number of pages of a PDF.
fn read_pdf(pdf: &Path) -> (String, usize) {
    let run = |tool: &str, arguments: &[&str]| {
        let answer = Command::new(tool).args(arguments).output();
        let answer =
            answer.unwrap_or_else(|error| panic!("{tool} (package poppler-utils) is needed: {error}"));
        assert!(answer.status.success(), "{answer:?}");
        String::from_utf8(answer.stdout).unwrap()
    };
    let pdf = pdf.to_str().unwrap();
    let info = run("pdfinfo", &[pdf]);
    let pages = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap_or_else(|| panic!("{info}"));
    assert!(info.contains("A4"), "{info}");
    (run("pdftotext", &["-layout", pdf, "-"]), pages.trim().parse().unwrap())
}

/// The text between tags, as far as headings need it.
fn headings(html: &str, level: &str) -> Vec<String> {
    let open = format!("<{level} id=");
    let words =
        html.split(&open).skip(1).map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap());
    words.map(|words| words.replace("&amp;", "&").replace("&#39;", "'")).collect()
}

#[test]
fn a_report_opens_without_a_complaint_and_prints_whole() {
    let bench = Bench::new();
    let page = bench.report(&[], "report.html");
    let html = fs::read_to_string(&page).unwrap();
    let Opened { dom, complaints } = open(&page);
    assert!(complaints.is_empty(), "{complaints:#?}");
    // The browser built what was written: nothing was dropped or moved while it read the page.
    for element in ["<section", "<table", "<svg", "<figure", "<h2", "<h3", "<tr", "<td", "<li"] {
        assert_eq!(dom.matches(element).count(), html.matches(element).count(), "{element}");
    }
    assert!(dom.matches("<svg").count() >= 9, "{}", dom.matches("<svg").count());
    let (text, n_pages) = read_pdf(&print_to_pdf(&page));
    assert!((4..40).contains(&n_pages), "{n_pages} pages");
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let printed = squeezed(&text);
    for heading in headings(&html, "h2") {
        assert!(printed.contains(&squeezed(&heading)), "{heading} is printed");
    }
    // Charts are drawn with their words as text.
    for words in ["Responsetimeovertime", "p95", "Sustain(100)"] {
        assert!(printed.contains(words), "{words}");
    }
}

#[test]
fn one_page_is_one_page() {
    let bench = Bench::new();
    let page = bench.report(&["--variant", "one-page"], "page.html");
    let Opened { complaints, .. } = open(&page);
    assert!(complaints.is_empty(), "{complaints:#?}");
    let (text, n_pages) = read_pdf(&print_to_pdf(&page));
    assert_eq!(n_pages, 1, "{text}");
    for words in ["Verdict", "p95 response time", "Response time over time"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// The same page with something in it that asks for more: it is refused, and it is told here.
#[test]
fn a_page_that_asks_for_something_is_refused_and_noticed() {
    let bench = Bench::new();
    let page = bench.report(&[], "report.html");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let html = fs::read_to_string(&page).unwrap();
    let lure = format!("<img src=\"http://{address}/x.png\"><script>console.log('it ran')</script></main>");
    fs::write(&page, html.replace("</main>", &lure)).unwrap();
    let Opened { complaints, .. } = open(&page);
    assert!(complaints.iter().any(|line| line.contains("x.png")), "{complaints:#?}");
    assert!(!complaints.iter().any(|line| line.contains("\"it ran\"")), "{complaints:#?}");
    std::thread::sleep(Duration::from_millis(200));
    assert!(listener.accept().is_err(), "nothing was asked for");
}
