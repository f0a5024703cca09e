//! Whether matched foci got their true name.

use super::bootstrap::{Ratios, Statistic};
use super::figure::{Figure, Share};
use super::sample::Sample;
use crate::classify::Label;
use serde::{Deserialize, Serialize};

/// Least extent in mm from which ossification is told from calcification.
const LARGE: f64 = 8.0;

/// True names against given names, at the score of the options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// True names: the mission's, then others in the order of the alphabet.
    pub rows: Vec<String>,
    /// Given names: likewise, `indeterminate` last.
    pub columns: Vec<String>,
    /// Matched foci, `counts[row][column]`.
    pub counts: Vec<Vec<u64>>,
    /// Counted foci of each row that were not found.
    pub missed: Vec<u64>,
    /// False detections of each column.
    pub on_nothing: Vec<u64>,
}

/// How one mission label fared among matched foci.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelFigures {
    /// Machine name.
    pub label: String,
    /// Of the matched foci that truly are it, those called it.
    pub recall: Share,
    /// Of the matched foci called it, those that truly are it.
    pub precision: Share,
    /// Harmonic mean of both; empty if no matched focus truly is it.
    pub f1: Figure,
}

/// Naming of matched foci whose true name is one of the mission, at the score of the options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Naming {
    /// Called by their true name; `indeterminate` is wrong.
    pub right: Share,
    /// Called `indeterminate`.
    pub indeterminate: Share,
    /// Called by their true name, of those that were given a mission label.
    pub right_when_named: Share,
    /// Mean of F1 over the mission labels that occur among the matched foci.
    pub macro_f1: Figure,
    /// Ossification and calcification of 8 mm and more called by their true name: any other name is wrong.
    pub ossification_and_calcification: Share,
    /// The same foci told apart: the true one of the two names scores higher, whatever third name was given. Where scores are not
    /// stated the name given decides.
    pub ossification_against_calcification: Share,
    /// Per mission label.
    pub labels: Vec<LabelFigures>,
    /// True against given names, also of labels beyond the mission.
    pub confusion: Confusion,
}

/// Where a name stands in tables: mission labels first, `indeterminate` last.
pub(super) fn label_order(name: &str) -> (usize, &str) {
    let at = Label::MISSION.iter().position(|label| label.name() == name);
    match at {
        Some(at) => (at, ""),
        None if name == Label::Indeterminate.name() => (Label::MISSION.len() + 1, ""),
        None => (Label::MISSION.len(), name),
    }
}

fn mission(name: &str) -> Option<usize> {
    Label::MISSION.iter().position(|label| label.name() == name)
}

struct Named {
    image: usize,
    truly: usize,
    called: Option<usize>,
}

/// What a [`Naming`] is made from.
pub(super) struct Plan<'a> {
    sample: &'a Sample<'a>,
    score: f32,
    ratios: Ratios,
    f1: F1,
}

struct F1(Vec<Named>);

impl<'a> Plan<'a> {
    pub(super) fn new(sample: &'a Sample<'a>, score: f32) -> Self {
        let matched = || sample.foci.iter().filter(|focus| focus.found_at(score));
        let given = |focus: &super::sample::CountedFocus<'a>| focus.taken_by.map_or("", |taken| taken.label.as_ref());
        let asked = || matched().filter(|focus| mission(&focus.truth.label).is_some());
        let right = |focus: &super::sample::CountedFocus<'a>| given(focus) == focus.truth.label;
        let mut ratios = Ratios::default();
        ratios.add_share(asked().map(|focus| (focus.image, right(focus))));
        ratios.add_share(asked().map(|focus| (focus.image, given(focus) == Label::Indeterminate.name())));
        let named = asked().filter(|focus| mission(given(focus)).is_some());
        ratios.add_share(named.map(|focus| (focus.image, right(focus))));
        let [bone, chalk] = [Label::Ossification.name(), Label::Calcification.name()];
        let large = || {
            asked().filter(|focus| {
                [bone, chalk].contains(&focus.truth.label.as_ref())
                    && focus.extent.is_some_and(|extent| extent >= LARGE)
            })
        };
        let told_apart = |focus: &super::sample::CountedFocus<'a>| {
            let other = if focus.truth.label == bone { chalk } else { bone };
            focus
                .taken_by
                .is_some_and(|taken| taken.prefers(&focus.truth.label, other))
        };
        ratios.add_share(large().map(|focus| (focus.image, right(focus))));
        ratios.add_share(large().map(|focus| (focus.image, told_apart(focus))));
        for label in Label::MISSION {
            let own = asked().filter(|focus| focus.truth.label == label.name());
            ratios.add_share(own.map(|focus| (focus.image, right(focus))));
            let called = asked().filter(|focus| given(focus) == label.name());
            ratios.add_share(called.map(|focus| (focus.image, right(focus))));
        }
        let f1 = asked().filter_map(|focus| {
            Some(Named {
                image: focus.image,
                truly: mission(&focus.truth.label)?,
                called: mission(given(focus)),
            })
        });
        Self {
            sample,
            score,
            ratios,
            f1: F1(f1.collect()),
        }
    }

    /// The figures, from what this statistic gave.
    pub(super) fn read(&self, figures: &[Figure]) -> Naming {
        let counts: Vec<(u64, u64)> = self.ratios.counts().collect();
        let (shares, f1) = figures.split_at(counts.len());
        let mut shares = shares
            .iter()
            .zip(counts)
            .map(|(&figure, (count, of))| Share::new(count, of, figure));
        let mut next = || shares.next().unwrap_or_default();
        let (right, indeterminate, right_when_named) = (next(), next(), next());
        let (ossification_and_calcification, ossification_against_calcification) = (next(), next());
        let labels = Label::MISSION.iter().zip(&f1[1..]).map(|(label, &f1)| LabelFigures {
            label: label.name().to_owned(),
            recall: next(),
            precision: next(),
            f1,
        });
        Naming {
            right,
            indeterminate,
            right_when_named,
            macro_f1: f1[0],
            ossification_and_calcification,
            ossification_against_calcification,
            labels: labels.collect(),
            confusion: confusion(self.sample, self.score),
        }
    }
}

