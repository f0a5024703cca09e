//! What a model says of images it has not seen, image after image, so that two models can be held against each other.

use super::{Image, Target, forget_place};
use crate::classify::Label;
use crate::classify::model::{Look, Model};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A candidate: what a model says of it, and what is true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answered {
    /// Chance that it is a focus.
    pub chance: f32,
    /// Whether it is one.
    pub is_focus: bool,
}

/// What was said of one picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Whose it is: the fold of the image, before it is taken modulo the number of folds.
    pub unit: usize,
    /// Candidates that are asked for.
    pub found: Vec<Answered>,
    /// True and given names, indeterminate included, of what has one.
    pub named: Vec<(Label, Label)>,
}

/// What was said of pictures with and without a spacing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldOut {
    /// Where the spacing is stated.
    pub with_spacing: Vec<Sheet>,
    /// Where it is not.
    pub without_spacing: Vec<Sheet>,
}

impl HeldOut {
    /// Leaves out the pictures of other units than `keeps`.
    pub fn keep(&mut self, keeps: impl Fn(usize) -> bool) {
        for sheets in [&mut self.with_spacing, &mut self.without_spacing] {
            sheets.retain(|sheet| keeps(sheet.unit));
        }
    }

    /// The units of its pictures.
    pub fn units(&self) -> BTreeSet<usize> {
        let sheets = self.with_spacing.iter().chain(&self.without_spacing);
        sheets.map(|sheet| sheet.unit).collect()
    }
}

/// Whether what is asked for is a focus.
pub(super) fn is_focus(target: Target) -> Option<bool> {
    match target {
        Target::Focus(_) => Some(true),
        Target::Nothing | Target::Part => Some(false),
        Target::Named(_) | Target::Ignored => None,
    }
}

/// The likeliest name, if it is likely enough to be given.
pub(super) fn given(chances: impl IntoIterator<Item = (Label, f32)>, sure: f32) -> Label {
    let best = chances
        .into_iter()
        .fold((sure, Label::Indeterminate), |best, (label, chance)| {
            if chance > best.0 { (chance, label) } else { best }
        });
    best.1
}

/// The answers of one picture with these chances.
pub(super) fn found(image: &Image, chances: &[f32]) -> Vec<Answered> {
    let each = image.targets.iter().zip(chances);
    each.filter_map(|(&target, &chance)| {
        let is_focus = is_focus(target)?;
        Some(Answered { chance, is_focus })
    })
    .collect()
}

/// What `model` says of `images`, prepared as [`fit`](super::fit) prepares them, in its order.
pub fn answers(model: &Model, images: &[Image]) -> HeldOut {
    let sheets: Vec<(bool, Sheet)> = images
        .par_iter()
        .enumerate()
        .map(|(nth, image)| {
            let mut image = image.clone();
            forget_place(nth, &mut image);
            (image.spacing.is_some(), sheet(model, image))
        })
        .collect();
    let (with, without): (Vec<_>, Vec<_>) = sheets.into_iter().partition(|(sized, _)| *sized);
    let own = |sheets: Vec<(bool, Sheet)>| sheets.into_iter().map(|(_, sheet)| sheet).collect();
    HeldOut {
        with_spacing: own(with),
        without_spacing: own(without),
    }
}

fn sheet(model: &Model, mut image: Image) -> Sheet {
    let place = image.place.clone();
    let each = image.features.iter();
    let suspicions: Vec<f32> = each.map(|features| model.suspicion(features, &place)).collect();
    image.set_company(&suspicions);
    let each = image.features.iter().zip(&image.views);
    let looks: Vec<Option<Look>> = each
        .map(|(features, views)| model.look(views.as_ref()?, features, &place))
        .collect();
    let each = image.features.iter().zip(&suspicions).zip(&looks);
    let chances: Vec<f32> = each
        .map(|((features, &suspicion), look)| model.score(features, &place, suspicion, look.as_ref()))
        .collect();
    let each = image.features.iter().zip(&looks).zip(&image.targets);
    let named = each.filter_map(|((features, look), target)| {
        let chances = model.name_chances(features, &place, look.as_ref());
        Some((target.name()?, given(chances, model.sure)))
    });
    Sheet {
        unit: image.fold,
        found: found(&image, &chances),
        named: named.collect(),
    }
}
