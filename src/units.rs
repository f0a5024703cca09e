//! Lengths that cannot be confused with counts of pixels.

use serde::{Deserialize, Serialize};

/// A distance above zero, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Millimetres(f64);

impl Millimetres {
    /// Wraps `mm`, or returns `None` unless it is finite and above zero.
    pub fn new(mm: f64) -> Option<Self> {
        (mm.is_finite() && mm > 0.0).then_some(Self(mm))
    }

    /// The number of millimetres, finite and above zero.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Millimetres {
    type Error = String;

    fn try_from(mm: f64) -> Result<Self, Self::Error> {
        Self::new(mm).ok_or_else(|| format!("{mm} is not a length above zero"))
    }
}

impl From<Millimetres> for f64 {
    fn from(length: Millimetres) -> f64 {
        length.0
    }
}

#[cfg(test)]
mod tests {
    use super::Millimetres;

    #[test]
    fn a_length_is_finite_and_above_zero() {
        assert_eq!(Millimetres::new(0.14).map(Millimetres::get), Some(0.14));
        for not_a_length in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Millimetres::new(not_a_length), None);
        }
    }
}
