//! Region, pixels and scene to features: one catalogue of what is measured, in which unit, by which definition.
//!
//! Takes a [`Region`](crate::label::Region), the [`Radiograph`](crate::radiograph::Radiograph) and the scene;
//! gives [`Features`]. Knows no DICOM and no labels.

mod catalogue;
mod context;

pub use catalogue::{Definition, Feature, Features};
pub use context::context;
