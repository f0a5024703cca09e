//! Features and labels to a model: forests, each calibrated on images it was not fitted to.
//!
//! Takes the candidates of images with what each truly is; knows no files. Images are dealt into folds, so
//! that no figure and no calibration comes from an image the forest has seen.

mod boost;
mod calibrate;
mod examples;
mod figures;
mod target;

pub use boost::{Boosting, Table, fit as boost};
pub use calibrate::{Answer, calibrate};
pub use examples::{examples, reduced};
pub use figures::{Detection, Figures};
pub use target::{Target, TrueFocus, targets};

use crate::classify::Label;
use crate::classify::model::{Detector, Forest, INPUTS, Model, Scorer, input_names, inputs};
use crate::measure::{self, Features};
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

impl Default for Settings {
    fn default() -> Self {
        Self {
            alone: Boosting {
                trees: 120,
                depth: 4,
                rate: 0.1,
                ..Boosting::default()
            },
            focus: Boosting {
                trees: 350,
                depth: 6,
                rate: 0.05,
                ..Boosting::default()
            },
            names: Boosting {
                trees: 200,
                depth: 5,
                rate: 0.05,
                least_hessian: 2.0,
                ..Boosting::default()
            },
            sure: 0.3,
        }
    }
}

/// Too little to learn from.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TooFew(String);

/// Most candidates that are nothing to learn from.
const MOST_NOTHING: usize = 120_000;

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
    // Some headers state no body part: the trees have to cope with that.
    for (nth, image) in images.iter_mut().enumerate() {
        if nth % 6 == 5 {
            image.place.body_part = BodyPart::Unknown;
        }
    }
    let (mut images, mut without): (Vec<Image>, Vec<Image>) =
        images.into_iter().partition(|image| image.spacing.is_some());
    let (with_spacing, figures_with) = detector(&mut images, settings);
    let (without_spacing, figures_without) = detector(&mut without, settings);
    let known: Vec<Label> = Label::ALL
        .into_iter()
        .filter(|&label| count_label(&images, label) > 0)
        .collect();
    // Names are learned as if all were met equally often: how rare each is differs from archive to archive.
    let balance: BTreeMap<Option<Label>, f32> = [None]
        .into_iter()
        .chain(known.iter().copied().map(Some))
        .map(|name| (name, share_of(&images, name)))
        .collect();
    let weigh = |target: Target| match target {
        Target::Focus(name) => balance.get(&name).copied().unwrap_or(1.0),
        _ => 1.0,
    };
    let named: Vec<(Label, Fitted)> = known
        .par_iter()
        .map(|&label| {
            let is_label = |target: Target| match target {
                Target::Focus(name) => Some(name == Some(label)),
                Target::Nothing | Target::Part | Target::Ignored => None,
            };
            (label, scorer(&images, &settings.names, is_label, weigh))
        })
        .collect();
    let figures = Figures {
        with_spacing: figures_with,
        without_spacing: figures_without,
        names: confusion(&images, &named, settings.sure),
    };
    let model = Model {
        identity: identity.to_owned(),
        built_on: built_on.to_owned(),
        inputs: input_names().map(str::to_owned).collect(),
        sure: settings.sure,
        with_spacing,
        without_spacing,
        names: named.into_iter().map(|(label, (scorer, _))| (label, scorer)).collect(),
    };
    Ok((model, figures))
}

/// True against given names of the foci among the candidates.
fn confusion(images: &[Image], named: &[(Label, Fitted)], sure: f32) -> BTreeMap<Label, BTreeMap<Label, usize>> {
    let mut confusion: BTreeMap<Label, BTreeMap<Label, usize>> = BTreeMap::new();
    for (at, image) in images.iter().enumerate() {
        for (nth, &target) in image.targets.iter().enumerate() {
            let Target::Focus(Some(truth)) = target else { continue };
            let best = named
                .iter()
                .map(|(label, (_, chances))| (chances[at][nth], *label))
                .fold(
                    (sure, Label::Indeterminate),
                    |best, own| if own.0 > best.0 { own } else { best },
                );
            *confusion.entry(truth).or_default().entry(best.1).or_default() += 1;
        }
    }
    confusion
}

