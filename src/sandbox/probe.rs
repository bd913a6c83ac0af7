//! Asks a running sandbox for its count, blocking, without a runtime.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Asks a sandbox how many requests it received (its own `/count` left out).
pub fn count_received(base_url: &str) -> Option<u64> {
    let address = base_url.strip_prefix("http://")?.trim_end_matches('/');
    let answer = ask_for_count(address.parse().ok()?).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if head.split(' ').nth(1) != Some("200") {
        return None;
    }
    serde_json::from_str::<serde_json::Value>(body).ok()?.get("total")?.as_u64()
}

fn ask_for_count(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /count HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
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