impl Statistic for Plan<'_> {
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        self.ratios.push(weights, values);
        self.f1.push(weights, values);
    }
}

impl Statistic for F1 {
    /// Macro F1, then F1 per label.
    fn push(&self, weights: &[u32], values: &mut Vec<f64>) {
        let (mut truly, mut called, mut right) = ([0.0; 6], [0.0; 6], [0.0; 6]);
        for named in &self.0 {
            let weight = f64::from(weights[named.image]);
            truly[named.truly] += weight;
            if let Some(label) = named.called {
                called[label] += weight;
                if label == named.truly {
                    right[label] += weight;
                }
            }
        }
        // Twice the right ones over all that are or are called so.
        let f1 = |label: usize| {
            if truly[label] > 0.0 {
                2.0 * right[label] / (truly[label] + called[label])
            } else {
                f64::NAN
            }
        };
        let all: Vec<f64> = (0..6).map(f1).collect();
        let there: Vec<f64> = all.iter().copied().filter(|value| !value.is_nan()).collect();
        values.push(there.iter().sum::<f64>() / there.len() as f64);
        values.extend(all);
    }
}

fn confusion(sample: &Sample<'_>, score: f32) -> Confusion {
    let reported = || sample.found.iter().filter(|found| found.false_at(score));
    let names = |others: Vec<&str>, last: Option<Label>| {
        let mut all: Vec<String> = Label::MISSION
            .iter()
            .chain(&last)
            .map(|label| label.name().to_owned())
            .collect();
        all.extend(others.into_iter().map(str::to_owned));
        all.sort_by(|a, b| label_order(a).cmp(&label_order(b)));
        all.dedup();
        all
    };
    let truly = sample.foci.iter().map(|focus| focus.truth.label.as_ref());
    let given = sample
        .foci
        .iter()
        .filter(|focus| focus.found_at(score))
        .filter_map(|focus| Some(focus.taken_by?.label.as_ref()))
        .chain(reported().map(|found| found.detection.label.as_ref()));
    let rows = names(truly.collect(), None);
    let columns = names(given.collect(), Some(Label::Indeterminate));
    let at = |names: &[String], name: &str| names.iter().position(|other| other == name);
    let mut counts = vec![vec![0; columns.len()]; rows.len()];
    let mut missed = vec![0; rows.len()];
    for focus in &sample.foci {
        let Some(row) = at(&rows, &focus.truth.label) else {
            continue;
        };
        match focus.taken_by.filter(|_| focus.found_at(score)) {
            Some(taken) => {
                if let Some(column) = at(&columns, &taken.label) {
                    counts[row][column] += 1;
                }
            }
            None => missed[row] += 1,
        }
    }
    let mut on_nothing = vec![0; columns.len()];
    for found in reported() {
        if let Some(column) = at(&columns, &found.detection.label) {
            on_nothing[column] += 1;
        }
    }
    Confusion {
        rows,
        columns,
        counts,
        missed,
        on_nothing,
    }
}

#[cfg(test)]
mod tests;
