//! A PostgreSQL of the test's own: its data, its port, its users; it ends when dropped.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use stagewright::model::{Monitor, PostgresProbe, Probe};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

use super::process::{Process, free_port};

pub const PASSWORD: &str = "pass word/§";
/// Few, so that a share of them is worth looking at: three of them are the administrator's.
pub const MAX_CONNECTIONS: u32 = 23;

/// PostgreSQL at work, with pg_stat_statements in its database `postgres`.
pub struct Postgres {
    process: Option<Process>,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

/// A connection of the test, which plays the application.
pub struct Application {
    runtime: Runtime,
    client: Client,
}

impl Postgres {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = programs();
        fs::write(folder.path().join("password"), PASSWORD).unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(folder.path().join("server.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("server.key"), signing_key.serialize_pem()).unwrap();
        // A key that others may read is refused.
        fs::set_permissions(folder.path().join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
        hand_over(folder.path());
        ["password", "server.pem", "server.key"].iter().for_each(|file| hand_over(&folder.path().join(file)));
        let made = ordinary(&programs.join("initdb"), folder.path())
            .args(["--username=postgres", "--pwfile=password", "--auth=scram-sha-256", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C", "--pgdata=data"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut postgres = Self { process: None, folder, programs, port: free_port() };
        postgres.start_again();
        postgres.application().run("CREATE EXTENSION pg_stat_statements");
        postgres
    }

    /// Starts it over the same data.
    pub fn start_again(&mut self) {
        let mut command = ordinary(&self.programs.join("postgres"), self.folder.path());
        command.args(["-D", "data", "-p", &self.port.to_string()]);
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_preload_libraries=pg_stat_statements",
            "fsync=off",
            "shared_buffers=16MB",
            "autovacuum=off",
            "ssl=on",
            "ssl_cert_file=../server.pem",
            "ssl_key_file=../server.key",
            &format!("max_connections={MAX_CONNECTIONS}"),
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        let mut process = Process::start("postgres", &mut command, self.folder.path(), self.port);
        process.wait_for("answer", || Application::connect(self.port, "postgres", PASSWORD).is_ok());
        self.process = Some(process);
    }

    /// Stops it the fast way: sessions are ended.
    pub fn stop(&mut self) {
        self.process.take().unwrap().end("-INT");
    }

    pub fn application(&self) -> Application {
        Application::connect(self.port, "postgres", PASSWORD).unwrap()
    }

    /// The certificate that its clients have to trust.
    pub fn certificate(&self) -> String {
        self.folder.path().join("server.pem").to_str().unwrap().to_owned()
    }

    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/postgres", self.port)
    }

    /// A monitor that may read everything.
    pub fn monitor(&self) -> Monitor {
        self.monitor_of("postgres", PASSWORD)
    }

    pub fn monitor_of(&self, user: &str, password: &str) -> Monitor {
        let probe = PostgresProbe {
            url: self.url(user),
            password: password.to_owned(),
            pool_size: Some(10),
            ..PostgresProbe::default()
        };
        Monitor::new("database", Probe::Postgres(probe))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killed, it would leave its children and its shared memory behind.
        if let Some(mut process) = self.process.take() {
            process.end("-QUIT");
        }
    }
}

impl Application {
    fn connect(port: u16, user: &str, password: &str) -> Result<Self, tokio_postgres::Error> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(port).user(user).password(password).dbname("postgres");
        let (client, connection) = runtime.block_on(config.connect(NoTls))?;
        // Ends with the client, or with the server.
        runtime.spawn(async move { _ = connection.await });
        Ok(Self { runtime, client })
    }

    /// Executes statements without parameters.
    pub fn run(&self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    pub fn try_run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(sql))
    }

    /// Executes a statement without waiting for its end.
    pub fn begin(self, sql: &'static str) -> std::thread::JoinHandle<Self> {
        std::thread::spawn(move || {
            // It may be ended from elsewhere, which is the test's affair.
            let _ = self.try_run(sql);
            self
        })
    }
}

/// Where Debian keeps them: by version, and not on the path.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let programs =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    programs.max().expect("PostgreSQL is installed, see .ci/run")
}

/// PostgreSQL refuses to run as the administrator, as which tests may run in a container.
fn ordinary(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("LANG").env_remove("LC_ALL");
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command
}

fn hand_over(path: &Path) {
    if let Some((user, group)) = other_user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

/// The user that Debian's package makes, where this one is the administrator.
fn other_user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("there is a user postgres");
    let ids: Vec<u32> = line.split(':').skip(2).take(2).map(|id| id.parse().unwrap()).collect();
    Some((ids[0], ids[1]))
}
