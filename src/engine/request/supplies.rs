//! What the requests of all workers of a run share: counters, files, tokens and secrets.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;

use super::Unsendable;
use super::draw::Draw;
use crate::engine::secrets::{HIDDEN, Secrets};
use crate::engine::tokens::{Token, TokenRequest};
use crate::model::{Body, Function};

/// The largest file that is sent; it is held in memory for the whole run.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What is gathered while the requests of a run are prepared.
#[derive(Default)]
pub(in crate::engine) struct Supplies {
    files_root: Option<PathBuf>,
    files: BTreeMap<PathBuf, Bytes>,
    /// Multipart bodies without gaps, as they were put together for the first worker.
    bodies: Vec<(Body, Bytes)>,
    counters: BTreeMap<String, Arc<AtomicU64>>,
    pub tokens: Vec<Arc<Token>>,
    pub secrets: Secrets,
    /// Where a request is only shown: what stands for all that is not known before a run.
    pub marks: Option<Marks>,
}

/// What a function gives.
pub(in crate::engine) enum Supplied {
    /// The same for each request.
    Constant(String),
    Drawn(Draw),
}

/// Stand-ins in a request that is only shown; they pass every encoding unchanged.
#[derive(Default)]
pub(in crate::engine) struct Marks(Vec<String>);

/// What begins each mark.
const MARK: &str = "_stagewright.mark_";

impl Marks {
    /// A stand-in for what is shown as `shown`.
    pub fn mark(&mut self, shown: impl Into<String>) -> String {
        let shown = shown.into();
        let index = self.0.iter().position(|known| *known == shown).unwrap_or_else(|| {
            self.0.push(shown);
            self.0.len() - 1
        });
        format!("{MARK}{index}_")
    }

    pub fn is_in(text: &str) -> bool {
        text.contains(MARK)
    }

    /// The text with each stand-in replaced by what it is shown as.
    pub fn shown(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut parts = text.split(MARK);
        shown.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let known = part
                .split_once('_')
                .and_then(|(index, rest)| Some((self.0.get(index.parse::<usize>().ok()?)?, rest)));
            match known {
                Some((words, rest)) => shown.extend([words, rest]),
                None => shown.extend([MARK, part]),
            }
        }
        shown
    }
}

impl Supplies {
    /// Relative paths of files start at `files_root`.
    pub fn new(files_root: Option<PathBuf>, secrets: Secrets) -> Self {
        Self { files_root, secrets, ..Self::default() }
    }

    /// For a request that is only shown.
    pub fn marked(marks: Marks) -> Self {
        Self { marks: Some(marks), ..Self::default() }
    }

    /// What a function gives.
    pub fn supply(&mut self, function: Function) -> Result<Supplied, Unsendable> {
        Ok(match function {
            Function::Uuid => Supplied::Drawn(Draw::Uuid),
            Function::RandomInt { min, max } => Supplied::Drawn(Draw::RandomInt { min, max }),
            Function::Now(format) => Supplied::Drawn(Draw::Now(format)),
            Function::Counter(name) => {
                Supplied::Drawn(Draw::Counter(Arc::clone(self.counters.entry(name).or_default())))
            }
            Function::Env(name) => Supplied::Constant(self.env(&name)?),
        })
    }

    fn env(&mut self, name: &str) -> Result<String, Unsendable> {
        match (std::env::var(name), &mut self.marks) {
            (Ok(value), _) => Ok(value),
            (Err(_), Some(marks)) => Ok(marks.mark(format!("{{{{env({name})}}}}"))),
            (Err(VarError::NotPresent), None) => {
                Err(Unsendable(format!("the environment variable `{name}` is not set")))
            }
            (Err(VarError::NotUnicode(_)), None) => {
                Err(Unsendable(format!("the environment variable `{name}` is not text")))
            }
        }
    }

    /// The bytes of a file, read once for all workers.
    pub fn file(&mut self, path: &str) -> Result<Bytes, Unsendable> {
        if let Some(marks) = &mut self.marks {
            return Ok(Bytes::from(marks.mark(format!("‹the bytes of {path}›"))));
        }
        // An absolute path takes the place of the root.
        let whole_path = self.files_root.as_deref().unwrap_or(Path::new("")).join(path);
        if let Some(known) = self.files.get(&whole_path) {
            return Ok(known.clone());
        }
        let bytes = read_file(&whole_path)?;
        self.files.insert(whole_path, bytes.clone());
        Ok(bytes)
    }

    /// A multipart body without gaps, put together once for all workers.
    pub fn whole_body(&mut self, body: &Body, put_together: impl FnOnce() -> Bytes) -> Bytes {
        if let Some((_, known)) = self.bodies.iter().find(|(known, _)| known == body) {
            return known.clone();
        }
        let bytes = put_together();
        self.bodies.push((body.clone(), bytes.clone()));
        bytes
    }

    /// The token that is fetched with `request`, one for all who ask for the same.
    pub fn token(&mut self, request: TokenRequest) -> Arc<Token> {
        if let Some(known) = self.tokens.iter().find(|known| known.request == request) {
            return Arc::clone(known);
        }
        self.secrets.hide(&request.basic_credentials());
        let token = Arc::new(Token::new(request));
        if let Some(marks) = &mut self.marks {
            token.store(marks.mark(HIDDEN));
        }
        self.tokens.push(Arc::clone(&token));
        self.secrets.hide_token(Arc::clone(&token));
        token
    }
}

fn read_file(path: &Path) -> Result<Bytes, Unsendable> {
    let unreadable =
        |error: io::Error| Unsendable(format!("its file cannot be read: {error} ({})", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // One byte more than allowed tells a file that is too large, also one that says nothing of its size.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES / (1024 * 1024);
        return Err(Unsendable(format!("its file is larger than {limit} MiB ({})", path.display())));
    }
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_and_a_bad_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
        let mut supplies = Supplies::new(Some(folder.path().to_owned()), Secrets::default());
        let first = supplies.file("a.txt").unwrap();
        std::fs::remove_file(folder.path().join("a.txt")).unwrap();
        assert_eq!((&*first, &*supplies.file("a.txt").unwrap()), (b"hello".as_slice(), b"hello".as_slice()));
        let missing = supplies.file("b.txt").unwrap_err().0;
        assert!(missing.contains("b.txt"), "{missing}");
        let large = File::create(folder.path().join("large")).unwrap();
        large.set_len(MAX_FILE_BYTES + 1).unwrap();
        let refused = supplies.file("large").unwrap_err().0;
        assert!(refused.contains("64 MiB") && refused.contains("large"), "{refused}");
    }

    #[test]
    fn marks_are_shown_as_what_they_stand_for() {
        let mut marks = Marks::default();
        let text = format!("a{}b{}c", marks.mark("•••"), marks.mark("{{id}}"));
        assert!(Marks::is_in(&text));
        assert_eq!(marks.shown(&text), "a•••b{{id}}c");
        assert_eq!(marks.shown("plain"), "plain");
    }
}
