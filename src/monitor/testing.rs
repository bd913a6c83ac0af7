//! For the tests of this room: a journal in memory, and servers on loopback that say what they are told to.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::metrics::{JournalError, MonitorFacts, SeriesInfo, SeriesPoint, WatchJournal};

#[derive(Clone, Default)]
pub struct MemoryJournal(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    refuses: bool,
    series: Vec<SeriesInfo>,
    points: Vec<SeriesPoint>,
    facts: Vec<MonitorFacts>,
    n_facts_kept: usize,
}

impl MemoryJournal {
    pub fn refuse(&self, refuses: bool) {
        self.0.lock().unwrap().refuses = refuses;
    }

    pub fn series(&self) -> Vec<SeriesInfo> {
        self.0.lock().unwrap().series.clone()
    }

    pub fn points(&self) -> Vec<SeriesPoint> {
        self.0.lock().unwrap().points.clone()
    }

    pub fn facts(&self) -> Vec<MonitorFacts> {
        self.0.lock().unwrap().facts.clone()
    }

    pub fn n_facts_kept(&self) -> usize {
        self.0.lock().unwrap().n_facts_kept
    }

    fn keep(&self, keep: impl FnOnce(&mut Memory)) -> Result<(), JournalError> {
        let mut memory = self.0.lock().unwrap();
        if memory.refuses {
            return Err(JournalError("the disk is full".to_owned()));
        }
        keep(&mut memory);
        Ok(())
    }
}

impl WatchJournal for MemoryJournal {
    fn series(&mut self, series: &[SeriesInfo]) -> Result<(), JournalError> {
        self.keep(|memory| memory.series = series.to_vec())
    }

    fn points(&mut self, points: &[SeriesPoint]) -> Result<(), JournalError> {
        self.keep(|memory| memory.points.extend_from_slice(points))
    }

    fn facts(&mut self, facts: &[MonitorFacts]) -> Result<(), JournalError> {
        self.keep(|memory| {
            memory.facts = facts.to_vec();
            memory.n_facts_kept += 1;
        })
    }
}

/// Serves each request by `answer`, which is given the request's head; ends with the process. Returns its address.
pub fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer) = (stream, Arc::clone(&answer)) else { return };
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut byte) {
                        Ok(1) => head.push(byte[0]),
                        _ => return,
                    }
                }
                answer(&String::from_utf8_lossy(&head), &mut stream);
            });
        }
    });
    address
}

/// A whole answer, after which the connection is closed.
pub fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}");
    // Whoever asked may have given up.
    _ = stream.write_all(text.as_bytes());
}
