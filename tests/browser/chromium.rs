//! A headless Chromium that knows no address but this machine's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What came of opening a page.
pub struct Opened {
    /// The page as the browser built it.
    pub dom: String,
    /// Every message of the page's console.
    pub complaints: Vec<String>,
}

/// Opens a page and says what the browser made of it.
pub fn open(page: &Path) -> Opened {
    let output = chromium(page, &["--dump-dom".to_owned()]);
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Opened { dom: String::from_utf8_lossy(&output.stdout).into_owned(), complaints }
}

/// Prints a page; returns the PDF's path.
pub fn print_to_pdf(page: &Path) -> PathBuf {
    let pdf = page.with_extension("pdf");
    chromium(page, &[format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer".to_owned()]);
    assert!(pdf.is_file(), "{} was printed", page.display());
    pdf
}

fn chromium(page: &Path, arguments: &[String]) -> Output {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-component-update",
            "--disable-sync",
            // Whatever a page or the browser itself asks for stays on this machine.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--enable-logging=stderr",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output();
    let output = output.unwrap_or_else(|error| panic!("chromium (package chromium) is needed: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}
