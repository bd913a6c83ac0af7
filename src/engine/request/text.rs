//! Texts with gaps: read once, constants folded in, what varies written straight into a request's buffer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::draw::Draw;
use super::supplies::{Supplied, Supplies};
use super::{Filling, Unsendable};
use crate::engine::tokens::Token;
use crate::model::{Expression, parse_expression};

/// Values of the variables of one iteration, by slot: taken out of answers, or of rows of data.
pub(in crate::engine) type Values = Vec<Option<String>>;

/// Knows the scenario's constant variables, and gives each extracted one of a journey its slot.
pub(in crate::engine) struct Slots<'a> {
    pub constants: &'a BTreeMap<String, String>,
    pub names: Vec<String>,
}

/// Text in pieces; literals are written as they stand, gaps are filled for each request.
#[derive(Clone, Default)]
pub(in crate::engine) struct Text(pub Vec<Piece>);

#[derive(Clone)]
pub(in crate::engine) enum Piece {
    Literal(String),
    Gap(Gap),
}

/// What is filled in, and how it is written.
#[derive(Clone)]
pub(in crate::engine) struct Gap {
    source: Source,
    place: Place,
}

/// Where the value of a gap comes from.
#[derive(Clone)]
enum Source {
    Slot {
        slot: usize,
        name: String,
    },
    Draw(Draw),
    Token(Arc<Token>),
    Base64(Text),
    /// What joins parameters to a target whose path may bring some of its own.
    QueryMark,
}

/// Where a value stands decides how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Place {
    /// As it is.
    Body,
    /// Values may hold parts of a path or a query; what no target may hold is encoded.
    Target,
    /// All but letters, digits and `-._~` is encoded (RFC 3986 §2.3).
    Query,
    /// As the forms of browsers are (`application/x-www-form-urlencoded`).
    Form,
    Header,
}

/// What a request target may not hold as it is.
pub(in crate::engine) const TARGET: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'\\');
pub(in crate::engine) const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

impl Slots<'_> {
    /// The slot of a variable.
    pub fn slot_of(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }

    /// Values at the start of an iteration: an extracted variable begins as the constant of its name.
    pub fn initial_values(&self) -> Values {
        self.names.iter().map(|name| self.constants.get(name).cloned()).collect()
    }

    /// The value of a name that no answer changes.
    fn constant(&self, name: &str) -> Option<&str> {
        let changes = self.names.iter().any(|known| known == name);
        self.constants.get(name).filter(|_| !changes).map(String::as_str)
    }
}

/// Reads texts, with what stands in their gaps.
pub(in crate::engine) struct TextReader<'r, 'a> {
    pub slots: &'r mut Slots<'a>,
    pub supplies: &'r mut Supplies,
}

impl TextReader<'_, '_> {
    /// Reads a text, all of which is written for `place`.
    pub fn read(&mut self, text: &str, place: Place) -> Result<Text, Unsendable> {
        self.read_parts(text, place, place)
    }

    /// Reads a URL or path: what the analyst wrote is taken as it stands, only values are encoded.
    pub fn read_target(&mut self, text: &str) -> Result<Text, Unsendable> {
        self.read_parts(text, Place::Body, Place::Target)
    }

    fn read_parts(&mut self, text: &str, literals: Place, gaps: Place) -> Result<Text, Unsendable> {
        let mut read = Text::default();
        let mut rest = text;
        while let Some((before, (inside, after))) =
            rest.split_once("{{").and_then(|(before, inner)| Some((before, inner.split_once("}}")?)))
        {
            read.push(&literals.written(before));
            match parse_expression(inside).map_err(Unsendable)? {
                Expression::Variable(name) => match self.slots.constant(name) {
                    Some(value) => read.push(&literals.written(value)),
                    None => {
                        let source = Source::Slot { slot: self.slots.slot_of(name), name: name.to_owned() };
                        read.0.push(Piece::Gap(Gap { source, place: gaps }));
                    }
                },
                Expression::Function(function) => match self.supplies.supply(function)? {
                    Supplied::Constant(value) => read.push(&literals.written(&value)),
                    Supplied::Drawn(draw) => {
                        read.0.push(Piece::Gap(Gap { source: Source::Draw(draw), place: gaps }));
                    }
                },
            }
            rest = after;
        }
        read.push(&literals.written(rest));
        Ok(read)
    }
}

