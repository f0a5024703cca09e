//! The model, kept in bounds by the rules.

use super::rules::Rules;
use super::{Evidence, Label, Rejection, Verdict};
use crate::measure::Features;
use crate::radiograph::Place;

/// What a model says of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Chance that it is a focus, `0.0..=1.0`.
    pub score: f32,
    /// Chance of each name it knows, if it is one.
    pub names: Vec<(Label, f32)>,
    /// Share of each name among the other foci of the picture, if they were asked; an even share speaks neither for a name nor against it.
    pub around: Vec<(Label, f32)>,
    /// Weight of what they say.
    pub weight: f32,
    /// Least chance at which a name is given.
    pub sure: f32,
}

impl Said {
    /// What the other foci of the picture say of a name: nothing if its share is the even one.
    fn company(&self, label: Label) -> Option<Evidence> {
        let (_, share) = self.around.iter().find(|(own, _)| *own == label)?;
        let even = (self.around.len() as f32).max(2.0);
        Some(Evidence {
            about: label.name().to_owned(),
            criterion: "share of that name among the other foci of the picture, the nearer the more".to_owned(),
            feature: None,
            value: Some(f64::from(*share)),
            support: ((share * even).max(1e-6).ln() / even.ln()).clamp(-1.0, 1.0),
            weight: self.weight,
        })
    }
}

/// Judges one candidate: the rules refuse what is no question of likeness, the model has scored and named the rest, the
/// rules ban names that may not be given and state the evidence.
///
/// `least` is the least score of a focus. What scores less is rejected for the reason the rules give, else as
/// `low_score`. Without a spacing a name rests on form and place alone, which its notes say.
pub fn judge(said: Said, rules: &Rules, features: &Features, place: &Place, least: f32) -> Verdict {
    let score = said.score;
    if let Some((reason, evidence)) = rules.refuse(features, place, |rule| rule.certain) {
        return Verdict::Rejected { reason, evidence };
    }
    if score < least {
        let (reason, mut evidence) = rules
            .refuse(features, place, |rule| !rule.certain)
            .unwrap_or((Rejection::LowScore, Vec::new()));
        evidence.push(Evidence {
            about: reason.name().to_owned(),
            criterion: format!("score below {least}"),
            feature: None,
            value: Some(f64::from(score)),
            support: 1.0,
            weight: 1.0,
        });
        return Verdict::Rejected { reason, evidence };
    }
    let mut chances = said.names.clone();
    for label in Label::ALL {
        if label != Label::Indeterminate && chances.iter().all(|(known, _)| *known != label) {
            chances.push((label, 0.0));
        }
    }
    chances.sort_by_key(|(label, _)| *label);
    let mut assessment = rules.named(chances, features, place, said.sure, 0.0);
    let runner_up = assessment.runner_up.map(|(label, _)| label);
    let about = [Some(assessment.label), runner_up].into_iter().flatten();
    assessment
        .evidence
        .extend(about.filter_map(|label| said.company(label)));
    Verdict::Focus { score, assessment }
}

#[cfg(test)]
mod tests {
    use super::{Said, judge};
    use crate::classify::rules::{NO_SPACING, Rules};
    use crate::classify::{Assessment, Label, Verdict};
    use crate::measure::{Feature, Features};
    use crate::radiograph::Place;

    const SAID: Said = Said {
        score: 0.9,
        names: Vec::new(),
        around: Vec::new(),
        weight: 1.0,
        sure: 0.25,
    };

    fn named(features: &Features, names: &[(Label, f32)]) -> Assessment {
        let said = Said {
            names: names.to_vec(),
            ..SAID
        };
        match judge(said, &Rules::default(), features, &Place::default(), 0.5) {
            Verdict::Focus { assessment, .. } => assessment,
            Verdict::Rejected { reason, .. } => panic!("rejected as {reason:?}"),
        }
    }

    #[test]
    fn without_a_spacing_a_name_rests_on_form_and_says_so() {
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let by_form = named(&features, &[(Label::Phlebolith, 1.0)]);
        assert_eq!(by_form.label, Label::Phlebolith);
        assert!(by_form.notes.iter().any(|note| note == NO_SPACING));
        features.set(Feature::EquivalentDiameterMm, Some(4.0));
        let sized = named(&features, &[(Label::RiceGrain, 1.0)]);
        assert_eq!(sized.label, Label::RiceGrain);
        assert!(sized.notes.iter().all(|note| note != NO_SPACING));
    }

    #[test]
    fn a_model_without_names_gives_none() {
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let unnamed = named(&features, &[]);
        assert_eq!(unnamed.label, Label::Indeterminate);
        assert!(unnamed.notes.iter().any(|note| note == NO_SPACING));
    }

    #[test]
    fn what_scores_too_little_is_no_focus() {
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let said = Said {
            score: 0.3,
            names: vec![(Label::Phlebolith, 1.0)],
            ..SAID
        };
        let verdict = judge(said, &Rules::default(), &features, &Place::default(), 0.5);
        assert!(matches!(verdict, Verdict::Rejected { .. }));
    }

    #[test]
    fn what_the_others_are_called_is_in_the_evidence() {
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let said = Said {
            names: vec![(Label::Phlebolith, 0.8), (Label::Ossification, 0.2)],
            around: vec![(Label::Phlebolith, 0.9), (Label::Ossification, 0.1)],
            ..SAID
        };
        let Verdict::Focus { assessment, .. } = judge(said, &Rules::default(), &features, &Place::default(), 0.5)
        else {
            panic!("rejected");
        };
        let of = |name: &str| {
            let mut each = assessment.evidence.iter();
            each.find(|own| own.about == name && own.criterion.contains("other foci"))
                .unwrap()
        };
        assert!(of("phlebolith").support > 0.5 && of("ossification").support < -0.5);
    }
}