/// Forests that find foci in `images`; sets the features of company of their candidates.
fn detector(images: &mut [Image], settings: &Settings) -> (Detector, figures::Detection) {
    let is_focus = |target: Target| match target {
        Target::Focus(_) => Some(true),
        Target::Nothing | Target::Part => Some(false),
        Target::Ignored => None,
    };
    let (alone, suspicions) = scorer(images, &settings.alone, is_focus, |_| 1.0);
    for (image, suspicions) in images.iter_mut().zip(&suspicions) {
        measure::company(
            &mut image.features,
            &image.centroids,
            suspicions,
            image.spacing,
            image.shape,
        );
    }
    let (focus, chances) = scorer(images, &settings.focus, is_focus, |_| 1.0);
    let answers = images.iter().zip(&chances).flat_map(|(image, chances)| {
        let each = image.targets.iter().zip(chances);
        each.filter_map(|(&target, &chance)| Some((chance, is_focus(target)?)))
    });
    let figures = figures::Detection::of(answers.collect());
    (Detector { alone, focus }, figures)
}

fn count_label(images: &[Image], label: Label) -> usize {
    let targets = images.iter().flat_map(|image| &image.targets);
    targets.filter(|&&target| target == Target::Focus(Some(label))).count()
}

/// A calibrated forest, and its chances for every candidate of every image, each from a forest that has not seen the image.
type Fitted = (Scorer, Vec<Vec<f32>>);

/// A forest for the question `asks`.
fn scorer(
    images: &[Image],
    boosting: &Boosting,
    asks: impl Fn(Target) -> Option<bool> + Sync,
    weigh: impl Fn(Target) -> f32 + Sync,
) -> Fitted {
    let mut forests: Vec<Forest> = (0..=FOLDS)
        .into_par_iter()
        .map(|left_out| boost(&table(images, &asks, &weigh, |fold| fold % FOLDS != left_out), boosting))
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
                    weight: weigh(target),
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

/// The factor that gives foci called `name` the same weight in sum as any other name has.
fn share_of(images: &[Image], name: Option<Label>) -> f32 {
    let own: f32 = images.iter().map(|image| in_field(image, Target::Focus(name)).1).sum();
    let all: f32 = images
        .iter()
        .flat_map(|image| {
            Label::ALL
                .map(Some)
                .into_iter()
                .chain([None])
                .map(|name| in_field(image, Target::Focus(name)).1)
        })
        .sum();
    if own > 0.0 {
        all / own / Label::ALL.len() as f32
    } else {
        1.0
    }
}

/// Weight of each of an image's candidates that are `target`, and of all of them together: a field of a hundred grains
/// is not a hundred times the evidence of one mass.
fn in_field(image: &Image, target: Target) -> (f32, f32) {
    let count = image.targets.iter().filter(|&&own| own == target).count() as f32;
    let each = (1.0 / count.max(1.0).sqrt()).max(0.2);
    (each, each * count)
}

/// The candidates of the folds that `takes`, with the answers to `asks`.
fn table(
    images: &[Image],
    asks: &impl Fn(Target) -> Option<bool>,
    weigh: &impl Fn(Target) -> f32,
    takes: impl Fn(usize) -> bool,
) -> Table {
    let mut table = Table {
        width: INPUTS,
        ..Table::default()
    };
    let nothing = images
        .iter()
        .flat_map(|image| &image.targets)
        .filter(|&&target| target == Target::Nothing)
        .count();
    // Of many candidates that are nothing every so manieth stands for the rest.
    let every = nothing.div_ceil(MOST_NOTHING).max(1);
    let mut passed = 0;
    for image in images.iter().filter(|image| takes(image.fold)) {
        for (features, &target) in image.features.iter().zip(&image.targets) {
            if target == Target::Nothing {
                passed += 1;
                if passed % every != 0 {
                    continue;
                }
            }
            if let Some(answer) = asks(target) {
                let each = match target {
                    Target::Nothing => every as f32,
                    Target::Part => 0.4,
                    _ => in_field(image, target).0,
                };
                table.values.extend(inputs(features, &image.place));
                table.targets.push(f32::from(u8::from(answer)));
                table.weights.push(each * weigh(target));
            }
        }
    }
    table
}