impl Text {
    pub fn of(text: impl Into<String>) -> Self {
        Self(vec![Piece::Literal(text.into())])
    }

    /// A token behind its prefix.
    pub fn of_token(prefix: &str, token: Arc<Token>) -> Self {
        let gap = Gap { source: Source::Token(token), place: Place::Header };
        Self(vec![Piece::Literal(prefix.to_owned()), Piece::Gap(gap)])
    }

    /// The Base64 of a text behind a prefix, as far as possible encoded at once.
    pub fn of_base64(prefix: &str, text: Self) -> Self {
        match text.literal() {
            Some(literal) => Self::of(format!("{prefix}{}", BASE64_STANDARD.encode(literal))),
            None => {
                let gap = Gap { source: Source::Base64(text), place: Place::Header };
                Self(vec![Piece::Literal(prefix.to_owned()), Piece::Gap(gap)])
            }
        }
    }

    /// Adds to the literal at its end.
    pub fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Literal(literal)) => literal.push_str(text),
            _ => self.0.push(Piece::Literal(text.to_owned())),
        }
    }

    pub fn append(&mut self, other: Self) {
        for piece in other.0 {
            match piece {
                Piece::Literal(literal) => self.push(&literal),
                gap @ Piece::Gap(_) => self.0.push(gap),
            }
        }
    }

    /// Cuts a fragment off, which is never sent.
    pub fn cut_fragment(&mut self) {
        for index in 0..self.0.len() {
            if let Piece::Literal(literal) = &mut self.0[index]
                && let Some(at) = literal.find('#')
            {
                literal.truncate(at);
                return self.0.truncate(index + 1);
            }
        }
    }

    /// Puts `?` or `&` behind a target, whichever is due once its gaps are filled.
    pub fn push_query_mark(&mut self) {
        let literals = || {
            self.0.iter().filter_map(|piece| match piece {
                Piece::Literal(literal) => Some(literal),
                Piece::Gap(_) => None,
            })
        };
        let ends_open = matches!(self.0.last(), Some(Piece::Literal(end)) if end.ends_with(['?', '&']));
        if ends_open {
        } else if literals().any(|literal| literal.contains('?')) {
            self.push("&");
        } else if self.has_gaps() {
            self.0.push(Piece::Gap(Gap { source: Source::QueryMark, place: Place::Target }));
        } else {
            self.push("?");
        }
    }

    pub fn has_gaps(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Gap(_)))
    }

    /// The whole text, if it has no gaps.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Writes the text with its gaps filled.
    pub fn write(&self, into: &mut Vec<u8>, filling: &mut Filling<'_>) -> Result<(), Unsendable> {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => into.extend_from_slice(text.as_bytes()),
                Piece::Gap(gap) => gap.write(into, filling)?,
            }
        }
        Ok(())
    }

    /// The text with its gaps filled.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<Cow<'_, [u8]>, Unsendable> {
        if let Some(text) = self.literal() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut filled = Vec::new();
        self.write(&mut filled, filling)?;
        Ok(Cow::Owned(filled))
    }
}

impl Gap {
    /// Writes the value of this moment, as its place asks for it.
    pub fn write(&self, into: &mut Vec<u8>, filling: &mut Filling<'_>) -> Result<(), Unsendable> {
        match &self.source {
            Source::Slot { slot, name } => {
                let value = filling.values[*slot].as_deref();
                let value = value.ok_or_else(|| Unsendable::without_value(name))?;
                if self.place == Place::Header && !may_be_in_header(value) {
                    let why = format!("variable `{name}` holds a character that no header may hold");
                    return Err(Unsendable(why));
                }
                self.place.write(value, into);
            }
            Source::Draw(draw) => self.place.write(draw.draw(filling).as_str(), into),
            Source::Token(token) => into.extend_from_slice(token.load().as_bytes()),
            Source::Base64(text) => {
                let plain = text.fill(filling)?;
                into.extend_from_slice(BASE64_STANDARD.encode(plain).as_bytes());
            }
            Source::QueryMark => into.push(if into.contains(&b'?') { b'&' } else { b'?' }),
        }
        Ok(())
    }
}

