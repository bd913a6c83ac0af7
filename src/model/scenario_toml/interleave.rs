//! The `[interleave]` table, in and out.

use super::keys;
use super::reader::{Node, Reader};
use super::write::{Lines, duration, text};
use crate::model::{Candidate, Interleave};

const REMEDY: &str = "Write an [interleave] table with a line such as candidate = { base_url = \"http://127.0.0.1:8081\" }, or { \
                      environment = \"staging\" }.";

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> Option<Interleave> {
    let field = reader.field(root, "interleave")?;
    let node = reader.table(&field, keys::INTERLEAVE, REMEDY)?;
    // A stand-in keeps what follows from it from being blamed.
    let mut interleave = Interleave::with(candidate(reader, &node).unwrap_or_default());
    interleave.block = reader.optional_duration(&node, "block").unwrap_or(interleave.block);
    let seed = reader.optional_integer(&node, "seed", "Choose a whole number that is not negative.");
    interleave.seed = seed.unwrap_or(interleave.seed);
    Some(interleave)
}

fn candidate(reader: &mut Reader, node: &Node<'_>) -> Option<Candidate> {
    let field = reader.required(node, "candidate", REMEDY)?;
    let node = reader.table(&field, keys::CANDIDATE, REMEDY)?;
    match (node.has("base_url"), node.has("environment")) {
        (true, false) => reader.optional_text(&node, "base_url").map(Candidate::BaseUrl),
        (false, true) => reader.optional_text(&node, "environment").map(Candidate::Environment),
        _ => {
            let message = "the candidate is either a `base_url` or an `environment` of the scenario";
            reader.error(&field.path, message, REMEDY);
            None
        }
    }
}

pub(super) fn write(out: &mut Lines, interleave: &Interleave) {
    out.header("[interleave]");
    let (key, name) = match &interleave.candidate {
        Candidate::BaseUrl(base_url) => ("base_url", base_url),
        Candidate::Environment(name) => ("environment", name),
    };
    out.pair("candidate", format!("{{ {key} = {} }}", text(name)));
    if interleave.block != Interleave::DEFAULT_BLOCK {
        out.pair("block", duration(interleave.block));
    }
    if interleave.seed != Interleave::DEFAULT_SEED {
        out.pair("seed", interleave.seed);
    }
}
