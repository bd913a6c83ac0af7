//! Standard output and standard error that survive a reader who has gone (`| head`).

use std::io::{self, Write};

use super::exit::CliError;

/// Writes text to standard output, as it is.
pub fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::Fault(format!("standard output cannot be written: {error}")))
        }
        // A reader that has gone has read enough; the work goes on and its result is kept.
        _ => Ok(()),
    }
}

/// Writes a value to standard output as indented JSON.
pub fn print_json(value: &serde_json::Value) -> Result<(), CliError> {
    print(&format!("{value:#}\n"))
}

/// Writes a line to standard error; where nobody listens, nothing can be done.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Columns of the terminal that standard output goes to; none where it goes elsewhere.
pub fn terminal_width() -> Option<u16> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size_checked()).flatten().map(|(_, columns)| columns)
}
