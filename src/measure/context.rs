//! Where a region lies in the scene.

use super::{Feature, Features};
use crate::label::Region;
use crate::radiograph::{Mask, Radiograph};
use crate::scene::Scene;

/// Sets the features that depend on the scene; needs [`Feature::Orientation`], [`Feature::AspectRatio`] and
/// [`Feature::Contrast`] to be there already.
///
/// Lengths are set only where the radiograph states its spacing; shares of area and outline always.
pub fn context(features: &mut Features, region: &Region, radiograph: &Radiograph, scene: &Scene) {
    if let Some(to_ring) = features.get(Feature::ContrastToRing) {
        features.set(Feature::RoseSnr, to_ring * (region.area() as f64).sqrt());
    }
    features.set(Feature::BoneOverlap, share(region, &scene.skeleton, scene));
    features.set(Feature::MetalOverlap, share(region, &scene.metal, scene));
    features.set(Feature::MarkerOverlap, share(region, &scene.markers, scene));
    features.set(Feature::BodyOverlap, share(region, &scene.body, scene));

    let outline = outline(region);
    let near = 2.0 * scene.grid.factor as f64;
    let at_edge = |&&(row, column): &&(usize, usize)| scene.distance_to_field_edge(row, column) <= near;
    let at_skin =
        |&&(row, column): &&(usize, usize)| scene.distance_to_skin(row, column).is_some_and(|away| away <= near);
    let whole = outline.len() as f64;
    features.set(
        Feature::FieldEdgeContact,
        outline.iter().filter(at_edge).count() as f64 / whole,
    );
    features.set(
        Feature::SkinContact,
        outline.iter().filter(at_skin).count() as f64 / whole,
    );

    if let Some(spacing) = radiograph.spacing() {
        let nearest = |distance: &dyn Fn(usize, usize) -> Option<f64>| {
            outline
                .iter()
                .filter_map(|&(row, column)| distance(row, column))
                .min_by(f64::total_cmp)
                .map(|px| px * spacing.mean())
        };
        features.set(Feature::DistanceToBoneMm, nearest(&|r, c| scene.distance_to_bone(r, c)));
        features.set(
            Feature::DistanceToFieldEdgeMm,
            nearest(&|r, c| Some(scene.distance_to_field_edge(r, c))),
        );
        features.set(Feature::DistanceToSkinMm, nearest(&|r, c| scene.distance_to_skin(r, c)));
    }

    if let (Some(limb), Some(own), Some(aspect)) = (
        scene.limb_axis_deg,
        features.get(Feature::Orientation),
        features.get(Feature::AspectRatio),
    ) && aspect > 1.2
    {
        let turn = (own - limb).rem_euclid(180.0);
        features.set(Feature::AngleToLimbAxis, turn.min(180.0 - turn));
    }

    if let (Some(contrast), Some(bone)) = (features.get(Feature::Contrast), scene.bone_contrast)
        && bone > 0.0
    {
        // Contrast is in modality values, the scene's in pixel values.
        let in_pixels = contrast / radiograph.value_scale().slope.abs();
        features.set(Feature::RelativeDensity, in_pixels / f64::from(bone));
    }

    let bounds = region.bounds();
    let middle = [
        (f64::from(bounds.top) + f64::from(bounds.bottom)) / 2.0,
        (f64::from(bounds.left) + f64::from(bounds.right)) / 2.0,
    ];
    let [top, left, bottom, right] = scene.field_bounds();
    features.set(Feature::FieldRow, ((middle[0] - top) / (bottom - top)).clamp(0.0, 1.0));
    features.set(
        Feature::FieldColumn,
        ((middle[1] - left) / (right - left)).clamp(0.0, 1.0),
    );
}

/// Share of the region's pixels under a mask of the scene.
fn share(region: &Region, mask: &Mask, scene: &Scene) -> f64 {
    let factor = scene.grid.factor;
    let mut under = 0_u64;
    for run in region.runs() {
        let row = run.row as usize / factor;
        let (mut column, end) = (run.start as usize, run.end as usize);
        while column < end {
            let next = ((column / factor + 1) * factor).min(end);
            if mask.get(row, column / factor) {
                under += (next - column) as u64;
            }
            column = next;
        }
    }
    under as f64 / region.area() as f64
}

/// Both ends of every run: enough of the outline for distances.
fn outline(region: &Region) -> Vec<(usize, usize)> {
    let ends = |run: &crate::label::Run| {
        let row = run.row as usize;
        [(row, run.start as usize), (row, run.end as usize - 1)]
    };
    let mut pixels: Vec<(usize, usize)> = region.runs().iter().flat_map(ends).collect();
    pixels.dedup();
    pixels
}
