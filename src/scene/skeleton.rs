//! The skeleton: what is brighter than its surroundings at the scale of bones and too long, or cut by the field edge,
//! to be a focus.
//!
//! An opening wider than any shaft removes bones from the picture; what it removes, thresholded by Otsu's method within
//! the body, is bone or a large focus. Bones are long or run out of the field; a compact island is left to the search
//! for foci, which judges it closer up.

use super::{Grid, SceneSettings, percentiles};
use crate::label::{Connectivity, components};
use crate::morphology::{self, StructuringElement};
use crate::radiograph::Mask;
use crate::threshold::{self, Histogram};
use ndarray::Array2;

/// Bones and how far they stand out.
pub(super) struct Skeleton {
    pub(super) mask: Mask,
    /// Median height over the opening, in pixel values.
    pub(super) contrast: Option<f32>,
}

pub(super) fn bones(
    coarse: &Array2<f32>,
    body: &Mask,
    metal: &Mask,
    grid: &Grid,
    settings: &SceneSettings,
) -> Skeleton {
    let none = Skeleton {
        mask: Mask::empty(grid.shape),
        contrast: None,
    };
    // Metal would set the scale of everything else.
    let (low, high) = percentiles(coarse, body, 0.01, 0.99);
    let clipped = coarse.mapv(|value| value.clamp(low, high));
    let smooth = morphology::gaussian(clipped.view(), 1.0);
    let radius = (grid.coarse_px(settings.bone_opening_mm) / 2.0).round().max(2.0) as usize;
    let longest = grid.shape.0.min(grid.shape.1) / 3;
    let element = StructuringElement::Octagon {
        radius: radius.min(longest.max(2)),
    };
    let opened = morphology::open(smooth.view(), element);
    let height = &smooth - &opened;
    let inside: Vec<f32> = height
        .indexed_iter()
        .filter(|&((r, c), _)| body.get(r, c))
        .map(|(_, &value)| value)
        .collect();
    if inside.len() < 64 {
        return none;
    }
    let least = (high - low) * settings.bone_min_contrast as f32;
    let level = otsu(&inside).unwrap_or(f32::INFINITY).max(least);
    // Where something outshines the bones (a thick foot, a prosthesis), they are the upper class of what is left.
    let rest: Vec<f32> = inside.iter().copied().filter(|&value| value <= level).collect();
    let second = otsu(&rest).unwrap_or(level).max(least);
    let long = grid.coarse_px(settings.bone_length_mm);
    let mut mask = Mask::empty(grid.shape);
    for (level, only_long) in [(level, false), (second, true)] {
        let mut bright = Mask::from_fn(height.view(), |&value| value > level);
        bright.intersect(body);
        for component in components(&bright, None, Connectivity::Eight) {
            let [rr, rc, cc] = component.summary.central_moments();
            let (middle, gap) = ((rr + cc) / 2.0, ((rr - cc) / 2.0).hypot(rc));
            let (major, minor) = (4.0 * (middle + gap).sqrt(), 4.0 * (middle - gap).max(0.0).sqrt());
            let narrow = major > settings.bone_aspect * minor;
            let cut = component.region.pixels().any(|(r, c)| leaves_picture(grid.shape, r, c));
            let is_bone = if only_long {
                major > long && narrow
            } else {
                major > long || (cut && major > 0.3 * long) || (major > 0.5 * long && narrow)
            };
            if is_bone {
                mask.unite(&component.region.to_mask(grid.shape));
            }
        }
    }
    let mut weak = Mask::from_fn(height.view(), |&value| value > 0.6 * level.min(second));
    weak.intersect(body);
    // Bone fades out: take in the weaker surroundings of what is certain, one step only, so that foci beside it stay free.
    let reach = grid.coarse_px(3.0).round().max(1.0);
    let mut near = morphology::dilate_mask(&mask, reach);
    near.intersect(&weak);
    mask.unite(&near);
    mask.subtract(metal);
    let mut heights: Vec<f32> = height
        .indexed_iter()
        .filter(|&((r, c), _)| mask.get(r, c))
        .map(|(_, &value)| value)
        .collect();
    if heights.is_empty() {
        return none;
    }
    let half = heights.len() / 2;
    let contrast = *heights.select_nth_unstable_by(half, f32::total_cmp).1;
    Skeleton {
        mask,
        contrast: Some(contrast),
    }
}

/// The level between the two classes of `values`, by Otsu's method on 256 bins.
fn otsu(values: &[f32]) -> Option<f32> {
    let histogram = Histogram::of_values(values.iter().copied(), 256)?;
    threshold::otsu(&histogram).map(|level| level as f32)
}

/// Whether `(row, column)` lies at the edge of the picture.
fn leaves_picture((rows, columns): (usize, usize), row: usize, column: usize) -> bool {
    row < 2 || column < 2 || row + 2 >= rows || column + 2 >= columns
}
