//! Options on how files are read, shared by verbs.

use crate::read::{ModalityFilter, ReadOptions};
use crate::units::Millimetres;
use std::convert::Infallible;
use std::str::FromStr;

/// The value of `--modality`.
#[derive(Clone, Debug)]
pub struct Modalities(ModalityFilter);

impl FromStr for Modalities {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        if text.trim().eq_ignore_ascii_case("any") {
            return Ok(Self(ModalityFilter::Any));
        }
        let mut list: Vec<String> = text.split(',').map(|one| one.trim().to_ascii_uppercase()).collect();
        list.retain(|one| !one.is_empty());
        list.sort();
        list.dedup();
        Ok(Self(ModalityFilter::Only(list)))
    }
}

/// The value of `--spacing`.
pub fn spacing(text: &str) -> Result<Millimetres, String> {
    let mm = text.parse().ok().and_then(Millimetres::new);
    mm.ok_or_else(|| "not a length in mm above zero, such as 0.143".to_owned())
}

/// How to read, with the library's own limits.
pub fn read_options(modality: Modalities, spacing: Option<Millimetres>) -> ReadOptions {
    ReadOptions {
        modalities: modality.0,
        spacing,
        ..ReadOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Modalities, spacing};
    use crate::read::ModalityFilter;

    #[test]
    fn modalities_are_a_set() {
        let parse = |text: &str| text.parse::<Modalities>().unwrap().0;
        assert_eq!(parse("dx, CR,dx"), ModalityFilter::Only(vec!["CR".into(), "DX".into()]));
        assert_eq!(parse("any"), ModalityFilter::Any);
    }

    #[test]
    fn a_spacing_is_a_length_above_zero() {
        assert!(spacing("0.1").is_ok());
        for text in ["0", "-1", "nan", "inf", "one", ""] {
            assert!(spacing(text).is_err(), "{text}");
        }
    }
}
