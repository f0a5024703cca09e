//! Mask to regions: connected components as runs, without a label image.
//!
//! Takes a [`Mask`](crate::radiograph::Mask), gives [`Region`]s. Knows no thresholds and no millimetres.

mod component;
mod holes;
mod region;
mod scan;

pub use component::{Borders, Component, Connectivity, Intensity, Summary};
pub use holes::{fill_holes, fill_holes_up_to};
pub use region::{Bounds, Region, Run};
pub use scan::{components, components_where, summaries};
