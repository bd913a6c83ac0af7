//! Histograms as bytes: packed in memory and in derived data, HdrHistogram V2 where they are kept.

use std::io::{Cursor, Read as _};

use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer, V2DeflateSerializer},
};
use serde::{Deserialize, Serialize};

use super::{
    histogram::{LatencyHistogram, MAX_INDEX, index_of, value_at},
    varint,
};

/// A histogram packed: the buckets that are filled, in order, as distances with counts; no bytes where it is empty.
///
/// Some 20 bytes for ten samples, where HdrHistogram's compressed form takes 60 and a hundred times as long to read.
// The highest bucket comes first, so that a reader makes room once. A distance is doubled; one more says that a
// count beyond 1 follows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedHistogram(Vec<u8>);

/// Why kept bytes are no histogram.
#[derive(Debug, thiserror::Error)]
#[error("a kept histogram cannot be read ({0}): the library is damaged or was written by another program")]
pub struct HistogramError(String);

impl HistogramError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl EncodedHistogram {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity()
    }

    /// The packed bytes.
    pub(super) fn packed(&self) -> &[u8] {
        &self.0
    }

    pub fn decode(&self) -> Result<LatencyHistogram, HistogramError> {
        let mut histogram = LatencyHistogram::default();
        histogram.merge_encoded(self)?;
        Ok(histogram)
    }

    /// As it is kept: HdrHistogram V2, compressed; empty bytes for an empty histogram.
    pub fn to_hdr(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.is_empty() {
            return bytes;
        }
        let mut counts: Histogram<u64> =
            Histogram::new(3).expect("three significant digits are within 0 to 5");
        counts.auto(true);
        let kept = for_each_packed(&self.0, |index, n| {
            counts.record_n(value_at(index), n).expect("an hour fits a growing histogram");
        });
        kept.expect("what was packed by this program unpacks");
        V2DeflateSerializer::new().serialize(&counts, &mut bytes).expect("writing to memory cannot fail");
        bytes
    }
}

impl LatencyHistogram {
    pub fn encode(&self) -> EncodedHistogram {
        let mut bytes = Vec::new();
        let Some(highest) = self.highest_index() else { return EncodedHistogram(bytes) };
        varint::put(&mut bytes, highest as u64);
        let mut next = 0;
        self.for_each_index(|index, n| {
            let distance = (index - next) as u64;
            next = index + 1;
            varint::put(&mut bytes, distance << 1 | u64::from(n > 1));
            if n > 1 {
                varint::put(&mut bytes, n - 2);
            }
        });
        EncodedHistogram(bytes)
    }

    pub fn merge_encoded(&mut self, encoded: &EncodedHistogram) -> Result<(), HistogramError> {
        self.add_packed(&encoded.0)
    }

    /// Adds the samples of a packed histogram.
    pub(super) fn add_packed(&mut self, packed: &[u8]) -> Result<(), HistogramError> {
        if packed.is_empty() {
            return Ok(());
        }
        let (lowest, highest) = bounds(packed).ok_or_else(damaged)?;
        let mut n_samples = 0u64;
        let window = self.window(lowest, highest);
        for_each_packed(packed, |index, n| {
            window[index - lowest] += n;
            n_samples += n;
        })?;
        self.add_samples(n_samples);
        Ok(())
    }

    /// Takes the samples of a packed histogram away, all of which were added before; ends with
    /// [`settle`](Self::settle).
    pub(super) fn take_packed(&mut self, packed: &[u8]) -> Result<(), HistogramError> {
        if packed.is_empty() {
            return Ok(());
        }
        let (lowest, highest) = bounds(packed).ok_or_else(damaged)?;
        let (mut n_samples, mut is_sound) = (0u64, true);
        let window = self.window(lowest, highest);
        for_each_packed(packed, |index, n| {
            let count = &mut window[index - lowest];
            is_sound &= *count >= n;
            *count = count.wrapping_sub(n);
            n_samples += n;
        })?;
        if !is_sound {
            return Err(damaged());
        }
        self.take_samples(n_samples);
        Ok(())
    }
}