impl Place {
    /// Writes a value as it stands at this place.
    fn write(self, value: &str, into: &mut Vec<u8>) {
        match self {
            Self::Body | Self::Header => into.extend_from_slice(value.as_bytes()),
            Self::Target => write_encoded(value, TARGET, into),
            Self::Query => write_encoded(value, QUERY, into),
            Self::Form => {
                for part in utf8_percent_encode(value, FORM) {
                    let part = if part == "%20" { "+" } else { part };
                    into.extend_from_slice(part.as_bytes());
                }
            }
        }
    }

    /// The value as it stands at this place.
    pub fn written(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Body | Self::Header => Cow::Borrowed(value),
            Self::Target => utf8_percent_encode(value, TARGET).into(),
            Self::Query => utf8_percent_encode(value, QUERY).into(),
            Self::Form => Cow::Owned(
                utf8_percent_encode(value, FORM).map(|p| if p == "%20" { "+" } else { p }).collect(),
            ),
        }
    }
}

fn write_encoded(value: &str, set: &'static AsciiSet, into: &mut Vec<u8>) {
    utf8_percent_encode(value, set).for_each(|part| into.extend_from_slice(part.as_bytes()));
}

fn may_be_in_header(value: &str) -> bool {
    value.bytes().all(|byte| (byte >= b' ' || byte == b'\t') && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::filled;

    fn check(text: &str, place: Place, expected: &str) {
        let constants = BTreeMap::from([("word".to_owned(), "a b&c~*é".to_owned())]);
        let mut slots = Slots { constants: &constants, names: vec!["id".to_owned()] };
        let mut supplies = Supplies::default();
        let read = TextReader { slots: &mut slots, supplies: &mut supplies }.read(text, place).unwrap();
        let written = filled(&read, &vec![Some("x/y z+".to_owned())]);
        assert_eq!(written, expected, "{place:?}");
    }

    #[test]
    fn values_are_written_as_their_place_asks() {
        check("{{word}}={{id}}", Place::Body, "a b&c~*é=x/y z+");
        check("{{word}} {{id}}", Place::Query, "a%20b%26c~%2A%C3%A9%20x%2Fy%20z%2B");
        check("{{word}} {{id}}", Place::Form, "a+b%26c%7E*%C3%A9+x%2Fy+z%2B");
    }

    /// `path` with one parameter added.
    fn check_query(path: &str, id: &str, expected: &str) {
        let constants = BTreeMap::new();
        let mut slots = Slots { constants: &constants, names: vec!["id".to_owned()] };
        let mut supplies = Supplies::default();
        let mut read = TextReader { slots: &mut slots, supplies: &mut supplies }.read_target(path).unwrap();
        read.cut_fragment();
        read.push_query_mark();
        read.push("q=1");
        assert_eq!(filled(&read, &vec![Some(id.to_owned())]), expected);
    }

    #[test]
    fn parameters_join_those_that_the_path_has() {
        check_query("/a", "", "/a?q=1");
        check_query("/a?b=c#d", "", "/a?b=c&q=1");
        check_query("/a?", "", "/a?q=1");
        check_query("/{{id}}", "x", "/x?q=1");
        check_query("/{{id}}", "x?page=2", "/x?page=2&q=1");
        check_query("/{{id}}?b={{id}}", "x", "/x?b=x&q=1");
    }

    #[test]
    fn a_variable_that_is_missing_in_the_environment_is_named() {
        let constants = BTreeMap::new();
        let mut slots = Slots { constants: &constants, names: vec![] };
        let mut supplies = Supplies::default();
        let mut reader = TextReader { slots: &mut slots, supplies: &mut supplies };
        let refused = reader.read("{{env(STAGEWRIGHT_IS_NOT_SET)}}", Place::Body).err().unwrap();
        assert!(refused.0.contains("STAGEWRIGHT_IS_NOT_SET"), "{refused:?}");
        let path = reader.read("{{env(PATH)}}", Place::Body).unwrap();
        assert_eq!(path.literal(), std::env::var("PATH").ok().as_deref());
    }
}
