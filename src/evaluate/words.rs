//! Figures as text.

use super::figure::{Figure, Share};
use super::froc::AtRate;

/// `0.812 [0.770 0.850]`, or a dash.
pub(super) fn figure(figure: Figure) -> String {
    match (figure.value, figure.low, figure.high) {
        (Some(value), Some(low), Some(high)) => format!("{value:.3} [{low:.3} {high:.3}]"),
        (Some(value), ..) => format!("{value:.3}"),
        (None, ..) => "-".to_owned(),
    }
}

/// As [`figure`], marked where it is a lower bound.
pub(super) fn at_rate(at: &AtRate) -> String {
    let text = figure(at.sensitivity);
    if at.reached || at.sensitivity.value.is_none() {
        text
    } else {
        format!(">={text}")
    }
}

/// `81 of 100`.
pub(super) fn counts(share: &Share) -> String {
    format!("{} of {}", share.count, share.of)
}

/// `1/4` or `2`.
pub(super) fn rate(rate: f64) -> String {
    if rate < 1.0 {
        format!("1/{}", (1.0 / rate).round())
    } else {
        format!("{rate}")
    }
}

/// `rice grain` for `rice_grain`.
pub(super) fn title(name: &str) -> String {
    name.replace('_', " ")
}
