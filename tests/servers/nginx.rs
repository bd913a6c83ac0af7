//! An nginx of the test's own: its folder, its ports, its log; it ends when dropped.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

/// Longer than nginx takes for anything here.
const PATIENCE: Duration = Duration::from_secs(20);
pub const SMALL: usize = 100;
pub const LARGE: usize = 300_000;

/// nginx at work.
pub struct Nginx {
    folder: TempDir,
    process: Child,
    ports: Ports,
}

#[derive(Clone, Copy)]
struct Ports {
    plain: u16,
    secure: u16,
    /// HTTP/2 from the first byte.
    plain_http2: u16,
    /// HTTP/2 agreed upon in the handshake.
    secure_http2: u16,
}

/// A request as nginx logged it.
#[derive(Debug)]
pub struct Logged {
    pub status: u16,
    /// Head and body as they went over the wire.
    pub n_bytes: u64,
    pub protocol: String,
}

impl Nginx {
    /// Starts it, with files to serve, and waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ports = Ports::free();
        fs::create_dir(folder.path().join("www")).unwrap();
        let www = folder.path().join("www");
        fs::write(www.join("small.txt"), "s".repeat(SMALL)).unwrap();
        fs::write(www.join("large.bin"), "l".repeat(LARGE)).unwrap();
        fs::write(www.join("page.shtml"), r#"<p><!--#echo var="request_uri" --></p>"#.repeat(500)).unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(folder.path().join("server.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("server.key"), signing_key.serialize_pem()).unwrap();
        fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), ports)).unwrap();
        let process = Command::new(program())
            .arg("-p")
            .arg(folder.path())
            .args(["-e", "error.log", "-c", "nginx.conf"])
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx is installed (Debian: apt-get install nginx-light)");
        let nginx = Self { folder, process, ports };
        nginx.wait_for("an open port", || TcpStream::connect(("127.0.0.1", ports.plain)).is_ok());
        nginx
    }

    pub fn plain_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.plain)
    }

    pub fn secure_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.secure)
    }

    pub fn plain_http2_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.plain_http2)
    }

    pub fn secure_http2_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.secure_http2)
    }

    /// The certificate that its clients have to trust.
    pub fn certificate(&self) -> String {
        self.folder.path().join("server.pem").to_str().unwrap().to_owned()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What was logged since it was last asked, once there are `n_expected` requests at least.
    // A request is logged just after its answer is on its way.
    pub fn take_log(&self, n_expected: usize) -> Vec<Logged> {
        let path = self.folder.path().join("access.log");
        let logged = || fs::read_to_string(&path).unwrap();
        self.wait_for("the log", || logged().lines().count() >= n_expected);
        let requests = logged().lines().map(Logged::of).collect();
        fs::write(&path, "").unwrap();
        requests
    }

    fn wait_for(&self, what: &str, is_there: impl Fn() -> bool) {
        let started_at = Instant::now();
        while !is_there() {
            if started_at.elapsed() > PATIENCE {
                let errors = fs::read_to_string(self.folder.path().join("error.log"));
                panic!("nginx: no {what} after {PATIENCE:?}: {errors:?}");
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It has ended already where a test failed because of that.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ports {
    fn free() -> Self {
        let listeners: Vec<_> = (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |index: usize| listeners[index].local_addr().unwrap().port();
        Self { plain: port(0), secure: port(1), plain_http2: port(2), secure_http2: port(3) }
    }
}

impl Logged {
    fn of(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let [status, n_bytes, protocol] = words.as_slice() else { panic!("{line}") };
        Self {
            status: status.parse().unwrap(),
            n_bytes: n_bytes.parse().unwrap(),
            protocol: (*protocol).to_owned(),
        }
    }
}

/// Debian keeps it where only the administrator's commands are looked for.
fn program() -> &'static str {
    if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" }
}

fn configuration(folder: &Path, ports: Ports) -> String {
    let folder = folder.display();
    let mut text = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid;
        events {{ worker_connections 512; }}
        http {{
            log_format counted '$status $bytes_sent $server_protocol';
            access_log {folder}/access.log counted;
            root {folder}/www; default_type text/plain; gzip off; keepalive_requests 1000000;
            ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;\n"
    );
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(text, "{kind}_temp_path {folder}/{kind};").unwrap();
    }
    let Ports { plain, secure, plain_http2, secure_http2 } = ports;
    let listens = [
        format!("{plain}"),
        format!("{secure} ssl"),
        format!("{plain_http2} http2"),
        format!("{secure_http2} ssl http2"),
    ];
    for listen in listens {
        writeln!(
            text,
            "server {{
                listen 127.0.0.1:{listen};
                location /listing/ {{ alias {folder}/www/; autoindex on; }}
                location /page.shtml {{ ssi on; ssi_types *; }}
                location /limited/ {{ alias {folder}/www/; keepalive_requests 10; }}
                location /closed/ {{ alias {folder}/www/; keepalive_timeout 0; }}
                location /moved {{ return 302 /small.txt; }}
                location /packed/ {{ alias {folder}/www/; gzip on; gzip_types *; gzip_min_length 1; }}
            }}"
        )
        .unwrap();
    }
    text + "}\n"
}
