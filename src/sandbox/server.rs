//! Listens, says where, and serves until told to end.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::data::Data;
use super::site::Site;
use super::{SandboxError, SandboxOptions, null, routes};

/// What the line with the address begins with.
pub(super) const ADDRESS_LINE: &str = "Stagewright sandbox listening on ";

/// The target shares its machine with the generator: more threads would take what the generator needs.
const MAX_THREADS: usize = 2;

/// Serves until the process is told to end; prints one line with its address once it listens.
pub fn serve(options: &SandboxOptions) -> Result<(), SandboxError> {
    if !(0.0..=1.0).contains(&options.error_ratio) {
        return Err(SandboxError::ErrorRatio(options.error_ratio));
    }
    if !(0.0..=1.0).contains(&options.slower_ratio) {
        return Err(SandboxError::SlowerRatio(options.slower_ratio));
    }
    options.queue.check()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(MAX_THREADS)
        .enable_all()
        .build()
        .map_err(start_error)?;
    runtime.block_on(async {
        // Before the address is told: whoever knows it is answered at once.
        let data = Data::open(options).await?;
        let (listener, end) = begin(options.port, options.exit_with_parent).await?;
        tokio::select! {
            served = answer_all(listener, options, data) => served.map_err(start_error),
            () = end.wait() => Ok(()),
        }
    })
}

/// As [`serve`], with the null target in place of the platform: no delays, one thread, the same short answer.
pub fn serve_null(port: u16, exit_with_parent: bool) -> Result<(), SandboxError> {
    null::one_thread().map_err(start_error)?.block_on(async {
        let (listener, end) = begin(port, exit_with_parent).await?;
        tokio::select! {
            () = null::answer_all(listener) => {}
            () = end.wait() => {}
        }
        Ok(())
    })
}

async fn begin(port: u16, exit_with_parent: bool) -> Result<(TcpListener, End), SandboxError> {
    let end = if exit_with_parent { End::with_parent() } else { End::by_signal() };
    let end = end.map_err(start_error)?;
    let (listener, address) = listen(port).await?;
    announce(address).map_err(start_error)?;
    Ok((listener, end))
}

pub(super) fn start_error(error: std::io::Error) -> SandboxError {
    SandboxError::Start(error.to_string())
}

pub(super) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => SandboxError::PortTaken(port),
            _ => start_error(error),
        })?;
    let address = listener.local_addr().map_err(start_error)?;
    Ok((listener, address))
}

async fn answer_all(listener: TcpListener, options: &SandboxOptions, data: Data) -> std::io::Result<()> {
    // Small answers must not wait for the client's acknowledgement of the one before. A socket that refuses is
    // about to fail anyway.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let queue = routes::open_queue(options)?;
    let site = Arc::new(Site::new(routes::platform(options), data, options.link_bytes_per_sec));
    axum::serve(listener, routes::router(site, queue)).await
}

fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{ADDRESS_LINE}http://{address}")?;
    out.flush()
}

/// What ends the sandbox.
struct End {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    /// Set when the parent decides, not a Ctrl-C.
    parent_gone: Option<oneshot::Receiver<()>>,
}

