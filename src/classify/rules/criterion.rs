//! One question to one feature, answered from -1 to 1.

use crate::classify::Evidence;
use crate::measure::{Feature, Features};
use crate::radiograph::BodyPart;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A trapezoid over one feature: support 1 from `low` to `high`, falling in a straight line to -1
/// at `soft` outside of them and staying there. Half-way out, at `soft / 2`, nothing is said.
/// What speaks for is multiplied by `favour`, what speaks against by `against`. `soft` 0 makes a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// What is asked.
    pub feature: Feature,
    /// Lower end of full support, in the feature's unit; open when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end of full support, in the feature's unit; open when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Distance from `low` and `high` over which support falls from 1 to -1, in the feature's unit, 0 or more.
    #[serde(default)]
    pub soft: f64,
    /// Weight in the mean of a label's criteria, above 0.
    #[serde(default = "one")]
    pub weight: f32,
    /// How much a value outside counts against, `0.0..=1.0`. 0 is for signs whose absence excludes nothing:
    /// the lucent centre of a phlebolith is seen in two thirds of them.
    #[serde(default = "one")]
    pub against: f32,
    /// How much a value inside counts for, `0.0..=1.0`. 0 is for what every label but one has: having no cortex names nothing.
    #[serde(default = "one")]
    pub favour: f32,
    /// Whether the label is out of the question unless the value is known and does not speak against it.
    #[serde(default)]
    pub required: bool,
    /// The places it is asked at; everywhere when empty.
    #[serde(default)]
    pub at: Vec<BodyPart>,
}

fn one() -> f32 {
    1.0
}

impl Criterion {
    /// Whether it is asked at `body_part`.
    pub fn applies_at(&self, body_part: BodyPart) -> bool {
        self.at.is_empty() || self.at.contains(&body_part)
    }

    /// From -1 to 1, before weighing; `None` when the feature could not be measured.
    pub fn support(&self, features: &Features) -> Option<f32> {
        let level = self.level(features)?;
        // Adding 0 turns a negative zero into a plain one.
        Some(level * self.share(level) + 0.0)
    }

    fn level(&self, features: &Features) -> Option<f32> {
        let value = features.get(self.feature)?;
        let below = self.low.map_or(0.0, |low| low - value);
        let above = self.high.map_or(0.0, |high| value - high);
        let outside = below.max(above).max(0.0);
        let level = if outside == 0.0 {
            1.0
        } else if self.soft > 0.0 {
            (1.0 - 2.0 * outside / self.soft).max(-1.0)
        } else {
            -1.0
        };
        Some(level as f32)
    }

    /// Its weight in the mean for `features`: a sign that can only speak one way is left out when it points the other.
    /// `None` when the feature could not be measured.
    pub fn effective_weight(&self, features: &Features) -> Option<f32> {
        let level = self.level(features)?;
        Some(self.weight * self.share(level))
    }

    fn share(&self, level: f32) -> f32 {
        if level < 0.0 { self.against } else { self.favour }
    }

    /// What it said of `features` and `about` whom.
    pub fn evidence(&self, about: &str, features: &Features) -> Evidence {
        Evidence {
            about: about.to_owned(),
            criterion: self.text(),
            feature: Some(self.feature),
            value: features.get(self.feature),
            support: self.support(features).unwrap_or(0.0),
            weight: self.weight,
        }
    }

    /// In words and numbers, such as `aspect_ratio 1 to 1.4`.
    pub fn text(&self) -> String {
        let name = self.feature.name();
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{name} {low} to {high}"),
            (Some(low), None) => format!("{name} at least {low}"),
            (None, Some(high)) => format!("{name} at most {high}"),
            (None, None) => format!("{name} any"),
        }
    }

    /// What is wrong with its numbers.
    pub(super) fn check(&self) -> Result<(), String> {
        let finite = |bound: Option<f64>| bound.is_none_or(f64::is_finite);
        let name = self.feature.name();
        if !finite(self.low) || !finite(self.high) || !self.soft.is_finite() || self.soft < 0.0 {
            Err(format!("{name}: bounds must be finite and soft 0 or more"))
        } else if matches!((self.low, self.high), (Some(low), Some(high)) if low > high) {
            Err(format!("{name}: low is above high"))
        } else if !(self.weight.is_finite() && self.weight > 0.0) {
            Err(format!("{name}: weight must be above 0"))
        } else if !(0.0..=1.0).contains(&self.against) || !(0.0..=1.0).contains(&self.favour) {
            Err(format!("{name}: against and favour must be 0 to 1"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Criterion;
    use crate::measure::{Feature, Features};

    fn aspect(value: f64) -> Features {
        let mut features = Features::default();
        features.set(Feature::AspectRatio, value);
        features
    }

    #[test]
    fn support_is_a_trapezoid() {
        let criterion: Criterion =
            toml::from_str("feature = 'aspect_ratio'\nlow = 2.0\nhigh = 4.0\nsoft = 1.0").unwrap();
        for (value, support) in [
            (2.0, 1.0),
            (3.0, 1.0),
            (4.0, 1.0),
            (1.5, 0.0),
            (4.75, -0.5),
            (1.0, -1.0),
            (9.0, -1.0),
        ] {
            assert_eq!(criterion.support(&aspect(value)), Some(support), "at {value}");
        }
        assert_eq!(criterion.support(&Features::default()), None);
        assert_eq!(criterion.text(), "aspect_ratio 2 to 4");
    }

    #[test]
    fn a_sign_without_against_only_speaks_for() {
        let criterion: Criterion = toml::from_str("feature = 'aspect_ratio'\nlow = 2.0\nagainst = 0.0").unwrap();
        for (value, support, weight) in [(1.0, 0.0, 0.0), (2.0, 1.0, 1.0)] {
            assert_eq!(criterion.support(&aspect(value)), Some(support));
            assert_eq!(criterion.effective_weight(&aspect(value)), Some(weight));
        }
    }

    #[test]
    fn a_sign_without_favour_only_speaks_against() {
        let criterion: Criterion = toml::from_str("feature = 'aspect_ratio'\nlow = 2.0\nfavour = 0.0").unwrap();
        for (value, support, weight) in [(1.0, -1.0, 1.0), (2.0, 0.0, 0.0)] {
            assert_eq!(criterion.support(&aspect(value)), Some(support));
            assert_eq!(criterion.effective_weight(&aspect(value)), Some(weight));
        }
    }
}
