//! The feeders of a run, and what each journey takes of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use rand::Rng;

use super::row::RowReader;
use super::shuffle::mix;
use super::source::{HELD_WHOLE, Source};
use super::turns::{Turn, Turns};
use super::{FeederProblem, path_of, unreadable};
use crate::engine::request::{Unsendable, Values};
use crate::engine::{EngineError, RunJob};
use crate::model::{FeedOrder, Feeder, nearest};

/// The feeders of a run; the file of each is opened when the first journey that uses it is prepared.
pub(in crate::engine) struct Feeders {
    described: Vec<Feeder>,
    files_root: Option<PathBuf>,
    seed: u64,
    /// Larger files are read row by row.
    pub held_whole: u64,
    opened: BTreeMap<usize, Arc<OpenFeeder>>,
    ends: Arc<Ends>,
}

/// One feeder of a run, shared by all workers.
struct OpenFeeder {
    name: String,
    path: PathBuf,
    source: Arc<Source>,
    turns: Turns,
}

/// What the journeys of a run are fed with, by one worker.
pub(in crate::engine) struct Feed {
    feeder: Arc<OpenFeeder>,
    reader: RefCell<RowReader>,
    /// The slot of each column that is used.
    slots: Vec<Option<usize>>,
}

/// What the rest of the run has to do when rows run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Shortage {
    /// The load ends.
    Over(String),
    /// Some users do not start.
    FewerUsers(String),
}

type Listener = Box<dyn Fn(&Shortage) + Send + Sync>;

/// Tells the run of shortages, each kind once.
#[derive(Default)]
pub(in crate::engine) struct Ends {
    listener: OnceLock<Listener>,
    told_over: AtomicBool,
    told_fewer: AtomicBool,
}

impl Feeders {
    pub fn new(job: &RunJob, seed: u64) -> Self {
        Self {
            described: job.scenario.feeders.clone(),
            files_root: job.files_root.clone(),
            seed,
            held_whole: HELD_WHOLE,
            opened: BTreeMap::new(),
            ends: Arc::default(),
        }
    }

    /// Where shortages are told.
    pub fn ends(&self) -> Arc<Ends> {
        Arc::clone(&self.ends)
    }

    /// What a journey with these slots takes: `feeder.column` is the name of one.
    pub fn feeds(&mut self, slots: &[String]) -> Result<Vec<Feed>, EngineError> {
        let split = |name: &str| {
            let (feeder, column) = name.split_once('.')?;
            let index = self.described.iter().position(|known| known.name == feeder)?;
            Some((index, column.to_owned()))
        };
        let used: Vec<_> = slots.iter().map(|name| split(name)).collect();
        let feeders: BTreeSet<usize> = used.iter().flatten().map(|(index, _)| *index).collect();
        feeders
            .into_iter()
            .map(|index| {
                let feeder = self.open(index)?;
                let wanted = used.iter().enumerate().filter_map(|(slot, used)| {
                    used.as_ref().filter(|(of, _)| *of == index).map(|(_, column)| (column.as_str(), slot))
                });
                Feed::of(feeder, wanted)
            })
            .collect()
    }

    fn open(&mut self, index: usize) -> Result<Arc<OpenFeeder>, EngineError> {
        if let Some(known) = self.opened.get(&index) {
            return Ok(Arc::clone(known));
        }
        let feeder = &self.described[index];
        let path = path_of(self.files_root.as_deref(), feeder);
        let failed =
            |problem| EngineError::Feeder { feeder: feeder.name.clone(), problem, path: path.clone() };
        let opened = Source::open(&path, feeder, self.held_whole, usize::MAX);
        let opened = opened.map_err(|error| failed(unreadable(&error)))?;
        if let Some(problem) = opened.problems.into_iter().next() {
            return Err(failed(problem));
        }
        let seed = mix(self.seed ^ mix(index as u64));
        let turns = Turns::new(feeder.order, feeder.at_end, opened.source.n_rows(), seed);
        let name = feeder.name.clone();
        let opened = Arc::new(OpenFeeder { name, path, source: Arc::new(opened.source), turns });
        self.opened.insert(index, Arc::clone(&opened));
        Ok(opened)
    }
}

