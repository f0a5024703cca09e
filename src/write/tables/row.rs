//! Tables as typed columns and cells: text tables and Parquet come from the same rows.

use super::cell;
use crate::write::number::rounded;
use std::borrow::Cow;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; none is the same as empty.
    Text,
    /// A whole number of at least 0.
    Whole,
    /// A number.
    Number,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, units included.
    pub name: Cow<'static, str>,
    /// What its cells hold.
    pub kind: Kind,
    /// Unit in UCUM of a number that has one.
    pub unit: Option<&'static str>,
    /// What it says, where the name does not.
    pub about: &'static str,
}

impl Column {
    /// A column of texts.
    pub fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text, None)
    }

    /// A column of whole numbers.
    pub fn whole(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, Kind::Whole, None)
    }

    /// A column of numbers in `unit`.
    pub fn number(name: impl Into<Cow<'static, str>>, unit: &'static str) -> Self {
        Self::new(name, Kind::Number, Some(unit))
    }

    fn new(name: impl Into<Cow<'static, str>>, kind: Kind, unit: Option<&'static str>) -> Self {
        Self {
            name: name.into(),
            kind,
            unit,
            about: "",
        }
    }

    /// The column with its unit.
    pub fn in_unit(self, unit: &'static str) -> Self {
        Self {
            unit: Some(unit),
            ..self
        }
    }

    /// The column with what it says.
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }
}

/// A cell; the variant is that of its column's [`Kind`].
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text of any origin.
    Text(Cow<'a, str>),
    /// A relative path: a column of texts.
    Path(&'a str),
    /// A whole number.
    Whole(Option<u64>),
    /// A number.
    Number(Option<f64>),
}

impl<'a> Cell<'a> {
    /// Text where there is some.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text where it is stated.
    pub fn stated(text: Option<&'a str>) -> Self {
        Self::Text(text.unwrap_or_default().into())
    }

    /// A whole number.
    pub fn whole(number: impl Into<u64>) -> Self {
        Self::Whole(Some(number.into()))
    }

    /// A score: its shortest decimal form, so that it reads the same in every table.
    pub fn score(score: Option<f32>) -> Self {
        Self::Number(score.and_then(|score| score.to_string().parse().ok()))
    }

    /// A number to six significant digits, if it is finite.
    pub fn number(value: Option<f64>) -> Self {
        Self::Number(value.and_then(rounded))
    }

    /// The cell in a text table, where no text can run as a formula.
    pub fn csv(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => cell::text(text),
            Self::Path(path) => cell::path(path),
            Self::Whole(number) => number.map(|number| number.to_string()).unwrap_or_default().into(),
            Self::Number(number) => number.map(|number| number.to_string()).unwrap_or_default().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn numbers_have_no_exponent() {
        assert_eq!(Cell::number(Some(1.5e-7)).csv(), "0.00000015");
        assert_eq!(Cell::number(None).csv(), "");
        assert_eq!(Cell::number(Some(f64::NAN)).csv(), "");
        assert_eq!(Cell::score(Some(0.82)), Cell::Number(Some(0.82)));
    }

    #[test]
    fn only_text_tables_guard_against_formulas() {
        assert_eq!(Cell::text("=1+1").csv(), "'=1+1");
        assert_eq!(Cell::Path("=1+1.dcm").csv(), "./=1+1.dcm");
        assert_eq!(Cell::text("=1+1"), Cell::Text("=1+1".into()));
    }
}
