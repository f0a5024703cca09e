//! A candidate together with the verdict on it.

use crate::classify::{Assessment, Evidence, Rejection};
use crate::label::Region;
use crate::measure::Features;

/// A region with its measurements, before judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its pixels, at native resolution.
    pub region: Region,
    /// Centre of area `[row, column]` in pixels; `[0.0, 0.0]` is the centre of the first pixel.
    pub centroid: [f64; 2],
    /// What was measured.
    pub features: Features,
}

/// A candidate that was judged to be a focus.
#[derive(Clone, Debug, PartialEq)]
pub struct Focus {
    /// 1-based, in raster order of the first pixel, so that two runs agree.
    pub number: u32,
    /// Number of the [`Finding`](super::Finding) it belongs to.
    pub finding: u32,
    /// Its pixels and measurements.
    pub candidate: Candidate,
    /// Score in `0.0..=1.0` that this is a true focus in soft tissue. Not a probability unless the classifier is calibrated.
    pub score: f32,
    /// What it is called and why.
    pub assessment: Assessment,
}

/// A candidate that was not a focus, kept with its reason: nothing disappears silently.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// Its pixels and measurements; what its inside tells only where the reason could have depended on it.
    pub candidate: Candidate,
    /// Why.
    pub reason: Rejection,
    /// What spoke for the reason.
    pub evidence: Vec<Evidence>,
}
