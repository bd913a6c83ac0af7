//! Latencies out of files that others wrote: HdrHistogram logs, and tables of times and latencies.
//!
//! Kept in the file's own unit and precision, because adding histograms of different precision moves percentiles.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{
        DeserializeError, Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use crate::analysis::stats::N_BLOCKS;

use super::{
    exit::CliError,
    series_csv::{read_series, read_text, told},
};

/// Latencies of one tag in blocks of time.
#[derive(Clone, Debug)]
pub struct TaggedLatencies {
    pub tag: Option<String>,
    /// Equal stretches of time; some may be empty.
    pub blocks: Vec<Histogram<u64>>,
    /// Intervals of a log, or rows of a table.
    pub n_slices: usize,
    pub duration_secs: f64,
}

/// Latencies within some time of a log.
#[derive(Debug)]
struct Slice {
    from_secs: f64,
    until_secs: f64,
    histogram: Histogram<u64>,
}

impl TaggedLatencies {
    /// All blocks together.
    pub fn merged(&self) -> Histogram<u64> {
        let mut merged = empty_like(&self.blocks[0]);
        for block in &self.blocks {
            // A histogram that grows by itself takes any other.
            let _ = merged.add(block);
        }
        merged
    }

    /// With the latencies that a closed loop left out, for requests meant to follow each other at this interval.
    pub fn repaired(&self, interval: u64) -> Self {
        Self {
            blocks: self.blocks.iter().map(|block| block.clone_correct(interval)).collect(),
            ..self.clone()
        }
    }

    /// How many latencies a repair would come to.
    pub fn n_repaired(&self, interval: u64) -> f64 {
        let blocks = self.blocks.iter().flat_map(Histogram::iter_recorded);
        blocks
            .map(|found| found.count_at_value() as f64 * (found.value_iterated_to() / interval).max(1) as f64)
            .sum()
    }

    fn of(tag: Option<String>, slices: &[Slice]) -> Self {
        let start = slices.iter().map(|slice| slice.from_secs).fold(f64::INFINITY, f64::min);
        let end = slices.iter().map(|slice| slice.until_secs).fold(f64::NEG_INFINITY, f64::max);
        let mut blocks = vec![empty_like(&slices[0].histogram); N_BLOCKS];
        for slice in slices {
            let middle = (slice.from_secs + slice.until_secs) / 2.0;
            let _ = blocks[block_at(middle, start, end)].add(&slice.histogram);
        }
        Self { tag, blocks, n_slices: slices.len(), duration_secs: end - start }
    }
}

fn block_at(moment: f64, start: f64, end: f64) -> usize {
    let place = (moment - start) / (end - start) * N_BLOCKS as f64;
    // A file of one moment has one block.
    if place.is_finite() { (place as usize).min(N_BLOCKS - 1) } else { 0 }
}

fn empty_like(histogram: &Histogram<u64>) -> Histogram<u64> {
    let mut empty = Histogram::new_from(histogram);
    empty.auto(true);
    empty
}

/// Reads an HdrHistogram log, tag by tag.
pub fn read_log(path: &Path) -> Result<Vec<TaggedLatencies>, CliError> {
    let text = read_text(path)?;
    let by_tag = log_slices(&text).map_err(|faults| told(path, &faults))?;
    if by_tag.is_empty() {
        return Err(CliError::BadInput(format!("there is no interval in this log: {}", path.display())));
    }
    Ok(by_tag.into_iter().map(|(tag, slices)| TaggedLatencies::of(tag, &slices)).collect())
}

/// Reads a table of times and latencies; `nanos` is the length of its unit.
pub fn read_table(path: &Path, nanos: f64) -> Result<TaggedLatencies, CliError> {
    let rows = read_series(path)?;
    let mut faults = Vec::new();
    // Never empty and finite, since every row has a time.
    let start = rows.iter().map(|row| row.at_unix_millis).min().unwrap_or_default() as f64 / 1e3;
    let end = rows.iter().map(|row| row.at_unix_millis).max().unwrap_or_default() as f64 / 1e3;
    let empty = Histogram::new(3).map_err(|error| CliError::Fault(error.to_string()))?;
    let mut blocks = vec![empty_like(&empty); N_BLOCKS];
    for row in &rows {
        let Some(value) = row.value else { continue };
        let latency = value * nanos;
        if !(0.0..=1e15).contains(&latency) {
            faults.push(format!("line {}: {value} is no latency", row.line));
        } else if blocks[block_at(row.at_unix_millis as f64 / 1e3, start, end)]
            .record(latency as u64)
            .is_err()
        {
            faults.push(format!("line {}: {value} is too long to be counted", row.line));
        }
    }
    if !faults.is_empty() {
        return Err(told(path, &faults));
    }
    Ok(TaggedLatencies { tag: None, blocks, n_slices: rows.len(), duration_secs: end - start })
}

type ByTag = BTreeMap<Option<String>, Vec<Slice>>;

// Line by line, so that what is wrong can be told with its line.
fn log_slices(text: &str) -> Result<ByTag, Vec<String>> {
    let (mut by_tag, mut faults) = (ByTag::new(), Vec::new());
    let mut deserializer = Deserializer::new();
    let mut precision = None;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match log_line(line, &mut deserializer) {
            Ok(None) => {}
            Ok(Some((tag, slice))) => {
                let own = (slice.histogram.sigfig(), slice.histogram.low());
                match *precision.get_or_insert(own) == own {
                    true => by_tag.entry(tag).or_default().push(slice),
                    false => faults.push(format!(
                        "line {}: this histogram has another precision than those before it, and adding them would \
                         move percentiles",
                        index + 1
                    )),
                }
            }
            Err(fault) => faults.push(format!("line {}: {fault}", index + 1)),
        }
    }
    if faults.is_empty() { Ok(by_tag) } else { Err(faults) }
}

