//! A document as blocks of plain text: what it says, not how it is marked up.

use super::chart::Chart;

/// A document from its title to its last line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub blocks: Vec<Block>,
}

/// One block; all text is plain and may contain anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading {
        /// 1 is the title.
        level: usize,
        text: String,
    },
    Paragraph(String),
    /// A paragraph that stands out.
    Lead(String),
    Bullets(Vec<String>),
    Table(Table),
    Chart(Box<Chart>),
    Code {
        /// Language of the text, such as `toml`.
        language: &'static str,
        text: String,
    },
}

/// How good something is that a word in a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Good,
    Doubtful,
    Bad,
}

impl Mood {
    /// Of verdicts and standings, which keep their colours wherever they stand; of other words none.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "Pass" | "PASS" | "met" | "better" | "valid" => Some(Self::Good),
            "Fail" | "FAIL" | "missed" | "worse" | "invalid" => Some(Self::Bad),
            "Not enough data" | "INCONCLUSIVE" | "cannot tell" | "weak" => Some(Self::Doubtful),
            _ => None,
        }
    }
}

/// A table with a note above it that names the window of its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub note: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    pub align: Align,
}

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Document {
    pub fn heading(&mut self, level: usize, text: impl Into<String>) {
        self.blocks.push(Block::Heading { level, text: text.into() });
    }

    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    pub fn lead(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Lead(text.into()));
    }

    /// A list; none without items.
    pub fn bullets(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::Bullets(items));
        }
    }

    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// A chart; none where it has nothing to show.
    pub fn chart(&mut self, chart: Chart) {
        if !chart.is_empty() {
            self.blocks.push(Block::Chart(Box::new(chart)));
        }
    }

    /// The same with no more than so many rows a table; what is left out is counted.
    pub fn shortened(mut self, max_rows: usize) -> Self {
        for block in &mut self.blocks {
            if let Block::Table(table) = block {
                table.shorten(max_rows);
            }
        }
        self
    }

    pub fn code(&mut self, language: &'static str, text: impl Into<String>) {
        self.blocks.push(Block::Code { language, text: text.into() });
    }
}

impl Table {
    /// A table whose columns hold words at the left and numbers at the right, `n_words` of the first kind.
    pub fn new(note: impl Into<String>, titles: &[&str], n_words: usize) -> Self {
        let column = |(index, title): (usize, &&str)| Column {
            title: (*title).to_owned(),
            align: if index < n_words { Align::Left } else { Align::Right },
        };
        let columns = titles.iter().enumerate().map(column).collect();
        Self { note: note.into(), columns, rows: Vec::new() }
    }

    /// The same table with words in its last column.
    pub fn ending_in_words(mut self) -> Self {
        if let Some(last) = self.columns.last_mut() {
            last.align = Align::Left;
        }
        self
    }

    /// Leaves out the rows behind the first so many, and says how many those were.
    pub fn shorten(&mut self, max_rows: usize) {
        if self.rows.len() <= max_rows + 1 {
            return;
        }
        // What was put together stays: it tells of rows that are not here at all.
        let together = self.rows.pop_if(|row| row.first().is_some_and(|cell| cell.ends_with(" together")));
        let max_rows = max_rows - usize::from(together.is_some());
        let n_more = self.rows.len() - max_rows;
        self.rows.truncate(max_rows);
        let said = std::iter::once(format!("… {} more", crate::humanize::count(n_more as u64)));
        let empty = std::iter::repeat_n(String::new(), self.columns.len().saturating_sub(1));
        self.rows.push(said.chain(empty).collect());
        self.rows.extend(together);
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}
