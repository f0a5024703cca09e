//! How much a candidate looks like a true focus, whatever its name.

use crate::measure::{Feature, Features};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Logistic regression on ramps: `score = 1 / (1 + exp(-(bias + sum of weight * ramp)))`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detection {
    /// Log-odds when every ramp is 0.
    pub bias: f64,
    /// The ramps.
    pub terms: Vec<Ramp>,
}

/// 0 at `from` and beyond, 1 at `to` and beyond, straight in between; `to` may lie below `from`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// What is measured.
    pub feature: Feature,
    /// Value at which the ramp is 0, in the feature's unit.
    pub from: f64,
    /// Value at which the ramp is 1, in the feature's unit; not equal to `from`.
    pub to: f64,
    /// Log-odds added by a full ramp.
    pub weight: f64,
    /// Height of the ramp when the feature could not be measured, `0.0..=1.0`.
    #[serde(default)]
    pub missing: f64,
}

impl Ramp {
    fn height(&self, features: &Features) -> f64 {
        match features.get(self.feature) {
            Some(value) => ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0),
            None => self.missing,
        }
    }

    fn check(&self) -> Result<(), String> {
        let name = self.feature.name();
        if !(self.from.is_finite() && self.to.is_finite() && self.weight.is_finite()) || self.from == self.to {
            Err(format!("{name}: from and to must be finite and differ, weight finite"))
        } else if !(0.0..=1.0).contains(&self.missing) {
            Err(format!("{name}: missing must be 0 to 1"))
        } else {
            Ok(())
        }
    }
}

impl Detection {
    /// Suspicion in `0.0..=1.0` that `features` are of a focus in soft tissue. A score, not a probability.
    pub fn score(&self, features: &Features) -> f32 {
        let log_odds = self
            .terms
            .iter()
            .fold(self.bias, |sum, ramp| sum + ramp.weight * ramp.height(features));
        (1.0 / (1.0 + (-log_odds).exp())) as f32
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !self.bias.is_finite() {
            return Err("bias must be finite".to_owned());
        }
        self.terms.iter().try_for_each(Ramp::check)
    }
}
