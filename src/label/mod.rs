//! Mask to regions: connected components as runs, without a label image.
//!
//! Takes a [`Mask`](crate::radiograph::Mask), gives [`Region`]s. Knows no thresholds and no millimetres.

mod region;

pub use region::{Bounds, Region, Run};
