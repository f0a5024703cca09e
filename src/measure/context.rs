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
    let [bone, metal, marker, body] = shares(
        region,
        [&scene.skeleton, &scene.metal, &scene.markers, &scene.body],
        scene.grid.factor,
    );
    features.set(Feature::BoneOverlap, bone);
    features.set(Feature::MetalOverlap, metal);
    features.set(Feature::MarkerOverlap, marker);
    features.set(Feature::BodyOverlap, body);

    let near = 2.0 * scene.grid.factor as f64;
    let (mut whole, mut at_edge, mut at_skin) = (0_u64, 0_u64, 0_u64);
    let [mut to_bone, mut to_edge, mut to_skin] = [None; 3];
    let nearer = |least: Option<f64>, away: f64| Some(least.map_or(away, |least| least.min(away)));
    for (row, column) in outline(region) {
        whole += 1;
        let edge = scene.distance_to_field_edge(row, column);
        at_edge += u64::from(edge <= near);
        to_edge = nearer(to_edge, edge);
        if let Some(skin) = scene.distance_to_skin(row, column) {
            at_skin += u64::from(skin <= near);
            to_skin = nearer(to_skin, skin);
        }
        if let Some(bone) = scene.distance_to_bone(row, column) {
            to_bone = nearer(to_bone, bone);
        }
    }
    features.set(Feature::FieldEdgeContact, at_edge as f64 / whole as f64);
    features.set(Feature::SkinContact, at_skin as f64 / whole as f64);
    if let Some(spacing) = radiograph.spacing() {
        let in_mm = |px: Option<f64>| px.map(|px| px * spacing.mean());
        features.set(Feature::DistanceToBoneMm, in_mm(to_bone));
        features.set(Feature::DistanceToFieldEdgeMm, in_mm(to_edge));
        features.set(Feature::DistanceToSkinMm, in_mm(to_skin));
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

    let (low, high) = scene.body_range;
    if let (Some(mean), Some(contrast)) = (features.get(Feature::Mean), features.get(Feature::Contrast))
        && high > low
    {
        let line = radiograph.value_scale();
        let level = (mean - contrast - line.slope.signum() * line.intercept) / line.slope.abs();
        let (low, high) = (f64::from(low), f64::from(high));
        features.set(Feature::BackgroundLevel, (level - low) / (high - low));
    }
    if let Some(spacing) = radiograph.spacing().filter(|_| scene.bone_contrast.is_some()) {
        let reach = RAY_MM / spacing.mean() / scene.grid.factor as f64;
        let centre = super::centroid(region).map(|at| (at + 0.5) / scene.grid.factor as f64);
        surroundings(features, &rays(&scene.skeleton, centre, reach));
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

/// Sets the features that say how bone lies around a place, whichever way up the radiograph is, from how far away it is
/// met in each direction.
fn surroundings(features: &mut Features, met: &[Option<f64>; RAYS]) {
    let share = |count: usize| count as f64 / RAYS as f64;
    features.set(Feature::BoneDirections, share(met.iter().flatten().count()));
    let near = met.iter().flatten().filter(|&&away| RAY_MM * away <= NEAR_MM);
    features.set(Feature::BoneNearDirections, share(near.count()));
    let mut gap = (0, 0);
    for direction in met.iter().chain(met) {
        gap.1 = if direction.is_none() { gap.1 + 1 } else { 0 };
        gap.0 = gap.0.max(gap.1.min(RAYS));
    }
    features.set(Feature::BoneGap, share(gap.0));
    let mm = |nth: usize| RAY_MM * met[nth % RAYS].unwrap_or(1.0);
    let least = (0..RAYS).map(mm).fold(RAY_MM, f64::min);
    // Directions that tie count alike, so that a turned radiograph gives the same.
    let nearest: Vec<usize> = (0..RAYS).filter(|&nth| mm(nth) == least).collect();
    let mean = |of: &dyn Fn(usize) -> f64| nearest.iter().map(|&nth| of(nth)).sum::<f64>() / nearest.len() as f64;
    features.set(Feature::BoneOppositeMm, mean(&|nth| mm(nth + RAYS / 2)));
    features.set(
        Feature::BoneBesideMm,
        mean(&|nth| f64::midpoint(mm(nth + RAYS / 4), mm(nth + 3 * RAYS / 4))),
    );
}

/// How far bone is looked for in each direction.
const RAY_MM: f64 = 100.0;
/// How far it is near.
const NEAR_MM: f64 = 20.0;
/// Directions, clockwise from straight up.
const RAYS: usize = 16;

/// How far along each direction `skeleton` is met, as a share of `reach` (in its pixels); `None` where it is not.
fn rays(skeleton: &Mask, [row, column]: [f64; 2], reach: f64) -> [Option<f64>; RAYS] {
    let (rows, columns) = skeleton.shape();
    std::array::from_fn(|nth| {
        let (sine, cosine) = (nth as f64 / RAYS as f64 * std::f64::consts::TAU).sin_cos();
        let mut away = 0.0;
        while away <= reach {
            let (r, c) = ((row - cosine * away).floor(), (column + sine * away).floor());
            if r < 0.0 || c < 0.0 || r >= rows as f64 || c >= columns as f64 {
                return None;
            }
            if skeleton.get(r as usize, c as usize) {
                return Some(away / reach);
            }
            away += 1.0;
        }
        None
    })
}

/// Shares of the region's pixels under masks of the scene, whose pixels are blocks of `factor` native ones.
fn shares<const N: usize>(region: &Region, masks: [&Mask; N], factor: usize) -> [f64; N] {
    let mut under = [0_u64; N];
    for run in region.runs() {
        let row = run.row as usize / factor;
        let (mut column, end) = (run.start as usize, run.end as usize);
        let mut block = column / factor;
        while column < end {
            let next = ((block + 1) * factor).min(end);
            for (under, mask) in under.iter_mut().zip(masks) {
                *under += if mask.get(row, block) {
                    (next - column) as u64
                } else {
                    0
                };
            }
            (column, block) = (next, block + 1);
        }
    }
    under.map(|under| under as f64 / region.area() as f64)
}

/// Both ends of every run: enough of the outline for distances.
fn outline(region: &Region) -> impl Iterator<Item = (usize, usize)> {
    region.runs().iter().flat_map(|run| {
        let (row, start, last) = (run.row as usize, run.start as usize, run.end as usize - 1);
        std::iter::once((row, start)).chain((last > start).then_some((row, last)))
    })
}

#[cfg(test)]
mod tests {
    use super::{RAYS, surroundings};
    use crate::measure::{Feature, Features};

    /// Bone 5 mm away to one side, 12 mm to the other, 40 mm on two more.
    fn met(turn: usize, mirrored: bool) -> [Option<f64>; RAYS] {
        std::array::from_fn(|nth| {
            let nth = (nth + RAYS - turn) % RAYS;
            match if mirrored { (RAYS - nth) % RAYS } else { nth } {
                0 => Some(0.05),
                8 => Some(0.12),
                4 | 5 => Some(0.4),
                _ => None,
            }
        })
    }

    #[test]
    fn what_lies_around_does_not_hang_on_which_way_is_up() {
        let of = |turn, mirrored| {
            let mut features = Features::default();
            surroundings(&mut features, &met(turn, mirrored));
            features
        };
        let upright = of(0, false);
        let value = |feature| upright.get(feature).unwrap();
        assert!((value(Feature::BoneOppositeMm) - 12.0).abs() < 1e-9);
        assert!((value(Feature::BoneBesideMm) - 70.0).abs() < 1e-9);
        assert!((value(Feature::BoneNearDirections) - 2.0 / 16.0).abs() < 1e-9);
        assert!((value(Feature::BoneGap) - 7.0 / 16.0).abs() < 1e-9);
        for turn in 0..RAYS {
            assert_eq!(of(turn, false), upright);
            assert_eq!(of(turn, true), upright);
        }
    }
}
