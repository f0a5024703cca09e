//! From features to a name: a score per label, the bans, and the choice.

use super::{Criterion, Rules};
use crate::classify::model::logistic;
use crate::classify::{Assessment, Evidence, Label};
use crate::measure::{Feature, Features};
use crate::radiograph::{BodyPart, Place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What speaks for one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRules {
    /// Whether the label is defined by its size: without spacing it is refused.
    pub needs_spacing: bool,
    /// Added to the log-odds where no entry of `prior` fits.
    pub elsewhere: f32,
    /// Added to the log-odds at a body part. A prior leans, it never vetoes.
    pub prior: BTreeMap<BodyPart, f32>,
    /// The questions asked.
    pub criteria: Vec<Criterion>,
}

/// A rule of conduct: labels that may not be given, or are given less readily, when all of `when` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ban {
    /// The labels; every one when empty.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// The label that takes the place of the best one, where that may not be given; `indeterminate` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Label>,
    /// What is left of their scores, `0.0..=1.0`: counter-evidence, no veto. They may not be given at all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<f32>,
    /// Holds only where the stated age in years is below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub younger_than: Option<f32>,
    /// Each has to support. A feature that could not be measured does not.
    #[serde(default)]
    pub when: Vec<Criterion>,
    /// The remark for the reader.
    pub note: String,
}

impl Ban {
    fn holds(&self, features: &Features, place: &Place) -> bool {
        self.younger_than
            .is_none_or(|limit| place.age_years.is_some_and(|age| age < limit))
            && all_support(&self.when, features, place)
    }

    fn concerns(&self, label: Label) -> bool {
        self.instead != Some(label) && (self.labels.is_empty() || self.labels.contains(&label))
    }

    /// Where it concerns the best label: gives the score of that to the one that takes its place, and says so.
    fn replace(&self, (best, at_least): (Label, f32), scores: &mut [(Label, f32)], notes: &mut Vec<String>) {
        if !self.concerns(best) {
            return;
        }
        if let Some((_, score)) = scores.iter_mut().find(|(label, _)| Some(*label) == self.instead) {
            *score = score.max(at_least);
        }
        if !notes.contains(&self.note) {
            notes.push(self.note.clone());
        }
    }
}

/// A remark for the reader on a label that was given, when all of `when` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The labels; every one when empty.
    pub labels: Vec<Label>,
    /// Each has to support. A feature that could not be measured does not.
    pub when: Vec<Criterion>,
    /// The remark.
    pub note: String,
}

/// Whether every criterion asked at `place` supports.
fn all_support(when: &[Criterion], features: &Features, place: &Place) -> bool {
    when.iter()
        .filter(|criterion| criterion.applies_at(place.body_part))
        .all(|criterion| criterion.support(features).is_some_and(|support| support > 0.0))
}

/// Remark when nothing in millimetres could be asked.
pub const NO_SPACING: &str = "No spacing is stated: sizes are in pixels and no size rule fired.";

fn notes_on_spacing(features: &Features) -> Vec<String> {
    let is_known = features.get(Feature::EquivalentDiameterMm).is_some();
    (!is_known).then(|| NO_SPACING.to_owned()).into_iter().collect()
}

impl LabelRules {
    /// Log-odds lean at `body_part`.
    pub fn lean(&self, body_part: BodyPart) -> f32 {
        self.prior.get(&body_part).copied().unwrap_or(self.elsewhere)
    }

    /// Weighted mean support in `-1.0..=1.0`, and whether a required criterion failed.
    fn weigh(&self, features: &Features, body_part: BodyPart) -> (f32, bool) {
        let (mut sum, mut weights, mut failed) = (0.0f64, 0.0f64, false);
        for criterion in self.criteria.iter().filter(|criterion| criterion.applies_at(body_part)) {
            let answer = criterion.support(features).zip(criterion.effective_weight(features));
            let Some((support, weight)) = answer else {
                failed |= criterion.required;
                continue;
            };
            sum += f64::from(criterion.weight * support);
            weights += f64::from(weight);
            failed |= criterion.required && support < 0.0;
        }
        let mean = if weights > 0.0 { sum / weights } else { 0.0 };
        (mean as f32, failed)
    }

