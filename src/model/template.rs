//! What may stand within `{{…}}`: a variable, or a function that gives a value of its own.

/// The inside of one `{{…}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression<'a> {
    /// A constant, a secret, an extracted value, or a column of a feeder as `feeder.column`.
    Variable(&'a str),
    Function(Function),
}

/// A value made when the request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// `uuid()`: a random UUID, version 4.
    Uuid,
    /// `random_int(1, 100)`: both bounds may come up.
    RandomInt { min: i64, max: i64 },
    /// `now()`: the time of the request.
    Now(TimeFormat),
    /// `counter()` or `counter(orders)`: 1, 2, 3 … over all virtual users of the run.
    Counter(String),
    /// `env(NAME)`: an environment variable of the process, read when the run starts. Not for secrets.
    Env(String),
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// `now()`: `2026-11-24T08:30:00.123Z`.
    Iso,
    /// `now(unix)`: whole seconds since 1970.
    Unix,
    /// `now(unix_millis)`: whole milliseconds since 1970.
    UnixMillis,
}

/// What is offered where a template is written: how it is written, and what it gives.
pub const FUNCTIONS: [(&str, &str); 7] = [
    ("uuid()", "a random UUID"),
    ("random_int(1, 100)", "a random whole number, both bounds included"),
    ("now()", "the time of the request, such as 2026-11-24T08:30:00.123Z"),
    ("now(unix)", "seconds since 1970"),
    ("now(unix_millis)", "milliseconds since 1970"),
    ("counter()", "1, 2, 3 … over all virtual users of the run; counter(orders) is another one"),
    ("env(NAME)", "an environment variable, read when the run starts; for secrets use [secrets]"),
];

/// The insides of all `{{…}}` of a text, in order, trimmed.
pub fn template_names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim())
}

/// Reads the inside of one `{{…}}`; the refusal says what would be right.
pub fn parse_expression(inside: &str) -> Result<Expression<'_>, String> {
    let inside = inside.trim();
    let Some((name, rest)) = inside.split_once('(') else { return Ok(Expression::Variable(inside)) };
    let arguments = rest.strip_suffix(')').ok_or("the bracket is not closed")?.trim();
    let function = match name.trim() {
        "uuid" => no_arguments(arguments, Function::Uuid)?,
        "random_int" => random_int(arguments)?,
        "now" => Function::Now(match arguments {
            "" => TimeFormat::Iso,
            "unix" => TimeFormat::Unix,
            "unix_millis" => TimeFormat::UnixMillis,
            _ => return Err("use now(), now(unix) or now(unix_millis)".to_owned()),
        }),
        "counter" => Function::Counter(arguments.to_owned()),
        "env" if !arguments.is_empty() => Function::Env(arguments.to_owned()),
        "env" => return Err("name the environment variable, such as env(SHOP_REGION)".to_owned()),
        _ => {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(written, _)| *written).collect();
            return Err(format!("there is no such function; known are {}", known.join(", ")));
        }
    };
    Ok(Expression::Function(function))
}

fn no_arguments(arguments: &str, function: Function) -> Result<Function, String> {
    if arguments.is_empty() { Ok(function) } else { Err("it takes nothing within its brackets".to_owned()) }
}

fn random_int(arguments: &str) -> Result<Function, String> {
    const REMEDY: &str = "write two whole numbers, the smaller first, such as random_int(1, 100)";
    let (min, max) = arguments.split_once(',').ok_or(REMEDY)?;
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| REMEDY.to_owned());
    let (min, max) = (number(min)?, number(max)?);
    if min > max {
        return Err(REMEDY.to_owned());
    }
    Ok(Function::RandomInt { min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inside: &str, expected: Expression<'_>) {
        assert_eq!(parse_expression(inside), Ok(expected), "{inside}");
    }

    #[test]
    fn variables_and_functions_are_told_apart() {
        check(" users.email ", Expression::Variable("users.email"));
        check("uuid()", Expression::Function(Function::Uuid));
        check("random_int( -5 , 5)", Expression::Function(Function::RandomInt { min: -5, max: 5 }));
        check("now()", Expression::Function(Function::Now(TimeFormat::Iso)));
        check("now(unix_millis)", Expression::Function(Function::Now(TimeFormat::UnixMillis)));
        check("counter(orders)", Expression::Function(Function::Counter("orders".into())));
        check("env( HOME )", Expression::Function(Function::Env("HOME".into())));
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        for (inside, words) in [
            ("uuid(4)", "nothing within"),
            ("uuid(", "not closed"),
            ("random_int(5, 1)", "smaller first"),
            ("random_int(one, two)", "whole numbers"),
            ("now(tomorrow)", "now(unix)"),
            ("env()", "env(SHOP_REGION)"),
            ("today()", "uuid()"),
        ] {
            let refusal = parse_expression(inside).unwrap_err();
            assert!(refusal.contains(words), "{inside}: {refusal}");
        }
    }
}
