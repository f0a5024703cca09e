//! Region, pixels and scene to features: one catalogue of what is measured, in which unit, by which definition.
//!
//! Takes a [`Region`], the [`Radiograph`] and the scene; gives [`Features`]. Knows no DICOM and no labels.

mod background;
#[cfg(test)]
mod baseline;
mod catalogue;
mod context;
mod intensity;
mod margin;
mod neighbourhood;
mod outline;
mod radial;
mod refine;
mod scale;
mod sectors;
mod shape;
mod signal;
mod texture;

pub use catalogue::{Definition, Feature, Features};
pub use context::context;
pub use intensity::plateau;
pub use neighbourhood::neighbourhood;
pub use refine::{Refinement, refine};
pub use shape::{centroid, eccentricity};

use crate::label::Region;
use crate::radiograph::{Mask, Radiograph};

/// What measuring one region needs to know of the rest of the image.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Standard deviation of the quantum noise at the place, in pixel values; `None` if unknown.
    pub noise: Option<f64>,
    /// Pixels that are no background: other candidates, metal, markers. The region itself may be among them.
    pub excluded: Option<&'a Mask>,
    /// Lowest pixel value of the image's top plateau, see [`plateau`]; `None` if the image is not saturated.
    pub plateau: Option<u16>,
}

/// Measures everything of the catalogue that a region and its close surroundings tell.
///
/// Context (bone, field, skin, limb) is the scene's to add, and what neighbours tell needs all candidates of an image.
/// Lengths in millimetres are `None` without spacing; a feature that a region is too small for, or whose ring is not
/// in the image, is `None`. Time is linear in the pixels of the region's box with the ring around it.
///
/// # Panics
///
/// If the region reaches beyond the radiograph, or the excluded mask has another shape.
pub fn measure(region: &Region, radiograph: &Radiograph, surroundings: &Surroundings<'_>) -> Features {
    let mut features = Features::default();
    let inside = measure_outline(region, radiograph, surroundings, &mut features);
    inside.measure(region, radiograph, &mut features);
    features
}

/// The first half of [`measure`]: shape, intensity and margin, which tell whether two regions are one object.
///
/// What is inside a region (rim, core, texture) is left to [`Inside::measure`].
///
/// # Panics
///
/// As [`measure`].
pub fn measure_outline(
    region: &Region,
    radiograph: &Radiograph,
    surroundings: &Surroundings<'_>,
    features: &mut Features,
) -> Inside {
    let scale = scale::Scale::of(radiograph.spacing());
    let cutout = outline::Cutout::of(region);
    let outline = cutout.outline();
    shape::measure(region, &outline, scale, features);
    let background = intensity::measure(region, radiograph, surroundings, scale, features);
    if let Some(background) = &background {
        margin::measure(region, &outline, radiograph, background, scale, features);
    }
    Inside {
        cutout,
        background,
        noise: surroundings.noise.unwrap_or(0.0),
    }
}

/// What is still to be measured of a region after [`measure_outline`].
#[derive(Clone, Debug)]
pub struct Inside {
    cutout: outline::Cutout,
    background: Option<intensity::Background>,
    noise: f64,
}

impl Inside {
    /// Adds what rim, core and texture tell of the same `region` of the same `radiograph`.
    pub fn measure(&self, region: &Region, radiograph: &Radiograph, features: &mut Features) {
        let scale = scale::Scale::of(radiograph.spacing());
        if let Some(background) = &self.background {
            radial::measure(
                region,
                &self.cutout,
                radiograph,
                background,
                self.noise,
                scale,
                features,
            );
        }
    }
}
