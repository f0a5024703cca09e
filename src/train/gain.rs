//! How much better one model does than another on the same images, with intervals.

use super::curve::Curve;
use super::held_out::{HeldOut, Sheet};
use crate::classify::Label;
use crate::evaluate::{Figure, Options, Statistic, figures};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One figure of two models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// What it is of.
    pub what: String,
    /// Candidates it is of.
    pub candidates: usize,
    /// Of the model that was there before.
    pub before: Figure,
    /// Of the new one.
    pub after: Figure,
    /// After less before, on the same resamples.
    pub change: Figure,
}

/// Figures of two models on the same held-out images. Intervals hold 95 % and come from resampling patients, or images of
/// none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gain {
    /// Patients, or images that state none.
    pub units: usize,
    /// Score from which a candidate counts as found.
    pub score: f32,
    /// How often was resampled.
    pub resamples: u32,
    /// Seed of the resampling.
    pub seed: u64,
    /// The figures.
    pub rows: Vec<Compared>,
}

/// How often is resampled: enough for two digits of an interval's ends, quick on millions of candidates.
const RESAMPLES: u32 = 500;

impl Gain {
    /// What both models say of the same images; a candidate counts as found from `score` on.
    pub fn of(before: &HeldOut, after: &HeldOut, score: f32) -> Self {
        let sheets = [before, after].map(|own| own.with_spacing.iter().chain(&own.without_spacing));
        let units: BTreeSet<usize> = sheets.into_iter().flatten().map(|sheet| sheet.unit).collect();
        let place: BTreeMap<usize, usize> = units.iter().enumerate().map(|(place, unit)| (*unit, place)).collect();
        let options = Options {
            bootstrap: RESAMPLES,
            ..Options::default()
        };
        let mut pairs: Vec<Pair> = Vec::new();
        for (name, [before, after]) in [
            ("with spacing", [&before.with_spacing, &after.with_spacing]),
            ("without spacing", [&before.without_spacing, &after.without_spacing]),
        ] {
            let both = [before, after].map(|sheets| curve(sheets, &place, score));
            pairs.extend(Pair::found(name, both));
        }
        pairs.extend(Pair::named("", [&before.with_spacing, &after.with_spacing], &place));
        let without = [&before.without_spacing, &after.without_spacing];
        pairs.extend(Pair::named("without spacing: ", without, &place));
        let statistics: Vec<&dyn Statistic> = pairs.iter().map(|pair| pair as &dyn Statistic).collect();
        let figures = figures(&statistics, units.len(), &options);
        let rows = pairs.iter().zip(figures).flat_map(|(pair, figures)| {
            let each = pair
                .rows
                .iter()
                .zip(figures.chunks_exact(3).map(<[Figure]>::to_vec).collect::<Vec<_>>());
            each.map(|((what, candidates), own)| Compared {
                what: what.clone(),
                candidates: *candidates,
                before: own[0],
                after: own[1],
                change: own[2],
            })
            .collect::<Vec<_>>()
        });
        Self {
            units: units.len(),
            score,
            resamples: options.bootstrap,
            seed: options.seed,
            rows: rows.collect(),
        }
    }
}

/// A model's answers to one question, ready to be counted by weight.
enum Question {
    Found(Curve),
    /// Per unit: how many have the name, and how many were given it.
    Named(Vec<(u32, u32)>),
}

/// A question to both models.
struct Pair {
    /// What each figure is of, and how many candidates.
    rows: Vec<(String, usize)>,
    both: [Question; 2],
}

impl Pair {
    /// `None` where there is nothing to tell apart.
    fn found(name: &str, both: [Curve; 2]) -> Option<Self> {
        let foci = both[0].sorted.iter().filter(|(answer, _)| answer.is_focus).count();
        let others = both[0].sorted.len() - foci;
        if foci == 0 || others == 0 {
            return None;
        }
        let score = both[0].score;
        Some(Self {
            rows: vec![
                (format!("{name}: area under the ROC curve"), foci + others),
                (format!("{name}: foci found at score {score}"), foci),
                (format!("{name}: others taken for foci at score {score}"), others),
                (format!("{name}: calibration error"), foci + others),
            ],
            both: both.map(Question::Found),
        })
    }

