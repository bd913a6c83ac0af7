//! Servers to measure against, each a process of its own; they end when dropped.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use stagewright::sandbox::count_received;

use crate::machine::{all_cpus, pinned, server_cpus};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");

/// A server that says where it listens.
pub struct Target {
    child: Child,
    out: BufReader<ChildStdout>,
    pub base_url: String,
}

impl Target {
    /// Answers at once, and counts.
    pub fn null() -> Self {
        Self::start(Command::new(PROGRAM).args(["sandbox", "--null"]), &server_cpus())
    }

    /// The same, where processors are shared.
    pub fn null_on(cpus: &[usize]) -> Self {
        Self::start(Command::new(PROGRAM).args(["sandbox", "--null"]), cpus)
    }

    /// The platform with its known delays.
    pub fn sandbox() -> Self {
        Self::start(Command::new(PROGRAM).arg("sandbox"), &server_cpus())
    }

    /// This program as a server with delays of this distribution, asked at a constant rate.
    pub fn delayed(distribution: &str, per_sec: u32) -> Self {
        Self::this_program(&["--delay-server", distribution, &per_sec.to_string()], &all_cpus())
    }

    /// This program as a server whose answers depend on the path.
    pub fn storm() -> Self {
        Self::this_program(&["--storm-server"], &server_cpus())
    }

    fn this_program(args: &[&str], cpus: &[usize]) -> Self {
        let this = std::env::current_exe().expect("a program knows where it is");
        let mut child =
            Command::new(this).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).pinned_to(cpus);
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Self::listening(child, out)
    }

    fn start(command: &mut Command, cpus: &[usize]) -> Self {
        let command = command.args(["--port", "0", "--exit-with-parent"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).pinned_to(cpus);
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Self::listening(child, out)
    }

    fn listening(child: Child, mut out: BufReader<ChildStdout>) -> Self {
        let mut line = String::new();
        out.read_line(&mut line).expect("the server says where it listens");
        let base_url = line.split_whitespace().last().expect("the server listens").to_owned();
        Self { child, out, base_url }
    }

    pub fn n_received(&self) -> u64 {
        count_received(&self.base_url).expect("the server counts")
    }

    /// Ends it and returns what it says at its end.
    pub fn finish(mut self) -> String {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.out.read_to_string(&mut said).expect("the server ends well");
        said
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // Both end when their standard input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

trait Pinned {
    fn pinned_to(&mut self, cpus: &[usize]) -> Child;
}

impl Pinned for Command {
    fn pinned_to(&mut self, cpus: &[usize]) -> Child {
        pinned(cpus, || self.spawn()).expect("the server can be started")
    }
}
