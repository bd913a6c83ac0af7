//! The sandbox as a real process: it says where it listens, counts, and ends when it should.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use stagewright::sandbox::{SandboxProcess, count_received};

const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");

/// The whole answer to a GET.
pub fn ask(base_url: &str, path: &str) -> String {
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The command as another program would run it, and the address that it prints.
fn command(arguments: &[&str]) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .arg("sandbox")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base_url = line.trim_end().strip_prefix("Stagewright sandbox listening on ").unwrap().to_owned();
    (child, base_url)
}

#[test]
fn a_child_sandbox_answers_counts_and_stops_when_dropped() {
    let sandbox = SandboxProcess::start_program(Path::new(PROGRAM)).unwrap();
    let base_url = sandbox.base_url().to_owned();
    assert_eq!(count_received(&base_url), Some(0));
    assert!(ask(&base_url, "/gateway/health").starts_with("HTTP/1.1 200"));
    assert!(ask(&base_url, "/nowhere").starts_with("HTTP/1.1 404"));
    assert_eq!(count_received(&base_url), Some(2));
    drop(sandbox);
    assert_eq!(count_received(&base_url), None);
}

#[test]
fn two_sandboxes_do_not_get_in_each_others_way() {
    let [first, second] = [(); 2].map(|()| SandboxProcess::start_program(Path::new(PROGRAM)).unwrap());
    ask(first.base_url(), "/gateway/health");
    assert_eq!(count_received(first.base_url()), Some(1));
    assert_eq!(count_received(second.base_url()), Some(0));
}

#[test]
fn a_sandbox_ends_when_its_parent_lets_go_of_its_standard_input() {
    let (mut child, base_url) = command(&["--port", "0", "--exit-with-parent"]);
    assert_eq!(count_received(&base_url), Some(0));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(count_received(&base_url), None);
}

#[test]
fn every_answer_fails_at_an_error_share_of_one() {
    let (mut child, base_url) = command(&["--port", "0", "--error-share", "1", "--exit-with-parent"]);
    assert!(ask(&base_url, "/mint/wallet").starts_with("HTTP/1.1 503"));
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn the_null_target_answers_everything_alike_counts_and_ends_with_its_parent() {
    let (mut child, base_url) = command(&["--null", "--port", "0", "--exit-with-parent"]);
    for path in ["/", "/anything?at=all"] {
        let answer = ask(&base_url, path);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"null\":true}"), "{answer}");
    }
    assert_eq!(count_received(&base_url), Some(2));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(count_received(&base_url), None);
}

#[test]
fn a_taken_port_ends_the_command_with_a_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(PROGRAM).args(["sandbox", "--port", &port]).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(complaint.contains(&port) && complaint.contains("free one"), "{complaint}");
}

#[cfg(unix)]
fn send_signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_left_to_the_parent_when_there_is_one() {
    let (mut child, base_url) = command(&["--port", "0", "--exit-with-parent"]);
    send_signal(&child, "-INT");
    assert!(ask(&base_url, "/gateway/health").starts_with("HTTP/1.1 200"));
    send_signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_sandbox_that_runs_alone() {
    let (mut child, _) = command(&["--port", "0"]);
    send_signal(&child, "-INT");
    assert!(child.wait().unwrap().success());
}