impl Feed {
    fn of<'a>(
        feeder: Arc<OpenFeeder>,
        wanted: impl Iterator<Item = (&'a str, usize)>,
    ) -> Result<Self, EngineError> {
        let mut slots = vec![None; feeder.source.columns.len()];
        for (name, slot) in wanted {
            slots[feeder.column(name)?] = Some(slot);
        }
        let source = Arc::clone(&feeder.source);
        let reader = RefCell::new(match feeder.turns.order {
            FeedOrder::Sequential => RowReader::sequential(source),
            FeedOrder::Shuffled | FeedOrder::Random | FeedOrder::Unique => RowReader::scattered(source),
        });
        Ok(Self { feeder, reader, slots })
    }

    /// Makes room for its values, so that an iteration only writes into it.
    pub fn make_room(&self, values: &mut Values) {
        self.slots.iter().flatten().for_each(|slot| values[*slot] = Some(String::new()));
    }

    /// Takes the next turn; where the load ends because there is none, says so.
    pub fn take_turn(&self) -> Result<Turn, Shortage> {
        let over =
            || Shortage::Over(format!("Feeder `{}` has no more rows; the load ends", self.feeder.name));
        self.feeder.turns.take().map_err(|_| over())
    }

    /// Puts the row of a turn into the values of the user with this number.
    pub fn fill(
        &self,
        turn: Turn,
        user: u64,
        random: &mut impl Rng,
        values: &mut Values,
    ) -> Result<(), Unsendable> {
        let OpenFeeder { name, turns, .. } = &*self.feeder;
        let no_row = |_| {
            let whose = if turns.order == FeedOrder::Unique { "for this user" } else { "left" };
            Unsendable(format!("feeder `{name}` has no row {whose}"))
        };
        let row = turns.row(turn, user, random).map_err(no_row)?;
        let put = |column: usize, field: &str| {
            let Some(slot) = self.slots[column] else { return };
            let value = values[slot].get_or_insert_default();
            value.clear();
            value.push_str(field);
        };
        let read = self.reader.borrow_mut().read(row, |column| self.slots[column].is_some(), put);
        read.map_err(|reason| Unsendable(format!("feeder `{name}`: {reason}")))
    }

    /// How many users may start, with the words for those that do not.
    pub fn most_users(&self) -> Option<(u64, Shortage)> {
        let most = self.feeder.turns.most_users()?;
        let words = format!(
            "Feeder `{}` has {} for a user each; further users do not start",
            self.feeder.name,
            if most == 1 { "1 row".to_owned() } else { format!("{most} rows") }
        );
        Some((most, Shortage::FewerUsers(words)))
    }
}

impl OpenFeeder {
    fn column(&self, name: &str) -> Result<usize, EngineError> {
        let Source { columns, n_leading, .. } = &*self.source;
        let known = || columns.iter().map(String::as_str).filter(|known| !known.is_empty());
        let Some(column) = columns.iter().position(|known| known == name) else {
            let remedy = match nearest(name, known()) {
                Some(near) => format!("Did you mean {{{{{}.{near}}}}}?", self.name),
                None => format!("It has {}.", known().take(12).collect::<Vec<_>>().join(", ")),
            };
            let message = format!("it has no column `{name}`");
            return Err(self.failed(FeederProblem { line: None, message, remedy }));
        };
        if n_leading[column] < self.source.n_rows() {
            let missing = self.source.problem_of(
                n_leading[column],
                format!("it has no `{name}`"),
                "Write the field in every row; null and \"\" are values too.",
            );
            return Err(self.failed(missing.unwrap_or_else(|error| unreadable(&error))));
        }
        Ok(column)
    }

    fn failed(&self, problem: FeederProblem) -> EngineError {
        EngineError::Feeder { feeder: self.name.clone(), problem, path: self.path.clone() }
    }
}

impl Ends {
    /// Says who is told; only the first is.
    pub fn listen(&self, listener: impl Fn(&Shortage) + Send + Sync + 'static) {
        let _ = self.listener.set(Box::new(listener));
    }

    /// Tells of a shortage, unless its kind was told before.
    pub fn tell(&self, shortage: &Shortage) {
        let told = match shortage {
            Shortage::Over(_) => &self.told_over,
            Shortage::FewerUsers(_) => &self.told_fewer,
        };
        if !told.swap(true, Relaxed)
            && let Some(listener) = self.listener.get()
        {
            listener(shortage);
        }
    }
}
