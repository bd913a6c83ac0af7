//! Names for what is new.

/// `name`, or the first of `name (2)`, `name (3)` … that is not taken.
pub fn unique_name<'a>(name: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let is_free = |name: &str| taken.clone().all(|other| other != name);
    if is_free(name) {
        return name.to_owned();
    }
    let base = without_number(name);
    let mut numbered = (2_u64..).map(|number| format!("{base} ({number})"));
    // There are more numbers than names that can be taken.
    numbered.find(|name| is_free(name)).unwrap_or_default()
}

/// `Login` of `Login (3)`.
fn without_number(name: &str) -> &str {
    let numbered = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    match numbered {
        Some((base, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_numbered_from_two() {
        let check = |name: &str, taken: &[&str], expected: &str| {
            assert_eq!(unique_name(name, taken.iter().copied()), expected, "{name} beside {taken:?}");
        };
        check("Login", &[], "Login");
        check("Login", &["Login"], "Login (2)");
        check("Login", &["Login", "Login (2)"], "Login (3)");
        check("Login (2)", &["Login", "Login (2)"], "Login (3)");
        check("Login (old)", &["Login (old)"], "Login (old) (2)");
    }
}
