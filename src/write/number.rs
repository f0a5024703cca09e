//! The one rule by which numbers become text, so that bytes are stable.

/// `value` to six significant digits; whole numbers stay exact, `-0` becomes `0`, what is not finite becomes `None`.
///
/// Six digits are more than any measurement here is worth, and hide the last bits in which processors may differ.
pub fn rounded(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return Some(value + 0.0);
    }
    format!("{value:.5e}").parse::<f64>().ok().map(|short| short + 0.0)
}

/// A score to six significant digits; what is not finite becomes 0.
pub fn rounded_score(value: f32) -> f32 {
    if !value.is_finite() {
        return 0.0;
    }
    format!("{value:.5e}").parse::<f32>().map_or(0.0, |short| short + 0.0)
}

#[cfg(test)]
mod tests {
    use super::{rounded, rounded_score};

    #[test]
    fn six_digits_and_no_minus_zero() {
        assert_eq!(rounded(1_234.567_89), Some(1_234.57));
        assert_eq!(rounded(0.000_123_456_789), Some(0.000_123_457));
        assert_eq!(rounded(12_345_678.0), Some(12_345_678.0));
        assert_eq!(rounded(-0.0).map(f64::to_bits), Some(0));
        assert_eq!(rounded(f64::NAN), None);
        assert_eq!(rounded(f64::INFINITY), None);
        assert_eq!(rounded_score(-0.0).to_bits(), 0);
        assert_eq!(serde_json::to_string(&rounded_score(0.82_f32)).unwrap(), "0.82");
    }

    #[test]
    fn rounding_twice_changes_nothing() {
        for value in [1.0 / 3.0, 2.0e-9 / 7.0, 1.0e9 / 7.0, -55.555_555] {
            let once = rounded(value).unwrap();
            assert_eq!(rounded(once), Some(once));
            let text = serde_json::to_string(&once).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), once);
        }
    }
}