    /// One of all names, and one of each; `kind` says of which pictures.
    fn named(kind: &str, both: [&Vec<Sheet>; 2], place: &BTreeMap<usize, usize>) -> Vec<Self> {
        let truths: BTreeSet<Label> = both[0]
            .iter()
            .flat_map(|sheet| &sheet.named)
            .map(|name| name.0)
            .collect();
        let of = |what: String, asked: &dyn Fn(Label) -> bool| {
            let counted = both.map(|sheets| {
                let mut counts = vec![(0, 0); place.len()];
                for sheet in sheets {
                    for &(truth, given) in sheet.named.iter().filter(|(truth, _)| asked(*truth)) {
                        let own = &mut counts[place[&sheet.unit]];
                        own.0 += 1;
                        own.1 += u32::from(truth == given);
                    }
                }
                counts
            });
            let count = counted[0].iter().map(|own| own.0 as usize).sum();
            Self {
                rows: vec![(what, count)],
                both: counted.map(Question::Named),
            }
        };
        let mut pairs = Vec::new();
        if truths.len() > 1 {
            pairs.push(of(format!("{kind}named right"), &|_| true));
        }
        let each = truths.iter();
        pairs.extend(each.map(|&label| {
            let what = format!("{kind}{}: named right", label.title());
            of(what, &|truth| truth == label)
        }));
        pairs
    }
}

impl Statistic for Pair {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        let [before, after] = self.both.each_ref().map(|question| match question {
            Question::Found(curve) => curve.figures(weights).to_vec(),
            Question::Named(counts) => {
                let sums = counts.iter().zip(weights).fold((0.0, 0.0), |sums, (own, weight)| {
                    let weight = f64::from(*weight);
                    (sums.0 + weight * f64::from(own.0), sums.1 + weight * f64::from(own.1))
                });
                vec![sums.1 / sums.0]
            }
        });
        for (before, after) in before.into_iter().zip(after) {
            values.extend([before, after, after - before]);
        }
    }
}

fn curve(sheets: &[Sheet], place: &BTreeMap<usize, usize>, score: f32) -> Curve {
    let each = sheets.iter().flat_map(|sheet| {
        let unit = place[&sheet.unit] as u32;
        sheet.found.iter().map(move |answer| (*answer, unit))
    });
    Curve::of(each.collect(), score)
}

