//! Renders one template within bounds, and words what is wrong with it: file, line, reason, nearest name.

use std::io::{self, Write};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::humanize;
use crate::model::nearest;
use crate::report::markdown;

/// Instructions that one template may take; a report of a thousand rows takes some ten thousand.
const FUEL: u64 = 5_000_000;
/// Bytes that one template may write.
const MAX_OUTPUT: usize = 8 << 20;
/// Bytes that one template may have.
pub(super) const MAX_SOURCE: usize = 256 << 10;
/// How deep calls may go.
const MAX_DEPTH: usize = 100;

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub struct TemplateError {
    /// The file, as it was named.
    pub file: String,
    /// From 1.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl TemplateError {
    fn words(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!(", line {line}"));
        format!("template {}{line}: {}", self.file, self.message)
    }
}

/// Renders a template.
pub(super) fn render(file: &str, source: &str, context: &Value) -> Result<String, TemplateError> {
    let refused = |line, message: String| TemplateError { file: file.to_owned(), line, message };
    if source.len() > MAX_SOURCE {
        return Err(refused(None, format!("it has more than {} KiB; make it shorter", MAX_SOURCE >> 10)));
    }
    let environment = environment();
    let failed = |error: &minijinja::Error| refused(error.line(), reason(error, source, context));
    let template = environment.template_from_named_str(file, source).map_err(|error| failed(&error))?;
    let mut out = Bounded::default();
    let rendered = template.render_captured_to(context.clone(), &mut out).map(drop);
    if out.is_full {
        return Err(refused(None, format!("it writes more than {} MiB; write less", MAX_OUTPUT >> 20)));
    }
    rendered.map_err(|error| failed(&error))?;
    String::from_utf8(out.bytes).map_err(|_| refused(None, "it writes something that is no text".to_owned()))
}

fn environment<'a>() -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_DEPTH);
    // Without a store that outlives a turn of a loop, no loop can double a text turn by turn.
    environment.remove_global("namespace");
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.add_filter("md", |text: &str| markdown::escaped(text));
    let printed = |print: fn(f64) -> String| {
        move |value: Option<f64>| value.map_or_else(|| humanize::MISSING.to_owned(), print)
    };
    environment.add_filter("latency_millis", printed(|millis| humanize::latency_secs(millis / 1e3)));
    environment.add_filter("percent", printed(humanize::percent));
    environment.add_filter("rate", printed(humanize::rate));
    environment.add_filter("count", printed(|count| humanize::count(count.max(0.0) as u64)));
    environment.add_filter("bytes", printed(|bytes| humanize::bytes(bytes.max(0.0) as u64)));
    environment
}

/// Collects what a template writes, up to a limit.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong in plain words.
fn reason(error: &minijinja::Error, source: &str, context: &Value) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => {
            "it does not come to an end within the work that a template may do; make it do less".to_owned()
        }
        ErrorKind::UndefinedError => match unknown_name(error.line(), source, context) {
            Some(words) => words,
            None => {
                "it asks for something that is not there; look at `stagewright report RUN --json`".to_owned()
            }
        },
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction => {
            format!(
                "{}; look it up in the documentation of minijinja",
                plain(&error.kind().to_string(), detail)
            )
        }
        kind => plain(&kind.to_string(), detail),
    }
}

fn plain(kind: &str, detail: &str) -> String {
    if detail.is_empty() { kind.to_owned() } else { format!("{kind}: {detail}") }
}

/// The first name of this line, or else of the template, that means nothing, with the nearest that does.
fn unknown_name(line: Option<usize>, source: &str, context: &Value) -> Option<String> {
    let environment = environment();
    let template = environment.template_from_str(source).ok()?;
    let mut unknown: Vec<(usize, String)> = template
        .undeclared_variables(true)
        .into_iter()
        .filter_map(|path| Some((source.find(&path)?, misnamed(&path, context)?)))
        .collect();
    unknown.sort();
    let line_of = |at: usize| 1 + source.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let on_line = unknown.iter().find(|(at, _)| line.is_none_or(|line| line_of(*at) == line));
    on_line.or(unknown.first()).map(|(_, words)| words.clone())
}

/// What is wrong with a path such as `sections.summry`; none where it leads somewhere.
fn misnamed(path: &str, context: &Value) -> Option<String> {
    let mut value = context.clone();
    let mut so_far = String::new();
    for name in path.split('.') {
        let next = value.get_attr(name).ok().filter(|next| !next.is_undefined());
        let Some(next) = next else {
            let known: Vec<String> =
                value.try_iter().map(|keys| keys.map(|key| key.to_string()).collect()).unwrap_or_default();
            let place = if so_far.is_empty() { String::new() } else { format!(" in `{so_far}`") };
            return Some(match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("there is no `{name}`{place}; did you mean `{near}`?"),
                None if known.len() <= 40 => {
                    format!("there is no `{name}`{place}; there are {}", known.join(", "))
                }
                None => format!("there is no `{name}`{place}"),
            });
        };
        so_far = if so_far.is_empty() { name.to_owned() } else { format!("{so_far}.{name}") };
        value = next;
    }
    None
}
