//! The sandbox as a child process, so that its work does not disturb the generator's clocks and threads.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::SandboxError;
use super::server::ADDRESS_LINE;

/// The environment variables that stand for the flags `--postgres` and `--redis`.
pub const POSTGRES_VARIABLE: &str = "STAGEWRIGHT_SANDBOX_POSTGRES";
pub const REDIS_VARIABLE: &str = "STAGEWRIGHT_SANDBOX_REDIS";

const START_PATIENCE: Duration = Duration::from_secs(10);
const MAX_COMPLAINT_BYTES: u64 = 4 * 1024;

/// A sandbox in a child process; stops when dropped, and with this process whatever way that ends.
pub struct SandboxProcess {
    /// Its standard input stays open as long as this lives: the child ends with it.
    child: Child,
    base_url: String,
}

impl SandboxProcess {
    /// Starts this program's `sandbox` command as a child on a free loopback port and waits until it listens. Each wish is
    /// a flag by its name, with dashes for underscores, and its value, which is empty where there is none; URLs of servers,
    /// which may hold passwords, go through its environment.
    pub fn start<'a>(wishes: impl Iterator<Item = (&'static str, &'a str)>) -> Result<Self, SandboxError> {
        let program = std::env::current_exe().map_err(|error| {
            SandboxError::Start(format!("this program does not find its own file to start it again: {error}"))
        })?;
        Self::start_program_with(&program, wishes)
    }

    /// As [`start`](Self::start), with the file of the program named: inside a test this program is another one.
    pub fn start_program_with<'a>(
        program: &Path,
        wishes: impl Iterator<Item = (&'static str, &'a str)>,
    ) -> Result<Self, SandboxError> {
        let mut command = Command::new(program);
        command.arg("sandbox");
        for wish in wishes {
            match variable(wish.0) {
                Some(variable) => command.env(variable, wish.1),
                None => command.arg(flag(wish)),
            };
        }
        Self::start_command(&mut command)
    }

    /// As [`start_program_with`](Self::start_program_with), with nothing asked for.
    pub fn start_program(program: &Path) -> Result<Self, SandboxError> {
        Self::start_program_with(program, std::iter::empty())
    }

    fn start_command(command: &mut Command) -> Result<Self, SandboxError> {
        let child = command
            .args(["--port", "0", "--exit-with-parent"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let named =
            |error| SandboxError::Start(format!("{error}: {}", Path::new(command.get_program()).display()));
        let child = child.map_err(named)?;
        let mut process = Self { child, base_url: String::new() };
        let (Some(out), Some(complaints)) = (process.child.stdout.take(), process.child.stderr.take()) else {
            return Err(SandboxError::Start("the child process has no output".to_owned()));
        };
        match base_url_from(out) {
            Some(base_url) => process.base_url = base_url,
            None => {
                process.end();
                return Err(SandboxError::Start(complaint_from(complaints)));
            }
        }
        // Kept, so that writing to it never fails the child.
        process.child.stderr = Some(complaints);
        Ok(process)
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    // The sandbox keeps nothing that an abrupt end could harm; both can only fail if it has ended already.
    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        self.end();
    }
}

/// The variable of the child's environment that holds a wish with a password in it: arguments are seen by all who may list
/// the processes of this machine.
fn variable(name: &str) -> Option<&'static str> {
    match name {
        "postgres" => Some(POSTGRES_VARIABLE),
        "redis" => Some(REDIS_VARIABLE),
        _ => None,
    }
}

fn flag((name, value): (&str, &str)) -> String {
    let name = name.replace('_', "-");
    if value.is_empty() { format!("--{name}") } else { format!("--{name}={value}") }
}

/// Waits for the child's address line, in a thread because a read from a pipe has no timeout.
fn base_url_from(out: ChildStdout) -> Option<String> {
    let (found, line) = mpsc::sync_channel(1);
    let reader = std::thread::Builder::new().name("sandbox address".to_owned()).spawn(move || {
        let mut line = String::new();
        // An unreadable line is no address line.
        let _ = BufReader::new(out).read_line(&mut line);
        let _ = found.send(line);
    });
    reader.ok()?;
    base_url_in(&line.recv_timeout(START_PATIENCE).ok()?)
}

fn base_url_in(line: &str) -> Option<String> {
    line.trim_end().strip_prefix(ADDRESS_LINE).map(str::to_owned)
}

fn complaint_from(complaints: ChildStderr) -> String {
    let mut text = String::new();
    // What cannot be read is not there to be shown.
    let _ = complaints.take(MAX_COMPLAINT_BYTES).read_to_string(&mut text);
    match text.trim() {
        "" => format!("its process did not say where it listens within {} s", START_PATIENCE.as_secs()),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_its_line_and_from_no_other() {
        assert_eq!(
            base_url_in("Stagewright sandbox listening on http://127.0.0.1:4600\n").as_deref(),
            Some("http://127.0.0.1:4600")
        );
        assert_eq!(base_url_in("something else\n"), None);
        assert_eq!(base_url_in(""), None);
    }

    #[test]
    fn wishes_become_flags_and_servers_are_not_seen() {
        assert_eq!(
            ["postgres", "redis", "workers"].map(variable),
            [Some(POSTGRES_VARIABLE), Some(REDIS_VARIABLE), None]
        );
        assert_eq!(flag(("service_time", "20ms")), "--service-time=20ms");
        assert_eq!(flag(("close", "")), "--close");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = SandboxProcess::start_program(Path::new("/no/such/program")).err().unwrap();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }

    #[test]
    fn a_program_that_ends_without_an_address_is_an_error_with_its_complaint() {
        // The test harness itself: it knows no --port, complains and ends.
        let harness = std::env::current_exe().unwrap();
        let error = SandboxProcess::start_program(&harness).err().unwrap();
        assert!(error.to_string().contains("port"), "{error}");
    }
}
