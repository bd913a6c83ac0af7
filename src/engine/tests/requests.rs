//! What a server gets to see: bodies, queries, credentials, functions and tokens, over both transports.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::engine::testing::{Kept, MemoryJournal};
use crate::engine::tests::loopback::moment_of;
use crate::engine::{EngineError, RunJob, Surroundings, prepare, start};
use crate::metrics::LookBack;
use crate::model::{
    Auth, Body, ClientCredentials, KeyPlace, LoadModel, Part, PartContent, Scenario, SecretSource, Step,
    TransportChoice,
};

const TRANSPORTS: [TransportChoice; 2] = [TransportChoice::Wire, TransportChoice::Reqwest];

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A server that keeps what it gets.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers each request with the status, header lines and body that `answer` gives.
    pub fn start(answer: impl Fn(&Seen) -> (u16, String, String) + Send + Clone + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&server.seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (answer.clone(), Arc::clone(&seen));
                thread::spawn(move || serve(stream, answer, &seen));
            }
        });
        server
    }

    fn ok() -> Self {
        Self::start(|_| (200, String::new(), "{}".to_owned()))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn targets(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.target().to_owned()).collect()
    }
}

fn serve(mut stream: TcpStream, answer: impl Fn(&Seen) -> (u16, String, String), seen: &Mutex<Vec<Seen>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if !reader.read_line(&mut head).is_ok_and(|n| n > 0) {
                return;
            }
        }
        let mut got = Seen { head, body: Vec::new() };
        let length = got.header("content-length").map_or(0, |length| length.parse().unwrap());
        reader.by_ref().take(length).read_to_end(&mut got.body).unwrap();
        let (status, headers, body) = answer(&got);
        seen.lock().unwrap().push(got);
        let length = body.len();
        let text = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// A run of a scenario, and what it is given beside.
pub(super) struct Run<'s> {
    server: &'s Server,
    pub scenario: Scenario,
    secrets: &'s [(&'s str, &'s str)],
    files_root: Option<PathBuf>,
    n_workers: usize,
}

impl<'s> Run<'s> {
    pub fn of(server: &'s Server, steps: Vec<Step>, n_iterations: f64) -> Self {
        let mut scenario = moment_of(n_iterations, &[]);
        scenario.journeys[0].steps = steps;
        Self { server, scenario, secrets: &[], files_root: None, n_workers: 1 }
    }

    pub fn end(self) -> Result<Arc<Mutex<Kept>>, EngineError> {
        let journal = MemoryJournal::default();
        let secrets = self.secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let job = RunJob {
            scenario: self.scenario,
            time_scale: 0.2,
            base_url: format!("http://{}", self.server.address),
            candidate_base_url: None,
            files_root: self.files_root,
            secrets: secrets.collect(),
            n_workers: Some(self.n_workers),
        };
        let surroundings = Surroundings {
            sample_host: Box::new(|| None),
            wake: Box::new(|| {}),
            count_at_target: Box::new(|| None),
            watch: None,
            look_back: LookBack::All,
        };
        start(prepare(job)?, Box::new(journal.clone()), surroundings)?.wait();
        Ok(journal.0)
    }

    fn refusal(self) -> String {
        self.end().err().unwrap().to_string()
    }
}

fn post(path: &str, body: Body) -> Step {
    Step { method: "POST".into(), body, ..Step::get(path, path) }
}

fn file_part(name: &str, path: &str) -> Part {
    Part { name: name.into(), content: PartContent::File(path.into()), content_type: None }
}

