//! The `[search]` table, in and out: only what differs from the defaults is written.

use super::keys;
use super::reader::{Node, Reader};
use super::write::{Lines, duration, number};
use crate::model::SearchOptions;

const REMEDY: &str =
    "Write a [search] table with lines such as start = 20 and hold = \"1m\", or leave it out.";
const LEVEL_REMEDY: &str = "Write a number, in the unit of the stages: users, or arrivals per second.";

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> Option<SearchOptions> {
    let defaults = SearchOptions::default();
    let field = reader.field(root, "search")?;
    let node = reader.table(&field, keys::SEARCH, REMEDY)?;
    Some(SearchOptions {
        start: optional_number(reader, &node, "start", LEVEL_REMEDY),
        max: optional_number(reader, &node, "max", LEVEL_REMEDY),
        hold: reader.optional_duration(&node, "hold").unwrap_or(defaults.hold),
        settle: reader.optional_duration(&node, "settle").unwrap_or(defaults.settle),
        confirm: reader.optional_duration(&node, "confirm").unwrap_or(defaults.confirm),
        resolution: optional_number(reader, &node, "resolution", "Write a ratio such as 1.05.")
            .unwrap_or(defaults.resolution),
        max_probes: reader
            .optional_integer(&node, "max_probes", "Choose a whole number from 2 to 100.")
            .unwrap_or(defaults.max_probes),
    })
}

fn optional_number(reader: &mut Reader, node: &Node<'_>, key: &str, remedy: &str) -> Option<f64> {
    let field = reader.field(node, key)?;
    reader.number(&field, remedy)
}

pub(super) fn write(out: &mut Lines, search: &SearchOptions) {
    let defaults = SearchOptions::default();
    out.header("[search]");
    if let Some(start) = search.start {
        out.pair("start", number(start));
    }
    if let Some(max) = search.max {
        out.pair("max", number(max));
    }
    for (key, span, default) in [
        ("hold", search.hold, defaults.hold),
        ("settle", search.settle, defaults.settle),
        ("confirm", search.confirm, defaults.confirm),
    ] {
        if span != default {
            out.pair(key, duration(span));
        }
    }
    if search.resolution != defaults.resolution {
        out.pair("resolution", number(search.resolution));
    }
    if search.max_probes != defaults.max_probes {
        out.pair("max_probes", search.max_probes);
    }
}
