//! What is exactly known of a synthetic radiograph.

use super::anatomy::Scene;
use super::beam::Exposure;
use super::distractor::{Distractor, DistractorKind};
use super::focus::Kind;
use super::look::{Look, Processing};
use super::split::Split;
use crate::label::{Bounds, Region};
use serde::{Deserialize, Serialize};

/// Whether a focus can be asked of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// `cnr` at least 1 and `cnr_noise` at least 3.
    Clear,
    /// Between.
    Visible,
    /// `cnr` below 0.4, `cnr_noise` below 1, or cut by the edge of the field: neither missed nor false.
    Ignore,
}

/// One deposit.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthFocus {
    /// What it is.
    pub kind: Kind,
    /// Its form, such as `lucent_centre`.
    pub form: &'static str,
    /// Pixels where its thickness along the beam is at least a quarter of its largest.
    pub region: Region,
    /// Mean contrast in the mask over the standard deviation of the ring 1 to 6 mm around it after removing a plane.
    pub cnr: f32,
    /// The same contrast over the standard deviation of noise alone.
    pub cnr_noise: f32,
    /// Share of its pixels over bone of the body.
    pub over_bone: f32,
    /// Whether it counts.
    pub visibility: Visibility,
}

/// One synthetic radiograph.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Part of the body.
    pub scene: Scene,
    /// Part of the set.
    pub split: Split,
    /// Age of the body in years.
    pub age_years: f32,
    /// How it is shown.
    pub look: Look,
    /// Its settings.
    pub processing: Processing,
    /// How it was exposed.
    pub exposure: Exposure,
    /// Side letter, if one is there.
    pub marker: Option<char>,
    /// Metal, if some is there.
    pub metal: Option<&'static str>,
    /// Whether an artery with calcified walls is there.
    pub vessel: bool,
    /// Whether lines of a grid are seen.
    pub grid: bool,
    /// Whether text is burned in.
    pub burned_in: bool,
    /// What is not a focus and may be taken for one.
    pub distractors: Vec<Distractor>,
    /// Deposits in raster order of their first pixel.
    pub foci: Vec<TruthFocus>,
}

/// Record of one deposit in `truth.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FocusRecord {
    /// 1-based within the image.
    pub focus: u32,
    /// Name of what it is.
    pub label: String,
    /// Name of its form.
    pub form: String,
    /// Half-open box in pixels.
    #[serde(rename = "box")]
    pub bounds: Bounds,
    /// Pixels.
    pub area_px: u64,
    /// Area in mm2.
    pub area_mm2: f64,
    /// Contrast over structure, see [`TruthFocus::cnr`].
    pub cnr: f32,
    /// Contrast over noise.
    pub cnr_noise: f32,
    /// Share over bone.
    pub over_bone: f32,
    /// Whether it counts.
    pub visibility: Visibility,
    /// Mask as COCO compressed run lengths.
    pub segmentation: crate::write::Rle,
}

/// Record of one image in `truth.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImageRecord {
    /// File name.
    pub file: String,
    /// Always true: no patient was irradiated.
    pub synthetic: bool,
    /// Part of the body.
    pub scene: Scene,
    /// Part of the set.
    pub split: Split,
    /// Age of the body in years.
    pub age_years: f32,
    /// How it is shown.
    pub look: Look,
    /// Its settings.
    pub processing: Processing,
    /// How it was exposed.
    pub exposure: Exposure,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Millimetres along the side of a pixel.
    pub spacing_mm: f64,
    /// Side letter.
    pub marker: Option<char>,
    /// Metal.
    pub metal: Option<String>,
    /// Artery with calcified walls.
    pub vessel: bool,
    /// Lines of a grid.
    pub grid: bool,
    /// Burned-in text.
    pub burned_in: bool,
    /// What is not a focus and may be taken for one.
    pub distractors: Vec<DistractorRecord>,
    /// Deposits.
    pub foci: Vec<FocusRecord>,
}

/// Record of one distractor in `truth.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DistractorRecord {
    /// What it is.
    pub kind: DistractorKind,
    /// Half-open box in pixels.
    #[serde(rename = "box")]
    pub bounds: Bounds,
    /// Mask as COCO compressed run lengths.
    pub segmentation: crate::write::Rle,
}