#[test]
fn bodies_queries_and_credentials_arrive_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(folder.path().join("large.bin"), &large).unwrap();
    std::fs::write(folder.path().join("note.json"), "{\"a\": 1}").unwrap();
    for choice in TRANSPORTS {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let text = Part {
            name: "who".into(),
            content: PartContent::Text("{{who}}".into()),
            content_type: Some("text/plain".into()),
        };
        let mut queried = Step::get("query", "/query?a=b");
        queried.query = vec![field("q x", "{{who}}"), field("n", "{{random_int(7, 7)}}")];
        queried.auth = Some(Auth::Basic { user: "me".into(), password: "{{key}}".into() });
        let mut keyed = post("/form", Body::Form(vec![field("who", "{{who}}"), field("n", "{{counter()}}")]));
        keyed.auth =
            Some(Auth::ApiKey { place: KeyPlace::Query, name: "key".into(), value: "{{key}}".into() });
        let steps = vec![
            queried,
            keyed,
            post("/file", Body::File("note.json".into())),
            post("/large", Body::File("large.bin".into())),
            post("/large/{{counter(other)}}", Body::File("large.bin".into())),
            post("/parts", Body::Multipart(vec![text.clone(), file_part("file", "note.json")])),
            post("/parts/large", Body::Multipart(vec![file_part("file", "large.bin")])),
        ];
        let server = Server::ok();
        let mut run = Run {
            secrets: &[("key", "s3cr3t&")],
            files_root: Some(folder.path().to_owned()),
            ..Run::of(&server, steps, 1.0)
        };
        run.scenario.variables.insert("who".into(), "A & Ö".into());
        run.scenario.secrets.insert("key".into(), SecretSource::Env("UNUSED".into()));
        run.scenario.transport.choice = choice;
        let journal = run.end().unwrap();
        let kept = journal.lock().unwrap();
        let seen = server.seen();
        let [query, form, file, whole, gapped, parts, large_parts] = seen.as_slice() else {
            panic!("{choice:?}: {:?} {:?}", server.targets(), kept.error_groups)
        };
        assert_eq!(query.target(), "/query?a=b&q%20x=A%20%26%20%C3%96&n=7", "{choice:?}");
        assert_eq!(query.header("authorization"), Some("Basic bWU6czNjcjN0Jg=="));
        assert_eq!((form.target(), form.text()), ("/form?key=s3cr3t%26", "who=A+%26+%C3%96&n=1"));
        assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!((file.text(), file.header("content-type")), ("{\"a\": 1}", Some("application/json")));
        assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
        assert!(whole.body == large && gapped.body == large, "{choice:?}");
        assert_eq!(gapped.target(), "/large/1");
        let kind = parts.header("content-type").unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"who\"\r\ncontent-type: text/plain\r\n\r\nA & Ö\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"note.json\"\r\n\
             content-type: application/json\r\n\r\n{{\"a\": 1}}\r\n--{boundary}--\r\n"
        );
        assert_eq!(parts.text(), expected);
        assert!(large_parts.body.len() > large.len());
        let n_bytes: usize = seen.iter().map(|seen| seen.head.len() + seen.body.len()).sum();
        assert_eq!(kept.total().counters.bytes_sent, n_bytes as u64, "{choice:?}");
    }
}

#[test]
fn what_functions_draw_follows_from_the_seed_and_counters_from_the_run() {
    let drawn = |seed: u64, choice: TransportChoice| {
        let server = Server::ok();
        let mut run = Run::of(&server, vec![Step::get("a", "/{{uuid()}}/{{counter()}}")], 40.0);
        run.n_workers = 4;
        run.scenario.transport.choice = choice;
        if let LoadModel::Open { seed: of_load, .. } = &mut run.scenario.load.model {
            *of_load = seed;
        }
        run.end().unwrap();
        let (mut uuids, mut counts) = (BTreeSet::new(), BTreeSet::new());
        for target in server.targets() {
            let (uuid, count) = target[1..].split_once('/').unwrap();
            uuids.insert(uuid.to_owned());
            counts.insert(count.parse::<u32>().unwrap());
        }
        assert_eq!(counts, (1..=40).collect::<BTreeSet<_>>(), "each once, whichever worker it was");
        assert_eq!(uuids.len(), 40);
        uuids
    };
    let first = drawn(1, TransportChoice::Wire);
    assert_eq!(first, drawn(1, TransportChoice::Reqwest));
    assert_ne!(first, drawn(2, TransportChoice::Wire));
}

