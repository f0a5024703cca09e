//! Region, pixels and scene to features: one catalogue of what is measured, in which unit, by which definition.
//!
//! Takes a [`Region`], the [`Radiograph`] and the scene; gives [`Features`]. Knows no DICOM and no labels.

mod background;
#[cfg(test)]
mod baseline;
mod catalogue;
mod context;
mod flatness;
mod intensity;
mod margin;
mod neighbourhood;
mod order;
mod outline;
mod radial;
mod refine;
mod scale;
mod sectors;
mod shape;
mod signal;
mod texture;
mod views;

pub use catalogue::{Definition, Feature, Features};
pub use context::context;
pub use intensity::plateau;
pub use neighbourhood::{company, neighbourhood};
pub use refine::{Refinement, refine};
pub use shape::{centroid, eccentricity};
pub use views::{CELLS, RowSums, View, Views};

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
    /// The features that [`Inside::measure`] sets, and nothing else does.
    pub const FEATURES: [Feature; 11] = [
        Feature::CoefficientOfVariation,
        Feature::TextureEnergy,
        Feature::LucentCentre,
        Feature::RimClosure,
        Feature::CoreToRim,
        Feature::RimThicknessMm,
        Feature::DepthOrder,
        Feature::PeakDepth,
        Feature::Patchiness,
        Feature::Graininess,
        Feature::Flatness,
    ];

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

#[cfg(test)]
mod tests {
    use super::{Feature, Features, Inside, Surroundings, measure_outline};
    use crate::label::Region;
    use crate::radiograph::{Mask, PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
    use crate::units::Millimetres;
    use ndarray::Array2;

    #[test]
    fn the_inside_sets_its_features_and_no_others() {
        // A synthetic shell with grain.
        let distance = |r: usize, c: usize| (r as f64 - 60.0).hypot(c as f64 - 60.0);
        let pixels = Array2::from_shape_fn((120, 120), |(r, c)| match distance(r, c) {
            d if d > 20.0 => 1000,
            d if d > 15.0 => 1500 + ((r * 7 + c * 13) % 50) as u16,
            _ => 1100 + ((r * 5 + c * 3) % 50) as u16,
        });
        let inside = Array2::from_shape_fn((120, 120), |(r, c)| distance(r, c) <= 20.0);
        let region = Region::from_mask(&Mask::from_fn(inside.view(), |&on| on)).unwrap();
        let radiograph = Radiograph::new(pixels).with_spacing(Some(PixelSpacing {
            between_rows: Millimetres::new(0.2).unwrap(),
            between_columns: Millimetres::new(0.2).unwrap(),
            plane: SpacingPlane::Patient,
            source: SpacingSource::PixelSpacing,
        }));
        let mut features = Features::default();
        let rest = measure_outline(&region, &radiograph, &Surroundings::default(), &mut features);
        let before = features.clone();
        rest.measure(&region, &radiograph, &mut features);
        for &feature in Feature::ALL {
            let is_inside = Inside::FEATURES.contains(&feature);
            assert_eq!(
                before.get(feature) != features.get(feature),
                is_inside,
                "{}",
                feature.name()
            );
        }
    }
}