impl End {
    /// Ends at Ctrl-C or a termination signal.
    // From here on a Ctrl-C no longer kills the process by itself.
    fn by_signal() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let interrupt = signal(SignalKind::interrupt())?;
            Ok(Self { interrupt, terminate: signal(SignalKind::terminate())?, parent_gone: None })
        }
        #[cfg(windows)]
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()?, parent_gone: None })
    }

    /// Ends when standard input does, or at a termination signal.
    fn with_parent() -> std::io::Result<Self> {
        let (gone, parent_gone) = oneshot::channel();
        // A thread of its own: a blocked read would keep the runtime from shutting down.
        std::thread::Builder::new().name("parent watch".to_owned()).spawn(move || {
            // An error is as good as an end: nobody holds the other side.
            let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
            let _ = gone.send(());
        })?;
        Ok(Self { parent_gone: Some(parent_gone), ..Self::by_signal()? })
    }

    // A Ctrl-C on a terminal reaches parent and child alike: the child leaves it to the parent, so that a
    // graceful stop still gets its answers.
    async fn wait(mut self) {
        let interrupted = async {
            match self.parent_gone {
                Some(parent_gone) => drop(parent_gone.await),
                None => drop(self.interrupt.recv().await),
            }
        };
        #[cfg(unix)]
        tokio::select! {
            () = interrupted => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        interrupted.await;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::TcpStream;

    use serde_json::Value;

    use super::*;
    use crate::sandbox::QueueOptions;

    /// A sandbox within the test's own process.
    pub struct TestServer {
        address: SocketAddr,
        // Dropping it ends the server.
        _runtime: tokio::runtime::Runtime,
    }

    impl TestServer {
        pub fn start(error_ratio: f64) -> Self {
            Self::start_with(SandboxOptions { error_ratio, ..SandboxOptions::default() })
        }

        pub fn start_with(options: SandboxOptions) -> Self {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let (listener, address) = runtime.block_on(listen(0)).unwrap();
            let data = runtime.block_on(Data::open(&options)).unwrap();
            runtime.spawn(async move { answer_all(listener, &options, data).await });
            Self { address, _runtime: runtime }
        }

        pub fn base_url(&self) -> String {
            format!("http://{}", self.address)
        }

        /// Status and JSON body of one request.
        pub fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
            self.ask_with(method, path, "content-type: application/json\r\n", body)
        }

        /// As [`Self::ask`], with these header lines.
        pub fn ask_with(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
            let answer = self.converse(method, path, &format!("connection: close\r\n{headers}"), body);
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            (status, serde_json::from_str(body).unwrap())
        }

        /// The whole answer to a request with no body.
        pub fn ask_raw(&self, method: &str, path: &str) -> String {
            self.converse(method, path, "connection: close\r\n", "")
        }

        /// The head of the answer to a request with these header lines and no body.
        pub fn ask_head(&self, method: &str, path: &str, headers: &str) -> String {
            let answer = self.converse_bytes(method, path, &format!("connection: close\r\n{headers}"), "");
            let answer = String::from_utf8_lossy(&answer).into_owned();
            answer.split_once("\r\n\r\n").unwrap().0.to_owned()
        }

        fn converse(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
            String::from_utf8(self.converse_bytes(method, path, headers, body)).unwrap()
        }

        fn converse_bytes(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
            let mut stream = TcpStream::connect(self.address).unwrap();
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\nhost: sandbox\r\n{headers}\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            answer
        }
    }

    #[test]
    fn a_link_takes_as_long_as_the_answer_is() {
        let options = SandboxOptions { link_bytes_per_sec: Some(10_000.0), ..SandboxOptions::default() };
        let server = TestServer::start_with(options);
        let asked = std::time::Instant::now();
        let body = format!("\"{}\"", "x".repeat(3_000));
        assert_eq!(server.ask("POST", "/gateway/echo", &body).0, 200);
        assert!(asked.elapsed() >= std::time::Duration::from_millis(300), "{:?}", asked.elapsed());
    }

    #[test]
    fn a_taken_port_is_refused_with_what_to_do() {
        let server = TestServer::start(0.0);
        let options = SandboxOptions { port: server.address.port(), ..SandboxOptions::default() };
        let error = serve(&options).unwrap_err().to_string();
        assert!(
            error.contains(&server.address.port().to_string()) && error.contains("0 for a free one"),
            "{error}"
        );
    }

    #[test]
    fn nothing_is_slower_by_less_than_nothing() {
        for slower_ratio in [-0.1, 1.1, f64::NAN] {
            let options = SandboxOptions { slower_ratio, ..SandboxOptions::default() };
            assert!(matches!(serve(&options), Err(SandboxError::SlowerRatio(_))));
        }
    }

    #[test]
    fn an_impossible_queue_is_refused() {
        let queue = QueueOptions { n_workers: 0, ..QueueOptions::default() };
        let options = SandboxOptions { queue, ..SandboxOptions::default() };
        assert!(serve(&options).unwrap_err().to_string().contains("needs a worker"));
    }

    #[test]
    fn an_impossible_error_share_is_refused() {
        for error_ratio in [-0.1, 1.1, f64::NAN] {
            let options = SandboxOptions { error_ratio, ..SandboxOptions::default() };
            assert!(matches!(serve(&options), Err(SandboxError::ErrorRatio(_))));
        }
    }
}
