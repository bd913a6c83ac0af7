//! Cuts a page that comes in chunks into lines; holds one line at most.

use super::line::{Line, Malformed, line};

/// Longer lines are none that an exporter writes.
const MAX_LINE: usize = 1 << 20;

/// A page on its way in.
#[derive(Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end is still to come.
    begun: Vec<u8>,
    is_too_long: bool,
    has_ended: bool,
    n_lines: u64,
    pub faults: Faults,
}

/// Lines that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub n_lines: u64,
    /// The first: its number and what is wrong with it.
    pub first: Option<(u64, Malformed)>,
}

impl Lines {
    /// Gives each line that is complete by now to `each`, but for those without meaning.
    pub fn feed(&mut self, chunk: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let mut rest = chunk;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            if self.begun.is_empty() && !self.is_too_long {
                self.line(&rest[..end], each);
            } else {
                self.add(&rest[..end]);
                self.complete(each);
            }
            rest = &rest[end + 1..];
        }
        self.add(rest);
    }

    /// Takes what stands behind the last line's end.
    pub fn finish(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if !self.begun.is_empty() || self.is_too_long {
            self.complete(each);
        }
    }

    fn add(&mut self, part: &[u8]) {
        self.is_too_long |= self.begun.len() + part.len() > MAX_LINE;
        if self.is_too_long {
            self.begun.clear();
        } else {
            self.begun.extend_from_slice(part);
        }
    }

    fn complete(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if std::mem::take(&mut self.is_too_long) {
            self.n_lines += 1;
            self.fault("it is longer than 1 MB");
        } else {
            let mut begun = std::mem::take(&mut self.begun);
            self.line(&begun, each);
            begun.clear();
            self.begun = begun;
        }
    }

    fn line(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) {
        self.n_lines += 1;
        if self.has_ended {
            return;
        }
        match line(bytes) {
            Ok(Line::Nothing) => {}
            Ok(Line::End) => self.has_ended = true,
            Ok(line) => each(line),
            Err(reason) => self.fault(reason),
        }
    }

    fn fault(&mut self, reason: Malformed) {
        self.faults.n_lines += 1;
        self.faults.first.get_or_insert((self.n_lines, reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# TYPE a counter\na 1\n\nb{x=\"ü\"} 2\nnonsense\nc 3\nalso bad\n# EOF\nd 4\n";

    fn names(chunks: impl Iterator<Item = Vec<u8>>) -> (Vec<String>, Faults) {
        let (mut lines, mut names) = (Lines::default(), Vec::new());
        let mut each = |line: Line<'_>| {
            if let Line::Sample(sample) = line {
                names.push(sample.name.into_owned());
            }
        };
        chunks.for_each(|chunk| lines.feed(&chunk, &mut each));
        lines.finish(&mut each);
        (names, lines.faults)
    }

    #[test]
    fn a_page_reads_the_same_however_it_is_cut() {
        for size in [1, 2, 3, 7, 1000] {
            let (names, faults) = names(PAGE.as_bytes().chunks(size).map(<[u8]>::to_vec));
            assert_eq!(names, ["a", "b", "c"], "{size}");
            assert_eq!(faults, Faults { n_lines: 2, first: Some((5, "its value is no number")) }, "{size}");
        }
    }

    #[test]
    fn a_last_line_without_its_end_counts_and_an_endless_one_takes_no_room() {
        assert_eq!(names([b"a 1\nb 2".to_vec()].into_iter()).0, ["a", "b"]);
        let long = std::iter::repeat_n(vec![b'x'; 1 << 16], 40);
        let (names, faults) = names(long.chain([b"\nb 2\n".to_vec()]));
        assert_eq!(names, ["b"]);
        assert_eq!(faults, Faults { n_lines: 1, first: Some((1, "it is longer than 1 MB")) });
    }
}
