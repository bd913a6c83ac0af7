//! A server's process: started in a folder of its own, waited for, ended when dropped.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than any server here takes for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server at work.
pub struct Process {
    child: Child,
    name: &'static str,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it says goes into a file in `folder`. It is there once `port` is open.
    pub fn start(name: &'static str, command: &mut Command, folder: &Path, port: u16) -> Self {
        let log = folder.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} is installed, see .ci/run: {error}"));
        let mut process = Self { child, name, log };
        process.wait_for("an open port", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        process
    }

    /// Waits until something is so, while the server lives.
    pub fn wait_for(&mut self, what: &str, is_so: impl FnMut() -> bool) {
        let Self { child, name, log } = self;
        let told = || format!("{name}: {}", fs::read_to_string(&*log).unwrap_or_default());
        wait_until(what, is_so, || {
            assert!(child.try_wait().unwrap().is_none(), "it has ended: {}", told());
            told()
        });
    }

    /// Ends it as its administrator would, by a signal, and waits until it is gone.
    pub fn end(&mut self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already where a test stopped it, or failed because of that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so; `told` says more where it never comes.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool, mut told: impl FnMut() -> String) {
    let started_at = Instant::now();
    while !is_so() {
        let told = told();
        assert!(started_at.elapsed() < PATIENCE, "no {what} after {PATIENCE:?}: {told}");
        sleep(Duration::from_millis(20));
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
