//! Features and labels to a model: forests, each calibrated on images it was not fitted to.
//!
//! Takes the candidates of images with what each truly is; knows no files. Images are dealt into folds, so
//! that no figure and no calibration comes from an image the forest has seen.

mod augment;
mod boost;
mod calibrate;
mod examples;
mod figures;
mod gain;
mod held_out;
mod target;

pub use augment::augmented;
pub use boost::{Boosting, Table, fit as boost, fit_classes as boost_classes};
pub use calibrate::{Answer, Choice, calibrate, sharpness};
pub use examples::{examples, reduced, sized};
pub use figures::{Detection, Figures};
pub use gain::{Compared, Gain};
pub use held_out::{Answered, HeldOut, Sheet, answers};
pub use target::{Target, TrueFocus, targets};

use crate::classify::Label;
use crate::classify::model::{Detector, Forest, INPUTS, Model, Names, Scorer, input_names, inputs, softmax};
use crate::measure::{self, Feature, Features};
use crate::radiograph::{BodyPart, PixelSpacing, Place};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The candidates of one image that the rules do not refuse, and what each is.
#[derive(Clone, Debug)]
pub struct Image {
    /// Features, one set a candidate.
    pub features: Vec<Features>,
    /// Centroids `[row, column]` in pixels.
    pub centroids: Vec<[f64; 2]>,
    /// What each candidate is.
    pub targets: Vec<Target>,
    /// What the header says of the place.
    pub place: Place,
    /// Pixel spacing.
    pub spacing: Option<PixelSpacing>,
    /// `(rows, columns)`.
    pub shape: (usize, usize),
    /// Fold; images of one patient share it. Any number, taken modulo [`FOLDS`].
    pub fold: usize,
}

/// Parts into which images are dealt.
pub const FOLDS: usize = 5;

/// How a model is fitted.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Forest that judges a candidate without its company.
    pub alone: Boosting,
    /// Forest that judges it with its company.
    pub focus: Boosting,
    /// Forests of names.
    pub names: Boosting,
    /// Least chance at which a name is given.
    pub sure: f32,
}

impl Settings {
    /// Keeps inputs from every forest, by their names in the model file: what is each group of them good for?
    ///
    /// # Errors
    ///
    /// Names an input that does not exist.
    pub fn hide(&mut self, names: &[String]) -> Result<(), String> {
        for name in names {
            let bit = bit_of(name).ok_or_else(|| {
                format!(
                    "no input is called {name}; there are {}",
                    input_names().collect::<Vec<_>>().join(", ")
                )
            })?;
            for boosting in [&mut self.alone, &mut self.focus, &mut self.names] {
                boosting.hidden |= bit;
            }
        }
        Ok(())
    }
}

/// The bit of an input in [`Boosting::hidden`].
fn bit_of(name: &str) -> Option<u64> {
    input_names().position(|known| known == name).map(|nth| 1 << nth)
}

fn bits_of(features: &[Feature]) -> u64 {
    let each = features.iter().filter_map(|feature| bit_of(feature.name()));
    each.fold(0, |bits, bit| bits | bit)
}

/// More of these never makes a candidate less likely. Trees that are free to do so learn how dense the deposits of their own
/// pictures are, and pass over what is clearer than any of them.
const SPEAKS_FOR: [Feature; 4] = [
    Feature::ContrastToNoise,
    Feature::RoseSnr,
    Feature::BoundaryClosure,
    Feature::Company,
];

/// More of these never makes it more likely.
const SPEAKS_AGAINST: [Feature; 4] = [
    Feature::RingSlope,
    Feature::BoneOverlap,
    Feature::MetalOverlap,
    Feature::SaturatedFraction,
];

impl Default for Settings {
    fn default() -> Self {
        // The company of a candidate takes in its likelihood; the plain count of candidates around it misleads.
        let hidden = bits_of(&[
            Feature::Neighbours,
            Feature::NearestNeighbourMm,
            Feature::Alignment,
            Feature::Collinearity,
        ]);
        let (rising, falling) = (bits_of(&SPEAKS_FOR), bits_of(&SPEAKS_AGAINST));
        Self {
            alone: Boosting {
                trees: 150,
                depth: 6,
                rate: 0.1,
                inputs: 0.3,
                hidden,
                rising,
                falling,
                ..Boosting::default()
            },
            focus: Boosting {
                trees: 300,
                depth: 8,
                rate: 0.1,
                inputs: 0.3,
                hidden,
                rising,
                falling,
                ..Boosting::default()
            },
            names: Boosting {
                trees: 150,
                depth: 4,
                rate: 0.07,
                lambda: 2.0,
                least_hessian: 1.0,
                ..Boosting::default()
            },
            sure: 0.25,
        }
    }
}

/// Too little to learn from.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TooFew(String);

/// Most candidates that are nothing to learn from.
const MOST_NOTHING: usize = 240_000;

/// Sum of the weights of all foci of a label of the mission.
const NAME_WEIGHT: f32 = 400.0;

// `Boosting::hidden` has a bit for each.
const _: () = assert!(INPUTS <= 64);

/// Least number of foci, and of candidates that are none.
const LEAST: usize = 50;

