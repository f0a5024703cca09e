//! All images matched and laid out for counting.

use super::case::{Case, Detection, TruthFocus, Visibility};
use super::geometry::largest_extent;
use super::matching::{Fate, Matching, match_case, rank};
use super::options::Options;

/// Images with their matchings, and lists of what is counted in the order of the images.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) cases: &'a [Case],
    /// Foci that count.
    pub(super) foci: Vec<CountedFocus<'a>>,
    /// All detections.
    pub(super) found: Vec<JudgedDetection<'a>>,
}

/// A focus that can be asked of a detector.
#[derive(Debug)]
pub(super) struct CountedFocus<'a> {
    pub(super) image: usize,
    pub(super) truth: &'a TruthFocus,
    pub(super) off_bone: bool,
    /// Largest extent in mm.
    pub(super) extent: Option<f64>,
    pub(super) taken_by: Option<&'a Detection>,
}

/// A detection with its fate.
#[derive(Debug)]
pub(super) struct JudgedDetection<'a> {
    pub(super) image: usize,
    pub(super) detection: &'a Detection,
    pub(super) fate: Fate,
}

impl CountedFocus<'_> {
    pub(super) fn clear(&self) -> bool {
        self.truth.visibility == Visibility::Clear
    }

    /// Whether it was found by a detection that scores at least `score`.
    pub(super) fn found_at(&self, score: f32) -> bool {
        self.taken_by.is_some_and(|detection| rank(detection.score) >= score)
    }
}

impl JudgedDetection<'_> {
    /// Whether it is false and scores at least `score`.
    pub(super) fn false_at(&self, score: f32) -> bool {
        matches!(self.fate, Fate::False(_)) && rank(self.detection.score) >= score
    }
}

impl<'a> Sample<'a> {
    pub(super) fn new(cases: &'a [Case], options: &Options) -> Self {
        let (mut foci, mut found) = (Vec::new(), Vec::new());
        for (image, case) in cases.iter().enumerate() {
            let Matching { fates, taken_by } = match_case(case, options);
            let counted = case.truth.iter().zip(taken_by);
            foci.extend(counted.filter(|(truth, _)| truth.visibility != Visibility::Ignore).map(
                |(truth, taken_by)| CountedFocus {
                    image,
                    truth,
                    off_bone: truth.over_bone.is_none_or(|share| share < options.off_bone_below),
                    extent: case.spacing.map(|spacing| largest_extent(&truth.region, spacing)),
                    taken_by: taken_by.map(|index| &case.found[index]),
                },
            ));
            let judged = case.found.iter().zip(fates);
            found.extend(judged.map(|(detection, fate)| JudgedDetection { image, detection, fate }));
        }
        Self { cases, foci, found }
    }
}
