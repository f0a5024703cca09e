//! Values as cells of a table.

use serde::Serialize;
use std::borrow::Cow;

/// Text of an unknown origin, made harmless for spreadsheets.
///
/// A cell that begins like a formula gets an apostrophe in front (OWASP, "CSV Injection").
pub fn text(text: &str) -> Cow<'_, str> {
    if runs_as_formula(text) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// A relative path, made harmless for spreadsheets and still the same path.
pub fn path(path: &str) -> Cow<'_, str> {
    if runs_as_formula(path) {
        format!("./{path}").into()
    } else {
        path.into()
    }
}

fn runs_as_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// The machine name of a value of a closed set, as JSON has it.
pub fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{name, path, text};
    use crate::radiograph::BodyPart;

    #[test]
    fn nothing_runs_as_a_formula() {
        assert_eq!(text("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(text("PELVIS - AP"), "PELVIS - AP");
        assert_eq!(path("-x.dcm"), "./-x.dcm");
        assert_eq!(path("a/=x.dcm"), "a/=x.dcm");
    }

    #[test]
    fn names_are_those_of_json() {
        assert_eq!(name(BodyPart::LowerLeg), "lower_leg");
    }
}
