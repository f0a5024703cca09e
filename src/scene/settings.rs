//! Settings of the scene.

use crate::radiograph::Radiograph;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the surroundings are read. Lengths are in mm in the plane of the spacing; without spacing the picture's longest
/// side is taken as `assumed_field_mm`, which sets sizes of kernels only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SceneSettings {
    /// Most coarse pixels along the longest side.
    pub longest_side: usize,
    /// Longest side of a picture that states no spacing, in mm.
    pub assumed_field_mm: f64,
    /// Height of a collimator edge, as a share of the range of pixel values.
    pub collimator_step: f64,
    /// Share of a line along which the step must be present.
    pub collimator_support: f64,
    /// Largest tilt of a collimator edge, in degrees.
    pub collimator_tilt_deg: f64,
    /// Share of pixels the direct-exposure mode must hold in one of 200 histogram bins.
    pub air_mode_share: f64,
    /// Diameter of the opening that removes bones from their surroundings, in mm.
    pub bone_opening_mm: f64,
    /// The same as a share of the width of the body, if the skin is in the picture.
    pub bone_opening_of_body: f64,
    /// Diameter of the opening for narrow bones, and the least for any, in mm.
    pub bone_narrow_mm: f64,
    /// A bright component longer than this, or one cut by the field edge, is bone.
    pub bone_length_mm: f64,
    /// Length over width from which a component half as long, or one of the second brightness class, is bone.
    pub bone_aspect: f64,
    /// Smallest height of bone over soft tissue, as a share of the range of pixel values in the body.
    pub bone_min_contrast: f64,
    /// Length over width from which a bone sets the direction of the limb.
    pub limb_bone_aspect: f64,
    /// Length over width from which the outline of the body sets the direction of the limb.
    pub limb_body_aspect: f64,
    /// A bright object in direct exposure smaller than this share of the largest part of the body is no body.
    pub island_share: f64,
    /// A smaller object in direct exposure is noise, in mm2.
    pub island_least_mm2: f64,
    /// Level of metal, as a share of the range of pixel values in the field.
    pub metal_level: f64,
    /// Steepness of a metal edge: rise per coarse pixel as a share of the object's height.
    pub metal_edge: f64,
}

impl SceneSettings {
    /// Side of a pixel of `radiograph` in mm, the geometric mean of both ways: stated, or assumed where nothing is.
    pub fn native_mm(&self, radiograph: &Radiograph) -> f64 {
        let (rows, columns) = radiograph.shape();
        let stated = radiograph.spacing().map(|spacing| spacing.mean());
        stated.unwrap_or(self.assumed_field_mm / rows.max(columns) as f64)
    }
}

impl Default for SceneSettings {
    fn default() -> Self {
        Self {
            longest_side: 560,
            assumed_field_mm: 350.0,
            collimator_step: 0.06,
            collimator_support: 0.85,
            collimator_tilt_deg: 12.0,
            air_mode_share: 0.02,
            bone_opening_mm: 60.0,
            bone_opening_of_body: 0.45,
            bone_narrow_mm: 24.0,
            bone_length_mm: 90.0,
            bone_aspect: 3.5,
            bone_min_contrast: 0.06,
            limb_bone_aspect: 3.0,
            limb_body_aspect: 1.5,
            island_share: 0.03,
            island_least_mm2: 8.0,
            metal_level: 0.97,
            metal_edge: 0.3,
        }
    }
}
