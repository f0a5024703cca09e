//! A figure and how sure it is.

use serde::{Deserialize, Serialize};

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure on all images, to six significant digits; `None` where nothing is there to judge.
    pub value: Option<f64>,
    /// Lower end of the interval; `None` without resampling, or when fewer than half of the resamples gave a figure.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// A share of foci (or of whatever is counted) with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many did.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`; `None` if `of` is 0.
    pub value: Option<f64>,
    /// Lower end of the interval, see [`Figure::low`].
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

impl Share {
    pub(super) fn new(count: u64, of: u64, figure: Figure) -> Self {
        Self {
            count,
            of,
            value: figure.value,
            low: figure.low,
            high: figure.high,
        }
    }

    /// The figure alone.
    pub fn figure(&self) -> Figure {
        Figure {
            value: self.value,
            low: self.low,
            high: self.high,
        }
    }
}

/// `value` to six significant digits, more than any figure here is worth; `None` if it is not finite.
pub(super) fn rounded(value: f64) -> Option<f64> {
    let short = value.is_finite().then(|| format!("{value:.5e}").parse::<f64>().ok())?;
    // No minus zero.
    short.map(|short| short + 0.0)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn six_digits_are_kept() {
        assert_eq!(rounded(2.0 / 3.0), Some(0.666_667));
        assert_eq!(rounded(-0.0).map(f64::to_bits), Some(0));
        assert_eq!(rounded(f64::NAN), None);
        assert_eq!(rounded(f64::INFINITY), None);
    }
}
