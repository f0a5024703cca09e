//! Forests that tell foci from what is none, alone and by their company.

use super::field::{in_field, in_fields};
use super::{Answer, Boosting, FOLDS, Image, Settings, Table, Target, boost, calibrate, held_out};
use crate::classify::Label;
use crate::classify::model::{Detector, Forest, INPUTS, Scorer, inputs, logistic};
use crate::measure::Features;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Most candidates that are nothing to learn from.
const MOST_NOTHING: usize = 240_000;

/// Forests that find foci in `images`, and the chance of every candidate by forests that have not seen its image; sets the features
/// of company of the candidates.
pub(super) fn fit(images: &mut [Image], settings: &Settings) -> (Detector, Vec<Vec<f32>>) {
    let is_focus = held_out::is_focus;
    let (alone, suspicions) = scorer(images, &settings.alone, is_focus, &Nothing::evenly(images));
    for (image, suspicions) in images.iter_mut().zip(&suspicions) {
        image.set_company(suspicions);
    }
    let hardest = Nothing::hardest(images, &suspicions);
    let (focus, chances) = scorer(images, &settings.focus, is_focus, &hardest);
    (Detector { alone, focus }, chances)
}

/// A calibrated forest, and its chances for every candidate of every image, each from a forest that has not seen the image.
type Fitted = (Scorer, Vec<Vec<f32>>);

/// A forest for the question `asks`; of what is nothing those that `nothing` takes.
fn scorer(
    images: &[Image],
    boosting: &Boosting,
    asks: impl Fn(Target) -> Option<bool> + Sync,
    nothing: &Nothing<'_>,
) -> Fitted {
    let rarity = rarity(images);
    let mut forests: Vec<Forest> = (0..=FOLDS)
        .into_par_iter()
        .map(|left_out| {
            boost(
                &table(images, &rarity, &asks, nothing, |fold| fold % FOLDS != left_out),
                boosting,
            )
        })
        .collect();
    let log_odds: Vec<Vec<f32>> = images
        .iter()
        .map(|image| {
            let forest = &forests[image.fold % FOLDS];
            let odds = |features: &Features| forest.log_odds(&inputs(features, &image.place));
            image.features.iter().map(odds).collect()
        })
        .collect();
    let mut answers = Vec::new();
    for (image, own) in images.iter().zip(&log_odds) {
        for (&target, &own) in image.targets.iter().zip(own) {
            if let Some(answer) = asks(target) {
                answers.push(Answer {
                    log_odds: own,
                    is_true: answer,
                    weight: 1.0,
                });
            }
        }
    }
    let scorer = Scorer {
        calibration: calibrate(&answers),
        forest: forests.pop().unwrap_or_default(),
    };
    let chance = |own: &f32| logistic(scorer.calibration[0] * own + scorer.calibration[1]);
    let chances = log_odds.iter().map(|own| own.iter().map(chance).collect()).collect();
    (scorer, chances)
}

/// How much a focus with each name counts when finding is learned: of the mission's labels the rarer the more, up to
/// twice, so that a mass is not passed over for being one among a thousand grains.
pub(super) fn rarity(images: &[Image]) -> BTreeMap<Label, f32> {
    let most = Label::MISSION
        .into_iter()
        .map(|label| in_fields(images, label))
        .fold(0.0, f32::max);
    let of = |label: Label| {
        if Label::MISSION.contains(&label) {
            (most / in_fields(images, label).max(1.0)).sqrt().clamp(1.0, 2.0)
        } else {
            1.0
        }
    };
    Label::ALL.map(|label| (label, of(label))).into()
}

/// Which candidates that are nothing are learned from: all those that look most like foci, and of the others every so manieth,
/// which stands for the rest.
struct Nothing<'a> {
    /// How likely each candidate of each image is thought to be a focus, and from where on all are taken.
    likely: Option<(&'a [Vec<f32>], f32)>,
    every: usize,
}

impl<'a> Nothing<'a> {
    fn evenly(images: &[Image]) -> Self {
        let targets = images.iter().flat_map(|image| &image.targets);
        let count = targets.filter(|&&target| target == Target::Nothing).count();
        Self {
            likely: None,
            every: count.div_ceil(MOST_NOTHING).max(1),
        }
    }

    /// Half of them those that `suspicions` takes for foci most.
    fn hardest(images: &[Image], suspicions: &'a [Vec<f32>]) -> Self {
        let each = images.iter().zip(suspicions);
        let mut own: Vec<f32> = each
            .flat_map(|(image, own)| image.targets.iter().zip(own))
            .filter(|(target, _)| **target == Target::Nothing)
            .map(|(_, suspicion)| *suspicion)
            .collect();
        own.sort_unstable_by(|a, b| b.total_cmp(a));
        let half = MOST_NOTHING / 2;
        let least = own.get(half).copied().unwrap_or(0.0);
        Self {
            likely: Some((suspicions, least)),
            every: own.len().saturating_sub(half).div_ceil(half).max(1),
        }
    }

    fn takes_for_sure(&self, image: usize, candidate: usize) -> bool {
        self.likely
            .is_some_and(|(likely, least)| likely[image][candidate] > least)
    }
}

/// The candidates of the folds that `takes`, with the answers to `asks`.
fn table(
    images: &[Image],
    rarity: &BTreeMap<Label, f32>,
    asks: &impl Fn(Target) -> Option<bool>,
    nothing: &Nothing<'_>,
    takes: impl Fn(usize) -> bool,
) -> Table {
    let mut table = Table {
        width: INPUTS,
        ..Table::default()
    };
    let mut passed = 0;
    for (nth, image) in images.iter().enumerate().filter(|(_, image)| takes(image.fold)) {
        for (candidate, (features, &target)) in image.features.iter().zip(&image.targets).enumerate() {
            let stands_for = match target {
                Target::Nothing if !nothing.takes_for_sure(nth, candidate) => nothing.every,
                _ => 1,
            };
            if stands_for > 1 {
                passed += 1;
                if passed % stands_for != 0 {
                    continue;
                }
            }
            if let Some(answer) = asks(target) {
                let each = match target {
                    Target::Nothing => stands_for as f32,
                    Target::Part => 0.4,
                    _ => target
                        .name()
                        .map_or(1.0, |label| rarity[&label] * in_field(image, label).0),
                };
                table.values.extend(inputs(features, &image.place));
                table.targets.push(f32::from(u8::from(answer)));
                table.weights.push(each);
            }
        }
    }
    table
}