#[test]
fn a_step_follows_as_many_redirects_as_it_says() {
    let server = Server::start(|seen| match seen.target().split_once("?left=") {
        Some((path, left)) if left != "0" => {
            let left = left.parse::<u32>().unwrap() - 1;
            (302, format!("location: {path}?left={left}\r\n"), String::new())
        }
        _ => (200, String::new(), String::new()),
    });
    let step = |path: &str, max_redirects| Step { max_redirects, ..Step::get(path, path) };
    let steps = vec![
        step("/none?left=2", Some(0)),
        step("/two?left=2", Some(2)),
        step("/default?left=2", None),
        step("/one?left=2", Some(1)),
    ];
    let mut run = Run::of(&server, steps, 1.0);
    run.scenario.transport.max_redirects = 5;
    let journal = run.end().unwrap();
    let n_of = |path: &str| server.targets().iter().filter(|target| target.starts_with(path)).count();
    assert_eq!([n_of("/none"), n_of("/two"), n_of("/default"), n_of("/one")], [1, 3, 3, 2]);
    let kept = journal.lock().unwrap();
    let failed: Vec<_> = kept.error_groups.keys().map(|(step, _, why)| (*step, why.as_str())).collect();
    assert_eq!(failed, [(3, "too many redirects")]);
}

/// A target that grants a token for `secs` and others for an hour, and lets nobody in without one.
fn granting(secs: u32) -> Server {
    let n_granted = Arc::new(Mutex::new(0));
    Server::start(move |seen| {
        if seen.target() != "/token" {
            let status = if seen.header("authorization").is_some_and(|a| a.starts_with("Bearer t")) {
                200
            } else {
                401
            };
            return (status, String::new(), "{}".to_owned());
        }
        let mut n_granted = n_granted.lock().unwrap();
        *n_granted += 1;
        let secs = if *n_granted == 1 { secs } else { 3600 };
        let body =
            format!(r#"{{"access_token": "t{n_granted}", "token_type": "bearer", "expires_in": {secs}}}"#);
        (200, String::new(), body)
    })
}

fn with_token(server: &Server, n_iterations: f64) -> Run<'_> {
    let mut run = Run::of(server, vec![Step::get("a", "/a"), Step::get("b", "/b")], n_iterations);
    run.scenario.auth = Auth::OAuth2(ClientCredentials {
        token_url: "/token".into(),
        client_id: "me".into(),
        client_secret: "{{key}}".into(),
        scope: Some("read write".into()),
    });
    run.secrets = &[("key", "hush hush")];
    run
}

#[test]
fn one_token_serves_all_workers() {
    for choice in TRANSPORTS {
        let server = granting(3600);
        let mut run = Run { n_workers: 4, ..with_token(&server, 40.0) };
        run.scenario.transport.choice = choice;
        let journal = run.end().unwrap();
        let kept = journal.lock().unwrap();
        assert_eq!((kept.n_sent(), kept.total().counters.n_errors()), (80, 0), "{choice:?}");
        let seen = server.seen();
        let asked: Vec<_> = seen.iter().filter(|seen| seen.target() == "/token").collect();
        assert_eq!((asked.len(), seen.len()), (1, 81), "{choice:?}");
        assert_eq!(asked[0].text(), "grant_type=client_credentials&scope=read+write");
        assert_eq!(asked[0].header("authorization"), Some("Basic bWU6aHVzaCtodXNo"));
        let notes: Vec<_> = kept.annotations.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(notes, ["One request for a token was sent beside those of the run"]);
    }
}

#[test]
fn a_token_is_renewed_before_it_expires() {
    let server = granting(1);
    let mut run = with_token(&server, 20.0);
    // 1.2 s: the token is renewed after three quarters of its second.
    run.scenario.load.stages[0].duration *= 6;
    run.end().unwrap();
    let seen = server.seen();
    let used: BTreeSet<_> = seen.iter().filter_map(|seen| seen.header("authorization")).collect();
    let tokens: Vec<_> = used.into_iter().filter(|value| value.starts_with("Bearer")).collect();
    assert_eq!(tokens, ["Bearer t1", "Bearer t2"]);
    assert_eq!(seen.iter().filter(|seen| seen.target() == "/token").count(), 2);
}

