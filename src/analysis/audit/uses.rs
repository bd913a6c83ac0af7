//! Which fields of its answers a step looks at: those that its extracts and checks can reach.

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use crate::model::{Check, ExtractSource, Step};

use super::shape::Shape;

/// What a step looks at.
pub struct Uses {
    paths: Vec<JsonPath>,
    /// Names that conditions of paths look at.
    names: Vec<String>,
    /// Something looks at the body as a text, or in a way that cannot be followed.
    looks_everywhere: bool,
}

impl Uses {
    pub fn of(step: &Step) -> Self {
        let mut uses = Self { paths: Vec::new(), names: Vec::new(), looks_everywhere: false };
        for extract in &step.extracts {
            match &extract.source {
                ExtractSource::JsonPath(path) => uses.add(path),
                ExtractSource::Regex(_) => uses.looks_everywhere = true,
                ExtractSource::Header(_) | ExtractSource::Cookie(_) => {}
            }
        }
        for check in &step.checks {
            match check {
                Check::JsonPathExists(path) | Check::JsonPathEquals { path, .. } => uses.add(path),
                Check::BodyContains(_) | Check::BodyMatches(_) => uses.looks_everywhere = true,
                Check::Status(_)
                | Check::HeaderContains { .. }
                | Check::Size { .. }
                | Check::MaxDuration(_) => {}
            }
        }
        uses
    }

    /// Whether it can be said what is not looked at: not of a step that looks at no field, nor of one that looks
    /// everywhere.
    pub fn are_known(&self) -> bool {
        !self.paths.is_empty() && !self.looks_everywhere
    }

    fn add(&mut self, path: &str) {
        match JsonPath::parse(path) {
            Ok(parsed) => self.paths.push(parsed),
            Err(_) => self.looks_everywhere = true,
        }
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        for condition in conditions(path) {
            let words = condition.split(|letter| !is_letter(letter)).filter(|word| !word.is_empty());
            self.names.extend(words.map(str::to_owned));
        }
    }

    /// Marks what is looked at in an answer.
    pub fn mark(&self, answer: &Value, shape: &mut Shape) {
        if !self.are_known() {
            return;
        }
        for path in &self.paths {
            for location in path.query_located(answer).locations() {
                shape.mark(location.iter().map(|element| match element {
                    PathElement::Name(name) => Some(*name),
                    PathElement::Index(_) => None,
                }));
            }
        }
        self.names.iter().for_each(|name| shape.mark_named(name));
    }
}

/// The conditions of a path, each from its question mark to the bracket that ends it.
fn conditions(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('?').map(|(start, _)| {
        let mut depth = 1;
        let end = path[start..].find(|letter| {
            match letter {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        &path[start..end.map_or(path.len(), |end| start + end)]
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Extract;

    fn unused(paths: &[&str], answer: &Value) -> Vec<String> {
        let mut step = Step::get("list", "/");
        let extract = |path: &&str| Extract {
            name: "value".to_owned(),
            source: ExtractSource::JsonPath((*path).to_owned()),
        };
        step.extracts = paths.iter().map(extract).collect();
        let (uses, mut shape) = (Uses::of(&step), Shape::new());
        shape.walk(answer);
        uses.mark(answer, &mut shape);
        shape.unused().into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_path_uses_what_it_reaches_in_whichever_way() {
        let answer =
            json!({"items": [{"id": 1, "kind": "a", "x": 0}, {"id": 2, "kind": "b", "x": 0}], "n": 2});
        assert_eq!(unused(&["$.items[1].id"], &answer), ["$.items[*].kind", "$.items[*].x", "$.n"]);
        assert_eq!(unused(&["$..id", "$.n"], &answer), ["$.items[*].kind", "$.items[*].x"]);
        // What a condition looks at is used, too.
        assert_eq!(unused(&["$.items[?@.kind == 'b'].id"], &answer), ["$.items[*].x", "$.n"]);
        assert_eq!(unused(&["$.items"], &answer), ["$.n"]);
        assert_eq!(unused(&["$"], &answer), Vec::<String>::new());
        assert_eq!(unused(&["$.elsewhere"], &answer), Vec::<String>::new());
    }
}
