//! From features to a refusal: what is not a focus, and why.

use super::Criterion;
use crate::classify::{Evidence, Rejection};
use crate::measure::{Feature, Features};
use crate::radiograph::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way of not being a focus: all of `when` has to support. A feature that could not be measured does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectRule {
    /// The reason given.
    pub reason: Rejection,
    /// Whether it holds whatever a trained model says; else it only explains a low score.
    #[serde(default)]
    pub certain: bool,
    /// What has to hold.
    pub when: Vec<Criterion>,
}

impl RejectRule {
    /// Weighted mean support in `0.0..=1.0` when all of `when` supports.
    fn strength(&self, features: &Features, place: &Place) -> Option<f32> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for criterion in self
            .when
            .iter()
            .filter(|criterion| criterion.applies_at(place.body_part))
        {
            let support = criterion.support(features).filter(|support| *support > 0.0)?;
            sum += support * criterion.weight;
            weights += criterion.weight;
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

/// Whether `rules` refuse in the same way whatever the features in `open`, which are not measured yet, turn out to be.
pub(super) fn refuses_without(
    rules: &[RejectRule],
    features: &Features,
    place: &Place,
    open: &[Feature],
    counts: impl Fn(&RejectRule) -> bool,
) -> bool {
    let mut refuses = false;
    for rule in rules.iter().filter(|rule| counts(rule)) {
        let asked = || {
            rule.when
                .iter()
                .filter(|criterion| criterion.applies_at(place.body_part))
        };
        let (unsure, known): (Vec<_>, Vec<_>) = asked().partition(|criterion| open.contains(&criterion.feature));
        let holds = known
            .iter()
            .all(|criterion| criterion.support(features).is_some_and(|support| support > 0.0));
        if holds && !unsure.is_empty() {
            return false;
        }
        refuses |= unsure.is_empty() && rule.strength(features, place).is_some();
    }
    refuses
}

/// The reason that weighs most, the first of equals in the order of `rules`, with the evidence of every rule of that reason that fired.
pub(super) fn reject(
    rules: &[RejectRule],
    features: &Features,
    place: &Place,
    counts: impl Fn(&RejectRule) -> bool,
) -> Option<(Rejection, Vec<Evidence>)> {
    let fired: Vec<(f32, &RejectRule)> = rules
        .iter()
        .filter(|rule| counts(rule))
        .filter_map(|rule| Some((rule.strength(features, place)?, rule)))
        .collect();
    let mut best = *fired.first()?;
    for &candidate in &fired[1..] {
        if candidate.0 > best.0 {
            best = candidate;
        }
    }
    let reason = best.1.reason;
    let mut evidence: Vec<Evidence> = Vec::new();
    for (_, rule) in fired.iter().filter(|(_, rule)| rule.reason == reason) {
        for criterion in rule
            .when
            .iter()
            .filter(|criterion| criterion.applies_at(place.body_part))
        {
            let item = criterion.evidence(reason.name(), features);
            if !evidence.contains(&item) {
                evidence.push(item);
            }
        }
    }
    Some((reason, evidence))
}
