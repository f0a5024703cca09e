//! What can be chosen about scoring.

use serde::{Deserialize, Serialize};

/// How detections are judged. The defaults are the project's definitions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Score from which a detection counts as reported, `0.0..=1.0`. Default 0.5, that of `calxray scan`.
    pub score: f32,
    /// Resamples for intervals; 0: none. Default 1000.
    pub bootstrap: u32,
    /// Seed of the resampling. Default 1.
    pub seed: u64,
    /// How far from the mask a centroid may lie, in mm. Default 1. Without a spacing the centroid must lie in the mask.
    pub reach_mm: f64,
    /// Intersection over union of the boxes that makes a hit, above 0. Default 0.3.
    pub box_overlap: f64,
    /// Share of a detection's pixels inside a mask that makes it a lobe of it. Default 0.5.
    pub lobe_share: f64,
    /// Share of pixels over bone below which a focus is off bone. Default 0.2.
    pub off_bone_below: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            score: 0.5,
            bootstrap: 1000,
            seed: 1,
            reach_mm: 1.0,
            box_overlap: 0.3,
            lobe_share: 0.5,
            off_bone_below: 0.2,
        }
    }
}