fn damaged() -> HistogramError {
    HistogramError::new("its packing is damaged")
}

/// The lowest and the highest filled bucket.
fn bounds(mut packed: &[u8]) -> Option<(usize, usize)> {
    let highest = varint::take(&mut packed)?;
    let lowest = varint::take(&mut packed)? >> 1;
    (lowest <= highest && highest <= MAX_INDEX as u64).then_some((lowest as usize, highest as usize))
}

/// Hands out filled buckets in order, none beyond the highest that the packing names.
#[inline]
fn for_each_packed(mut packed: &[u8], mut take: impl FnMut(usize, u64)) -> Result<(), HistogramError> {
    let (_, highest) = bounds(packed).ok_or_else(damaged)?;
    varint::take(&mut packed);
    let mut next = 0u64;
    while !packed.is_empty() {
        let head = varint::take(&mut packed).ok_or_else(damaged)?;
        let index = next.saturating_add(head >> 1);
        if index > highest as u64 {
            return Err(damaged());
        }
        let n =
            if head & 1 == 0 { 1 } else { varint::take(&mut packed).ok_or_else(damaged)?.saturating_add(2) };
        take(index as usize, n);
        next = index + 1;
    }
    Ok(())
}

/// Reads histograms as they are kept; its memory is used again.
// A run of two hours with 50 steps has some two million of them: HdrHistogram's own reader makes an inflater and
// a table of counts for each.
#[derive(Debug)]
pub struct HdrReader {
    inflater: flate2::Decompress,
    plain: Vec<u8>,
}

impl Default for HdrReader {
    fn default() -> Self {
        Self { inflater: flate2::Decompress::new(true), plain: Vec::new() }
    }
}

/// HdrHistogram V2 as bytes start, plain and compressed.
const COOKIE: u32 = 0x1c84_9313;
const COOKIE_COMPRESSED: u32 = 0x1c84_9314;

/// Cookie, length, offset, digits, lowest and highest value, ratio: what comes before the counts.
const HEADER_BYTES: usize = 40;

impl HdrReader {
    /// Packs a histogram that is kept as HdrHistogram V2, compressed.
    pub fn read(&mut self, kept: &[u8]) -> Result<EncodedHistogram, HistogramError> {
        if kept.is_empty() {
            return Ok(EncodedHistogram::default());
        }
        match self.read_ours(kept) {
            Some(encoded) => Ok(encoded),
            // Of another precision or version: read the long way, by the values that it holds.
            None => read_any(kept),
        }
    }

    /// Reads what this program writes: from 1, three digits.
    fn read_ours(&mut self, kept: &[u8]) -> Option<EncodedHistogram> {
        let number =
            |bytes: &[u8], at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if number(kept, 0)? != COOKIE_COMPRESSED {
            return None;
        }
        let length = number(kept, 4)? as usize;
        self.inflate(kept.get(8..8 + length)?)?;
        let plain = &self.plain[..];
        let is_ours = number(plain, 0)? == COOKIE
            && number(plain, 8)? == 0
            && number(plain, 12)? == 3
            && (number(plain, 16)?, number(plain, 20)?) == (0, 1);
        let payload = plain.get(HEADER_BYTES..HEADER_BYTES + number(plain, 4)? as usize)?;
        is_ours.then(|| pack_counts(payload)).flatten()
    }

    fn inflate(&mut self, compressed: &[u8]) -> Option<()> {
        self.inflater.reset(true);
        self.plain.clear();
        self.plain.reserve(4_096);
        loop {
            let before = (self.inflater.total_in(), self.plain.len());
            let rest = &compressed[before.0 as usize..];
            let status = self.inflater.decompress_vec(rest, &mut self.plain, flate2::FlushDecompress::Finish);
            match status.ok()? {
                flate2::Status::StreamEnd => return Some(()),
                _ if self.plain.len() == self.plain.capacity() => self.plain.reserve(self.plain.len()),
                _ if before == (self.inflater.total_in(), self.plain.len()) => return None,
                _ => {}
            }
        }
    }
}

