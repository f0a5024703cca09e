//! What is stated about one image: plain data that carries its proof, and no pixels.
//!
//! Takes foci, findings and rejected candidates. Holds UIDs, never names; knows no format.

use crate::finding::{Finding, Focus, Rejected};
use crate::radiograph::{PixelSpacing, Place, Warning};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the result came to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// `calxray` and its version.
    pub software: String,
    /// SHA-256 of the effective settings as canonical TOML, lower-case hex.
    pub settings_digest: String,
    /// Name and version of the classifier.
    pub classifier: String,
}

/// How far the surroundings of the foci could be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SceneSummary {
    /// Share of the image inside the exposed field, `0.0..=1.0`.
    pub field_fraction: f64,
    /// Share of the field that shows the body.
    pub body_fraction: f64,
    /// Share of the body hidden by bone: foci there were not evaluated.
    pub bone_fraction: f64,
    /// Share of the field covered by metal.
    pub metal_fraction: f64,
    /// Side markers and text found.
    pub markers: u32,
    /// Direction of the limb against the row direction (down), degrees; `None` when no limb was seen.
    pub limb_axis_deg: Option<f64>,
}

/// All that was found in one image. A focus not reported is not proof of absence.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `(rows, columns)` of the image analysed.
    pub shape: (usize, usize),
    /// Spacing used; `None`: sizes are in pixels and no size rule fired.
    pub spacing: Option<PixelSpacing>,
    /// What the header said of the place.
    pub place: Place,
    /// How the surroundings were read.
    pub scene: SceneSummary,
    /// Statements, numbered from 1.
    pub findings: Vec<Finding>,
    /// Foci, numbered from 1 in raster order.
    pub foci: Vec<Focus>,
    /// Candidates that are not foci, in raster order.
    pub rejected: Vec<Rejected>,
    /// Oddities of reading and analysis.
    pub warnings: Vec<Warning>,
    /// How the result came to be.
    pub provenance: Provenance,
}
