//! The built program, run in a folder of its own and within a time limit.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder with a library, in which commands run.
pub struct Workbench {
    dir: TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A command that is still running.
pub struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    complaints: mpsc::Receiver<String>,
}

impl Workbench {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn library(&self) -> PathBuf {
        self.path("library.sqlite")
    }

    pub fn file_names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// All files, those of folders within too, by their path from here.
    pub fn all_file_names(&self) -> Vec<String> {
        let mut names = self.file_names();
        let mut index = 0;
        while index < names.len() {
            if self.path(&names[index]).is_dir() {
                let folder = names.remove(index);
                let entries = std::fs::read_dir(self.path(&folder)).unwrap();
                names.extend(entries.map(|entry| {
                    let name = entry.unwrap().file_name().into_string().unwrap();
                    format!("{folder}/{name}")
                }));
            } else {
                index += 1;
            }
        }
        names
    }

    /// Writes a file into the folder and returns its name.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), contents).unwrap();
        name.to_owned()
    }

    pub fn start(&self, args: &[&str]) -> Running {
        self.start_within(args, &[])
    }

    fn start_within(&self, args: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stagewright"))
            .args(args)
            .args(["--library", "library.sqlite"])
            .envs(environment.iter().copied())
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let complaints = text_of(child.stderr.take().unwrap());
        Running { child, lines, complaints }
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Answer {
        self.start(args).finish()
    }

    /// Makes a run whose measurement is valid: again where a busy machine made it inconclusive, five times at most.
    pub fn run_validly(&self, args: &[&str]) -> Answer {
        let run = || self.run(args);
        let mut answer = run();
        for _ in 1..5 {
            if !answer.out.contains("The measurement is not valid") {
                break;
            }
            answer = run();
        }
        answer
    }

    /// Runs a command to its end, with these environment variables.
    pub fn run_within(&self, args: &[&str], environment: &[(&str, &str)]) -> Answer {
        self.start_within(args, environment).finish()
    }

    /// The JSON that a command answers with; it must end well.
    pub fn json(&self, args: &[&str]) -> Value {
        let answer = self.run(args);
        assert_eq!(answer.code, Some(0), "{args:?}: {answer:?}");
        serde_json::from_str(&answer.out).unwrap()
    }
}

impl Answer {
    /// The run was made and judged; a busy machine may have made its measurement inconclusive, which is said.
    pub fn is_of_a_run(&self) -> bool {
        match self.code {
            Some(0) => true,
            Some(2) => self.out.contains("INCONCLUSIVE"),
            _ => false,
        }
    }
}

impl Running {
    /// The next line of standard output; none at its end.
    pub fn next_line(&self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing was said for {PATIENCE:?}"),
        }
    }

    /// Reads JSON lines until second `second` has closed.
    pub fn wait_for_second(&self, second: u64) {
        loop {
            let line = self.next_line().expect("the run ended before this second");
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == "second" && event["second"].as_u64() >= Some(second) {
                return;
            }
        }
    }

    /// Sends a signal by its name, as `kill` does.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Kills the program as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Answer {
        let mut out = String::new();
        while let Some(line) = self.next_line() {
            out += &line;
            out += "\n";
        }
        let err = self.complaints.recv_timeout(PATIENCE).expect("standard error stays open");
        Answer { code: self.child.wait().unwrap().code(), out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sandbox alone, as `stagewright sandbox` starts it.
pub struct Sandbox {
    running: Running,
    pub base_url: String,
}

impl Sandbox {
    pub fn start(bench: &Workbench) -> Self {
        let running = bench.start(&["sandbox"]);
        let line = running.next_line().unwrap();
        let base_url = line.split_whitespace().last().unwrap().to_owned();
        assert!(base_url.starts_with("http://127.0.0.1:"), "{line}");
        Self { running, base_url }
    }

    /// Requests received, as the sandbox itself says.
    pub fn n_received(&self) -> u64 {
        stagewright::sandbox::count_received(&self.base_url).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.running.kill();
    }
}

/// A small scenario of the closed model: the answers set its pace, so that a busy machine seldom makes it
/// inconclusive.
pub fn closed_scenario(base_url: &str, duration: &str, thresholds: &str) -> String {
    format!(
        r#"format = 1
name = "Closed"
base_url = "{base_url}"

[load]
model = "closed"

[[load.stages]]
name = "Hold"
duration = "{duration}"
users = 2
shape = "step"

[[journeys]]
name = "Look"

[[journeys.steps]]
name = "Check gateway"
path = "/gateway/health"

{thresholds}"#
    )
}

/// A small scenario of the open model: one step, `rate` per second for `duration`.
pub fn steady_scenario(base_url: &str, rate: u32, duration: &str) -> String {
    format!(
        r#"format = 1
name = "Steady"
base_url = "{base_url}"

[load]
model = "open"

[[load.stages]]
name = "Hold"
duration = "{duration}"
rate = {rate}
shape = "step"

[[journeys]]
name = "Look"

[[journeys.steps]]
name = "Check gateway"
path = "/gateway/health"
"#
    )
}

fn lines_of(out: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn text_of(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, text) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    text
}
