//! Features and labels to a model: forests, each calibrated on images it was not fitted to.
//!
//! Takes the candidates of images with what each truly is; knows no files. Images are dealt into folds, so
//! that no figure and no calibration comes from an image the forest has seen.

mod adam;
mod adapt;
mod augment;
mod backward;
mod boost;
mod calibrate;
mod company;
mod curve;
mod detector;
mod examples;
mod export;
mod field;
mod figures;
mod form;
mod gain;
mod held_out;
mod look;
mod names;
mod network;
mod table;
mod target;

pub use adapt::adapt;
pub use augment::augmented;
pub use boost::{Boosting, fit as boost, fit_classes as boost_classes};
pub use calibrate::{Answer, Choice, calibrate, sharpness};
pub use examples::{examples, reduced, sized};
pub use export::exported;
pub use figures::{Detection, Figures};
pub use gain::{Compared, Gain};
pub use held_out::{Answered, HeldOut, Sheet, answers};
pub use table::Table;
pub use target::{Target, TrueFocus, targets};

use crate::classify::model::{INPUTS, Model, input_names};
use crate::measure::{self, Feature, Features, Views};
use crate::radiograph::{BodyPart, PixelSpacing, Place};
use look::Part;

/// The candidates of one image that the rules do not refuse, and what each is.
#[derive(Clone, Debug)]
pub struct Image {
    /// Features, one set a candidate.
    pub features: Vec<Features>,
    /// Centroids `[row, column]` in pixels.
    pub centroids: Vec<[f64; 2]>,
    /// What each candidate is.
    pub targets: Vec<Target>,
    /// What each looks like, if it is to be looked at.
    pub views: Vec<Option<Views>>,
    /// What the header says of the place.
    pub place: Place,
    /// Pixel spacing.
    pub spacing: Option<PixelSpacing>,
    /// `(rows, columns)`.
    pub shape: (usize, usize),
    /// Fold; images of one patient share it. Any number, taken modulo [`FOLDS`].
    pub fold: usize,
}

impl Image {
    /// Sets the features of company of the candidates, each of which is as likely a focus as `suspicions` say.
    fn set_company(&mut self, suspicions: &[f32]) {
        measure::company(
            &mut self.features,
            &self.centroids,
            suspicions,
            self.spacing,
            self.shape,
        );
    }
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

// `Boosting::hidden` has a bit for each.
const _: () = assert!(INPUTS <= 64);

/// Least number of foci, and of candidates that are none.
const LEAST: usize = 50;

/// Fits a model to `images`. Same images in the same order: same model. Of a model `before`, the network is taken if there is too
/// little to learn one from.
///
/// # Errors
///
/// [`TooFew`] when there are fewer than 50 foci or 50 candidates that are none.
pub fn fit(
    images: Vec<Image>,
    before: &Model,
    identity: &str,
    built_on: &str,
    settings: &Settings,
) -> Result<(Model, Figures), TooFew> {
    let (mut images, mut without) = prepared(images)?;
    let (with_spacing, mut found) = detector::fit(&mut images, settings);
    let (without_spacing, mut found_without) = detector::fit(&mut without, settings);
    let (names, mut named) = names::fit(&images, settings);
    let (names_without_spacing, mut named_without) = names::fit(&without, settings);
    let mut parts = [
        Part {
            images: &images,
            names: &names,
            found: &mut found,
            named: &mut named,
        },
        Part {
            images: &without,
            names: &names_without_spacing,
            found: &mut found_without,
            named: &mut named_without,
        },
    ];
    let look = look::fit(&mut parts, before.network.as_ref());
    let is_new = look.as_ref().is_some_and(|look| look.is_new);
    let company = company::fit(&parts, |image| !is_new || look::is_kept(image.fold));
    let [with, without] = parts.map(|part| part.sheets(settings.sure));
    let mut held_out = HeldOut {
        with_spacing: with,
        without_spacing: without,
    };
    if is_new {
        held_out.keep(look::is_kept);
    }
    let figures = Figures::of(held_out);
    let model = Model {
        identity: identity.to_owned(),
        built_on: built_on.to_owned(),
        inputs: input_names().map(str::to_owned).collect(),
        sure: settings.sure,
        with_spacing,
        without_spacing,
        names,
        names_without_spacing,
        company,
        network: look.map(|look| look.network),
    };
    Ok((model, figures))
}

/// Images to learn from, those with a spacing and those without.
fn prepared(mut images: Vec<Image>) -> Result<(Vec<Image>, Vec<Image>), TooFew> {
    enough(&images)?;
    for (nth, image) in images.iter_mut().enumerate() {
        forget_place(nth, image);
    }
    Ok(images.into_iter().partition(|image| image.spacing.is_some()))
}

/// Whether there is something to learn from.
fn enough(images: &[Image]) -> Result<(), TooFew> {
    let targets = || images.iter().flat_map(|image| &image.targets);
    let foci = targets().filter(|target| matches!(target, Target::Focus(_))).count();
    let others = targets().filter(|target| **target == Target::Nothing).count();
    if foci < LEAST || others < LEAST {
        return Err(TooFew(format!(
            "{foci} foci and {others} other candidates are too few to learn from: at least {LEAST} of each are needed"
        )));
    }
    Ok(())
}

/// Some headers state no body part: the trees have to cope with that.
fn forget_place(nth: usize, image: &mut Image) {
    if nth % 6 == 5 {
        image.place.body_part = BodyPart::Unknown;
    }
}
