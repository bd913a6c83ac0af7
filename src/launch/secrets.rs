//! Looks secrets up when a run starts: environment variables, and the system's keyring where this build has it.
//!
//! Their values go to the engine, which hides them; they are never written or shown.

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::fmt;

use crate::model::{Scenario, SecretSource};

/// Secrets without a value: which, why, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct MissingSecrets(Vec<String>);

impl fmt::Display for MissingSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// The values of a scenario's secrets by their names; all that are missing are told at once.
// The keyring may ask its user to unlock it: not for the thread that draws.
pub fn resolve_secrets(scenario: &Scenario) -> Result<BTreeMap<String, String>, MissingSecrets> {
    resolve(&scenario.secrets, |name| env::var(name), in_keyring)
}

fn resolve(
    secrets: &BTreeMap<String, SecretSource>,
    in_environment: impl Fn(&str) -> Result<String, VarError>,
    in_keyring: impl Fn(&str, &str) -> Result<String, String>,
) -> Result<BTreeMap<String, String>, MissingSecrets> {
    let mut values = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, source) in secrets {
        let found = match source {
            SecretSource::Env(variable) => of_environment(variable, in_environment(variable)),
            SecretSource::Keyring { service, user } => in_keyring(service, user),
        };
        match found {
            Ok(value) => _ = values.insert(name.clone(), value),
            Err(reason) => missing.push(format!("the secret `{name}` is missing: {reason}")),
        }
    }
    if missing.is_empty() { Ok(values) } else { Err(MissingSecrets(missing)) }
}

fn of_environment(variable: &str, found: Result<String, VarError>) -> Result<String, String> {
    let set_it = if cfg!(windows) {
        format!("set it before, such as `$env:{variable} = \"…\"`")
    } else {
        format!("set it before, such as `export {variable}=…`")
    };
    match found {
        Ok(value) if value.is_empty() => {
            Err(format!("the environment variable {variable} is empty; {set_it}"))
        }
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Err(format!("the environment variable {variable} is not set; {set_it}")),
        Err(VarError::NotUnicode(_)) => {
            Err(format!("the environment variable {variable} is not UTF-8; {set_it}"))
        }
    }
}

#[cfg(feature = "keyring")]
fn in_keyring(service: &str, user: &str) -> Result<String, String> {
    use keyring::{Entry, Error};

    match Entry::new(service, user).and_then(|entry| entry.get_password()) {
        Ok(value) => Ok(value),
        Err(Error::NoEntry) => Err(format!(
            "the keyring has no entry with service `{service}` and user `{user}`; {}",
            how_to_store(service, user)
        )),
        Err(Error::NoDefaultStore | Error::NoStorageAccess(_) | Error::PlatformFailure(_)) => Err(
            "no keyring can be reached here; unlock it, or take the secret from an environment variable: \
                 { env = \"NAME\" }"
                .to_owned(),
        ),
        // Its other words may hold what was found.
        Err(_) => Err(format!(
            "the keyring's entry with service `{service}` and user `{user}` is no text, or there are several; {}",
            how_to_store(service, user)
        )),
    }
}

#[cfg(feature = "keyring")]
fn how_to_store(service: &str, user: &str) -> String {
    let command = if cfg!(target_os = "macos") {
        format!("security add-generic-password -s '{service}' -a '{user}' -w")
    } else if cfg!(windows) {
        return format!("add a generic credential named `{user}.{service}` in the Credential Manager");
    } else {
        format!("secret-tool store --label='{service}' service '{service}' username '{user}'")
    };
    format!("store it with `{command}`")
}

#[cfg(not(feature = "keyring"))]
fn in_keyring(_: &str, _: &str) -> Result<String, String> {
    Err("this build has no keyring; take the secret from an environment variable: { env = \"NAME\" }"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> BTreeMap<String, SecretSource> {
        BTreeMap::from([
            ("token".to_owned(), SecretSource::Env("SHOP_TOKEN".into())),
            ("pin".to_owned(), SecretSource::Keyring { service: "shop".into(), user: "ci".into() }),
        ])
    }

    #[test]
    fn values_come_from_where_the_scenario_says() {
        let in_keyring = |service: &str, user: &str| Ok(format!("{service}/{user}"));
        let values = resolve(&sources(), |name| Ok(format!("${name}")), in_keyring).unwrap();
        let values: Vec<_> = values.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(values, [("pin", "shop/ci"), ("token", "$SHOP_TOKEN")]);
    }

    #[test]
    fn all_that_are_missing_are_named_with_what_to_do() {
        let no_keyring = |_: &str, _: &str| Err("no keyring can be reached here".to_owned());
        let missing = resolve(&sources(), |_| Err(VarError::NotPresent), no_keyring).unwrap_err().to_string();
        let [pin, token] = missing.split('\n').collect::<Vec<_>>()[..] else { panic!("{missing}") };
        assert_eq!(pin, "the secret `pin` is missing: no keyring can be reached here");
        assert!(
            token.starts_with(
                "the secret `token` is missing: the environment variable SHOP_TOKEN is not set;"
            )
        );
        assert!(token.contains("SHOP_TOKEN"), "{token}");
    }

    #[test]
    fn an_empty_variable_is_as_good_as_none() {
        let found = resolve(&sources(), |_| Ok(String::new()), |_, _| Ok("x".to_owned()));
        assert!(found.unwrap_err().to_string().contains("SHOP_TOKEN is empty"));
    }
}
