//! The model, kept in bounds by the rules.

use super::model::{Look, Model};
use super::rules::Rules;
use super::{Evidence, Label, Rejection, Verdict};
use crate::measure::Features;
use crate::radiograph::Place;

/// Judges one candidate: the rules refuse what is no question of likeness, the model scores and names the rest, the
/// rules ban names that may not be given and state the evidence.
///
/// `look` is what was seen of the candidate, if it was looked at. `least` is the least score of a focus. What scores less is rejected for the reason the rules give, else as
/// `low_score`. Without a spacing a name rests on form and place alone, which its notes say.
pub fn judge(
    model: &Model,
    rules: &Rules,
    features: &Features,
    place: &Place,
    look: Option<&Look>,
    least: f32,
) -> Verdict {
    if let Some((reason, evidence)) = rules.refuse(features, place, |rule| rule.certain) {
        return Verdict::Rejected { reason, evidence };
    }
    let score = model.score(features, place, look);
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
    let mut chances = model.name_chances(features, place, look);
    for label in Label::ALL {
        if label != Label::Indeterminate && chances.iter().all(|(known, _)| *known != label) {
            chances.push((label, 0.0));
        }
    }
    chances.sort_by_key(|(label, _)| *label);
    let assessment = rules.named(chances, features, place, model.sure, 0.0);
    Verdict::Focus { score, assessment }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::classify::model::{Forest, Model, Names, Scorer};
    use crate::classify::rules::{NO_SPACING, Rules};
    use crate::classify::{Label, Verdict};
    use crate::measure::{Feature, Features};
    use crate::radiograph::Place;

    /// Forests that always give `label`.
    fn always(label: Label) -> Names {
        let forest = Forest::default();
        Names {
            sharpness: 1.0,
            forests: [(label, forest)].into(),
        }
    }

    #[test]
    fn without_a_spacing_a_name_rests_on_form_and_says_so() {
        let sure = Scorer {
            calibration: [0.0, 3.0],
            forest: Forest::default(),
        };
        let mut model = Model::untrained();
        model.with_spacing.focus = sure.clone();
        model.without_spacing.focus = sure;
        model.names = always(Label::RiceGrain);
        model.names_without_spacing = always(Label::Phlebolith);
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let named = |features: &Features| match judge(&model, &Rules::default(), features, &Place::default(), None, 0.5)
        {
            Verdict::Focus { assessment, .. } => assessment,
            Verdict::Rejected { reason, .. } => panic!("rejected as {reason:?}"),
        };
        let by_form = named(&features);
        assert_eq!(by_form.label, Label::Phlebolith);
        assert!(by_form.notes.iter().any(|note| note == NO_SPACING));
        features.set(Feature::EquivalentDiameterMm, Some(4.0));
        let sized = named(&features);
        assert_eq!(sized.label, Label::RiceGrain);
        assert!(sized.notes.iter().all(|note| note != NO_SPACING));
    }

    #[test]
    fn a_model_without_those_forests_gives_no_name_there() {
        let mut model = Model::untrained();
        model.without_spacing.focus.calibration = [0.0, 3.0];
        model.names = always(Label::RiceGrain);
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(60.0));
        let verdict = judge(&model, &Rules::default(), &features, &Place::default(), None, 0.5);
        let Verdict::Focus { assessment, .. } = verdict else {
            panic!("rejected");
        };
        assert_eq!(assessment.label, Label::Indeterminate);
        assert!(assessment.notes.iter().any(|note| note == NO_SPACING));
    }
}