#[test]
fn a_token_that_cannot_be_renewed_stays_in_use_and_that_is_noted() {
    let is_first = Arc::new(Mutex::new(true));
    let server = Server::start(move |seen| match seen.target() {
        "/token" if std::mem::take(&mut *is_first.lock().unwrap()) => {
            (200, String::new(), r#"{"access_token": "t1", "expires_in": 1}"#.to_owned())
        }
        "/token" => (503, String::new(), String::new()),
        _ => (200, String::new(), String::new()),
    });
    let mut run = with_token(&server, 10.0);
    // 2 s: it is refused after 0.75 s, when it still holds, and after 1.25 s, when it does not any more.
    run.scenario.load.stages[0].duration *= 10;
    let journal = run.end().unwrap();
    let kept = journal.lock().unwrap();
    let seen = server.seen();
    let mut requests = seen.iter().filter(|seen| seen.target() != "/token");
    assert!(requests.all(|seen| seen.header("authorization") == Some("Bearer t1")));
    let refused = |note: &&str| note.contains("could not be renewed: HTTP 503");
    let notes: Vec<_> = kept.annotations.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes.iter().copied().filter(|note| refused(note)).count(), 1, "{notes:?}");
}

#[test]
fn a_client_that_the_header_does_not_prove_is_tried_in_the_body() {
    let server = Server::start(|seen| match seen.target() {
        "/token" if !seen.text().contains("client_secret=hush+hush") => {
            (401, String::new(), r#"{"error": "invalid_client"}"#.to_owned())
        }
        "/token" => (200, String::new(), r#"{"access_token": "t"}"#.to_owned()),
        _ => (200, String::new(), String::new()),
    });
    with_token(&server, 1.0).end().unwrap();
    assert_eq!(server.targets(), ["/token", "/token", "/a", "/b"]);
}

#[test]
fn a_token_that_is_refused_stops_the_run_before_it_starts() {
    let server = Server::start(|seen| {
        let echoed = format!(r#"{{"error": "invalid_client", "error_description": "{}"}}"#, seen.text());
        (401, String::new(), echoed)
    });
    let refusal = with_token(&server, 5.0).refusal();
    assert!(refusal.contains("HTTP 401, invalid_client") && refusal.contains("/token"), "{refusal}");
    assert!(!refusal.contains("hush"), "{refusal}");
    assert!(server.targets().iter().all(|target| target == "/token"));
}

#[test]
fn what_cannot_be_sent_is_told_before_the_run() {
    let server = Server::ok();
    let refusal = |step: Step| Run::of(&server, vec![step], 1.0).refusal();
    let told = refusal(Step::get("ask", "/{{env(STAGEWRIGHT_IS_NOT_SET)}}"));
    assert!(told.contains("`ask`") && told.contains("`STAGEWRIGHT_IS_NOT_SET` is not set"), "{told}");
    let told = refusal(post("/up", Body::File("no/such.file".into())));
    assert!(told.contains("`/up`") && told.contains("no/such.file"), "{told}");
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn no_secret_is_kept_of_what_failed() {
    for choice in TRANSPORTS {
        // Says back what it got, as some servers do.
        let server = Server::start(|seen| {
            let padding = "x".repeat(490);
            let headers = "x-said: s3cr3t-k3y\r\nset-cookie: id=s3cr3t-k3y\r\n".to_owned();
            (500, headers, format!("{}\n{}\n{padding}s3cr3t-k3y{padding}s3cr3t-k3y", seen.head, seen.text()))
        });
        let mut step = post("/{{key}}?k={{key}}", Body::Json(r#"{"k": "{{key}}"}"#.into()));
        step.headers = vec![("x-key".into(), "{{key}}".into())];
        step.auth = Some(Auth::Basic { user: "me".into(), password: "{{key}}".into() });
        let unsendable = post("http://{{key}}{{nothing}}/", Body::None);
        let mut run =
            Run { secrets: &[("key", "s3cr3t-k3y")], ..Run::of(&server, vec![step, unsendable], 3.0) };
        run.scenario.transport.choice = choice;
        let journal = run.end().unwrap();
        let kept = journal.lock().unwrap();
        assert_eq!(kept.error_groups.len(), 2, "{:?}", kept.error_groups);
        let texts = format!("{:?}", kept.error_groups);
        assert!(texts.contains("•••"), "{texts}");
        for form in ["s3cr3t-k3y", "s3cr", "bWU6czNjcjN0LWszeQ=="] {
            assert!(!texts.contains(form), "{form}: {texts}");
        }
    }
}