/// From zigzag numbers in order of buckets: counts, and runs of empty buckets as negative lengths.
fn pack_counts(mut payload: &[u8]) -> Option<EncodedHistogram> {
    let (mut body, mut index, mut next, mut highest) =
        (Vec::with_capacity(payload.len() + 8), 0u64, 0u64, None);
    while !payload.is_empty() {
        // Nine bytes at most, the ninth with all its eight bits; counts of that size do not occur here.
        let zigzag = varint::take(&mut payload)?;
        let number = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
        if number <= 0 {
            index = index.checked_add(number.unsigned_abs().max(1))?;
            continue;
        }
        let n = number.cast_unsigned();
        varint::put(&mut body, (index - next) << 1 | u64::from(n > 1));
        if n > 1 {
            varint::put(&mut body, n - 2);
        }
        highest = Some(index);
        index += 1;
        next = index;
    }
    let Some(highest) = highest else { return Some(EncodedHistogram::default()) };
    let mut bytes = Vec::with_capacity(body.len() + 3);
    varint::put(&mut bytes, highest);
    bytes.extend_from_slice(&body);
    (highest <= MAX_INDEX as u64).then_some(EncodedHistogram(bytes))
}

fn read_any(kept: &[u8]) -> Result<EncodedHistogram, HistogramError> {
    let counts: Histogram<u64> = Deserializer::new()
        .deserialize(&mut Cursor::new(kept).take(1 << 20))
        .map_err(|error| HistogramError(error.to_string()))?;
    let mut histogram = LatencyHistogram::default();
    for found in counts.iter_recorded() {
        let index = index_of(found.value_iterated_to());
        if index > MAX_INDEX {
            return Err(HistogramError::new("it holds a latency of more than an hour"));
        }
        histogram.window(index, index)[0] += found.count_at_value();
        histogram.add_samples(found.count_at_value());
    }
    Ok(histogram.encode())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn of_micros(values: &[u64]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        values.iter().for_each(|micros| histogram.record(Duration::from_micros(*micros)));
        histogram
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        for damaged in [&[1, 2, 3][..], &[0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 9, 1], &[0x1c, 0x84, 0x93, 0x14]] {
            assert!(HdrReader::default().read(damaged).is_err(), "{damaged:?}");
        }
        for damaged in [&[9][..], &[1, 8], &[200], &[0xff, 0xff, 0x7f, 0], &[5, 1]] {
            assert!(LatencyHistogram::default().add_packed(damaged).is_err(), "{damaged:?}");
        }
        assert!(of_micros(&[5]).take_packed(of_micros(&[5, 5]).encode().packed()).is_err());
    }

    #[test]
    fn a_histogram_of_another_precision_reads_by_its_values() {
        let mut coarse: Histogram<u64> = Histogram::new(2).unwrap();
        coarse.record_n(40, 3).unwrap();
        let mut kept = Vec::new();
        V2DeflateSerializer::new().serialize(&coarse, &mut kept).unwrap();
        let read = HdrReader::default().read(&kept).unwrap().decode().unwrap();
        assert_eq!((read.n_samples(), read.max()), (3, Some(Duration::from_micros(40))));
    }

    proptest! {
        #[test]
        fn packing_and_keeping_lose_nothing(
            values in prop::collection::vec(prop_oneof![0..3_000u64, 0..2_000_000u64, 0..4_000_000_000u64], 0..80),
        ) {
            let histogram = of_micros(&values);
            let encoded = histogram.encode();
            prop_assert_eq!(&encoded.decode().unwrap(), &histogram);
            let mut reader = HdrReader::default();
            for _ in 0..2 {
                prop_assert_eq!(&reader.read(&encoded.to_hdr()).unwrap(), &encoded);
            }
            if !values.is_empty() {
                prop_assert_eq!(&read_any(&encoded.to_hdr()).unwrap(), &encoded);
            }
            let mut twice = histogram.clone();
            twice.add_packed(encoded.packed()).unwrap();
            twice.take_packed(encoded.packed()).unwrap();
            twice.settle();
            prop_assert_eq!(&twice, &histogram);
        }
    }
}
