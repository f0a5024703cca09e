//! Truth and detections from the text of files.
//!
//! Truth: `truth.json` of `calxray phantom`, COCO, corrections saved from `report.html`, annotations of Label Studio or CVAT. Detections: `findings.jsonl` or `coco.json` of `calxray scan`, COCO
//! of others, or a list of COCO results. Unknown fields are passed over.

mod budget;
mod coco;
mod corrections;
mod cvat;
mod found;
mod label_studio;
mod pair;
mod polygon;
mod truth;
mod xml;

pub use pair::{Inputs, pair};

use super::case::{Detection, Distractor, TruthFocus, Visibility};
use crate::units::Millimetres;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Why truth and detections could not be brought together.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Not JSON, or not of the shape expected.
    #[error("not readable as {expected}: {source}")]
    Json {
        /// What was expected.
        expected: &'static str,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// JSON of another kind.
    #[error("expected {0}")]
    Unknown(&'static str),
    /// Something in the file contradicts itself.
    #[error("{place}: {what}")]
    Damaged {
        /// Image or annotation.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// Two images of one file are called the same.
    #[error("two images are called {0}")]
    Twice(String),
    /// A name fits several.
    #[error("{name} fits several images: {first} and {second}; use longer paths")]
    Ambiguous {
        /// The name.
        name: String,
        /// One that fits.
        first: String,
        /// Another.
        second: String,
    },
    /// No name of one side fits one of the other.
    #[error("no image of the truth is among those searched: the truth has {truth}, searched was {found}")]
    NothingPairs {
        /// An image of the truth, or `nothing`.
        truth: String,
        /// An image searched, or `nothing`.
        found: String,
    },
    /// Images of the truth were not searched.
    #[error("{count} of {of} images of the truth were not searched: {examples}")]
    Missing {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
        /// Some of them, with the reason where it is known.
        examples: String,
    },
}

/// Images with what is truly there.
#[derive(Clone, Debug, Default)]
pub struct TruthSet {
    pub(super) images: Vec<TruthImage>,
    /// Numbers of images in a COCO file, to index.
    ids: BTreeMap<coco::Id, usize>,
    /// Names of categories in a COCO file.
    categories: BTreeMap<coco::Id, String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct TruthImage {
    pub(super) name: String,
    pub(super) frame: u32,
    /// Short name by its bytes, where it is known besides the name.
    pub(super) short: Option<String>,
    pub(super) shape: Option<(u32, u32)>,
    pub(super) spacing: Option<[Millimetres; 2]>,
    pub(super) synthetic: bool,
    /// Whether it is of the part that is kept for tests.
    pub(super) held_back: bool,
    pub(super) part: Option<Cow<'static, str>>,
    pub(super) foci: Vec<TruthFocus>,
    pub(super) distractors: Vec<Distractor>,
}

/// Images with what was found.
#[derive(Clone, Debug, Default)]
pub struct FoundSet {
    pub(super) images: Vec<FoundImage>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct FoundImage {
    pub(super) name: String,
    pub(super) frame: u32,
    pub(super) shape: Option<(u32, u32)>,
    pub(super) spacing: Option<[Millimetres; 2]>,
    /// Share of the image that shows the body.
    pub(super) body: Option<f64>,
    pub(super) part: Option<Cow<'static, str>>,
    /// Why it was not searched.
    pub(super) not_searched: Option<String>,
    /// Short name by its bytes, as pictures for labelling tools are called.
    pub(super) image: Option<String>,
    pub(super) detections: Vec<Detection>,
}

impl TruthSet {
    /// Reads `truth.json` of `calxray phantom`, COCO, corrections saved from `report.html`, an export of Label Studio (JSON),
    /// or of CVAT (CVAT for images 1.1).
    ///
    /// # Errors
    ///
    /// [`InputError`] if the text is none of them, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        truth::parse(text)
    }

    /// Number of images.
    pub fn images(&self) -> usize {
        self.images.len()
    }

    /// Every image with what is in it, in the order of the file.
    pub fn labelled(&self) -> impl Iterator<Item = Labelled<'_>> {
        self.images.iter().map(|image| Labelled {
            name: &image.name,
            short: image.short.as_deref(),
            frame: image.frame,
            synthetic: image.synthetic,
            held_back: image.held_back,
            shape: image.shape,
            foci: &image.foci,
            distractors: &image.distractors,
        })
    }
}

/// An image of a [`TruthSet`].
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// File name or path, as the truth has it.
    pub name: &'a str,
    /// Short name that a scan gave its bytes, where it is known besides the name.
    pub short: Option<&'a str>,
    /// Frame, from 1.
    pub frame: u32,
    /// Whether it is not of a patient.
    pub synthetic: bool,
    /// Whether it is of the part that is kept for tests.
    pub held_back: bool,
    /// `(rows, columns)`, where stated.
    pub shape: Option<(u32, u32)>,
    /// What is there.
    pub foci: &'a [TruthFocus],
    /// What is none, yet may look like one.
    pub distractors: &'a [Distractor],
}

impl FoundSet {
    /// Reads `findings.jsonl` or `coco.json` of `calxray scan`, COCO with a score in each annotation, or a list of COCO
    /// results, whose images and categories are those of `truth`.
    ///
    /// # Errors
    ///
    /// [`InputError`] if the text is none of them, or contradicts itself.
    pub fn parse(text: &str, truth: &TruthSet) -> Result<Self, InputError> {
        found::parse(text, truth)
    }

    /// Number of images.
    pub fn images(&self) -> usize {
        self.images.len()
    }
}

/// The machine name of a label as people write it: `Rice grain` becomes `rice_grain`.
fn machine_name(name: &str) -> String {
    let letters = name.trim().chars().map(|c| {
        if c.is_alphanumeric() {
            c.to_lowercase().next().unwrap_or(c)
        } else {
            '_'
        }
    });
    letters.collect()
}

/// Spacing of `down` and `across` mm, if both are lengths.
fn spacing(down: f64, across: f64) -> Option<[Millimetres; 2]> {
    Some([Millimetres::new(down)?, Millimetres::new(across)?])
}

/// Visibility by contrast over structure and over noise; clear if nothing is known.
fn visibility(cnr: Option<f32>, cnr_noise: Option<f32>) -> Visibility {
    if cnr.is_some_and(|cnr| cnr < 0.4) || cnr_noise.is_some_and(|cnr| cnr < 1.0) {
        Visibility::Ignore
    } else if cnr.is_none_or(|cnr| cnr >= 1.0) && cnr_noise.is_none_or(|cnr| cnr >= 3.0) {
        Visibility::Clear
    } else {
        Visibility::Visible
    }
}

#[cfg(test)]
mod tests;
