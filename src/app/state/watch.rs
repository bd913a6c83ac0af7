//! Notices when another program changes the file of the open scenario: a thread looks once a second and wakes the
//! window only when there is something to say.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, SystemTime},
};

use egui::Context;

use super::Workbench;
use crate::store;

/// How often the file is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long a file must rest before it is read: whoever writes it may not be done.
const REST: Duration = Duration::from_millis(200);

/// What became of a watched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNews {
    pub path: PathBuf,
    /// The file's text; none where the file is gone, an error where it cannot be read.
    pub text: Result<Option<String>, String>,
}

/// Watches the file of the open scenario.
pub struct FileWatch {
    tasks: Sender<Option<Watched>>,
    news: Receiver<FileNews>,
    /// The bench's count of file changes that is being watched.
    file_revision: Option<u64>,
}

struct Watched {
    path: PathBuf,
    /// What is known to be in it.
    text: Arc<str>,
}

impl FileWatch {
    pub fn new(ctx: Context) -> Self {
        let (tasks, received) = channel();
        let (sender, news) = channel();
        std::thread::spawn(move || watch(&received, &sender, &ctx));
        Self { tasks, news, file_revision: None }
    }

    /// Watches what is open now.
    pub fn follow(&mut self, bench: &Workbench) {
        if self.file_revision == Some(bench.file_revision()) {
            return;
        }
        self.file_revision = Some(bench.file_revision());
        let watched = bench.path().zip(bench.known_text());
        let watched = watched.map(|(path, text)| Watched { path: path.clone(), text: Arc::clone(text) });
        // The thread ends only when this sender is gone.
        let _ = self.tasks.send(watched);
    }

    /// Looks at the file anew, as if it had not been looked at.
    pub fn look_again(&mut self) {
        self.file_revision = None;
    }

    /// The next news of the watched file.
    pub fn next(&self) -> Option<FileNews> {
        self.news.try_recv().ok()
    }
}

fn watch(tasks: &Receiver<Option<Watched>>, news: &Sender<FileNews>, ctx: &Context) {
    let mut watched: Option<Watched> = None;
    let mut seen = None;
    loop {
        // Without a file there is nothing to look at, and nothing wakes this thread but the next one.
        let task = match &watched {
            None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => tasks.recv_timeout(EVERY),
        };
        match task {
            Ok(next) => (watched, seen) = (next, None),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let Some(file) = &watched else { continue };
        let stamp = rested_stamp(&file.path);
        if seen.as_ref() == Some(&stamp) {
            continue;
        }
        let text = text_of(&file.path);
        seen = Some(stamp);
        if text.as_ref().is_ok_and(|text| text.as_deref() == Some(&*file.text)) {
            continue;
        }
        if news.send(FileNews { path: file.path.clone(), text }).is_err() {
            return;
        }
        ctx.request_repaint();
    }
}

/// When and how long a file is; none where it is not there.
type Stamp = Option<(Option<SystemTime>, u64)>;

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}

/// The stamp once it stays the same; programs that save by renaming leave no file for a moment.
fn rested_stamp(path: &Path) -> Stamp {
    let mut before = stamp(path);
    let is_recent = |stamp: &Stamp| {
        let modified = stamp.and_then(|(modified, _)| modified);
        stamp.is_none() || modified.and_then(|at| at.elapsed().ok()).is_none_or(|age| age < EVERY + REST)
    };
    for _ in 0..10 {
        if !is_recent(&before) {
            break;
        }
        std::thread::sleep(REST);
        let now = stamp(path);
        if now == before {
            break;
        }
        before = now;
    }
    before
}

fn text_of(path: &Path) -> Result<Option<String>, String> {
    if fs::metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    store::read_scenario_file(path).map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A watch on a file that is known to hold `text`.
    fn watch_on(path: &Path, text: &str) -> FileWatch {
        let watch = FileWatch::new(Context::default());
        watch.tasks.send(Some(Watched { path: path.to_owned(), text: text.into() })).unwrap();
        watch
    }

    fn news(watch: &FileWatch) -> Result<Option<String>, String> {
        watch.news.recv_timeout(Duration::from_secs(30)).expect("news of the file").text
    }

    #[test]
    fn a_changed_file_and_one_that_is_gone_are_told_once_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::write(&path, "changed while the window was closed").unwrap();
        let watch = watch_on(&path, "known");
        assert_eq!(news(&watch).unwrap().unwrap(), "changed while the window was closed");
        fs::write(&path, "changed again").unwrap();
        assert_eq!(news(&watch).unwrap().unwrap(), "changed again");
        fs::remove_file(&path).unwrap();
        assert_eq!(news(&watch).unwrap(), None);
        assert!(watch.next().is_none());
    }

    #[test]
    fn a_file_with_the_known_text_is_no_news() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::write(&path, "known").unwrap();
        let watch = watch_on(&path, "known");
        fs::write(&path, "known").unwrap();
        fs::write(&path, b"\xff").unwrap();
        assert!(news(&watch).unwrap_err().contains("UTF-8"), "the next news is that of the unreadable text");
    }
}
