//! How well a model does on images it was not fitted to.

use super::curve::Curve;
use super::held_out::{Answered, HeldOut, Sheet};
use crate::classify::Label;
use serde::Serialize;
use std::collections::BTreeMap;

/// Cross-validated figures of a detector, over candidates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Detection {
    /// Candidates that are foci.
    pub foci: usize,
    /// Candidates that are none.
    pub others: usize,
    /// Chance that a focus scores above another candidate: area under the ROC curve.
    pub auc: f64,
    /// Expected calibration error in ten bins of equal width.
    pub calibration_error: f64,
}

/// Cross-validated figures of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Finding foci where the spacing is stated.
    pub with_spacing: Detection,
    /// The same where it is not.
    pub without_spacing: Detection,
    /// Candidates by true name and given name, indeterminate included, where the spacing is stated.
    pub names: BTreeMap<Label, BTreeMap<Label, usize>>,
    /// The same where it is not.
    pub names_without_spacing: BTreeMap<Label, BTreeMap<Label, usize>>,
    /// What they are of.
    #[serde(skip)]
    pub held_out: HeldOut,
}

impl Figures {
    /// The figures of what was said of held-out images.
    pub(super) fn of(held_out: HeldOut) -> Self {
        let detection = |sheets: &[Sheet]| {
            let each = sheets.iter().flat_map(|sheet| &sheet.found);
            Detection::of(each.map(|answer| (answer.chance, answer.is_focus)).collect())
        };
        let names = |sheets: &[Sheet]| {
            let mut names: BTreeMap<Label, BTreeMap<Label, usize>> = BTreeMap::new();
            for (truth, given) in sheets.iter().flat_map(|sheet| &sheet.named) {
                *names.entry(*truth).or_default().entry(*given).or_default() += 1;
            }
            names
        };
        Self {
            with_spacing: detection(&held_out.with_spacing),
            without_spacing: detection(&held_out.without_spacing),
            names: names(&held_out.with_spacing),
            names_without_spacing: names(&held_out.without_spacing),
            held_out,
        }
    }
}

impl Detection {
    /// The figures of chances in `0.0..=1.0`, each with what was true.
    pub(super) fn of(answers: Vec<(f32, bool)>) -> Self {
        let foci = answers.iter().filter(|answer| answer.1).count();
        let others = answers.len() - foci;
        let all = answers.into_iter();
        let curve = Curve::of(
            all.map(|(chance, is_focus)| (Answered { chance, is_focus }, 0))
                .collect(),
            0.0,
        );
        // Where nothing is there to judge, nothing is won and nothing wrong.
        let known = |figure: f64| if figure.is_nan() { 0.0 } else { figure };
        let [auc, .., calibration_error] = curve.figures(&[1]).map(known);
        Self {
            foci,
            others,
            auc,
            calibration_error,
        }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, own) in [("with spacing", &self.with_spacing), ("without", &self.without_spacing)] {
            writeln!(
                f,
                "{name:13} {} foci, {} other candidates, AUC {:.4}, calibration error {:.4}",
                own.foci, own.others, own.auc, own.calibration_error
            )?;
        }
        writeln!(f, "Names with spacing")?;
        write_names(f, &self.names)?;
        writeln!(f, "Names without")?;
        write_names(f, &self.names_without_spacing)
    }
}

fn write_names(f: &mut std::fmt::Formatter<'_>, names: &BTreeMap<Label, BTreeMap<Label, usize>>) -> std::fmt::Result {
    for (truth, given) in names {
        let all: usize = given.values().sum();
        let right = given.get(truth).copied().unwrap_or(0);
        write!(f, "{:20} {right} of {all} named right;", truth.title())?;
        for (label, count) in given.iter().filter(|(label, _)| *label != truth) {
            write!(f, " {} {count}", label.title())?;
        }
        writeln!(f)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Detection;

    #[test]
    fn the_area_under_the_curve_counts_pairs() {
        let answers = vec![(0.1, false), (0.4, true), (0.4, false), (0.8, true)];
        // Pairs won: 0.4 > 0.1, 0.4 = 0.4 (half), 0.8 over both.
        assert_eq!(Detection::of(answers).auc, 3.5 / 4.0);
    }

    #[test]
    fn honest_chances_have_no_calibration_error() {
        let answers = (0..100).map(|i| (0.25, i % 4 == 0)).collect();
        assert!(Detection::of(answers).calibration_error < 1e-9);
    }
}
