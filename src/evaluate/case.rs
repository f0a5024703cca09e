//! One image: what is truly there, and what was found.

use crate::label::Region;
use crate::units::Millimetres;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Whether a focus can be asked of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Stands out: contrast at least once the structure and three times the noise around it.
    Clear,
    /// Between.
    Visible,
    /// Cannot be seen, or cut by the edge of the field: neither missed nor false.
    Ignore,
}

/// A deposit that is truly there.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthFocus {
    /// Its pixels.
    pub region: Region,
    /// Whether `region` is a drawn mask; a mere box takes no part in Dice and area.
    pub masked: bool,
    /// Machine name of what it is, such as `rice_grain`.
    pub label: Cow<'static, str>,
    /// Whether it counts.
    pub visibility: Visibility,
    /// Mean contrast over the standard deviation of the ring 1 to 6 mm around it, if known.
    pub cnr: Option<f32>,
    /// Share of its pixels over bone, if known.
    pub over_bone: Option<f32>,
}

impl TruthFocus {
    /// A clear focus with a mask, its contrast and place unknown.
    pub fn new(region: Region, label: impl Into<Cow<'static, str>>) -> Self {
        Self {
            region,
            masked: true,
            label: label.into(),
            visibility: Visibility::Clear,
            cnr: None,
            over_bone: None,
        }
    }
}

/// What was called a focus.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Its pixels.
    pub region: Region,
    /// Whether `region` is a mask and not a mere box.
    pub masked: bool,
    /// Centre of area `[row, column]` in pixels; `[0.0, 0.0]` is the centre of the first pixel.
    pub centroid: [f64; 2],
    /// Score that it is a true focus, `0.0..=1.0`, larger is surer.
    pub score: f32,
    /// Machine name it was given; anything but a mission label is a wrong name for a mission label.
    pub label: Cow<'static, str>,
    /// Score of the name, `0.0..=1.0`, if there is one.
    pub label_score: Option<f32>,
    /// Scores of this name and of others by machine name, `0.0..=1.0`, as far as they are stated.
    pub scores: Vec<(Cow<'static, str>, f32)>,
}

impl Detection {
    /// Whether it is likelier to be called `name` than `other`: by their scores, or by the name it was given where they are not stated.
    pub fn prefers(&self, name: &str, other: &str) -> bool {
        let score = |name: &str| {
            self.scores
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, score)| *score)
        };
        match (score(name), score(other)) {
            (Some(own), Some(others)) => own > others,
            _ => self.label == name,
        }
    }

    /// A detection with a mask, its centroid worked out from the mask.
    pub fn new(region: Region, score: f32, label: impl Into<Cow<'static, str>>) -> Self {
        Self {
            centroid: super::geometry::centroid(&region),
            region,
            masked: true,
            score,
            label: label.into(),
            label_score: None,
            scores: Vec::new(),
        }
    }
}

impl From<&crate::finding::Focus> for Detection {
    fn from(focus: &crate::finding::Focus) -> Self {
        Self {
            region: focus.candidate.region.clone(),
            masked: true,
            centroid: focus.candidate.centroid,
            score: focus.score,
            label: focus.assessment.label.name().into(),
            label_score: Some(focus.assessment.label_score),
            scores: {
                let each = focus.assessment.scores.iter();
                each.map(|(label, score)| (label.name().into(), *score)).collect()
            },
        }
    }
}

/// Something that is there and fools detectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Distractor {
    /// Its pixels.
    pub region: Region,
    /// Machine name of what it is, such as `vessel`, `metal` or `marker`.
    pub kind: Cow<'static, str>,
}

impl Distractor {
    /// Whether it is a calcified vessel.
    pub fn is_vessel(&self) -> bool {
        is_vascular(&self.kind)
    }
}

/// Whether `name` says vessel: of a distractor or of a label.
pub(super) fn is_vascular(name: &str) -> bool {
    let of_vessels = |part: &str| {
        matches!(
            part,
            "vessel" | "vessels" | "vascular" | "arterial" | "artery" | "venous" | "vein"
        )
    };
    name.split(['_', ' ', '-']).any(of_vessels)
}

/// One image with its truth and its detections.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What the image is called in messages.
    pub name: String,
    /// `(rows, columns)`.
    pub shape: (u32, u32),
    /// Distance between rows and between columns.
    pub spacing: Option<[Millimetres; 2]>,
    /// Area searched, in cm2: the body or the exposed field.
    pub area_cm2: Option<f64>,
    /// Whether nobody was irradiated for it.
    pub synthetic: bool,
    /// Machine name of the part of the body, if known.
    pub part: Option<Cow<'static, str>>,
    /// What is truly there.
    pub truth: Vec<TruthFocus>,
    /// What may be mistaken.
    pub distractors: Vec<Distractor>,
    /// What was found, in any order.
    pub found: Vec<Detection>,
}

impl Case {
    /// An image without anything; its area is that of all pixels if it has a spacing.
    pub fn new(name: impl Into<String>, shape: (u32, u32), spacing: Option<[Millimetres; 2]>) -> Self {
        let area = |[down, across]: [Millimetres; 2]| {
            f64::from(shape.0) * f64::from(shape.1) * down.get() * across.get() / 100.0
        };
        Self {
            name: name.into(),
            shape,
            spacing,
            area_cm2: spacing.map(area),
            synthetic: false,
            part: None,
            truth: Vec::new(),
            distractors: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Whether the image has no deposit at all, not even one to ignore.
    pub fn is_normal(&self) -> bool {
        self.truth.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::is_vascular;

    #[test]
    fn vascular_names_are_known_by_their_words() {
        for name in [
            "vessel",
            "arterial_calcification",
            "vascular",
            "venous-wall",
            "calcified artery",
        ] {
            assert!(is_vascular(name), "{name}");
        }
        for name in ["phlebolith", "calcification", "metal", "avenous_mass"] {
            assert!(!is_vascular(name), "{name}");
        }
    }
}
