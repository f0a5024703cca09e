//! The rules: a transparent scorer whose every number is in the settings.
//!
//! Score of a label: `1 / (1 + exp(-(gain * m + lean)))`, `m` being the weighted mean support of its criteria that could
//! be measured and `lean` the prior of the body part. The best label is given when it reaches `sure` and leads the next
//! by `margin`; else the focus is indeterminate. A label that fails a required criterion, needs a spacing that is not
//! known, or is banned by a rule of conduct keeps its score times `refused` in the table and cannot be given.
//! Numbers and their sources: `default.toml` beside this file.

mod criterion;
mod detection;
mod naming;
mod reject;
#[cfg(test)]
mod tests;

pub use criterion::Criterion;
pub use detection::{Detection, Ramp};
pub use naming::{Ban, LabelRules, NO_SPACING, Remark};
pub use reject::RejectRule;

use super::{Classifier, Evidence, Label, Rejection, Verdict};
use crate::measure::{Feature, Features};
use crate::radiograph::{BodyPart, Place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The numbers of the default rules, commented.
const DEFAULT: &str = include_str!("default.toml");

/// The rules and all their numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Name and version, copied into every report. Change it with the numbers.
    pub identity: String,
    /// Log-odds of full support.
    pub gain: f32,
    /// Least score at which a label is given, `0.0..=1.0`.
    pub sure: f32,
    /// Least lead of the best label over the next, `0.0..=1.0`.
    pub margin: f32,
    /// Factor on the score of a label that may not be given; below `sure`.
    pub refused: f32,
    /// Where phleboliths are at home; elsewhere they are called phlebolith-like.
    pub vein_plexus: Vec<BodyPart>,
    /// Every label but `indeterminate`.
    pub labels: BTreeMap<Label, LabelRules>,
    /// Rules of conduct.
    pub bans: Vec<Ban>,
    /// Remarks on labels given.
    pub remarks: Vec<Remark>,
    /// What is no focus; the reason that weighs most is given.
    pub reject: Vec<RejectRule>,
    /// Score that a candidate is a focus at all.
    pub detection: Detection,
}

impl Default for Rules {
    fn default() -> Self {
        toml::from_str(DEFAULT).expect("the default rules are well-formed")
    }
}

impl Rules {
    /// What is wrong with the numbers, if anything.
    ///
    /// # Errors
    ///
    /// Names the first value out of its range.
    pub fn check(&self) -> Result<(), String> {
        for label in Label::ALL {
            if self.labels.contains_key(&label) != (label != Label::Indeterminate) {
                return Err("rules.labels must hold every label but indeterminate and nothing else".to_owned());
            }
        }
        let shares = [("sure", self.sure), ("margin", self.margin), ("refused", self.refused)];
        if let Some((name, _)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Err(format!("rules.{name} must be 0 to 1"));
        }
        let mut left = self.bans.iter().filter_map(|ban| ban.leaves);
        if left.any(|share| !(0.0..=1.0).contains(&share)) {
            return Err("rules.bans.leaves must be 0 to 1".to_owned());
        }
        if self.refused >= self.sure {
            return Err("rules.refused must be below rules.sure".to_owned());
        }
        if !(self.gain.is_finite() && self.gain > 0.0) {
            return Err("rules.gain must be above 0".to_owned());
        }
        for (label, rules) in &self.labels {
            let mut leans = rules.prior.values().chain([&rules.elsewhere]);
            if leans.any(|lean| !lean.is_finite()) {
                return Err(format!("rules.labels.{}: prior must be finite", label.name()));
            }
        }
        let named = self.labels.values().flat_map(|rules| &rules.criteria);
        let banned = self.bans.iter().flat_map(|ban| &ban.when);
        let remarked = self.remarks.iter().flat_map(|remark| &remark.when);
        let rejected = self.reject.iter().flat_map(|rule| &rule.when);
        named
            .chain(banned)
            .chain(remarked)
            .chain(rejected)
            .try_for_each(Criterion::check)
            .map_err(|error| format!("rules: {error}"))?;
        self.detection
            .check()
            .map_err(|error| format!("rules.detection: {error}"))
    }

    /// Whether one candidate is rejected, for the same reason and with the same evidence, whatever the features in
    /// `open` turn out to be: they need not be measured.
    /// Only rules for which `counts` holds are looked at.
    pub fn refuses_without(
        &self,
        features: &Features,
        place: &Place,
        open: &[Feature],
        counts: impl Fn(&RejectRule) -> bool,
    ) -> bool {
        reject::refuses_without(&self.reject, features, place, open, counts)
    }

    /// Why a candidate is no focus, by the rules for which `counts` holds, with the evidence.
    pub fn refuse(
        &self,
        features: &Features,
        place: &Place,
        counts: impl Fn(&RejectRule) -> bool,
    ) -> Option<(Rejection, Vec<Evidence>)> {
        reject::reject(&self.reject, features, place, counts)
    }

    /// The verdict on one candidate by itself.
    pub fn judge(&self, features: &Features, place: &Place) -> Verdict {
        match self.refuse(features, place, |_| true) {
            Some((reason, evidence)) => Verdict::Rejected { reason, evidence },
            None => Verdict::Focus {
                score: self.detection.score(features),
                assessment: self.name(features, place),
            },
        }
    }
}

impl Classifier for Rules {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn assess(&self, candidates: &[Features], place: &Place) -> Vec<Verdict> {
        candidates.iter().map(|features| self.judge(features, place)).collect()
    }
}
