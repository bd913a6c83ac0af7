//! Asks a running sandbox for its count and other things, blocking, without a runtime.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

/// What a sandbox answers.
#[derive(Debug)]
pub(super) struct Asked {
    pub status: u16,
    pub body: String,
}

/// Asks a sandbox how many requests it received (its own `/count` left out).
pub fn count_received(base_url: &str) -> Option<u64> {
    let asked = ask(base_url, "GET", "/count", "", PATIENCE).ok()?;
    if asked.status != 200 {
        return None;
    }
    serde_json::from_str::<serde_json::Value>(&asked.body).ok()?.get("total")?.as_u64()
}

/// Sends one request with a JSON body to a sandbox; each of connecting, writing and reading has this long.
pub(super) fn ask(
    base_url: &str,
    method: &str,
    path: &str,
    body: &str,
    patience: Duration,
) -> Result<Asked, String> {
    let address = base_url.strip_prefix("http://").map(|address| address.trim_end_matches('/'));
    let address: SocketAddr = address
        .and_then(|address| address.parse().ok())
        .ok_or("this is no address of a sandbox, such as http://127.0.0.1:4600")?;
    let answer = converse(address, method, path, body, patience).map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("its answer has no end")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Asked { status: status.ok_or("its answer is no HTTP")?, body: body.to_owned() })
}

fn converse(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
    patience: Duration,
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_sandbox_answers_there_is_no_count() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(count_received(&format!("http://{address}")), None);
        assert_eq!(count_received("https://example.org"), None);
        assert_eq!(count_received("sandbox:"), None);
    }
}