impl std::fmt::Display for Gain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |figure: Figure, sign: bool| {
            let one = |value: Option<f64>| match value {
                Some(value) if sign => format!("{value:+.3}"),
                Some(value) => format!("{value:.3}"),
                None => "-".to_owned(),
            };
            match figure.low {
                Some(_) => format!("{} [{} {}]", one(figure.value), one(figure.low), one(figure.high)),
                None => one(figure.value),
            }
        };
        let width = self.rows.iter().map(|row| row.what.len()).max().unwrap_or(0);
        writeln!(
            f,
            "{:width$}  {:>10}  {:20}  {:20}  change",
            "", "candidates", "before", "after"
        )?;
        for row in &self.rows {
            let [before, after, change] =
                [(row.before, false), (row.after, false), (row.change, true)].map(|(figure, sign)| shown(figure, sign));
            writeln!(
                f,
                "{:width$}  {:>10}  {before:20}  {after:20}  {change}",
                row.what, row.candidates
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Gain, HeldOut, Label, Sheet};
    use crate::train::held_out::Answered;

    fn sheet(unit: usize, found: &[(f32, bool)], named: &[(Label, Label)]) -> Sheet {
        let found = found.iter().map(|&(chance, is_focus)| Answered { chance, is_focus });
        Sheet {
            unit,
            found: found.collect(),
            named: named.to_vec(),
        }
    }

    fn held_out(with_spacing: Vec<Sheet>) -> HeldOut {
        HeldOut {
            with_spacing,
            ..HeldOut::default()
        }
    }

    fn gain(units: usize) -> Gain {
        use Label::{Phlebolith, RiceGrain};
        // Before, every third unit's other candidate scores above its focus.
        let before = |unit: usize| {
            let other = if unit.is_multiple_of(3) { 0.9 } else { 0.1 };
            sheet(
                unit,
                &[(0.7, true), (other, false)],
                &[(RiceGrain, Phlebolith), (Phlebolith, Phlebolith)],
            )
        };
        let after = |unit: usize| {
            sheet(
                unit,
                &[(0.8, true), (0.2, false)],
                &[(RiceGrain, RiceGrain), (Phlebolith, Phlebolith)],
            )
        };
        let [before, after] = [
            (0..units).map(before).collect::<Vec<_>>(),
            (0..units).map(after).collect(),
        ];
        Gain::of(&held_out(before), &held_out(after), 0.5)
    }

    #[test]
    fn what_got_better_is_told_with_an_interval() {
        let gain = gain(30);
        let row = |what: &str| gain.rows.iter().find(|row| row.what == what).unwrap();
        let curve = row("with spacing: area under the ROC curve");
        // Of 900 pairs, 20 others of 30 lose to every focus.
        assert!((curve.before.value.unwrap() - 2.0 / 3.0).abs() < 1e-5);
        assert_eq!(curve.after.value, Some(1.0));
        let (low, high) = (curve.change.low.unwrap(), curve.change.high.unwrap());
        assert!(
            0.1 < low && low < 1.0 / 3.0 && 1.0 / 3.0 < high && high < 0.6,
            "{low} {high}"
        );
        assert_eq!(row("with spacing: foci found at score 0.5").candidates, 30);
        assert!(
            (row("with spacing: others taken for foci at score 0.5")
                .before
                .value
                .unwrap()
                - 1.0 / 3.0)
                .abs()
                < 1e-5
        );
        assert_eq!(
            row("with spacing: others taken for foci at score 0.5").after.value,
            Some(0.0)
        );
        // |0.7 - 1| for the foci and |0.1 - 0|, |0.9 - 0| for the others.
        let error = (30.0 * 0.3 + 20.0 * 0.1 + 10.0 * 0.9) / 60.0;
        assert!((row("with spacing: calibration error").before.value.unwrap() - error).abs() < 1e-5);
        let grain = row("rice grain: named right");
        assert_eq!(
            (grain.before.value, grain.after.value, grain.candidates),
            (Some(0.0), Some(1.0), 30)
        );
        assert_eq!(row("named right").change.value, Some(0.5));
        assert_eq!(row("phlebolith: named right").change.value, Some(0.0));
        assert!(gain.to_string().contains("+1.000 [+1.000 +1.000]"), "{gain}");
    }

    #[test]
    fn fewer_patients_tell_less() {
        let width = |units: usize| {
            let figure = gain(units).rows[0].before;
            figure.high.unwrap() - figure.low.unwrap()
        };
        assert!(width(12) > 1.5 * width(120));
    }

    #[test]
    fn images_of_one_patient_are_drawn_together() {
        let pictures = |units: usize| -> Vec<Sheet> {
            let own = |nth: usize| {
                sheet(
                    nth % units,
                    &[(0.4 + 0.4 * (nth % units % 2) as f32, true), (0.5, false)],
                    &[],
                )
            };
            (0..40).map(own).collect()
        };
        let width = |units: usize| {
            let answers = held_out(pictures(units));
            let figure = Gain::of(&answers, &answers, 0.5).rows[0].before;
            figure.high.unwrap() - figure.low.unwrap()
        };
        assert!(width(4) > 2.0 * width(40));
    }

    #[test]
    fn names_where_no_spacing_is_known_are_told_apart() {
        let answers = |given: Label| HeldOut {
            without_spacing: (0..4)
                .map(|unit| sheet(unit, &[], &[(Label::RiceGrain, given)]))
                .collect(),
            ..HeldOut::default()
        };
        let gain = Gain::of(&answers(Label::Phlebolith), &answers(Label::RiceGrain), 0.5);
        let rows: Vec<&str> = gain.rows.iter().map(|row| row.what.as_str()).collect();
        assert_eq!(rows, ["without spacing: rice grain: named right"]);
        assert_eq!(gain.rows[0].change.value, Some(1.0));
    }

    #[test]
    fn what_cannot_be_told_apart_has_no_row() {
        let answers = held_out(vec![sheet(0, &[(0.5, true)], &[])]);
        assert!(Gain::of(&answers, &answers, 0.5).rows.is_empty());
    }
}
