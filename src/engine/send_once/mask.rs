//! Hides secrets in everything that is shown of a step.

use crate::engine::secrets::{HIDDEN, Secrets};
use crate::metrics::{Asked, Found, ShownBody, StepExchange, Variables};
use crate::model::Check;

/// The step with each secret in it hidden.
pub(super) fn masked(mut step: StepExchange, secrets: &Secrets) -> StepExchange {
    let mask = |text: &mut String| {
        if let std::borrow::Cow::Owned(masked) = secrets.masked(text) {
            *text = masked;
        }
    };
    for request in &mut step.requests {
        mask(&mut request.url);
        request.headers.iter_mut().for_each(|(_, value)| mask(value));
        mask_body(&mut request.body, secrets);
    }
    if let Some(answer) = &mut step.answer {
        answer.headers.iter_mut().for_each(|(_, value)| mask(value));
        mask_body(&mut answer.body, secrets);
    }
    if let Some(failure) = &mut step.failure {
        mask(&mut failure.signature);
        mask(&mut failure.detail);
    }
    for variables in [&mut step.before, &mut step.after] {
        variables.values_mut().flatten().for_each(mask);
        show_names(variables, secrets);
    }
    for check in &mut step.checks {
        mask_found(&mut check.found, mask);
        match &mut check.asked {
            Asked::Check(
                Check::BodyContains(text)
                | Check::BodyMatches(text)
                | Check::JsonPathEquals { value: text, .. }
                | Check::HeaderContains { text, .. },
            ) => mask(text),
            Asked::Check(_) | Asked::Status(_) => {}
        }
    }
    step.extracts.iter_mut().for_each(|extract| mask_found(&mut extract.found, mask));
    step
}

fn mask_found(found: &mut Found, mask: impl Fn(&mut String)) {
    if let Found::Text(text) = found {
        mask(text);
    }
}

fn mask_body(body: &mut ShownBody, secrets: &Secrets) {
    if let Some(text) = &mut body.text {
        let masked = if body.complete { secrets.masked(text) } else { secrets.masked_beginning(text) };
        *text = masked.into_owned();
    }
}

/// Secrets are variables too: their names may be seen.
fn show_names(variables: &mut Variables, secrets: &Secrets) {
    let names = secrets.values().keys();
    variables.extend(names.map(|name| (name.clone(), Some(HIDDEN.to_owned()))));
}