/// Fits a model to `images`. Same images in the same order: same model.
///
/// # Errors
///
/// [`TooFew`] when there are fewer than 50 foci or 50 candidates that are none.
pub fn fit(
    mut images: Vec<Image>,
    identity: &str,
    built_on: &str,
    settings: &Settings,
) -> Result<(Model, Figures), TooFew> {
    let count = |is: &dyn Fn(Target) -> bool| {
        images
            .iter()
            .flat_map(|image| &image.targets)
            .filter(|&&t| is(t))
            .count()
    };
    let foci = count(&|target| matches!(target, Target::Focus(_)));
    let others = count(&|target| target == Target::Nothing);
    if foci < LEAST || others < LEAST {
        return Err(TooFew(format!(
            "{foci} foci and {others} other candidates are too few to learn from: at least {LEAST} of each are needed"
        )));
    }
    for (nth, image) in images.iter_mut().enumerate() {
        forget_place(nth, image);
    }
    let (mut images, mut without): (Vec<Image>, Vec<Image>) =
        images.into_iter().partition(|image| image.spacing.is_some());
    let (with_spacing, sheets_with) = detector(&mut images, settings);
    let (without_spacing, sheets_without) = detector(&mut without, settings);
    let (names, chances) = names(&images, settings);
    let mut held_out = HeldOut {
        with_spacing: sheets_with,
        without_spacing: sheets_without,
    };
    name(&mut held_out.with_spacing, &images, &names, &chances, settings.sure);
    let figures = Figures::of(held_out);
    let model = Model {
        identity: identity.to_owned(),
        built_on: built_on.to_owned(),
        inputs: input_names().map(str::to_owned).collect(),
        sure: settings.sure,
        with_spacing,
        without_spacing,
        names,
    };
    Ok((model, figures))
}

/// Some headers state no body part: the trees have to cope with that.
fn forget_place(nth: usize, image: &mut Image) {
    if nth % 6 == 5 {
        image.place.body_part = BodyPart::Unknown;
    }
}

/// Weight of a label beyond the mission over that of one of the six.
const FURTHER_WEIGHT: f32 = 0.3;

/// Weight of amorphous calcification over that of the other labels of the mission: it is the most frequent kind by far.
const CALCIFICATION_WEIGHT: f32 = 1.5;

/// Forests that name foci, and their chances for every candidate with a name, image after image, each from forests that
/// have not seen the image. Names are learned as if each were met about equally often: how rare it is differs from archive
/// to archive.
fn names(images: &[Image], settings: &Settings) -> (Names, Vec<Vec<f32>>) {
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

/// Writes down true and given names, given the chances of each candidate that has a name.
fn name(sheets: &mut [Sheet], images: &[Image], names: &Names, chances: &[Vec<f32>], sure: f32) {
    let mut chances = chances.iter();
    for (sheet, image) in sheets.iter_mut().zip(images) {
        let truths = image.targets.iter().filter_map(|target| target.name());
        let given = truths.zip(&mut chances).map(|(truth, chances)| {
            let chances = names.forests.keys().copied().zip(chances.iter().copied());
            (truth, held_out::given(chances, sure))
        });
        sheet.named = given.collect();
    }
}

/// Forests that find foci in `images`; sets the features of company of their candidates.
fn detector(images: &mut [Image], settings: &Settings) -> (Detector, Vec<Sheet>) {
    let is_focus = held_out::is_focus;
    let (alone, suspicions) = scorer(images, &settings.alone, is_focus, &Nothing::evenly(images));
    for (image, suspicions) in images.iter_mut().zip(&suspicions) {
        measure::company(
            &mut image.features,
            &image.centroids,
            suspicions,
            image.spacing,
            image.shape,
        );
    }
    let hardest = Nothing::hardest(images, &suspicions);
    let (focus, chances) = scorer(images, &settings.focus, is_focus, &hardest);
    let sheets = images.iter().zip(&chances).map(|(image, chances)| Sheet {
        unit: image.fold,
        found: held_out::found(image, chances),
        named: Vec::new(),
    });
    (Detector { alone, focus }, sheets.collect())
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
    let chance = |own: &f32| {
        let log_odds = f64::from(scorer.calibration[0] * own + scorer.calibration[1]);
        (1.0 / (1.0 + (-log_odds).exp())) as f32
    };
    let chances = log_odds.iter().map(|own| own.iter().map(chance).collect()).collect();
    (scorer, chances)
}

/// Weight of each of an image's foci called `label`, and of all of them together: a field of a hundred grains is not a
/// hundred times the evidence of one mass.
fn in_field(image: &Image, label: Label) -> (f32, f32) {
    let own = image.targets.iter().filter(|target| target.name() == Some(label));
    let count = own.count() as f32;
    let each = (1.0 / count.max(1.0).sqrt()).max(0.2);
    (each, each * count)
}

/// Weight of all foci called `label` in `images`.
fn in_fields(images: &[Image], label: Label) -> f32 {
    images.iter().map(|image| in_field(image, label).1).sum()
}

/// How much a focus with each name counts when finding is learned: of the mission's labels the rarer the more, up to
/// twice, so that a mass is not passed over for being one among a thousand grains.
fn rarity(images: &[Image]) -> BTreeMap<Label, f32> {
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