    fn evidence(&self, label: Label, features: &Features, body_part: BodyPart, gain: f32) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = self
            .criteria
            .iter()
            .filter(|criterion| criterion.applies_at(body_part))
            .map(|criterion| criterion.evidence(label.name(), features))
            .collect();
        let lean = self.lean(body_part);
        if lean != 0.0 {
            evidence.push(Evidence {
                about: label.name().to_owned(),
                criterion: "how often it is met at the stated body part".to_owned(),
                feature: None,
                value: None,
                support: lean.signum(),
                weight: lean.abs() / gain,
            });
        }
        evidence
    }
}

impl Rules {
    /// The name of a focus with `features` at `place`, judged by itself; the company it keeps is judged in `finding`.
    pub fn name(&self, features: &Features, place: &Place) -> Assessment {
        let spacing_known = features.get(Feature::EquivalentDiameterMm).is_some();
        let bans: Vec<&Ban> = self.bans.iter().filter(|ban| ban.holds(features, place)).collect();
        let mut notes = notes_on_spacing(features);

        let mut scores = Vec::with_capacity(self.labels.len());
        let mut unrefused = (Label::Indeterminate, f32::NEG_INFINITY);
        for (&label, rules) in &self.labels {
            let (mean, failed) = rules.weigh(features, place.body_part);
            let score = logistic(self.gain * mean + rules.lean(place.body_part));
            let refused = failed || (rules.needs_spacing && !spacing_known);
            if !refused && score > unrefused.1 {
                unrefused = (label, score);
            }
            let left = bans
                .iter()
                .filter(|ban| ban.concerns(label))
                .map(|ban| ban.leaves.unwrap_or(self.refused));
            let own = if refused { self.refused } else { 1.0 };
            scores.push((label, score * left.fold(own, f32::min)));
        }
        for ban in bans {
            ban.replace(unrefused, &mut scores, &mut notes);
        }
        self.choose(scores, features, place, notes, [self.sure, self.margin])
    }

    /// The assessment of a focus whose names were scored elsewhere: bans and remarks apply, the evidence is that of the
    /// criteria. The best label is given when it reaches `sure` and leads the next by `margin`.
    pub fn named(
        &self,
        mut scores: Vec<(Label, f32)>,
        features: &Features,
        place: &Place,
        sure: f32,
        margin: f32,
    ) -> Assessment {
        let best = scores
            .iter()
            .copied()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let mut notes = notes_on_spacing(features);
        for ban in self.bans.iter().filter(|ban| ban.holds(features, place)) {
            for (_, score) in scores.iter_mut().filter(|(label, _)| ban.concerns(*label)) {
                *score *= ban.leaves.unwrap_or(self.refused * sure);
            }
            if let Some(best) = best {
                ban.replace(best, &mut scores, &mut notes);
            }
        }
        self.choose(scores, features, place, notes, [sure, margin])
    }

    fn choose(
        &self,
        scores: Vec<(Label, f32)>,
        features: &Features,
        place: &Place,
        mut notes: Vec<String>,
        [least, margin]: [f32; 2],
    ) -> Assessment {
        let mut order = scores.clone();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let best = order.first().copied().unwrap_or((Label::Indeterminate, 0.0));
        let second = order.get(1).copied();
        let apart = second.is_none_or(|second| best.1 - second.1 >= margin);
        let sure = best.1 >= least && apart;

        let mut evidence = Vec::new();
        for (label, _) in order.iter().take(2) {
            evidence.extend(self.labels[label].evidence(*label, features, place.body_part, self.gain));
        }
        if sure && best.0 == Label::Phlebolith && !self.vein_plexus.contains(&place.body_part) {
            notes.push("Outside the pelvis the form is called phlebolith-like.".to_owned());
        }
        let given = |remark: &&Remark| {
            (remark.labels.is_empty() || remark.labels.contains(&best.0)) && all_support(&remark.when, features, place)
        };
        if sure {
            notes.extend(self.remarks.iter().filter(given).map(|remark| remark.note.clone()));
        }
        Assessment {
            label: if sure { best.0 } else { Label::Indeterminate },
            label_score: best.1,
            runner_up: if sure { second } else { Some(best) },
            scores,
            evidence,
            notes,
        }
    }
}
