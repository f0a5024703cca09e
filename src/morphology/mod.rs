//! Grey and binary operators on arrays and masks: erosion, dilation, opening, top-hat, reconstruction, distance,
//! smoothing and change of scale.
//!
//! Takes arrays of shape `(rows, columns)`, gives arrays or masks of the same shape (or the stated coarser one).
//! Radii are in pixels; knows no millimetres, no threads, no meaning of the values.

mod binary;
mod element;
mod flat;
mod gaussian;
mod plane;
mod reconstruction;
mod rows;
mod scale;

pub use binary::{close_mask, dilate_mask, erode_mask, open_mask};
pub use element::StructuringElement;
pub use flat::{
    black_top_hat, close, close_in_place, dilate, dilate_in_place, erode, erode_in_place, open, open_in_place,
    white_top_hat,
};
pub use gaussian::gaussian;
pub use plane::Plane;
pub use reconstruction::{open_by_reconstruction, reconstruct_by_dilation};
pub use rows::Grey;
pub use scale::{BlockMeans, downsample, upsample, upsample_mask};

use crate::radiograph::Mask;
use ndarray::Array2;

/// Squared distance from each pixel to the nearest of `mask`, see [`Mask::squared_distance`].
pub fn squared_distance_to(mask: &Mask, spacing: [f64; 2]) -> Array2<f32> {
    mask.squared_distance(spacing)
}