fn log_line(line: &str, deserializer: &mut Deserializer) -> Result<Option<(Option<String>, Slice)>, String> {
    let terminated = format!("{}\n", line.trim_end());
    let interval = match IntervalLogIterator::new(terminated.as_bytes()).next() {
        Some(Ok(LogEntry::Interval(interval))) => interval,
        Some(Err(_)) => {
            return Err("this is no interval: a log has start,length,longest,histogram".to_owned());
        }
        // Comments, the legend, and when the log began.
        _ => return Ok(None),
    };
    let bytes = BASE64_STANDARD
        .decode(interval.encoded_histogram())
        .map_err(|error| format!("the histogram is no base64 ({error})"))?;
    let histogram = deserializer.deserialize(&mut &bytes[..]).map_err(|error| match error {
        DeserializeError::InvalidCookie => {
            "the histogram is none of version 2, the only one that can be read".to_owned()
        }
        error => format!("the histogram is damaged ({error})"),
    })?;
    let from_secs = interval.start_timestamp().as_secs_f64();
    let until_secs = from_secs + interval.duration().as_secs_f64();
    let tag = interval.tag().map(|tag| tag.as_str().to_owned());
    Ok(Some((tag, Slice { from_secs, until_secs, histogram })))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, Tag},
    };

    use super::*;

    /// A log of seconds, each with latencies of 1 to 100 ms in nanoseconds, every other one tagged.
    fn log(n_seconds: u64, digits: u8) -> String {
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let mut writer = IntervalLogWriterBuilder::new()
            .add_comment("[Histogram log format version 1.3]")
            .begin_log_with(&mut bytes, &mut serializer)
            .unwrap();
        for second in 0..n_seconds {
            let mut histogram = Histogram::<u64>::new(digits).unwrap();
            (1..=100u64).for_each(|millis| histogram.record(millis * 1_000_000).unwrap());
            let tag = (second % 2 == 1).then(|| Tag::new("write").unwrap());
            let (start, length) = (Duration::from_secs(second), Duration::from_secs(1));
            writer.write_histogram(&histogram, start, length, tag).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_log_is_read_tag_by_tag_in_ten_blocks_of_time() {
        let by_tag = log_slices(&log(40, 3)).unwrap();
        let tags: Vec<_> = by_tag.keys().cloned().collect();
        assert_eq!(tags, [None, Some("write".to_owned())]);
        let found = TaggedLatencies::of(None, &by_tag[&None]);
        assert_eq!((found.blocks.len(), found.n_slices, found.duration_secs), (10, 20, 39.0));
        assert!(found.blocks.iter().all(|block| block.len() == 200), "{:?}", found.blocks);
        let merged = found.merged();
        assert_eq!(merged.len(), 2_000);
        assert!(merged.equivalent(merged.value_at_quantile(0.5), 50_000_000));
    }

    #[test]
    fn comments_times_and_the_legend_are_passed_over() {
        let text = "#[StartTime: 1441812279.474 (seconds since epoch), Wed Sep 09 08:24:39 PDT 2015]\n\
            \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
            .to_owned();
        assert!(log_slices(&text).unwrap().is_empty());
        assert_eq!(log_slices(&(text + &log(3, 3))).unwrap().len(), 2);
    }

    #[test]
    fn faults_of_a_log_are_told_with_their_lines() {
        let good = log(1, 3);
        let line = good.lines().last().unwrap();
        let cut = &line[..line.len() - 8];
        let text = format!("{line}\nnonsense\n1.0,1.0,5.0,!!!!\n1.0,1.0,5.0,AAAAAAAA\n{cut}\n");
        let faults = log_slices(&text).unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[0].starts_with("line 2: this is no interval"), "{faults:?}");
        assert!(faults[2].contains("none of version 2"), "{faults:?}");
        let mixed = format!("{line}\n{}\n", log(1, 2).lines().last().unwrap());
        assert!(
            log_slices(&mixed).unwrap_err()[0].starts_with("line 2: this histogram has another precision")
        );
    }

    #[test]
    fn a_repair_adds_what_a_closed_loop_left_out() {
        // HdrHistogram's own check: 10,000 values of 1,000 and one of 10^8, at intervals of 10,000.
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        histogram.record_n(1_000, 10_000).unwrap();
        histogram.record(100_000_000).unwrap();
        let slice = Slice { from_secs: 0.0, until_secs: 1.0, histogram };
        let found = TaggedLatencies::of(None, &[slice]);
        assert_eq!(found.n_repaired(10_000), 20_000.0);
        let repaired = found.repaired(10_000).merged();
        assert_eq!(repaired.len(), 20_000);
        for (quantile, published) in [(0.75, 5e7), (0.99, 9.8e7)] {
            let value = repaired.value_at_quantile(quantile) as f64;
            assert!((value / published - 1.0).abs() < 1e-3, "{value} at {quantile}");
        }
    }

    #[test]
    fn tables_are_cut_into_blocks_by_their_times() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latencies.csv");
        let rows: String = (0..100).map(|second| format!("{second},{}\n", 10 + second % 10)).collect();
        std::fs::write(&path, format!("time,ms\n{rows}")).unwrap();
        let found = read_table(&path, 1e6).unwrap();
        let counts: Vec<u64> = found.blocks.iter().map(Histogram::len).collect();
        assert_eq!(counts.iter().sum::<u64>(), 100);
        assert!(counts.iter().all(|n| (9..=11).contains(n)), "{counts:?}");
        std::fs::write(&path, "0,1\n1,-5\n").unwrap();
        let fault = read_table(&path, 1e6).unwrap_err().to_string();
        assert!(fault.contains("line 2: -5 is no latency"), "{fault}");
    }
}
