//! Foci that score too low for the user's purpose become rejected candidates: nothing disappears.

use crate::classify::{Evidence, Rejection, Verdict};

/// `verdicts`, in which every focus that scores below `least` is rejected instead.
pub fn reject_below(least: f32, verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let judged = verdicts.into_iter().map(|verdict| match verdict {
        Verdict::Focus { score, .. } if score < least => Verdict::Rejected {
            reason: Rejection::LowScore,
            evidence: vec![Evidence {
                about: Rejection::LowScore.name().to_owned(),
                criterion: format!("score below {least}"),
                feature: None,
                value: Some(f64::from(score)),
                support: 1.0,
                weight: 1.0,
            }],
        },
        kept => kept,
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::reject_below;
    use crate::classify::{Assessment, Label, Rejection, Verdict};

    fn focus(score: f32) -> Verdict {
        Verdict::Focus {
            score,
            assessment: Assessment {
                label: Label::Indeterminate,
                label_score: 0.0,
                scores: Vec::new(),
                runner_up: None,
                evidence: Vec::new(),
                notes: Vec::new(),
            },
        }
    }

    #[test]
    fn a_focus_below_the_least_score_is_rejected_with_its_score() {
        let judged = reject_below(0.5, vec![focus(0.5), focus(0.25)]);
        assert_eq!(judged[0], focus(0.5));
        let Verdict::Rejected { reason, evidence } = &judged[1] else {
            panic!("kept");
        };
        assert_eq!(*reason, Rejection::LowScore);
        assert_eq!(evidence[0].value, Some(0.25));
        assert_eq!(reject_below(0.0, vec![focus(0.0)]), [focus(0.0)]);
    }
}
