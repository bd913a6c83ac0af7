//! A Redis of the test's own: its port and its password; it ends when dropped.

use std::fs;
use std::process::Command;

use ::redis::{Client, Connection};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use stagewright::model::{Monitor, Probe, RedisProbe};
use tempfile::TempDir;

use super::process::{Process, free_port};

pub const PASSWORD: &str = "s3cret-of-redis";

/// Redis at work; it keeps nothing on the disk.
pub struct Redis {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
    secure_port: u16,
}

impl Redis {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(folder.path().join("server.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("server.key"), signing_key.serialize_pem()).unwrap();
        let mut redis = Self { process: None, folder, port: free_port(), secure_port: free_port() };
        redis.start_again();
        redis
    }

    /// Starts it at the same port, empty.
    pub fn start_again(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--requirepass", PASSWORD]);
        command.args(["--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--dir"]);
        command.arg(self.folder.path());
        command.args(["--tls-port", &self.secure_port.to_string(), "--tls-auth-clients", "no"]);
        command.args(["--tls-cert-file", "server.pem", "--tls-key-file", "server.key"]);
        command.args(["--tls-ca-cert-file", "server.pem"]).current_dir(self.folder.path());
        self.process = Some(Process::start("redis", &mut command, self.folder.path(), self.port));
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        self.process.take().unwrap().end("-KILL");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn secure_url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.secure_port)
    }

    pub fn url_with_password(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// A connection of the test, which plays the application.
    pub fn application(&self) -> Connection {
        Client::open(self.url_with_password()).unwrap().get_connection().unwrap()
    }

    pub fn monitor(&self) -> Monitor {
        self.monitor_of(self.url(), PASSWORD)
    }

    pub fn monitor_of(&self, url: String, password: &str) -> Monitor {
        Monitor::new("cache", Probe::Redis(RedisProbe { url, password: password.to_owned() }))
    }
}
