//! Forests that name foci: one a label, in competition.

use super::field::{in_field, in_fields};
use super::{Choice, FOLDS, Image, Settings, Table, Target, boost_classes, sharpness};
use crate::classify::Label;
use crate::classify::model::{Forest, INPUTS, Names, inputs, softmax};
use rayon::prelude::*;

/// Sum of the weights of all foci of a label of the mission.
const NAME_WEIGHT: f32 = 400.0;

/// Weight of a label beyond the mission over that of one of the six.
const FURTHER_WEIGHT: f32 = 0.3;

/// Weight of amorphous calcification over that of the other labels of the mission: it is the most frequent kind by far.
const CALCIFICATION_WEIGHT: f32 = 1.5;

/// Forests that name foci, and their chances for every candidate with a name, image after image, each from forests that
/// have not seen the image. Names are learned as if each were met about equally often: how rare it is differs from archive
/// to archive.
pub(super) fn fit(images: &[Image], settings: &Settings) -> (Names, Vec<Vec<f32>>) {
    let known: Vec<Label> = Label::ALL
        .into_iter()
        .filter(|&label| in_fields(images, label) > 0.0)
        .collect();
    let weights: Vec<f32> = known
        .iter()
        .map(|&label| {
            // A mass that may be malignant must not be called by a benign name for being rare.
            let counts_fully = Label::MISSION.contains(&label) || label == Label::MineralisedMass;
            let importance = match label {
                Label::Calcification => CALCIFICATION_WEIGHT,
                _ if counts_fully => 1.0,
                _ => FURTHER_WEIGHT,
            };
            importance * NAME_WEIGHT / in_fields(images, label)
        })
        .collect();
    let class = |target: Target| known.iter().position(|&label| target.name() == Some(label));
    let rows = |takes: &dyn Fn(usize) -> bool| {
        let mut table = Table {
            width: INPUTS,
            ..Table::default()
        };
        for image in images.iter().filter(|image| takes(image.fold % FOLDS)) {
            for (features, &target) in image.features.iter().zip(&image.targets) {
                if let Some(class) = class(target) {
                    table.values.extend(inputs(features, &image.place));
                    table.targets.push(class as f32);
                    table.weights.push(weights[class] * in_field(image, known[class]).0);
                }
            }
        }
        table
    };
    let mut forests: Vec<Vec<Forest>> = (0..=FOLDS)
        .into_par_iter()
        .map(|left_out| boost_classes(&rows(&|fold| fold != left_out), known.len(), &settings.names))
        .collect();
    let mut choices = Vec::new();
    for image in images {
        for (features, &target) in image.features.iter().zip(&image.targets) {
            if let Some(truth) = class(target) {
                let inputs = inputs(features, &image.place);
                let own = &forests[image.fold % FOLDS];
                choices.push(Choice {
                    log_chances: own.iter().map(|forest| forest.log_odds(&inputs)).collect(),
                    truth,
                    weight: weights[truth] * in_field(image, known[truth]).0,
                });
            }
        }
    }
    let sharpness = sharpness(&choices);
    let chances = choices.into_iter().map(|choice| {
        let mut chances: Vec<f32> = choice.log_chances.iter().map(|value| sharpness * value).collect();
        softmax(&mut chances);
        chances
    });
    let chances = chances.collect();
    let forests = known.into_iter().zip(forests.pop().unwrap_or_default()).collect();
    (Names { sharpness, forests }, chances)
}
